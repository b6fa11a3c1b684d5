/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the runtime: what core/ offers to transport/, data/, task/, symbol/ and family/.  Generated
 * units never see this header.
 *
 * One handler runs per CPU at a time: while a context is held, every other hit on that CPU, from
 * interrupt or NMI, is skipped and counted.  Whoever writes per-CPU data from a handler (relay
 * buffers, statistics) may rely on that.  It does not hold between a handler and process context:
 * code called from control files that touches the same data needs preempt_disable() and must know
 * that a handler may interrupt it.
 */
#ifndef STP_CORE_H
#define STP_CORE_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <linux/stddef.h>
#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include "abi.h"
#include "stp.h"

/* ---- the session, for transport: process context, may sleep, serialised by core's own mutex ---- */

/*
 * Arms all families, runs the begin probes, lets handlers run.  0; or -errno with a line for people
 * in `why` (no "ERROR: ", no newline), everything disarmed again and no begin probe run.  A begin
 * probe that fails or calls exit() is no failure of the start: stp_transport_request_exit() follows.
 */
int stp_session_start(int64_t target_pid, int64_t stapio_pid, char *why, size_t size);

/*
 * Disarms everything, waits until no handler runs, runs end probes (error probes when the session
 * ended by an error).  Idempotent; harmless before a start.  After it no handler writes records.
 */
void stp_session_stop(void);

/* Fills all members but lost_records and lost_bytes, which are transport's. Final after stop. */
void stp_session_counters(struct stp_msg_stopped *ret);

/* Where a section of a module is: before start only.  0, -EBUSY after start, -ENOMEM, -EINVAL. */
int stp_session_reloc(const struct stp_cmd_reloc *r);

/* Name of the I-th module whose sections the script needs to be told of; NULL after the last. */
const char *stp_session_module(uint32_t i);

/* A global variable's value as text: before start only.  0, or -errno as abi.h says of STP_CMD_SET. */
int stp_session_set(const char *name, const char *value);

struct stp_session {
	int64_t target_pid, stapio_pid;		/* 0 before start */
	kuid_t user;				/* who runs the script: stapio's */
	int64_t namespaces_pid;			/* 0: stapio's own */
	int64_t remote_id;			/* -1: not run by stap --remote */
	char remote_uri[128];
	bool json;				/* histograms go out as records */
};
extern struct stp_session stp_session;

/*
 * What core calls in other rooms:
 *	transport/transport.h	stp_transport_*(): its init is the last step of loading, its exit the
 *				first of unloading
 *	data/data.h
 *		int stp_data_init(void);		maps of stp_unit.globals; -errno, nothing left behind
 *		void stp_data_exit(void);
 */

/* ---- handlers, for families ---- */

enum stp_state {
	STP_STATE_IDLE,		/* loaded */
	STP_STATE_STARTING,	/* arming, then begin probes run */
	STP_STATE_RUNNING,	/* probes run */
	STP_STATE_EXITING,	/* exit() was called: nothing runs until the stop */
	STP_STATE_STOPPING,	/* end probes run */
	STP_STATE_ERROR,	/* ended by an error: only error probes run */
	STP_STATE_STOPPED,
};

/*
 * A handler of a begin, end or error probe, unless the session is in another state; others come by
 * core/hit.h.  Process context with interrupts on, may sleep while printing.  Not on a CPU's context but on
 * one of their own, one at a time; no other handler runs meanwhile, because the session is in a state in
 * which nothing else does.  True when the handler ran, even if it failed.
 */
bool stp_run_sleeping(const struct stp_probe *p, enum stp_state state);
void stp_been_run(enum stp_been_kind kind, enum stp_state state);	/* family/been.c */

/* This CPU's scratch of STP_BOUNCE_SIZE bytes in kmalloc memory, for whoever holds the context, in short use. */
enum { STP_BOUNCE_SIZE = 256 };
char *stp_bounce(void);

enum stp_counter {
	STP_COUNT_ERRORS,
	STP_COUNT_SKIPPED_LOCK,
	STP_COUNT_SKIPPED_REENTRY,
	STP_COUNT_SKIPPED_STACK,
	STP_COUNT_SKIPPED_MISSED,	/* return probes without a free instance */
	STP_NCOUNTERS
};
void stp_count(enum stp_counter which, uint64_t n);	/* any context */

struct module;

struct stp_family {
	const char *name;
	/* Process context.  All rows or none: -errno and a line in why. */
	int (*arm)(char *why, size_t size);
	/* Handlers run from now on: NULL or what starts clocks.  Cannot fail. */
	void (*go)(void);
	/*
	 * NULL, or: probes whose stp_probe_is_off() changed are disarmed or armed again, as far as it can be done;
	 * their handlers look at the condition in any case.  Process context, between arm and disarm.
	 */
	void (*follow)(void);
	/* No handler of this family runs after it.  Called only after a successful arm. */
	void (*disarm)(void);
	/* NULL, or: a module that the unit names is loaded, its sections have places; it is unloaded. */
	void (*module_coming)(struct module *m);
	void (*module_going)(struct module *m);
};
extern const struct stp_family *const stp_families[];	/* in order of arming, ends with NULL */
/* To arm ROWS of a family in a kernel without what it needs. */
static inline int stp_family_absent(uint32_t rows, const char *what, char *why, size_t size)
{
	if (!rows)
		return 0;
	snprintf(why, size, "this kernel has no %s", what);
	return -ENOSYS;
}

/*
 * Ends the session by an error that is no single handler's: prints "ERROR: text" in order with the
 * output of C, once per session.  Any context.
 */
void stp_session_error(struct stp_context *c, const char *text);
enum stp_state stp_session_state(void);

/* ---- contexts, for module.c and session.c ---- */
int stp_contexts_init(void);
void stp_contexts_exit(void);
void stp_contexts_drain(void);		/* waits until no CPU is in a handler */
uint64_t stp_counted(enum stp_counter which);

/* ---- core/parts.c: globals of which each CPU has a part ---- */
int stp_parts_init(void);		/* after contexts and maps; -ENOMEM */
void stp_parts_exit(void);
void stp_parts_gather(uint32_t gates);	/* of those globals; no handler adds to them */

/* ---- core/condition.c: probe points with a condition ---- */
int stp_conditions_init(void);
void stp_conditions_exit(void);
void stp_conditions_start(void);	/* when handlers run */
void stp_conditions_stop(void);		/* when none starts any more, before anything is disarmed */
void stp_conditions_look(void);		/* something was armed anew: process context */
/* Did its condition not hold when it was last looked at? */
bool stp_probe_is_off(const struct stp_probe *p);

/* ---- core/modules.c ---- */
/* Before families are armed: -errno and a line in why when a module is not the one expected. */
int stp_modules_start(char *why, size_t size);
void stp_modules_watch(void);		/* after */
void stp_modules_stop(void);		/* before they are disarmed; harmless without a start */
enum stp_module_loaded stp_module_loaded(const char *name);
/* Address of a symbol of a module that the unit names and that is loaded; else 0. */
unsigned long stp_module_symbol(const char *module, const char *symbol);

/* ---- access/reloc.c ---- */
/* Before handlers run: later stp_reloc_add() of the pair changes its address alone. */
int stp_reloc_reserve(const char *module, const char *section);
void stp_reloc_forget(const char *module);		/* its sections have no places any more */
int stp_reloc_add(const struct stp_cmd_reloc *r);	/* 0, -ENOMEM, -EINVAL */
void stp_reloc_exit(void);
/* Run-time address minus link-time address of the kernel; false when the unit has no anchor. */
bool stp_kaslr_offset(uint64_t *ret);

#endif
