// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What unit_context.c probes: a process with ids that all differ, a thread of its own that reads,
 * sleeps and computes for a while.  Prints "want NAME VALUE" lines to compare with.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void want(const char *name, long v) { printf("want %s %ld\n", name, v); }

static void *thread(void *arg)
{
	char buf[4096];
	int fd = open("/proc/self/status", O_RDONLY);
	time_t end = time(NULL) + 3;

	(void)arg;
	prctl(PR_SET_NAME, "context_thread");
	want("pid", getpid());
	want("tid", syscall(SYS_gettid));
	want("ppid", getppid());
	want("pgrp", getpgrp());
	want("sid", getsid(0));
	want("uid", getuid());
	want("euid", geteuid());
	want("gid", getgid());
	want("egid", getegid());
	want("realtime_s", time(NULL));
	fflush(stdout);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	usleep(1000);
	for (volatile long n = 0; time(NULL) < end; n++)
		if (n % 1000 == 0) {
			lseek(fd, 0, SEEK_SET);
			if (read(fd, buf, 4000) <= 0)
				break;
		}
	close(fd);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t pid = fork();
	int status;

	if (pid) {
		waitpid(pid, &status, 0);
		return WEXITSTATUS(status);
	}
	pid = fork();		/* the parent and the group leader are other processes */
	if (pid) {
		waitpid(pid, &status, 0);
		return WEXITSTATUS(status);
	}
	if (nice(5) != 5 || setpgid(0, 0) || setresgid(101, 102, 103) || setresuid(201, 202, 203))
		return 1;
	if (pthread_create(&t, NULL, thread, NULL))
		return 1;
	pthread_join(t, NULL);
	return 0;
}
