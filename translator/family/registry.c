/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe families there are.  A point that several answer goes to the first. */
#include "family/family.h"

extern const struct family family_been, family_hwbkpt, family_kprobe, family_never, family_netfilter, family_perf,
	family_process, family_procfs, family_timer, family_tracepoint, family_uprobe;

const struct family *const families[] = {
	&family_been,
	&family_never,
	&family_timer,
	&family_kprobe,
	&family_tracepoint,
	&family_procfs,
	&family_netfilter,
	&family_perf,
	&family_process,
	&family_uprobe,
	&family_hwbkpt,
	NULL,
};
