/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What host and agent say to each other over the virtio-serial port named GUEST_PORT: frames, each
 * a header and `len` bytes. Both ends are built together and run on the same architecture, so
 * integers are native. Included by the agent, hence nothing but fixed-width types here.
 *
 *	agent: HELLO                   once its root file system is in place
 *	host:  TIME UMASK CWD SHARE TTY ENV* ARG+ START
 *	agent: STDOUT* STDERR* BEAT* TAKEN* TROUBLE*, then EXIT: the host ends the guest
 *	host:  STDIN* SIGNAL* WINSIZE* CLOSED*, at any time after START
 */
#ifndef RUN_GUEST_WIRE_H
#define RUN_GUEST_WIRE_H

#include <stdint.h>

#define GUEST_PORT "stap.agent"
#define GUEST_TAG_ROOT "root"	/* virtiofs tag of the host's root directory */
#define GUEST_TAG_SHARE "share" /* virtiofs tag of the read-write directory, if any */

enum {
	GUEST_WIRE_VERSION = 1,
	GUEST_FRAME_MAX = 4 << 20, /* longest frame that either end takes, as for an argument */
	GUEST_STDIN_WINDOW = 65536, /* bytes of stdin that may be on the way, not yet TAKEN */
	GUEST_BEAT_MS = 1000,
};

struct guest_frame {
	uint32_t type;
	uint32_t len; /* bytes that follow the header */
};

enum guest_frame_type {
	/* from the host; strings come with their final NUL */
	FRAME_TIME = 1, /* struct guest_time */
	FRAME_UMASK,	/* uint32_t */
	FRAME_CWD,	/* string */
	FRAME_SHARE,	/* string: where to mount GUEST_TAG_SHARE */
	FRAME_TTY,	/* struct guest_winsize: give the command a terminal */
	FRAME_ENV,	/* string NAME=VALUE */
	FRAME_ARG,	/* string */
	FRAME_START,	/* nothing */
	FRAME_STDIN,	/* bytes; none for the end of file */
	FRAME_SIGNAL,	/* uint32_t: signal number */
	FRAME_WINSIZE,	/* struct guest_winsize */
	FRAME_CLOSED,	/* uint32_t: 1 or 2, the host's stream that nobody reads any more */
	/* from the agent */
	FRAME_HELLO = 64,	/* uint32_t: GUEST_WIRE_VERSION */
	FRAME_BEAT,	/* nothing: still alive */
	FRAME_STDOUT,	/* bytes */
	FRAME_STDERR,	/* bytes */
	FRAME_TAKEN,	/* uint32_t: bytes of stdin that the command's pipe has taken */
	FRAME_TROUBLE,	/* string: something the agent could not do; the job goes on */
	FRAME_EXIT,	/* uint32_t: exit status, 128 + N after signal N */
};

struct guest_time {
	int64_t sec;
	int64_t nsec;
};

struct guest_winsize {
	uint16_t rows;
	uint16_t cols;
};

#endif
