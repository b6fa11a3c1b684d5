/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of trees and walks over them.  Recursion is safe: AST_DEPTH_MAX bounds every path.
 *
 * A copy shares texts, names and places with the original, which outlives it, and no node.
 */
#include "syntax/ast.h"

const char *type_name(enum type t)
{
	switch (t) {
	case T_LONG: return "long";
	case T_STRING: return "string";
	case T_STATS: return "stats";
	case T_VOID: return "void";
	default: return "unknown";
	}
}

static struct target *clone_target(struct arena *a, const struct target *t)
{
	struct target *r;

	if (!t)
		return NULL;
	r = arena_memdup(a, t, sizeof(*t));
	r->operand = ast_clone_expr(a, t->operand);
	r->acc.v = NULL;
	r->acc.n = r->acc.cap = 0;
	vec_each(&t->acc, i) {
		struct accessor acc = t->acc.v[i];

		acc.index = ast_clone_expr(a, acc.index);
		*vec_add(a, &r->acc) = acc;
	}
	return r;
}

struct expr *ast_clone_expr(struct arena *a, const struct expr *e)
{
	struct expr *r;

	if (!e)
		return NULL;
	r = arena_memdup(a, e, sizeof(*e));
	r->a = ast_clone_expr(a, e->a);
	r->b = ast_clone_expr(a, e->b);
	r->c = ast_clone_expr(a, e->c);
	r->args.v = NULL;
	r->args.n = r->args.cap = 0;
	vec_each(&e->args, i)
		*vec_add(a, &r->args) = ast_clone_expr(a, e->args.v[i]);
	r->target = clone_target(a, e->target);
	return r;
}

static struct foreach *clone_foreach(struct arena *a, const struct foreach *f)
{
	struct foreach *r;

	if (!f)
		return NULL;
	r = arena_memdup(a, f, sizeof(*f));
	r->vars.v = NULL;
	r->vars.n = r->vars.cap = 0;
	vec_each(&f->vars, i)
		*vec_add(a, &r->vars) = ast_clone_expr(a, f->vars.v[i]);
	r->array = ast_clone_expr(a, f->array);
	r->limit = ast_clone_expr(a, f->limit);
	r->syms.v = NULL;
	r->syms.n = r->syms.cap = 0;
	vec_each(&f->syms, i)
		*vec_add(a, &r->syms) = f->syms.v[i];
	return r;
}

struct stmt *ast_clone_stmt(struct arena *a, const struct stmt *s)
{
	struct stmt *r;

	if (!s)
		return NULL;
	r = arena_memdup(a, s, sizeof(*s));
	r->e = ast_clone_expr(a, s->e);
	r->init = ast_clone_expr(a, s->init);
	r->step = ast_clone_expr(a, s->step);
	r->then = ast_clone_stmt(a, s->then);
	r->other = ast_clone_stmt(a, s->other);
	r->body.v = NULL;
	r->body.n = r->body.cap = 0;
	vec_each(&s->body, i)
		*vec_add(a, &r->body) = ast_clone_stmt(a, s->body.v[i]);
	r->each = clone_foreach(a, s->each);
	return r;
}

void ast_walk_expr(struct expr *e, bool (*fn)(struct expr *, void *), void *arg)
{
	if (!e || !fn || !fn(e, arg))
		return;
	ast_walk_expr(e->a, fn, arg);
	ast_walk_expr(e->b, fn, arg);
	ast_walk_expr(e->c, fn, arg);
	vec_each(&e->args, i)
		ast_walk_expr(e->args.v[i], fn, arg);
	if (!e->target)
		return;
	ast_walk_expr(e->target->operand, fn, arg);
	vec_each(&e->target->acc, i)
		ast_walk_expr(e->target->acc.v[i].index, fn, arg);
}

static void walk_foreach(struct foreach *f, bool (*fn)(struct expr *, void *), void *arg)
{
	vec_each(&f->vars, i)
		ast_walk_expr(f->vars.v[i], fn, arg);
	ast_walk_expr(f->array, fn, arg);
	ast_walk_expr(f->limit, fn, arg);
}

void ast_walk_stmt(struct stmt *s, bool (*efn)(struct expr *, void *),
		   bool (*sfn)(struct stmt *, void *), void *arg)
{
	if (!s || (sfn && !sfn(s, arg)))
		return;
	ast_walk_expr(s->init, efn, arg);
	ast_walk_expr(s->e, efn, arg);
	if (s->each)
		walk_foreach(s->each, efn, arg);
	ast_walk_stmt(s->then, efn, sfn, arg);
	ast_walk_expr(s->step, efn, arg);
	ast_walk_stmt(s->other, efn, sfn, arg);
	vec_each(&s->body, i)
		ast_walk_stmt(s->body.v[i], efn, sfn, arg);
}
