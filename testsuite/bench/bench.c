// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench [-n REPEAT] [-p PATTERN] [-o JSON] -r RELEASE ROWS STAP [PEER]: the rows of a table as commands,
 * each repeated, for one stap and another one beside it, turn and turn about, so that both see the
 * same machine.  Wall time from fork to the end of the command, processor time and memory of it and
 * its children; minimum and median.  A table on standard output, JSON in a file.
 *
 * It measures and judges nothing: no row fails for its time, only a command that fails is marked so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_REPEAT = 50, MAX_ROWS = 100, FIELDS = 5, COLD_REPEAT = 2 };

struct sample { double wall, cpu, mb; };

struct row { const char *name, *goal, *state, *before, *command; };

struct tool {
	const char *path;
	char state[64];			/* its SYSTEMTAP_DIR */
};

struct result { struct sample s[MAX_REPEAT]; int n; bool failed; };

static int repeat = 5;
static const char *pattern = "", *json_path;
static unsigned number;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* COMMAND by the shell, silently.  Its wait status. */
static int run(const char *command, struct sample *ret)
{
	double start = now();
	struct rusage ru;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout) ||
		    !freopen("/dev/null", "w", stderr))
			_exit(126);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &ru) < 0)
		return -1;
	*ret = (struct sample){
		.wall = now() - start,
		.cpu = (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
		       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6,
		.mb = (double)ru.ru_maxrss / 1024,
	};
	return status;
}

static void set_number(unsigned n)
{
	char text[32];

	snprintf(text, sizeof(text), "%u", n);
	setenv("N", text, 1);
}

/* Scripts are in single quotes, where the shell replaces nothing: $N is put in here. */
static char *with_number(const char *command)
{
	const char *digits = getenv("N");
	size_t size = strlen(command) + 1;
	char *ret, *out;

	for (const char *p = command; (p = strstr(p, "$N")); p += 2)
		size += strlen(digits);
	ret = out = malloc(size);
	if (!ret)
		exit(1);
	while (*command)
		if (!strncmp(command, "$N", 2)) {
			out = stpcpy(out, digits);
			command += 2;
		} else {
			*out++ = *command++;
		}
	*out = 0;
	return ret;
}

static bool once(const struct row *r, const struct tool *t, struct sample *ret)
{
	struct sample ignored;
	char *command;
	bool ok;

	setenv("STAP", t->path, 1);
	setenv("SYSTEMTAP_DIR", t->state, 1);
	if (!strcmp(r->state, "cold"))
		run("rm -rf \"$SYSTEMTAP_DIR\"", &ignored);
	if (strcmp(r->state, "same"))
		set_number(++number);
	if (*r->before)
		run(r->before, &ignored);
	command = with_number(r->command);
	ok = run(command, ret) == 0;
	free(command);
	return ok;
}

static void measure(const struct row *r, const struct tool *tools, int ntools, struct result *out)
{
	int n = strcmp(r->state, "cold") ? repeat : COLD_REPEAT < repeat ? COLD_REPEAT : repeat;
	struct sample warm;

	for (int t = 0; t < ntools; t++)
		out[t].failed = strcmp(r->state, "cold") && !once(r, &tools[t], &warm);
	for (int i = 0; i < n; i++)
		for (int t = 0; t < ntools; t++)
			if (!out[t].failed && once(r, &tools[t], &out[t].s[out[t].n]))
				out[t].n++;
			else
				out[t].failed = true;
}

static int by_wall(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->wall > y->wall) - (x->wall < y->wall);
}

static void show(const struct row *r, struct result *res, int ntools, FILE *json, bool more)
{
	static const char *const who[] = { "stap", "peer" };

	printf("%-10s %6s", r->name, r->goal);
	fprintf(json, "    {\"name\": \"%s\", \"goal\": %s", r->name, r->goal);
	for (int t = 0; t < ntools; t++) {
		struct result *x = &res[t];

		qsort(x->s, (size_t)x->n, sizeof(*x->s), by_wall);
		if (x->failed || !x->n) {
			printf("  %31s", "failed");
			continue;
		}
		printf("  %7.3f %7.3f %7.3f %7.0f", x->s[0].wall, x->s[x->n / 2].wall, x->s[0].cpu, x->s[0].mb);
		fprintf(json, ", \"%s\": {\"min\": %.4f, \"median\": %.4f, \"cpu\": %.4f, \"mb\": %.1f, \"runs\": %d}",
			who[t], x->s[0].wall, x->s[x->n / 2].wall, x->s[0].cpu, x->s[0].mb, x->n);
	}
	if (ntools > 1 && !res[0].failed && !res[1].failed && res[0].n && res[1].n) {
		printf("  %6.1f", res[1].s[0].wall / res[0].s[0].wall);
		fprintf(json, ", \"ratio\": %.2f", res[1].s[0].wall / res[0].s[0].wall);
	}
	printf("\n");
	fprintf(json, "}%s\n", more ? "," : "");
	fflush(stdout);
}

static int read_rows(const char *path, struct row *rows)
{
	FILE *f = fopen(path, "r");
	char *line = NULL, *field[FIELDS];
	size_t cap = 0;
	int n = 0;

	if (!f) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	while (n < MAX_ROWS && getline(&line, &cap, f) > 0) {
		char *rest = strdup(line);
		int k = 0;

		rest[strcspn(rest, "\n")] = 0;
		if (!*rest || *rest == '#')
			continue;
		while (k < FIELDS - 1 && rest)
			field[k++] = strsep(&rest, "|");
		if (!rest) {
			fprintf(stderr, "bench: %s: too few fields: %s", path, line);
			exit(2);
		}
		rows[n] = (struct row){ field[0], field[1], field[2], field[3], rest };
		n += strstr(rows[n].name, pattern) != NULL;
	}
	free(line);
	fclose(f);
	return n;
}

/* First line of what COMMAND says, fit for a JSON string. */
static void first_line(const char *command, char *ret, int size)
{
	FILE *p = popen(command, "r");

	ret[0] = 0;
	if (!p || !fgets(ret, size, p))
		ret[0] = 0;
	if (p)
		pclose(p);
	ret[strcspn(ret, "\n")] = 0;
	for (char *c = ret; *c; c++)
		if (*c == '"' || *c == '\\' || *c < ' ')
			*c = ' ';
}

static void describe(FILE *json, const char *release, const char *peer)
{
	static const struct { const char *key, *command; } facts[] = {
		{ "processor", "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1" },
		{ "processors", "nproc" }, { "memory", "sed -n 's/MemTotal: *//p' /proc/meminfo" },
		{ "load", "cut -d' ' -f1-3 /proc/loadavg" }, { "compiler", "gcc --version" },
		{ "bpftrace", "bpftrace --version 2>/dev/null" }, { "stap", "$STAP -V 2>&1" },
		{ "peer", "$PEER -V 2>&1" },
	};
	char line[300], date[64];
	time_t t = time(NULL);
	struct utsname u;

	uname(&u);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&t));
	fprintf(json, "{\n  \"date\": \"%s\",\n  \"running\": \"%s\",\n  \"traced\": \"%s\",\n", date, u.release,
		release);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		if (!strcmp(facts[i].key, "peer") && !peer)
			continue;
		first_line(facts[i].command, line, sizeof(line));
		fprintf(json, "  \"%s\": \"%s\",\n", facts[i].key, line);
		printf("%-11s %s\n", facts[i].key, line);
	}
}

static bool make_state(struct tool *t, const char *path)
{
	t->path = path;
	strcpy(t->state, "/tmp/bench-state-XXXXXX");
	return mkdtemp(t->state);
}

static void remove_state(const struct tool *t)
{
	struct sample ignored;

	setenv("SYSTEMTAP_DIR", t->state, 1);
	run("rm -rf \"$SYSTEMTAP_DIR\"", &ignored);
}

int main(int argc, char **argv)
{
	static struct row rows[MAX_ROWS];
	struct tool tools[2];
	const char *release = NULL;
	int n, ntools, c;
	FILE *json;

	while ((c = getopt(argc, argv, "n:p:o:r:")) != -1)
		switch (c) {
		case 'n': repeat = atoi(optarg); break;
		case 'p': pattern = optarg; break;
		case 'o': json_path = optarg; break;
		case 'r': release = optarg; break;
		default: return 2;
		}
	ntools = argc - optind - 1;
	if (!release || ntools < 1 || ntools > 2 || repeat < 1 || repeat > MAX_REPEAT) {
		fprintf(stderr, "Usage: bench [-n REPEAT] [-p PATTERN] [-o JSON] -r RELEASE ROWS STAP [PEER]\n");
		return 2;
	}
	n = read_rows(argv[optind], rows);
	json = fopen(json_path ? json_path : "/dev/null", "w");
	for (int t = 0; t < ntools; t++)
		if (!make_state(&tools[t], argv[optind + 1 + t]))
			return 1;
	if (!json)
		return 1;
	set_number(number);
	setenv("R", release, 1);
	setenv("STAP", tools[0].path, 1);
	if (ntools > 1)
		setenv("PEER", tools[1].path, 1);
	describe(json, release, ntools > 1 ? tools[1].path : NULL);
	fprintf(json, "  \"rows\": [\n");
	printf("\n%-10s %6s  %7s %7s %7s %7s%s\n", "row", "goal", "min s", "median", "cpu s", "MB",
	       ntools > 1 ? "   peer s  median   cpu s      MB   ratio" : "");
	for (int i = 0; i < n; i++) {
		static struct result res[2];

		memset(res, 0, sizeof(res));
		measure(&rows[i], tools, ntools, res);
		show(&rows[i], res, ntools, json, i + 1 < n);
	}
	fprintf(json, "  ]\n}\n");
	for (int t = 0; t < ntools; t++)
		remove_state(&tools[t]);
	return fclose(json) != 0;
}
