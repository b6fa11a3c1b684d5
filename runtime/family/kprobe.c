// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes on instructions and on returns of kernel functions, by kprobes and kretprobes: rows of
 * link-time addresses or symbols to armed probes, all or none, but for rows that are optional.
 *
 * Entries of functions are armed all at once by fentry.c.  Where ftrace does not agree that a row is an
 * entry, the kernel is asked about the row like about those that are none (kprobe_place.c).
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core/core.h"
#include "core/report.h"
#include "family/caller.h"
#include "family/fentry.h"
#include "family/kprobe.h"
#include "transport/transport.h"

/* Optional rows that fail are warned of one by one up to this many, then counted. */
#define MAX_WARNINGS 10
/* Probes that the kernel takes away at a time, without looking up. */
#define PART_KPROBES 256u

/* Waits for readers of RCU in between are as short as they can be.  Exported, and in no public header. */
void rcu_expedite_gp(void);
void rcu_unexpedite_gp(void);

struct stp_kprobe *stp_kprobes;
static void **batch;			/* as many, for disarming, which must not fail */
static uint32_t missed_told;

/* ---- disarming ---- */

/* Registered ones of one kind, many at a time: one wait for all of them.  MODULE NULL: of all. */
void stp_kprobe_unregister(bool is_return, bool entries_only, const char *module)
{
	uint32_t i, n = 0;

	for (i = 0; i < stp_unit.nkprobe; i++) {
		struct stp_kprobe *p = &stp_kprobes[i];

		if (!p->armed || p->row->is_return != is_return || (entries_only && !p->entry) ||
		    (module && (!p->row->module || strcmp(p->row->module, module))))
			continue;
		batch[n++] = is_return ? (void *)&p->rp : (void *)&p->rp.kp;
		p->armed = false;
	}
	for (i = 0; i < n; i += PART_KPROBES) {
		uint32_t part = min(n - i, PART_KPROBES);

		if (is_return)
			unregister_kretprobes((struct kretprobe **)batch + i, part);
		else
			unregister_kprobes((struct kprobe **)batch + i, part);
		cond_resched();
	}
}

static void unregister_all(void)
{
	uint32_t i;

	rcu_expedite_gp();
	stp_kprobe_unregister(true, false, NULL);
	stp_kprobe_unregister(false, false, NULL);
	stp_fentry_disarm();
	rcu_unexpedite_gp();
	for (i = 0; i < stp_unit.nkprobe; i++)
		kfree(stp_kprobes[i].symbol);
	kvfree(stp_kprobes);
	kvfree(batch);
	stp_kprobes = NULL;
}

/* Calls that found no free instance.  Those of one function are told with what would have helped. */
void stp_kprobe_count_missed(struct stp_kprobe *p)
{
	char line[400];

	stp_count(STP_COUNT_SKIPPED_REENTRY, p->rp.kp.nmissed);
	if (stp_reports)
		stp_report_missed(p->row->probe, STP_COUNT_SKIPPED_REENTRY, p->rp.kp.nmissed);
	p->rp.kp.nmissed = 0;
	if (!p->row->is_return || !p->rp.nmissed)
		return;
	stp_count(STP_COUNT_SKIPPED_MISSED, p->rp.nmissed);
	if (stp_reports)
		stp_report_missed(p->row->probe, STP_COUNT_SKIPPED_MISSED, p->rp.nmissed);
	if (missed_told++ < MAX_WARNINGS) {
		snprintf(line, sizeof(line), "WARNING: probe %s: %d returns were not seen: more than %d "
			 "calls at a time; try .maxactive(N) or -DKRETACTIVE=N", p->row->probe->pp,
			 p->rp.nmissed, p->rp.maxactive);
		stp_transport_oob(line);
	}
	p->rp.nmissed = 0;
}

/* ---- arming ---- */

void stp_kprobe_warn(const struct stp_row_kprobe *row, const char *why, uint32_t nth)
{
	char line[400];

	if (nth > MAX_WARNINGS)
		return;
	snprintf(line, sizeof(line), "WARNING: probe %s: %s", row->probe->pp, why);
	stp_transport_oob(line);
}

static int one_row(struct stp_kprobe *p, int (*step)(struct stp_kprobe *p, char *why, size_t size), uint32_t *failed,
		   char *why, size_t size)
{
	char reason[160];
	int err = step(p, reason, sizeof(reason));

	if (err && !p->row->optional) {
		snprintf(why, size, "probe %s: %s", p->row->probe->pp, reason);
		return err;
	}
	if (err)
		stp_kprobe_warn(p->row, reason, ++*failed);
	cond_resched();
	return 0;
}

/*
 * STEP for each row.  Failures of optional ones are counted in *failed.  Of several kprobes at one address the
 * one registered last is hit first, so the last row comes first.
 */
static int each_row(int (*step)(struct stp_kprobe *p, char *why, size_t size), uint32_t *failed, char *why,
		    size_t size)
{
	uint32_t i;
	int err = 0;

	for (i = stp_unit.nkprobe; i-- > 0 && !err; ) {
		if (fatal_signal_pending(current)) {
			snprintf(why, size, "interrupted");
			return -EINTR;
		}
		err = one_row(&stp_kprobes[i], step, failed, why, size);
	}
	return err;
}

static struct stp_fentry *list_entries(uint32_t *ret_n)
{
	struct stp_fentry *list;
	uint32_t i, n = 0;

	for (i = 0; i < stp_unit.nkprobe; i++)
		n += stp_kprobes[i].entry;
	*ret_n = n;
	list = n ? kvcalloc(n + 1, sizeof(*list), GFP_KERNEL) : NULL;
	for (i = 0, n = 0; list && i < stp_unit.nkprobe; i++) {
		struct stp_kprobe *p = &stp_kprobes[i];
		bool is_return = p->row->is_return;

		if (!p->entry)
			continue;
		list[n++] = (struct stp_fentry) {
			.ip = (unsigned long)p->rp.kp.addr,
			.probe = p->row->probe,
			.rp = is_return ? &p->rp : NULL,
			.order = i,
			.all_regs = p->row->probe->all_regs,
			.rcu = is_return || !p->row->probe->plain,
		};
	}
	return list;
}

/* Hands function entries over to fentry.c; those it does not take become kprobes if they can. */
static int arm_entries(uint32_t *failed, char *why, size_t size)
{
	struct stp_fentry *list;
	uint32_t i, n;
	int err;

	list = list_entries(&n);
	if (n == 0)
		return 0;
	if (!list) {
		snprintf(why, size, "no memory for %u function entries", n);
		return -ENOMEM;
	}
	stp_kprobe_unregister(false, true, NULL);
	err = stp_fentry_prepare(list, n, why, size);
	for (i = 0; i < n && !err; i++) {
		struct stp_kprobe *p = &stp_kprobes[list[i].order];

		if (!list[i].refused)
			continue;
		if (!p->armed)
			err = one_row(p, stp_kprobe_ask, failed, why, size);
		p->entry = false;
	}
	return err ?: stp_fentry_arm(why, size);
}

/* One line for all that wait, with the first module. */
static void tell_waiting(void)
{
	const char *first = NULL;
	uint32_t i, n = 0;
	bool others = false;
	char line[160];

	for (i = 0; i < stp_unit.nkprobe; i++) {
		const struct stp_row_kprobe *row = stp_kprobes[i].row;

		if (!stp_kprobes[i].waits || stp_module_loaded(row->module) == STP_MODULE_LOADED)
			continue;
		first = first ?: row->module;
		others |= strcmp(first, row->module) != 0;
		n++;
	}
	if (!n)
		return;
	snprintf(line, sizeof(line), "WARNING: %u probe%s will be armed when %s %s loaded", n,
		 n > 1 ? "s" : "", first, others ? "and other modules are" : "is");
	stp_transport_oob(line);
}

/*
 * Entries before the rest: ftrace copies the kernel's trampoline code for them, which must not
 * have our breakpoints in it.
 */
static int arm_all(char *why, size_t size)
{
	uint32_t failed = 0;
	char line[120];
	int err = each_row(stp_kprobe_place, &failed, why, size);

	if (!err)
		err = arm_entries(&failed, why, size);
	if (!err)
		err = each_row(stp_kprobe_enable, &failed, why, size);
	if (!err)
		tell_waiting();
	if (!err && failed > MAX_WARNINGS) {
		snprintf(line, sizeof(line), "WARNING: %u more probes could not be armed", failed - MAX_WARNINGS);
		stp_transport_oob(line);
	}
	return err;
}

static int kprobe_arm(char *why, size_t size)
{
	uint32_t i;
	int err;

	if (!stp_unit.nkprobe)
		return 0;
	stp_kprobes = kvcalloc(stp_unit.nkprobe, sizeof(*stp_kprobes), GFP_KERNEL);
	batch = kvcalloc(stp_unit.nkprobe, sizeof(*batch), GFP_KERNEL);
	if (!stp_kprobes || !batch) {
		kvfree(stp_kprobes);
		kvfree(batch);
		stp_kprobes = NULL;
		snprintf(why, size, "no memory for %u probes", stp_unit.nkprobe);
		return -ENOMEM;
	}
	for (i = 0; i < stp_unit.nkprobe; i++)
		stp_kprobes[i].row = &stp_unit.kprobe[i];
	stp_caller_init();
	err = arm_all(why, size);
	if (err)
		unregister_all();
	return err;
}

static void kprobe_disarm(void)
{
	uint32_t i;

	if (!stp_kprobes)
		return;
	for (i = 0; i < stp_unit.nkprobe; i++)
		stp_kprobe_count_missed(&stp_kprobes[i]);
	unregister_all();
}

const struct stp_family stp_family_kprobe = {
	.name = "kprobe",
	.arm = kprobe_arm,
	.follow = stp_kprobe_follow,
	.disarm = kprobe_disarm,
	.module_coming = stp_kprobe_module_coming,
	.module_going = stp_kprobe_module_going,
};
