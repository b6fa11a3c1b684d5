/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking clones of bodies, and how messages name what they point at.  Nodes may be rewritten in
 * place by the callback; the parser bounds the depth of trees, so recursion needs no limit.
 */
#include "sema/elaborate.h"

void sema_expr_children(struct expr *e, void (*fn)(struct expr *, void *), void *arg)
{
	if (e->a)
		fn(e->a, arg);
	if (e->b)
		fn(e->b, arg);
	if (e->c)
		fn(e->c, arg);
	vec_each(&e->args, i)
		if (e->args.v[i])
			fn(e->args.v[i], arg);
	if (!e->target)
		return;
	if (e->target->operand)
		fn(e->target->operand, arg);
	vec_each(&e->target->acc, i)
		if (e->target->acc.v[i].index)
			fn(e->target->acc.v[i].index, arg);
}

static void foreach_children(struct foreach *f, void (*efn)(struct expr *, void *), void *arg)
{
	vec_each(&f->vars, i)
		efn(f->vars.v[i], arg);
	if (f->array)
		efn(f->array, arg);
	if (f->limit)
		efn(f->limit, arg);
}

void sema_stmt_children(struct stmt *s, void (*efn)(struct expr *, void *),
			void (*sfn)(struct stmt *, void *), void *arg)
{
	if (efn) {
		if (s->init)
			efn(s->init, arg);
		if (s->e)
			efn(s->e, arg);
		if (s->step)
			efn(s->step, arg);
		if (s->each)
			foreach_children(s->each, efn, arg);
	}
	if (!sfn)
		return;
	vec_each(&s->body, i)
		sfn(s->body.v[i], arg);
	if (s->then)
		sfn(s->then, arg);
	if (s->other)
		sfn(s->other, arg);
}

struct each { void (*fn)(struct expr *, void *); void *arg; };

static void each_expr(struct expr *e, void *arg)
{
	struct each *w = arg;

	w->fn(e, w->arg);
	sema_expr_children(e, each_expr, w);
}

static void each_stmt(struct stmt *s, void *arg)
{
	sema_stmt_children(s, each_expr, each_stmt, arg);
}

void sema_each_expr(struct expr *e, void (*fn)(struct expr *, void *), void *arg)
{
	each_expr(e, &(struct each){ fn, arg });
}

void sema_each_in_stmt(struct stmt *s, void (*fn)(struct expr *, void *), void *arg)
{
	each_stmt(s, &(struct each){ fn, arg });
}

const struct place *sema_place(const struct expr *e)
{
	return e->oper.src ? &e->oper : &e->place;
}

bool sema_told(struct sema *x, const char *key)
{
	if (strmap_has(&x->said, key))
		return true;
	strmap_put(&x->said, key, x);
	return false;
}

const char *sema_token(struct sema *x, const struct expr *e)
{
	switch (e->kind) {
	case EX_NUMBER:
		return arena_printf(x->a, "number '%lld'", (long long)e->number);
	case EX_STRING:
		return arena_printf(x->a, "string '%s'", e->text);
	case EX_TARGET:
		if (e->target->name && e->target->kind == TG_VAR)
			return arena_printf(x->a, "identifier '%s'", e->target->name);
		return e->target->kind == TG_CAST ? "operator '@cast'" :
		       e->target->kind == TG_ENUM ? "operator '@enum'" :
		       e->target->kind == TG_ENUMNAME ? "operator '@enumname'" :
		       e->target->kind == TG_AUTO ? "operator '->'" : "operator '@var'";
	case EX_ENTRY:
		return "operator '@entry'";
	case EX_STAT:
		return arena_printf(x->a, "operator '@%s'", e->name);
	case EX_COND:
		return "operator '?'";
	default:
		if (e->name)
			return arena_printf(x->a, "identifier '%s'", e->name);
		if (e->op)
			return arena_printf(x->a, "operator '%s'", tok_text(e->op));
		return "expression";
	}
}

bool sema_is_local(const struct expr *e)
{
	const struct symbol *s = e->sym;

	return e->kind == EX_IDENT && s && s->local;
}

struct gvar *sema_gvar(const struct symbol *s)
{
	return s && s->global ? (struct gvar *)s : NULL;
}
