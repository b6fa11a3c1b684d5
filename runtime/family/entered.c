// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls of a program's function that are under way, with what the handler of its return wants of the entry.
 *
 * A call is known by its task and by where its return address is on the stack (so the child of a fork that
 * returns from what its parent entered is not seen); one that jumps to the same
 * function again at its end has the same, and returns in the reverse order.  Calls that never return (the thread
 * ended, or jumped out) leave their entry behind, so an entry has no other owner than time: the table is made of
 * sets, and a call that finds its set full takes the place of the oldest there.
 */
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "core/core.h"
#include "family/entered.h"

/* With many probes in a script few of them have many calls at a time. */
enum { WAYS = 8, SET_BITS = 7, SET_BITS_OF_MANY = 4, MANY = 32 };

struct stp_entered {
	raw_spinlock_t lock;		/* of who has which call; a handler holds none while it runs */
	uint64_t order;
	bool lost;			/* some call had to make room */
	uint32_t size;			/* bytes of a call */
	uint32_t bits;			/* of the number of a set */
	char calls[] __aligned(8);
};

struct stp_entered *stp_entered_new(uint32_t nslots)
{
	uint32_t size = sizeof(struct stp_call) + nslots * 8;
	uint32_t bits = stp_unit.nuprobe > MANY ? SET_BITS_OF_MANY : SET_BITS;
	struct stp_entered *e = kvzalloc(sizeof(*e) + ((size_t)size << bits) * WAYS, GFP_KERNEL);

	if (!e)
		return NULL;
	raw_spin_lock_init(&e->lock);
	e->size = size;
	e->bits = bits;
	return e;
}

void stp_entered_free(struct stp_entered *e)
{
	kvfree(e);
}

static nokprobe_inline struct stp_call *way(struct stp_entered *e, unsigned long sp, unsigned int i)
{
	uint32_t set = hash_long(sp ^ (unsigned long)current, e->bits);

	return (struct stp_call *)(e->calls + (size_t)e->size * (set * WAYS + i));
}

__kprobes struct stp_call *stp_call_enter(struct stp_entered *e, unsigned long sp)
{
	struct stp_call *best = NULL;
	unsigned int i;

	raw_spin_lock(&e->lock);
	for (i = 0; i < WAYS; i++) {
		struct stp_call *c = way(e, sp, i);

		if (c->used)
			continue;
		if (!best || !c->task || (best->task && c->order < best->order))
			best = c;
		if (!c->task)
			break;
	}
	if (best) {
		e->lost |= best->task != NULL;
		best->task = current;
		best->sp = sp;
		best->order = ++e->order;
		best->used = true;
	} else {
		e->lost = true;
	}
	raw_spin_unlock(&e->lock);
	if (best)
		memset(best->saved, 0, e->size - sizeof(*best));
	return best;
}

__kprobes struct stp_call *stp_call_find(struct stp_entered *e, unsigned long sp, bool *lost)
{
	struct stp_call *best = NULL;
	unsigned int i;

	raw_spin_lock(&e->lock);
	for (i = 0; i < WAYS; i++) {
		struct stp_call *c = way(e, sp, i);

		if (c->task == current && c->sp == sp && !c->used && (!best || c->order > best->order))
			best = c;
	}
	if (best)
		best->used = true;
	*lost = e->lost;
	raw_spin_unlock(&e->lock);
	return best;
}

/* Nobody but who has it looks behind `used`. */
__kprobes void stp_call_kept(struct stp_call *c)
{
	smp_store_release(&c->used, false);
}

__kprobes void stp_call_done(struct stp_call *c)
{
	c->task = NULL;
	smp_store_release(&c->used, false);
}
