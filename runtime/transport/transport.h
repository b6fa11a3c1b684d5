/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From handlers to stapio: one ring of records per CPU, one for handlers that may sleep, and the
 * control file.  Kernel side of abi.h; other runtime rooms include this header.
 *
 * Order.  All records that one handler run writes carry the time of its first record, so stapio,
 * which merges by (time, channel), keeps them together.  While a run has records open its channel
 * is `busy`; a read of a channel that is not busy ends with a STP_REC_MARK record: nothing older
 * than its time can still come from there.
 *
 * What core does for us, per handler run: c->out = NULL and c->may_sleep before it, and after it
 *	if (c->out)
 *		stp_transport_done(c);
 * Between these two a handler with !c->may_sleep stays on its CPU and is the only one there that
 * prints (NMI handlers that interrupt it are skipped by core).  Handlers with c->may_sleep run one
 * at a time, in process context with interrupts on, holding no lock that a reader needs.
 */
#ifndef STP_TRANSPORT_H
#define STP_TRANSPORT_H

#include <linux/types.h>
#include <linux/compiler_attributes.h>
#include "abi.h"
#include "stp.h"

/* ---- life of the module ---- */

/*
 * From module_init: makes /sys/kernel/debug/systemtap/NAME/ and the rings.  0 or -errno; nothing
 * is left after an error.  -EEXIST: a module of this name has its directory already.
 */
int stp_transport_init(void);
/* From module_exit, or after a failure later in module_init.  No handler runs any more. */
void stp_transport_exit(void);

/* ---- from handlers ---- */

/* Closes the run's records: stapio may show them and what came later elsewhere. */
void stp_transport_done(struct stp_context *c);
/* One line for stderr, in order with the output; "ERROR: " or "WARNING: " is part of the text, the
 * newline is added.  Has some room kept for it when output has filled the ring. */
__printf(2, 3) void stp_transport_line(struct stp_context *c, const char *fmt, ...);
/* Any context, also outside handlers and in NMI: asks stapio, once, to stop the session. */
void stp_transport_request_exit(void);

/* ---- from any context, inside or outside of handlers ---- */

/* Line for stderr through the control file: "ERROR: ..." / "WARNING: ..."; newline is added.  Not in
 * order with the output: handlers that have a context use stp_transport_line().  Up to 64 lines of
 * 500 bytes wait for stapio, more are counted as lost. */
void stp_transport_oob(const char *text);

#endif
