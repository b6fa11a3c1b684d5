// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Constant folding: values whose operands are known become numbers, temporaries that are written
 * once with a number become that number, `if` and loops with a known condition lose what cannot run.
 *
 * Arithmetic is that of the generated C: 64 bits, wrapping, shift counts modulo 64.  A division
 * that would fail is left for the handler to report.  Texts are compared only when they are far
 * below any MAXSTRINGLEN, which would cut them at run time.  Nodes may be shared by several trees:
 * they are replaced, never changed into something else.
 */
#include <string.h>

#include "opt/opt.h"

enum { SHORT_TEXT = 64 };

static bool compute(enum ir_op op, int64_t a, int64_t b, int64_t *ret)
{
	uint64_t x = (uint64_t)a, y = (uint64_t)b;

	switch (op) {
	case IR_ADD: *ret = (int64_t)(x + y); return true;
	case IR_SUB: *ret = (int64_t)(x - y); return true;
	case IR_MUL: *ret = (int64_t)(x * y); return true;
	case IR_QUO: *ret = a / b; return true;
	case IR_REM: *ret = a % b; return true;
	case IR_AND: *ret = a & b; return true;
	case IR_OR:  *ret = a | b; return true;
	case IR_XOR: *ret = a ^ b; return true;
	case IR_SHL: *ret = (int64_t)(x << (y & 63)); return true;
	case IR_SHR: *ret = (int64_t)(x >> (y & 63)); return true;
	case IR_SAR: *ret = a >> (y & 63); return true;
	case IR_EQ:  *ret = a == b; return true;
	case IR_NE:  *ret = a != b; return true;
	case IR_LT:  *ret = a < b; return true;
	case IR_LE:  *ret = a <= b; return true;
	case IR_GT:  *ret = a > b; return true;
	case IR_GE:  *ret = a >= b; return true;
	case IR_LAND: *ret = a && b; return true;
	case IR_LOR: *ret = a || b; return true;
	default: return false;
	}
}

static bool compare_texts(enum ir_op op, const char *a, const char *b, int64_t *ret)
{
	int c = strcmp(a, b);

	switch (op) {
	case IR_SEQ: *ret = c == 0; return true;
	case IR_SNE: *ret = c != 0; return true;
	case IR_SLT: *ret = c < 0; return true;
	case IR_SLE: *ret = c <= 0; return true;
	case IR_SGT: *ret = c > 0; return true;
	case IR_SGE: *ret = c >= 0; return true;
	default: return false;
	}
}

static struct ir *truth(struct arena *a, struct ir *e)
{
	if ((e->op >= IR_EQ && e->op <= IR_LOR) || e->op == IR_NOT)
		return e;
	return ir_bin(a, IR_NE, e, ir_num(a, 0));
}

/* X op C and C op X with a neutral or deciding constant C; NULL when there is nothing to gain. */
static struct ir *identity(struct arena *a, struct ir *e)
{
	struct ir *x = e->arg[0], *y = e->arg[1];
	bool left = x->op == IR_NUM, right = y->op == IR_NUM;
	int64_t c = left ? x->imm : right ? y->imm : 0;
	struct ir *other = left ? y : x;

	if (left == right)
		return NULL;
	switch (e->op) {
	case IR_ADD: case IR_OR: case IR_XOR:
		return c == 0 ? other : NULL;
	case IR_SUB: case IR_SHL: case IR_SHR: case IR_SAR:
		return right && c == 0 ? x : NULL;
	case IR_MUL:
		return c == 1 ? other : c == 0 ? ir_num(a, 0) : NULL;
	case IR_AND:
		return c == 0 ? ir_num(a, 0) : c == -1 ? other : NULL;
	case IR_QUO:
		return right && c == 1 ? x : NULL;
	case IR_LAND:
		return c ? truth(a, other) : ir_num(a, 0);
	case IR_LOR:
		return c ? ir_num(a, 1) : truth(a, other);
	default:
		return NULL;
	}
}

static struct ir *fold_binary(struct arena *a, struct ir *e)
{
	struct ir *x = e->arg[0], *y = e->arg[1], *ret;
	int64_t v;

	if (x->op == IR_NUM && y->op == IR_NUM && compute(e->op, x->imm, y->imm, &v))
		return ir_num(a, v);
	if (x->op == IR_STR && y->op == IR_STR && x->len < SHORT_TEXT && y->len < SHORT_TEXT &&
	    compare_texts(e->op, x->text, y->text, &v))
		return ir_num(a, v);
	ret = identity(a, e);
	return ret ? ret : e;
}

static int64_t extended(const struct ir *e, int64_t v)
{
	unsigned shift = 64 - e->bits;

	if (!e->bits || e->bits >= 64)
		return v;
	return e->is_signed ? (int64_t)((uint64_t)v << shift) >> shift : (int64_t)((uint64_t)v << shift >> shift);
}

static struct ir *fold_unary(struct arena *a, struct ir *e)
{
	int64_t v = e->arg[0]->imm;

	if (e->op == IR_MATCH && e->arg[0]->op == IR_STR && e->arg[0]->len < SHORT_TEXT)
		return ir_num(a, regex_match(&e->regex->tables, e->arg[0]->text, e->arg[0]->len));
	if (e->arg[0]->op != IR_NUM)
		return e;
	switch (e->op) {
	case IR_NEG:	return ir_num(a, (int64_t)(0 - (uint64_t)v));
	case IR_NOT:	return ir_num(a, !v);
	case IR_COM:	return ir_num(a, ~v);
	case IR_EXTEND:	return ir_num(a, extended(e, v));
	default:	return e;
	}
}

static bool written_once(const struct ir *e)
{
	return e->op == IR_VAR && e->var->kind == IV_TEMP && e->var->only;
}

/* A temporary that is written once, by `t = number` or `t = other such temporary`. */
static struct ir *fold_var(struct ir *e)
{
	struct ir *value;

	if (!written_once(e) || e->var->only->op != IR_SET)
		return e;
	value = e->var->only->arg[0];
	return value->op == IR_NUM || written_once(value) ? value : e;
}

struct ir *opt_fold_expr(struct arena *a, struct ir *e)
{
	for (int i = 0; i < 3; i++)
		if (e->arg[i])
			e->arg[i] = opt_fold_expr(a, e->arg[i]);
	if (e->op == IR_VAR)
		return fold_var(e);
	if (e->op == IR_SELECT)
		return e->arg[0]->op == IR_NUM ? e->arg[e->arg[0]->imm ? 1 : 2] : e;
	if (e->arg[1])
		return fold_binary(a, e);
	return e->arg[0] ? fold_unary(a, e) : e;
}

static bool fold_list(struct arena *a, struct ir_list *list);

/* True when a statement went or became another. */
static bool fold_operands(struct arena *a, struct ir *n)
{
	for (int i = 0; i < 3; i++)
		if (n->arg[i])
			n->arg[i] = opt_fold_expr(a, n->arg[i]);
	vec_each(&n->args, i)
		if (n->args.v[i])
			n->args.v[i] = opt_fold_expr(a, n->args.v[i]);
	return fold_list(a, &n->pre) | fold_list(a, &n->body) | fold_list(a, &n->step) |
	       fold_list(a, &n->other);
}

/* A division by a constant that cannot fail is a value. */
static struct ir *fold_division(struct arena *a, struct ir *n)
{
	struct ir *y = n->arg[1], *set;

	if (y->op != IR_NUM || y->imm == 0 || y->imm == -1)
		return n;
	set = ir_new(a, IR_SET, T_VOID);
	set->dst = n->dst;
	set->arg[0] = opt_fold_expr(a, ir_bin(a, n->op == IR_DIV ? IR_QUO : IR_REM, n->arg[0], y));
	return set;
}

static void append(struct arena *a, struct ir_list *to, const struct ir_list *from)
{
	vec_each(from, i)
		*vec_add(a, to) = from->v[i];
}

static bool fold_list(struct arena *a, struct ir_list *list)
{
	struct ir_list out = { 0 };
	bool changed = false;

	vec_each(list, i) {
		struct ir *n = list->v[i], *c;

		changed |= fold_operands(a, n);
		c = n->arg[0];
		if (n->op == IR_IF && c->op == IR_NUM) {
			append(a, &out, c->imm ? &n->body : &n->other);
			changed = true;
			continue;
		}
		if (n->op == IR_LOOP && c && c->op == IR_NUM && !c->imm) {
			append(a, &out, &n->pre);
			changed = true;
			continue;
		}
		if (n->op == IR_LOOP && c && c->op == IR_NUM)
			n->arg[0] = NULL;
		if (n->op == IR_DIV || n->op == IR_MOD)
			n = fold_division(a, n);
		changed |= n != list->v[i];
		*vec_add(a, &out) = n;
	}
	*list = out;
	return changed;
}

static bool fold_body(struct arena *a, struct ir_body *b)
{
	if (!b)
		return false;
	ir_count_vars(b);
	return fold_list(a, &b->list);
}

bool opt_fold(struct arena *a, struct ir_program *p)
{
	bool changed = false;

	vec_each(&p->handlers, i)
		changed |= fold_body(a, p->handlers.v[i]->entry) | fold_body(a, p->handlers.v[i]->body);
	vec_each(&p->functions, i)
		changed |= fold_body(a, p->functions.v[i]->body);
	return changed;
}
