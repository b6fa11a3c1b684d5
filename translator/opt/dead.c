// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Removal of statements whose effect nobody can see: values stored where nobody reads, calls of
 * pure functions without a use, what follows a jump, empty branches.
 *
 * What may end the handler with an error the user would want to see - divisions, reads of probed
 * memory, results of empty aggregates - stays, used or not.
 */
#include "opt/opt.h"

static bool unread(const struct ir *dst)
{
	return dst && dst->op == IR_VAR && dst->var->kind != IV_RET && !dst->var->reads;
}

static bool is_jump(const struct ir *n)
{
	return n->op == IR_BREAK || n->op == IR_CONTINUE || n->op == IR_RETURN || n->op == IR_NEXT;
}

static bool is_dead(const struct ir *n)
{
	switch (n->op) {
	case IR_SET: case IR_CAT: case IR_REG: case IR_MAPGET: case IR_MAPHAS: case IR_ITERKEY:
	case IR_ITERVAL: case IR_NBUCKETS:
		return unread(n->dst);
	case IR_TRYLOAD: case IR_TRYSTR:
		return unread(n->dst) && !n->ok->reads;
	case IR_CALL:
		return n->fn->pure && (!n->dst || unread(n->dst));
	case IR_IF:
		return !n->body.n && !n->other.n;
	default:
		return false;
	}
}

static bool dead_list(struct ir_list *list)
{
	size_t out = 0, n = list->n;
	bool removed = false;

	for (size_t i = 0; i < n; i++) {
		struct ir *s = list->v[i];

		removed |= dead_list(&s->pre) | dead_list(&s->body) | dead_list(&s->step) |
			   dead_list(&s->other);
		if (s->op == IR_CALL && s->fn->ret == T_LONG && s->dst && unread(s->dst)) {
			s->dst = NULL;
			removed = true;
		}
		if (is_dead(s))
			continue;
		list->v[out++] = s;
		if (is_jump(s))
			break;
	}
	list->n = out;
	return removed || out != n;
}

static bool dead_body(struct ir_body *b)
{
	if (!b)
		return false;
	ir_count_vars(b);
	return dead_list(&b->list);
}

bool opt_dead(struct ir_program *p)
{
	bool removed = false;

	vec_each(&p->handlers, i)
		removed |= dead_body(p->handlers.v[i]->entry) | dead_body(p->handlers.v[i]->body);
	vec_each(&p->functions, i)
		removed |= dead_body(p->functions.v[i]->body);
	return removed;
}

/* Each round removes something, or turns a division into a value, or is the last. */
void ir_optimise(struct arena *a, struct ir_program *p)
{
	bool again;

	do {
		again = opt_fold(a, p);
		again |= opt_copy(p);
		again |= opt_text(a, p);
		again |= opt_dead(p);
	} while (again);
}
