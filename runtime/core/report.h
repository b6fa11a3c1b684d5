/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts for each probe.  Inside the runtime; all but init, exit, missed and tally may be called in any context. */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "core/core.h"

struct stp_tally {
	u64 hits;			/* handlers that ran */
	u64 errors;			/* of them, those that ended by an error */
	u64 cycles, least, most;	/* that they took: all, the shortest, the longest */
	u64 skipped[STP_NCOUNTERS];
	u64 off;			/* hits after the probe was too costly and was turned off */
	u64 cut;			/* strings that did not fit */
	u64 lost;			/* records that found no room */
};

extern bool stp_reports;		/* the functions below may be called */

int stp_report_init(void);		/* 0 or -ENOMEM */
void stp_report_exit(void);

/* Around a handler, with its context held.  False: it is not to run, which has been counted. */
bool stp_report_enter(const struct stp_probe *p, bool may_sleep);
void stp_report_leave(bool may_sleep, bool ran, bool failed, u64 cycles);
void stp_report_skipped(const struct stp_probe *p, enum stp_counter why);
void stp_report_missed(const struct stp_probe *p, enum stp_counter why, u64 n);	/* process context, disarmed */
void stp_report_lost(void);		/* by the handler that runs */
/* The probe that took most of this CPU's time, if there is one left, does not run any more. */
void stp_report_overload(void);

/* Sums of one probe; false behind the last one, or when nothing was counted. */
bool stp_report_tally(u32 index, struct stp_tally *ret, bool *ret_off);

#endif
