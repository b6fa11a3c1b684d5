// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two pinned processes read 1, 2 ... 8 bytes of /dev/zero over and over, both at once, until the number in file argv[1]
 * is argv[2]; prints how many reads there were.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZES = 8, ROUNDS = 100 };

static void reads(int cpu, int fd)
{
	char bytes[SIZES];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(1);
	for (int i = 0; i < ROUNDS * SIZES; i++)
		if (read(fd, bytes, (size_t)(i % SIZES + 1)) != i % SIZES + 1)
			exit(1);
}

static long number_in(const char *path)
{
	FILE *f = fopen(path, "r");
	long n;

	if (!f || fscanf(f, "%ld", &n) != 1)
		exit(1);
	fclose(f);
	return n;
}

int main(int argc, char **argv)
{
	int fd = open("/dev/zero", O_RDONLY), status = 1;
	struct { int enough; long rounds; } *shared;
	long rounds = 0;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (argc != 3 || fd < 0 || shared == MAP_FAILED)
		return 1;
	if (!fork()) {
		for (; !__atomic_load_n(&shared->enough, __ATOMIC_SEQ_CST); shared->rounds++)
			reads(1, fd);
		_exit(0);
	}
	for (; number_in(argv[1]) < atol(argv[2]); rounds++)
		reads(0, fd);
	__atomic_store_n(&shared->enough, 1, __ATOMIC_SEQ_CST);
	if (wait(&status) < 0 || status)
		return 1;
	printf("%ld\n", (rounds + shared->rounds) * ROUNDS * SIZES);
	return 0;
}
