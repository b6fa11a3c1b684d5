/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command of -c. */
#ifndef STAPIO_CHILD_H
#define STAPIO_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;			/* 0: none */
	int go;				/* closing without a byte: exit; a byte: exec */
	int status;			/* of waitpid(), when exited */
	bool exited;
};

/*
 * Splits COMMAND at blanks, with '...', "..." and \ as sh has them, into a NULL-terminated array
 * (free the array and its first element's memory with free() each); NULL when it needs a shell
 * (or memory is short): any of $ ` * ? [ ~ < > | & ; ( ) # ! newline { } outside quotes, $ ` \ in "", = in
 * the first word.
 */
char **command_split(const char *command);

/*
 * Forks a process that waits before it execs COMMAND with signal mask MASK.  0, or errno after a message.
 */
int child_start(struct child *c, const char *command, const sigset_t *mask);
void child_go(struct child *c);
/* Never lets it exec; waits for it and forgets it. */
void child_cancel(struct child *c);
/* True when it has exited; does not wait. */
bool child_check(struct child *c);
/* Has a shell run COMMAND, in the background; false after a message. */
bool child_system(const char *command, const sigset_t *mask);
/* How many of them have exited since the last call; does not wait.  C is left alone. */
unsigned child_reap_others(const struct child *c);
/* Says when it did not exit with 0; true then. */
bool child_report(const struct child *c);

#endif
