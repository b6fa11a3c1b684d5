// SPDX-License-Identifier: GPL-2.0-or-later
/* Two pinned processes read 1, 2 ... argv[1] bytes of /dev/zero, argv[2] times over, both at once. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char bytes[1 << 16];

static void reads(int cpu, int fd, int sizes, int rounds)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		exit(1);
	while (rounds--)
		for (int i = 1; i <= sizes; i++)
			if (read(fd, bytes, (size_t)i) != i)
				exit(1);
}

int main(int argc, char **argv)
{
	int fd = open("/dev/zero", O_RDONLY), status = 1;

	if (argc != 3 || fd < 0)
		return 1;
	if (!fork()) {
		reads(1, fd, atoi(argv[1]), atoi(argv[2]));
		_exit(0);
	}
	reads(0, fd, atoi(argv[1]), atoi(argv[2]));
	return wait(&status) < 0 || status;
}
