/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stap-agent: process 1 of a disposable guest. Takes one job from the host (guest_wire.h), runs it,
 * carries its input, output and signals, reports its exit status, and shows every second that it is
 * alive.
 *
 * May assume that it is alone: nothing else runs in the guest but the job. Must not die (the kernel
 * would panic), must not block on anything but poll, and must not keep the job from the processors
 * (it sleeps) nor be kept by it (it runs with real-time priority, which children do not inherit).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest_agent.h"
#include "guest_wire.h"

enum {
	BACKLOG = 1 << 18, /* stop reading the job's output above this many bytes on the way to the
			      host */
	PIECE = 32768,	   /* the port takes no more at once */
};

/* Bytes to be consumed: [at, len) of buf. */
struct queue {
	char *buf;
	size_t at, len, size;
};

struct strings {
	char **v; /* NULL-terminated when n > 0 */
	size_t n;
};

struct agent {
	int port, signals;
	struct queue in, out;
	/* the job */
	struct strings argv, env;
	char *cwd, *share;
	bool tty;
	struct winsize winsize;
	mode_t umask;
	/* its process; descriptors are -1 when closed */
	pid_t pid;     /* also its process group; 0: not started, or ended */
	int in_fd;     /* write end of its stdin, or the terminal's master */
	int out_fd[3]; /* read ends of its stdout and stderr; [1] is the master with a terminal */
	struct queue input;
	bool input_ended;
	bool over;
	uint32_t status;
};

static void queue_add(struct queue *q, const void *bytes, size_t n)
{
	if (q->at == q->len)
		q->at = q->len = 0;
	if (q->len + n > q->size) {
		size_t size = q->size ? q->size : 65536;

		while (size < q->len + n)
			size *= 2;
		q->buf = realloc(q->buf, size);
		if (!q->buf)
			agent_die("out of memory\n");
		q->size = size;
	}
	memcpy(q->buf + q->len, bytes, n);
	q->len += n;
}

static size_t queue_left(const struct queue *q)
{
	return q->len - q->at;
}

static void strings_add(struct strings *s, const char *bytes, size_t n)
{
	s->v = realloc(s->v, (s->n + 2) * sizeof(*s->v));
	if (!s->v || !(s->v[s->n] = strndup(bytes, n)))
		agent_die("out of memory\n");
	s->v[++s->n] = NULL;
}

static void say(struct agent *a, enum guest_frame_type type, const void *bytes, size_t n)
{
	struct guest_frame head = { type, n };

	queue_add(&a->out, &head, sizeof(head));
	if (n)
		queue_add(&a->out, bytes, n);
}

static void say_number(struct agent *a, enum guest_frame_type type, uint32_t number)
{
	say(a, type, &number, sizeof(number));
}

__attribute__((format(printf, 2, 3))) static void say_trouble(struct agent *a, const char *format,
							      ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	say(a, FRAME_TROUBLE, text, strlen(text));
}

/* In the child: a new session, a plain environment, and the job's program. Messages go to its own
 * stderr. */
__attribute__((noreturn)) static void child_exec(struct agent *a, const int fds[3])
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	extern char **environ;
	sigset_t none;

	setsid();
	for (int i = 0; i < 3; i++)
		dup2(fds[i], i);
	if (a->tty)
		ioctl(0, TIOCSCTTY, 0);
	for (int sig = 1; sig < 32; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(a->umask);
	environ = a->env.v;
	execvp(a->argv.v[0], a->argv.v);
	dprintf(2, "ERROR: cannot run %s: %s\n", a->argv.v[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void open_pipes(struct agent *a, int child[3])
{
	int p[2];

	for (int i = 0; i < 3; i++) {
		if (pipe2(p, O_CLOEXEC) < 0)
			agent_die("cannot make a pipe: %s\n", strerror(errno));
		child[i] = p[i > 0];
		fcntl(p[i == 0], F_SETFL, O_NONBLOCK);
		if (i == 0)
			a->in_fd = p[1];
		else
			a->out_fd[i] = p[0];
	}
}

static void open_terminal(struct agent *a, int child[3])
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	int unlocked = 0, number = -1, slave = -1;
	char path[32];

	if (master >= 0 && ioctl(master, TIOCSPTLCK, &unlocked) == 0 &&
	    ioctl(master, TIOCGPTN, &number) == 0) {
		snprintf(path, sizeof(path), "/dev/pts/%d", number);
		slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	if (slave < 0)
		agent_die("cannot make a terminal: %s\n", strerror(errno));
	ioctl(master, TIOCSWINSZ, &a->winsize);
	a->in_fd = a->out_fd[1] = master;
	child[0] = child[1] = child[2] = slave;
}

static void start(struct agent *a)
{
	int child[3], error;

	if (a->share) {
		error = agent_mount_share(a->share);
		if (error)
			say_trouble(a, "cannot mount %s: %s", a->share, strerror(error));
	}
	if (a->cwd && chdir(a->cwd) < 0)
		say_trouble(a, "cannot enter %s: %s", a->cwd, strerror(errno));
	if (!a->argv.n)
		agent_die("no command\n");
	if (!a->env.n)
		strings_add(&a->env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", 64);
	if (a->tty)
		open_terminal(a, child);
	else
		open_pipes(a, child);
	a->pid = fork();
	if (a->pid < 0)
		agent_die("cannot fork: %s\n", strerror(errno));
	if (a->pid == 0)
		child_exec(a, child);
	close(child[0]);
	if (!a->tty) {
		close(child[1]);
		close(child[2]);
	}
	if (chdir("/") < 0)
		agent_die("cannot enter /: %s\n", strerror(errno));
}

/* What the terminal would do with Ctrl-C and a hang-up reaches the whole group; SIGTERM was sent to
 * one process. */
static void send_signal(struct agent *a, int sig)
{
	if (a->pid > 0)
		kill(sig == SIGTERM ? a->pid : -a->pid, sig);
}

static void set_time(const char *bytes)
{
	struct guest_time time;
	struct timespec ts;

	memcpy(&time, bytes, sizeof(time));
	ts = (struct timespec){ .tv_sec = time.sec, .tv_nsec = time.nsec };
	clock_settime(CLOCK_REALTIME, &ts);
}

static void set_winsize(struct agent *a, const char *bytes)
{
	struct guest_winsize ws;

	memcpy(&ws, bytes, sizeof(ws));
	a->winsize = (struct winsize){ .ws_row = ws.rows, .ws_col = ws.cols };
	if (a->tty && a->in_fd >= 0)
		ioctl(a->in_fd, TIOCSWINSZ, &a->winsize);
}

static uint32_t number_of(const char *bytes, size_t n)
{
	uint32_t number = 0;

	memcpy(&number, bytes, n < sizeof(number) ? n : sizeof(number));
	return number;
}

static void close_output(struct agent *a, uint32_t which)
{
	if ((which == 1 || which == 2) && a->out_fd[which] >= 0 && !a->tty) {
		close(a->out_fd[which]);
		a->out_fd[which] = -1;
	}
}

static void on_frame(struct agent *a, uint32_t type, const char *bytes, size_t n)
{
	switch (type) {
	case FRAME_TIME:
		if (n == sizeof(struct guest_time))
			set_time(bytes);
		break;
	case FRAME_UMASK:
		a->umask = number_of(bytes, n);
		break;
	case FRAME_CWD:
		a->cwd = strndup(bytes, n);
		break;
	case FRAME_SHARE:
		a->share = strndup(bytes, n);
		break;
	case FRAME_TTY:
		a->tty = true;
		/* fall through */
	case FRAME_WINSIZE:
		if (n == sizeof(struct guest_winsize))
			set_winsize(a, bytes);
		break;
	case FRAME_ENV:
		strings_add(&a->env, bytes, n);
		break;
	case FRAME_ARG:
		strings_add(&a->argv, bytes, n);
		break;
	case FRAME_START:
		start(a);
		break;
	case FRAME_STDIN:
		if (n)
			queue_add(&a->input, bytes, n);
		else
			a->input_ended = true;
		break;
	case FRAME_SIGNAL:
		send_signal(a, number_of(bytes, n));
		break;
	case FRAME_CLOSED:
		close_output(a, number_of(bytes, n));
		break;
	default:
		agent_die("unknown frame %u from the host\n", type);
	}
}

static void read_port(struct agent *a)
{
	static char buf[PIECE];
	struct guest_frame head;
	ssize_t n = read(a->port, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		agent_die("the host has gone\n");
	queue_add(&a->in, buf, n);
	while (queue_left(&a->in) >= sizeof(head)) {
		memcpy(&head, a->in.buf + a->in.at, sizeof(head));
		if (queue_left(&a->in) - sizeof(head) < head.len)
			return;
		a->in.at += sizeof(head);
		on_frame(a, head.type, a->in.buf + a->in.at, head.len);
		a->in.at += head.len;
	}
}

static void write_port(struct agent *a)
{
	size_t left = queue_left(&a->out);
	ssize_t n = write(a->port, a->out.buf + a->out.at, left < PIECE ? left : PIECE);

	if (n > 0)
		a->out.at += n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		agent_die("cannot write to the host: %s\n", strerror(errno));
}

/* False when there is no more for now. */
static bool read_output(struct agent *a, int which)
{
	static char buf[PIECE];
	ssize_t n = read(a->out_fd[which], buf, sizeof(buf));

	if (n > 0) {
		say(a, which == 1 ? FRAME_STDOUT : FRAME_STDERR, buf, n);
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (a->tty)
		a->in_fd = -1; /* the same descriptor */
	close(a->out_fd[which]);
	a->out_fd[which] = -1;
	return false;
}

static void write_input(struct agent *a)
{
	size_t left = queue_left(&a->input);
	ssize_t n = left ? write(a->in_fd, a->input.buf + a->input.at, left) : 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) { /* nobody reads it: swallow it, and all that follows */
		n = left;
		a->input_ended = true;
	}
	a->input.at += n;
	if (n)
		say_number(a, FRAME_TAKEN, n);
	if (a->input_ended && !queue_left(&a->input) && !a->tty) {
		close(a->in_fd);
		a->in_fd = -1;
	}
}

/* Everything that has ended, orphans included: this is process 1. */
static void reap(struct agent *a)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(a->signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != a->pid)
			continue;
		a->pid = 0;
		a->over = true;
		a->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

static void turn(struct agent *a)
{
	enum { PORT, SIGNALS, IN, OUT1, OUT2, N };
	bool full = queue_left(&a->out) > BACKLOG;
	bool want_in = queue_left(&a->input) || a->input_ended;
	struct pollfd p[N] = {
		[PORT] = { .fd = a->port, .events = POLLIN | (queue_left(&a->out) ? POLLOUT : 0) },
		[SIGNALS] = { .fd = a->signals, .events = POLLIN },
		[IN] = { .fd = want_in && !(a->tty && !queue_left(&a->input)) ? a->in_fd : -1,
			 .events = POLLOUT },
		[OUT1] = { .fd = full ? -1 : a->out_fd[1], .events = POLLIN },
		[OUT2] = { .fd = full ? -1 : a->out_fd[2], .events = POLLIN },
	};
	int n = poll(p, N, GUEST_BEAT_MS);

	if (n < 0)
		return;
	if (n == 0 && !queue_left(&a->out))
		say(a, FRAME_BEAT, NULL, 0);
	if (p[PORT].revents & POLLIN)
		read_port(a);
	else if (p[PORT].revents & POLLHUP)
		agent_die("the host has gone\n");
	if (p[IN].revents)
		write_input(a);
	if (p[OUT1].revents)
		read_output(a, 1);
	if (p[OUT2].revents && a->out_fd[2] >= 0)
		read_output(a, 2);
	if (p[SIGNALS].revents)
		reap(a);
	if (queue_left(&a->out))
		write_port(a);
}

static void flush_port(struct agent *a, size_t leave)
{
	while (queue_left(&a->out) > leave) {
		struct pollfd p = { .fd = a->port, .events = POLLOUT };

		poll(&p, 1, GUEST_BEAT_MS);
		write_port(a);
	}
}

/* The job's process is gone. What it wrote is in the pipes; what its children may still write is
 * not waited for. */
static void finish(struct agent *a)
{
	for (int which = 1; which <= 2; which++) {
		while (a->out_fd[which] >= 0 && read_output(a, which))
			flush_port(a, BACKLOG);
	}
	if (a->share) {
		int fd = open(a->share, O_RDONLY | O_CLOEXEC);

		if (fd >= 0)
			syncfs(fd);
	}
	say_number(a, FRAME_EXIT, a->status);
	flush_port(a, 0);
	poll(NULL, 0, 10000); /* the host ends the guest now */
	reboot(RB_AUTOBOOT);
}

int main(void)
{
	struct agent a = { .in_fd = -1, .out_fd = { -1, -1, -1 }, .umask = 022 };
	struct sched_param fifo = { .sched_priority = 1 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t mask;

	if (getpid() != 1) {
		fprintf(stderr, "stap-agent is the first process of a guest and is started by the "
				"guest's kernel.\n");
		return 2;
	}
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	agent_boot();
	a.port = agent_open_port();
	a.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &fifo);
	say_number(&a, FRAME_HELLO, GUEST_WIRE_VERSION);
	while (!a.over)
		turn(&a);
	finish(&a);
	return 0;
}
