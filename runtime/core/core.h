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

#include <linux/types.h>
#include <linux/stddef.h>
#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include "stp.h"
#include "abi.h"

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

struct stp_session {
	int64_t target_pid, stapio_pid;		/* 0 before start */
};
extern struct stp_session stp_session;

/*
 * What core calls in other rooms:
 *	transport/transport.h
 *		int stp_transport_init(void);		last step of loading: control file appears
 *		void stp_transport_exit(void);		first step of unloading
 *		void stp_transport_oob(const char *text);	one line, no newline, "ERROR: ..." or
 *				"WARNING: ..."; any context including NMI, inside or outside of a handler
 *		void stp_transport_request_exit(void);	STP_MSG_EXIT, once; any context including NMI
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

/* One hit.  Members left zero are zero in the context. */
struct stp_hit {
	const struct stp_probe *probe;
	enum stp_state state;		/* dropped, uncounted, in any other */
	bool entry;			/* run probe->entry in place of probe->handler */
	bool user_regs;
	struct pt_regs *regs;
	const int64_t *args;
	uint32_t nargs;
	int64_t *saved;
	uint64_t return_address;
	void *instance;
};

/* Runs it, unless it has to be skipped.  Any context.  True when the handler ran, even if it failed. */
bool stp_run(const struct stp_hit *hit);

/* A context for work that is no handler's, e.g. procfs; NULL when this CPU's is taken.  Preemption is off until put. */
struct stp_context *stp_context_get(void);
void stp_context_put(struct stp_context *c);

enum stp_counter {
	STP_COUNT_ERRORS,
	STP_COUNT_SKIPPED_LOCK,
	STP_COUNT_SKIPPED_REENTRY,
	STP_COUNT_SKIPPED_STACK,
	STP_COUNT_SKIPPED_MISSED,	/* return probes without a free instance */
	STP_NCOUNTERS
};
void stp_count(enum stp_counter which, uint64_t n);	/* any context */

struct stp_family {
	const char *name;
	/* Process context.  All rows or none: -errno and a line in why. */
	int (*arm)(char *why, size_t size);
	/* Handlers run from now on: NULL or what starts clocks.  Cannot fail. */
	void (*go)(void);
	/* No handler of this family runs after it.  Called only after a successful arm. */
	void (*disarm)(void);
};
extern const struct stp_family *const stp_families[];	/* in order of arming, ends with NULL */

/* The error is the session's, not a handler's: "ERROR: text", state ERROR, exit requested.  Any context. */
void stp_session_error(const char *text);

/* Run-time address minus link-time address of the kernel; false when the unit has no anchor. */
bool stp_kaslr_offset(uint64_t *ret);

#endif
