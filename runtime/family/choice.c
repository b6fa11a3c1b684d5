// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which processes are meant: by their ancestors and by the program they run.  A process whose parent died
 * belongs to the one that took it over, so what a dead descendant of the target left behind does not count
 * as the target's.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include "core/core.h"
#include "family/process.h"

enum { MOST_ANCESTORS = 1000 };

__kprobes bool stp_in_target(struct task_struct *task)
{
	pid_t target = (pid_t)stp_session.target_pid;
	bool found = !target;
	int i;

	rcu_read_lock();
	for (i = 0; !found && i < MOST_ANCESTORS && task->pid > 1; i++) {
		found = task->tgid == target;
		task = rcu_dereference(task->real_parent);
	}
	rcu_read_unlock();
	return found;
}

__kprobes bool stp_runs(const struct task_struct *task, const struct inode *exe)
{
	struct mm_struct *mm = task->mm;
	struct file *file;
	bool ret;

	if (!mm)
		return false;
	rcu_read_lock();
	file = rcu_dereference(mm->exe_file);
	ret = file && file_inode(file) == exe;
	rcu_read_unlock();
	return ret;
}

struct file *stp_open_program(const char *path, char *why, size_t size)
{
	struct file *f = filp_open(path, O_RDONLY | O_LARGEFILE, 0);

	if (!IS_ERR(f) && S_ISREG(file_inode(f)->i_mode))
		return f;
	snprintf(why, size, "%s cannot be opened (rc %d)", path, IS_ERR(f) ? (int)PTR_ERR(f) : -EINVAL);
	if (!IS_ERR(f))
		fput(f);
	return NULL;
}
