/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child programs and temporary folders; see proc.h.  Descriptors made here are close-on-exec.
 * Must not leave a zombie, a half-written file or a folder behind.
 */
#include "base/proc.h"
#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(char *const argv[], const char *cwd, int out)
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGTERM);	/* make ends its own children then */
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	if (cwd && chdir(cwd)) {
		dprintf(2, "%s: %s\n", cwd, strerror(errno));
		_exit(126);
	}
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Hand every line that became whole since *DONE to LINE. */
static void deliver(struct buf *out, size_t *done, void (*line)(void *, const char *), void *arg)
{
	char *nl;

	while (line && (nl = memchr(out->p + *done, '\n', out->n - *done))) {
		*nl = '\0';
		line(arg, out->p + *done);
		*nl = '\n';
		*done = (size_t)(nl - out->p) + 1;
	}
}

int proc_run(char *const argv[], const char *cwd, struct buf *out,
	     void (*line)(void *arg, const char *text), void *arg)
{
	char chunk[4096];
	size_t done = out->n;
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(fd[0]);
		close(fd[1]);
		return -1;
	}
	if (!pid)
		child(argv, cwd, fd[1]);
	close(fd[1]);
	while ((n = read(fd[0], chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		buf_add(out, chunk, (size_t)n);
		deliver(out, &done, line, arg);
	}
	close(fd[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool dir_make(const char *path)
{
	char *p = xstrdup(path);
	bool ok;

	for (char *s = p + 1; *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		if (mkdir(p, 0777) && errno != EEXIST && errno != EROFS && errno != EACCES) {
			free(p);
			return false;
		}
		*s = '/';
	}
	ok = !mkdir(p, 0777) || errno == EEXIST;
	free(p);
	return ok;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	remove(path);
	return 0;
}

void dir_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno != EINTR)
			return false;
		if (w > 0) {
			p += w;
			n -= (size_t)w;
		}
	}
	return true;
}

bool file_write(const char *path, const char *text, size_t n)
{
	char tmp[4096];
	int fd, err;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= sizeof(tmp)) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return false;
	if (write_all(fd, text, n) && !fchmod(fd, 0644) && !close(fd)) {
		if (!rename(tmp, path))
			return true;
	} else {
		err = errno;
		close(fd);
		errno = err;
	}
	err = errno;
	unlink(tmp);
	errno = err;
	return false;
}

bool file_copy(const char *from, const char *to)
{
	struct buf b = { 0 };
	bool ok = buf_read_file(&b, from) && file_write(to, b.p, b.n);
	int err = errno;

	buf_deinit(&b);
	errno = err;
	return ok;
}

int file_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void file_unlock(int lock)
{
	if (lock < 0)
		return;
	flock(lock, LOCK_UN);	/* a child that was forked meanwhile has the descriptor too */
	close(lock);
}

static int watcher = -1;	/* write end: closed by our death; a byte means "keep" */

static void watch(const char *dir, int fd)
{
	char c;
	ssize_t n;

	setsid();
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	for (int i = 0; i < 1024; i++)
		if (i != fd)
			close(i);
	while ((n = read(fd, &c, 1)) < 0 && errno == EINTR)
		;
	/* What our children still write while they end goes too. */
	for (int i = 0; !n && i < 20 && !access(dir, F_OK); i++) {
		dir_remove(dir);
		usleep(100000);
	}
	_exit(0);
}

char *tmpdir_make(void)
{
	const char *base = getenv("TMPDIR");
	char *dir;
	int fd[2];
	pid_t pid;

	if (!base || !*base)
		base = "/tmp";
	dir = xmalloc(strlen(base) + 12);
	sprintf(dir, "%s/stapXXXXXX", base);
	if (!mkdtemp(dir)) {
		free(dir);
		return NULL;
	}
	if (pipe2(fd, O_CLOEXEC))
		return dir;	/* only the clean-up after SIGKILL is lost */
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(fd[1]);
		if (!fork())	/* not our child: nobody has to wait for it */
			watch(dir, fd[0]);
		_exit(0);
	}
	close(fd[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	watcher = fd[1];
	return dir;
}

void tmpdir_keep(void)
{
	if (watcher >= 0 && write(watcher, "k", 1) == 1)
		close(watcher);
	watcher = -1;
}
