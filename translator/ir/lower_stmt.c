// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statements of the script to lists of IR statements.
 *
 * Every block and every turn of a loop begins with what it takes from the action budget, so that
 * whatever a body does is bounded.  A string temporary lives until the end of the statement it was
 * made in.
 */
#include <string.h>

#include "ir/lower.h"

/* Run into another list; the caller restores l->list. */
static struct ir_list *redirect(struct lower *l, struct ir_list *to)
{
	struct ir_list *old = l->list;

	l->list = to;
	return old;
}

static void spend(struct lower *l, unsigned n, const struct place *p)
{
	struct ir *s;

	if (!n)
		return;
	s = lower_stmt_node(l, IR_SPEND);
	s->imm = n;
	s->where = lower_where(l, p);
}

static bool counts(const struct stmt *s)
{
	return s->kind != ST_BLOCK && s->kind != ST_NULL;
}

static void lower_one(struct lower *l, struct stmt *s);

/* S as a block of its own into LIST. */
static void lower_block(struct lower *l, struct ir_list *list, struct stmt *s, unsigned extra,
			const struct place *p)
{
	struct lower_path path = lower_fork(l, list);
	unsigned n = extra;

	if (s && s == l->held)
		lower_stmt_node(l, IR_HELD);
	if (s && s->kind == ST_BLOCK) {
		vec_each(&s->body, i)
			n += counts(s->body.v[i]);
		spend(l, n, extra || !s->body.n ? p : &s->body.v[0]->place);
		vec_each(&s->body, i)
			lower_one(l, s->body.v[i]);
	} else {
		spend(l, n + (s && counts(s)), p);
		if (s)
			lower_one(l, s);
	}
	lower_join(l, &path);
}

void lower_stmt(struct lower *l, struct stmt *s)
{
	lower_block(l, l->list, s, 0, &s->place);
}

static void lower_if(struct lower *l, struct stmt *s)
{
	size_t used = l->pool_used;
	struct ir *cond = lower_value(l, s->e);
	struct ir *n = lower_stmt_node(l, IR_IF);

	n->arg[0] = cond;
	l->pool_used = used;
	lower_block(l, &n->body, s->then, 0, &s->then->place);
	if (s->other)
		lower_block(l, &n->other, s->other, 0, &s->other->place);
}

static void lower_loop(struct lower *l, struct stmt *s)
{
	size_t used = l->pool_used;
	struct lower_path path;
	struct ir *n;

	if (s->init)
		lower_effect(l, s->init);
	n = lower_stmt_node(l, IR_LOOP);
	path = lower_fork(l, &n->pre);
	if (s->e)
		n->arg[0] = lower_value(l, s->e);
	l->pool_used = used;
	lower_join(l, &path);
	path = lower_fork(l, &n->step);
	if (s->step)
		lower_effect(l, s->step);
	l->pool_used = used;
	lower_join(l, &path);
	lower_block(l, &n->body, s->then, 1, &s->place);
}

/* ---- foreach ---- */

static void loop_var(struct lower *l, const struct ir *loop, enum ir_op op, unsigned column,
		     const struct symbol *sym, const struct place *p)
{
	struct ir *dst = lower_symbol(l, sym, p), *n = lower_stmt_node(l, op);

	n->dst = dst;
	n->iter = loop->iter;
	n->imm = column;
	n->where = loop->where;
}

static int stat_of(const char *name)
{
	static const char *const names[] = { "count", "sum", "min", "max", "avg", "variance" };

	for (int i = 0; name && i < 6; i++)
		if (!strcmp(name, names[i]))
			return i;
	return STAT_COUNT;
}

static void lower_foreach_array(struct lower *l, struct stmt *s)
{
	struct foreach *f = s->each;
	struct ir *n = ir_new(l->a, IR_FOREACH, T_VOID);
	struct ir_list *old;
	struct expr *limit = f->limit;

	n->where = lower_where(l, &s->place);
	lower_element(l, n, f->array);
	if (limit) {	/* keys of a slice are evaluated first */
		struct ir_list sub = { 0 };

		old = redirect(l, &sub);
		n->arg[0] = lower_value(l, limit);
		l->list = old;
		vec_each(&n->args, i)
			if (sub.n && n->args.v[i] && n->args.v[i]->op != IR_NUM)
				n->args.v[i] = lower_spill(l, n->args.v[i]);
		vec_each(&sub, i)
			lower_emit(l, sub.v[i]);
	}
	n->sort = f->sort_column == 0 ? -2 : f->sort_column < 0 ? -1 : f->sort_column - 1;
	n->dir = f->sort_dir ? f->sort_dir : 1;
	n->stat_op = stat_of(f->sort_stat);
	n->iter = l->iter_depth++;
	if (l->body->niters < l->iter_depth)
		l->body->niters = l->iter_depth;
	lower_emit(l, n);

	old = redirect(l, &n->body);
	vec_each(&f->vars, i)
		loop_var(l, n, IR_ITERKEY, i, f->syms.n > i ? f->syms.v[i] : f->vars.v[i]->sym,
			 &f->vars.v[i]->place);
	if (f->value)
		loop_var(l, n, IR_ITERVAL, 0, f->value_sym, &f->value_place);
	l->list = old;
	lower_block(l, &n->body, s->then, 1, &s->place);
	l->iter_depth--;
}

static struct ir *stat_node(struct lower *l, enum ir_op op, const struct ir *map, struct ir *dst,
			    const char *where)
{
	struct ir *n = ir_new(l->a, op, T_VOID);

	n->global = map->global;
	n->args = map->args;
	n->dst = dst;
	n->where = where;
	return n;
}

/* for (b = 0; b < buckets && b < limit; b++) { loop variable = b; value = bucket b; body } */
static void lower_foreach_hist(struct lower *l, struct stmt *s)
{
	struct foreach *f = s->each;
	struct ir *map = ir_new(l->a, IR_BUCKET, T_VOID), *end = lower_temp(l, T_LONG);
	struct ir *i = lower_temp(l, T_LONG), *n, *limit, *at, *last = NULL;
	struct ir_list *old;

	lower_element(l, map, f->array->a);
	vec_each(&map->args, k)		/* they stay the same during the loop */
		map->args.v[k] = lower_spill(l, map->args.v[k]);
	n = lower_stmt_node(l, IR_NBUCKETS);
	n->global = map->global;
	n->dst = end;
	if (f->sort_dir < 0)	/* buckets in falling order */
		last = lower_spill(l, ir_bin(l->a, IR_SUB, end, ir_num(l->a, 1)));
	if (f->limit) {
		limit = lower_value(l, f->limit);
		n = ir_new(l->a, IR_SELECT, T_LONG);
		n->arg[0] = ir_bin(l->a, IR_LT, limit, end);
		n->arg[1] = limit;
		n->arg[2] = end;
		lower_set(l, end, n);
	}
	lower_set(l, i, ir_num(l->a, 0));
	n = lower_stmt_node(l, IR_LOOP);
	n->arg[0] = ir_bin(l->a, IR_LT, i, end);
	old = redirect(l, &n->body);
	at = f->sort_dir < 0 ? ir_bin(l->a, IR_SUB, last, i) : i;
	lower_set(l, lower_symbol(l, f->syms.n ? f->syms.v[0] : NULL, &s->place), at);
	if (f->value) {
		struct ir *v = lower_emit(l, stat_node(l, IR_BUCKET, map, lower_temp(l, T_LONG),
						       lower_where(l, &f->array->place)));

		v->arg[0] = at;
		lower_set(l, lower_symbol(l, f->value_sym, &f->value_place), v->dst);
	}
	l->list = &n->step;
	lower_set(l, i, ir_bin(l->a, IR_ADD, i, ir_num(l->a, 1)));
	l->list = old;
	lower_block(l, &n->body, s->then, 1, &s->place);
}

/* ---- the rest ---- */

static void lower_delete(struct lower *l, struct expr *e)
{
	struct symbol *sym = e->sym;
	struct ir *n;

	if (e->kind == EX_INDEX) {
		n = ir_new(l->a, IR_MAPDEL, T_VOID);
		lower_element(l, n, e);
		n->where = lower_where(l, &e->place);
		lower_emit(l, n);
	} else if (sym && sym->global && (sym->global->is_array || sym->global->type == T_STATS)) {
		n = lower_stmt_node(l, IR_MAPCLEAR);
		n->global = sym->global;
		n->where = lower_where(l, &e->place);
	} else {
		n = lower_symbol(l, sym, &e->place);
		lower_set(l, n, n->type == T_STRING ? ir_str(l->a, "", 0) : ir_num(l->a, 0));
	}
}

static void lower_return(struct lower *l, struct stmt *s)
{
	struct ir *n, *v = NULL;

	if (s->e && l->ret)
		lower_into(l, ir_var(l->a, l->ret), s->e);
	else if (s->e)
		v = lower_value(l, s->e);
	n = lower_stmt_node(l, IR_RETURN);
	if (!l->body->fn || l->body->fn->ret == T_LONG)
		n->arg[0] = v;
}

static void lower_try(struct lower *l, struct stmt *s)
{
	struct ir *n = lower_stmt_node(l, IR_TRY), *c;
	struct ir_list *old;
	struct symbol *sym = s->sym;

	l->try_depth++;
	lower_block(l, &n->body, s->then, 0, &s->then->place);
	l->try_depth--;
	old = redirect(l, &n->other);
	c = lower_stmt_node(l, IR_CATCH);
	if (s->catch_var && sym)
		c->dst = lower_symbol(l, sym, &s->catch_place);
	l->list = old;
	if (s->other)
		lower_block(l, &n->other, s->other, 0, &s->other->place);
}

static void lower_embedded(struct lower *l, struct stmt *s)
{
	struct ir *n = ir_new(l->a, IR_CALL, T_VOID);

	n->fn = lower_c_piece(l, s->text, &s->place, T_VOID, false);
	n->where = lower_where(l, &s->place);
	lower_emit(l, n);
}

/* In a function the call goes on in the next overload; without one it is an error. */
static void lower_next(struct lower *l, const struct stmt *s)
{
	const struct ir_function *f = l->body->fn;
	struct ir *n, *dst = NULL;

	if (!f || !f->src || !f->src->overload) {
		lower_stmt_node(l, IR_NEXT)->where = f ? lower_where(l, &s->place) : NULL;
		return;
	}
	n = ir_new(l->a, IR_CALL, T_VOID);
	n->fn = lower_function(l, f->src->overload);
	n->where = lower_where(l, &f->src->overload->decl->place);
	for (unsigned i = 0; i < f->nparams; i++)
		*vec_add(l->a, &n->args) = ir_var(l->a, l->vars[i]);
	if (f->ret == T_STRING)
		dst = ir_var(l->a, l->ret);
	else if (f->ret == T_LONG)
		dst = lower_temp(l, T_LONG);
	n->dst = n->fn->ret == T_VOID ? NULL : dst;
	lower_emit(l, n);
	*vec_add(l->a, &l->passed_on) = n;
	n = lower_stmt_node(l, IR_RETURN);
	n->arg[0] = f->ret == T_LONG && l->passed_on.v[l->passed_on.n - 1]->dst ? dst : NULL;
}

static void lower_one(struct lower *l, struct stmt *s)
{
	size_t used = l->pool_used;

	switch (s->kind) {
	case ST_BLOCK:
		lower_stmt(l, s);
		break;
	case ST_EXPR:
		lower_effect(l, s->e);
		break;
	case ST_IF:
		lower_if(l, s);
		break;
	case ST_WHILE:
	case ST_FOR:
		lower_loop(l, s);
		break;
	case ST_FOREACH:
		if (s->each->array->kind == EX_STAT)
			lower_foreach_hist(l, s);
		else
			lower_foreach_array(l, s);
		break;
	case ST_BREAK:
		lower_stmt_node(l, IR_BREAK);
		break;
	case ST_CONTINUE:
		lower_stmt_node(l, IR_CONTINUE);
		break;
	case ST_NEXT:
		lower_next(l, s);
		break;
	case ST_RETURN:
		lower_return(l, s);
		break;
	case ST_DELETE:
		lower_delete(l, s->e);
		break;
	case ST_TRY:
		lower_try(l, s);
		break;
	case ST_EMBEDDED:
		lower_embedded(l, s);
		break;
	case ST_NULL:
		break;
	}
	l->pool_used = used;
}
