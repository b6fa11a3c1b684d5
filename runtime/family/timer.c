// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timer.* probes: intervals in ns on high-resolution timers, in jiffies on timer-wheel timers, and
 * profile timers that tick on each CPU, each in its own interrupt, with the registers of what was
 * interrupted.  Handlers run in interrupt context.
 *
 * Clocks of the first two start when the session runs, and anew when a condition holds again; those of
 * profile timers follow the CPUs that come and go, from arming on, and go on whatever their condition says.
 */
#include <linux/cpuhotplug.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <asm/irq_regs.h>
#include "core/core.h"
#include "core/hit.h"
#include "transport/transport.h"

/* Shorter intervals would leave the CPU to nothing but the timer. */
#define MIN_NS 10000

struct clock {
	union {
		struct hrtimer hr;
		struct timer_list wheel;
	};
	const struct stp_row_timer *row;
	u64 random;			/* state of the generator, never 0 */
	bool off;			/* it stands still: the condition does not hold */
};

static struct clock *clocks;		/* as many as rows */
static int hotplug_state = -1;		/* of profile timers; -1: none */
static bool stopping;

/* xorshift64: good enough to spread ticks, and its own, so that no kernel lock is taken. */
static s64 next_interval(struct clock *k)
{
	s64 n = k->row->interval, r = k->row->randomize;

	if (r > 0) {
		k->random ^= k->random << 13;
		k->random ^= k->random >> 7;
		k->random ^= k->random << 17;
		n += (s64)(k->random % (2 * (u64)r + 1)) - r;
	}
	return n;
}

static u64 next_ns(struct clock *k)
{
	return max_t(s64, next_interval(k), MIN_NS);
}

static unsigned long next_jiffies(struct clock *k)
{
	return max_t(s64, next_interval(k), 1);
}

static enum hrtimer_restart hr_tick(struct hrtimer *t)
{
	struct clock *k = container_of(t, struct clock, hr);

	stp_run_interrupted(k->row->probe, get_irq_regs());
	if (READ_ONCE(stopping) || READ_ONCE(k->off))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(t, ns_to_ktime(next_ns(k)));
	return HRTIMER_RESTART;
}

static void wheel_tick(struct timer_list *t)
{
	struct clock *k = container_of(t, struct clock, wheel);

	stp_run_interrupted(k->row->probe, NULL);
	if (!READ_ONCE(stopping) && !READ_ONCE(k->off))
		mod_timer(t, jiffies + next_jiffies(k));
}

/* ---- profile: one timer per CPU and row ---- */

struct profile_timer {
	struct hrtimer hr;
	const struct stp_row_timer *row;
};

static struct profile_timer __percpu **profiles;	/* as many as rows; NULL for other kinds */

static u64 profile_ns(const struct stp_row_timer *row)
{
	return row->interval > 0 ? max_t(s64, row->interval, MIN_NS) : NSEC_PER_SEC / HZ;
}

static enum hrtimer_restart profile_tick(struct hrtimer *t)
{
	struct profile_timer *p = container_of(t, struct profile_timer, hr);

	stp_run_interrupted(p->row->probe, get_irq_regs());
	hrtimer_forward_now(t, ns_to_ktime(profile_ns(p->row)));
	return HRTIMER_RESTART;
}

/* Both run on the CPU that comes or goes. */
static int profile_online(unsigned int cpu)
{
	uint32_t i;

	for (i = 0; i < stp_unit.ntimer; i++) {
		struct profile_timer *p;

		if (!profiles[i])
			continue;
		p = per_cpu_ptr(profiles[i], cpu);
		hrtimer_init(&p->hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
		p->hr.function = profile_tick;
		p->row = &stp_unit.timer[i];
		hrtimer_start(&p->hr, ns_to_ktime(profile_ns(p->row)), HRTIMER_MODE_REL_PINNED_HARD);
	}
	return 0;
}

static int profile_offline(unsigned int cpu)
{
	uint32_t i;

	for (i = 0; i < stp_unit.ntimer; i++)
		if (profiles[i])
			hrtimer_cancel(&per_cpu_ptr(profiles[i], cpu)->hr);
	return 0;
}

/* ---- arming ---- */

static void release_timers(void)
{
	uint32_t i;

	for (i = 0; profiles && i < stp_unit.ntimer; i++)
		free_percpu(profiles[i]);
	kvfree(profiles);
	kvfree(clocks);
	profiles = NULL;
	clocks = NULL;
}

static bool prepare(uint32_t i)
{
	const struct stp_row_timer *row = &stp_unit.timer[i];
	struct clock *k = &clocks[i];

	k->row = row;
	k->random = get_random_u64() | 1;
	switch (row->kind) {
	case STP_TIMER_NS:
		hrtimer_init(&k->hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
		k->hr.function = hr_tick;
		return true;
	case STP_TIMER_JIFFIES:
		timer_setup(&k->wheel, wheel_tick, 0);
		return true;
	default:
		profiles[i] = alloc_percpu(struct profile_timer);
		return profiles[i];
	}
}

static void warn_short(const struct stp_row_timer *row)
{
	char line[160];

	if (row->kind == STP_TIMER_JIFFIES || row->interval >= MIN_NS || row->interval == 0)
		return;
	snprintf(line, sizeof(line), "WARNING: %s: runs every %u ns, the shortest interval that is safe",
		 row->probe->pp, MIN_NS);
	stp_transport_oob(line);
}

static int timer_arm(char *why, size_t size)
{
	bool any_profile = false;
	uint32_t i;

	if (!stp_unit.ntimer)
		return 0;
	snprintf(why, size, "no memory for %u timers", stp_unit.ntimer);
	clocks = kvcalloc(stp_unit.ntimer, sizeof(*clocks), GFP_KERNEL);
	profiles = kvcalloc(stp_unit.ntimer, sizeof(*profiles), GFP_KERNEL);
	if (!clocks || !profiles)
		goto no_memory;
	for (i = 0; i < stp_unit.ntimer; i++) {
		if (!prepare(i))
			goto no_memory;
		if (profiles[i])
			any_profile = true;
		warn_short(&stp_unit.timer[i]);
	}
	WRITE_ONCE(stopping, false);
	if (any_profile) {
		hotplug_state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "stap:timer", profile_online,
						  profile_offline);
		if (hotplug_state < 0) {
			int err = hotplug_state;

			snprintf(why, size, "profile timers cannot be started (rc %d)", err);
			release_timers();
			return err;
		}
	}
	return 0;

no_memory:
	release_timers();
	return -ENOMEM;
}

static void start_clock(struct clock *k)
{
	if (k->row->kind == STP_TIMER_NS)
		hrtimer_start(&k->hr, ns_to_ktime(next_ns(k)), HRTIMER_MODE_REL_HARD);
	else if (k->row->kind == STP_TIMER_JIFFIES)
		mod_timer(&k->wheel, jiffies + next_jiffies(k));
}

static void stop_clock(struct clock *k)
{
	if (k->row->kind == STP_TIMER_NS)
		hrtimer_cancel(&k->hr);
	else if (k->row->kind == STP_TIMER_JIFFIES)
		timer_delete_sync(&k->wheel);
}

static void timer_go(void)
{
	uint32_t i;

	for (i = 0; i < stp_unit.ntimer; i++)
		start_clock(&clocks[i]);
}

static void timer_follow(void)
{
	uint32_t i;

	for (i = 0; clocks && i < stp_unit.ntimer; i++) {
		struct clock *k = &clocks[i];
		bool off = stp_probe_is_off(k->row->probe);

		if (off == k->off)
			continue;
		WRITE_ONCE(k->off, off);
		if (off)
			stop_clock(k);
		else
			start_clock(k);
	}
}

static void timer_disarm(void)
{
	uint32_t i;

	if (!clocks)
		return;
	WRITE_ONCE(stopping, true);
	for (i = 0; i < stp_unit.ntimer; i++)
		stop_clock(&clocks[i]);
	if (hotplug_state >= 0)
		cpuhp_remove_state(hotplug_state);
	hotplug_state = -1;
	release_timers();
}

const struct stp_family stp_family_timer = {
	.name = "timer",
	.arm = timer_arm,
	.go = timer_go,
	.follow = timer_follow,
	.disarm = timer_disarm,
};
