// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * argv to struct request.  Nothing is opened, nothing believed: numbers are in their ranges, words that
 * go on to stapio are only passed on.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "staprun/staprun.h"

const char request_usage[] =
	"Usage: staprun [OPTIONS] MODULE[.ko] [VARIABLE=VALUE...]\n"
	"Loads a module made by stap (stap -p4 -m MODULE ...), shows its output, unloads it.\n"
	"  -c CMD      run CMD once probes are armed, end when it ends; target() is its pid\n"
	"  -x PID      target() is PID\n"
	"  -o FILE     output to FILE (strftime(3) formats); a file per CPU in bulk mode, FILE_0...\n"
	"  -S MB[,N]   start FILE.0, FILE.1... at MB megabytes, keep the last N\n"
	"  -b MB       megabytes of the kernel buffer of each CPU (1 to 4095)\n"
	"  -T MS       fetch what is printed after MS milliseconds at the latest (50)\n"
	"  -L          load, start, and leave it running\n"
	"  -A          attach to a module left running; MODULE is its name\n"
	"  -d          remove a module that was left behind or running; '*': all of them\n"
	"  -D          go to the background once probes are armed, print the process id\n"
	"  -R          load the module under a name of its own, so that it can run more than once\n"
	"  -N PID      the namespaces of PID are those that the script's namespace functions mean\n"
	"  -r N:URI    what remote_id() and remote_uri() say\n"
	"  -C WHEN     colour in messages: never, always, auto\n"
	"  -w          no warnings from the script\n"
	"  -u          nothing (kernels before 3.5 needed it for probes of programs)\n"
	"  -v          say what is done\n"
	"  -V, -h      version, this help\n"
	"  --bulk      a file per CPU, to be joined by stap-merge\n"
	"  --json      an object of JSON per record\n"
	"Signals: SIGQUIT (Ctrl-\\) leaves it running, SIGUSR2 goes on in the next output file.\n"
	"$SYSTEMTAP_VERBOSE=N is as -v N times.\n";

void request_init(struct request *r, const char *verbose)
{
	memset(r, 0, sizeof(*r));
	r->remote_id = -1;
	if (verbose && *verbose >= '0' && *verbose <= '9')
		r->verbose = *verbose - '0' < 5 ? *verbose - '0' : 5;
}

static bool parse_number(const char *text, unsigned long least, unsigned long most, unsigned long *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < least || n > most)
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

static bool parse_remote(struct request *r, const char *text)
{
	char *end;

	r->remote_id = strtol(text, &end, 10);
	r->remote_uri = end + 1;
	return end != text && *end == ':' && r->remote_id >= 0 && strlen(r->remote_uri) < 128;
}

static bool is_when(const char *text)
{
	return !strcmp(text, "never") || !strcmp(text, "always") || !strcmp(text, "auto");
}

enum { OPT_BULK = 256, OPT_JSON };

/* What an option with an argument has to be; NULL: fine, and stored. */
static const char *parse_value(struct request *r, int c)
{
	unsigned long n;

	switch (c) {
	case 'c': r->command = optarg; return NULL;
	case 'o': r->file = optarg; return NULL;
	case 'x':
		r->target = optarg;
		return parse_number(optarg, 1, 1ul << 22, &n) ? NULL : "a process id";
	case 'N': return parse_number(optarg, 1, 1ul << 22, &r->namespaces) ? NULL : "a process id";
	case 's':	/* an older name of -b */
	case 'b': return parse_number(optarg, 1, 4095, &r->buffer_mb) ? NULL : "a number of megabytes from 1 to 4095";
	case 'T':
		r->period = optarg;
		return parse_number(optarg, 1, 3600000, &n) ? NULL : "a number of milliseconds from 1 to 3600000";
	case 'S':
		r->size = optarg;
		return size_ok(optarg) ? NULL : "megabytes, or megabytes,number-of-files";
	case 'r': return parse_remote(r, optarg) ? NULL : "NUMBER:URI";
	case 'C':
		r->colour = optarg;
		return is_when(optarg) ? NULL : "never, always or auto";
	default: return "something else";
	}
}

/* False after a message. */
static bool parse_option(struct request *r, int c)
{
	const char *wanted;

	switch (c) {
	case OPT_BULK: r->bulk = true; return true;
	case OPT_JSON: r->json = true; return true;
	case 'u': return true;
	case 'd': r->delete = true; return true;
	case 'A': r->attach = true; return true;
	case 'L': r->load_only = true; return true;
	case 'D': r->background = true; return true;
	case 'R': r->rename = true; return true;
	case 'w': r->no_warnings = true; return true;
	case 'v': r->verbose += r->verbose < 5; return true;
	case 'M':
		complain("there is no monitor mode (-M) here");
		return false;
	}
	wanted = parse_value(r, c);
	if (wanted)
		complain("-%c %s: %s is needed", c, optarg, wanted);
	return !wanted;
}

/* Options that do not go together; false after a message. */
static bool check_together(const struct request *r)
{
	if ((r->size || r->background) && !r->file && !r->delete) {
		complain("-S and -D need an output file: -o FILE");
		return false;
	}
	if (r->command && r->target) {
		complain("-c and -x both name the target: choose one");
		return false;
	}
	if (r->delete + r->attach + r->load_only > 1 || (r->load_only && (r->command || r->background || r->file))) {
		complain("-d, -A, -L exclude each other, and -L has neither -c nor -D nor -o");
		return false;
	}
	if (r->attach && (r->command || r->buffer_mb || r->params[0])) {
		complain("-A finds the script running: -c, -b and variables are too late");
		return false;
	}
	return true;
}

enum parsed request_parse(struct request *r, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "bulk", no_argument, NULL, OPT_BULK },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL }
	};
	int c;

	while ((c = getopt_long(argc, argv, "+c:x:N:o:S:s:b:T:r:C:M:udALDRwvhV", longs, NULL)) != -1) {
		if (c == 'h')
			return PARSED_HELP;
		if (c == 'V')
			return PARSED_VERSION;
		if (c == '?')
			return PARSED_UNKNOWN;
		if (!parse_option(r, c))
			return PARSED_WRONG;
	}
	if (optind >= argc) {
		complain("which module?  Try: staprun -h");
		return PARSED_WRONG;
	}
	r->module = argv[optind];
	r->params = argv + optind + 1;
	for (char **p = r->params; *p; p++) {
		if (strchr(*p, '=') > *p)
			continue;
		complain("%s: what follows the module sets its variables, NAME=VALUE; options stand before the "
			 "module", *p);
		return PARSED_WRONG;
	}
	return check_together(r) ? PARSED : PARSED_WRONG;
}

bool request_module_name(const char *arg, char *to)
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
