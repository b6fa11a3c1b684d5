// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes at patchable function entries, and the entries of return probes: all of them under one
 * ftrace_ops, or two, one for those whose handlers want more registers than what carries arguments.
 * Kprobes there ride ftrace too, but each is armed by a walk over all patchable places of the kernel, so
 * thousands take minutes; here it is one walk, and the hit costs less.  That the addresses may be
 * probed at all is for the kprobe family to know; those that are no entries are found out here.
 *
 * ftrace's own guards are not asked for: what a handler calls is kept from running handlers, and
 * counted, by the CPU's context, which is held before anything is called that could be traced; and RCU
 * is asked for here, but for handlers that do nothing that would need it.  Not called where RCU does
 * not watch otherwise.
 *
 * A return probe is registered as a kretprobe that is disabled: then kprobes neither patch nor call
 * anything, and what they would do at the entry, which is to take an instance and to change the return
 * address, is done here (rethook.h).
 */
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "core/core.h"
#include "core/hit.h"
#include "family/fentry.h"
#include "family/rethook.h"
#include "transport/transport.h"

#ifdef STP_HAVE_FENTRY

static struct stp_fentry *entries;	/* sorted by compare_entries(); an ip of 0 ends it */
static uint32_t nentries;

/* A hash table of addresses, with one free slot at least. */
struct slot {
	unsigned long ip;		/* 0: free */
	const struct stp_fentry *first;	/* entry there */
};
static struct slot *slots;
static unsigned long slot_mask;

/* ---- hits ---- */

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

#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
/* Those that carry arguments, the stack pointer and the frame pointer are there without SAVE_REGS too. */
#define HAVE_ARGUMENTS
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
static __kprobes void hit_entries(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
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

/* ---- the two sets.  PERMANENT: kernel.ftrace_enabled cannot be switched off under us. ---- */

struct set {
	struct ftrace_ops ops;
	bool all_regs;
	uint32_t n;			/* entries that ftrace took */
	bool registered;
};

static struct set sets[] = {
	{ .ops = { .func = hit_entries, .flags = FTRACE_OPS_FL_PERMANENT } },
	{ .ops = { .func = hit_entries, .flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_PERMANENT },
	  .all_regs = true },
};

/* A return probe that runs nothing at the entry. */
static bool is_quiet(const struct stp_fentry *e)
{
	return e->rp && !e->rp->entry_handler;
}

/* The quiet ones of an address come last: nobody sees their order. */
static int compare_entries(const void *a, const void *b)
{
	const struct stp_fentry *x = a, *y = b;

	if (x->ip != y->ip)
		return x->ip < y->ip ? -1 : 1;
	if (is_quiet(x) != is_quiet(y))
		return is_quiet(x) ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool is_first(uint32_t i)
{
	return !i || entries[i].ip != entries[i - 1].ip;
}

/* Of the first one of an address. */
static enum stp_fentry_way way_of(uint32_t i)
{
	const struct stp_fentry *e = &entries[i];
	uint32_t n = 1;

	while (!is_first(i + n))
		n++;
	if (n == 1 && !e->rp)
		return STP_FENTRY_ONE;
	if (n == 1 && is_quiet(e))
		return STP_FENTRY_RETURN;
	return n == 2 && !e->rp && is_quiet(e + 1) ? STP_FENTRY_BOTH : STP_FENTRY_SEVERAL;
}

/* One address is in one set, or its handlers would not run in order. */
static void share_sets(void)
{
	uint32_t i, first = 0;

	for (i = 0; i < nentries; i++) {
		if (is_first(i))
			first = i;
#ifndef HAVE_ARGUMENTS
		entries[i].all_regs = true;
#endif
		entries[first].all_regs |= entries[i].all_regs;
		entries[first].rcu |= entries[i].rcu;
	}
	for (i = 0; i < nentries; i++)
		if (is_first(i))
			entries[i].way = way_of(i);
		else
			entries[i].all_regs = entries[i - 1].all_regs;
}

static int hash_entries(void)
{
	struct slot *s;
	uint32_t i;

	slot_mask = (2ul << order_base_2(nentries)) - 1;
	slots = kvcalloc(slot_mask + 1, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < nentries; i++) {
		if (!is_first(i))
			continue;
		for (s = first_slot(entries[i].ip); s->ip; s = next_slot(s))
			;
		*s = (struct slot){ .ip = entries[i].ip, .first = &entries[i] };
	}
	return 0;
}

#ifdef CONFIG_X86_64
/* The call of ftrace is the first instruction, or behind endbr64 or what is left of one (asm/ibt.h). */
unsigned long stp_fentry_ip(unsigned long addr)
{
	enum { ENDBR64 = 0xfa1e0ff3, POISON = 0x001f0f66 };
	uint64_t word;

	if (stp_try_load(addr, 4, false, &word) && (word == ENDBR64 || word == POISON))
		return addr + 4;
	return addr;
}

/* The call itself, or the five-byte NOP in its place. */
bool stp_fentry_is_call(unsigned long addr)
{
	static const u8 nop[5] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	u8 code[5];

	return stp_try_copy(code, stp_fentry_ip(addr), sizeof(code), false) &&
	       (code[0] == 0xe8 || !memcmp(code, nop, sizeof(nop)));
}
#else
unsigned long stp_fentry_ip(unsigned long addr) { return 0; }
bool stp_fentry_is_call(unsigned long addr) { return false; }
#endif

/* ---- what ftrace takes ---- */

/* With so many addresses that ftrace does not know there is no point in looking for them one by one. */
enum { MAX_CALLS = 4096 };

struct filter {
	struct set *set;
	unsigned long *ips;
	uint32_t *first;		/* index of the first entry of each */
	uint32_t n, calls;
};

static void refuse_entry(const struct filter *f, uint32_t i)
{
	uint32_t k = f->first[i];

	do
		entries[k++].refused = true;
	while (k < nentries && !is_first(k));
}

/* Those from FROM to END.  One wrong address makes ftrace refuse all of a call, so then it is both halves. */
static int add_filter(struct filter *f, uint32_t from, uint32_t end)
{
	uint32_t middle = from + (end - from) / 2;
	int err = -EINVAL;

	if (++f->calls <= MAX_CALLS && !fatal_signal_pending(current))
		err = ftrace_set_filter_ips(&f->set->ops, f->ips + from, end - from, 0, 0);
	cond_resched();
	if (!err)
		f->set->n += end - from;
	if (err != -EINVAL)
		return err;
	if (end - from > 1 && f->calls <= MAX_CALLS && !fatal_signal_pending(current))
		return add_filter(f, from, middle) ?: add_filter(f, middle, end);
	for (; from < end; from++)
		refuse_entry(f, from);
	return 0;
}

static int set_filter(struct set *set)
{
	struct filter f = { .set = set };
	uint32_t i;
	int err = -ENOMEM;

	set->n = 0;
	f.ips = kvmalloc_array(nentries, sizeof(*f.ips), GFP_KERNEL);
	f.first = kvmalloc_array(nentries, sizeof(*f.first), GFP_KERNEL);
	for (i = 0; f.ips && f.first && i < nentries; i++)
		if (is_first(i) && entries[i].all_regs == set->all_regs) {
			f.first[f.n] = i;
			f.ips[f.n++] = entries[i].ip;
		}
	if (f.ips && f.first)
		err = f.n ? add_filter(&f, 0, f.n) : 0;
	kvfree(f.ips);
	kvfree(f.first);
	return err;
}

/* ---- arming ---- */

static void release_entries(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++)
		ftrace_free_filter(&sets[i].ops);
	kvfree(slots);
	kvfree(entries);
	slots = NULL;
	entries = NULL;
	nentries = 0;
}

static int fentry_failed(int err, char *why, size_t size)
{
	if (err == -EINTR)
		snprintf(why, size, "interrupted");
	else if (err == -EBUSY)
		snprintf(why, size, "ftrace is switched off: sysctl kernel.ftrace_enabled=1 (rc %d)", err);
	else
		snprintf(why, size, "%u function entries cannot be armed through ftrace (rc %d)", nentries, err);
	stp_fentry_disarm();
	return err;
}

static void learn_returns(void)
{
	uint32_t i;

	for (i = 0; i < nentries && !entries[i].rp; i++)
		;
	if (i < nentries)
		stp_rethook_learn(entries[i].rp);
}

int stp_fentry_prepare(struct stp_fentry *list, uint32_t n, char *why, size_t size)
{
	unsigned int i;
	int err;

	entries = list;
	nentries = n;
	learn_returns();
	sort(entries, nentries, sizeof(*entries), compare_entries, NULL);
	share_sets();
	err = hash_entries();
	for (i = 0; i < ARRAY_SIZE(sets) && !err; i++)
		err = set_filter(&sets[i]);
	return err ? fentry_failed(err, why, size) : 0;
}

/* ---- sets that grow and shrink ---- */

/*
 * Addresses that the kernel rewrites at a time, without looking up: 35,000 at once take an emulated processor
 * so long that the kernel's watchdog calls it lost.
 */
#define PART 2048u

static int change_filter(struct set *set, unsigned long *ips, uint32_t n, bool remove)
{
	uint32_t at;
	int err = 0;

	for (at = 0; at < n && !err; at += PART) {
		if (!remove && fatal_signal_pending(current))
			return -EINTR;
		err = ftrace_set_filter_ips(&set->ops, ips + at, min(n - at, PART), remove, 0);
		cond_resched();
	}
	return err;
}

/* A set that is not registered has an old filter, or a whole one. */
static int grow_set(struct set *set, unsigned long *ips, uint32_t n)
{
	uint32_t first = set->registered ? 0 : min(n, PART);
	int err = 0;

	if (first) {
		err = ftrace_set_filter_ips(&set->ops, ips, first, 0, 1);
		if (!err)
			err = register_ftrace_function(&set->ops);
		set->registered = !err;
	}
	return err ?: change_filter(set, ips + first, n - first, false);
}

/* ALL: nothing else is in it.  An empty filter would mean all functions there are. */
static void shrink_set(struct set *set, unsigned long *ips, uint32_t n, bool all)
{
	if (ips)
		change_filter(set, ips, all ? n - min(n, PART) : n, true);
	if (!all)
		return;
	/* Waits until nobody is in hit_entries() or in the trampoline to it. */
	unregister_ftrace_function(&set->ops);
	set->registered = false;
}

/* Addresses that SET is hit at. */
static uint32_t list_set(const struct set *set, unsigned long *ips)
{
	uint32_t i, n = 0;

	for (i = 0; i < nentries; i++) {
		const struct stp_fentry *e = &entries[i];

		if (is_first(i) && !e->gone && !e->refused && !e->off && e->all_regs == set->all_regs)
			ips[n++] = e->ip;
	}
	return n;
}

static int arm_sets(void)
{
	unsigned long *ips = kvmalloc_array(nentries, sizeof(*ips), GFP_KERNEL);
	unsigned int i;
	int err = ips ? 0 : -ENOMEM;

	for (i = 0; i < ARRAY_SIZE(sets) && !err; i++)
		err = grow_set(&sets[i], ips, list_set(&sets[i], ips));
	kvfree(ips);
	return err;
}

int stp_fentry_arm(char *why, size_t size)
{
	int err = arm_sets();

	return err ? fentry_failed(err, why, size) : 0;
}

static void filter_less(struct set *set, unsigned long *ips, uint32_t n)
{
	if (!set->registered || !n)
		return;
	set->n -= n;
	shrink_set(set, ips, n, !set->n || !ips);
}

static void filter_more(struct set *set, unsigned long *ips, uint32_t n)
{
	char line[120];
	int err = grow_set(set, ips, n);

	if (err) {
		snprintf(line, sizeof(line), "WARNING: %u function entries could not be armed again (rc %d)", n, err);
		stp_transport_oob(line);
		return;
	}
	set->n += n;
}

void stp_fentry_forget(bool (*gone)(unsigned long ip, void *data), void *data)
{
	unsigned long *ips;
	uint32_t i, k, n;

	if (!entries)
		return;
	ips = kvmalloc_array(nentries, sizeof(*ips), GFP_KERNEL);
	for (k = 0; k < ARRAY_SIZE(sets); k++) {
		for (i = 0, n = 0; i < nentries; i++) {
			struct stp_fentry *e = &entries[i];

			if (!is_first(i) || e->gone || e->refused || e->all_regs != sets[k].all_regs)
				continue;
			e->gone = gone(e->ip, data);
			if (!e->gone || e->off)
				continue;
			if (ips)
				ips[n] = e->ip;
			n++;
		}
		filter_less(&sets[k], ips, n);
	}
	kvfree(ips);
	synchronize_rcu();		/* hits run with interrupts off */
}

/* ---- conditions ---- */

static bool all_off(uint32_t i)
{
	do
		if (!stp_probe_is_off(entries[i].probe))
			return false;
	while (!is_first(++i));
	return true;
}

/* First addresses of SET that are to change to OFF. */
static uint32_t list_changed(const struct set *set, bool off, unsigned long *ips)
{
	uint32_t i, n = 0;

	for (i = 0; i < nentries; i++) {
		struct stp_fentry *e = &entries[i];

		if (!is_first(i) || e->gone || e->refused || e->all_regs != set->all_regs || e->off == off ||
		    all_off(i) != off)
			continue;
		e->off = off;
		ips[n++] = e->ip;
	}
	return n;
}

void stp_fentry_follow(void)
{
	unsigned long *ips;
	unsigned int k;

	if (!entries)
		return;
	ips = kvmalloc_array(nentries, sizeof(*ips), GFP_KERNEL);
	for (k = 0; ips && k < ARRAY_SIZE(sets); k++) {
		filter_more(&sets[k], ips, list_changed(&sets[k], false, ips));
		filter_less(&sets[k], ips, list_changed(&sets[k], true, ips));
	}
	kvfree(ips);
}

void stp_fentry_disarm(void)
{
	unsigned long *ips;
	unsigned int i;

	if (!entries)
		return;
	ips = kvmalloc_array(nentries, sizeof(*ips), GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(sets); i++)
		if (sets[i].registered)
			shrink_set(&sets[i], ips, ips ? list_set(&sets[i], ips) : 0, true);
	kvfree(ips);
	release_entries();
}

#endif
