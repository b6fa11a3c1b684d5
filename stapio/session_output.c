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
#include "stapio/colour.h"
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
	output_flush(&s->sinks[0].out);
	colour_line(s->opt->colour, text, len);
}

void session_switch_files(struct session *s)
{
	uint32_t i;

	for (i = 0; i < s->nsinks; i++)
		output_next(&s->sinks[i].out);
}

static void report_output(struct session *s)
{
	uint32_t i;

	for (i = 0; i < s->nsinks && !s->output_reported; i++) {
		const struct output *o = &s->sinks[i].out;

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

static void run_command(struct session *s, const struct record *r)
{
	char *command = strndup((const char *)r->payload, r->len);
	uint32_t i;

	for (i = 0; i < s->nsinks; i++)
		output_flush(&s->sinks[i].out);	/* the command may print to the same file */
	if (command && child_system(command, &s->mask))
		s->commands++;
	free(command);
}

static bool show_text(struct output *o, const struct record *r)
{
	if (!bytes_room(&o->buf, r->len))
		return false;
	memcpy(o->buf.v + o->buf.len, r->payload, r->len);
	o->buf.len += r->len;
	return true;
}

/* What goes to the output file; errors and losses do only as JSON. */
static bool show_output(struct session *s, uint32_t stream, struct output *o, const struct record *r)
{
	bool ok;

	if (s->opt->bulk && !output_set_open(o, stream + 1 < s->opt->nstreams ? stream : 0, r->time))
		return false;
	if (s->opt->json)
		ok = json_record(&o->buf, &s->json, stream + 1 < s->opt->nstreams ? (int)stream : -1, r);
	else if (r->type == STP_REC_TEXT)
		ok = show_text(o, r);
	else
		ok = format_printf(&o->buf, &s->formats, r->payload, r->len);
	if (s->opt->bulk)
		output_set_done(o);
	return ok;
}

static bool show_record(struct session *s, uint32_t stream, struct output *o, const struct record *r)
{
	switch (r->type) {
	case STP_REC_TEXT:
	case STP_REC_PRINTF:
		return show_output(s, stream, o, r);
	case STP_REC_HIST:
		return s->opt->json ? show_output(s, stream, o, r) : true;
	case STP_REC_ERROR:
		session_line(s, (const char *)r->payload, r->len);
		return s->opt->json ? show_output(s, stream, o, r) : true;
	case STP_REC_LOST:
		report_lost(s);
		return s->opt->json ? show_output(s, stream, o, r) : true;
	case STP_REC_SWITCH:
		session_switch_files(s);
		return true;
	case STP_REC_SYSTEM:
		run_command(s, r);
		return true;
	}
	return true;
}

static void show(struct session *s, uint32_t stream, struct output *o)
{
	if (!show_record(s, stream, o, &s->streams[stream].first)) {
		report_damage(s, stream, "a record does not fit its format");
		s->streams[stream].damaged = true;
	}
	stream_drop(&s->streams[stream]);
	output_record_done(o);
}

void session_json_end(struct session *s, const struct stp_msg_stopped *t)
{
	struct output *o = &s->sinks[0].out;

	if (s->opt->json && !s->opt->bulk)
		json_end(&o->buf, t);
}

/* Line by line: each gets its colour. */
static void report_lines(struct session *s, const struct bytes *b)
{
	size_t at, n;

	for (at = 0; at < b->len; at += n) {
		n = (char *)memchr(b->v + at, '\n', b->len - at) - (b->v + at) + 1;
		session_line(s, b->v + at, n);
	}
}

void session_report(struct session *s)
{
	struct output *o = &s->sinks[0].out;
	struct bytes table = { 0 };
	bool ok;

	if (s->opt->bulk || !s->opt->json)
		ok = report_kept_going(&table, &s->report);
	else
		ok = report_json(&o->buf, &s->report);
	if (!s->opt->bulk && !s->opt->json)
		ok = ok && report_timing(&o->buf, &s->report);
	else if (s->opt->bulk)
		ok = ok && report_timing(&table, &s->report);
	report_lines(s, &table);
	free(table.v);
	if (!ok)
		fprintf(stderr, "ERROR: out of memory\n");
}

/* True when there may be more at once. */
static bool read_stream(struct session *s, uint32_t i)
{
	struct stream *st = &s->streams[i];
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
	return n > READ_SIZE - (int)STP_RECORD_MAX;	/* records come whole, so a read may end before */
}

static void show_merged(struct session *s, struct sink *k, bool all)
{
	int i;

	while ((i = merge_next(&k->merge, all)) >= 0)
		show(s, k->merge.streams[i] - s->streams, &k->out);
}

void session_drain(struct session *s, bool all)
{
	bool more, too_much = false;
	uint32_t i, turns = 0;

	do {
		more = false;
		for (i = 0; i < s->opt->nstreams; i++) {
			more |= read_stream(s, i);
			too_much |= stream_pending(&s->streams[i]) > MOST_PENDING;
		}
		for (i = 0; i < s->nsinks; i++)
			show_merged(s, &s->sinks[i], (all && !more) || too_much);
	} while (more && !s->give_up && (all || ++turns < READS_PER_TURN));
	for (i = 0; i < s->opt->nstreams; i++)
		if (s->streams[i].damaged)
			report_damage(s, i, "records that make no sense");
	for (i = 0; i < s->nsinks; i++)
		output_flush(&s->sinks[i].out);
	report_output(s);
}

/* ---- files ---- */

/* A table of the module, for the caller to free; false: it cannot be read. */
static bool read_table(int fd, struct bytes *ret)
{
	ssize_t n;

	do {
		n = bytes_room(ret, 65536) ? read(fd, ret->v + ret->len, 65536) : -1;
		if (n > 0)
			ret->len += n;
	} while (n > 0);
	return !n;
}

void session_read_formats(struct session *s)
{
	struct bytes b = { 0 }, probes = { 0 };
	bool ok = read_table(s->opt->formats, &b) && formats_init(&s->formats, (unsigned char *)b.v, b.len);

	if (ok && s->opt->json) {
		ok = read_table(s->opt->probes, &probes);
		ok = json_init(&s->json, &s->formats, probes.v, probes.len) && ok;
	}
	if (!ok) {
		fprintf(stderr, "ERROR: %s: its table of formats cannot be read: %s\n", s->opt->module,
			strerror(errno));
		s->status = 1;
	}
	free(b.v);
}

/* Bulk mode: NAME_0...; NAME_cpu0... in the background; stpd_cpu0... without a name. */
static int open_one(struct session *s, uint32_t i)
{
	const struct options *opt = s->opt;
	struct output *o = &s->sinks[i].out;
	const char *name = opt->file;
	char percpu[4096];

	o->wait = session_wait_writable;
	o->arg = s;
	if (opt->bulk) {
		if (snprintf(percpu, sizeof(percpu), "%s_%s%u", name ? name : "stpd",
			     name && !opt->background ? "" : "cpu", i) >= (int)sizeof(percpu))
			return ENAMETOOLONG;
		name = percpu;
	}
	if (opt->size_limit && name)
		return output_open_numbered(o, name, opt->size_limit, opt->keep);
	return output_open(o, name);
}

/* Which streams end where; begin and end probes are in the first. */
static bool make_sink(struct session *s, uint32_t i)
{
	uint32_t last = s->opt->nstreams - 1, n = s->opt->nstreams, j;
	struct merge *m = &s->sinks[i].merge;

	m->streams = calloc(n, sizeof(*m->streams));
	for (j = 0; m->streams && j < n; j++)
		if (!s->opt->bulk || j == i || (j == last && i == 0))
			m->streams[m->n++] = &s->streams[j];
	return m->streams;
}

bool session_open_outputs(struct session *s)
{
	uint32_t i;

	s->nsinks = s->opt->bulk && s->opt->nstreams > 1 ? s->opt->nstreams - 1 : 1;
	s->sinks = calloc(s->nsinks, sizeof(*s->sinks));
	for (i = 0; s->sinks && i < s->nsinks; i++) {
		int err = make_sink(s, i) ? open_one(s, i) : ENOMEM;

		if (err) {
			fprintf(stderr, "ERROR: cannot create output file %s: %s\n",
				s->opt->file ? s->opt->file : "stpd_cpu", strerror(err));
			return false;
		}
	}
	return s->sinks != NULL;
}

void session_close_outputs(struct session *s)
{
	uint32_t i;

	for (i = 0; s->sinks && i < s->nsinks; i++) {
		int err = output_close(&s->sinks[i].out);

		if (err && err != ECANCELED && !s->output_reported) {
			fprintf(stderr, "ERROR: cannot write the output: %s\n", strerror(err));
			s->output_reported = true;
			s->status = 1;
		}
	}
	for (i = 0; s->sinks && i < s->nsinks; i++)
		free(s->sinks[i].merge.streams);
	free(s->sinks);
	s->sinks = NULL;
	s->nsinks = 0;
}
