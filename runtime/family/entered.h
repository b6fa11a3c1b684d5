/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What return probes of programs keep from a function's entry to its return.  For family/uprobe.c. */
#ifndef FAMILY_ENTERED_H
#define FAMILY_ENTERED_H

#include "core/core.h"

struct stp_entered;		/* of one probe: calls that are under way */

struct stp_call {
	const void *task;		/* NULL: free */
	unsigned long sp;		/* where the return address is */
	uint64_t order;			/* of calls, rising */
	bool used;			/* a handler works on it */
	int64_t saved[];
};

/* NSLOTS of 8 bytes to a call.  NULL: no memory. */
struct stp_entered *stp_entered_new(uint32_t nslots);
void stp_entered_free(struct stp_entered *e);
/*
 * With the context held.  A call of the current task, whose return address is at SP: cleared and to be put
 * back by stp_call_kept() or stp_call_done().  NULL: there is no room.
 */
struct stp_call *stp_call_enter(struct stp_entered *e, unsigned long sp);
/* The latest call that was kept there; NULL: it was not seen, or had to make room (*LOST). */
struct stp_call *stp_call_find(struct stp_entered *e, unsigned long sp, bool *lost);
void stp_call_kept(struct stp_call *c);
void stp_call_done(struct stp_call *c);

#endif
