// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stapio: started with descriptors of the module's files, with the rights and environment of the
 * invoking user, and waited for; then the module is unloaded, whatever became of stapio.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "staprun/staprun.h"

/* Where stapio finds what, the trace files last; above all that staprun itself has open. */
enum { CONTROL_FD = 20, FORMATS_FD, PROBES_FD, ALIVE_FD, NOTIFY_FD, TRACE_FD };

static bool move_fd(int from, int to)
{
	if (from < 0 || from == to || dup2(from, to) < 0)
		return false;
	close(from);
	return true;
}

static bool open_at(const struct files *f, const char *name, int to)
{
	return move_fd(openat(f->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), to);
}

static bool pass_files(const struct files *f, int alive, int notify)
{
	struct rlimit lim = { TRACE_FD + f->ready.nchannels + 64, TRACE_FD + f->ready.nchannels + 64 };
	struct rlimit now;
	char name[32];
	uint32_t i;

	if (!getrlimit(RLIMIT_NOFILE, &now) && now.rlim_cur < lim.rlim_cur) {
		if (now.rlim_max > lim.rlim_max)
			lim.rlim_max = now.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
	if (dup2(alive, ALIVE_FD) < 0 || dup2(notify, NOTIFY_FD) < 0 || dup2(f->control, CONTROL_FD) < 0 ||
	    !open_at(f, "formats", FORMATS_FD) || !open_at(f, "probes", PROBES_FD))
		return false;
	for (i = 0; i < f->ready.nchannels; i++) {
		snprintf(name, sizeof(name), "trace%u", i);
		if (!open_at(f, name, TRACE_FD + i))
			return false;
	}
	return true;
}

static bool drop_privileges(void)
{
	if (getuid() == 0)
		return true;
	return !setresgid(getgid(), getgid(), getgid()) && !setresuid(getuid(), getuid(), getuid()) &&
	       setuid(0) < 0;		/* must not come back */
}

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/*
 * In the build tree, which has a folder per program, stapio is TREE/stapio/stapio; else beside
 * staprun or where it is installed.  A set-uid staprun looks only there: it could be reached
 * through a link in anybody's folder.
 */
static const char *stapio_path(char *to, size_t size)
{
	ssize_t n = getuid() == 0 ? readlink("/proc/self/exe", to, size - 32) : -1;
	char *slash;

	if (n <= 0)
		return PKGLIBEXECDIR "/stapio";
	to[n] = 0;
	slash = strrchr(to, '/');
	strcpy(slash, "/stapio");
	if (is_program(to))
		return to;
	strcpy(slash, "/../stapio/stapio");
	return is_program(to) ? to : PKGLIBEXECDIR "/stapio";
}

static void add(char **argv, int *n, const char *option, const char *value)
{
	argv[(*n)++] = (char *)option;
	if (value)
		argv[(*n)++] = (char *)value;
}

static _Noreturn void exec_stapio(const struct files *f, const struct request *r, const char *name)
{
	char path[PATH_MAX], fds[128], namespaces[24], remote[160];
	const char *stapio = stapio_path(path, sizeof(path));
	char *argv[40];
	int n = 0, i;

	snprintf(fds, sizeof(fds), "%d,%d,%d,%d,%d,%d,%u", CONTROL_FD, FORMATS_FD, PROBES_FD, ALIVE_FD,
		 NOTIFY_FD, TRACE_FD, f->ready.nchannels);
	add(argv, &n, "stapio", NULL);
	add(argv, &n, "-F", fds);
	if (r->command)
		add(argv, &n, "-c", r->command);
	if (r->target)
		add(argv, &n, "-x", r->target);
	if (r->file)
		add(argv, &n, "-o", r->file);
	if (r->size)
		add(argv, &n, "-S", r->size);
	if (r->period)
		add(argv, &n, "-T", r->period);
	if (r->colour)
		add(argv, &n, "-C", r->colour);
	if (r->namespaces) {
		snprintf(namespaces, sizeof(namespaces), "%lu", r->namespaces);
		add(argv, &n, "-N", namespaces);
	}
	if (r->remote_uri) {
		snprintf(remote, sizeof(remote), "%ld:%s", r->remote_id, r->remote_uri);
		add(argv, &n, "-r", remote);
	}
	if (r->bulk || (f->ready.flags & STP_READY_BULK))
		add(argv, &n, "-b", NULL);
	if (r->json)
		add(argv, &n, "-j", NULL);
	if (r->no_warnings)
		add(argv, &n, "-w", NULL);
	if (r->attach)
		add(argv, &n, "-A", NULL);
	if (r->background)
		add(argv, &n, "-D", NULL);
	for (i = 0; i < r->verbose; i++)
		add(argv, &n, "-v", NULL);
	add(argv, &n, "--", NULL);
	add(argv, &n, name, NULL);
	argv[n] = NULL;
	execve(stapio, argv, r->env);
	complain("cannot run %s: %s", stapio, strerror(errno));
	_exit(1);
}

static pid_t start_stapio(struct files *f, const struct request *r, const char *name, int alive, int notify,
			  const sigset_t *mask)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (!pass_files(f, alive, notify)) {
		complain("cannot open the files of module %s: %s", name, strerror(errno));
		_exit(1);
	}
	if (!drop_privileges()) {
		complain("cannot give up root: %s", strerror(errno));
		_exit(1);
	}
	sigprocmask(SIG_SETMASK, mask, NULL);
	exec_stapio(f, r, name);
}

/* ---- waiting ---- */

struct wait {
	pid_t pid;
	int signals, notify, started_fd, status;
	bool exited, stays;		/* stays: the module runs on without stapio */
};

/* Ctrl-C reaches stapio from the terminal; what somebody sent to us goes on to it. */
static void take_signals(struct wait *w)
{
	struct signalfd_siginfo si;

	while (read(w->signals, &si, sizeof(si)) == (ssize_t)sizeof(si))
		if (si.ssi_signo != SIGCHLD && si.ssi_code <= 0 && !w->exited)
			kill(w->pid, si.ssi_signo);
	if (!w->exited && waitpid(w->pid, &w->status, WNOHANG) == w->pid)
		w->exited = true;
}

/* -D: tells the foreground half, then holds none of its descriptors. */
static void leave_terminal(int started_fd)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	for (i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (write(started_fd, "S", 1) < 0)
		return;			/* it is gone: nobody waits */
}

/* True when stapio has let go of the module. */
static bool take_notes(struct wait *w)
{
	char note;

	while (read(w->notify, &note, 1) == 1) {
		if (note == 'S' && w->started_fd >= 0)
			leave_terminal(w->started_fd);
		if (note == 'Q')
			w->stays = true;
		if (note == 'D' || note == 'Q')
			return true;
	}
	return false;
}

static void wait_until(struct wait *w, bool released)
{
	struct pollfd p[] = { { .fd = w->signals, .events = POLLIN },
			      { .fd = released ? w->notify : -1, .events = POLLIN } };

	while (!w->exited) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[0].revents)
			take_signals(w);
		if (p[1].revents && take_notes(w))
			return;
		if (p[1].revents & POLLHUP)
			p[1].fd = -1;
	}
}

static int finish(struct wait *w, const char *name, int verbose)
{
	bool gone = true;

	wait_until(w, true);
	if (!w->stays) {
		say(verbose, "unloading %s", name);
		gone = unload_module(name, 10000);
	}
	wait_until(w, false);
	if (w->stays)
		files_how_to_attach(name);
	if (WIFSIGNALED(w->status)) {
		complain("stapio was ended by signal %d (%s)", WTERMSIG(w->status),
			 strsignal(WTERMSIG(w->status)));
		return 1;
	}
	return gone ? WEXITSTATUS(w->status) : 1;
}

/* nohup means it: a hang-up that is ignored stays so. */
static bool hangup_ignored(void)
{
	struct sigaction sa;

	return !sigaction(SIGHUP, NULL, &sa) && sa.sa_handler == SIG_IGN;
}

static void our_signals(sigset_t *ret)
{
	static const int ours[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR2, SIGCHLD };
	unsigned i;

	sigemptyset(ret);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (ours[i] != SIGHUP || !hangup_ignored())
			sigaddset(ret, ours[i]);
}

static sigset_t mask_before;

void child_block_signals(void)
{
	sigset_t set;

	signal(SIGCHLD, SIG_DFL);	/* ignored, there would be no status to wait for */
	our_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &mask_before);
}

/* Somebody wants the end before stapio is there to be told. */
static bool interrupted(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGINT) || sigismember(&set, SIGTERM) || sigismember(&set, SIGHUP) ||
	       sigismember(&set, SIGQUIT);
}

/* All that is left to do is to unload the module.  Where that right is missing none of the others helps. */
static void keep_least(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { .effective = 1u << CAP_SYS_MODULE,
						 .permitted = 1u << CAP_SYS_MODULE } };

	if (syscall(SYS_capset, &h, d))
		return;
}

static int give_up(struct files *f, const char *name, const char *why)
{
	complain("%s: %s", name, why);
	files_close(f);
	unload_module(name, 1000);
	return 1;
}

int child_run(struct files *f, const struct request *r, const char *name, int started_fd)
{
	struct wait w = { .started_fd = started_fd };
	int alive[2], notify[2];
	sigset_t set;

	our_signals(&set);
	w.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (w.signals < 0 || pipe2(alive, O_CLOEXEC) || pipe2(notify, O_CLOEXEC | O_NONBLOCK))
		return give_up(f, name, strerror(errno));
	if (interrupted())
		return give_up(f, name, "interrupted before it was started");
	w.pid = start_stapio(f, r, name, alive[0], notify[1], &mask_before);
	if (w.pid < 0)
		return give_up(f, name, "cannot start stapio");
	close(alive[0]);
	close(notify[1]);
	w.notify = notify[0];
	keep_least();
	files_close(f);			/* stapio's copy is the last: its death ends the session */
	return finish(&w, name, r->verbose);
}
