/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of function entries share; fentry.c is the way in. */
#ifndef FAMILY_FENTRY_SET_H
#define FAMILY_FENTRY_SET_H

#include <linux/ftrace.h>
#include "family/fentry.h"

#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
/* Those that carry arguments, the stack pointer and the frame pointer are there without SAVE_REGS too. */
#define STP_FENTRY_ARGUMENTS
#endif

extern struct stp_fentry *stp_fentries;	/* NULL: nothing is armed; sorted; an ip of 0 ends it */
extern uint32_t stp_nfentries;

static inline bool stp_fentry_is_first(uint32_t i)
{
	return !i || stp_fentries[i].ip != stp_fentries[i - 1].ip;
}

struct stp_fentry_set {
	struct ftrace_ops ops;
	bool all_regs;
	uint32_t n;			/* entries that ftrace took */
	bool registered;
};

/* fentry_order.c: sorts the entries, and finds out for each address how it is hit and in which set it is */
void stp_fentry_sort(void);

/* fentry_hit.c: from an address that is hit to its handlers */
void stp_fentry_hit(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops, struct ftrace_regs *fregs);
/* The table that it looks into, of the sorted entries.  0 or -ENOMEM. */
int stp_fentry_hash(void);
void stp_fentry_unhash(void);

/* fentry_filter.c: puts what ftrace takes of SET into its filter, and marks what it does not.  0 or -errno. */
int stp_fentry_fill(struct stp_fentry_set *set);

#endif
