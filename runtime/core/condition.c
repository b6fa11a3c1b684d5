// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Conditions of probe points, `probe X if (on)`: a probe whose condition does not hold is disarmed, and armed again
 * when it does.
 *
 * Handlers look at their condition themselves, so nothing here decides what a hit does; it only spares the hits.
 * After a handler that wrote what conditions read, a work item asks each handler with a condition, by running it up
 * to there on this CPU's context, and lets the families follow.  It does so at most once a jiffy, however often the
 * globals change.  A handler that cannot be asked, because a lock was not to be had, is asked again later.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "core/core.h"
#include "core/hit.h"

enum answer { HOLDS_NOT, HOLDS, UNKNOWN };

static unsigned long *not_held;		/* by probe; NULL: there are no conditions */
static bool looking;			/* between start and stop */
static atomic_t dirty;			/* a look is on its way */

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look);

static void kicked(struct irq_work *work)
{
	schedule_delayed_work(&look_work, 1);
}

static DEFINE_IRQ_WORK(kick, kicked);

bool stp_probe_is_off(const struct stp_probe *p)
{
	return not_held && test_bit(p->index, not_held);
}

__kprobes void stp_changed(struct stp_context *c)
{
	if (READ_ONCE(looking) && !c->asking && !atomic_xchg(&dirty, 1))
		irq_work_queue(&kick);
}

void stp_conditions_look(void)
{
	if (READ_ONCE(looking) && !atomic_xchg(&dirty, 1))
		schedule_delayed_work(&look_work, 1);
}

/* ---- asking ---- */

/* With the context held.  An error is for a hit to report. */
static enum answer run_condition(struct stp_cpu *s, const struct stp_probe *p)
{
	struct stp_context *c = &s->c;
	bool error;

	c->probe = p;
	c->place = NULL;
	c->regs = NULL;
	c->actions = stp_unit.maxaction;
	c->run++;
	if (stp_stack_is_low(c) || !stp_lock_first(c, p, p->nlocks))
		return UNKNOWN;
	c->held = false;
	c->asking = true;
	p->handler(c);
	c->asking = false;
	stp_unlock_first(c, p, p->nlocks);
	error = c->error != NULL;
	c->aborted = error;		/* and nothing is told of it */
	stp_finish(c);
	return c->held || error ? HOLDS : HOLDS_NOT;
}

static enum answer ask_condition(const struct stp_probe *p)
{
	unsigned long flags;
	struct stp_cpu *s = stp_enter(p, &flags);
	enum answer a;

	if (!s)
		return UNKNOWN;
	a = run_condition(s, p);
	stp_leave(s, flags);
	return a;
}

/* All probes; those of one handler in a row are asked once.  True when any changed. */
static bool ask_conditions(bool *unknown)
{
	const struct stp_probe *last = NULL;
	enum answer a = UNKNOWN;
	bool changed = false;
	uint32_t i;

	for (i = 0; i < stp_unit.nprobes; i++) {
		const struct stp_probe *p = stp_unit.probes[i];

		if (!p->conditional)
			continue;
		if (!last || p->handler != last->handler)
			a = ask_condition(p);
		last = p;
		*unknown |= a == UNKNOWN;
		if (a == UNKNOWN || test_bit(p->index, not_held) == (a == HOLDS_NOT))
			continue;
		changed = true;
		assign_bit(p->index, not_held, a == HOLDS_NOT);
	}
	return changed;
}

static void look(struct work_struct *work)
{
	bool unknown = false;
	unsigned int i;

	if (stp_session_state() != STP_STATE_RUNNING)
		return;
	atomic_set(&dirty, 0);
	smp_mb();		/* what changes from here on is looked at again */
	if (ask_conditions(&unknown))
		for (i = 0; stp_families[i]; i++)
			if (stp_families[i]->follow)
				stp_families[i]->follow();
	if (unknown && READ_ONCE(looking) && !atomic_xchg(&dirty, 1))
		schedule_delayed_work(&look_work, HZ / 10);
}

/* ---- life ---- */

static bool any_condition(void)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nprobes; i++)
		if (stp_unit.probes[i]->conditional)
			return true;
	return false;
}

int stp_conditions_init(void)
{
	if (any_condition())
		not_held = kvcalloc(BITS_TO_LONGS(stp_unit.nprobes), sizeof(*not_held), GFP_KERNEL);
	return not_held || !any_condition() ? 0 : -ENOMEM;
}

void stp_conditions_exit(void)
{
	kvfree(not_held);
	not_held = NULL;
}

void stp_conditions_start(void)
{
	if (!not_held)
		return;
	WRITE_ONCE(looking, true);
	stp_conditions_look();
}

void stp_conditions_stop(void)
{
	if (!not_held)
		return;
	WRITE_ONCE(looking, false);
	stp_contexts_drain();		/* who saw it true is through */
	irq_work_sync(&kick);
	cancel_delayed_work_sync(&look_work);
}
