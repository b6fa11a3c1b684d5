// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least that runs a loaded module: control NAME [-s SECONDS | COMMAND ARGS...].  Starts the
 * session, runs the command (or waits), stops it, prints text records of each ring in turn and the
 * control messages.  Exit status: the session's, 3 when it could not be started.
 *
 * For tests of the runtime alone; people use staprun and stapio.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "abi.h"

static int control_fd, exit_code = 3;
static bool ended;

static void die(const char *what)
{
	perror(what);
	exit(4);
}

static int open_file(const char *module, const char *file, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/kernel/debug/" STP_DIR "/%s/%s", module, file);
	return open(path, flags);
}

static void show(const struct stp_msg *m)
{
	const char *text = (const char *)(m + 1);
	const struct stp_msg_stopped *s = (const void *)text;

	switch (m->type) {
	case STP_MSG_READY:
		printf("control: ready\n");
		break;
	case STP_MSG_STARTED:
		printf("control: started\n");
		break;
	case STP_MSG_START_FAILED:
		printf("control: start failed: %s\n", text);
		break;
	case STP_MSG_EXIT:
		printf("control: exit\n");
		ended = true;
		break;
	case STP_MSG_OOB:
		printf("control: oob: %s", text);
		break;
	case STP_MSG_STOPPED:
		printf("control: stopped: errors %llu lock %llu reentry %llu stack %llu missed %llu lost %llu\n",
		       (unsigned long long)s->errors, (unsigned long long)s->skipped_lock,
		       (unsigned long long)s->skipped_reentry, (unsigned long long)s->skipped_stack,
		       (unsigned long long)s->skipped_missed_return, (unsigned long long)s->lost_records);
		exit_code = s->exit_code;
		break;
	}
}

/* What is there. */
static void messages(void)
{
	static char buf[1 << 16] __attribute__((aligned(8)));
	ssize_t n = read(control_fd, buf, sizeof(buf));

	for (char *p = buf; n > 0 && p < buf + n; p += ((struct stp_msg *)p)->size)
		show((struct stp_msg *)p);
}

static int command(uint32_t type)
{
	struct { struct stp_cmd c; struct stp_cmd_start s; } cmd = { .c.type = type };

	struct timespec from, to;
	int err;

	cmd.c.size = type == STP_CMD_START ? sizeof(cmd) : sizeof(cmd.c);
	cmd.s.stapio_pid = getpid();
	clock_gettime(CLOCK_MONOTONIC, &from);
	err = write(control_fd, &cmd, cmd.c.size) < 0 ? -errno : 0;
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("control: %s took %ld ms\n", type == STP_CMD_START ? "start" : "stop",
	       (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000);
	return err;
}

/* Where the sections of the modules are that the script needs. */
static void relocate(const char *module)
{
	struct { struct stp_cmd c; struct stp_cmd_reloc r; } cmd;
	char names[4096], path[512], line[64];
	int fd = open_file(module, "modules", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, names, sizeof(names) - 1);

	names[n > 0 ? n : 0] = '\0';
	for (char *m = strtok(names, "\n"); m; m = strtok(NULL, "\n")) {
		memset(&cmd, 0, sizeof(cmd));
		cmd.c.size = sizeof(cmd);
		cmd.c.type = STP_CMD_RELOC;
		snprintf(cmd.r.module, sizeof(cmd.r.module), "%s", m);
		snprintf(cmd.r.section, sizeof(cmd.r.section), ".text");
		snprintf(path, sizeof(path), "/sys/module/%s/sections/.text", m);

		FILE *f = fopen(path, "r");

		if (!f)
			continue;
		if (fgets(line, sizeof(line), f)) {
			cmd.r.address = strtoull(line, NULL, 16);
			if (write(control_fd, &cmd, sizeof(cmd)) < 0)
				perror("reloc");
		}
		fclose(f);
	}
	close(fd);
}

static void wait_for(char **argv)
{
	if (strcmp(argv[0], "-s") == 0) {
		int tenths = atof(argv[1]) * 10;

		while (tenths-- > 0 && !ended) {
			usleep(100000);
			messages();
		}
		return;
	}
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		die(argv[0]);
	}
	waitpid(pid, NULL, 0);
	messages();
}

static void trace(const char *module, int i)
{
	static char buf[1 << 22] __attribute__((aligned(8)));
	char name[32];
	size_t have = 0, at = 0;
	ssize_t n;

	snprintf(name, sizeof(name), "trace%d", i);
	int fd = open_file(module, name, O_RDONLY);

	if (fd < 0)
		return;
	while (have < sizeof(buf) && (n = read(fd, buf + have, sizeof(buf) - have)) > 0) {
		struct stp_record *last;
		have += n;
		for (; at + sizeof(*last) <= have; at += last->size) {
			last = (struct stp_record *)(buf + at);
			if (at + last->size > have)
				break;
			if (last->type == STP_REC_TEXT || last->type == STP_REC_ERROR)
				fwrite(last + 1, 1, last->size - sizeof(*last) - last->pad, stdout);
			if (last->type == STP_REC_MARK && at + last->size == have)
				n = 0;
		}
		if (n == 0)
			break;
	}
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: control MODULE {-s SECONDS | COMMAND ARGS...}\n");
		return 2;
	}
	control_fd = open_file(argv[1], "control", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (control_fd < 0)
		die("control");
	messages();
	relocate(argv[1]);

	int err = command(STP_CMD_START);

	messages();
	if (!err) {
		if (!ended)
			wait_for(argv + 2);
		command(STP_CMD_STOP);
		messages();
	}
	for (int i = 0; i < 1024; i++)
		trace(argv[1], i);
	return exit_code;
}
