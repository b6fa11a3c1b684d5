// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole runs of stapio against a kernel played by a thread, with the Nth allocation failing, or the Nth
 * write to the output: each run ends, says why with its status, and leaks nothing (the sanitizer looks).
 * The linker sends allocations and writes of stapio's objects through the functions here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "stapio/session.h"

/* ---- what fails ---- */

static long allocations_left = -1, writes_left = -1;	/* before the one that fails; -1: none does */
static int write_error;					/* 0: short writes from there on */
static bool reached;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
ssize_t __real_write(int fd, const void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t m);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

static bool fails(long *left)
{
	if (*left < 0 || (*left)-- > 0)
		return false;
	reached = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t n) { return fails(&allocations_left) ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t m) { return fails(&allocations_left) ? NULL : __real_calloc(n, m); }
void *__wrap_realloc(void *p, size_t n) { return fails(&allocations_left) ? NULL : __real_realloc(p, n); }
char *__wrap_strdup(const char *s) { return fails(&allocations_left) ? NULL : __real_strdup(s); }
char *__wrap_strndup(const char *s, size_t n) { return fails(&allocations_left) ? NULL : __real_strndup(s, n); }

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
	struct stat st;

	if (writes_left < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || !fails(&writes_left))
		return __real_write(fd, p, n);
	if (write_error) {
		errno = write_error;
		return -1;
	}
	writes_left = 0;
	return __real_write(fd, p, n > 3 ? 3 : n);
}

/* ---- the kernel ---- */

enum { STREAMS = 2, RECORDS = 300 };

struct kernel {
	int control, traces[STREAMS];
};

static void tell(int fd, uint32_t type, const void *payload, uint32_t len)
{
	char buf[256] __attribute__((aligned(8))) = { 0 };
	struct stp_msg m = { .size = sizeof(m) + ((len + 7) & ~7u), .type = type };

	memcpy(buf, &m, sizeof(m));
	if (len)
		memcpy(buf + sizeof(m), payload, len);
	if (__real_write(fd, buf, m.size) < 0)
		return;
}

/* A printf record of format 0: number and string. */
static void print(int fd, uint64_t time, int64_t n)
{
	struct {
		struct stp_record r;
		uint32_t id, zero;
		int64_t n;
		uint32_t len;
		char text[12];
	} x = { { sizeof(x), STP_REC_PRINTF, 0, 0, time }, 0, 0, n, 5, "token" };

	if (__real_write(fd, &x, sizeof(x)) < 0)
		return;
}

static void *play(void *arg)
{
	struct kernel *k = arg;
	struct { struct stp_cmd head; struct stp_cmd_start start; } cmd;
	struct stp_msg_stopped totals = { 0 };
	int i;

	while (read(k->control, &cmd, sizeof(cmd)) > 0) {
		if (cmd.head.type == STP_CMD_START) {
			tell(k->control, STP_MSG_STARTED, NULL, 0);
			for (i = 0; i < RECORDS; i++)
				print(k->traces[i % STREAMS], 10 + i, i);
			tell(k->control, STP_MSG_OOB, "WARNING: odd\n", 14);
			tell(k->control, STP_MSG_EXIT, NULL, 0);
		} else if (cmd.head.type == STP_CMD_STOP) {
			tell(k->control, STP_MSG_STOPPED, &totals, sizeof(totals));
		}
	}
	return NULL;
}

static int formats_fd(void)
{
	static const unsigned char b[32] = "\x1d\0\0\0" "\0\0\0\0" "\7\0\2\0" "\4\0\0\0" "%d: %s\nnsn\0s";
	int fd = memfd_create("formats", 0);
	uint32_t size = 32;
	unsigned char copy[32];

	memcpy(copy, b, sizeof(copy));
	memcpy(copy, &size, 4);
	if (__real_write(fd, copy, sizeof(copy)) < 0 || lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

static int probes_fd(void)
{
	int fd = memfd_create("probes", 0);

	if (__real_write(fd, "begin", 6) < 0 || lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

/* A run with output to FILE; its exit status. */
static int run(const char *file, bool bulk, bool json)
{
	int control[2], alive[2], notify[2], i, first = 100, status;
	struct kernel k;
	struct options o = { .module = "m", .nstreams = STREAMS, .file = file, .bulk = bulk, .json = json,
			     .remote_id = -1, .period_ms = 5, .first_trace = first };
	pthread_t t;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control) || pipe(alive) || pipe(notify))
		abort();
	fcntl(control[0], F_SETFL, O_NONBLOCK);
	for (i = 0; i < STREAMS; i++) {
		int p[2];

		if (pipe(p) || fcntl(p[0], F_SETFL, O_NONBLOCK) || fcntl(p[1], F_SETPIPE_SZ, 1 << 20) < 0)
			abort();
		k.traces[i] = p[1];
		dup2(p[0], first + i);
		close(p[0]);
	}
	k.control = control[1];
	o.control = control[0];
	o.alive = alive[0];
	o.notify = notify[1];
	o.formats = formats_fd();
	o.probes = probes_fd();
	if (pthread_create(&t, NULL, play, &k))
		abort();
	status = session_run(&o);
	shutdown(control[1], SHUT_RDWR);
	pthread_join(t, NULL);
	return status;
}

/* In a process of its own, for stapio blocks signals and keeps descriptors; -1: it was ended by a signal
 * or did not end. */
static int run_apart(const char *file, bool bulk, bool json, bool *was_reached)
{
	bool *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		alarm(20);
		status = run(file, bulk, json);
		*shared = reached;
		exit(status);		/* leaks are looked for */
	}
	waitpid(pid, &status, 0);
	*was_reached = *shared;
	munmap(shared, sizeof(*shared));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- the tests ---- */

static int failed;

static void want(const char *name, bool ok, const char *why, long n)
{
	if (ok)
		return;
	printf("not ok %s: %s, at %ld\n", name, why, n);
	failed = 1;
}

static size_t contents(const char *file, char *to, size_t size)
{
	int fd = open(file, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, to, size);

	if (fd >= 0)
		close(fd);
	return n > 0 ? n : 0;
}

static char good[65536], got[65536];
static size_t good_len;
static char folder[] = "/tmp/stapio_faults.XXXXXX";
static char file[64];

static bool same_as_good(const char *name)
{
	size_t n = contents(name, got, sizeof(got));

	return n == good_len && !memcmp(got, good, n);
}

/* Every allocation in turn.  A run that says it went well has to have done so. */
static void test_allocations(const char *name, bool bulk, bool json)
{
	const char *output = bulk ? strcat(strcpy(got, file), "_0") : file;
	char first[80];
	bool was = true;
	int status;
	long n;

	snprintf(first, sizeof(first), "%s", output);
	want(name, run_apart(file, bulk, json, &was) == 0, "fails without a fault", -1);
	good_len = contents(first, good, sizeof(good));
	want(name, good_len > 1000, "prints nothing", -1);
	for (n = 0, was = true; was && n < 500; n++) {
		allocations_left = n;
		status = run_apart(file, bulk, json, &was);
		want(name, status == 0 || status == 1, "crashes, hangs or leaks", n);
		want(name, status != 0 || same_as_good(first), "reports success with other output", n);
	}
	allocations_left = -1;
	want(name, n > 5 && n < 500, "the faults do not reach it", n);
	printf("ok %s, %ld places\n", name, n - 1);
}

static void test_writes(const char *name, int error)
{
	bool was = true;
	int status;
	long n;

	good_len = run_apart(file, false, false, &was) ? 0 : contents(file, good, sizeof(good));
	write_error = error;
	for (n = 0, was = true; was && n < 100; n++) {
		writes_left = n;
		status = run_apart(file, false, false, &was);
		if (error)
			want(name, status == (was ? 1 : 0), "the status is wrong", n);
		else
			want(name, status == 0 && same_as_good(file), "short writes change the output", n);
	}
	writes_left = -1;
	want(name, n > 1, "the faults do not reach it", n);
	printf("ok %s\n", name);
}

/* The suite runs without looking for leaks; here they are half of what is tested. */
static void look_for_leaks(char **argv)
{
	const char *now = getenv("ASAN_OPTIONS");

	if (!now || !strstr(now, "detect_leaks=0"))
		return;
	setenv("ASAN_OPTIONS", "detect_leaks=1", 1);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	(void)argc;
	look_for_leaks(argv);
	if (!mkdtemp(folder))
		return 1;
	snprintf(file, sizeof(file), "%s/out", folder);
	test_allocations("faults.allocation", false, false);
	test_allocations("faults.allocation-bulk", true, false);
	test_allocations("faults.allocation-json", false, true);
	test_writes("faults.full", ENOSPC);
	test_writes("faults.io-error", EIO);
	test_writes("faults.short-write", 0);
	snprintf(got, sizeof(got), "rm -r %s", folder);
	return system(got) || failed;
}
