// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perf probes: a counter of the kernel's perf events for each row, on each CPU that is online when the
 * session starts or in the threads of a program (perf_task.c).  Handlers run at a counter's overflow, in interrupts or
 * NMIs, with the registers of what was interrupted.  The kernel checks type and config, and throttles what
 * comes too often.  Rows with a name have no overflows: they are read.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/slab.h>
#include "core/core.h"
#include "core/hit.h"
#include "family/perf.h"

#ifdef CONFIG_PERF_EVENTS
static struct perf_event **perf_events;	/* rows times nr_cpu_ids; NULL where there is none, and for programs */

static __kprobes void overflow(struct perf_event *event, struct perf_sample_data *data, struct pt_regs *regs)
{
	const struct stp_row_perf *row = event->overflow_handler_context;

	if (stp_perf_is_meant(row))
		stp_run_interrupted(row->probe, regs);
}

/* ---- making them ---- */

struct perf_event *stp_perf_create(const struct stp_row_perf *row, int cpu, struct task_struct *task,
				   enum stp_perf_begin begin)
{
	struct perf_event_attr attr = {
		.type = row->type,
		.size = sizeof(attr),
		.config = row->config,
		.pinned = 1,
		.disabled = begin != STP_PERF_NOW,
		.enable_on_exec = begin == STP_PERF_ON_EXEC,
	};

	if (row->hz) {
		attr.freq = 1;
		attr.sample_freq = row->hz;
	} else {
		attr.sample_period = row->period;
	}
	return perf_event_create_kernel_counter(&attr, cpu, task, overflow, (void *)row);
}

int stp_perf_explain(const struct stp_row_perf *row, int err, char *why, size_t size)
{
	snprintf(why, size, "probe %s registration error (rc %d)%s", row->probe->pp, err,
		 err == -ENOENT || err == -EOPNOTSUPP ? ": this machine has no such counter" : "");
	return err;
}

/* ---- reading them ---- */

/* False: it counts nothing, as others have the processor's counters. */
static __kprobes bool read_here(struct perf_event *e, int64_t *ret)
{
	if (READ_ONCE(e->state) == PERF_EVENT_STATE_ERROR)
		return false;
	if (READ_ONCE(e->oncpu) == raw_smp_processor_id())
		e->pmu->read(e);
	*ret = local64_read(&e->count);
	return true;
}

__kprobes int64_t stp_perf_count(struct stp_context *c, const char *name)
{
	bool busy = false;
	int64_t ret = 0;
	uint32_t i;

	for (i = 0; i < stp_unit.nperf; i++) {
		const struct stp_row_perf *row = &stp_unit.perf[i];
		struct perf_event *e;

		if (!row->counter || strcmp(row->counter, name))
			continue;
		e = row->exe ? stp_perf_of_current(i) : perf_events[i * nr_cpu_ids + raw_smp_processor_id()];
		if (e && read_here(e, &ret))
			return ret;
		busy |= e != NULL;
	}
	stp_error(c, busy ? "perf counter \"%s\" does not count: others have the processor's counters" :
		  "perf counter \"%s\" is not one of this thread or CPU", name);
	return 0;
}

/* ---- life ---- */

static size_t nevents(void)
{
	return (size_t)stp_unit.nperf * nr_cpu_ids;
}

static void perf_disarm(void)
{
	size_t i;

	if (!perf_events)
		return;
	stp_perf_tasks_disarm();
	for (i = 0; i < nevents(); i++)
		if (perf_events[i])
			perf_event_release_kernel(perf_events[i]);
	kvfree(perf_events);
	perf_events = NULL;
}

static int arm_event(uint32_t i, char *why, size_t size)
{
	const struct stp_row_perf *row = &stp_unit.perf[i];
	int cpu;

	if (row->exe)
		return 0;
	for_each_online_cpu(cpu) {
		struct perf_event *e = stp_perf_create(row, cpu, NULL, STP_PERF_LATER);

		if (IS_ERR(e))
			return stp_perf_explain(row, PTR_ERR(e), why, size);
		perf_events[(size_t)i * nr_cpu_ids + cpu] = e;
	}
	return 0;
}

static int perf_arm(char *why, size_t size)
{
	uint32_t i;
	int err = 0;

	if (!stp_unit.nperf)
		return 0;
	snprintf(why, size, "no memory for %u perf probes", stp_unit.nperf);
	perf_events = kvcalloc(nevents(), sizeof(perf_events[0]), GFP_KERNEL);
	if (!perf_events)
		return -ENOMEM;
	for (i = 0; !err && i < stp_unit.nperf; i++)
		err = arm_event(i, why, size);
	if (!err)
		err = stp_perf_tasks_arm(why, size);
	if (err)
		perf_disarm();
	return err;
}

static void perf_go(void)
{
	size_t i;

	for (i = 0; perf_events && i < nevents(); i++)
		if (perf_events[i])
			perf_event_enable(perf_events[i]);
	stp_perf_tasks_go();
}

/* Neither does anything to a counter that is as it should be. */
static void perf_follow(void)
{
	size_t i;

	for (i = 0; perf_events && i < nevents(); i++) {
		const struct stp_probe *p = stp_unit.perf[i / nr_cpu_ids].probe;

		if (!perf_events[i] || !p->conditional)
			continue;
		if (stp_probe_is_off(p))
			perf_event_disable(perf_events[i]);
		else
			perf_event_enable(perf_events[i]);
	}
	stp_perf_tasks_follow();
}
#else
int64_t stp_perf_count(struct stp_context *c, const char *name) { return 0; }

static int perf_arm(char *why, size_t size)
{
	return stp_family_absent(stp_unit.nperf, "perf events", why, size);
}

static void perf_go(void) { }
static void perf_follow(void) { }
static void perf_disarm(void) { }
#endif

const struct stp_family stp_family_perf = {
	.name = "perf",
	.arm = perf_arm,
	.go = perf_go,
	.follow = perf_follow,
	.disarm = perf_disarm,
};
