/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trace files as streams of records, and their merge by time. */
#ifndef STAPIO_STREAM_H
#define STAPIO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "abi.h"

/* A record in a buffer; valid as long as the buffer is. */
struct record {
	uint32_t type;			/* enum stp_record_type, never PAD */
	uint32_t probe;			/* index, or STP_PROBE_NONE */
	uint64_t time;
	const unsigned char *payload;
	uint32_t len;			/* of the payload, without padding */
};

enum decode { DECODE_RECORD, DECODE_MORE, DECODE_DAMAGED };

/*
 * The record at BUF, LEN bytes (BUF 8-byte aligned).  *USED is what it takes with filler before
 * it; with DECODE_MORE it is only the filler.  DECODE_DAMAGED: no record can look like this.
 */
enum decode record_decode(const unsigned char *buf, size_t len, struct record *ret, size_t *used);

/* One trace file.  Bytes [start, end) of buf are read and not yet taken. */
struct stream {
	unsigned char *buf;
	size_t start, end, cap;
	uint64_t bound;			/* no later record is older than this */
	struct record first;		/* valid when has_first */
	size_t first_used;
	bool has_first;
	bool damaged;			/* nothing after this point can be trusted; not read any more */
};

void stream_deinit(struct stream *s);
/* Room for at least N more bytes at s->buf + s->end (then add to s->end); NULL: out of memory. */
unsigned char *stream_room(struct stream *s, size_t n);
/* Finds s->first, taking marks; true when there is one. */
bool stream_peek(struct stream *s);
void stream_drop(struct stream *s);	/* takes s->first */
static inline size_t stream_pending(const struct stream *s) { return s->end - s->start; }

struct merge {
	struct stream **streams;
	uint32_t n;
	uint32_t last;			/* stream of the last record, and its time */
	uint64_t time;
	uint64_t others;		/* all that is still to come from other streams has this time or more */
};

/*
 * Index of the stream whose first record is next in time and cannot be overtaken by what is still
 * to come in others; -1 when there is none.  ALL: take the oldest at hand, nothing more will come.
 */
int merge_next(struct merge *m, bool all);

#endif
