// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run: starts the session in the kernel, shows its output as it comes, ends it when the script,
 * the command, the target process, a signal or the loss of the output says so, then shows all that
 * is left.  All signals are taken from a descriptor, so nothing is interrupted half way.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "stapio/session.h"

static void note(struct session *s, const char *text)
{
	if (s->opt->verbose)
		fprintf(stderr, "stapio: %s\n", text);
}

void session_stop(struct session *s)
{
	if (s->stop_asked)
		return;
	s->stop_asked = true;
	note(s, "ending the session");
	control_stop(&s->control);
	if (s->phase < STOPPING)
		s->phase = STOPPING;
}

/* ---- events ---- */

/* One Ctrl-C may come twice: from the terminal, and from who started us. */
static bool interrupted_again(struct session *s)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (s->interrupted_ms)
		return ms - s->interrupted_ms > 300;
	s->interrupted_ms = ms;
	return false;
}

static void take_children(struct session *s)
{
	unsigned others;

	if (child_check(&s->child))
		session_stop(s);
	others = child_reap_others(&s->child);
	s->commands -= others < s->commands ? others : s->commands;
}

static void take_signals(struct session *s)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCHLD) {
			take_children(s);
			continue;
		}
		if (si.ssi_signo == SIGUSR2) {
			s->switch_asked = true;		/* we may be in the middle of a write */
			continue;
		}
		if (si.ssi_signo == SIGQUIT && s->phase == RUNNING && !s->stop_asked) {
			note(s, "leaving the session to itself");
			control_detach(&s->control);
			continue;
		}
		/* Ctrl-C reaches the command by itself; what was sent to us alone we pass on. */
		if (si.ssi_signo != SIGINT && s->child.pid && !s->child.exited)
			kill(s->child.pid, si.ssi_signo);
		if (si.ssi_signo == SIGINT && interrupted_again(s))
			s->give_up = true;
		session_stop(s);
	}
}

bool session_wait_writable(void *session, int fd)
{
	struct session *s = session;
	struct pollfd p[] = { { .fd = fd, .events = POLLOUT }, { .fd = s->signals, .events = POLLIN } };

	while (!s->give_up) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return true;		/* let write() say what is wrong */
		if (p[1].revents)
			take_signals(s);
		if (p[0].revents)
			return true;
	}
	return false;
}

/* SystemTap's words: scripts look for them. */
static void report_totals(struct session *s, const struct stp_msg_stopped *t)
{
	char text[256];

	if (t->errors || t->skipped) {
		snprintf(text, sizeof(text), "WARNING: Number of errors: %llu, skipped probes: %llu\n",
			 (unsigned long long)t->errors, (unsigned long long)t->skipped);
		session_line(s, text, strlen(text));
	}
	if (s->opt->verbose && t->skipped) {
		snprintf(text, sizeof(text), "stapio: skipped for locks %llu, reentrancy %llu, low stack "
			 "%llu, missed returns %llu\n", (unsigned long long)t->skipped_lock,
			 (unsigned long long)t->skipped_reentry, (unsigned long long)t->skipped_stack,
			 (unsigned long long)t->skipped_missed_return);
		session_line(s, text, strlen(text));
	}
	if (t->lost_records || t->lost_messages) {
		snprintf(text, sizeof(text), "WARNING: There were %llu transport failures.\n",
			 (unsigned long long)(t->lost_records + t->lost_messages));
		session_line(s, text, strlen(text));
	}
	if (s->needed) {
		uint64_t mb = 1;

		while (mb << 20 < s->needed)
			mb *= 2;
		snprintf(text, sizeof(text), mb <= 2048 ? "WARNING: buffers of %llu MB per CPU would have held "
			 "what was lost: stap -s %llu\n" : "WARNING: buffers of %llu MB per CPU would have held "
			 "what was lost; print less\n", (unsigned long long)mb, (unsigned long long)mb);
		session_line(s, text, strlen(text));
	}
}

static void got_lost(struct session *s, const char *payload, uint32_t len)
{
	struct stp_msg_lost l = { 0 };
	char text[256], of[64] = "of begin and end probes";

	memcpy(&l, payload, len < sizeof(l) ? len : sizeof(l));
	if (l.channel + 1 < s->opt->nstreams)
		snprintf(of, sizeof(of), "of CPU %u", l.channel);
	snprintf(text, sizeof(text), "WARNING: %llu records %s, %llu bytes, were lost: its buffer was full\n",
		 (unsigned long long)l.records, of, (unsigned long long)l.bytes);
	session_drain(s, true);
	session_line(s, text, strlen(text));
	if (l.needed > s->needed)
		s->needed = l.needed;
}

static void got_stopped(struct session *s, const char *payload, uint32_t len)
{
	struct stp_msg_stopped t = { 0 };

	memcpy(&t, payload, len < sizeof(t) ? len : sizeof(t));
	s->phase = STOPPED;
	session_drain(s, true);
	if (t.exit_code)
		s->status = 1;
	session_report(s);
	session_json_end(s, &t);
	report_totals(s, &t);
}

static void leave_terminal(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	for (i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void got_started(struct session *s)
{
	if (s->phase == STARTING)
		s->phase = RUNNING;
	note(s, "probes are armed");
	if (s->opt->background)
		leave_terminal();
	if (write(s->opt->notify, "S", 1) < 0)
		note(s, "staprun is gone");
	if (!s->stop_asked)
		child_go(&s->child);
}

static void got_message(void *arg, uint32_t type, const char *payload, uint32_t len)
{
	struct session *s = arg;

	switch (type) {
	case STP_MSG_STARTED:
		got_started(s);
		break;
	case STP_MSG_START_FAILED:
		fprintf(stderr, "ERROR: %s\n", payload);
		s->status = 1;
		session_stop(s);
		break;
	case STP_MSG_EXIT:
		session_stop(s);
		break;
	case STP_MSG_PROBE:
		if (!report_probe(&s->report, payload, len))
			s->status = 1;
		break;
	case STP_MSG_ARRAY:
		if (!report_array(&s->report, payload, len))
			s->status = 1;
		break;
	case STP_MSG_STOPPED:
		got_stopped(s, payload, len);
		break;
	case STP_MSG_LOST:
		got_lost(s, payload, len);
		break;
	case STP_MSG_OOB:
		session_drain(s, false);
		session_line(s, payload, strnlen(payload, len));
		break;
	}
}

static void take_results(struct session *s)
{
	struct control_result r;

	while (control_result(&s->control, &r)) {
		if (r.type == STP_CMD_DETACH && !r.error && !s->stop_asked)
			s->phase = DETACHED;
		if (!r.error || s->phase == STOPPED)
			continue;
		/* A failed start is explained by a message of its own. */
		if (r.type == STP_CMD_START && s->status)
			continue;
		fprintf(stderr, "ERROR: %s: cannot %s the session: %s\n", s->opt->module,
			r.type == STP_CMD_START ? "start" : r.type == STP_CMD_STOP ? "stop" : "leave",
			strerror(r.error));
		s->status = 1;
		if (r.type == STP_CMD_START)
			session_stop(s);
		else if (r.type == STP_CMD_STOP)
			s->give_up = true;
	}
}

static void take_control(struct session *s)
{
	int err = control_read(s->control.fd, got_message, s);

	if (err) {
		fprintf(stderr, "ERROR: %s: cannot read its control file: %s\n", s->opt->module,
			strerror(err));
		s->status = 1;
		s->give_up = true;
	}
}

static void staprun_died(struct session *s)
{
	s->staprun_gone = true;
	s->status = 1;
	fprintf(stderr, "WARNING: staprun is gone; the session ends.  If the module stays, remove it "
		"with: staprun -d %s\n", s->opt->module);
	session_stop(s);
}

enum { FD_CONTROL, FD_RESULTS, FD_SIGNALS, FD_ALIVE, FD_OUTPUT, FD_TRACES };

static void turn(struct session *s, struct pollfd *p)
{
	uint32_t i;

	if (poll(p, FD_TRACES + s->opt->nstreams, s->opt->period_ms) < 0 && errno != EINTR) {
		fprintf(stderr, "ERROR: poll: %s\n", strerror(errno));
		s->status = 1;
		s->give_up = true;
		return;
	}
	if (p[FD_SIGNALS].revents)
		take_signals(s);
	if (p[FD_ALIVE].revents && !s->staprun_gone) {
		staprun_died(s);
		p[FD_ALIVE].fd = -1;
	}
	if (p[FD_OUTPUT].revents & POLLERR) {	/* a pipe that nobody reads any more: poll(2) */
		s->sinks[0].out.error = EPIPE;
		p[FD_OUTPUT].fd = -1;
	}
	session_drain(s, false);
	if (s->switch_asked)
		session_switch_files(s);
	s->switch_asked = false;
	for (i = 0; i < s->opt->nstreams; i++)
		if (s->streams[i].damaged)
			p[FD_TRACES + i].fd = -1;
	take_control(s);
	take_results(s);
}

/* ---- setting up ---- */

static void fill_polls(struct session *s, struct pollfd *p)
{
	uint32_t i;

	p[FD_CONTROL].fd = s->control.fd;
	p[FD_RESULTS].fd = s->control.results;
	p[FD_SIGNALS].fd = s->signals;
	p[FD_ALIVE].fd = s->opt->alive;
	for (i = 0; i < s->opt->nstreams; i++)
		p[FD_TRACES + i].fd = s->opt->first_trace + i;
	for (i = 0; i < FD_TRACES + s->opt->nstreams; i++)
		p[i].events = POLLIN;
	p[FD_OUTPUT].fd = s->sinks[0].out.name ? -1 : STDOUT_FILENO;
	p[FD_OUTPUT].events = 0;
}

static bool take_over_signals(struct session *s)
{
	static const int ours[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR2, SIGCHLD };
	struct sigaction hup;
	sigset_t set;
	unsigned i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigaddset(&set, ours[i]);
	if (!sigaction(SIGHUP, NULL, &hup) && hup.sa_handler == SIG_IGN)
		sigdelset(&set, SIGHUP);	/* nohup means it */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return s->signals >= 0;
}

/* Descriptors that staprun passed must not reach the command. */
static void close_on_exec(const struct options *o)
{
	const int fds[] = { o->control, o->formats, o->probes, o->alive, o->notify };
	uint32_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	for (i = 0; i < o->nstreams; i++)
		fcntl(o->first_trace + i, F_SETFD, FD_CLOEXEC);
}

static bool set_up(struct session *s)
{
	const struct options *opt = s->opt;
	int err;

	s->streams = calloc(opt->nstreams, sizeof(*s->streams));
	s->damage_reported = calloc(opt->nstreams, sizeof(*s->damage_reported));
	if (!s->streams || !s->damage_reported || !take_over_signals(s)) {
		fprintf(stderr, "ERROR: %s\n", strerror(errno));
		return false;
	}
	if (!session_open_outputs(s))
		return false;
	session_read_formats(s);
	if (s->status)
		return false;
	err = control_init(&s->control, opt->control);
	if (err) {
		fprintf(stderr, "ERROR: cannot start a thread: %s\n", strerror(err));
		return false;
	}
	return !opt->command || !child_start(&s->child, opt->command, &s->mask);
}

/* ---- ending ---- */

/* The module can go before the command does. */
static void close_files(struct session *s)
{
	uint32_t i;

	close(s->opt->formats);
	close(s->opt->probes);
	for (i = 0; i < s->opt->nstreams; i++)
		close(s->opt->first_trace + i);
	close(s->opt->control);
	if (write(s->opt->notify, s->phase == DETACHED ? "Q" : "D", 1) < 0)
		note(s, "staprun is gone");
}

static void session_deinit(struct session *s)
{
	uint32_t i;

	for (i = 0; s->streams && i < s->opt->nstreams; i++)
		stream_deinit(&s->streams[i]);
	free(s->streams);
	free(s->damage_reported);
	json_deinit(&s->json);
	report_deinit(&s->report);
	formats_deinit(&s->formats);
	session_close_outputs(s);
}

static bool processes_left(struct session *s)
{
	return (s->child.pid && !child_check(&s->child)) || s->commands;
}

static void wait_for_processes(struct session *s)
{
	struct pollfd p = { .fd = s->signals, .events = POLLIN };
	struct signalfd_siginfo si;

	if (s->child.pid && !child_check(&s->child) && !s->give_up)
		fprintf(stderr, "Waiting for processes to exit\n");
	while (processes_left(s) && !s->give_up) {
		poll(&p, 1, -1);
		while (read(s->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
			if (si.ssi_signo == SIGCHLD)
				take_children(s);
			else if (si.ssi_signo != SIGUSR2)
				s->give_up = true;
		}
	}
	if (child_report(&s->child))
		s->status = 1;
}

static void remove_module_alone(struct session *s)
{
	int tries;

	for (tries = 0; geteuid() == 0 && tries < 50; tries++) {
		if (!syscall(SYS_delete_module, s->opt->module, O_NONBLOCK) || errno == ENOENT)
			return;
		usleep(20000);
	}
}

static void start(struct session *s)
{
	const struct options *opt = s->opt;
	struct stp_cmd_start c = {
		.target_pid = s->child.pid ? s->child.pid : opt->target,
		.flags = (opt->attach ? STP_START_ATTACHED : 0) | (opt->json ? STP_START_JSON : 0),
		.namespaces_pid = opt->namespaces,
		.remote_id = opt->remote_id,
	};

	if (opt->remote_uri)
		snprintf(c.remote_uri, sizeof(c.remote_uri), "%s", opt->remote_uri);
	control_start(&s->control, &c);
}

int session_run(const struct options *opt)
{
	struct session s = { .opt = opt };
	struct pollfd *p;

	s.child.go = -1;
	close_on_exec(opt);
	p = calloc(FD_TRACES + opt->nstreams, sizeof(*p));
	if (!p || !set_up(&s)) {
		child_cancel(&s.child);
		session_deinit(&s);
		free(p);
		return 1;
	}
	fill_polls(&s, p);
	start(&s);
	while (s.phase < STOPPED && !s.give_up)
		turn(&s, p);
	if (s.child.go >= 0)
		child_cancel(&s.child);
	session_close_outputs(&s);
	close_files(&s);
	if (s.phase != DETACHED)
		wait_for_processes(&s);
	if (s.staprun_gone && s.phase != DETACHED)
		remove_module_alone(&s);
	session_deinit(&s);
	free(p);
	return s.give_up && s.phase < STOPPED ? 1 : s.status;
}
