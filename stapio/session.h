/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run: from a loaded module to the end of its output. */
#ifndef STAPIO_SESSION_H
#define STAPIO_SESSION_H

#include "stapio/child.h"
#include "stapio/control.h"
#include "stapio/json.h"
#include "stapio/output.h"
#include "stapio/report.h"
#include "stapio/stream.h"

struct options {
	const char *module;		/* name, for messages */
	int control, formats, probes, alive, notify, first_trace;	/* descriptors that staprun opened */
	uint32_t nstreams;
	const char *command, *file;
	int64_t target, namespaces;	/* process ids, 0: none */
	int64_t remote_id;		/* -1: none */
	const char *remote_uri;		/* NULL: none */
	bool bulk;			/* a file per CPU */
	bool json;
	int period_ms;			/* how old output gets before it is fetched */
	uint64_t size_limit;		/* -S: bytes per output file */
	uint32_t keep;
	bool no_warnings;
	bool attach;
	bool background;		/* -D: lets go of the terminal once probes are armed */
	bool colour;			/* in messages */
	int verbose;
};

enum phase { STARTING, RUNNING, STOPPING, STOPPED, DETACHED };

/* A file, and the streams that end there. */
struct sink {
	struct output out;
	struct merge merge;
};

struct session {
	const struct options *opt;
	enum phase phase;
	bool stop_asked;		/* by whom or what ever; sent once */
	bool switch_asked;		/* by SIGUSR2 */
	bool give_up;			/* second signal: leave everything */
	int64_t interrupted_ms;		/* when SIGINT came first; 0: never */
	int status;			/* what stapio exits with */
	int signals, target_fd;
	sigset_t mask;			/* as we were started with */
	struct control control;
	struct child child;
	struct formats formats;
	struct json json;		/* with --json */
	struct report report;
	struct stream *streams;		/* as the trace files; the last one is of begin and end probes */
	bool *damage_reported;		/* per stream */
	struct sink *sinks;		/* one; in bulk mode one per CPU, the first has begin and end probes too */
	uint32_t nsinks;
	unsigned commands;		/* of system(), running */
	uint64_t needed;		/* the most that a ring would have had to hold; 0: nothing was lost */
	bool output_reported, lost_reported, staprun_gone;
};

/* Runs it all; the exit status. */
int session_run(const struct options *opt);

/* session_output.c: reads trace files, writes what can be shown; ALL: to their end. */
bool session_open_outputs(struct session *s);
void session_read_formats(struct session *s);
void session_drain(struct session *s, bool all);
void session_close_outputs(struct session *s);
/* Line of a probe or of the runtime to stderr, after the output that came before it. */
void session_line(struct session *s, const char *text, size_t len);
void session_switch_files(struct session *s);
void session_json_end(struct session *s, const struct stp_msg_stopped *t);
/* What each probe did, behind all output; the table of --keep-going on stderr. */
void session_report(struct session *s);

/* session.c: asks for the end; signals are taken here while output blocks. */
void session_stop(struct session *s);
bool session_wait_writable(void *session, int fd);

#endif
