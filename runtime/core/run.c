// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Contexts of CPUs, and what a hit goes through seldom (core/hit.h has the rest): waiting for locks of
 * globals, hits that have to be skipped, errors, output, overload.  A hit that cannot run is skipped and
 * counted, never delayed for long.
 *
 * May be called in any context, NMI included.  Everything here is outside the reach of kprobes and
 * of ftrace; it must not allocate, sleep, take a kernel lock or call printk.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/slab.h>
#include "core/core.h"
#include "core/hit.h"
#include "core/report.h"
#include "core/state.h"
#include "transport/transport.h"

/*
 * Waiting for a lock of a global: its holder runs with interrupts off and waits for nobody who could
 * wait for us, so this ends; but the holder's CPU may be a virtual one that its host does not run
 * at the moment.  Begin and end probes, and all others on virtual CPUs, wait so many times longer.
 * MOST_PATIENCE is where a watchdog of the kernel would begin to care.
 */
#define SLEEPING_PATIENCE 100
#define VIRTUAL_PATIENCE 100
#define MOST_PATIENCE USEC_PER_SEC

struct stp_cpu __percpu *stp_cpus;
unsigned long stp_stack_least;
uint32_t stp_gates ____cacheline_aligned_in_smp;
static struct stp_context sleeping_context;
static atomic64_t counters[STP_NCOUNTERS];
static bool virtual_cpus;

/* ---- life ---- */

static size_t stack_size(void)
{
	return ((size_t)stp_unit.maxnesting + 2) * ALIGN(stp_unit.frame_size, 8);
}

/* Zeroed, so every page has been touched; one byte at least, so that no stack is an error. */
static char *stack_alloc(int node)
{
	return kvzalloc_node(stack_size() + 8, GFP_KERNEL, node);
}

static int check_limits(void)
{
	if (stp_unit.maxstringlen < STP_STRING_MIN || stp_unit.maxstringlen > STP_STRING_MAX) {
		pr_err("%s: MAXSTRINGLEN %u is not within %u to %u\n", KBUILD_MODNAME, stp_unit.maxstringlen,
		       STP_STRING_MIN, STP_STRING_MAX);
		return -EINVAL;
	}
	if (stack_size() > 64u << 20) {
		pr_err("%s: MAXNESTING %u needs more than 64 MB per CPU: make it or MAXSTRINGLEN smaller\n",
		       KBUILD_MODNAME, stp_unit.maxnesting);
		return -E2BIG;
	}
	return 0;
}

static bool give_memory(struct stp_context *c, int node)
{
	c->stack = c->sp = stack_alloc(node);
	c->limit = c->stack + stack_size();
	return c->stack;
}

static void take_memory(struct stp_context *c)
{
	kvfree(c->stack);
	c->stack = NULL;
}

int stp_contexts_init(void)
{
	int cpu, err = check_limits();

	if (err)
		return err;
#ifdef X86_FEATURE_HYPERVISOR
	virtual_cpus = boot_cpu_has(X86_FEATURE_HYPERVISOR);
#endif
	stp_stack_least = max_t(unsigned long, stp_unit.minstackspace, STP_STACK_NEED);
	stp_cpus = alloc_percpu(struct stp_cpu);
	if (!stp_cpus || !give_memory(&sleeping_context, NUMA_NO_NODE))
		goto no_memory;
	for_each_possible_cpu(cpu) {
		struct stp_cpu *s = per_cpu_ptr(stp_cpus, cpu);

		s->bounce = kmalloc_node(STP_BOUNCE_SIZE, GFP_KERNEL, cpu_to_node(cpu));
		if (!give_memory(&s->c, cpu_to_node(cpu)) || !s->bounce)
			goto no_memory;
	}
	return 0;

no_memory:
	stp_contexts_exit();
	return -ENOMEM;
}

void stp_contexts_exit(void)
{
	int cpu;

	take_memory(&sleeping_context);
	if (!stp_cpus)
		return;
	for_each_possible_cpu(cpu) {
		struct stp_cpu *s = per_cpu_ptr(stp_cpus, cpu);

		take_memory(&s->c);
		kfree(s->bounce);
	}
	free_percpu(stp_cpus);
	stp_cpus = NULL;
}

void stp_contexts_drain(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		while (READ_ONCE(per_cpu_ptr(stp_cpus, cpu)->busy))
			msleep(1);
}

__kprobes char *stp_bounce(void)
{
	return raw_cpu_ptr(stp_cpus)->bounce;
}

/* ---- counting and ending ---- */

__kprobes void stp_count(enum stp_counter which, uint64_t n)
{
	atomic64_add(n, &counters[which]);
}

uint64_t stp_counted(enum stp_counter which)
{
	return atomic64_read(&counters[which]);
}

__kprobes void stp_session_error(struct stp_context *c, const char *text)
{
	if (!stp_state_end(STP_STATE_ERROR))
		return;
	stp_count(STP_COUNT_ERRORS, 1);
	stp_transport_line(c, "ERROR: %s", text);
	stp_transport_request_exit();
}

__kprobes void stp_exit(struct stp_context *c)
{
	if (stp_state_end(STP_STATE_EXITING))
		stp_transport_request_exit();
}

__kprobes void stp_abort(struct stp_context *c)
{
	stp_exit(c);
	if (!c->error)
		c->aborted = true;
	stp_error(c, "aborted");
}

__kprobes void stp_skip(struct stp_context *c, enum stp_counter why)
{
	stp_count(why, 1);
	if (stp_reports)
		stp_report_skipped(c->probe, why);
	if (stp_unit.suppress_handler_errors)
		return;
	if (stp_counted(STP_COUNT_SKIPPED_LOCK) + stp_counted(STP_COUNT_SKIPPED_STACK) > stp_unit.maxskipped)
		stp_session_error(c, "Skipped too many probes, check MAXSKIPPED or"
				     " try again with stap -t for more details.");
}

static __kprobes void handler_failed(struct stp_context *c)
{
	uint64_t errors = atomic64_inc_return(&counters[STP_COUNT_ERRORS]);

	if (stp_unit.suppress_handler_errors)
		return;
	if (c->place)
		stp_transport_line(c, "ERROR: %s near %s in probe %s", c->error, c->place, c->probe->pp);
	else
		stp_transport_line(c, "ERROR: %s in probe %s", c->error, c->probe->pp);
	if (errors > stp_unit.maxerrors && stp_state_end(STP_STATE_ERROR))
		stp_transport_request_exit();
}

/* ---- waiting for locks of globals ---- */

/* Microseconds to wait for all locks of a handler, or looks at them when TRYLOCKDELAY is 0. */
static nokprobe_inline uint64_t patience(bool may_sleep)
{
	uint64_t n = (uint64_t)stp_unit.maxtrylock * max(stp_unit.trylockdelay_us, 1u);

	if (may_sleep)
		n *= SLEEPING_PATIENCE;
	else if (virtual_cpus && !in_nmi())
		n *= VIRTUAL_PATIENCE;
	return min_t(uint64_t, n, MOST_PATIENCE);
}

/* False: there is no time left. */
static nokprobe_inline bool wait_a_little(const struct stp_lock_need *need, uint64_t *left)
{
	if (!*left) {
		atomic_inc((atomic_t *)&need->global->contended);
		return false;
	}
	--*left;
	if (stp_unit.trylockdelay_us)
		udelay(1);
	else
		cpu_relax();
	return true;
}

/* No handler that adds is let in meanwhile, so those that are in are soon through. */
static __kprobes bool stop_adders(const struct stp_lock_need *need, uint64_t *left)
{
	int cpu;

	while (!stp_gates_close(&stp_gates, need->gates))
		if (!wait_a_little(need, left))
			return false;
	for_each_possible_cpu(cpu)
		while (stp_gates_passed(&per_cpu_ptr(stp_cpus, cpu)->c.adding, need->gates))
			if (!wait_a_little(need, left)) {
				stp_gates_open(&stp_gates, need->gates);
				return false;
			}
	stp_parts_gather(need->gates);
	return true;
}

static __kprobes bool wait_for_lock(struct stp_context *c, const struct stp_lock_need *need, uint64_t *left)
{
	if (need->how == STP_STOP)
		return stop_adders(need, left);
	while (!stp_try_lock(c, need))
		if (!wait_a_little(need, left))
			return false;
	return true;
}

/* From FIRST on, the one that was not to be had; those before it are held. */
__kprobes bool stp_lock_slowly(struct stp_context *c, const struct stp_probe *p, unsigned int first)
{
	uint64_t left = patience(c->may_sleep);
	unsigned int i;

	for (i = first; i < p->nlocks; i++)
		if (!wait_for_lock(c, &p->locks[i], &left)) {
			stp_unlock_first(c, p, i);
			return false;
		}
	return true;
}

__kprobes bool stp_lock_one_slowly(struct stp_context *c, const struct stp_lock_need *need)
{
	uint64_t left = patience(c->may_sleep);

	return wait_for_lock(c, need, &left);
}

/* ---- running ---- */

__kprobes void stp_finish_failed(struct stp_context *c)
{
	if (!c->aborted)
		handler_failed(c);
	c->error = NULL;
	c->aborted = false;
	c->nesting = 0;
	c->sp = c->stack;
}

/* The same as stp_run_body() with a report at the end of the session. */
__kprobes bool stp_run_reported(struct stp_context *c, const struct stp_probe *p,
				void (*body)(struct stp_context *c), unsigned int nlocks)
{
	bool may_sleep = c->may_sleep, failed, ran;
	u64 start;

	if (!stp_report_enter(p, may_sleep))
		return false;
	start = get_cycles();
	ran = stp_run_core(c, p, body, nlocks);
	failed = c->error != NULL;
	stp_finish(c);
	stp_report_leave(may_sleep, ran && body != p->entry, failed, get_cycles() - start);
	return ran;
}

/*
 * The end of an interval: over the threshold the session ends, or the costliest probe.  The first one begins
 * with the first hit.
 */
__kprobes void stp_interval(struct stp_cpu *s, u64 now)
{
	bool over = stp_unit.overload_threshold && s->interval_end && s->spent > stp_unit.overload_threshold;

	if (over && stp_unit.keep_going) {
		stp_report_overload();
	} else if (over) {
		stp_session_error(&s->c, "probe overhead exceeded threshold");
		if (s->c.out)
			stp_transport_done(&s->c);
	}
	s->interval_end = now + stp_unit.overload_interval;
	s->spent = 0;
}

static nokprobe_inline uint32_t actions_of(const struct stp_probe *p)
{
	return p->interruptible ? stp_unit.maxaction_interruptible : stp_unit.maxaction;
}

__kprobes bool stp_run(struct stp_cpu *s, const struct stp_probe *p)
{
	return stp_run_timed(s, p, p->handler, p->nlocks, actions_of(p));
}

__kprobes bool stp_run_entry(struct stp_cpu *s, const struct stp_probe *p)
{
	return stp_run_timed(s, p, p->entry, p->entry_locks ? p->nlocks : 0, stp_unit.maxaction);
}

__kprobes void stp_run_interrupted(const struct stp_probe *p, struct pt_regs *regs)
{
	unsigned long flags;
	struct stp_cpu *s = stp_enter(p, &flags);

	if (!s)
		return;
	if (unlikely(stp_unit.own_only) && regs && (!user_mode(regs) || !stp_is_own(current)))
		regs = NULL;
	s->c.regs = (struct stp_regs *)regs;
	s->c.user_regs = regs && user_mode(regs);
	stp_run(s, p);
	s->c.user_regs = false;
	stp_leave(s, flags);
}

bool stp_run_sleeping(const struct stp_probe *p, enum stp_state state)
{
	struct stp_context *c = &sleeping_context;

	if (stp_session_state() != state)
		return false;
	c->actions = actions_of(p);
	c->may_sleep = true;
	return stp_run_body(c, p, p->handler, p->nlocks);
}

__kprobes bool stp_tracepoint_hit(const struct stp_probe *p, const int64_t *args, uint32_t nargs)
{
	unsigned long flags;
	struct stp_cpu *s = stp_enter(p, &flags);
	bool ran;

	if (!s)
		return false;
	s->c.regs = NULL;
	s->c.args = args;
	s->c.nargs = nargs;
	ran = stp_run_inline(s, p);
	s->c.nargs = 0;
	stp_leave(s, flags);
	return ran;
}
