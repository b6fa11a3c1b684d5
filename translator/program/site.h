/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A site is one thing that will be armed: one address, one timer, one tracepoint.  Families make
 * them from probe points; cgen prints them as rows of const data; runtime/family arms the rows.
 */
#ifndef PROGRAM_SITE_H
#define PROGRAM_SITE_H

#include "base/diag.h"
#include "program/ctype.h"
#include "program/loc.h"

struct family;
struct handler;

/* Where a call returns to: LEVEL 0 is the call of the probed function, 1 that of its caller... */
struct site_caller { uint64_t address; const char *section; unsigned level; };

/* The file of a program or shared library that is probed. */
struct site_file {
	const char *path;
	const char *build_id;		/* hex, NULL: it has none */
	uint64_t build_id_at;		/* offset in the file */
};

struct site {
	const struct family *family;
	const char *pp;			/* resolved: kernel.function("vfs_read@fs/read_write.c:450").call */
	const char *pn;			/* as the user wrote it: alias or pattern */
	bool aliased;			/* it is an alias, with wildcards expanded: pn(), which is pp of others */
	const char *func;		/* function name for ppfunc(); NULL where there is none */
	const char *module;		/* NULL = kernel; of programs: the path of the file */
	const char *symbol;		/* ELF symbol to arm by, when that is better than the address */
	const char *system;		/* tracepoints: what they belong to, NULL when that cannot be told */
	uint64_t address;		/* link-time address (kernel: of vmlinux; module: inside `section`) */
	const char *section;		/* module: ".text", ".init.text" ... */
	uint64_t offset;		/* from the symbol; programs: in the file */
	const struct site_file *file;	/* programs; else NULL */
	const char *exe;		/* programs: only in processes that run this file; NULL: in all */
	int64_t pid;			/* only in this process; 0: in all */
	bool of_target;			/* only in the process of -c or -x and its descendants */
	bool at_entry;			/* programs: address is where a function is entered */
	uint64_t semaphore;		/* programs: a counter in the file, as `offset`; 0: none */
	bool is_return;
	bool is_inline;
	bool optional;			/* not being able to arm it is a warning: wildcards, `?` */
	bool entry_patchable;		/* address is the function's patchable entry, and may be probed */
	unsigned maxactive;		/* return: 0 = default */
	bool absolute;			/* address is one of the running kernel */
	VEC(struct site_caller) callers;	/* by level; hits of other callers are passed over; none: all count */
	int64_t interval;		/* timers: ns; jiffies timers: jiffies */
	int64_t randomize;		/* timers: +- same unit */
	int kind;			/* family's own subkind (begin/end/error, timer kinds...) */
	int64_t order;			/* begin(N): sequence number */
	const char *counter;		/* perf: what @perf() reads, not a probe; else NULL */
	bool rare;			/* it is hit a thousand times a second at most, or by hand */
	struct ctype *const *args;	/* tracepoints: types of the arguments after the data pointer */
	unsigned nargs;
	void *dbg;			/* family's own: scope at this address for context() */
	struct place place;		/* the probe point in the script */
	struct handler *handler;	/* what runs here; sema */
};

struct site_list { struct site **v; size_t n, cap; };	/* VEC(struct site *) */

/* A variable that can be named in a handler at a site. */
struct site_var {
	const char *name;		/* without $ */
	struct ctype *type;
	struct location loc;
	bool param;			/* formal parameter (for $$parms) */
	bool is_return;			/* the value that $return names */
	bool user;			/* addresses found in it are user-space addresses */
	struct place decl;
};

#endif
