// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a hit to a handler that has run: takes this CPU's context, checks what has to be checked,
 * takes the locks of the globals that the handler uses, runs it, and accounts for errors and time.
 * A hit that cannot run is skipped and counted, never delayed for long.
 *
 * May be called in any context, NMI included.  Everything here is outside the reach of kprobes and
 * of ftrace; it must not allocate, sleep, take a kernel lock or call printk.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/timex.h>
#include "core/core.h"
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

/*
 * Bytes of the kernel's stack that a handler may need: the deepest are those that print stacks
 * (print_backtrace(), print_line(), stp_symdata() and the kernel's symbol table: 2700, by gcc's
 * -fstack-usage).  Calls between script functions may use what is above STACK_KEEP.
 */
#define STACK_NEED 4096ul
#define STACK_KEEP 3072ul
/* What those calls may use on a stack of interrupts (16 KB) or NMIs (8 KB), whose end is not known. */
#define STACK_INTERRUPT 4096ul
#define STACK_NMI 1024ul

struct stp_cpu {
	struct stp_context c;
	unsigned int busy;		/* handlers that entered; the first one has the context */
	u64 interval_start, spent;	/* overload accounting, cycles */
	char *stack, *bounce;
};

static struct stp_cpu __percpu *cpus;
static struct stp_context sleeping_context;
static char *sleeping_stack;
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

int stp_contexts_init(void)
{
	int cpu, err = check_limits();

	if (err)
		return err;
#ifdef X86_FEATURE_HYPERVISOR
	virtual_cpus = boot_cpu_has(X86_FEATURE_HYPERVISOR);
#endif
	cpus = alloc_percpu(struct stp_cpu);
	sleeping_stack = stack_alloc(NUMA_NO_NODE);
	if (!cpus || !sleeping_stack)
		goto no_memory;
	for_each_possible_cpu(cpu) {
		struct stp_cpu *s = per_cpu_ptr(cpus, cpu);

		s->stack = stack_alloc(cpu_to_node(cpu));
		s->bounce = kmalloc_node(STP_BOUNCE_SIZE, GFP_KERNEL, cpu_to_node(cpu));
		if (!s->stack || !s->bounce)
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

	kvfree(sleeping_stack);
	sleeping_stack = NULL;
	if (!cpus)
		return;
	for_each_possible_cpu(cpu) {
		struct stp_cpu *s = per_cpu_ptr(cpus, cpu);

		kvfree(s->stack);
		kfree(s->bounce);
	}
	free_percpu(cpus);
	cpus = NULL;
}

void stp_contexts_drain(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		while (READ_ONCE(per_cpu_ptr(cpus, cpu)->busy))
			msleep(1);
}

__kprobes char *stp_bounce(void)
{
	return raw_cpu_ptr(cpus)->bounce;
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

static __kprobes void skip(struct stp_context *c, enum stp_counter why)
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
		stp_transport_line(c, "ERROR: %s near %s", c->error, c->place);
	else
		stp_transport_line(c, "ERROR: %s", c->error);
	if (errors > stp_unit.maxerrors && stp_state_end(STP_STATE_ERROR))
		stp_transport_request_exit();
}

/* ---- locks of globals: reader-writer words, 0 free, N readers, -1 a writer ---- */

static nokprobe_inline bool try_lock(const struct stp_lock_need *need)
{
	atomic_t *word = (atomic_t *)&need->global->lock;
	int v = atomic_read(word);

	if (need->write)
		return v == 0 && atomic_try_cmpxchg_acquire(word, &v, -1);
	while (v >= 0)
		if (atomic_try_cmpxchg_acquire(word, &v, v + 1))
			return true;
	return false;
}

static nokprobe_inline void unlock(const struct stp_lock_need *need)
{
	atomic_t *word = (atomic_t *)&need->global->lock;

	if (need->write)
		atomic_set_release(word, 0);
	else
		atomic_dec_return_release(word);
}

static nokprobe_inline void unlock_first(const struct stp_probe *p, unsigned int n)
{
	while (n-- > 0)
		unlock(&p->locks[n]);
}

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

/* All or none.  In the order of the rows, which is the same for all probes. */
static __kprobes bool lock_all(const struct stp_probe *p, bool may_sleep)
{
	uint64_t left = 0;
	bool waited = false;
	unsigned int i;

	for (i = 0; i < p->nlocks; i++) {
		while (!try_lock(&p->locks[i])) {
			if (!waited)
				left = patience(may_sleep);
			waited = true;
			if (left-- == 0) {
				atomic_inc((atomic_t *)&p->locks[i].global->contended);
				unlock_first(p, i);
				return false;
			}
			if (stp_unit.trylockdelay_us)
				udelay(1);
			else
				cpu_relax();
		}
	}
	return true;
}

/* ---- running ---- */

/* Also sets how deep functions may call.  Only a task's stack can be measured. */
static nokprobe_inline bool stack_is_low(struct stp_context *c)
{
	unsigned long sp = current_stack_pointer, end = (unsigned long)end_of_stack(current);
	unsigned long left = sp - end;

	if (left < THREAD_SIZE) {
		c->stack_limit = end + STACK_KEEP;
		return left < max_t(unsigned long, stp_unit.minstackspace, STACK_NEED);
	}
	c->stack_limit = sp - (in_nmi() ? STACK_NMI : STACK_INTERRUPT);
	return false;
}

static nokprobe_inline void prepare(struct stp_context *c, char *stack, const struct stp_hit *h)
{
	const struct stp_probe *p = h->probe;

	c->error = NULL;
	c->place = NULL;
	c->aborted = false;
	c->actions = p->interruptible ? stp_unit.maxaction_interruptible : stp_unit.maxaction;
	c->nesting = 0;
	c->sp = stack;
	c->limit = stack + stack_size();
	c->probe = p;
	c->regs = (struct stp_regs *)h->regs;
	c->user_regs = h->user_regs;
	c->args = h->args;
	c->nargs = h->nargs;
	c->saved = h->saved;
	c->return_address = h->return_address;
	c->time = local_clock();
	c->instance = h->instance;
	c->out = NULL;
}

/* With the context filled.  True when the handler ran. */
static __kprobes bool run_locked(struct stp_context *c, const struct stp_hit *h)
{
	const struct stp_probe *p = h->probe;
	bool locks = !h->entry || p->entry_locks, ran = true;

	if (unlikely(stack_is_low(c))) {
		skip(c, STP_COUNT_SKIPPED_STACK);
		ran = false;
	} else if (locks && !lock_all(p, c->may_sleep)) {
		skip(c, STP_COUNT_SKIPPED_LOCK);
		ran = false;
	} else {
		if (h->entry)
			p->entry(c);
		else if (!p->condition || p->condition(c))
			p->handler(c);
		if (locks)
			unlock_first(p, p->nlocks);
	}
	if (unlikely(c->error) && !c->aborted)
		handler_failed(c);
	if (c->out)
		stp_transport_done(c);
	return ran;
}

/* The same with a report at the end of the session. */
static __kprobes bool run_reported(struct stp_context *c, const struct stp_hit *h)
{
	bool may_sleep = c->may_sleep, ran;
	cycles_t start;

	if (!stp_report_enter(h->probe, may_sleep))
		return false;
	start = get_cycles();
	ran = run_locked(c, h);
	stp_report_leave(may_sleep, ran && !h->entry, c->error != NULL, get_cycles() - start);
	return ran;
}

/* Time spent in handlers on this CPU, per interval; over the threshold the session ends. */
static nokprobe_inline void account(struct stp_cpu *s, cycles_t start)
{
	cycles_t now = get_cycles();

	s->spent += now - start;
	if (likely(now - s->interval_start <= stp_unit.overload_interval))
		return;
	if (s->spent > stp_unit.overload_threshold && stp_unit.keep_going) {
		stp_report_overload();
	} else if (s->spent > stp_unit.overload_threshold) {
		s->c.out = NULL;
		stp_session_error(&s->c, "probe overhead exceeded threshold");
		if (s->c.out)
			stp_transport_done(&s->c);
	}
	s->interval_start = now;
	s->spent = 0;
}

static __kprobes bool run_on(struct stp_cpu *s, const struct stp_hit *h)
{
	cycles_t start = 0;
	bool ran;

	if (stp_unit.overload_threshold) {
		start = get_cycles();
		if (!s->interval_start)
			s->interval_start = start;
	}
	prepare(&s->c, s->stack, h);
	ran = stp_reports ? run_reported(&s->c, h) : run_locked(&s->c, h);
	if (stp_unit.overload_threshold)
		account(s, start);
	return ran;
}

__kprobes bool stp_run(const struct stp_hit *h)
{
	unsigned long flags;
	bool ran = false;

	if (stp_session_state() != h->state)
		return false;
	raw_local_irq_save(flags);	/* lockdep and tracers of interrupts may be what is probed */
	if (likely(this_cpu_inc_return(cpus->busy) == 1)) {
		barrier();
		ran = run_on(this_cpu_ptr(cpus), h);
		barrier();
	} else {
		stp_count(STP_COUNT_SKIPPED_REENTRY, 1);
		if (stp_reports)
			stp_report_skipped(h->probe, STP_COUNT_SKIPPED_REENTRY);
	}
	this_cpu_dec(cpus->busy);
	raw_local_irq_restore(flags);
	return ran;
}

bool stp_run_sleeping(const struct stp_hit *h)
{
	struct stp_context *c = &sleeping_context;

	if (stp_session_state() != h->state)
		return false;
	prepare(c, sleeping_stack, h);
	c->may_sleep = true;
	return stp_reports ? run_reported(c, h) : run_locked(c, h);
}

__kprobes bool stp_tracepoint_hit(const struct stp_probe *p, const int64_t *args, uint32_t nargs)
{
	struct stp_hit h = {
		.probe = p,
		.state = STP_STATE_RUNNING,
		.args = args,
		.nargs = nargs,
	};

	return stp_run(&h);
}
