// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes at patchable function entries, and the entries of return probes: all of them under one
 * ftrace_ops, or two, one for those whose handlers want more registers than what carries arguments.
 * Kprobes there ride ftrace too, but each is armed by a walk over all patchable places of the kernel, so
 * thousands take minutes; here it is one walk, and the hit costs less.  That the addresses may be
 * probed at all is for the kprobe family to know; those that are no entries are found out here.
 *
 * A return probe is registered as a kretprobe that is disabled: then kprobes neither patch nor call
 * anything, and what they would do at the entry, which is to take an instance and to change the return
 * address, is done at the hit (rethook.h).
 *
 * This file arms, changes and disarms; what comes before is in fentry_order.c and fentry_filter.c, hits are in
 * fentry_hit.c.
 */
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "core/core.h"
#include "family/fentry_set.h"
#include "family/rethook.h"
#include "transport/transport.h"

#ifdef STP_HAVE_FENTRY

struct stp_fentry *stp_fentries;
uint32_t stp_nfentries;

/* PERMANENT: kernel.ftrace_enabled cannot be switched off under us. */
static struct stp_fentry_set sets[] = {
	{ .ops = { .func = stp_fentry_hit, .flags = FTRACE_OPS_FL_PERMANENT } },
	{ .ops = { .func = stp_fentry_hit, .flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_PERMANENT },
	  .all_regs = true },
};

static void release_entries(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++)
		ftrace_free_filter(&sets[i].ops);
	stp_fentry_unhash();
	kvfree(stp_fentries);
	stp_fentries = NULL;
	stp_nfentries = 0;
}

static int fentry_failed(int err, char *why, size_t size)
{
	if (err == -EINTR)
		snprintf(why, size, "interrupted");
	else if (err == -EBUSY)
		snprintf(why, size, "ftrace is switched off: sysctl kernel.ftrace_enabled=1 (rc %d)", err);
	else
		snprintf(why, size, "%u function entries cannot be armed through ftrace (rc %d)", stp_nfentries, err);
	stp_fentry_disarm();
	return err;
}

static void learn_returns(void)
{
	uint32_t i;

	for (i = 0; i < stp_nfentries && !stp_fentries[i].rp; i++)
		;
	if (i < stp_nfentries)
		stp_rethook_learn(stp_fentries[i].rp);
}

int stp_fentry_prepare(struct stp_fentry *list, uint32_t n, char *why, size_t size)
{
	unsigned int i;
	int err;

	stp_fentries = list;
	stp_nfentries = n;
	learn_returns();
	stp_fentry_sort();
	err = stp_fentry_hash();
	for (i = 0; i < ARRAY_SIZE(sets) && !err; i++)
		err = stp_fentry_fill(&sets[i]);
	return err ? fentry_failed(err, why, size) : 0;
}

/* ---- sets that grow and shrink ---- */

/*
 * Addresses that the kernel rewrites at a time, without looking up: 35,000 at once take an emulated processor
 * so long that the kernel's watchdog calls it lost.
 */
#define PART 2048u

static int change_filter(struct stp_fentry_set *set, unsigned long *ips, uint32_t n, bool remove)
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
static int grow_set(struct stp_fentry_set *set, unsigned long *ips, uint32_t n)
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
static void shrink_set(struct stp_fentry_set *set, unsigned long *ips, uint32_t n, bool all)
{
	if (ips)
		change_filter(set, ips, all ? n - min(n, PART) : n, true);
	if (!all)
		return;
	/* Waits until nobody is in stp_fentry_hit() or in the trampoline to it. */
	unregister_ftrace_function(&set->ops);
	set->registered = false;
}

/* Addresses that SET is hit at. */
static uint32_t list_set(const struct stp_fentry_set *set, unsigned long *ips)
{
	uint32_t i, n = 0;

	for (i = 0; i < stp_nfentries; i++) {
		const struct stp_fentry *e = &stp_fentries[i];

		if (stp_fentry_is_first(i) && !e->gone && !e->refused && !e->off && e->all_regs == set->all_regs)
			ips[n++] = e->ip;
	}
	return n;
}

static int arm_sets(void)
{
	unsigned long *ips = kvmalloc_array(stp_nfentries, sizeof(*ips), GFP_KERNEL);
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

static void filter_less(struct stp_fentry_set *set, unsigned long *ips, uint32_t n)
{
	if (!set->registered || !n)
		return;
	set->n -= n;
	shrink_set(set, ips, n, !set->n || !ips);
}

static void filter_more(struct stp_fentry_set *set, unsigned long *ips, uint32_t n)
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

	if (!stp_fentries)
		return;
	ips = kvmalloc_array(stp_nfentries, sizeof(*ips), GFP_KERNEL);
	for (k = 0; k < ARRAY_SIZE(sets); k++) {
		for (i = 0, n = 0; i < stp_nfentries; i++) {
			struct stp_fentry *e = &stp_fentries[i];

			if (!stp_fentry_is_first(i) || e->gone || e->refused || e->all_regs != sets[k].all_regs)
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
		if (!stp_probe_is_off(stp_fentries[i].probe))
			return false;
	while (!stp_fentry_is_first(++i));
	return true;
}

/* First addresses of SET that are to change to OFF. */
static uint32_t list_changed(const struct stp_fentry_set *set, bool off, unsigned long *ips)
{
	uint32_t i, n = 0;

	for (i = 0; i < stp_nfentries; i++) {
		struct stp_fentry *e = &stp_fentries[i];

		if (!stp_fentry_is_first(i) || e->gone || e->refused || e->all_regs != set->all_regs || e->off == off ||
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

	if (!stp_fentries)
		return;
	ips = kvmalloc_array(stp_nfentries, sizeof(*ips), GFP_KERNEL);
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

	if (!stp_fentries)
		return;
	ips = kvmalloc_array(stp_nfentries, sizeof(*ips), GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(sets); i++)
		if (sets[i].registered)
			shrink_set(&sets[i], ips, ips ? list_set(&sets[i], ips) : 0, true);
	kvfree(ips);
	release_entries();
}

#endif
