// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perf probes: a counter of the kernel's perf perf_events for each row on each CPU that is online when the
 * session starts.  Handlers run at a counter's overflow, in interrupts or NMIs, with the registers of
 * what was interrupted.  The kernel checks type and config, and throttles what comes too often.
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

#ifdef CONFIG_PERF_EVENTS
static struct perf_event **perf_events;	/* rows times nr_cpu_ids; NULL where there is none */

static __kprobes void overflow(struct perf_event *event, struct perf_sample_data *data, struct pt_regs *regs)
{
	const struct stp_row_perf *row = event->overflow_handler_context;

	stp_run_interrupted(row->probe, regs);
}

static size_t nevents(void)
{
	return (size_t)stp_unit.nperf * nr_cpu_ids;
}

static void perf_disarm(void)
{
	size_t i;

	if (!perf_events)
		return;
	for (i = 0; i < nevents(); i++)
		if (perf_events[i])
			perf_event_release_kernel(perf_events[i]);
	kvfree(perf_events);
	perf_events = NULL;
}

static int arm_event(uint32_t i, char *why, size_t size)
{
	const struct stp_row_perf *row = &stp_unit.perf[i];
	struct perf_event_attr attr = {
		.type = row->type,
		.size = sizeof(attr),
		.config = row->config,
		.pinned = 1,
		.disabled = 1,
	};
	int cpu;

	if (row->hz) {
		attr.freq = 1;
		attr.sample_freq = row->hz;
	} else {
		attr.sample_period = row->period;
	}
	for_each_online_cpu(cpu) {
		struct perf_event *e = perf_event_create_kernel_counter(&attr, cpu, NULL, overflow, (void *)row);

		if (IS_ERR(e)) {
			int err = PTR_ERR(e);

			snprintf(why, size, "probe %s registration error (rc %d)%s", row->probe->pp, err,
				 err == -ENOENT || err == -EOPNOTSUPP ? ": this machine has no such counter" : "");
			return err;
		}
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
}
#else
static int perf_arm(char *why, size_t size)
{
	if (!stp_unit.nperf)
		return 0;
	snprintf(why, size, "this kernel has no perf perf_events");
	return -ENOSYS;
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
