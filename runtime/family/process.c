// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process.begin, .end, .thread.begin, .thread.end, .syscall and .syscall.return, by the kernel's tracepoints of
 * forks, executions, exits and system calls.
 *
 * A process begins when it is forked, or comes to run the program that is meant; it ends when its last
 * thread has died, or when it comes to run another program.  Those that are there when the session starts
 * begin then.  So that each begins and ends once, all processes are kept in a table, which has as many places as
 * it has: who finds none is not followed, and counted.  A further thread may be seen to end a moment after its
 * process.  The process that -c made begins with its program.
 *
 * The handler of a begin runs where the fork or the start of the session is seen, and acts for the new task:
 * stp_current() is that one.  Memory of programs is that of the task that really runs, which after a fork is the
 * same; at the start of the session it is another's, and is not read.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm_types.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <asm/syscall.h>
#include "core/core.h"
#include "core/hit.h"
#include "family/process.h"
#include "transport/transport.h"

enum { PLACES = 16384, BUCKET_BITS = 12, MOST_PROGRAMS = 64, KEPT = 256 };

/* A process, by its thread group. */
struct followed {
	struct followed *next;		/* in its bucket, or free */
	pid_t tgid;
	bool ended;			/* kept for threads whose end is seen after that of the last one */
	u64 programs;			/* that it runs: a bit for each of exes[] */
};

static DEFINE_RAW_SPINLOCK(follow_lock);	/* the table */
static struct followed *places, *free_places, **buckets;
static pid_t kept[KEPT];		/* those that ended last */
static unsigned int next_kept;
static bool following;			/* events count: handlers run */
static struct file *exes[MOST_PROGRAMS];
static unsigned int nexes;
static u8 *exe_of;			/* by row: 1 + the number of its program, 0: any */
static atomic_t not_followed;

/* ---- the table ---- */

static struct followed **place_of(pid_t tgid)
{
	struct followed **p = &buckets[hash_32((u32)tgid, BUCKET_BITS)];

	while (*p && (*p)->tgid != tgid)
		p = &(*p)->next;
	return p;
}

/* True when TGID was not there.  *OLD: the programs it was known to run. */
static bool follow_process(pid_t tgid, u64 programs, u64 *old)
{
	struct followed **p, *f;
	bool added = false;

	*old = 0;
	raw_spin_lock(&follow_lock);
	p = place_of(tgid);
	f = *p;
	if (!f && free_places) {
		f = free_places;
		free_places = f->next;
		*f = (struct followed){ .tgid = tgid, .ended = true };
		*p = f;
	}
	if (f && f->ended) {
		f->ended = false;
		f->programs = 0;
		added = true;
	}
	if (f) {
		*old = f->programs;
		f->programs = programs;
	}
	raw_spin_unlock(&follow_lock);
	if (!f)
		atomic_inc(&not_followed);
	return added;
}

/* False when TGID is not there. */
static bool programs_of(pid_t tgid, u64 *programs)
{
	struct followed *f;

	raw_spin_lock(&follow_lock);
	f = *place_of(tgid);
	if (f)
		*programs = f->programs;
	raw_spin_unlock(&follow_lock);
	return f;
}

/* With the lock.  The process that ended so many ends ago makes room, unless its number is another's by now. */
static void keep_instead(pid_t tgid)
{
	struct followed **p = place_of(kept[next_kept]), *f = *p;

	if (f && f->ended && f->tgid != tgid) {
		*p = f->next;
		f->next = free_places;
		free_places = f;
	}
	kept[next_kept] = tgid;
	next_kept = (next_kept + 1) % KEPT;
}

/* False when TGID is not there, or has ended before. */
static bool unfollow_process(pid_t tgid, u64 *programs)
{
	struct followed *f;
	bool ends;

	raw_spin_lock(&follow_lock);
	f = *place_of(tgid);
	ends = f && !f->ended;
	if (ends) {
		*programs = f->programs;
		f->ended = true;
		keep_instead(tgid);
	}
	raw_spin_unlock(&follow_lock);
	return ends;
}

/* TASK is current, cannot run yet, or its lock is held. */
static u64 programs_run(const struct task_struct *task)
{
	unsigned int i;
	u64 ret = 0;

	for (i = 0; i < nexes; i++)
		if (stp_runs(task, file_inode(exes[i])))
			ret |= 1ull << i;
	return ret;
}

/* ---- handlers ---- */

struct process_event {
	enum stp_process_kind kind;
	struct task_struct *task;
	u64 programs;			/* rows that name one of these... */
	bool others;			/* ...and those that name none */
	bool foreign;			/* TASK's memory is not that of the running task */
	struct pt_regs *regs;
	const int64_t *args;
	uint32_t nargs;
};

static __kprobes bool row_fits(uint32_t i, const struct process_event *e)
{
	const struct stp_row_process *row = &stp_unit.process[i];
	bool fits = exe_of[i] ? e->programs >> (exe_of[i] - 1) & 1 : e->others;

	return fits && row->kind == e->kind && (!row->pid || row->pid == e->task->tgid) &&
	       (!row->of_target || stp_in_target(e->task)) && !stp_is_hidden(e->task);
}

static __kprobes void run_row(const struct stp_row_process *row, const struct process_event *e)
{
	unsigned long flags;
	struct stp_cpu *s = stp_enter(row->probe, &flags);

	if (!s)
		return;
	s->c.regs = (struct stp_regs *)e->regs;
	s->c.user_regs = e->regs != NULL;
	s->c.args = e->args;
	s->c.nargs = e->nargs;
	s->task = e->task;
	s->foreign = e->foreign;
	stp_run(s, row->probe);
	s->task = NULL;
	s->foreign = false;
	s->c.args = NULL;
	s->c.nargs = 0;
	s->c.user_regs = false;
	stp_leave(s, flags);
}

static __kprobes void run_rows(const struct process_event *e)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nprocess; i++)
		if (row_fits(i, e))
			run_row(&stp_unit.process[i], e);
}

/* ---- events ---- */

/* It runs no program of its own: a thread of the kernel, or of io_uring and the like. */
static bool is_helper(const struct task_struct *t)
{
	unsigned int flags = PF_KTHREAD | PF_IO_WORKER;

#ifdef PF_USER_WORKER
	flags |= PF_USER_WORKER;
#endif
	return !t->mm || t->flags & flags;
}

/* When its last thread has died. */
static void end_process(struct task_struct *task, bool foreign)
{
	struct process_event e = { .kind = STP_PROCESS_END, .task = task, .others = true, .foreign = foreign };

	if (!atomic_read(&task->signal->live) && unfollow_process(task->tgid, &e.programs))
		run_rows(&e);
}

/* TASK leads a process that may be new. */
static void begin_process(struct task_struct *task, u64 programs, bool foreign)
{
	struct process_event e = { .kind = STP_PROCESS_BEGIN, .task = task, .programs = programs, .others = true,
				   .foreign = foreign };
	u64 old;

	if (!follow_process(task->tgid, programs, &old))
		return;
	run_rows(&e);
	if (foreign)
		end_process(task, true);	/* it may have died before it was in the table */
}

static void begin_thread(struct task_struct *task, bool foreign)
{
	struct process_event e = { .kind = STP_THREAD_BEGIN, .task = task, .others = true, .foreign = foreign };

	if (programs_of(task->tgid, &e.programs))
		run_rows(&e);
}

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	if (!READ_ONCE(following) || is_helper(child))
		return;
	if (child->pid == child->tgid)
		begin_process(child, programs_run(child), false);
	else
		begin_thread(child, false);
}

static void on_exec(void *data, struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
{
	struct process_event e = { .task = p };
	u64 old, now;

	if (!READ_ONCE(following))
		return;
	now = programs_run(p);
	e.others = follow_process(p->tgid, now, &old);
	e.kind = STP_PROCESS_END;
	e.programs = old & ~now;
	if (e.programs && !e.others)
		run_rows(&e);
	e.kind = STP_PROCESS_BEGIN;
	e.programs = now & ~old;
	run_rows(&e);
}

static void on_exit_seen(void *data, struct task_struct *p)
{
	struct process_event e = { .task = p, .others = true };

	if (!READ_ONCE(following) || p->flags & PF_KTHREAD)
		return;
	e.kind = STP_THREAD_END;
	if (p->pid != p->tgid && programs_of(p->tgid, &e.programs))
		run_rows(&e);
	end_process(p, false);
}

static __kprobes void see_syscall(enum stp_process_kind kind, struct pt_regs *regs, const int64_t *args, uint32_t n)
{
	struct process_event e = { .kind = kind, .task = current, .others = true, .regs = regs, .args = args,
				   .nargs = n };

	if (!READ_ONCE(following))
		return;
	e.programs = nexes ? programs_run(current) : 0;
	run_rows(&e);
}

static __kprobes void on_sys_enter(void *data, struct pt_regs *regs, long id)
{
	unsigned long given[6];
	int64_t args[7] = { id };
	unsigned int i;

	syscall_get_arguments(current, regs, given);
	for (i = 0; i < ARRAY_SIZE(given); i++)
		args[i + 1] = (int64_t)given[i];
	see_syscall(STP_SYSCALL, regs, args, ARRAY_SIZE(args));
}

static __kprobes void on_sys_exit(void *data, struct pt_regs *regs, long ret)
{
	const int64_t args[] = { syscall_get_nr(current, regs), ret };

	see_syscall(STP_SYSCALL_RETURN, regs, args, ARRAY_SIZE(args));
}

/* ---- tracepoints ---- */

static struct watched {
	const char *name;
	void *func;
	unsigned int kinds;		/* that need it, as bits */
	struct tracepoint *tp;
	bool armed;
} watched[] = {
	{ "sched_process_fork", on_fork, 0xf },
	{ "sched_process_exec", on_exec, 0xf },
	{ "sched_process_exit", on_exit_seen, 0xf },
	{ "sys_enter", on_sys_enter, 1 << STP_SYSCALL },
	{ "sys_exit", on_sys_exit, 1 << STP_SYSCALL_RETURN },
};

static void see_watched(struct tracepoint *tp, void *priv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(watched); i++)
		if (!strcmp(watched[i].name, tp->name))
			watched[i].tp = tp;
}

static int arm_watched(char *why, size_t size)
{
	unsigned int i, kinds = 0;
	int err = 0;

	for (i = 0; i < stp_unit.nprocess; i++)
		kinds |= 1u << stp_unit.process[i].kind;
	for_each_kernel_tracepoint(see_watched, NULL);
	for (i = 0; i < ARRAY_SIZE(watched) && !err; i++) {
		struct watched *w = &watched[i];

		if (!(w->kinds & kinds))
			continue;
		err = w->tp ? tracepoint_probe_register(w->tp, w->func, NULL) : -ENOENT;
		w->armed = !err;
		if (err)
			snprintf(why, size, "tracepoint %s cannot be had (rc %d)", w->name, err);
	}
	return err;
}

/* ---- life ---- */

static void process_disarm(void)
{
	char line[160];
	unsigned int i;

	if (!exe_of)
		return;
	WRITE_ONCE(following, false);
	for (i = 0; i < ARRAY_SIZE(watched); i++) {
		if (watched[i].armed)
			tracepoint_probe_unregister(watched[i].tp, watched[i].func, NULL);
		watched[i].armed = false;
	}
	tracepoint_synchronize_unregister();
	while (nexes)
		fput(exes[--nexes]);
	kvfree(places);
	kvfree(buckets);
	kvfree(exe_of);
	places = NULL;
	buckets = NULL;
	exe_of = NULL;
	i = atomic_xchg(&not_followed, 0);
	if (!i)
		return;
	snprintf(line, sizeof(line), "WARNING: %u processes were not followed: more than %d at a time", i, PLACES);
	stp_transport_oob(line);
}

static int make_table(char *why, size_t size)
{
	unsigned int i;

	places = kvcalloc(PLACES, sizeof(*places), GFP_KERNEL);
	buckets = kvcalloc(1 << BUCKET_BITS, sizeof(*buckets), GFP_KERNEL);
	exe_of = kvcalloc(stp_unit.nprocess, 1, GFP_KERNEL);
	if (!places || !buckets || !exe_of) {
		kvfree(places);
		kvfree(buckets);
		kvfree(exe_of);
		exe_of = NULL;
		snprintf(why, size, "no memory for the table of processes");
		return -ENOMEM;
	}
	memset(kept, 0, sizeof(kept));
	free_places = NULL;
	for (i = 0; i < PLACES; i++) {
		places[i].next = free_places;
		free_places = &places[i];
	}
	return 0;
}

static int find_exe(uint32_t row, char *why, size_t size)
{
	const struct stp_row_process *r = &stp_unit.process[row];
	struct file *f;
	unsigned int i;

	if (!r->exe)
		return 0;
	f = stp_open_program(r->exe, why, size);
	if (!f)
		return -ENOENT;
	for (i = 0; i < nexes && file_inode(exes[i]) != file_inode(f); i++)
		;
	if (i < nexes) {
		fput(f);
	} else if (nexes == MOST_PROGRAMS) {
		fput(f);
		snprintf(why, size, "more than %d programs are named in probes of processes", MOST_PROGRAMS);
		return -E2BIG;
	} else {
		exes[nexes++] = f;
	}
	exe_of[row] = i + 1;
	return 0;
}

static int process_arm(char *why, size_t size)
{
	uint32_t i;
	int err;

	if (!stp_unit.nprocess)
		return 0;
	err = make_table(why, size);
	if (err)
		return err;
	for (i = 0; i < stp_unit.nprocess && !err; i++)
		err = find_exe(i, why, size);
	if (!err)
		err = arm_watched(why, size);
	if (err)
		process_disarm();
	return err;
}

/* The process of -c is still a copy of the one that reads our output. */
static bool is_to_come(const struct task_struct *t)
{
	struct file *exe = current->mm ? rcu_dereference(current->mm->exe_file) : NULL;

	return t->tgid == stp_session.target_pid && exe && stp_runs(t, file_inode(exe));
}

static void see_present(struct task_struct *t)
{
	u64 programs = 0;
	bool skip;

	task_lock(t);
	skip = is_helper(t) || t->exit_state || is_to_come(t);
	if (!skip)
		programs = programs_run(t);
	task_unlock(t);
	if (!skip && t->pid == t->tgid)
		begin_process(t, programs, true);
	else if (!skip)
		begin_thread(t, true);
}

/* A process that has begun by itself in the meantime is in the table. */
static void process_go(void)
{
	struct task_struct *p, *t;

	if (!exe_of)
		return;
	WRITE_ONCE(following, true);
	rcu_read_lock();
	for_each_process(p)
		see_present(p);
	for_each_process_thread(p, t)
		if (t != p)
			see_present(t);
	rcu_read_unlock();
}

const struct stp_family stp_family_process = {
	.name = "process",
	.arm = process_arm,
	.go = process_go,
	.disarm = process_disarm,
};
