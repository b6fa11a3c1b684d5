/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Return probes: what has to be taken at function entry becomes the handler's list of saved values,
 * and the expressions that want them read the slots.  Equal values without effects share a slot.
 * Runs after type inference: a text takes more room than a number.
 */
#include "sema/elaborate.h"

#include <stdlib.h>
#include <string.h>

static unsigned text_slots(const struct session *s)
{
	return (session_maxstringlen(s) + 7) / 8;
}

static const char *text_of(struct sema *x, const struct access *acc)
{
	struct buf b = { 0 };
	const char *r;

	access_print(&b, acc);
	r = arena_strdup(x->a, buf_text(&b));
	buf_deinit(&b);
	return r;
}

/* The saved value equal to ACC, or ACC itself with new slots. */
static struct access *save(struct body *b, struct access *acc, enum type type, bool share)
{
	struct handler *h = b->h;
	unsigned next = 0;

	for (size_t i = 0; i < h->saved.n; i++) {
		struct access *old = h->saved.v[i];

		if (share && !strcmp(text_of(b->x, old), text_of(b->x, acc)))
			return old;
		next = old->slot + old->nslots;
	}
	acc->slot = next;
	acc->nslots = type == T_STRING ? text_slots(b->x->s) : 1;
	*vec_add(b->x->a, &h->saved) = acc;
	return acc;
}

static void read_slot(struct body *b, struct expr *e, const struct access *saved, enum type type)
{
	struct access *acc = arena_new(b->x->a, struct access);
	struct lx *v = arena_new(b->x->a, struct lx);

	acc->kind = type == T_STRING ? ACCESS_SAVED : ACCESS_NUMBER;
	acc->slot = saved->slot;
	acc->nslots = saved->nslots;
	acc->type = saved->type;
	acc->user = saved->user;
	acc->place = e->place;
	v->kind = LX_SAVED;
	v->value = saved->slot;
	acc->value = v;
	e->info = acc;
	e->sym = NULL;
}

static void take_slot(struct expr *e, void *arg)
{
	struct body *b = arg;
	struct access *acc;

	if (target_is_saved(e)) {
		read_slot(b, e, save(b, e->info, e->type, true), e->type);
		return;
	}
	if (e->kind != EX_ENTRY)
		return;
	if (e->a->kind == EX_TARGET) {
		acc = arena_memdup(b->x->a, e->a->info, sizeof(*acc));
	} else {
		acc = arena_new(b->x->a, struct access);
		acc->kind = ACCESS_NUMBER;
		acc->value = arena_new(b->x->a, struct lx);
		acc->value->kind = LX_SCRIPT;
		acc->place = e->place;
		*vec_add(b->x->a, &acc->operands) = e->a;
	}
	read_slot(b, e, save(b, acc, e->type, expr_is_pure(e->a)), e->type);
}

void entry_slots(struct sema *x, struct body *b)
{
	(void)x;
	sema_each_in_stmt(b->top, take_slot, b);
}
