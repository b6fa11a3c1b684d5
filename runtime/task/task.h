/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tapset functions ask about the running task and the time.  Included by stp.h only. */
#ifndef STP_TASK_H
#define STP_TASK_H

int64_t stp_task_pid(void);		/* thread group id, initial namespace */
int64_t stp_task_tid(void);
int64_t stp_task_ppid(void);
int64_t stp_task_pgrp(void);
int64_t stp_task_sid(void);
int64_t stp_task_uid(void);
int64_t stp_task_euid(void);
int64_t stp_task_gid(void);
int64_t stp_task_egid(void);
void stp_task_execname(char *to, uint32_t size);
void stp_task_pexecname(char *to, uint32_t size);
int64_t stp_task_current(void);		/* address of the task_struct */
int64_t stp_cpu(void);
int64_t stp_target(void);		/* target(): pid given by -x or -c */
int64_t stp_module_pid(void);		/* stp_pid(): of stapio */
int64_t stp_realtime_ns(void);		/* wall clock, any context */
int64_t stp_local_clock_ns(void);	/* this CPU's monotonic clock */
int64_t stp_monotonic_ns(void);
int64_t stp_cycles(void);
int64_t stp_jiffies(void);
int64_t stp_hz(void);
int64_t stp_in_user_mode(struct stp_context *c);	/* user_mode() of the probe's registers */

#endif
