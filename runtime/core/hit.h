/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from a hit to a handler, for families to inline into what the kernel calls:
 *
 *	unsigned long flags;
 *	struct stp_cpu *s = stp_enter(probe, &flags);
 *
 *	if (!s)
 *		return;			(the session does not run, or the hit was skipped and counted)
 *	s->c.regs = regs;		(and what else the family's handlers find in their context)
 *	stp_run(s, probe);		(as often as there are probes at the place)
 *	stp_leave(s, flags);
 *
 * Between enter and leave interrupts are off and the CPU's context is held, so nothing runs inside
 * anything.  May be called in any context, NMI included; allocates nothing, takes no kernel lock,
 * is out of reach of kprobes, and calls nothing that ftrace can trace before the context is held.
 *
 * Of the context a hit sets what differs from run to run; the rest is as stp_finish() and the families
 * leave it: zero, but for `args`, of which there are `nargs`.
 */
#ifndef CORE_HIT_H
#define CORE_HIT_H

#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/thread_info.h>
#include <linux/timex.h>
#include "core/core.h"
#include "core/gate.h"
#include "core/report.h"
#include "core/state.h"
#include "transport/transport.h"

struct stp_cpu {
	struct stp_context c;
	unsigned int busy;		/* hits that entered; the first one has the context */
	u64 interval_end, spent;	/* overload accounting, cycles */
	char *bounce;
	struct task_struct *task;	/* that the handler acts for; NULL: the running one */
	bool foreign;			/* whose memory is not that of the running one */
};
extern struct stp_cpu __percpu *stp_cpus;
extern uint32_t stp_gates;		/* those that are closed */
extern unsigned long stp_stack_least;	/* bytes that a handler must find free, see STP_STACK_NEED */

/* The context of a handler that may act for another task than the one that runs; NULL: it does not. */
static nokprobe_inline const struct stp_cpu *stp_acting(void)
{
	const struct stp_cpu *s;

	/* begin and end probes have interrupts on */
	if (likely(!stp_unit.nprocess) || !raw_irqs_disabled())
		return NULL;
	s = raw_cpu_ptr(stp_cpus);
	return s->task ? s : NULL;
}

/* Whom the handler is about. */
static nokprobe_inline struct task_struct *stp_current(void)
{
	const struct stp_cpu *s = stp_acting();

	return unlikely(s) ? s->task : current;
}

/* TASK, which is current or cannot end meanwhile, runs for the user of the script and nobody else (task/task.c). */
bool stp_is_own(const struct task_struct *task);

/* A script for --privilege=stapusr is not told of TASK. */
static nokprobe_inline bool stp_is_hidden(const struct task_struct *task)
{
	return unlikely(stp_unit.own_only) && !stp_is_own(task);
}

/* The running task's memory is not for the handler to see: it is about another one, or its user's is not to be seen. */
static nokprobe_inline bool stp_memory_is_foreign(void)
{
	const struct stp_cpu *s = stp_acting();

	return (unlikely(s) && s->foreign) || stp_is_hidden(current);
}

/*
 * Bytes of the kernel's stack that a handler may need: the deepest are those that print stacks
 * (print_backtrace(), print_line(), stp_symdata() and the kernel's symbol table: 2700, by gcc's
 * -fstack-usage).  Calls between script functions may use what is above STACK_KEEP.
 */
#define STP_STACK_NEED 4096ul
#define STP_STACK_KEEP 3072ul
/* What those calls may use on a stack of interrupts (16 KB) or NMIs (8 KB), whose end is not known. */
#define STP_STACK_INTERRUPT 4096ul
#define STP_STACK_NMI 1024ul

/* ---- what is rarely gone through, in run.c ---- */
bool stp_lock_slowly(struct stp_context *c, const struct stp_probe *p, unsigned int first);
bool stp_lock_one_slowly(struct stp_context *c, const struct stp_lock_need *need);
void stp_skip(struct stp_context *c, enum stp_counter why);
void stp_finish_failed(struct stp_context *c);
void stp_interval(struct stp_cpu *s, u64 now);
bool stp_run_reported(struct stp_context *c, const struct stp_probe *p,
		      void (*body)(struct stp_context *c), unsigned int nlocks);

/* ---- locks of globals: gates, or reader-writer words, 0 free, N readers, -1 a writer ---- */

static nokprobe_inline bool stp_try_lock(struct stp_context *c, const struct stp_lock_need *need)
{
	atomic_t *word = (atomic_t *)&need->global->lock;
	int v = 0;

	if (likely(need->how == STP_WRITE))
		return atomic_try_cmpxchg_acquire(word, &v, -1);
	if (need->how == STP_ADD)
		return stp_gates_enter(&c->adding, &stp_gates, need->gates);
	if (need->how == STP_STOP)
		return false;		/* that is for stp_lock_slowly() */
	v = atomic_read(word);
	while (v >= 0)
		if (atomic_try_cmpxchg_acquire(word, &v, v + 1))
			return true;
	return false;
}

static nokprobe_inline void stp_unlock(struct stp_context *c, const struct stp_lock_need *need)
{
	atomic_t *word = (atomic_t *)&need->global->lock;

	if (likely(need->how == STP_WRITE))
		atomic_set_release(word, 0);
	else if (need->how == STP_ADD)
		stp_gates_leave(&c->adding);
	else if (need->how == STP_STOP)
		stp_gates_open(&stp_gates, need->gates);
	else
		atomic_dec_return_release(word);
}

static nokprobe_inline void stp_unlock_first(struct stp_context *c, const struct stp_probe *p, unsigned int n)
{
	const struct stp_lock_need *need = p->locks;

	for (; n; n--)
		stp_unlock(c, need++);
}

/* The first N, all or none.  In the order of the rows, which is the same for all probes. */
static nokprobe_inline bool stp_lock_first(struct stp_context *c, const struct stp_probe *p, unsigned int n)
{
	const struct stp_lock_need *need = p->locks;

	for (; n; n--, need++)
		if (unlikely(!stp_try_lock(c, need)))
			return stp_lock_slowly(c, p, need - p->locks);
	return true;
}

/* ---- a run ---- */

/* Also sets how deep functions may call.  Only a task's stack can be measured. */
static nokprobe_inline bool stp_stack_is_low(struct stp_context *c)
{
	unsigned long sp = current_stack_pointer, end = (unsigned long)end_of_stack(current);
	unsigned long left = sp - end;

	if (likely(left < THREAD_SIZE)) {
		c->stack_limit = end + STP_STACK_KEEP;
		return left < stp_stack_least;
	}
	c->stack_limit = sp - (in_nmi() ? STP_STACK_NMI : STP_STACK_INTERRUPT);
	return false;
}

/* After a run: tells of an error, shows what was written, and leaves the context as it was found. */
static nokprobe_inline void stp_finish(struct stp_context *c)
{
	if (unlikely(c->error))
		stp_finish_failed(c);
	if (unlikely(c->out))
		stp_transport_done(c);
}

/* Up to what stp_finish() does: BODY with the first NLOCKS locks. */
static nokprobe_inline bool stp_run_core(struct stp_context *c, const struct stp_probe *p,
					 void (*body)(struct stp_context *c), unsigned int nlocks)
{
	c->probe = p;
	c->place = NULL;
	c->run++;
	if (unlikely(stp_stack_is_low(c))) {
		stp_skip(c, STP_COUNT_SKIPPED_STACK);
		return false;
	}
	/* Most write one global, or add to parts. */
	if (nlocks == 1 && likely(p->locks->how == STP_WRITE)) {
		struct stp_global *g = p->locks->global;

		if (unlikely(!stp_try_lock(c, p->locks) && !stp_lock_slowly(c, p, 0)))
			goto skipped;
		body(c);
		atomic_set_release((atomic_t *)&g->lock, 0);
		return true;
	}
	if (nlocks == 1 && likely(p->locks->how == STP_ADD)) {
		if (unlikely(!stp_gates_enter(&c->adding, &stp_gates, p->locks->gates) && !stp_lock_slowly(c, p, 0)))
			goto skipped;
		body(c);
		stp_gates_leave(&c->adding);
		return true;
	}
	if (unlikely(!stp_lock_first(c, p, nlocks)))
		goto skipped;
	body(c);
	stp_unlock_first(c, p, nlocks);
	return true;
skipped:
	stp_skip(c, STP_COUNT_SKIPPED_LOCK);
	return false;
}

/* With the context filled.  True when BODY ran, even if it failed. */
static nokprobe_inline bool stp_run_body(struct stp_context *c, const struct stp_probe *p,
					 void (*body)(struct stp_context *c), unsigned int nlocks)
{
	bool ran;

	if (unlikely(stp_reports))
		return stp_run_reported(c, p, body, nlocks);
	ran = stp_run_core(c, p, body, nlocks);
	stp_finish(c);
	return ran;
}

/* The same on a CPU's context, with its time accounted for. */
static nokprobe_inline bool stp_run_timed(struct stp_cpu *s, const struct stp_probe *p,
					  void (*body)(struct stp_context *c), unsigned int nlocks, uint32_t actions)
{
	u64 start = get_cycles(), now;
	bool ran;

	s->c.actions = actions;
	ran = stp_run_body(&s->c, p, body, nlocks);
	now = get_cycles();
	s->spent += now - start;
	if (unlikely(now > s->interval_end))
		stp_interval(s, now);
	return ran;
}

/* For probes that are not interruptible. */
static nokprobe_inline bool stp_run_inline(struct stp_cpu *s, const struct stp_probe *p)
{
	return stp_run_timed(s, p, p->handler, p->nlocks, stp_unit.maxaction);
}

/* The context of this CPU, with interrupts off, for a hit of P. */
static nokprobe_inline struct stp_cpu *stp_enter(const struct stp_probe *p, unsigned long *flags)
{
	struct stp_cpu *s;

	if (unlikely(atomic_read(&stp_state) != STP_STATE_RUNNING))
		return NULL;
	raw_local_irq_save(*flags);	/* lockdep and tracers of interrupts may be what is probed */
	s = raw_cpu_ptr(stp_cpus);
	if (!s)
		__builtin_unreachable();
	if (likely(s->busy++ == 0)) {	/* an NMI in the middle leaves it as it was */
		barrier();
		return s;
	}
	stp_count(STP_COUNT_SKIPPED_REENTRY, 1);
	if (stp_reports)
		stp_report_skipped(p, STP_COUNT_SKIPPED_REENTRY);
	s->busy--;
	raw_local_irq_restore(*flags);
	return NULL;
}

static nokprobe_inline void stp_leave(struct stp_cpu *s, unsigned long flags)
{
	barrier();
	s->busy--;
	raw_local_irq_restore(flags);
}

/* ---- the same out of line, where a few calls do not matter ---- */
bool stp_run(struct stp_cpu *s, const struct stp_probe *p);
bool stp_run_entry(struct stp_cpu *s, const struct stp_probe *p);	/* p->entry in place of p->handler */
/* All of a hit of timers and counters: REGS is what was interrupted, a user's or the kernel's, or NULL. */
void stp_run_interrupted(const struct stp_probe *p, struct pt_regs *regs);

#endif
