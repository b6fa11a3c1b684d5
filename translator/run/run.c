/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pass 5: staprun with what was asked for, on this machine or in a throw-away guest.  In the guest
 * the same staprun runs from the shared root, so only -o is kept here: the guest's files vanish.
 */
#include "run/run.h"
#include "run/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct argv { VEC(char *) a; };

static void add(struct session *s, struct argv *v, const char *word)
{
	*vec_add(&s->arena, &v->a) = (char *)word;
}

static void add2(struct session *s, struct argv *v, const char *option, const char *value)
{
	if (value) {
		add(s, v, option);
		add(s, v, value);
	}
}

/* In the guest there is nobody to come back to a script that goes on, and no file that stays. */
static void add_outputs(struct session *s, struct argv *v)
{
	add2(s, v, "-o", s->opt.output);
	add2(s, v, "-S", s->opt.split);
	if (s->opt.flight)
		add(s, v, s->opt.output ? "-D" : "-L");
}

static char **staprun_argv(struct session *s, bool guest)
{
	static const char *const colour[] = { "never", "always" };
	struct argv v = { 0 };

	add(s, &v, session_program(s, "staprun", BINDIR));
	for (unsigned i = 1; i < session_verbose(s, 5); i++)
		add(s, &v, "-v");
	add2(s, &v, "-c", s->opt.command);
	add2(s, &v, "-x", s->opt.target_pid);
	add2(s, &v, "-N", s->opt.namespaces);
	add2(s, &v, "-b", s->opt.buffer_mb);
	if (s->opt.bulk)
		add(s, &v, "--bulk");
	if (s->opt.json)
		add(s, &v, "--json");
	if (s->opt.no_warnings)
		add(s, &v, "-w");
	if (s->opt.colour >= 0)
		add2(s, &v, "-C", colour[s->opt.colour]);
	if (!guest)
		add_outputs(s, &v);
	if (!s->opt.module_name && !s->opt.sign)	/* runs of one script may overlap; the name is signed */
		add(s, &v, "-R");
	add(s, &v, s->module_path);
	vec_each(&s->opt.set, i)
		add(s, &v, s->opt.set.v[i]);
	add(s, &v, NULL);
	return v.a.v;
}

static int run_in_guest(struct session *s)
{
	struct guest_options g = {
		.kver = s->kernel.release,
		.verbose = session_verbose(s, 5) ? (int)session_verbose(s, 5) - 1 : 0,
	};
	int status;

	if (s->opt.flight || s->opt.split || s->opt.bulk) {
		diag_error(&s->diag, DIAG_ERROR, "guest-output", NULL, "%s cannot be used with --remote: a guest "
			   "vanishes with its files", s->opt.flight ? "-F" : s->opt.split ? "-S" : "-b");
		return 1;
	}
	if (s->opt.output && strcmp(s->opt.output, "-")) {
		int fd = open(s->opt.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

		if (fd < 0) {
			diag_error(&s->diag, DIAG_ERROR, "output", NULL, "cannot write %s: %s", s->opt.output,
				   strerror(errno));
			return 1;
		}
		fflush(stdout);
		dup2(fd, 1);
		close(fd);
	}
	status = guest_run(&g, staprun_argv(s, true));
	return status < 0 ? 1 : status;
}

/* A signal of the terminal reaches staprun too, which is in the same process group (its child may
 * want to read from the terminal); one that a process sent to stap alone is passed on. */
static volatile pid_t child;

static void pass_on(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (child > 0 && info->si_code <= 0)
		kill(child, sig);
}

static int run_here(struct session *s)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR2 };
	char **argv = staprun_argv(s, false);
	sigset_t block, old;
	int status;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&block, signals[i]);
	fflush(NULL);
	sigprocmask(SIG_BLOCK, &block, &old);
	child = fork();
	if (!child) {
		for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
			signal(signals[i], SIG_DFL);
		sigprocmask(SIG_SETMASK, &old, NULL);
		execv(argv[0], argv);
		dprintf(2, "ERROR: cannot start %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &(struct sigaction){ .sa_sigaction = pass_on,
				.sa_flags = SA_SIGINFO }, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (child < 0) {
		diag_error(&s->diag, DIAG_ERROR, "fork", NULL, "cannot start staprun: %s", strerror(errno));
		return 1;
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_module(struct session *s)
{
	int status;

	if (session_verbose(s, 5))
		fprintf(stderr, "Pass 5: starting run.\n");
	status = s->opt.remote ? run_in_guest(s) : run_here(s);
	if (session_verbose(s, 5))
		fprintf(stderr, "Pass 5: run completed.\n");
	if (status)
		fprintf(stderr, "Pass 5: run failed.  [man error::pass5]\n");
	return status;
}
