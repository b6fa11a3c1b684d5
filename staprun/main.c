// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * staprun: loads a module that stap made, has stapio show its output, unloads it.  See staprun.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "staprun/staprun.h"

extern char **environ;

static const char usage[] =
	"Usage: staprun [OPTIONS] MODULE[.ko] [VARIABLE=VALUE...]\n"
	"Loads a module made by stap (stap -p4 -m MODULE ...), shows its output, unloads it.\n"
	"  -c CMD      run CMD once probes are armed, end when it ends; target() is its pid\n"
	"  -x PID      target() is PID; end when it ends\n"
	"  -u USER     run CMD as USER\n"
	"  -o FILE     output to FILE (strftime(3) formats; with -b FILE_CPU)\n"
	"  -S MB[,N]   start FILE.0, FILE.1... at MB megabytes, keep the last N\n"
	"  -b          a file per CPU, not merged by time\n"
	"  -s MB       megabytes of the kernel buffer of each CPU (1 to 1024)\n"
	"  -L          load, start, and leave it running\n"
	"  -A          attach to a module left running\n"
	"  -d          remove a module that was left behind\n"
	"  -D          go to the background once probes are armed, print the process id\n"
	"  -R          load the module under a name of its own, so that it can run more than once\n"
	"  -w          no warnings\n"
	"  -v          say what is done\n"
	"  -V, -h      version, this help\n";

void say(int verbose, const char *fmt, ...)
{
	va_list ap;

	if (!verbose)
		return;
	va_start(ap, fmt);
	fputs("staprun: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void complain(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	fputs("ERROR: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	errno = err;
}

/* ---- argv ---- */

static bool parse_number(const char *text, unsigned long least, unsigned long most, unsigned long *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!*text || *end || text[0] == '-' || n < least || n > most)
		return false;
	*ret = n;
	return true;
}

static bool size_ok(const char *text)
{
	size_t n = strspn(text, "0123456789");

	if (!n || n > 7 || !atol(text))
		return false;
	return !text[n] || (text[n] == ',' && text[n + 1] && strspn(text + n + 1, "0123456789") < 7 &&
			    !text[n + 1 + strspn(text + n + 1, "0123456789")]);
}

/* False after a message. */
static bool parse_option(struct request *r, int c)
{
	unsigned long n;

	switch (c) {
	case 'c': r->command = optarg; return true;
	case 'u': r->user = optarg; return true;
	case 'o': r->file = optarg; return true;
	case 'b': r->bulk = true; return true;
	case 'd': r->delete = true; return true;
	case 'A': r->attach = true; return true;
	case 'L': r->load_only = true; return true;
	case 'D': r->background = true; return true;
	case 'R': r->rename = true; return true;
	case 'w': r->no_warnings = true; return true;
	case 'v': r->verbose += r->verbose < 5; return true;
	case 'x':
		r->target = optarg;
		if (parse_number(optarg, 1, 1ul << 22, &n))
			return true;
		complain("-x %s: a process id is needed", optarg);
		return false;
	case 's':
		if (parse_number(optarg, 1, 1024, &r->buffer_mb))
			return true;
		complain("-s %s: a number of megabytes from 1 to 1024 is needed", optarg);
		return false;
	case 'S':
		r->size = optarg;
		if (size_ok(optarg))
			return true;
		complain("-S %s: megabytes, or megabytes,number-of-files is needed", optarg);
		return false;
	case 'h': fputs(usage, stdout); exit(0);
	case 'V': puts("stap staprun version " PACKAGE_VERSION); exit(0);
	}
	fputs("Try: staprun -h\n", stderr);
	return false;
}

static bool parse_args(struct request *r, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+c:u:x:o:S:s:bdALDRwvhV")) != -1)
		if (!parse_option(r, c))
			return false;
	if (optind >= argc) {
		complain("which module?  Try: staprun -h");
		return false;
	}
	r->module = argv[optind];
	r->params = argv + optind + 1;
	if ((r->bulk || r->size || r->background) && !r->file && !r->delete) {
		complain("-b, -S and -D need an output file: -o FILE");
		return false;
	}
	if (r->command && r->target) {
		complain("-c and -x both name the target: choose one");
		return false;
	}
	if (r->delete + r->attach + r->load_only > 1 || (r->load_only && (r->command || r->background))) {
		complain("-d, -A, -L exclude each other, and -L has neither -c nor -D");
		return false;
	}
	return true;
}

/* ---- what is done ---- */

/* Name of a loaded module from "NAME", "NAME.ko" or a path; false after a message. */
static bool name_of(const char *arg, char *to)
{
	const char *base = strrchr(arg, '/');
	size_t n;

	base = base ? base + 1 : arg;
	n = strlen(base);
	if (n > 3 && !strcmp(base + n - 3, ".ko"))
		n -= 3;
	if (n < MODULE_NAME_SIZE) {
		memcpy(to, base, n);
		to[n] = 0;
		if (modinfo_name_ok(to))
			return true;
	}
	complain("%s is not the name of a module", arg);
	return false;
}

static int delete_module(const struct request *r)
{
	char name[MODULE_NAME_SIZE], path[128];
	struct files f;

	if (!name_of(r->module, name))
		return 1;
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access(path, F_OK)) {
		complain("module %s is not loaded", name);
		return 1;
	}
	if (!files_open(&f, name))
		return 1;
	if (f.ready.state == STP_READY_RUNNING) {
		say(r->verbose, "stopping the session of %s", name);
		files_stop(&f);
	}
	files_close(&f);
	return !unload_module(name, 2000);
}

static int attach(const struct request *r, int started_fd)
{
	char name[MODULE_NAME_SIZE];
	struct files f;

	if (!name_of(r->module, name) || !files_open(&f, name))
		return 1;
	if (f.ready.state != STP_READY_RUNNING) {
		complain("no session of module %s is running: remove the module with staprun -d %s", name, name);
		files_close(&f);
		return 1;
	}
	return child_run(&f, r, name, started_fd);
}

static int leave_running(struct files *f, const struct request *r, const char *name)
{
	int err = files_start_detached(f, r->target ? atoll(r->target) : 0);

	files_close(f);
	if (err) {
		unload_module(name, 2000);
		return 1;
	}
	fprintf(stderr, "%s is running; its output: staprun -A %s; its end: staprun -d %s\n", name, name, name);
	return 0;
}

static int run(const struct request *r, enum who w, int started_fd)
{
	const char *wrong;
	struct modinfo m;
	struct files f;
	bool loaded;
	int fd = load_open(r, w);

	if (fd < 0)
		return 1;
	wrong = modinfo_read(fd, &m);
	if (wrong) {
		complain("cannot load %s: %s", r->module, wrong);
		close(fd);
		return 1;
	}
	if (r->rename) {
		int copy = load_renamed(fd, &m);

		if (copy >= 0) {
			close(fd);
			fd = copy;
		}
	}
	say(r->verbose, "loading %s", m.name);
	loaded = load_module(fd, &m, r);
	modinfo_deinit(&m);
	close(fd);
	if (!loaded)
		return 1;
	if (!files_open(&f, m.name)) {
		unload_module(m.name, 1000);
		return 1;
	}
	if (!files_check_kernel(&f, m.name) || !files_send_sections(&f, r->verbose)) {
		files_close(&f);
		unload_module(m.name, 1000);
		return 1;
	}
	return r->load_only ? leave_running(&f, r, m.name) : child_run(&f, r, m.name, started_fd);
}

/* Foreground half of -D: ends when probes are armed, or with what the background half ends with. */
static int wait_in_foreground(pid_t pid, int started)
{
	int status;
	char c;

	if (read(started, &c, 1) == 1) {	/* probes are armed */
		printf("%d\n", (int)pid);
		return 0;
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int act(const struct request *r, enum who w)
{
	int started[2] = { -1, -1 };
	pid_t pid;

	if (r->delete)
		return delete_module(r);
	if (r->background) {
		if (pipe2(started, O_CLOEXEC)) {
			complain("%s", strerror(errno));
			return 1;
		}
		fflush(NULL);
		pid = fork();
		if (pid < 0) {
			complain("cannot go to the background: %s", strerror(errno));
			return 1;
		}
		close(started[pid ? 1 : 0]);
		if (pid)
			return wait_in_foreground(pid, started[0]);
		setsid();
	}
	child_block_signals();
	return r->attach ? attach(r, started[1]) : run(r, w, started[1]);
}

/* 0, 1, 2 open, nothing else open, a plain environment, files made with a plain mask. */
static void clean_up_surroundings(struct request *r)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char *env[] = { path, NULL };
	struct stat st;
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) && open("/dev/null", O_RDWR) < 0)
			exit(1);
	close_range(3, ~0u, 0);
	r->env = environ;
	environ = env;
}

int main(int argc, char **argv)
{
	struct request r = { 0 };
	enum who w;

	clean_up_surroundings(&r);
	if (!parse_args(&r, argc, argv))
		return 1;
	w = policy_caller();
	if (!policy_check(w, &r))
		return 1;
	return act(&r, w);
}
