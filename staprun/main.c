// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * staprun: loads a module that stap made, has stapio show its output, unloads it.  See staprun.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "staprun/staprun.h"

extern char **environ;

void say(int verbose, const char *fmt, ...)
{
	va_list ap;

	if (!verbose)
		return;
	va_start(ap, fmt);
	fputs("staprun: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void complain(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	fputs("ERROR: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	errno = err;
}

/* ---- what is done ---- */

/* One that is in use is an error, unless ALL are asked for. */
static int delete_module(const struct request *r, const char *module, bool all)
{
	char name[MODULE_NAME_SIZE], path[128];
	struct files f;

	if (!request_module_name(module, name))
		return 1;
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access(path, F_OK)) {
		complain("module %s is not loaded", name);
		return 1;
	}
	if (!files_open(&f, name, all))
		return !all || errno != EBUSY;
	if (f.ready.state == STP_READY_RUNNING) {
		say(r->verbose, "stopping the session of %s", name);
		files_stop(&f);
	}
	files_close(&f);
	return !unload_module(name, 2000);
}

/* -d '*': whatever is in use, or gone before we come to it, is passed over. */
static int delete_all(const struct request *r)
{
	char *names = files_list(), *rest = names, *name;
	int status = 0;

	while (names && (name = strsep(&rest, "\n")))
		if (*name)
			status |= delete_module(r, name, true);
	free(names);
	return status;
}

static int attach(const struct request *r, int started_fd)
{
	char name[MODULE_NAME_SIZE];
	struct files f;

	if (!request_module_name(r->module, name) || !files_open(&f, name, false))
		return 1;
	if (f.ready.state != STP_READY_RUNNING) {
		complain("no session of module %s is running: remove the module with staprun -d %s", name, name);
		files_close(&f);
		return 1;
	}
	return child_run(&f, r, name, started_fd);
}

static int leave_running(struct files *f, const struct request *r, const char *name)
{
	int err = files_start_detached(f, r);

	files_close(f);
	if (err) {
		unload_module(name, 2000);
		return 1;
	}
	files_how_to_attach(name);
	return 0;
}

static int run(const struct request *r, enum who w, int started_fd)
{
	const char *wrong;
	struct modinfo m;
	struct files f;
	bool loaded;
	int fd = load_open(r, w);

	if (fd < 0)
		return 1;
	wrong = modinfo_read(fd, &m);
	if (wrong) {
		complain("cannot load %s: %s", r->module, wrong);
		close(fd);
		return 1;
	}
	if (r->rename) {
		int copy = load_renamed(fd, &m);

		if (copy >= 0) {
			close(fd);
			fd = copy;
		}
	}
	say(r->verbose, "loading %s", m.name);
	loaded = load_module(fd, &m, r);
	close(fd);
	if (!loaded)
		return 1;
	if (!files_open(&f, m.name, false)) {
		unload_module(m.name, 1000);
		return 1;
	}
	if (!files_check_kernel(&f, m.name) || !files_send_sections(&f, r->verbose) ||
	    !files_set_variables(&f, m.name, r->params)) {
		files_close(&f);
		unload_module(m.name, 1000);
		return 1;
	}
	return r->load_only ? leave_running(&f, r, m.name) : child_run(&f, r, m.name, started_fd);
}

/* Foreground half of -D: ends when probes are armed, or with what the background half ends with. */
static int wait_in_foreground(pid_t pid, int started)
{
	int status;
	char c;

	if (read(started, &c, 1) == 1) {	/* probes are armed */
		printf("%d\n", (int)pid);
		return 0;
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int act(const struct request *r, enum who w)
{
	int started[2] = { -1, -1 };
	pid_t pid;

	if (r->delete)
		return strcmp(r->module, "*") ? delete_module(r, r->module, false) : delete_all(r);
	if (r->background) {
		if (pipe2(started, O_CLOEXEC)) {
			complain("%s", strerror(errno));
			return 1;
		}
		fflush(NULL);
		pid = fork();
		if (pid < 0) {
			complain("cannot go to the background: %s", strerror(errno));
			return 1;
		}
		close(started[pid ? 1 : 0]);
		if (pid)
			return wait_in_foreground(pid, started[0]);
		setsid();
	}
	child_block_signals();
	return r->attach ? attach(r, started[1]) : run(r, w, started[1]);
}

/* 0, 1, 2 open, nothing else open, a plain environment.  The mask for files stays the user's: stapio makes them. */
static void clean_up_surroundings(struct request *r)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char *env[] = { path, NULL };
	struct stat st;
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) && open("/dev/null", O_RDWR) < 0)
			exit(1);
	close_range(3, ~0u, 0);
	r->env = environ;
	environ = env;
}

int main(int argc, char **argv)
{
	struct request r;
	enum who w;

	request_init(&r, getenv("SYSTEMTAP_VERBOSE"));
	clean_up_surroundings(&r);
	switch (request_parse(&r, argc, argv)) {
	case PARSED: break;
	case PARSED_HELP: return fputs(request_usage, stdout) < 0;
	case PARSED_VERSION: return puts("Systemtap module loader/runner (version " PACKAGE_VERSION ")") < 0;
	case PARSED_UNKNOWN: fputs("Try: staprun -h\n", stderr); return 1;
	case PARSED_WRONG: return 1;
	}
	w = policy_caller();
	if (!policy_check(w, &r))
		return 1;
	return act(&r, w);
}
