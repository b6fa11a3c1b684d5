/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line to struct options.  getopt's tables and the help text are made from options.def;
 * what an option means is here, what it does is elsewhere.
 */
#include "options.h"
#include "rc.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

enum {
	OPT_BASE = 1000,
#define OPTION(id, s, l, arg, help) OPT_##id,
#define OTHER(s, l, arg, why)
#include "options.def"
#undef OPTION
	OPT_OTHER = 2000,	/* and the number in others[] */
};

/* The value getopt_long() returns for an option: its letter, or its number. */
#define VALUE(id, s) ((s) ? (s) : OPT_##id)

static const struct {
	int value;
	char letter;
	const char *name, *arg, *help;
} table[] = {
#define OPTION(id, s, l, arg, help) { VALUE(id, s), s, l, arg, help },
#include "options.def"
#undef OPTION
#undef OTHER
};

static const struct {
	char letter;
	const char *name;
	int has_arg;
	const char *why;	/* it is refused; NULL: it is accepted and changes nothing */
} others[] = {
#define OPTION(id, s, l, arg, help)
#define OTHER(s, l, arg, why) { s, l, arg, why },
#include "options.def"
#undef OPTION
#undef OTHER
};

enum { NOPTIONS = sizeof(table) / sizeof(*table), NOTHERS = sizeof(others) / sizeof(*others) };

static void help(FILE *out)
{
	fputs("Usage: stap [options] FILE [ARGS]          run the script in FILE (- for standard input)\n"
	      "   or: stap [options] -e SCRIPT [ARGS]     run the given script\n"
	      "   or: stap [options] -l POINT | -L POINT  list probe points\n\n"
	      "Options:\n", out);
	for (int i = 0; i < NOPTIONS; i++) {
		char left[64];
		int n = 0;

		if (table[i].letter)
			n = snprintf(left, sizeof(left), "-%c%s%s", table[i].letter,
				     table[i].arg ? " " : "", table[i].arg ? table[i].arg : "");
		if (table[i].name)
			snprintf(left + n, sizeof(left) - (size_t)n, "%s--%s%s%s", n ? ", " : "", table[i].name,
				 table[i].arg ? "=" : "", table[i].arg ? table[i].arg : "");
		fprintf(out, "  %-26s %s\n", left, table[i].help);
	}
	fputs("\nTry it:  stap -e 'probe begin { println(\"hello\") exit() }'\n", out);
}

static void version(void)
{
	puts("Systemtap translator/driver (version " SYSTEMTAP_VERSION "/stap " PACKAGE_VERSION ")\n"
	     "Copyright (C) 2026 the stap authors\n"
	     "This is free software; see the source for copying conditions (GPL-2.0-or-later).");
}

/* The long option nearest to WORD ("--colro=auto"), NULL when none is near. */
static const char *similar_option(struct session *s, const char *word)
{
	const char *near = NULL, *name;
	unsigned best = 3;

	if (strncmp(word, "--", 2) || strlen(word) < 5)
		return NULL;
	name = arena_strndup(&s->arena, word + 2, strcspn(word + 2, "="));
	for (int i = 0; i < NOPTIONS; i++) {
		unsigned far = table[i].name ? str_distance(name, table[i].name, best) : best;

		if (far < best) {
			best = far;
			near = table[i].name;
		}
	}
	return near;
}

static int unknown_option(struct session *s, const char *word)
{
	const char *near = similar_option(s, word);

	diag_error(&s->diag, DIAG_ERROR, "usage", NULL, "unknown option '%s'%s%s%s", word,
		   near ? " (similar: --" : "", near ? near : "", near ? ")" : "");
	diag_hint(&s->diag, "stap --help lists the options");
	return 1;
}

static int usage(struct session *s, const char *fmt, const char *what)
{
	diag_error(&s->diag, DIAG_ERROR, "usage", NULL, fmt, what);
	diag_hint(&s->diag, "stap --help lists the options");
	return 1;
}

static bool is_identifier(const char *p)
{
	if (!isalpha((unsigned char)*p) && *p != '_')
		return false;
	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	return !*p;
}

/* NAME=VALUE of -D; a name alone is 1, as for the C preprocessor. */
static bool add_define(struct session *s, const char *arg)
{
	const char *eq = strchrnul(arg, '=');
	char *name = arena_strndup(&s->arena, arg, (size_t)(eq - arg));

	if (!is_identifier(name))
		return false;
	*vec_add(&s->arena, &s->opt.define) = (struct define){ name, *eq ? eq + 1 : "1" };
	return true;
}

/* NAME=VALUE, handed on as it is. */
static bool add_setting(struct session *s, struct settings *list, const char *arg)
{
	const char *eq = strchr(arg, '=');

	if (!eq || !is_identifier(arena_strndup(&s->arena, arg, (size_t)(eq - arg))))
		return false;
	*vec_add(&s->arena, list) = arg;
	return true;
}

static bool is_this_machine(const char *arch)
{
	struct utsname u;

	return !uname(&u) && (!strcmp(arch, u.machine) || (!strcmp(arch, "x86") && !strcmp(u.machine, "x86_64")));
}

static bool set_colour(struct options *o, const char *when)
{
	o->colour = !when || !strcmp(when, "always") ? 1 : !strcmp(when, "never") ? 0 : -1;
	return !when || o->colour >= 0 || !strcmp(when, "auto");
}

static bool set_debuginfo(struct options *o, const char *kind)
{
	static const char *const known[] = { "auto", "dwarf", "btf" };	/* in the order of enum dbg_kind */

	for (int i = 0; i < 3; i++)
		if (!strcmp(kind, known[i])) {
			o->debuginfo = i;
			return true;
		}
	return false;
}

static bool add_list(struct session *s, enum listing kind, const char *point)
{
	s->opt.listing = kind;
	*vec_add(&s->arena, &s->opt.e) = arena_printf(&s->arena, "probe %s {}", point);
	return true;
}

static bool set_number(const char *arg, int low, int high, int *ret)
{
	char *end;
	long v = strtol(arg, &end, 10);

	if (!*arg || *end || v < low || v > high)
		return false;
	*ret = (int)v;
	return true;
}

/* Of debuginfod servers: whether they are asked, and for how long. */
static bool set_download(const char *how)
{
	int seconds;

	if (!how || !strcmp(how, "yes"))
		return true;
	if (!strcmp(how, "no"))
		return !unsetenv("DEBUGINFOD_URLS");
	return set_number(how, 1, 0x7fffffff, &seconds) && !setenv("DEBUGINFOD_TIMEOUT", how, 1);
}

/* --vp 01002: digits for the passes from the first on. */
static bool add_vp(struct options *o, const char *arg)
{
	size_t n = strlen(arg);

	if (!n || n > 5 || strspn(arg, "0123456789") < n)
		return false;
	for (size_t i = 0; i < n; i++)
		o->vp[i] += (unsigned)(arg[i] - '0');
	return true;
}

static bool set_privilege(struct options *o, const char *arg)
{
	if (!arg || !strcmp(arg, "stapdev"))
		o->privilege = NULL;
	else if (!strcmp(arg, "stapusr") || !strcmp(arg, "stapsys"))
		o->privilege = arg;
	else
		return false;
	return true;
}

static bool set_rlimit(int which, const char *arg)
{
	struct rlimit r;
	char *end;

	errno = 0;
	r.rlim_cur = r.rlim_max = strtoull(arg, &end, 10);
	return isdigit((unsigned char)*arg) && !*end && !errno && !setrlimit(which, &r);
}

/* MB or MB,N */
static bool split_ok(const char *arg)
{
	size_t n = strspn(arg, "0123456789");

	if (arg[n] && arg[n] != ',')
		return false;
	return atol(arg) > 0 && (!arg[n] || (arg[n + 1] && !arg[n + 1 + strspn(arg + n + 1, "0123456789")]));
}

static bool add_timeout(struct session *s, const char *arg)
{
	int seconds;

	if (!set_number(arg, 1, 0x7fffffff, &seconds))
		return false;
	*vec_add(&s->arena, &s->opt.extra) = arena_printf(&s->arena, "probe timer.s(%d) { exit() }", seconds);
	return true;
}

/* One option; false when its argument is not understood. */
static bool apply(struct session *s, int value, const char *arg)
{
	struct options *o = &s->opt;

	switch (value) {
	case 'p': return set_number(arg, 1, 5, &o->last_pass);
	case 'e': *vec_add(&s->arena, &o->e) = arg; break;
	case 'E': *vec_add(&s->arena, &o->extra) = arg; break;
	case 'v': o->verbose++; break;
	case 'k': o->keep = true; break;
	case 'g': o->guru = true; break;
	case 'u': o->unoptimized = true; break;
	case 'w': o->no_warnings = true; break;
	case 'W': o->werror = true; break;
	case 'b': o->bulk = true; break;
	case 'I': *vec_add(&s->arena, &o->include) = arg; break;
	case 'D': return add_define(s, arg);
	case 'B': o->kbuild = true; return add_setting(s, &o->make_variables, arg);
	case OPT_MODINFO: return add_setting(s, &o->modinfo, arg);
	case 'a': return is_this_machine(arg);
	case OPT_SYSROOT: return !strcmp(arg, "/");
	case 'r': o->release = arg; return *arg;
	case 'm':
		o->module_name = arg;
		return is_identifier(arg) && strlen(arg) < 56;	/* MODULE_NAME_LEN is 64 - sizeof(long) */
	case 'o': o->output = arg; break;
	case 'c': o->command = arg; break;
	case 'F': o->flight = true; break;
	case 'S': o->split = arg; return split_ok(arg);
	case 'T': return add_timeout(s, arg);
	case 'G':
		*vec_add(&s->arena, &o->set) = arg;
		return strchr(arg, '=') && is_identifier(arena_strndup(&s->arena, arg, strcspn(arg, "=")));
	case OPT_JSON: o->json = true; break;
	case OPT_NAMESPACES: {
		int pid;

		o->namespaces = arg;
		return set_number(arg, 1, 0x7fffffff, &pid);
	}
	case 'x': {
		int pid;

		o->target_pid = arg;
		return set_number(arg, 1, 0x7fffffff, &pid);
	}
	case 's': {
		int mb;

		o->buffer_mb = arg;
		return set_number(arg, 1, 4095, &mb);
	}
	case 'd': *vec_add(&s->arena, &o->symbols) = arg; break;
	case OPT_LDD: o->ldd = true; break;
	case 'l': return add_list(s, LIST_POINTS, arg);
	case 'L': return add_list(s, LIST_VARS, arg);
	case OPT_EXPLAIN_PROBE: return add_list(s, LIST_EXPLAIN, arg);
	case OPT_DUMP: o->dump = arg; break;
	case OPT_REMOTE: o->remote = strcmp(arg, "direct://") ? arg : NULL; break;
	case OPT_COMPATIBLE: o->compatible = arg; break;
	case OPT_POISON: o->poison_cache = true; break;
	case OPT_NOCACHE: o->disable_cache = true; break;
	case OPT_CLEANCACHE: o->clean_cache = true; break;
	case OPT_SHOWCACHE: o->show_cache = true; break;
	case OPT_DOWNLOAD: return set_download(arg);
	case OPT_SIGN: o->sign = arg ? arg : ""; break;
	case OPT_EXAMPLE: o->example = true; break;
	case OPT_KBUILD: o->kbuild = true; break;
	case OPT_PREPARE: o->prepare = true; break;
	case OPT_STRICTNAMES: o->strict_names = true; break;
	case OPT_FMT: o->fmt = true; break;
	case OPT_EXPLAIN: o->explain = arg; break;
	case OPT_DEBUGINFO: return set_debuginfo(o, arg);
	case OPT_COLOR: case OPT_COLOUR: return set_colour(o, arg);
	case OPT_VP: return add_vp(o, arg);
	case 'R': return !setenv("SYSTEMTAP_RUNTIME", arg, 1);
	case OPT_SKIPBADVARS: o->skip_badvars = true; break;
	case OPT_NOLIMITS: o->no_time_limits = true; break;
	case OPT_PRIVILEGE: return set_privilege(o, arg);
	case OPT_UNPRIVILEGED: return set_privilege(o, "stapusr");
	case OPT_LIM_AS: return set_rlimit(RLIMIT_AS, arg);
	case OPT_LIM_CPU: return set_rlimit(RLIMIT_CPU, arg);
	case OPT_LIM_NPROC: return set_rlimit(RLIMIT_NPROC, arg);
	case OPT_LIM_STACK: return set_rlimit(RLIMIT_STACK, arg);
	case OPT_LIM_FSIZE: return set_rlimit(RLIMIT_FSIZE, arg);
	case OPT_RUNTIME: return !strcmp(arg, "kernel");
	case OPT_DUMP_TYPES: o->dump_what = LIST_TYPES; break;
	case OPT_DUMP_ALIASES: o->dump_what = LIST_ALIASES; break;
	case OPT_DUMP_FUNCTIONS: o->dump_what = LIST_FUNCTIONS; break;
	case OPT_NODISPLAY: o->no_display = true; break;
	case 't': o->timing = true; break;
	case OPT_KEEPGOING: o->keep_going = true; break;
	case OPT_SUPPRESS: o->suppress_handler_errors = true; break;
	case OPT_GUESTSH: o->guest_shell = arg ? arg : ""; break;
	}
	return true;
}

static int has_argument(int i)
{
	switch (table[i].value) {
	case OPT_GUESTSH: case OPT_COLOR: case OPT_COLOUR: case OPT_PRIVILEGE: case OPT_SIGN: case OPT_DOWNLOAD:
		return optional_argument;
	default:
		return table[i].arg ? required_argument : no_argument;
	}
}

static char *add_letter(char *letters, char letter, int has_arg)
{
	if (letter)
		*letters++ = letter;
	if (letter && has_arg == required_argument)
		*letters++ = ':';
	return letters;
}

static void make_tables(char *letters, struct option *longs)
{
	*letters++ = ':';
	for (int i = 0; i < NOPTIONS; i++) {
		letters = add_letter(letters, table[i].letter, has_argument(i));
		if (table[i].name)
			*longs++ = (struct option){ table[i].name, has_argument(i), NULL, table[i].value };
	}
	for (int i = 0; i < NOTHERS; i++) {
		letters = add_letter(letters, others[i].letter, others[i].has_arg);
		if (others[i].name)
			*longs++ = (struct option){ others[i].name, others[i].has_arg, NULL, OPT_OTHER + i };
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

/* What the argument of an option must be, where that is not plain. */
static const struct { int value; const char *text; } wanted[] = {
	{ 'p', "a pass from 1 to 5" },
	{ 'm', "a name of letters, digits and _, of at most 55" },
	{ 'D', "NAME or NAME=VALUE" },
	{ 'B', "NAME=VALUE, a variable of the kernel's build system; there is no runtime that takes compiler flags" },
	{ 'G', "NAME=VALUE" },
	{ 'a', "the architecture of this machine: modules for others are made by stap on one of those" },
	{ OPT_SYSROOT, "/: kernels and programs of another root are seen by stap inside it (chroot), or with -r TREE" },
	{ OPT_RUNTIME, "kernel; scripts run in the kernel, programs are probed from there too" },
	{ OPT_DEBUGINFO, "auto, dwarf or btf" },
	{ OPT_COLOR, "never, always or auto" },
	{ OPT_COLOUR, "never, always or auto" },
	{ OPT_DOWNLOAD, "yes, no or seconds to wait; nobody is asked at a terminal" },
	{ OPT_PRIVILEGE, "stapusr, stapsys or stapdev" },
	{ OPT_VP, "up to five digits, one for each pass" },
	{ 'S', "MEGABYTES or MEGABYTES,FILES" },
	{ 'T', "seconds, from 1 on" },
	{ 's', "megabytes, from 1 to 4095" },
	{ 'x', "the number of a process" },
	{ OPT_NAMESPACES, "the number of a process" },
};

static int bad_argument(struct session *s, int value, const char *option)
{
	diag_error(&s->diag, DIAG_ERROR, "usage", NULL, "the argument of option '%s' cannot be used", option);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (wanted[i].value == value)
			diag_hint(&s->diag, "it must be %s", wanted[i].text);
	diag_hint(&s->diag, "stap --help lists the options");
	return 1;
}

/* The number in others[] of what getopt gave, or -1. */
static int other_option(int value)
{
	if (value >= OPT_OTHER)
		return value - OPT_OTHER;
	for (int i = 0; i < NOTHERS; i++)
		if (others[i].letter && others[i].letter == value)
			return i;
	return -1;
}

/* What is left after the options: the script file unless -e, then the script's arguments. */
static int take_rest(struct session *s, int argc, char **argv)
{
	struct options *o = &s->opt;
	bool scriptless = o->clean_cache || o->show_cache || o->prepare || o->guest_shell || o->explain || o->dump_what;

	if (!o->e.n && !scriptless) {
		if (optind == argc) {
			if (argc == 1) {
				help(stderr);
				return 1;
			}
			return usage(s, "a script must be specified%s", ": FILE or -e SCRIPT");
		}
		o->script_file = argv[optind++];
	}
	o->args = (const char **)argv + optind;
	o->nargs = argc - optind;
	return -1;
}

/* What options say of each other.  -1, or the exit status. */
static int check_options(struct session *s)
{
	struct options *o = &s->opt;

	if (o->guru && o->privilege)
		return usage(s, "-g and --privilege=%s cannot be used together", o->privilege);
	if (o->no_time_limits && !o->guru)
		return usage(s, "--suppress-time-limits%s", " needs guru mode, -g");
	if (o->no_time_limits) {
		add_define(s, "STP_NO_OVERLOAD");
		add_define(s, "MAXACTION=0x7fffffff");
		add_define(s, "MAXACTION_INTERRUPTIBLE=0x7fffffff");
		add_define(s, "MAXTRYLOCK=0x7fffffff");
	}
	return -1;
}

/* Options out of ARGV up to the first word that is none; -1, or the exit status. */
static int parse_words(struct session *s, int argc, char **argv)
{
	struct option longs[NOPTIONS + NOTHERS + 1];
	char letters[3 * (NOPTIONS + NOTHERS) + 2];
	int c, i;

	make_tables(letters, longs);
	opterr = 0;
	optind = 0;	/* GNU: from the start */
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const char *word = argv[optind - 1];

		if (c == 'h') {
			help(stdout);
			return 0;
		}
		if (c == 'V') {
			version();
			return 0;
		}
		if (c == ':')
			return usage(s, "option '%s' needs an argument", word);
		if (c == '?')
			return unknown_option(s, optopt > 0 && optopt < 256 ?
					      arena_printf(&s->arena, "-%c", optopt) : word);
		i = other_option(c);
		if (i >= 0 && others[i].why)
			return usage(s, "%s", arena_printf(&s->arena, "option '%s' is not supported: %s",
							   word == optarg ? argv[optind - 2] : word, others[i].why));
		if (i < 0 && !apply(s, c, optarg))
			return bad_argument(s, c, optarg && word == optarg && optind >= 2 ?
					    arena_printf(&s->arena, "%s %s", argv[optind - 2], optarg) : word);
	}
	return -1;
}

/* The options that $SYSTEMTAP_DIR/rc holds come first. */
static int parse_rc(struct session *s)
{
	const char *path = arena_printf(&s->arena, "%s/rc", session_dir(s));
	struct buf text = { 0 };
	char **argv;
	int argc, status;

	if (!buf_read_file(&text, path)) {
		buf_deinit(&text);
		return -1;
	}
	argc = rc_words(&s->arena, buf_text(&text), &argv);
	buf_deinit(&text);
	if (argc < 0) {
		diag_error(&s->diag, DIAG_ERROR, "rc", NULL, "%s: a quote is not closed", path);
		return 1;
	}
	status = parse_words(s, argc, argv);
	if (status < 0 && optind < argc) {
		diag_error(&s->diag, DIAG_ERROR, "rc", NULL, "%s: '%s' is no option", path, argv[optind]);
		return 1;
	}
	if (status > 0)
		diag_hint(&s->diag, "in %s", path);
	return status;
}

int options_parse(struct session *s, int argc, char **argv)
{
	int status = parse_rc(s);

	if (status < 0)
		status = parse_words(s, argc, argv);
	if (status < 0)
		status = take_rest(s, argc, argv);
	return status < 0 ? check_options(s) : status;
}
