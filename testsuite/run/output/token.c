// SPDX-License-Identifier: GPL-2.0-or-later
/* Two pinned threads pass a number through two pipes, one more each time, argv[1] times. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static int there[2], back[2];
static int64_t steps;

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(1);
}

static void pass(int from, int to)
{
	int64_t n;

	while (read(from, &n, sizeof(n)) == sizeof(n) && n < steps) {
		n++;
		if (write(to, &n, sizeof(n)) < 0)
			exit(1);
	}
	close(to);
}

static void *other(void *arg)
{
	pin(1);
	pass(there[0], back[1]);
	return arg;
}

int main(int argc, char **argv)
{
	int64_t n = 1;
	pthread_t t;

	steps = atoll(argv[argc - 1]);
	if (pipe(there) || pipe(back) || pthread_create(&t, NULL, other, NULL))
		return 1;
	pin(0);
	if (write(there[1], &n, sizeof(n)) < 0)
		return 1;
	pass(back[0], there[1]);
	return pthread_join(t, NULL);
}
