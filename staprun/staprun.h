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
	bool delete, attach, load_only, background, bulk, json, no_warnings, rename;
	int verbose;
	const char *command, *file, *target, *size, *period, *colour;
	unsigned long buffer_mb;		/* 0: the module's own */
	unsigned long namespaces;		/* -N; 0: none */
	long remote_id;				/* -r; -1: none */
	const char *remote_uri;
	const char *module;			/* as given */
	char **params;				/* name=value..., NULL-terminated */
	char **env;				/* the invoking user's */
};

/* ---- request.c: what is asked for ---- */

enum parsed { PARSED, PARSED_HELP, PARSED_VERSION, PARSED_UNKNOWN, PARSED_WRONG };	/* WRONG: after a message */
extern const char request_usage[];
void request_init(struct request *r, const char *verbose);	/* VERBOSE: of the environment, may be NULL */
enum parsed request_parse(struct request *r, int argc, char **argv);
/* Name of a loaded module from "NAME", "NAME.ko" or a path, MODULE_NAME_SIZE bytes; false after a message. */
bool request_module_name(const char *arg, char *to);

/* ---- policy.c: who may do what ---- */

enum who { WHO_NOBODY, WHO_STAPUSR, WHO_STAPDEV, WHO_ROOT };	/* each may do what those before may */
enum action {
	ACT_RUN,		/* use staprun at all */
	ACT_ANY_MODULE,		/* load a module from anywhere, not only from /lib/modules/KVER/systemtap */
	ACT_PARAMS,		/* set variables of the module */
	ACT_BUFFER,		/* -s */
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
};
/* Reads .modinfo of the ELF file FD.  NULL, or what is wrong with it (RET is not touched then). */
const char *modinfo_read(int fd, struct modinfo *ret);
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
/* Opens directory and control file of module NAME and reads its greeting; false after a message, but for
 * EBUSY when that is no news (BUSY_IS_FINE). */
bool files_open(struct files *f, const char *name, bool busy_is_fine);
bool files_check_kernel(const struct files *f, const char *name);	/* false after a message */
bool files_send_sections(const struct files *f, int verbose);		/* false after a message */
/* Global variables of module NAME; false after a message. */
bool files_set_variables(const struct files *f, const char *name, char *const *params);
/* -d, -L: starts or stops without stapio.  0 or errno; what went wrong is told. */
int files_start_detached(struct files *f, const struct request *r);
int files_stop(struct files *f);
void files_close(struct files *f);
/* A line for each stap module that is loaded: its name.  For the caller to free(); NULL: none, or a message. */
char *files_list(void);
void files_how_to_attach(const char *name);		/* says so */

/* ---- child.c: stapio ---- */

/* From here to the end of child_run() signals wait; before a module is loaded or attached to. */
void child_block_signals(void);
/* Starts stapio with the files of F, waits for it, unloads NAME when it is done with it.
 * started_fd (-1: none) gets a byte when probes are armed.  Exit status for main(). */
int child_run(struct files *f, const struct request *r, const char *name, int started_fd);

void say(int verbose, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* "ERROR: ...\n" */

#endif
