/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes a probe of programs means.  For family/uprobe.c and process.c. */
#ifndef FAMILY_PROCESS_H
#define FAMILY_PROCESS_H

#include "core/core.h"

struct file;
struct inode;
struct task_struct;

/* Is TASK, which cannot vanish, of the target, or does it descend from it?  True without a target. */
bool stp_in_target(struct task_struct *task);
/* Does TASK run EXE (what its path is, not what lies below an overlay)?  TASK is current, or its lock is held. */
bool stp_runs(const struct task_struct *task, const struct inode *exe);
/* The file, for reading; NULL and a line in WHY.  May sleep. */
struct file *stp_open_program(const char *path, char *why, size_t size);

#endif
