// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command of -c: forked early, so its pid can be the session's target, held before exec until
 * all probes are armed, and the invoking user's in all respects (stapio runs as that user).  A
 * plain command is executed directly, so nothing of a shell shows up in what is traced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "stapio/child.h"

/* One word from P to TO, both advanced; false when a shell is needed (in the FIRST word `=` sets a
 * variable). */
static bool take_word(const char **p, char **to, bool first)
{
	const char *s = *p;
	char *t = *to, quote = 0;

	for (; *s && (quote || !strchr(" \t", *s)); s++) {
		if (quote && *s == quote) {
			quote = 0;
		} else if (quote == '\'') {
			*t++ = *s;
		} else if (quote == '"') {
			if (strchr("$`\\", *s))
				return false;
			*t++ = *s;
		} else if (*s == '\'' || *s == '"') {
			quote = *s;
		} else if (*s == '\\' && s[1] && s[1] != '\n') {
			*t++ = *++s;
		} else if (strchr("$`*?[~<>|&;()#!\n{}\\", *s) || (first && *s == '=')) {
			return false;
		} else {
			*t++ = *s;
		}
	}
	*t++ = 0;
	*p = s;
	*to = t;
	return !quote;
}

char **command_split(const char *command)
{
	size_t len = strlen(command), n = 0;
	char *text = malloc(len + 2), *to = text;
	char **words = calloc(len / 2 + 2, sizeof(*words));
	const char *p = command;

	while (text && words) {
		p += strspn(p, " \t");
		if (!*p)
			break;
		words[n++] = to;
		if (!take_word(&p, &to, n == 1)) {
			n = 0;
			break;
		}
	}
	if (text && words && n && *words[0])
		return words;
	free(text);
	free(words);
	return NULL;
}

static _Noreturn void run(const char *command, const sigset_t *mask, int wait_fd)
{
	char *const shell[] = { "sh", "-c", (char *)command, NULL };
	char **words;
	char go;

	if (read(wait_fd, &go, 1) != 1)
		_exit(127);
	close(wait_fd);
	words = command_split(command);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (words)
		execvp(words[0], words);
	else
		execv("/bin/sh", shell);
	fprintf(stderr, "ERROR: cannot run %s: %s\n", words ? words[0] : "/bin/sh", strerror(errno));
	_exit(127);
}

int child_start(struct child *c, const char *command, const sigset_t *mask)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0) {
		fprintf(stderr, "ERROR: cannot start %s: %s\n", command, strerror(errno));
		return errno;
	}
	c->pid = fork();
	if (c->pid < 0) {
		fprintf(stderr, "ERROR: cannot start %s: %s\n", command, strerror(errno));
		c->pid = 0;
		close(fds[0]);
		close(fds[1]);
		return EAGAIN;
	}
	if (!c->pid) {
		close(fds[1]);
		run(command, mask, fds[0]);
	}
	close(fds[0]);
	c->go = fds[1];
	return 0;
}

void child_go(struct child *c)
{
	if (c->go < 0 || !c->pid)
		return;
	if (write(c->go, "g", 1) < 0)
		fprintf(stderr, "WARNING: the command was gone before it could start\n");
	close(c->go);
	c->go = -1;
}

void child_cancel(struct child *c)
{
	if (!c->pid || c->exited)
		return;
	if (c->go >= 0)
		close(c->go);
	c->go = -1;
	while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
}

bool child_check(struct child *c)
{
	if (c->pid && !c->exited && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->exited = true;
	return c->exited;
}

bool child_system(const char *command, const sigset_t *mask)
{
	char *const shell[] = { "sh", "-c", (char *)command, NULL };
	pid_t pid = fork();

	if (pid < 0)
		fprintf(stderr, "WARNING: system(): cannot start %s: %s\n", command, strerror(errno));
	if (pid)
		return pid > 0;
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execv("/bin/sh", shell);
	fprintf(stderr, "WARNING: system(): cannot run /bin/sh: %s\n", strerror(errno));
	_exit(127);
}

unsigned child_reap_others(const struct child *c)
{
	unsigned n = 0;
	siginfo_t si;

	/* Looks before it takes: the command's own status is for child_check(), which has been called. */
	for (si.si_pid = 0; !waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) && si.si_pid; si.si_pid = 0) {
		if ((!c->exited && si.si_pid == c->pid) || waitpid(si.si_pid, NULL, 0) < 0)
			break;
		n++;
	}
	return n;
}

bool child_report(const struct child *c)
{
	if (!c->exited)
		return false;
	if (WIFSIGNALED(c->status)) {
		fprintf(stderr, "WARNING: Child process exited with signal %d (%s)\n",
			WTERMSIG(c->status), strsignal(WTERMSIG(c->status)));
		return true;
	}
	if (WEXITSTATUS(c->status))
		fprintf(stderr, "WARNING: Child process exited with status %d\n",
			WEXITSTATUS(c->status));
	return WEXITSTATUS(c->status) != 0;
}
