/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tapset functions ask about the running task and the time; every one in any context, NMI
 * included.  Numbers are those of the initial namespaces.  Included by stp.h only.
 */
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
int64_t stp_task_is_own(void);		/* 1: it has the rights of the user who runs the script, and no others */
void stp_task_execname(char *to, uint32_t size);
void stp_task_pexecname(char *to, uint32_t size);
int64_t stp_task_current(void);		/* address of the task_struct */
int64_t stp_cpu(void);
int64_t stp_target(void);		/* target(): pid given by -x or -c */
int64_t stp_module_pid(void);		/* stp_pid(): of stapio */
int64_t stp_namespaces_pid(void);	/* whose namespaces count: given by -N, else stapio */
int64_t stp_remote_id(void);		/* of stap --remote, from 0; -1 */
const char *stp_remote_uri(void);
const char *stp_module_name(void);	/* of the script's module */
void stp_module_size(char *to, uint32_t size);	/* bytes of its parts, as text */

/*
 * Members of the task_struct at TASK, which may be any number a script came up with: it is read
 * like all probed memory, and an error is set when that fails.
 */
enum stp_task_member { STP_TASK_PID, STP_TASK_TID, STP_TASK_PARENT, STP_TASK_UID, STP_TASK_EUID, STP_TASK_GID,
		       STP_TASK_EGID, STP_TASK_CPU, STP_TASK_STATE, STP_TASK_PRIO, STP_TASK_NICE };
int64_t stp_task_get(struct stp_context *c, int64_t task, enum stp_task_member what);
void stp_task_get_execname(struct stp_context *c, int64_t task, char *to, uint32_t size);
/* The task_struct of thread TID (initial namespace); 0 when there is none. */
int64_t stp_task_find(int64_t tid);

/* Value of variable NAME in the environment the current process was started with; "" without one, and
 * when its memory cannot be read now.  Of a large environment the first 64 KB are searched. */
void stp_env_var(const char *name, char *to, uint32_t size);

int64_t stp_realtime_ns(void);		/* wall clock, any context */
int64_t stp_local_clock_ns(void);	/* this CPU's monotonic clock */
int64_t stp_monotonic_ns(void);
int64_t stp_cycles(void);
int64_t stp_jiffies(void);
int64_t stp_hz(void);
int64_t stp_random(int64_t n);		/* 0 to n - 1; 0 when n < 1.  Not for secrets */
int64_t stp_in_user_mode(struct stp_context *c);	/* user_mode() of the probe's registers */
/* Argument N, from 1, of a function at whose entry the probe is, by the C calling convention; an
 * error when there are no registers, or when N is above the six that registers carry. */
int64_t stp_function_arg(struct stp_context *c, int64_t n);
int64_t stp_return_value(struct stp_context *c);	/* rax */
/* Argument N, from 1, of the system call at the entry of whose __x64_sys_ function the probe is: that
 * function's only argument is the address of the program's registers. */
int64_t stp_syscall_arg(struct stp_context *c, int64_t n);
void stp_set_syscall_arg(struct stp_context *c, int64_t n, uint64_t value);	/* guru */

#endif
