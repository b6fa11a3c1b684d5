// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The output half of a run: trace files are read in turn, merged (or kept apart, in bulk mode),
 * formatted and written.  Whatever cannot be shown is told, once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "stapio/session.h"

enum {
	READ_SIZE = 256 * 1024,
	READS_PER_TURN = 16,		/* then signals and control get their turn */
	MOST_PENDING = 64 << 20,	/* per stream: more is shown out of order rather than held */
};

void session_line(struct session *s, const char *text, size_t len)
{
	if (s->opt->no_warnings && len >= 8 && !memcmp(text, "WARNING:", 8))
		return;
	output_flush(&s->outputs[0]);
	fwrite(text, 1, len, stderr);
}

static void report_output(struct session *s)
{
	uint32_t i;

	for (i = 0; i < s->noutputs && !s->output_reported; i++) {
		const struct output *o = &s->outputs[i];

		if (!o->error || o->error == ECANCELED)
			continue;
		fprintf(stderr, "ERROR: cannot write %s: %s; the session ends\n",
			o->name ? o->name : "the output", strerror(o->error));
		s->output_reported = true;
		s->status = 1;
		session_stop(s);
	}
}

static void report_damage(struct session *s, uint32_t i, const char *what)
{
	if (s->damage_reported[i])
		return;
	s->damage_reported[i] = true;
	s->status = 1;
	fprintf(stderr, "ERROR: trace%u: %s; the rest of its output is dropped "
		"(are staprun, stapio and the module of one version?)\n", i, what);
}

static void report_lost(struct session *s)
{
	static const char text[] =
		"WARNING: probes print faster than the output is written, lines are being lost; "
		"try larger buffers with -s MB, or print less\n";

	if (!s->lost_reported)
		session_line(s, text, sizeof(text) - 1);
	s->lost_reported = true;
}

static void show(struct session *s, uint32_t stream, struct output *o)
{
	const struct record *r = &s->merge.streams[stream].first;
	bool ok = true;

	switch (r->type) {
	case STP_REC_TEXT:
		ok = bytes_room(&o->buf, r->len);
		if (ok) {
			memcpy(o->buf.v + o->buf.len, r->payload, r->len);
			o->buf.len += r->len;
		}
		break;
	case STP_REC_PRINTF:
		ok = format_printf(&o->buf, &s->formats, r->payload, r->len);
		break;
	case STP_REC_ERROR:
		session_line(s, (const char *)r->payload, r->len);
		break;
	case STP_REC_LOST:
		report_lost(s);
		break;
	}
	if (!ok) {
		report_damage(s, stream, "a record does not fit its format");
		s->merge.streams[stream].damaged = true;
	}
	stream_drop(&s->merge.streams[stream]);
	output_record_done(o);
}

/* True when there may be more at once. */
static bool read_stream(struct session *s, uint32_t i)
{
	struct stream *st = &s->merge.streams[i];
	unsigned char *to;
	ssize_t n;

	if (st->damaged)
		return false;
	to = stream_room(st, READ_SIZE);
	if (!to) {
		report_damage(s, i, "out of memory");
		st->damaged = true;
		return false;
	}
	n = read(s->opt->first_trace + i, to, READ_SIZE);
	if (n < 0 && errno != EINTR && errno != EAGAIN) {
		report_damage(s, i, strerror(errno));
		st->damaged = true;
	}
	if (n > 0)
		st->end += n;
	return n == READ_SIZE;
}

static void show_apart(struct session *s)
{
	uint32_t i;

	for (i = 0; i < s->merge.n; i++)
		while (stream_peek(&s->merge.streams[i]))
			show(s, i, &s->outputs[i]);
}

static void show_merged(struct session *s, bool all)
{
	int i;

	while ((i = merge_next(&s->merge, all)) >= 0)
		show(s, i, &s->outputs[0]);
}

void session_drain(struct session *s, bool all)
{
	bool more, too_much = false;
	uint32_t i, turns = 0;

	do {
		more = false;
		for (i = 0; i < s->merge.n; i++) {
			more |= read_stream(s, i);
			too_much |= stream_pending(&s->merge.streams[i]) > MOST_PENDING;
		}
		if (s->opt->bulk)
			show_apart(s);
		else
			show_merged(s, (all && !more) || too_much);
	} while (more && !s->give_up && (all || ++turns < READS_PER_TURN));
	for (i = 0; i < s->merge.n; i++)
		if (s->merge.streams[i].damaged)
			report_damage(s, i, "records that make no sense");
	for (i = 0; i < s->noutputs; i++)
		output_flush(&s->outputs[i]);
	report_output(s);
}

/* ---- files ---- */

void session_read_formats(struct session *s)
{
	struct bytes b = { 0 };
	ssize_t n;

	do {
		n = bytes_room(&b, 65536) ? read(s->opt->formats, b.v + b.len, 65536) : -1;
		if (n > 0)
			b.len += n;
	} while (n > 0);
	if (n < 0 || !formats_init(&s->formats, (unsigned char *)b.v, b.len)) {
		fprintf(stderr, "ERROR: %s: its table of formats cannot be read%s%s\n", s->opt->module,
			n < 0 ? ": " : "", n < 0 ? strerror(errno) : "");
		s->status = 1;
	}
	free(b.v);
}

static int open_one(struct session *s, uint32_t i)
{
	const struct options *opt = s->opt;
	struct output *o = &s->outputs[i];
	const char *name = opt->file;
	char percpu[4096];

	o->wait = session_wait_writable;
	o->arg = s;
	if (opt->bulk && i + 1 < s->noutputs) {
		if (snprintf(percpu, sizeof(percpu), "%s_%u", name, i) >= (int)sizeof(percpu))
			return ENAMETOOLONG;
		name = percpu;
	}
	if (opt->size_limit)
		return output_open_numbered(o, name, opt->size_limit, opt->keep);
	return output_open(o, name);
}

bool session_open_outputs(struct session *s)
{
	uint32_t i;

	s->noutputs = s->opt->bulk ? s->merge.n : 1;
	s->outputs = calloc(s->noutputs, sizeof(*s->outputs));
	for (i = 0; s->outputs && i < s->noutputs; i++) {
		int err = open_one(s, i);

		if (err) {
			fprintf(stderr, "ERROR: cannot create output file %s: %s\n", s->opt->file,
				strerror(err));
			return false;
		}
	}
	return s->outputs != NULL;
}

void session_close_outputs(struct session *s)
{
	uint32_t i;

	for (i = 0; i < s->noutputs; i++) {
		int err = output_close(&s->outputs[i]);

		if (err && err != ECANCELED && !s->output_reported) {
			fprintf(stderr, "ERROR: cannot write the output: %s\n", strerror(err));
			s->output_reported = true;
			s->status = 1;
		}
	}
	free(s->outputs);
	s->outputs = NULL;
	s->noutputs = 0;
}
