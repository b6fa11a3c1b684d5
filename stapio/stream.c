// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes of trace files to records, and records of many files to one sequence.
 *
 * A file's records are in order of time, and a mark promises that later ones have its time or
 * more, so the oldest first record may be shown once every file without a record at hand has
 * promised to stay above it.  Nothing is believed about the bytes: a record that cannot be ends
 * its stream.  No I/O here.
 */
#include <stdlib.h>
#include <string.h>
#include "stapio/stream.h"

enum decode record_decode(const unsigned char *buf, size_t len, struct record *ret, size_t *used)
{
	struct stp_record r;
	size_t at = 0;

	for (;;) {
		*used = at;
		if (len - at < 8)
			return DECODE_MORE;
		memcpy(&r, buf + at, 8);
		if (r.size % 8 || r.size < 8 || r.size > STP_RECORD_MAX)
			return DECODE_DAMAGED;
		if (r.type != STP_REC_PAD)
			break;
		if (len - at < r.size)
			return DECODE_MORE;
		at += r.size;
	}
	if (r.size < sizeof(r) || r.type > STP_REC_HIST || r.pad > 7 || r.pad > r.size - sizeof(r))
		return DECODE_DAMAGED;
	if ((r.type == STP_REC_LOST && r.size != sizeof(r) + 8) ||
	    ((r.type == STP_REC_MARK || r.type == STP_REC_SWITCH) && r.size != sizeof(r)))
		return DECODE_DAMAGED;
	if (len - at < r.size)
		return DECODE_MORE;
	memcpy(&r, buf + at, sizeof(r));
	ret->type = r.type;
	ret->probe = r.probe;
	ret->time = r.time;
	ret->payload = buf + at + sizeof(r);
	ret->len = r.size - sizeof(r) - r.pad;
	*used = at + r.size;
	return DECODE_RECORD;
}

void stream_deinit(struct stream *s)
{
	free(s->buf);
	memset(s, 0, sizeof(*s));
}

unsigned char *stream_room(struct stream *s, size_t n)
{
	size_t pending = s->end - s->start;

	if (s->start && (s->cap - s->end < n || !pending)) {
		memmove(s->buf, s->buf + s->start, pending);
		s->start = 0;
		s->end = pending;
		s->has_first = false;	/* its payload moved */
	}
	if (s->cap - s->end < n) {
		size_t cap = s->cap * 2 > s->end + n ? s->cap * 2 : s->end + n;
		unsigned char *p = realloc(s->buf, cap);

		if (!p)
			return NULL;
		s->buf = p;
		s->cap = cap;
		s->has_first = false;
	}
	return s->buf + s->end;
}

bool stream_peek(struct stream *s)
{
	while (s->buf && !s->has_first && !s->damaged) {
		enum decode d = record_decode(s->buf + s->start, s->end - s->start, &s->first,
					      &s->first_used);

		if (d == DECODE_DAMAGED) {
			s->damaged = true;
			s->start = s->end;
			break;
		}
		if (d == DECODE_MORE)
			break;
		if (s->first.time > s->bound)
			s->bound = s->first.time;
		if (s->first.type == STP_REC_MARK)
			s->start += s->first_used;
		else
			s->has_first = true;
	}
	return s->has_first;
}

void stream_drop(struct stream *s)
{
	s->start += s->first_used;
	s->has_first = false;
}

int merge_next(struct merge *m, bool all)
{
	uint64_t limit = UINT64_MAX;	/* the least that streams without a record at hand promise */
	uint64_t next = UINT64_MAX;	/* the time of the first record that is not the oldest */
	int best = -1;
	uint32_t i;

	/* The same handler run goes on, or a later one before all else: nothing can come between. */
	if (m->last < m->n && stream_peek(m->streams[m->last])) {
		uint64_t time = m->streams[m->last]->first.time;

		if (time == m->time || time < m->others) {
			m->time = time;
			return m->last;
		}
	}
	for (i = 0; i < m->n; i++) {
		struct stream *s = m->streams[i];

		if (!stream_peek(s)) {
			if (!s->damaged && s->bound < limit)
				limit = s->bound;
		} else if (best < 0 || s->first.time < m->streams[best]->first.time) {
			if (best >= 0)
				next = m->streams[best]->first.time;
			best = i;
		} else if (s->first.time < next) {
			next = s->first.time;
		}
	}
	if (best < 0 || (!all && m->streams[best]->first.time >= limit))
		return -1;
	m->last = best;
	m->time = m->streams[best]->first.time;
	m->others = limit < next ? limit : next;
	return best;
}
