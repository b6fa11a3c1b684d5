// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variables that are copies: where a text variable is set once, from a literal or another variable, and all
 * who read it come later in the same list of statements, while the other variable is not written there
 * any more, they read the literal or that variable instead.  What aliases of tapsets set up for their users
 * then needs neither room in the frame nor a copy; dead.c takes the statement out.
 *
 * And the other way: a text that is made in a temporary only to be copied is made where it is wanted.  Not
 * within try, where a failed operation must not have touched its destination.
 *
 * Nodes may be shared: operands are replaced, never changed.
 */
#include "opt/opt.h"

enum {
	LIST_MAX = 1000,	/* every statement looks at those that follow it */
	SHORT_TEXT = 64,	/* longer ones may be cut by MAXSTRINGLEN when they are set */
};

struct count {
	const struct ir_var *var;
	unsigned reads, writes;
};

static void count_node(struct ir *n, bool dst, void *arg)
{
	struct count *c = arg;

	c->reads += n->op == IR_VAR && n->var == c->var && !dst;
	c->writes += (n->dst && n->dst->op == IR_VAR && n->dst->var == c->var) || n->ok == c->var;
}

static struct count count_in(const struct ir_list *list, const struct ir_var *v)
{
	struct count c = { .var = v };

	ir_walk(list, count_node, &c);
	return c;
}

static void replace_list(const struct ir_list *list, const struct ir_var *v, struct ir *by);

static void replace(struct ir **slot, const struct ir_var *v, struct ir *by)
{
	struct ir *n = *slot;

	if (!n)
		return;
	if (n->op == IR_VAR) {
		if (n->var == v)
			*slot = by;
		return;
	}
	for (int i = 0; i < 3; i++)
		replace(&n->arg[i], v, by);
	vec_each(&n->args, i)
		replace(&n->args.v[i], v, by);
	replace_list(&n->pre, v, by);
	replace_list(&n->body, v, by);
	replace_list(&n->step, v, by);
	replace_list(&n->other, v, by);
}

static void replace_list(const struct ir_list *list, const struct ir_var *v, struct ir *by)
{
	vec_each(list, i)
		replace(&list->v[i], v, by);
}

/* N may be left out for those in REST, which is all that follows it in its list. */
static bool is_copy(const struct ir *n, const struct ir_list *rest)
{
	const struct ir *v = n->arg[0], *dst = n->dst;

	if (n->op != IR_SET || dst->op != IR_VAR || dst->type != T_STRING)
		return false;
	if (dst->var->kind == IV_RET || dst->var->kind == IV_PARAM || dst->var->writes != 1 || !dst->var->reads ||
	    count_in(rest, dst->var).reads != dst->var->reads)
		return false;
	if (v->op == IR_VAR)
		return v->var != dst->var && v->var->kind != IV_RET && !count_in(rest, v->var).writes;
	return v->op == IR_STR && v->len < SHORT_TEXT;
}

static struct ir_list part(const struct ir_list *list, size_t from, size_t to)
{
	return (struct ir_list){ .v = list->v + from, .n = to - from };
}

static bool mentions(const struct ir_list *list, const struct ir_var *v)
{
	struct count c = count_in(list, v);

	return c.reads || c.writes;
}

/* Is T, as statement I left it, read by none behind statement J of LIST? */
static bool ends_at(const struct ir_list *list, size_t j, const struct ir_var *t)
{
	for (size_t k = j + 1; k < list->n; k++) {
		struct ir_list one = part(list, k, k + 1);
		const struct ir *n = list->v[k];
		struct count c = count_in(&one, t);

		if (c.reads)
			return false;
		if (n->dst && n->dst->op == IR_VAR && n->dst->var == t)
			return true;
		if (c.writes)
			return false;
	}
	return true;
}

/* Statement I makes a text in a temporary: the place of the statement that copies it, 0 for none. */
static size_t copied_to(const struct ir_list *list, size_t i)
{
	const struct ir *n = list->v[i];
	struct ir_list self = part(list, i, i + 1);
	const struct ir_var *t;

	if ((n->op != IR_CALL && n->op != IR_SPRINT && n->op != IR_MAPGET) || !n->dst || n->dst->op != IR_VAR ||
	    n->dst->type != T_STRING || n->dst->var->kind != IV_TEMP)
		return 0;
	t = n->dst->var;
	if (count_in(list, t).reads != t->reads)
		return 0;
	for (size_t j = i + 1; j < list->n; j++) {
		const struct ir *set = list->v[j];
		struct ir_list between = part(list, i + 1, j);

		if (set->op == IR_SET && set->arg[0]->op == IR_VAR && set->arg[0]->var == t)
			return set->dst->op == IR_VAR && set->dst->var->kind != IV_RET &&
			       set->dst->var->kind != IV_PARAM && !mentions(&between, set->dst->var) &&
			       !count_in(&self, set->dst->var).reads && ends_at(list, j, t) ? j : 0;
		between = part(list, j, j + 1);
		if (mentions(&between, t) || set->body.n || set->pre.n || set->other.n)	/* may jump away */
			return 0;
	}
	return 0;
}

static void make_in_place(struct ir_list *list, size_t i, size_t j)
{
	list->v[i]->dst = list->v[j]->dst;
	for (; j + 1 < list->n; j++)
		list->v[j] = list->v[j + 1];
	list->n--;
}

static bool copy_list(struct ir_list *list, bool in_try)
{
	bool changed = false;

	if (list->n > LIST_MAX)
		return false;
	vec_each(list, i) {
		struct ir *n = list->v[i];
		struct ir_list rest = part(list, i + 1, list->n);
		size_t j = in_try ? 0 : copied_to(list, i);

		if (j) {
			make_in_place(list, i, j);
			changed = true;
			continue;
		}

		if (is_copy(n, &rest)) {
			replace_list(&rest, n->dst->var, n->arg[0]);
			n->dst->var->reads = 0;
			if (n->arg[0]->op == IR_VAR)
				n->arg[0]->var->reads += 1;
			changed = true;
		}
		changed |= copy_list(&n->pre, in_try) | copy_list(&n->body, in_try || n->op == IR_TRY) |
			   copy_list(&n->step, in_try) | copy_list(&n->other, in_try);
	}
	return changed;
}

static bool copy_body(struct ir_body *b)
{
	if (!b)
		return false;
	ir_count_vars(b);
	return copy_list(&b->list, false);
}

bool opt_copy(struct ir_program *p)
{
	bool changed = false;

	vec_each(&p->handlers, i)
		changed |= copy_body(p->handlers.v[i]->entry) | copy_body(p->handlers.v[i]->body);
	vec_each(&p->functions, i)
		changed |= copy_body(p->functions.v[i]->body);
	return changed;
}
