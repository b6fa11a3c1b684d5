/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where output goes: stdout, a file, numbered files of a size, or a file per CPU. */
#ifndef STAPIO_OUTPUT_H
#define STAPIO_OUTPUT_H

#include "stapio/format.h"

struct output {
	int fd;
	struct bytes buf;		/* not yet written */
	char *name;			/* NULL: stdout */
	uint64_t written, limit;	/* bytes in this file; start the next one at limit, 0 = never */
	uint32_t number, keep;		/* of the file, 0: NAME itself unless limit; how many to keep, 0 = all */
	size_t set;			/* bulk: where in buf the set that can grow begins; SIZE_MAX: none */
	int error;			/* errno of the write that failed: what comes is dropped */
	/* Called before a write that might block; returns when FD can take some bytes (true), or when
	 * the output is to be given up (false). */
	bool (*wait)(void *arg, int fd);
	void *arg;
};

/* NAME goes through strftime(3); NULL is stdout.  0 or errno. */
int output_open(struct output *o, const char *name);
/* NAME.0, NAME.1... of LIMIT bytes, the last KEEP of them.  0 or errno. */
int output_open_numbered(struct output *o, const char *name, uint64_t limit, uint32_t keep);
void output_flush(struct output *o);
/* What comes goes to the next file, NAME.N; nothing when it goes to stdout. */
void output_next(struct output *o);
/* What is appended to `buf` belongs to a set of bulk mode with this head; OK to be called for each piece.
 * False: out of memory. */
bool output_set_open(struct output *o, uint32_t cpu, uint64_t time);
void output_set_done(struct output *o);		/* the piece has been appended */
/* Flushes when much waits; between records. */
void output_record_done(struct output *o);
int output_close(struct output *o);	/* 0 or errno of the first failure */

#endif
