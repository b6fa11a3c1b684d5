// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happened at each probe, for stap -t and --keep-going: hits and their cycles, what was skipped and why, errors,
 * strings cut, records lost.  Scripts without these options have no tallies, and stp_reports is false.
 *
 * A CPU writes its own tallies, from one handler at a time; a hit inside a handler, even of NMI, adds to
 * `skipped` of its probe alone, by one instruction.  Handlers that may sleep, and what is counted outside of handlers,
 * have a set of their own.  Nothing is allocated but at load.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include "core/report.h"

struct tallies {
	struct stp_tally *now;		/* of the handler that runs */
	struct stp_tally of[];		/* by index of the probe */
};

bool stp_reports;
static struct tallies **tally_sets;		/* by CPU, the last one for handlers that may sleep */
static bool *off;			/* by index of the probe: it was too costly */

int stp_report_init(void)
{
	size_t size = sizeof(struct tallies) + (size_t)stp_unit.nprobes * sizeof(struct stp_tally);
	unsigned int i;

	if (!stp_unit.timing && !stp_unit.keep_going)
		return 0;
	tally_sets = kcalloc(nr_cpu_ids + 1, sizeof(*tally_sets), GFP_KERNEL);
	off = kvcalloc(stp_unit.nprobes + 1, sizeof(*off), GFP_KERNEL);
	for (i = 0; tally_sets && off && i <= nr_cpu_ids; i++) {
		if (i < nr_cpu_ids && !cpu_possible(i))
			continue;
		tally_sets[i] = kvzalloc_node(size, GFP_KERNEL, i < nr_cpu_ids ? cpu_to_node(i) : NUMA_NO_NODE);
		if (!tally_sets[i])
			break;
	}
	if (!tally_sets || !off || i <= nr_cpu_ids) {
		stp_report_exit();
		return -ENOMEM;
	}
	stp_reports = true;
	return 0;
}

void stp_report_exit(void)
{
	unsigned int i;

	stp_reports = false;
	for (i = 0; tally_sets && i <= nr_cpu_ids; i++)
		kvfree(tally_sets[i]);
	kfree(tally_sets);
	kvfree(off);
	tally_sets = NULL;
	off = NULL;
}

static nokprobe_inline struct tallies *set_of(bool may_sleep)
{
	return tally_sets[may_sleep ? nr_cpu_ids : raw_smp_processor_id()];
}

__kprobes void stp_report_skipped(const struct stp_probe *p, enum stp_counter why)
{
	set_of(false)->of[p->index].skipped[why]++;
}

void stp_report_missed(const struct stp_probe *p, enum stp_counter why, u64 n)
{
	set_of(true)->of[p->index].skipped[why] += n;
}

__kprobes bool stp_report_enter(const struct stp_probe *p, bool may_sleep)
{
	struct tallies *s = set_of(may_sleep);

	if (unlikely(off[p->index])) {
		s->of[p->index].off++;
		return false;
	}
	s->now = &s->of[p->index];
	return true;
}

__kprobes void stp_report_leave(bool may_sleep, bool ran, bool failed, u64 cycles)
{
	struct tallies *s = set_of(may_sleep);
	struct stp_tally *t = s->now;

	s->now = NULL;
	if (!t || !ran)
		return;
	t->errors += failed;
	if (!t->hits++ || cycles < t->least)
		t->least = cycles;
	if (cycles > t->most)
		t->most = cycles;
	t->cycles += cycles;
}

static nokprobe_inline struct stp_tally *tally_now(void)
{
	return set_of(true)->now ?: set_of(false)->now;
}

__kprobes void stp_report_lost(void)
{
	struct stp_tally *t = tally_now();

	if (t)
		t->lost++;
}

/* Called by data/string.c. */
__kprobes void stp_text_was_cut(void)
{
	struct stp_tally *t = stp_reports ? tally_now() : NULL;

	if (t)
		t->cut++;
}

__kprobes void stp_report_overload(void)
{
	const struct tallies *s = set_of(false);
	u32 i, worst = stp_unit.nprobes;

	for (i = 0; i < stp_unit.nprobes; i++)
		if (!off[i] && s->of[i].hits && (worst == stp_unit.nprobes || s->of[i].cycles > s->of[worst].cycles))
			worst = i;
	if (worst < stp_unit.nprobes)
		WRITE_ONCE(off[worst], true);
}

static void add(struct stp_tally *sum, const struct stp_tally *t)
{
	int i;

	if (t->hits && (!sum->hits || t->least < sum->least))
		sum->least = t->least;
	sum->most = max(sum->most, t->most);
	sum->hits += t->hits;
	sum->cycles += t->cycles;
	sum->errors += t->errors;
	sum->cut += t->cut;
	sum->lost += t->lost;
	sum->off += t->off;
	for (i = 0; i < STP_NCOUNTERS; i++)
		sum->skipped[i] += t->skipped[i];
}

bool stp_report_tally(u32 index, struct stp_tally *ret, bool *ret_off)
{
	unsigned int i;

	memset(ret, 0, sizeof(*ret));
	if (!stp_reports || index >= stp_unit.nprobes)
		return false;
	for (i = 0; i <= nr_cpu_ids; i++)
		if (tally_sets[i])
			add(ret, &tally_sets[i]->of[index]);
	*ret_off = off[index];
	return true;
}
