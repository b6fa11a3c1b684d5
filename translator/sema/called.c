// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * $variables that are no data of the probed program but something the family keeps for the handler
 * ($value of procfs, $verdict of netfilter): uses become calls of the tapset's functions that the family
 * names, before names are bound.  Rewrites clones in place.
 */
#include "sema/elaborate.h"

#include <string.h>

/* The bare $name of such a variable at b's site. */
static bool find(struct body *b, const struct expr *e, struct called_var *ret)
{
	const struct target *t = e->kind == EX_TARGET ? e->target : NULL;

	return t && t->kind == TG_VAR && !t->acc.n && !t->addressof && !t->pretty && b->site &&
	       b->site->family->called && b->site->family->called(b->site, t->name + 1, ret);
}

static void become_call(struct body *b, struct expr *e, const char *function, struct expr *arg)
{
	struct place place = e->place;

	*e = (struct expr){ .kind = EX_CALL, .place = place, .name = function, .height = 2 };
	if (arg) {
		*vec_add(b->x->a, &e->args) = arg;
		e->height = arg->height + 1;
	}
}

bool called_read(struct body *b, struct expr *e)
{
	struct called_var v;

	if (!find(b, e, &v))
		return false;
	become_call(b, e, v.get, NULL);
	return true;
}

/* What `$name OP= value` leaves in $name. */
static struct expr *new_value(struct body *b, struct expr *e, const struct called_var *v)
{
	struct expr *sum;

	if (e->op == TOK_ASSIGN || v->append)
		return e->b;
	sum = arena_new(b->x->a, struct expr);
	*sum = (struct expr){ .kind = EX_BINARY, .place = e->place, .oper = e->oper, .op = TOK_DOT, .a = e->a,
			      .b = e->b, .height = e->height };
	become_call(b, sum->a, v->get, NULL);
	return sum;
}

bool called_write(struct body *b, struct expr *e)
{
	struct called_var v;
	const char *name, *why;

	if (!find(b, e->a, &v))
		return false;
	name = e->a->target->name;
	why = !v.set ? "it can only be read here" :
	      e->kind != EX_ASSIGN || (e->op != TOK_ASSIGN && e->op != TOK_DOT_ASSIGN) ?
	      "only '=' and '.=' can set it" : NULL;
	if (why || (v.guru && !b->x->s->opt.guru)) {
		diag_error(b->x->d, DIAG_SEMANTIC, why ? "write-called" : "write-needs-guru", &e->a->place,
			   "write to target variable '%s' not permitted; %s: identifier '%s' at %s", name,
			   why ? why : "need stap -g", name, place_str(b->x->a, &e->a->place));
		become_call(b, e, v.get, NULL);
		return true;
	}
	become_call(b, e, e->op == TOK_DOT_ASSIGN && v.append ? v.append : v.set, new_value(b, e, &v));
	return true;
}
