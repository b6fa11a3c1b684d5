// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hit FILE N [CPUS]: what one read(2) costs.  Each of CPUS processes, one pinned to each processor, reads N times one
 * byte of /dev/zero, after a few that warm things up, and FILE gets: nanoseconds until the last was done, nanoseconds
 * of processor time that the parent (stapio, when this is its -c command) took meanwhile, the same with shortly after,
 * reads in all, process id of the first.
 *
 * It waits after the loop, so that a parent that fetches output by the clock is done with it, and is seen to be.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM = 1000, SETTLE_US = 500000 };

static long long now(clockid_t clock)
{
	struct timespec t;

	return clock_gettime(clock, &t) ? 0 : t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(1);
}

static void reads(int fd, int n)
{
	char byte;

	while (n--)
		if (read(fd, &byte, 1) != 1)
			exit(1);
}

/* The same on another processor; all begin together. */
static void other(int fd, int cpu, int n, int *ready)
{
	if (fork())
		return;
	pin(cpu);
	reads(fd, WARM);
	__atomic_add_fetch(ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(ready, __ATOMIC_SEQ_CST) > 0)
		sched_yield();
	reads(fd, n);
	_exit(0);
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 0, cpus = argc > 3 ? atoi(argv[3]) : 1, fd = open("/dev/zero", O_RDONLY), i;
	int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long start, took, before, meanwhile;
	clockid_t parent;
	FILE *f;

	if (n <= 0 || cpus <= 0 || fd < 0 || ready == MAP_FAILED || clock_getcpuclockid(getppid(), &parent)) {
		fprintf(stderr, "usage: hit FILE N [CPUS]\n");
		return 2;
	}
	for (i = 1; i < cpus; i++)
		other(fd, i, n, ready);
	if (cpus > 1)
		pin(0);
	reads(fd, WARM);
	usleep(SETTLE_US);
	while (__atomic_load_n(ready, __ATOMIC_SEQ_CST) < cpus - 1)
		usleep(1000);
	before = now(parent);
	start = now(CLOCK_MONOTONIC);
	__atomic_store_n(ready, 0, __ATOMIC_SEQ_CST);
	reads(fd, n);
	while (wait(NULL) > 0)
		;
	took = now(CLOCK_MONOTONIC) - start;
	meanwhile = now(parent) - before;
	usleep(SETTLE_US);
	f = fopen(argv[1], "w");
	return !f || fprintf(f, "%lld %lld %lld %d %d\n", took, meanwhile, now(parent) - before, (n + WARM) * cpus,
			     getpid()) < 0 || fclose(f);
}
