/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many function entries under one or two ftrace_ops.  For family/kprobe.c. */
#ifndef FAMILY_FENTRY_H
#define FAMILY_FENTRY_H

#include "core/core.h"

#if defined(CONFIG_KPROBES_ON_FTRACE) && defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS)
#define STP_HAVE_FENTRY
#endif

struct stp_fentry {
	unsigned long ip;		/* what ftrace calls the place; behind an ENDBR if there is one */
	const struct stp_probe *probe;
	struct kretprobe *rp;		/* of a return probe, disabled; its entry handler finds the context held */
	uint32_t order;			/* among probes of one address */
	bool all_regs;			/* the handler wants more than what carries arguments */
	bool rcu;			/* not to be run where RCU does not watch */
	bool refused;			/* ftrace knows no entry there */
	bool gone;			/* its code was unloaded */
	bool off;			/* of the first at an address: no probe there has a condition that holds */
	enum stp_fentry_way {
		STP_FENTRY_ONE,		/* alone at its address, and no return probe */
		STP_FENTRY_RETURN,	/* alone, a return probe that runs nothing at the entry */
		STP_FENTRY_BOTH,	/* one of each of these, in this order */
		STP_FENTRY_SEVERAL,	/* anything else */
	} way;
};

#ifdef STP_HAVE_FENTRY
/* What ftrace calls the entry of the function at ADDR; 0: ask the kernel. */
unsigned long stp_fentry_ip(unsigned long addr);
/* Does a call of ftrace, or what is there while it is off, begin the function at ADDR? */
bool stp_fentry_is_call(unsigned long addr);
/*
 * Process context.  LIST (kvmalloc memory, with one entry of zeroes behind the N) becomes its own and is
 * sorted; those that ftrace does not take are marked.  Hits begin with stp_fentry_arm().  -errno and a line
 * in why: nothing is armed, and LIST is gone.
 */
int stp_fentry_prepare(struct stp_fentry *list, uint32_t n, char *why, size_t size);
int stp_fentry_arm(char *why, size_t size);
/* No handler runs after it; harmless when nothing is armed. */
void stp_fentry_disarm(void);
/* Entries for which GONE says so are hit no more, and no hit of them is on its way. */
void stp_fentry_forget(bool (*gone)(unsigned long ip, void *data), void *data);
/* Entries where stp_probe_is_off() is true of all probes are left alone by ftrace, the others are not. */
void stp_fentry_follow(void);
#else
static inline unsigned long stp_fentry_ip(unsigned long addr) { return 0; }
static inline bool stp_fentry_is_call(unsigned long addr) { return false; }
static inline int stp_fentry_prepare(struct stp_fentry *list, uint32_t n, char *why, size_t size)
{
	return -95;			/* never asked to: there is no entry without an ip */
}
static inline int stp_fentry_arm(char *why, size_t size) { return -95; }
static inline void stp_fentry_disarm(void) { }
static inline void stp_fentry_forget(bool (*gone)(unsigned long ip, void *data), void *data) { }
static inline void stp_fentry_follow(void) { }
#endif

#endif
