/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control file of a loaded module. */
#ifndef STAPIO_CONTROL_H
#define STAPIO_CONTROL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "abi.h"

struct control {
	int fd;
	int results;			/* readable: control_result() has something */
	int commands;			/* to the thread that writes to fd */
	int thread_in, thread_out;
	pthread_t thread;
};

/* What a command came to. */
struct control_result {
	uint32_t type;			/* enum stp_cmd_type */
	int error;			/* errno, 0 = done */
};

/* Starts the thread; call with all signals blocked.  0 or errno. */
int control_init(struct control *c, int fd);
/* Sends without waiting; start and stop run probes and may take long. */
void control_start(struct control *c, const struct stp_cmd_start *what);	/* stapio_pid is filled in */
void control_detach(struct control *c);
void control_stop(struct control *c);
bool control_result(struct control *c, struct control_result *ret);	/* false: none */

/* Reads what waits and calls GOT for each message; payload is NUL terminated beyond LEN.
 * 0 or errno (EPROTO: not what the kernel writes). */
int control_read(int fd, void (*got)(void *arg, uint32_t type, const char *payload, uint32_t len), void *arg);

#endif
