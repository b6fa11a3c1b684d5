/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disposable guest: run a command, or a shell, in a virtual machine that boots an installed
 * kernel on top of a copy-on-write view of this machine's files. What happens in the guest touches
 * neither the running kernel nor any file, except below the one directory that the caller shares
 * read-write.
 *
 * Messages go to stderr in the wording "ERROR: ..." and "WARNING: ..."; callers only propagate the
 * status.
 */
#ifndef RUN_GUEST_H
#define RUN_GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* Zero or NULL in any member means its default; a struct that is all zeroes is a good guest. */
struct guest_options {
	const char *kver;     /* kernel release or its beginning ("6.1"); default: the newest */
	unsigned int cpus;    /* default 2; 1 with icount, where a spinning one starves the others */
	unsigned int mem_mb;  /* default 2048; taken from the host only as the guest touches it */
	const char *append;   /* more words for the kernel's command line */
	const char *share;    /* absolute path of a directory that is read-write, at the same path */
	unsigned int boot_limit_s; /* default 180: time until the agent in the guest answers */
	unsigned int hang_limit_s; /* default 60: time without a sign of life from the agent */
	int verbose;          /* 1: times; 2: QEMU's command line; 3: the kernel's log, live */
	bool icount;          /* one guest nanosecond per instruction: measurements are repeatable */
	bool no_kvm;          /* software emulation even where /dev/kvm works */
	bool strict;          /* a kernel warning, lockdep report or the like fails the run */
};

/*
 * Run argv (found through PATH) as root in a guest, with the caller's working directory, stdin,
 * umask and the part of the environment that means something there (PATH, HOME, LANG, TZ,
 * SYSTEMTAP_* and the like). Its stdout and stderr arrive on the caller's, live and apart. SIGINT,
 * SIGTERM, SIGHUP and SIGQUIT are forwarded to it; a second one ends the guest.
 *
 * Returns the command's exit status, 128 + N if signal N ended it (or if a second signal N ended
 * the guest), or -1 if the guest could not be made, panicked or hung, which has then been reported.
 */
int guest_run(const struct guest_options *options, char *const argv[]);

/* The same for an interactive shell ($SHELL, else /bin/sh) on a terminal in the guest. */
int guest_shell(const struct guest_options *options);

/*
 * The full release of the kernel that a guest for want (a release, the beginning of one, or NULL
 * for the newest) would boot, for the caller to free. NULL if there is none, which has then been
 * reported together with the releases that there are.
 */
char *guest_kernel_find(const char *want);

#endif
