// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perf events of single threads: rows that name a program have a counter in each thread of the processes that run it.
 *
 * Threads and programs that begin while the session runs are seen by tracepoints, where nothing can be made;
 * they are queued for a work item, so they are counted from a moment after their start on.  The process of -c has its
 * counters before its program begins.  Who reads a counter at a hit has it made there and then.
 *
 * A place in the table holds its task, so a task's address is its own as long as it is there.  Places of tasks that
 * ended are taken again, and their events freed, when new ones come.  Handlers look at the place of the running
 * task only, which nobody frees: they need no lock.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include "core/core.h"
#include "family/perf.h"
#include "family/process.h"
#include "transport/transport.h"

#ifdef CONFIG_PERF_EVENTS
enum { PLACE_BITS = 13, COUNTED = 1 << PLACE_BITS, MOST_STEPS = 64, QUEUED = 1024, SWEEP_AFTER = 256 };

#define TASK_GONE ((struct task_struct *)1)

struct counted {
	struct task_struct *task;	/* held; NULL: never used; TASK_GONE: was */
	struct perf_event **events;	/* by row; stays when the task goes */
};

static DEFINE_MUTEX(attach_mutex);	/* who adds to the table and takes away */
static struct counted *counted;		/* NULL: no row names a program */
static unsigned int added;		/* since the last sweep */
static struct file **row_exes;		/* by row; NULL: of all CPUs */
static struct perf_event **trials;	/* by row; disabled: what the kernel sets up once stays so */
static bool stopping;

static DEFINE_RAW_SPINLOCK(queue_lock);
static struct pid *queue[QUEUED];	/* a ring; held */
static unsigned int queue_head, queue_n;
static atomic_t not_counted;		/* threads */

/* ---- the table ---- */

/* The place of TASK; else *FREE, if that is asked, is one for it, or NULL. */
static __kprobes struct counted *place_for(const struct task_struct *task, struct counted **free)
{
	u32 at = hash_ptr(task, PLACE_BITS);
	unsigned int i;

	if (free)
		*free = NULL;
	for (i = 0; i < MOST_STEPS; i++) {
		struct counted *p = &counted[(at + i) % COUNTED];
		struct task_struct *t = READ_ONCE(p->task);

		if (t == task)
			return p;
		if (free && !*free && (!t || t == TASK_GONE))
			*free = p;
		if (!t)
			return NULL;
	}
	return NULL;
}

/* What a handler reads meanwhile is freed when it is through: events are freed by RCU. */
static void drop_event(struct counted *p, uint32_t i)
{
	struct perf_event *e = p->events[i];

	WRITE_ONCE(p->events[i], NULL);
	if (e)
		perf_event_release_kernel(e);
}

static void drop_place(struct counted *p)
{
	struct task_struct *task = p->task;
	uint32_t i;

	if (!task || task == TASK_GONE)
		return;
	for (i = 0; i < stp_unit.nperf; i++)
		drop_event(p, i);
	WRITE_ONCE(p->task, TASK_GONE);
	put_task_struct(task);
}

static void sweep(void)
{
	unsigned int i;

	added = 0;
	for (i = 0; i < COUNTED; i++) {
		struct task_struct *t = counted[i].task;

		if (t && t != TASK_GONE && READ_ONCE(t->exit_state))
			drop_place(&counted[i]);
		cond_resched();
	}
}

static struct counted *add_place(struct task_struct *task)
{
	struct counted *p;

	if (++added > SWEEP_AFTER)
		sweep();
	place_for(task, &p);
	if (p && !p->events)
		p->events = kcalloc(stp_unit.nperf, sizeof(*p->events), GFP_KERNEL);
	if (!p || !p->events)
		return NULL;
	get_task_struct(task);
	WRITE_ONCE(p->task, task);
	return p;
}

/* ---- events of a task ---- */

/* TASK is current, or its lock is held. */
static __kprobes bool row_means(uint32_t i, struct task_struct *task)
{
	return row_exes[i] && stp_runs(task, file_inode(row_exes[i])) &&
	       (!stp_unit.perf[i].of_target || stp_in_target(task));
}

static bool task_is_meant(uint32_t i, struct task_struct *task)
{
	bool ret;

	task_lock(task);
	ret = row_means(i, task);
	task_unlock(task);
	return ret;
}

/* The process of -c or -x may come to run a program that is meant. */
static bool may_come(uint32_t i, const struct task_struct *task)
{
	return row_exes[i] && stp_session.target_pid && task->tgid == stp_session.target_pid;
}

/* NOT_YET: TASK does not run the program, and waits for it. */
static void attach_row(struct counted *p, uint32_t i, bool not_yet)
{
	const struct stp_row_perf *row = &stp_unit.perf[i];
	struct perf_event *e = p->events[i];

	/* Programs that change the user lose theirs at the exec. */
	if (e && e->state <= PERF_EVENT_STATE_EXIT)
		drop_event(p, i);
	else if (e)
		return;
	e = stp_perf_create(row, -1, p->task, not_yet ? STP_PERF_ON_EXEC :
			    stp_probe_is_off(row->probe) ? STP_PERF_LATER : STP_PERF_NOW);
	if (!IS_ERR(e))
		WRITE_ONCE(p->events[i], e);
	else if (PTR_ERR(e) != -ESRCH)
		atomic_inc(&not_counted);
}

/* With the mutex.  COMING: it was there at the start, and may be the process of -c. */
static void attach(struct task_struct *task, bool coming)
{
	struct counted *p = place_for(task, NULL);
	uint32_t i;

	for (i = 0; i < stp_unit.nperf; i++) {
		bool meant = task_is_meant(i, task);
		bool not_yet = !meant && coming && may_come(i, task);

		if (!p && (meant || not_yet)) {
			p = add_place(task);
			if (!p) {
				atomic_inc(&not_counted);
				return;
			}
		}
		if (meant || not_yet)
			attach_row(p, i, not_yet);
		else if (p)
			drop_event(p, i);
	}
}

static void attach_alive(struct task_struct *task, bool coming)
{
	mutex_lock(&attach_mutex);
	if (!stopping && !(task->flags & PF_EXITING))
		attach(task, coming);
	mutex_unlock(&attach_mutex);
}

/* Does the running thread lack a counter that it may read?  P: its place, or NULL. */
static bool lacks_counter(const struct counted *p)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nperf; i++) {
		const struct perf_event *e = p ? READ_ONCE(p->events[i]) : NULL;

		if (!e && stp_unit.perf[i].counter && row_means(i, current))
			return true;
	}
	return false;
}

void stp_perf_attach(void)
{
	if (counted && lacks_counter(place_for(current, NULL)))
		attach_alive(current, false);
}

/* ---- at hits ---- */

__kprobes bool stp_perf_is_meant(const struct stp_row_perf *row)
{
	return !row->exe || row_means(row - stp_unit.perf, current);
}

__kprobes struct perf_event *stp_perf_of_current(uint32_t i)
{
	struct counted *p = counted ? place_for(current, NULL) : NULL;

	return p ? READ_ONCE(p->events[i]) : NULL;
}

/* ---- those that begin ---- */

static void attach_queued(struct work_struct *work)
{
	for (;;) {
		struct task_struct *task;
		struct pid *pid = NULL;

		raw_spin_lock_irq(&queue_lock);
		if (queue_n) {
			pid = queue[queue_head];
			queue_head = (queue_head + 1) % QUEUED;
			queue_n--;
		}
		raw_spin_unlock_irq(&queue_lock);
		if (!pid)
			return;
		task = get_pid_task(pid, PIDTYPE_PID);
		put_pid(pid);
		if (!task)
			continue;
		attach_alive(task, false);
		put_task_struct(task);
		cond_resched();
	}
}

static DECLARE_WORK(attach_work, attach_queued);

/* The caller's tracepoint is in no lock of the scheduler. */
static void enqueue(struct task_struct *task)
{
	unsigned long flags;
	bool room;

	raw_spin_lock_irqsave(&queue_lock, flags);
	room = queue_n < QUEUED;
	if (room)
		queue[(queue_head + queue_n++) % QUEUED] = get_pid(task_pid(task));
	raw_spin_unlock_irqrestore(&queue_lock, flags);
	if (room)
		schedule_work(&attach_work);
	else
		atomic_inc(&not_counted);
}

static bool any_row_means(struct task_struct *task)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nperf; i++)
		if (row_means(i, task))
			return true;
	return false;
}

/* CHILD does not run yet. */
static void perf_saw_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	if (any_row_means(child))
		enqueue(child);
}

/* Also of one that is in the table and runs another program now. */
static void perf_saw_exec(void *data, struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
{
	if (any_row_means(p) || place_for(p, NULL))
		enqueue(p);
}

static struct seen_tracepoint {
	const char *name;
	void *func;
	struct tracepoint *tp;
	bool armed;
} seen[] = {
	{ "sched_process_fork", perf_saw_fork },
	{ "sched_process_exec", perf_saw_exec },
};

static void find_seen(struct tracepoint *tp, void *priv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seen); i++)
		if (!strcmp(seen[i].name, tp->name))
			seen[i].tp = tp;
}

static int arm_seen(char *why, size_t size)
{
	unsigned int i;
	int err = 0;

	for_each_kernel_tracepoint(find_seen, NULL);
	for (i = 0; i < ARRAY_SIZE(seen) && !err; i++) {
		err = seen[i].tp ? tracepoint_probe_register(seen[i].tp, seen[i].func, NULL) : -ENOENT;
		seen[i].armed = !err;
		if (err)
			snprintf(why, size, "tracepoint %s cannot be had (rc %d)", seen[i].name, err);
	}
	return err;
}

/* ---- those that are there ---- */

static bool is_wanted(struct task_struct *t)
{
	bool ret = false;
	uint32_t i;

	task_lock(t);
	if (!t->exit_state)
		for (i = 0; i < stp_unit.nperf && !ret; i++)
			ret = row_means(i, t) || may_come(i, t);
	task_unlock(t);
	return ret;
}

/* Up to as many as the table has places. */
static unsigned int collect(struct task_struct **ret)
{
	struct task_struct *p, *t;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_process_thread(p, t) {
		if (!is_wanted(t))
			continue;
		if (n < COUNTED)
			ret[n++] = get_task_struct(t);
		else
			atomic_inc(&not_counted);
	}
	rcu_read_unlock();
	return n;
}

void stp_perf_tasks_go(void)
{
	struct task_struct **all;
	unsigned int i, n;

	if (!counted)
		return;
	all = kvmalloc_array(COUNTED, sizeof(*all), GFP_KERNEL);
	if (!all) {
		stp_transport_oob("WARNING: no memory: threads that run already are not counted");
		return;
	}
	n = collect(all);
	for (i = 0; i < n; i++) {
		attach_alive(all[i], true);
		put_task_struct(all[i]);
	}
	kvfree(all);
}

/* ---- life ---- */

void stp_perf_tasks_follow(void)
{
	unsigned int k;
	uint32_t i;

	if (!counted)
		return;
	mutex_lock(&attach_mutex);
	for (k = 0; k < COUNTED; k++) {
		struct counted *p = &counted[k];

		for (i = 0; p->task && p->task != TASK_GONE && i < stp_unit.nperf; i++) {
			if (!p->events[i] || !stp_unit.perf[i].probe->conditional)
				continue;
			if (stp_probe_is_off(stp_unit.perf[i].probe))
				perf_event_disable(p->events[i]);
			else if (!p->events[i]->attr.enable_on_exec)
				perf_event_enable(p->events[i]);
		}
	}
	mutex_unlock(&attach_mutex);
}

static void drop_tables(void)
{
	unsigned int k;
	uint32_t i;

	for (k = 0; counted && k < COUNTED; k++) {
		drop_place(&counted[k]);
		kfree(counted[k].events);
		cond_resched();
	}
	for (i = 0; i < stp_unit.nperf; i++) {
		if (trials && !IS_ERR_OR_NULL(trials[i]))
			perf_event_release_kernel(trials[i]);
		if (row_exes && row_exes[i])
			fput(row_exes[i]);
	}
	kvfree(counted);
	kvfree(trials);
	kvfree(row_exes);
	counted = NULL;
	trials = NULL;
	row_exes = NULL;
}

void stp_perf_tasks_disarm(void)
{
	char line[120];
	unsigned int i;

	if (!counted)
		return;
	for (i = 0; i < ARRAY_SIZE(seen); i++) {
		if (seen[i].armed)
			tracepoint_probe_unregister(seen[i].tp, seen[i].func, NULL);
		seen[i].armed = false;
	}
	tracepoint_synchronize_unregister();
	mutex_lock(&attach_mutex);
	stopping = true;
	mutex_unlock(&attach_mutex);
	flush_work(&attach_work);	/* the queue is empty then */
	drop_tables();
	i = atomic_xchg(&not_counted, 0);
	if (!i)
		return;
	snprintf(line, sizeof(line), "WARNING: counters of %u threads could not be had", i);
	stp_transport_oob(line);
}

/* Opens the program of row I, and asks the kernel for such a counter. */
static int try_row(uint32_t i, char *why, size_t size)
{
	const struct stp_row_perf *row = &stp_unit.perf[i];

	if (!row->exe)
		return 0;
	row_exes[i] = stp_open_program(row->exe, why, size);
	if (!row_exes[i])
		return -ENOENT;
	trials[i] = stp_perf_create(row, -1, current, STP_PERF_LATER);
	return IS_ERR(trials[i]) ? stp_perf_explain(row, PTR_ERR(trials[i]), why, size) : 0;
}

int stp_perf_tasks_arm(char *why, size_t size)
{
	uint32_t i, n = 0;
	int err = 0;

	for (i = 0; i < stp_unit.nperf; i++)
		n += stp_unit.perf[i].exe != NULL;
	if (!n)
		return 0;
	stopping = false;
	counted = kvcalloc(COUNTED, sizeof(*counted), GFP_KERNEL);
	row_exes = kvcalloc(stp_unit.nperf, sizeof(*row_exes), GFP_KERNEL);
	trials = kvcalloc(stp_unit.nperf, sizeof(*trials), GFP_KERNEL);
	if (!counted || !row_exes || !trials) {
		snprintf(why, size, "no memory for counters of threads");
		drop_tables();
		return -ENOMEM;
	}
	for (i = 0; i < stp_unit.nperf && !err; i++)
		err = try_row(i, why, size);
	if (!err)
		err = arm_seen(why, size);
	if (err)
		stp_perf_tasks_disarm();
	return err;
}
#else
void stp_perf_attach(void) { }
#endif
