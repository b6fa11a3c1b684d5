// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Target variables: location trees (program/loc.h) to IR values and loads.
 *
 * A number that cannot be read is an error of the handler.  A text ($x$, $$parms, a char array)
 * shows `?` for each part that cannot be read: its loads are tried, not demanded, and only when
 * one has failed the text is put together part by part.
 */
#include <string.h>

#include "ir/lower.h"

struct tree {
	struct lower *l;
	struct ir **operands;	/* values of LX_SCRIPT */
	const char *where;
	struct ir_var *ok;	/* loads are tried and clear it; NULL: they fail */
	bool tried;		/* there was a load */
};

static struct ir *tree_value(struct tree *t, const struct lx *x);

static struct ir *tree_load(struct tree *t, const struct lx *x)
{
	struct ir *addr = tree_value(t, x->a), *n, *dst = lower_temp(t->l, T_LONG);

	n = lower_stmt_node(t->l, t->ok ? IR_TRYLOAD : IR_LOAD);
	n->arg[0] = addr;
	n->dst = dst;
	n->size = x->size;
	n->is_signed = x->is_signed;
	n->user = x->user;
	n->ok = t->ok;
	n->where = t->where;
	t->tried = true;
	return dst;
}

static struct ir *tree_reg(struct tree *t, const struct lx *x)
{
	struct ir_var **kept = x->value < LOWER_NREGS ? &t->l->regs[x->value] : NULL;
	struct ir *dst, *n;

	if (kept && *kept)
		return ir_var(t->l->a, *kept);
	dst = lower_temp(t->l, T_LONG);
	if (kept)
		*kept = dst->var;
	n = lower_stmt_node(t->l, IR_REG);
	n->imm = x->value;
	n->dst = dst;
	n->where = t->where;
	return dst;
}

static struct ir *tree_div(struct tree *t, const struct lx *x)
{
	struct ir *a = tree_value(t, x->a), *b = tree_value(t, x->b), *dst, *n;

	if (b->op == IR_NUM && b->imm && b->imm != -1)
		return ir_bin(t->l->a, x->kind == LX_DIV ? IR_QUO : IR_REM, a, b);
	dst = lower_temp(t->l, T_LONG);
	n = lower_stmt_node(t->l, x->kind == LX_DIV ? IR_DIV : IR_MOD);
	n->arg[0] = a;
	n->arg[1] = b;
	n->dst = dst;
	n->where = t->where;
	return dst;
}

/* Shifts by 64 and more give 0 or the sign, as in location expressions of DWARF. */
static struct ir *tree_shift(struct tree *t, const struct lx *x, enum ir_op op)
{
	struct arena *a = t->l->a;
	struct ir *v = tree_value(t, x->a), *by = tree_value(t, x->b), *n;

	if (by->op == IR_NUM && (uint64_t)by->imm < 64)
		return ir_bin(a, op, v, by);
	n = ir_new(a, IR_SELECT, T_LONG);
	n->arg[0] = ir_bin(a, IR_EQ, ir_bin(a, IR_AND, by, ir_num(a, ~63)), ir_num(a, 0));
	n->arg[1] = ir_bin(a, op, v, by);
	n->arg[2] = op == IR_SAR ? ir_bin(a, IR_SAR, v, ir_num(a, 63)) : ir_num(a, 0);
	return n;
}

static struct ir *tree_leaf(struct tree *t, const struct lx *x)
{
	struct ir *n = NULL;

	switch (x->kind) {
	case LX_CONST:	return ir_num(t->l->a, x->value);
	case LX_SCRIPT:	return t->operands[x->value];
	case LX_ARG:	n = ir_new(t->l->a, IR_ARG, T_LONG); break;
	case LX_SAVED:	n = ir_new(t->l->a, IR_SAVED, T_LONG); break;
	default:	n = ir_new(t->l->a, IR_ADDR, T_LONG); break;
	}
	n->imm = x->value;
	n->text = x->module;
	n->section = x->section;
	return n;
}

static enum ir_op tree_op(enum lx_kind kind)
{
	switch (kind) {
	case LX_ADD: return IR_ADD;
	case LX_SUB: return IR_SUB;
	case LX_MUL: return IR_MUL;
	case LX_AND: return IR_AND;
	case LX_OR:  return IR_OR;
	case LX_XOR: return IR_XOR;
	case LX_EQ:  return IR_EQ;
	case LX_NE:  return IR_NE;
	case LX_LT:  return IR_LT;
	case LX_LE:  return IR_LE;
	case LX_GT:  return IR_GT;
	case LX_GE:  return IR_GE;
	case LX_NEG: return IR_NEG;
	case LX_NOT: return IR_COM;
	default:     return IR_PERCPU;
	}
}

static struct ir *tree_value(struct tree *t, const struct lx *x)
{
	struct ir *a, *b;

	switch (x->kind) {
	case LX_CONST: case LX_SCRIPT: case LX_ARG: case LX_SAVED: case LX_ADDR:
		return tree_leaf(t, x);
	case LX_REG:
		return tree_reg(t, x);
	case LX_LOAD:
		return tree_load(t, x);
	case LX_DIV: case LX_MOD:
		return tree_div(t, x);
	case LX_SHL:
		return tree_shift(t, x, IR_SHL);
	case LX_SHR:
		return tree_shift(t, x, IR_SHR);
	case LX_SAR:
		return tree_shift(t, x, IR_SAR);
	case LX_EXTEND:
		a = ir_un(t->l->a, IR_EXTEND, tree_value(t, x->a));
		a->bits = x->bits ? x->bits : x->size * 8;
		a->is_signed = x->is_signed;
		return a->bits >= 64 ? a->arg[0] : a;
	case LX_PERCPU: case LX_NEG: case LX_NOT:
		return ir_un(t->l->a, tree_op(x->kind), tree_value(t, x->a));
	default:
		a = tree_value(t, x->a);
		b = tree_value(t, x->b);
		return ir_bin(t->l->a, tree_op(x->kind), a, b);
	}
}

static struct ir **access_operands(struct lower *l, const struct access *x)
{
	struct ir **v = arena_array(l->a, struct ir *, x->operands.n + 1);

	lower_values(l, x->operands.v, x->operands.n, v);
	return v;
}

/* ---- texts ---- */

struct part {
	struct ir *value;
	struct ir *ok;		/* VAR that is 0 when it could not be read; NULL: always read */
};

static struct part text_part(struct tree *t, const struct access_part *p)
{
	struct lower *l = t->l;
	struct ir *ok = lower_temp(l, T_LONG), *n;
	struct part ret = { 0 };

	t->ok = ok->var;
	t->tried = false;
	lower_set(l, ok, ir_num(l->a, 1));
	ret.value = tree_value(t, p->value);
	if (p->string) {
		struct ir *addr = ret.value;

		ret.value = lower_temp(l, T_STRING);
		n = lower_stmt_node(l, IR_TRYSTR);
		n->arg[0] = addr;
		n->dst = ret.value;
		n->size = p->max;
		n->user = p->user;
		n->ok = t->ok;
		t->tried = true;
	}
	ret.ok = t->tried ? ok : NULL;
	return ret;
}

static void append(struct lower *l, struct ir *dst, struct ir *v)
{
	struct ir *n = lower_stmt_node(l, IR_CAT);

	n->dst = dst;
	n->arg[0] = v;
}

struct ir *lower_sprint(struct lower *l, struct ir *dst, const char *fmt, size_t len,
			struct ir *const *args, size_t n, const char *where)
{
	struct ir *p = lower_stmt_node(l, IR_SPRINT);

	p->fmt = lower_fmt(l, fmt, len, NULL, 0);
	for (size_t i = 0; i < n; i++)
		*vec_add(l->a, &p->args) = args[i];
	p->dst = dst;
	p->where = where;
	return p;
}

/* Length of what of FMT prints one value: up to the next directive's end, *START where it begins. */
static size_t directive(const char *fmt, size_t *start)
{
	size_t i = 0;

	while (fmt[i] && !(fmt[i] == '%' && fmt[i + 1] != '%'))
		i += fmt[i] == '%' ? 2 : 1;
	*start = i;
	if (fmt[i])
		i += 1 + strspn(fmt + i + 1, "-+ #0123456789.hlqLjzt");
	return fmt[i] ? i + 1 : i;
}

/* Text between directives, appended to DST. */
static void append_plain(struct lower *l, struct ir *dst, const char *fmt, size_t n)
{
	char *text = arena_alloc(l->a, n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		text[len++] = fmt[i];
		i += fmt[i] == '%';
	}
	if (len)
		append(l, dst, ir_str(l->a, text, len));
}

static void append_part(struct lower *l, struct ir *dst, struct ir *tmp, const char *fmt, size_t n,
			struct ir *v, const char *where)
{
	if (v->type == T_STRING && n == 2) {	/* "%s" */
		append(l, dst, v);
		return;
	}
	lower_sprint(l, tmp, fmt, n, &v, 1, where);
	append(l, dst, tmp);
}

/* The same text with `?` for the parts that could not be read. */
static void text_by_parts(struct lower *l, struct ir *dst, const char *fmt, const struct part *parts,
			  size_t n, const char *where)
{
	struct ir *tmp = lower_temp(l, T_STRING);

	lower_set(l, dst, ir_str(l->a, "", 0));
	for (size_t i = 0; i <= n; i++) {
		size_t start, len = directive(fmt, &start);
		struct ir *iff = NULL;
		struct ir_list *old = l->list;

		append_plain(l, dst, fmt, start);
		if (i == n)
			break;
		if (parts[i].ok) {
			iff = lower_stmt_node(l, IR_IF);
			iff->arg[0] = parts[i].ok;
			l->list = &iff->body;
		}
		append_part(l, dst, tmp, fmt + start, len - start, parts[i].value, where);
		if (iff) {
			l->list = &iff->other;
			append(l, dst, ir_str(l->a, "?", 1));
		}
		l->list = old;
		fmt += len;
	}
}

static struct ir *access_text(struct lower *l, const struct access *x, const char *where, struct ir *dst)
{
	struct tree t = { .l = l, .operands = access_operands(l, x), .where = where };
	struct part *parts = arena_array(l->a, struct part, x->parts.n + 1);
	struct ir **values = arena_array(l->a, struct ir *, x->parts.n + 1);
	struct ir *all = NULL, *iff;
	struct ir_list *old = l->list;

	vec_each(&x->parts, i) {
		parts[i] = text_part(&t, &x->parts.v[i]);
		values[i] = parts[i].value;
		if (parts[i].ok)
			all = all ? ir_bin(l->a, IR_AND, all, parts[i].ok) : parts[i].ok;
	}
	dst = lower_place_for(l, T_STRING, dst, values, x->parts.n);
	if (all) {
		iff = lower_stmt_node(l, IR_IF);
		iff->arg[0] = all;
		l->list = &iff->body;
		lower_sprint(l, dst, x->format, strlen(x->format), values, x->parts.n, where);
		l->list = &iff->other;
		text_by_parts(l, dst, x->format, parts, x->parts.n, where);
		l->list = old;
	} else {
		lower_sprint(l, dst, x->format, strlen(x->format), values, x->parts.n, where);
	}
	return dst;
}

struct ir *lower_access(struct lower *l, const struct access *x, const char *where, struct ir *dst)
{
	struct tree t = { .l = l, .where = where };
	struct ir *n;

	switch (x->kind) {
	case ACCESS_FORMAT:
		return access_text(l, x, where, dst);
	case ACCESS_SAVED:
		n = ir_new(l->a, IR_SAVED, T_STRING);
		n->imm = x->slot;
		return n;
	case ACCESS_NUMBER: case ACCESS_ENUM:
		break;
	}
	t.operands = access_operands(l, x);
	n = tree_value(&t, x->value);
	return x->kind == ACCESS_ENUM ? lower_enum_name(l, x->type, n, where, dst) : n;
}

static const char *target_where(struct lower *l, const struct expr *e)
{
	const struct target *t = e->target;

	if (t && t->kind == TG_VAR && t->name)
		return arena_printf(l->a, "identifier '%s' at %s", t->name, place_str(l->a, &e->place));
	return lower_where(l, &e->place);
}

struct ir *lower_target(struct lower *l, struct expr *e, struct ir *dst)
{
	if (!e->info) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "internal", &e->place, "target variable without an access");
		return ir_num(l->a, 0);
	}
	return lower_access(l, e->info, target_where(l, e), dst);
}

/* The operands of a target that is written: evaluated once, whatever is done with the target. */
struct ir **lower_target_operands(struct lower *l, const struct expr *e)
{
	const struct access *x = e->info;
	struct ir **v;

	if (!x || (!x->store_addr && !x->store_reg)) {
		lower_refuse(l, &e->place, "an assignment to this target variable");
		return NULL;
	}
	v = access_operands(l, x);
	vec_each(&x->operands, i)
		if (v[i]->op != IR_NUM)
			v[i] = lower_spill(l, v[i]);
	return v;
}

struct ir *lower_target_read(struct lower *l, const struct expr *e, struct ir **operands)
{
	const struct access *x = e->info;
	struct tree t = { .l = l, .where = target_where(l, e), .operands = operands };

	return tree_value(&t, x->value);
}

/* What the register holds is no longer known to those who read it before. */
static void store_register(struct lower *l, const struct access *x, struct ir *v, const char *where)
{
	struct ir *n = lower_stmt_node(l, IR_STOREREG);

	n->imm = x->store_reg - 1;
	n->arg[0] = v;
	n->where = where;
	if (n->imm < LOWER_NREGS)
		l->regs[n->imm] = NULL;
}

/* Guru mode.  A bitfield is read, changed and written back. */
void lower_target_store(struct lower *l, const struct expr *e, struct ir **operands, struct ir *v)
{
	const struct access *x = e->info;
	struct tree t = { .l = l, .where = target_where(l, e), .operands = operands };
	struct ir *addr, *old, *n;
	uint64_t mask;

	if (x->store_reg) {
		store_register(l, x, v, t.where);
		return;
	}
	addr = tree_value(&t, x->store_addr);
	if (x->store_bits && x->store_bits < 64) {
		mask = ((1ull << x->store_bits) - 1) << x->store_shift;
		old = lower_temp(l, T_LONG);
		n = lower_stmt_node(l, IR_LOAD);
		n->arg[0] = addr;
		n->dst = old;
		n->size = x->store_size;
		n->user = x->user;
		n->where = t.where;
		v = ir_bin(l->a, IR_AND, ir_bin(l->a, IR_SHL, v, ir_num(l->a, x->store_shift)),
			   ir_num(l->a, (int64_t)mask));
		v = ir_bin(l->a, IR_OR, ir_bin(l->a, IR_AND, old, ir_num(l->a, (int64_t)~mask)), v);
	}
	n = lower_stmt_node(l, IR_STORE);
	n->arg[0] = addr;
	n->arg[1] = v;
	n->size = x->store_size;
	n->user = x->user;
	n->where = t.where;
}
