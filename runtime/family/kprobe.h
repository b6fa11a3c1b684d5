/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the kprobe family share; kprobe.c is the family. */
#ifndef FAMILY_KPROBE_H
#define FAMILY_KPROBE_H

#include <linux/kprobes.h>
#include "core/core.h"

struct stp_kprobe {
	struct kretprobe rp;		/* rp.kp alone for probes that are no return probes */
	const struct stp_row_kprobe *row;
	char *symbol;			/* "module:symbol", owned */
	bool armed;			/* registered with kprobes */
	bool entry;			/* fentry.c has it */
	bool waits;			/* its module is not loaded */
	bool off;			/* disabled: its condition does not hold */
};
extern struct stp_kprobe *stp_kprobes;	/* as many as rows; NULL: nothing is armed */

/* kprobe_hit.c: the handlers that kprobes call */
int stp_kprobe_hit(struct kprobe *kp, struct pt_regs *regs);
int stp_kretprobe_entry(struct kretprobe_instance *ri, struct pt_regs *regs);
int stp_kretprobe_return(struct kretprobe_instance *ri, struct pt_regs *regs);
/* Of one that was just registered: returns come the short way, where the kernel has it. */
void stp_kretprobe_shorten(struct kretprobe *rp);

/*
 * kprobe_place.c: a row and the kernel.  0; or -errno and a line in WHY.
 */
/* Fills kp.addr, or kp.symbol_name and offset. */
int stp_kprobe_locate(struct stp_kprobe *p, char *why, size_t size);
/* With kprobes, disabled or not. */
int stp_kprobe_register(struct stp_kprobe *p, bool enabled);
/* Registers it, disabled, and learns whether it is an entry. */
int stp_kprobe_ask(struct stp_kprobe *p, char *why, size_t size);
/* The first step of a row: where it is, whether it may be there, whether it is an entry. */
int stp_kprobe_place(struct stp_kprobe *p, char *why, size_t size);
/* The second: what is registered and no entry goes off from now on. */
int stp_kprobe_enable(struct stp_kprobe *p, char *why, size_t size);
/* What -errno of kprobes means. */
void stp_kprobe_explain(const struct stp_kprobe *p, int err, char *why, size_t size);

/* kprobe.c */
/* A warning about the NTH row; of many the first few are told. */
void stp_kprobe_warn(const struct stp_row_kprobe *row, const char *why, uint32_t nth);
/* Registered ones of one kind, many at a time: one wait for each of these parts.  MODULE NULL: of all. */
void stp_kprobe_unregister(bool is_return, bool entries_only, const char *module);
/* Calls that found no free instance.  Those of one function are told with what would have helped. */
void stp_kprobe_count_missed(struct stp_kprobe *p);

/* kprobe_follow.c: while the session runs */
void stp_kprobe_module_coming(struct module *m);
void stp_kprobe_module_going(struct module *m);
void stp_kprobe_follow(void);

#endif
