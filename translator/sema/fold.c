/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides what depends on the probe's site: resolves target variables, replaces @defined by 0 or 1
 * and @choose_defined by its choice, and takes out branches that a constant rules out, so that
 * nobody looks for the names in them.  Rewrites clones in place.  A target variable that cannot be
 * had is no error here: the expression keeps the reason until somebody needs it (collect.c).
 */
#include "sema/elaborate.h"

#include <string.h>

static void fold_child(struct expr *e, void *b)
{
	fold_expr(b, e);
}

/* ---- @probewrite ---- */

struct written { const char *name; bool found; };

static void find_written(struct expr *e, void *arg)
{
	struct written *w = arg;
	const struct expr *place = e->a;

	if (e->kind != EX_ASSIGN && e->kind != EX_INCDEC)
		return;
	if (place->kind == EX_IDENT)
		w->found |= !strcmp(place->name, w->name);
	else if (place->kind == EX_TARGET && place->target->kind == TG_VAR)
		w->found |= !strcmp(place->target->name, w->name);
}

static void become_number(struct expr *e, int64_t n)
{
	*e = (struct expr){ .kind = EX_NUMBER, .place = e->place, .number = n, .height = 1 };
}

static void become(struct expr *e, const struct expr *other)
{
	*e = *other;
}

struct failures { bool any, waiting; };

static void find_failure(struct expr *e, void *arg)
{
	struct failures *f = arg;
	const struct target_error *t = e->kind == EX_TARGET ? target_failure(e) : NULL;

	if (t && t->waiting)
		f->waiting = true;
	else if (t)
		f->any = true;
}

int fold_is_defined(struct body *b, struct expr *e)
{
	struct failures f = { 0 };

	if (e->kind == EX_CALL && !sema_has_function(b->x, e->name, e->args.n, b->script))
		return 0;
	sema_each_expr(e, find_failure, &f);
	return f.any ? 0 : f.waiting ? -1 : 1;
}

/* E folded as the operand of @defined, where names are taken as they are; what fold_is_defined() says. */
static int asked(struct body *b, struct expr *e)
{
	b->in_defined++;
	fold_expr(b, e);
	b->in_defined--;
	return fold_is_defined(b, e);
}

static void fold_defined(struct body *b, struct expr *e)
{
	int defined = asked(b, e->a);

	if (defined >= 0)
		become_number(e, defined);
}

static void fold_choose(struct body *b, struct expr *e)
{
	int defined = asked(b, e->a);

	if (defined == 1) {
		become(e, e->a);
		return;
	}
	fold_expr(b, e->b);
	if (!defined)
		become(e, e->b);
}

/* Whether the probe itself, not an alias it uses, writes the variable. */
static void fold_probewrite(struct body *b, struct expr *e)
{
	struct written w = { e->name, false };

	if (b->own)
		sema_each_in_stmt(b->own, find_written, &w);
	become_number(e, w.found);
}

static void fold_cond(struct body *b, struct expr *e)
{
	struct expr *taken;

	fold_expr(b, e->a);
	if (e->a->kind != EX_NUMBER) {
		fold_expr(b, e->b);
		fold_expr(b, e->c);
		return;
	}
	taken = e->a->number ? e->b : e->c;
	fold_expr(b, taken);
	become(e, taken);
}

static void fold_logical(struct body *b, struct expr *e)
{
	bool is_and = e->op == TOK_ANDAND;

	fold_expr(b, e->a);
	if (e->a->kind == EX_NUMBER && !e->a->number == is_and) {
		become_number(e, !is_and);
		return;
	}
	fold_expr(b, e->b);
	if (e->a->kind == EX_NUMBER && e->b->kind == EX_NUMBER)
		become_number(e, e->b->number != 0);
}

static void fold_unary(struct body *b, struct expr *e)
{
	fold_expr(b, e->a);
	if (e->a->kind != EX_NUMBER)
		return;
	switch (e->op) {
	case TOK_NOT:	become_number(e, !e->a->number); break;
	case TOK_MINUS:	become_number(e, (int64_t)-(uint64_t)e->a->number); break;
	case TOK_BITNOT: become_number(e, ~e->a->number); break;
	case TOK_PLUS:	become_number(e, e->a->number); break;
	}
}

static void fold_binary(struct body *b, struct expr *e)
{
	fold_expr(b, e->a);
	fold_expr(b, e->b);
	if (e->a->kind != EX_NUMBER || e->b->kind != EX_NUMBER)
		return;
	if (e->op == TOK_EQ)
		become_number(e, e->a->number == e->b->number);
	else if (e->op == TOK_NE)
		become_number(e, e->a->number != e->b->number);
}

static void fold_target(struct body *b, struct expr *e)
{
	int64_t n;

	if (e->target->kind != TG_ENUM)
		target_resolve(b, e, false);
	else if (enum_resolve(b, e, &n))
		become_number(e, n);
}

static void fold_place(struct body *b, struct expr *e)
{
	if (e->kind != EX_TARGET) {
		fold_expr(b, e);
		return;
	}
	sema_expr_children(e, fold_child, b);
	e->target->store = true;
	target_resolve(b, e, true);
}

void fold_expr(struct body *b, struct expr *e)
{
	bool entry = b->in_entry;

	switch (e->kind) {
	case EX_DEFINED:
		fold_defined(b, e);
		break;
	case EX_CHOOSE:
		fold_choose(b, e);
		break;
	case EX_COND:
		fold_cond(b, e);
		break;
	case EX_LOGICAL:
		fold_logical(b, e);
		break;
	case EX_UNARY:
		fold_unary(b, e);
		break;
	case EX_BINARY:
		fold_binary(b, e);
		break;
	case EX_ASSIGN:
		if (called_write(b, e)) {
			sema_expr_children(e, fold_child, b);
			break;
		}
		fold_place(b, e->a);
		fold_expr(b, e->b);
		break;
	case EX_INCDEC:
		if (!called_write(b, e))
			fold_place(b, e->a);
		break;
	case EX_TARGET:
		if (called_read(b, e))
			break;
		sema_expr_children(e, fold_child, b);
		fold_target(b, e);
		break;
	case EX_PROBEWRITE:
		fold_probewrite(b, e);
		break;
	case EX_CONTEXTOP:
		sema_expr_children(e, fold_child, b);
		target_operation(b, e);
		break;
	case EX_ENTRY:
		b->in_entry = true;
		fold_expr(b, e->a);
		b->in_entry = entry;
		break;
	default:
		sema_expr_children(e, fold_child, b);
	}
}

static void fold_below(struct stmt *s, void *b)
{
	fold_stmt(b, s);
}

void fold_stmt(struct body *b, struct stmt *s)
{
	if (s->kind == ST_IF) {
		fold_expr(b, s->e);
		if (s->e->kind == EX_NUMBER) {
			struct stmt *taken = s->e->number ? s->then : s->other;
			struct stmt *cut = s->e->number ? s->other : s->then;

			b->cut |= cut && !stmt_is_idle(cut);
			if (!taken) {
				*s = (struct stmt){ .kind = ST_NULL, .place = s->place };
				return;
			}
			*s = *taken;
			fold_stmt(b, s);
			return;
		}
		fold_stmt(b, s->then);
		if (s->other)
			fold_stmt(b, s->other);
		return;
	}
	sema_stmt_children(s, fold_child, fold_below, b);
}
