// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who runs: identifiers and names of the current task and its parent, and members of tasks that a
 * script points to.  Called in any context.  Only stp_current() is followed by pointer, its parent
 * under RCU; every other task is read as probed memory, for its address is the script's guess.
 *
 * A task that has been reaped still runs for a moment (do_exit() after release_task()): its pid
 * structures may be gone then, so each is checked.
 */
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/pid_namespace.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include "core/core.h"
#include "core/hit.h"

int64_t stp_task_pid(void)
{
	return stp_current()->tgid;
}

int64_t stp_task_tid(void)
{
	return stp_current()->pid;
}

int64_t stp_task_ppid(void)
{
	struct task_struct *t = stp_current();
	int64_t ret = 0;

	rcu_read_lock();
	if (pid_alive(t))		/* else nobody keeps the pointer right */
		ret = rcu_dereference(t->real_parent)->tgid;
	rcu_read_unlock();
	return ret;
}

/* Of the process group or the session. */
static int64_t number_of(enum pid_type type)
{
	struct signal_struct *signal = READ_ONCE(stp_current()->signal);
	int64_t ret = 0;

	rcu_read_lock();
	if (signal)
		ret = pid_nr(rcu_dereference_raw(signal->pids[type]));
	rcu_read_unlock();
	return ret;
}

int64_t stp_task_pgrp(void)
{
	return number_of(PIDTYPE_PGID);
}

int64_t stp_task_sid(void)
{
	return number_of(PIDTYPE_SID);
}

/* As which the task acts; interrupts are off where it is another one's. */
static const struct cred *cred_of(void)
{
	const struct stp_cpu *s = stp_acting();

	return unlikely(s) ? rcu_dereference_raw(s->task->real_cred) : current_cred();
}

/* Programs with the rights of two users, as set-user-ID ones, are nobody's own: as for ptrace(2). */
__kprobes bool stp_is_own(const struct task_struct *task)
{
	const struct cred *c;
	bool ret;

	rcu_read_lock();
	c = rcu_dereference(task->real_cred);
	ret = uid_eq(c->uid, stp_session.user) && uid_eq(c->euid, stp_session.user) &&
	      uid_eq(c->suid, stp_session.user) && gid_eq(c->egid, c->gid) && gid_eq(c->sgid, c->gid);
	rcu_read_unlock();
	return ret;
}

int64_t stp_task_is_own(void)
{
	return stp_is_own(stp_current());
}

int64_t stp_task_uid(void)
{
	return __kuid_val(cred_of()->uid);
}

int64_t stp_task_euid(void)
{
	return __kuid_val(cred_of()->euid);
}

int64_t stp_task_gid(void)
{
	return __kgid_val(cred_of()->gid);
}

int64_t stp_task_egid(void)
{
	return __kgid_val(cred_of()->egid);
}

/* Not get_task_comm(): that takes the task's lock.  The last byte of comm is always NUL. */
void stp_task_execname(char *to, uint32_t size)
{
	const struct task_struct *t = stp_current();

	if (size < TASK_COMM_LEN) {
		stp_strcpy(to, t->comm, size);
		return;
	}
	memcpy(to, t->comm, TASK_COMM_LEN);	/* a few words; what is behind the first NUL does no harm */
	to[TASK_COMM_LEN - 1] = '\0';
}

void stp_task_pexecname(char *to, uint32_t size)
{
	struct task_struct *t = stp_current();

	stp_strcpy(to, "", size);
	rcu_read_lock();
	if (pid_alive(t))
		stp_strcpy(to, rcu_dereference(t->real_parent)->comm, min_t(uint32_t, size, TASK_COMM_LEN));
	rcu_read_unlock();
}

int64_t stp_task_current(void)
{
	return (int64_t)(unsigned long)stp_current();
}

int64_t stp_cpu(void)
{
	return raw_smp_processor_id();
}

int64_t stp_target(void)
{
	return stp_session.target_pid;
}

int64_t stp_module_pid(void)
{
	return stp_session.stapio_pid;
}

int64_t stp_namespaces_pid(void)
{
	return stp_session.namespaces_pid ?: stp_session.stapio_pid;
}

int64_t stp_remote_id(void)
{
	return stp_session.remote_id;
}

const char *stp_remote_uri(void)
{
	return stp_session.remote_uri;
}

const char *stp_module_name(void)
{
	return THIS_MODULE->name;
}

void stp_module_size(char *to, uint32_t size)
{
	const struct module *m = THIS_MODULE;
#ifdef for_each_mod_mem_type
	unsigned int text = m->mem[MOD_TEXT].size, data = m->mem[MOD_DATA].size,
		     rodata = m->mem[MOD_RODATA].size + m->mem[MOD_RO_AFTER_INIT].size;
#else
	unsigned int text = m->core_layout.text_size, rodata = m->core_layout.ro_after_init_size - text,
		     data = m->core_layout.size - m->core_layout.ro_after_init_size;
#endif

	scnprintf(to, size, "text:%u rodata:%u data:%u", text, rodata, data);
}

/* ---- other tasks ---- */

#define MEMBER(type, name) { offsetof(struct type, name), sizeof_field(struct type, name) }

static const struct member {
	unsigned int offset, size;
	bool of_cred;
} members[] = {
	[STP_TASK_PID] = MEMBER(task_struct, tgid),
	[STP_TASK_TID] = MEMBER(task_struct, pid),
	[STP_TASK_PARENT] = MEMBER(task_struct, real_parent),
	[STP_TASK_UID] = { offsetof(struct cred, uid), 4, true },
	[STP_TASK_EUID] = { offsetof(struct cred, euid), 4, true },
	[STP_TASK_GID] = { offsetof(struct cred, gid), 4, true },
	[STP_TASK_EGID] = { offsetof(struct cred, egid), 4, true },
	[STP_TASK_CPU] = MEMBER(task_struct, thread_info.cpu),
	[STP_TASK_STATE] = MEMBER(task_struct, __state),
	[STP_TASK_PRIO] = MEMBER(task_struct, prio),
	[STP_TASK_NICE] = MEMBER(task_struct, static_prio),
};

int64_t stp_task_get(struct stp_context *c, int64_t task, enum stp_task_member what)
{
	const struct member *m = &members[what];
	uint64_t at = (uint64_t)task, v;

	if (m->of_cred)
		at = stp_load(c, at + offsetof(struct task_struct, real_cred), sizeof(void *));
	if (c->error)
		return 0;
	v = stp_load(c, at + m->offset, m->size);
	if (what == STP_TASK_NICE)
		return PRIO_TO_NICE((int)v);
	if (what == STP_TASK_PRIO)
		return (int)v - MAX_RT_PRIO;
	return (int64_t)v;
}

void stp_task_get_execname(struct stp_context *c, int64_t task, char *to, uint32_t size)
{
	char comm[TASK_COMM_LEN] = "";

	if (!stp_try_copy(comm, (uint64_t)task + offsetof(struct task_struct, comm), sizeof(comm) - 1, false))
		stp_error(c, "read fault [man error::fault] at 0x%llx", (unsigned long long)task);
	stp_strcpy(to, comm, size);
}

int64_t stp_task_find(int64_t tid)
{
	struct task_struct *t = NULL;

	rcu_read_lock();
	if (tid > 0 && tid <= INT_MAX)
		t = pid_task(find_pid_ns((int)tid, &init_pid_ns), PIDTYPE_PID);
	rcu_read_unlock();
	return (int64_t)(unsigned long)t;
}
