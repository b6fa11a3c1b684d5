/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation with a running guest: sends the job, forwards stdin and signals, delivers stdout
 * and stderr, keeps the guest's kernel log and the helpers' chatter, and watches for signs of life.
 * Single-threaded, one poll loop.
 *
 * The caller's stdin, stdout and stderr are shared with other processes, so their flags are not
 * touched: each is read or written only when poll says so and in pieces that cannot block
 * (PIPE_BUF, see pipe(7)). While stdout or stderr takes nothing, nothing is read from the guest,
 * whose command then blocks as it would on a pipe of this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest_parts.h"
#include "guest_wire.h"

enum {
	SECOND_SIGNAL_MS = 300, /* timeout(1) sends its signal twice at once: that is one */
	PANIC_MS = 5000,	/* a kernel that has panicked reboots at once, or never */
};

/* Bytes to be written: [at, len) of buf. */
struct queue {
	char *buf;
	size_t at, len, size;
};

struct talk {
	struct guest *guest;
	struct guest_job *job;
	int signals; /* signalfd */
	struct queue to_guest;
	struct queue from_guest;
	/* the frame being delivered: its bytes are at the front of from_guest */
	int out_fd; /* 1 or 2; 0: none */
	size_t out_left;
	bool out_closed[3]; /* nobody reads fd 1 or 2 any more */
	bool started;	    /* START has been sent */
	bool stdin_open;
	size_t stdin_way; /* bytes of stdin sent and not yet TAKEN */
	int first_signal; /* 0: none yet */
	int64_t first_signal_ms;
	int64_t begin_ms, life_ms;
	int64_t panic_ms; /* when the kernel was seen to panic; 0: not yet */
	bool over;
	enum guest_outcome outcome;
};

int64_t guest_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static bool queue_add(struct queue *q, const void *bytes, size_t n)
{
	if (q->at == q->len)
		q->at = q->len = 0;
	if (q->len + n > q->size) {
		size_t size = q->size ? q->size : 65536;
		char *buf;

		while (size < q->len + n)
			size *= 2;
		buf = realloc(q->buf, size);
		if (!buf)
			return false;
		q->buf = buf;
		q->size = size;
	}
	if (n)
		memcpy(q->buf + q->len, bytes, n);
	q->len += n;
	return true;
}

static void finish(struct talk *t, enum guest_outcome outcome)
{
	if (!t->over)
		t->outcome = outcome;
	t->over = true;
}

static void say(struct talk *t, enum guest_frame_type type, const void *bytes, size_t n)
{
	struct guest_frame head = { type, n };

	if (n > GUEST_FRAME_MAX || !queue_add(&t->to_guest, &head, sizeof(head)) ||
	    !queue_add(&t->to_guest, bytes, n))
		finish(t, GUEST_CONFUSED);
}

static void say_string(struct talk *t, enum guest_frame_type type, const char *s)
{
	say(t, type, s, strlen(s) + 1);
}

static void say_number(struct talk *t, enum guest_frame_type type, uint32_t n)
{
	say(t, type, &n, sizeof(n));
}

static void say_environment(struct talk *t)
{
	static const char *const names[] = {
		"PATH=",       "HOME=",
		"USER=",       "LOGNAME=",
		"SHELL=",      "TERM=",
		"COLORTERM=",  "LANG=",
		"LC_*",	       "TZ=",
		"EDITOR=",     "PAGER=",
		"SYSTEMTAP_*", "LD_LIBRARY_PATH=",
		"TMPDIR=",     "NO_COLOR=",
	};
	extern char **environ;

	for (char **e = environ; e && *e; e++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strncmp(*e, names[i], strcspn(names[i], "*")) == 0) {
				say_string(t, FRAME_ENV, *e);
				break;
			}
		}
	}
}

static bool window_size(struct guest_winsize *ret)
{
	struct winsize ws;

	if (ioctl(0, TIOCGWINSZ, &ws) < 0)
		return false;
	*ret = (struct guest_winsize){ .rows = ws.ws_row, .cols = ws.ws_col };
	return true;
}

static void say_job(struct talk *t)
{
	struct guest_winsize ws = { 24, 80 };
	char *cwd = getcwd(NULL, 0);
	mode_t mask = umask(0);
	struct timespec now;
	struct guest_time time;

	umask(mask);
	clock_gettime(CLOCK_REALTIME, &now);
	time = (struct guest_time){ now.tv_sec, now.tv_nsec };
	say(t, FRAME_TIME, &time, sizeof(time));
	say_number(t, FRAME_UMASK, mask);
	say_string(t, FRAME_CWD, cwd ? cwd : "/");
	free(cwd);
	if (t->guest->options->share)
		say_string(t, FRAME_SHARE, t->guest->options->share);
	if (t->job->tty) {
		window_size(&ws);
		say(t, FRAME_TTY, &ws, sizeof(ws));
	}
	say_environment(t);
	for (char *const *arg = t->job->argv; *arg; arg++)
		say_string(t, FRAME_ARG, *arg);
	say(t, FRAME_START, NULL, 0);
	t->started = true;
}

/* One line on a terminal while there is nothing else to see. */
static void status_show(const struct guest *guest)
{
	if (isatty(2) && !guest->options->verbose)
		fprintf(stderr, "\rbooting %s guest%s...\033[K", guest->kernel.release,
			guest->kvm ? "" : " (software emulation)");
}

static void status_hide(const struct guest *guest)
{
	if (isatty(2) && !guest->options->verbose)
		fprintf(stderr, "\r\033[K");
}

static void on_hello(struct talk *t, const char *bytes, size_t n)
{
	uint32_t version;

	if (n != sizeof(version) || t->job->booted) {
		finish(t, GUEST_CONFUSED);
		return;
	}
	memcpy(&version, bytes, n);
	if (version != GUEST_WIRE_VERSION) {
		finish(t, GUEST_CONFUSED);
		return;
	}
	t->job->booted = true;
	t->job->boot_ms = guest_now_ms() - t->begin_ms;
	status_hide(t->guest);
	say_job(t);
}

static void on_number(struct talk *t, uint32_t type, const char *bytes, size_t n)
{
	uint32_t number;

	if (n != sizeof(number)) {
		finish(t, GUEST_CONFUSED);
		return;
	}
	memcpy(&number, bytes, n);
	if (type == FRAME_TAKEN) {
		t->stdin_way -= number < t->stdin_way ? number : t->stdin_way;
		return;
	}
	t->job->status = number & 255;
	finish(t, GUEST_EXITED);
}

static void on_frame(struct talk *t, uint32_t type, const char *bytes, size_t n)
{
	switch (type) {
	case FRAME_HELLO:
		on_hello(t, bytes, n);
		break;
	case FRAME_BEAT:
		break;
	case FRAME_TROUBLE:
		fprintf(stderr, "WARNING: guest: %.*s\n", (int)n, bytes);
		break;
	case FRAME_TAKEN:
	case FRAME_EXIT:
		on_number(t, type, bytes, n);
		break;
	default:
		finish(t, GUEST_CONFUSED);
	}
}

/* Take whole frames off the front of from_guest, up to one that has to be delivered. */
static void take_frames(struct talk *t)
{
	struct queue *q = &t->from_guest;
	struct guest_frame head;

	while (!t->over && !t->out_fd && q->len - q->at >= sizeof(head)) {
		memcpy(&head, q->buf + q->at, sizeof(head));
		if (head.len > GUEST_FRAME_MAX) {
			finish(t, GUEST_CONFUSED);
			return;
		}
		if (q->len - q->at - sizeof(head) < head.len)
			return;
		q->at += sizeof(head);
		if (head.type == FRAME_STDOUT || head.type == FRAME_STDERR) {
			t->out_fd = head.type == FRAME_STDOUT ? 1 : 2;
			t->out_left = head.len;
			if (head.len == 0 || t->out_closed[t->out_fd]) {
				q->at += head.len;
				t->out_fd = 0;
			}
		} else {
			on_frame(t, head.type, q->buf + q->at, head.len);
			q->at += head.len;
		}
	}
}

/* Write a piece of the frame that is being delivered. Requires: poll says that it can be. */
static void deliver(struct talk *t)
{
	struct queue *q = &t->from_guest;
	ssize_t n = write(t->out_fd, q->buf + q->at, t->out_left < 4096 ? t->out_left : 4096);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		/* let the command meet what it would have met here: SIGPIPE on its next write */
		t->out_closed[t->out_fd] = true;
		say_number(t, FRAME_CLOSED, t->out_fd);
		n = t->out_left;
	}
	q->at += n;
	t->out_left -= n;
	if (!t->out_left)
		t->out_fd = 0;
	t->life_ms = guest_now_ms(); /* the guest may have been waiting for this */
	take_frames(t);
}

static void read_wire(struct talk *t)
{
	static char buf[65536];
	ssize_t n = recv(t->guest->wire, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		finish(t, GUEST_DIED);
		return;
	}
	t->life_ms = guest_now_ms();
	if (!queue_add(&t->from_guest, buf, n))
		finish(t, GUEST_CONFUSED);
	take_frames(t);
}

static void write_wire(struct talk *t)
{
	struct queue *q = &t->to_guest;
	ssize_t n =
		send(t->guest->wire, q->buf + q->at, q->len - q->at, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		q->at += n;
	else if (errno != EINTR && errno != EAGAIN)
		finish(t, GUEST_DIED);
}

/* False at the end of the stream. */
static bool read_log(int fd, struct guest_log *log, bool show)
{
	char buf[4096];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0) {
		guest_log_add(log, buf, n);
		if (show)
			fwrite(buf, 1, n, stderr);
	}
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static void read_console(struct talk *t)
{
	struct guest_log *log = &t->guest->console_log;

	if (!read_log(t->guest->console, log, t->guest->options->verbose >= 3))
		finish(t, GUEST_DIED);
	if (!t->panic_ms && strstr(guest_log_tail(log, 100), "Kernel panic"))
		t->panic_ms = guest_now_ms();
}

/* Reading a terminal from the background would stop this process. */
static bool stdin_is_ours(void)
{
	pid_t group = tcgetpgrp(0);

	return group < 0 || group == getpgrp();
}

static void read_stdin(struct talk *t)
{
	char buf[4096];
	ssize_t n = read(0, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		t->stdin_open = false;
		say(t, FRAME_STDIN, NULL, 0);
		return;
	}
	say(t, FRAME_STDIN, buf, n);
	t->stdin_way += n;
}

static void on_signal(struct talk *t)
{
	struct signalfd_siginfo info;
	struct guest_winsize ws;
	int sig;

	if (read(t->signals, &info, sizeof(info)) != sizeof(info))
		return;
	sig = info.ssi_signo;
	if (sig == SIGWINCH) {
		if (t->job->tty && t->started && window_size(&ws))
			say(t, FRAME_WINSIZE, &ws, sizeof(ws));
		return;
	}
	if (!t->started || t->job->tty) {
		t->job->status = 128 + sig;
		finish(t, GUEST_ENDED);
	} else if (!t->first_signal) {
		t->first_signal = sig;
		t->first_signal_ms = guest_now_ms();
		say_number(t, FRAME_SIGNAL, sig);
	} else if (guest_now_ms() - t->first_signal_ms > SECOND_SIGNAL_MS) {
		t->job->status = 128 + sig;
		finish(t, GUEST_ENDED);
	}
}

/* How long poll may wait; ends the conversation when a limit is over. Time in which only we were
 * stuck does not count. */
static int check_limits(struct talk *t)
{
	const struct guest_options *o = t->guest->options;
	int64_t now = guest_now_ms(), left;

	if (t->out_fd) {
		t->life_ms = now;
		return -1;
	}
	if (t->panic_ms) {
		left = t->panic_ms + PANIC_MS - now;
		if (left <= 0)
			finish(t, GUEST_DIED);
	} else if (!t->job->booted) {
		left = t->begin_ms + t->job->boot_limit_s * 1000LL - now;
		if (left <= 0)
			finish(t, GUEST_NO_BOOT);
	} else {
		left = t->life_ms + (o->hang_limit_s ? o->hang_limit_s : 60) * 1000LL - now;
		if (left <= 0)
			finish(t, GUEST_SILENT);
	}
	return left < 0 ? 0 : left > 1000 ? 1000 : left;
}

static bool has_bytes(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static void turn(struct talk *t)
{
	enum { WIRE, CONSOLE, CHATTER, SIGNALS, STDIN, OUT, N };
	struct pollfd p[N];
	bool want_stdin =
		t->stdin_open && t->started && t->stdin_way < GUEST_STDIN_WINDOW && stdin_is_ours();
	int wait;

	p[WIRE] = (struct pollfd){ .fd = t->guest->wire };
	p[WIRE].events =
		(t->out_fd ? 0 : POLLIN) | (t->to_guest.at < t->to_guest.len ? POLLOUT : 0);
	if (!p[WIRE].events)
		p[WIRE].fd = -1;
	p[CONSOLE] = (struct pollfd){ .fd = t->guest->console, .events = POLLIN };
	p[CHATTER] = (struct pollfd){ .fd = t->guest->chatter, .events = POLLIN };
	p[SIGNALS] = (struct pollfd){ .fd = t->signals, .events = POLLIN };
	p[STDIN] = (struct pollfd){ .fd = want_stdin ? 0 : -1, .events = POLLIN };
	p[OUT] = (struct pollfd){ .fd = t->out_fd ? t->out_fd : -1, .events = POLLOUT };
	wait = has_bytes(t->guest->wire) && !t->out_fd ? 0 : check_limits(t);
	if (t->over || poll(p, N, wait) < 0)
		return;
	if (p[CHATTER].revents && !read_log(t->guest->chatter, &t->guest->chatter_log, false)) {
		close(t->guest->chatter);
		t->guest->chatter = -1;
	}
	if (p[CONSOLE].revents)
		read_console(t);
	if (p[SIGNALS].revents)
		on_signal(t);
	if (p[WIRE].revents & POLLOUT)
		write_wire(t);
	if (p[WIRE].revents & ~POLLOUT && !t->out_fd)
		read_wire(t);
	if (p[OUT].revents)
		deliver(t);
	if (p[STDIN].revents)
		read_stdin(t);
}

/* QEMU is gone: what it had sent before may still be on the way to stdout, and the log ends with
 * the reason. */
static void read_rest(struct talk *t)
{
	enum guest_outcome outcome = t->outcome;

	while (read_log(t->guest->console, &t->guest->console_log,
			t->guest->options->verbose >= 3) &&
	       has_bytes(t->guest->console))
		;
	while (t->guest->chatter >= 0 && has_bytes(t->guest->chatter) &&
	       read_log(t->guest->chatter, &t->guest->chatter_log, false))
		;
	if (outcome != GUEST_DIED)
		return;
	t->over = false;
	while (!t->over) {
		struct pollfd p[] = { { .fd = t->signals, .events = POLLIN },
				      { .fd = t->out_fd ? t->out_fd : -1, .events = POLLOUT } };

		if (t->out_fd) {
			poll(p, 2, -1);
			if (p[0].revents)
				on_signal(t);
			if (p[1].revents)
				deliver(t);
		} else if (has_bytes(t->guest->wire)) {
			read_wire(t);
		} else {
			finish(t, GUEST_DIED);
		}
	}
	if (t->outcome == GUEST_CONFUSED)
		t->outcome = outcome;
}

static bool raw_terminal(struct termios *ret_saved)
{
	struct termios raw;

	if (tcgetattr(0, ret_saved) < 0)
		return false;
	raw = *ret_saved;
	cfmakeraw(&raw);
	return tcsetattr(0, TCSADRAIN, &raw) == 0;
}

enum guest_outcome guest_talk(struct guest *guest, struct guest_job *job)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, saved_pipe;
	struct talk t = { .guest = guest, .job = job, .stdin_open = fcntl(0, F_GETFD) >= 0 };
	struct termios saved_tty;
	bool raw = job->tty && raw_terminal(&saved_tty);
	sigset_t mask, saved_mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction sa;

		/* nohup(1) is obeyed; but SIGINT counts even if ignored, as it is in the background
		 * jobs of scripts */
		if (signals[i] != SIGHUP || sigaction(SIGHUP, NULL, &sa) < 0 ||
		    sa.sa_handler != SIG_IGN)
			sigaddset(&mask, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &mask, &saved_mask);
	sigaction(SIGPIPE, &ignore, &saved_pipe);
	t.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	t.begin_ms = t.life_ms = guest_now_ms();
	status_show(guest);
	while (!t.over)
		turn(&t);
	if (!job->booted)
		status_hide(guest);
	read_rest(&t);
	if (raw)
		tcsetattr(0, TCSADRAIN, &saved_tty);
	close(t.signals);
	sigaction(SIGPIPE, &saved_pipe, NULL);
	sigprocmask(SIG_SETMASK, &saved_mask, NULL);
	free(t.to_guest.buf);
	free(t.from_guest.buf);
	return t.outcome;
}
