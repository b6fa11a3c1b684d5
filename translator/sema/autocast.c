/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What numbers of the script are addresses of: a value that came from a target variable, @cast or @var
 * keeps its type through assignments, arguments, results of functions and the values of arrays, so
 * that -> and [ ] work on it.  The first type that reaches a symbol is its type.
 *
 * Goes over all bodies, bound and folded, until no more operand of an open -> becomes known; then
 * decides the @defined and @choose_defined that had to wait.  What stays open is told by collect.c.
 */
#include "sema/elaborate.h"

#include <string.h>

struct carry { struct sema *x; struct body *b; bool changed; };

static struct pointing from_access(const struct access *acc)
{
	struct pointing p = { 0 };
	struct ctype *t = acc && acc->kind == ACCESS_NUMBER ? ctype_strip(acc->type) : NULL;

	if (t && t->kind == CT_POINTER)
		p = (struct pointing){ .type = acc->type, .user = acc->user };
	return p;
}

/* C text says it in a comment: pragma:pointer:struct NAME */
static struct pointing from_c(const struct function *f)
{
	static const char word[] = "pragma:pointer:";
	const char *s = f->c_body ? strstr(f->c_body, word) : NULL, *end = s ? strstr(s, "*/") : NULL;
	struct body *b = f->sema;
	struct pointing p = { 0 };

	if (!end)
		return p;
	s += strlen(word);
	while (end > s && end[-1] == ' ')
		end--;
	p.name = arena_strndup(b->x->a, s, (size_t)(end - s));
	return p;
}

static struct pointing from_call(const struct function *f)
{
	const struct body *b = f ? f->sema : NULL;

	return !b ? (struct pointing){ 0 } : f->c_body ? from_c(f) : b->returns;
}

struct pointing autocast_of(const struct expr *e)
{
	const struct symbol *s = e->sym;
	struct pointing p = { 0 };

	switch (e->kind) {
	case EX_TARGET:
		return from_access(e->info);
	case EX_IDENT: case EX_INDEX:
		return s ? s->points : p;
	case EX_CALL:
		return from_call(e->sym);
	case EX_ASSIGN:
		return e->op == TOK_ASSIGN ? autocast_of(e->b) : p;
	case EX_ENTRY:
		return autocast_of(e->a);
	case EX_COND: case EX_CHOOSE:
		p = autocast_of(e->b);
		return p.type || p.name ? p : autocast_of(e->kind == EX_COND ? e->c : e->a);
	default:
		return p;
	}
}

static void learn(struct carry *c, struct pointing *where, const struct expr *from)
{
	struct pointing p;

	if (where->type || where->name)
		return;
	p = autocast_of(from);
	if (!p.type && !p.name)
		return;
	*where = p;
	c->changed = true;
}

static void learn_place(struct carry *c, const struct expr *place, const struct expr *from)
{
	struct symbol *s = place->sym;

	if ((place->kind == EX_IDENT || place->kind == EX_INDEX) && s)
		learn(c, &s->points, from);
}

static void learn_arguments(struct carry *c, const struct expr *call)
{
	for (const struct function *f = call->sym; f; f = f->overload) {
		struct body *b = f->sema;

		vec_each(&call->args, i)
			if (i < b->locals.n && b->locals.v[i]->local->param)
				learn(c, &b->locals.v[i]->points, call->args.v[i]);
	}
}

static void try_open(struct carry *c, struct expr *e)
{
	const struct target_error *f = target_failure(e);
	struct pointing p;

	if (e->target->kind != TG_AUTO || !f || !f->waiting)
		return;
	p = autocast_of(e->target->operand);
	if (!p.type && !p.name)
		return;
	e->target->known = arena_memdup(c->x->a, &p, sizeof(p));
	target_resolve(c->b, e, e->target->store);
	c->changed = true;
}

static void carry_expr(struct expr *e, void *arg)
{
	struct carry *c = arg;
	bool asked = e->kind == EX_DEFINED || e->kind == EX_CHOOSE;

	if ((e->kind == EX_ASSIGN || e->kind == EX_INCDEC) && e->a->kind == EX_TARGET)
		e->a->target->store = true;
	c->b->in_defined += asked;
	sema_expr_children(e, carry_expr, arg);
	c->b->in_defined -= asked;
	if (e->kind == EX_ASSIGN && e->op == TOK_ASSIGN)
		learn_place(c, e->a, e->b);
	else if (e->kind == EX_CALL)
		learn_arguments(c, e);
	else if (e->kind == EX_TARGET)
		try_open(c, e);
}

static void carry_stmt(struct stmt *s, void *arg)
{
	struct carry *c = arg;
	struct foreach *f = s->each;

	sema_stmt_children(s, carry_expr, carry_stmt, arg);
	if (s->kind == ST_RETURN && s->e && c->b->fn)
		learn(c, &c->b->returns, s->e);
	if (f && f->value_sym && f->array->kind != EX_STAT)
		learn(c, &((struct symbol *)f->value_sym)->points, f->array);
}

/* ---- what waited ---- */

static void become_number(struct expr *e, int64_t n)
{
	*e = (struct expr){ .kind = EX_NUMBER, .place = e->place, .number = n, .height = 1 };
}

/* What a constant on the left rules out is not looked at any more. */
static void cut_branches(struct expr *e)
{
	if ((e->kind != EX_COND && e->kind != EX_LOGICAL && e->kind != EX_UNARY) || e->a->kind != EX_NUMBER)
		return;
	if (e->kind == EX_UNARY && e->op == TOK_NOT)
		become_number(e, !e->a->number);
	else if (e->kind == EX_UNARY)
		return;
	else if (e->kind == EX_COND)
		*e = *(e->a->number ? e->b : e->c);
	else if (!e->a->number == (e->op == TOK_ANDAND))
		become_number(e, e->op != TOK_ANDAND);
}

static void decide(struct expr *e, void *arg)
{
	struct carry *c = arg;
	bool defined;

	sema_expr_children(e, decide, arg);
	cut_branches(e);
	if (e->kind != EX_DEFINED && e->kind != EX_CHOOSE)
		return;
	defined = fold_is_defined(c->b, e->a) == 1;
	if (e->kind == EX_CHOOSE)
		*e = *(defined ? e->a : e->b);
	else
		become_number(e, defined);
}

static void decide_stmt(struct stmt *s, void *arg)
{
	sema_stmt_children(s, decide, NULL, arg);
	if (s->kind == ST_IF && s->e->kind == EX_NUMBER) {
		struct stmt *taken = s->e->number ? s->then : s->other;

		*s = taken ? *taken : (struct stmt){ .kind = ST_NULL, .place = s->place };
		decide_stmt(s, arg);
		return;
	}
	sema_stmt_children(s, NULL, decide_stmt, arg);
}

static void each_body(struct carry *c, void (*fn)(struct stmt *, void *))
{
	vec_each(&c->x->handlers, i) {
		c->b = c->x->handlers.v[i];
		fn(c->b->top, c);
	}
	vec_each(&c->x->functions, i) {
		c->b = c->x->functions.v[i];
		if (c->b->top)
			fn(c->b->top, c);
	}
}

/* Is there anything to do?  Most scripts have no open ->. */
static void find_open(struct expr *e, void *open)
{
	const struct target_error *f = e->kind == EX_TARGET ? target_failure(e) : NULL;

	*(bool *)open |= (f && f->waiting) || e->kind == EX_DEFINED || e->kind == EX_CHOOSE;
}

static void find_open_stmt(struct stmt *s, void *arg)
{
	struct carry *c = arg;

	sema_each_in_stmt(s, find_open, &c->changed);
}

void autocast_carry(struct sema *x)
{
	struct carry c = { .x = x };

	do {
		c.changed = false;
		each_body(&c, carry_stmt);
	} while (c.changed);
}

void autocast_program(struct sema *x)
{
	struct carry c = { .x = x };

	each_body(&c, find_open_stmt);
	if (!c.changed)
		return;
	autocast_carry(x);
	each_body(&c, decide_stmt);
}
