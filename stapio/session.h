/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run: from a loaded module to the end of its output. */
#ifndef STAPIO_SESSION_H
#define STAPIO_SESSION_H

#include "stapio/child.h"
#include "stapio/control.h"
#include "stapio/output.h"
#include "stapio/stream.h"

struct options {
	const char *module;		/* name, for messages */
	int control, formats, alive, notify, first_trace;	/* descriptors that staprun opened */
	uint32_t nstreams;
	const char *command, *user, *file;
	int64_t target;
	bool bulk;			/* a file per CPU, not merged */
	uint64_t size_limit;		/* -S: bytes per output file */
	uint32_t keep;
	bool no_warnings;
	bool attach;
	bool background;		/* -D: lets go of the terminal once probes are armed */
	int verbose;
};

enum phase { STARTING, RUNNING, STOPPING, STOPPED };

struct session {
	const struct options *opt;
	enum phase phase;
	bool stop_asked;		/* by whom or what ever; sent once */
	bool give_up;			/* second signal: leave everything */
	int64_t interrupted_ms;		/* when SIGINT came first; 0: never */
	int status;			/* what stapio exits with */
	int signals, target_fd;
	sigset_t mask;			/* as we were started with */
	struct control control;
	struct child child;
	struct formats formats;
	struct merge merge;
	struct output *outputs;		/* one, or one per stream */
	uint32_t noutputs;
	bool output_reported, lost_reported, staprun_gone;
	bool *damage_reported;		/* per stream */
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

/* session.c: asks for the end; signals are taken here while output blocks. */
void session_stop(struct session *s);
bool session_wait_writable(void *session, int fd);

#endif
