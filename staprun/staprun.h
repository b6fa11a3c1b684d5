/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * staprun: the privileged part.  It loads one module, hands its files to stapio, which runs as the
 * invoking user, and unloads it.  Nothing of argv, the environment or the working directory is
 * trusted but as a row of policy.c allows.
 */
#ifndef STAPRUN_H
#define STAPRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "abi.h"

enum { MODULE_NAME_SIZE = 56 };		/* MODULE_NAME_LEN of 64-bit kernels: linux/moduleparam.h */

struct request {
	bool delete, attach, load_only, background, bulk, no_warnings, rename;
	int verbose;
	const char *command, *user, *file, *target, *size;
	unsigned long buffer_mb;		/* 0: the module's own */
	const char *module;			/* as given */
	char **params;				/* name=value..., NULL-terminated */
	char **env;				/* the invoking user's */
};

/* ---- policy.c: who may do what ---- */

enum who { WHO_NOBODY, WHO_STAPUSR, WHO_STAPDEV, WHO_ROOT };	/* each may do what those before may */
enum action {
	ACT_RUN,		/* use staprun at all */
	ACT_ANY_MODULE,		/* load a module from anywhere, not only from /lib/modules/KVER/systemtap */
	ACT_PARAMS,		/* set variables of the module */
	ACT_BUFFER,		/* -s */
	ACT_OTHER_USER,		/* -u */
	ACT_DELETE,		/* -d, -A, -L: sessions of others, sessions that stay */
	N_ACTIONS
};
enum who policy_who(uid_t real, uid_t effective, const gid_t *groups, int n, gid_t stapusr, gid_t stapdev);
bool policy_allows(enum who w, enum action a);
/* Messages for the first thing in R that the caller may not do; false then. */
bool policy_check(enum who w, const struct request *r);
enum who policy_caller(void);

/* ---- modinfo.c: what a module file says about itself ---- */

struct modinfo {
	char name[MODULE_NAME_SIZE];
	char vermagic[128];			/* "" when there is none */
	uint64_t name_at;			/* of the name in struct module, bytes into the file; 0: not found */
	char *text;				/* the section: strings, each with its NUL */
	size_t size;
};
/* Reads .modinfo of the ELF file FD.  NULL, or what is wrong with it (RET is not touched then). */
const char *modinfo_read(int fd, struct modinfo *ret);
void modinfo_deinit(struct modinfo *m);
/* True when the module has a variable of the N bytes at NAME. */
bool modinfo_has_param(const struct modinfo *m, const char *name, size_t n);
/* True when NAME is what a module may be called: letters, digits, _ */
bool modinfo_name_ok(const char *name);

/* ---- load.c ---- */

/* Opens the file the policy allows W to load; -1 after a message. */
int load_open(const struct request *r, enum who w);
/* A copy of the module FD in memory that has a name of its own (NAME_PID), which M gets; -1 when that cannot
 * be had: then the file is loaded as it is. */
int load_renamed(int fd, struct modinfo *m);
bool load_module(int fd, const struct modinfo *m, const struct request *r);	/* false after a message */
/* Unloads, waiting up to LIMIT_MS for users to let go; false after a message. */
bool unload_module(const char *name, int limit_ms);

/* ---- files.c: the files of a loaded module ---- */

struct files {
	int dir, control;
	struct stp_msg_ready ready;
};
/* Opens directory and control file of module NAME and reads its greeting; false after a message. */
bool files_open(struct files *f, const char *name);
bool files_check_kernel(const struct files *f, const char *name);	/* false after a message */
bool files_send_sections(const struct files *f, int verbose);		/* false after a message */
/* -d, -L: starts or stops without stapio.  0 or errno; what went wrong is told. */
int files_start_detached(struct files *f, int64_t target);
int files_stop(struct files *f);
void files_close(struct files *f);

/* ---- child.c: stapio ---- */

/* From here to the end of child_run() signals wait; before a module is loaded or attached to. */
void child_block_signals(void);
/* Starts stapio with the files of F, waits for it, unloads NAME when it is done with it.
 * started_fd (-1: none) gets a byte when probes are armed.  Exit status for main(). */
int child_run(struct files *f, const struct request *r, const char *name, int started_fd);

void say(int verbose, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* "ERROR: ...\n" */

#endif
