// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hits of function entries: from the address, by a table, to the handlers there.
 *
 * ftrace's own guards are not asked for: what a handler calls is kept from running handlers, and
 * counted, by the CPU's context, which is held before anything is called that could be traced; and RCU
 * is asked for here, but for handlers that do nothing that would need it.  Not called where RCU does
 * not watch otherwise.
 */
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "core/core.h"
#include "core/hit.h"
#include "family/fentry_set.h"
#include "family/rethook.h"

#ifdef STP_HAVE_FENTRY

/* A hash table of addresses, with one free slot at least. */
struct slot {
	unsigned long ip;		/* 0: free */
	const struct stp_fentry *first;	/* entry there */
};
static struct slot *slots;
static unsigned long slot_mask;

/* Functions begin at multiples of 16. */
static nokprobe_inline struct slot *first_slot(unsigned long ip)
{
	return &slots[ip / 16 & slot_mask];
}

static nokprobe_inline struct slot *next_slot(struct slot *s)
{
	return s == &slots[slot_mask] ? slots : s + 1;
}

/* The first entry at IP; ftrace calls us for no other address. */
static nokprobe_inline const struct stp_fentry *find_entries(unsigned long ip)
{
	struct slot *s = first_slot(ip);

	while (unlikely(s->ip != ip)) {
		if (!s->ip)
			return NULL;
		s = next_slot(s);
	}
	return s->first;
}

#ifdef STP_FENTRY_ARGUMENTS
static nokprobe_inline struct pt_regs *regs_of(struct ftrace_regs *fregs)
{
#ifdef arch_ftrace_regs
	return &arch_ftrace_regs(fregs)->regs;
#else
	return &fregs->regs;
#endif
}
#else
static nokprobe_inline struct pt_regs *regs_of(struct ftrace_regs *fregs)
{
	return ftrace_get_regs(fregs);
}
#endif

/* As it was at the entry, where nothing has run yet. */
static nokprobe_inline void run_at(struct stp_cpu *s, const struct stp_probe *probe, struct pt_regs *regs)
{
	s->c.regs = (struct stp_regs *)regs;
	stp_run_inline(s, probe);
}

/* All there is at an address. */
static noinline __kprobes void hit_all(const struct stp_fentry *e, unsigned long ip, struct pt_regs *regs)
{
	unsigned long flags, old_ip = instruction_pointer(regs);
	struct stp_cpu *s = stp_enter(e->probe, &flags);

	if (!s)
		return;
	instruction_pointer_set(regs, ip);
	do {
		if (e->rp)
			stp_rethook_enter(e->rp, regs);
		else
			run_at(s, e->probe, regs);
		e++;
	} while (e->ip == ip && stp_session_state() == STP_STATE_RUNNING);
	instruction_pointer_set(regs, old_ip);
	stp_leave(s, flags);
}

static nokprobe_inline void run_return_entry(const struct stp_fentry *e, struct pt_regs *regs)
{
	if (stp_session_state() != STP_STATE_RUNNING)
		return;
	preempt_disable_notrace();
	stp_rethook_enter(e->rp, regs);
	preempt_enable_notrace();
}

static noinline __kprobes void hit_one(const struct stp_fentry *e, unsigned long ip, struct pt_regs *regs)
{
	unsigned long flags, old_ip;
	struct stp_cpu *s = stp_enter(e->probe, &flags);

	if (!s)
		return;
	old_ip = instruction_pointer(regs);
	instruction_pointer_set(regs, ip);
	run_at(s, e->probe, regs);
	instruction_pointer_set(regs, old_ip);
	stp_leave(s, flags);
}

static noinline __kprobes void hit_return_entry(const struct stp_fentry *e, struct pt_regs *regs)
{
	run_return_entry(e, regs);
}

static noinline __kprobes void hit_both(const struct stp_fentry *e, unsigned long ip, struct pt_regs *regs)
{
	run_return_entry(e + 1, regs);
	hit_one(e, ip, regs);
}

static nokprobe_inline void hit_at(const struct stp_fentry *e, unsigned long ip, struct pt_regs *regs)
{
	if (likely(e->way == STP_FENTRY_ONE))
		hit_one(e, ip, regs);
	else if (e->way == STP_FENTRY_RETURN)
		hit_return_entry(e, regs);
	else if (e->way == STP_FENTRY_BOTH)
		hit_both(e, ip, regs);
	else
		hit_all(e, ip, regs);
}

/*
 * The kernel's code is traced only where RCU watches, but in idle tasks (and those of processors that come and go
 * are idle tasks).
 */
static noinline __kprobes void hit_in_idle(const struct stp_fentry *e, unsigned long ip, struct pt_regs *regs)
{
	if (rcu_is_watching())
		hit_at(e, ip, regs);
}

/* Saves no register: what it does last is a jump. */
__kprobes void stp_fentry_hit(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			      struct ftrace_regs *fregs)
{
	const struct stp_fentry *e = find_entries(ip);

	if (unlikely(!e))
		return;
	if (e->rcu && unlikely(is_idle_task(current)))
		hit_in_idle(e, ip, regs_of(fregs));
	else
		hit_at(e, ip, regs_of(fregs));
}

/* ---- the table ---- */

int stp_fentry_hash(void)
{
	struct slot *s;
	uint32_t i;

	slot_mask = (2ul << order_base_2(stp_nfentries)) - 1;
	slots = kvcalloc(slot_mask + 1, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < stp_nfentries; i++) {
		if (!stp_fentry_is_first(i))
			continue;
		for (s = first_slot(stp_fentries[i].ip); s->ip; s = next_slot(s))
			;
		*s = (struct slot){ .ip = stp_fentries[i].ip, .first = &stp_fentries[i] };
	}
	return 0;
}

void stp_fentry_unhash(void)
{
	kvfree(slots);
	slots = NULL;
}

#endif
