// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Assignments, ++ and --: to locals, globals, array elements, aggregates and, in guru mode, to the
 * probed program.
 *
 * Order: indexes of the target, then the right side, then the target is read (compound operators)
 * and written.  Additions to array elements are one operation of the runtime.
 */
#include "ir/lower.h"

#define is_leaf(v) ((v)->op == IR_NUM || (v)->op == IR_STR || (v)->op == IR_VAR)

static const struct global *global_of(const struct expr *e)
{
	const struct symbol *sym = e->sym;

	return (e->kind == EX_IDENT || e->kind == EX_INDEX) && sym ? sym->global : NULL;
}

/* Indexes of TARGET and the value of RHS (may be NULL), in order; element node and value. */
static struct ir *element_and_value(struct lower *l, enum ir_op op, struct expr *target,
				    struct expr *rhs, struct ir **value)
{
	struct expr *es[MAX_KEYS + 1];
	struct ir *n = ir_new(l->a, op, T_VOID), *v[MAX_KEYS + 1];
	size_t nkeys = target->args.n;

	for (size_t i = 0; i < nkeys; i++)
		es[i] = target->args.v[i];
	es[nkeys] = rhs;
	lower_values(l, es, nkeys + 1, v);
	n->global = global_of(target);
	for (size_t i = 0; i < nkeys; i++)
		*vec_add(l->a, &n->args) = v[i];
	n->where = lower_where(l, &target->place);
	*value = v[nkeys];
	return n;
}

static struct ir *element_node(struct lower *l, enum ir_op op, const struct ir *model)
{
	struct ir *n = ir_new(l->a, op, T_VOID);

	n->global = model->global;
	n->args = model->args;
	n->where = model->where;
	return n;
}

/* element += by; the value after it when wanted. */
static struct ir *element_add(struct lower *l, const struct ir *model, struct ir *by, bool want)
{
	struct ir *n = element_node(l, IR_MAPADD, model);

	n->arg[0] = by;
	if (want)
		n->dst = lower_temp(l, T_LONG);
	lower_emit(l, n);
	return want ? n->dst : ir_num(l->a, 0);
}

static struct ir *element_get(struct lower *l, const struct ir *model)
{
	struct ir *n = element_node(l, IR_MAPGET, model);

	n->dst = lower_temp(l, model->global->type == T_STRING ? T_STRING : T_LONG);
	return lower_emit(l, n)->dst;
}

static void element_put(struct lower *l, const struct ir *model, struct ir *v)
{
	struct ir *n = element_node(l, IR_MAPSET, model);

	n->arg[0] = v;
	lower_emit(l, n);
}

static void append(struct lower *l, struct ir *dst, struct ir *v)
{
	struct ir *n;

	if (lower_reads(v, dst))
		v = lower_spill(l, v);
	n = lower_stmt_node(l, IR_CAT);
	n->dst = dst;
	n->arg[0] = v;
}

static struct ir *assign_element(struct lower *l, struct expr *e, bool want)
{
	struct ir *v, *old, *model;

	model = element_and_value(l, IR_MAPSET, e->a, e->b, &v);
	switch (e->op) {
	case TOK_AGG:
		model = element_node(l, IR_STATADD, model);
		model->arg[0] = v;
		lower_emit(l, model);
		return v;
	case TOK_PLUS_ASSIGN:
		return element_add(l, model, v, want);
	case TOK_MINUS_ASSIGN:
		return element_add(l, model, ir_un(l->a, IR_NEG, v), want);
	case TOK_DOT_ASSIGN:
		old = element_get(l, model);
		append(l, old, v);
		v = old;
		break;
	case TOK_ASSIGN:
		if (want && !is_leaf(v))
			v = lower_spill(l, v);
		break;
	default:
		v = lower_arith(l, e->op, element_get(l, model), v, &e->oper);
		if (want && !is_leaf(v))
			v = lower_spill(l, v);
	}
	element_put(l, model, v);
	return v;
}

/* Indexes, then the right side, then the target is read and written. */
static struct ir *assign_target(struct lower *l, struct expr *e, bool want)
{
	struct ir **operands = lower_target_operands(l, e->a), *v;

	if (!operands)
		return ir_num(l->a, 0);
	v = lower_value(l, e->b);
	if (e->op != TOK_ASSIGN)
		v = lower_arith(l, e->op, lower_target_read(l, e->a, operands), v, &e->oper);
	if (want && !is_leaf(v))
		v = lower_spill(l, v);
	lower_target_store(l, e->a, operands, v);
	return v;
}

static struct ir *incdec_target(struct lower *l, struct expr *e, enum ir_op op)
{
	struct ir **operands = lower_target_operands(l, e->a), *old, *v;

	if (!operands)
		return ir_num(l->a, 0);
	old = lower_target_read(l, e->a, operands);
	v = lower_spill(l, ir_bin(l->a, op, old, ir_num(l->a, 1)));
	lower_target_store(l, e->a, operands, v);
	return e->prefix ? v : old;
}

static struct ir *assign_scalar(struct lower *l, struct expr *e)
{
	struct ir *dst = lower_symbol(l, e->a->sym, &e->a->place);

	if (e->op == TOK_ASSIGN)
		lower_into(l, dst, e->b);
	else if (e->op == TOK_DOT_ASSIGN)
		append(l, dst, lower_value(l, e->b));
	else
		lower_set(l, dst, lower_arith(l, e->op, dst, lower_value(l, e->b), &e->oper));
	return dst;
}

static bool is_element(const struct expr *e)
{
	const struct global *g = global_of(e);

	return g && (g->is_array || g->type == T_STATS || e->kind == EX_INDEX);
}

static bool is_target(struct lower *l, const struct expr *e)
{
	if (e->kind == EX_TARGET)
		return true;
	if (e->kind == EX_IDENT)
		return false;
	lower_refuse(l, &e->place, "an assignment to this");
	return false;
}

struct ir *lower_assign(struct lower *l, struct expr *e, bool want)
{
	if (is_element(e->a))
		return assign_element(l, e, want);
	if (is_target(l, e->a))
		return assign_target(l, e, want);
	return e->a->kind == EX_IDENT ? assign_scalar(l, e) : ir_num(l->a, 0);
}

struct ir *lower_incdec(struct lower *l, struct expr *e, bool want)
{
	struct ir *one = ir_num(l->a, 1), *dst, *old, *v;
	enum ir_op op = e->op == TOK_INC ? IR_ADD : IR_SUB;

	if (is_element(e->a)) {
		dst = element_and_value(l, IR_MAPADD, e->a, NULL, &v);
		v = element_add(l, dst, ir_num(l->a, op == IR_ADD ? 1 : -1), want);
		if (!want || e->prefix)
			return v;
		return ir_bin(l->a, op == IR_ADD ? IR_SUB : IR_ADD, v, one);
	}
	if (is_target(l, e->a))
		return incdec_target(l, e, op);
	if (e->a->kind != EX_IDENT)
		return one;
	dst = lower_symbol(l, e->a->sym, &e->a->place);
	old = want && !e->prefix ? lower_spill(l, dst) : dst;
	lower_set(l, dst, ir_bin(l->a, op, dst, one));
	return e->prefix ? dst : old;
}
