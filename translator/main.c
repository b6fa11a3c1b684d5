/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stap: reads the command line, finds the kernel, and hands over to the table of passes.  What is
 * neither a pass nor an option is not here.
 */
#include "fmt.h"
#include "options.h"
#include "passes.h"
#include "report.h"
#include "build/build.h"
#include "cache/cache.h"
#include "dbginfo/dbginfo.h"
#include "run/guest.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool want_colour(const struct options *o)
{
	const char *term = getenv("TERM");

	if (o->colour >= 0)
		return o->colour;
	return isatty(2) && term && strcmp(term, "dumb") && !getenv("NO_COLOR");
}

/* --remote=guest[:RELEASE] decides the kernel unless -r does. */
static bool kernel_of_guest(struct session *s)
{
	const char *want;
	char *release;

	if (!s->opt.remote)
		return true;
	if (strncmp(s->opt.remote, "guest", 5) || (s->opt.remote[5] && s->opt.remote[5] != ':')) {
		diag_error(&s->diag, DIAG_ERROR, "remote", NULL, "--remote=%s: only direct://, guest and"
			   " guest:RELEASE are known", s->opt.remote);
		diag_hint(&s->diag, "on another machine a module runs without stap: stap -p4 -m NAME -r RELEASE ...;"
			  " scp NAME.ko HOST: ; ssh -t HOST staprun NAME.ko (RELEASE is what uname -r says there)");
		return false;
	}
	if (s->opt.target_pid) {
		diag_error(&s->diag, DIAG_ERROR, "remote", NULL, "-x %s: the processes of this machine do not"
			   " run in the guest; start the target there with -c CMD", s->opt.target_pid);
		return false;
	}
	want = s->opt.remote[5] ? s->opt.remote + 6 : NULL;
	release = guest_kernel_find(want);
	if (!release)
		return false;
	if (!s->opt.release)
		s->opt.release = arena_strdup(&s->arena, release);
	free(release);
	return true;
}

/* A command, or a shell, in a guest: for looking around, and for tests. */
static int guest_command(struct session *s)
{
	struct guest_options g = {
		.kver = *s->opt.guest_shell ? s->opt.guest_shell : NULL,
		.verbose = (int)s->opt.verbose,
	};
	char **argv = arena_array(&s->arena, char *, (size_t)s->opt.nargs + 1);
	int status;

	if (!s->opt.nargs) {
		status = guest_shell(&g);
	} else {
		memcpy(argv, s->opt.args, sizeof(*argv) * (size_t)s->opt.nargs);
		status = guest_run(&g, argv);
	}
	return status < 0 ? 1 : status;
}

static int look_after_cache(struct session *s)
{
	s->cache = cache_open(&s->arena, &s->diag, session_dir(s));
	if (!s->cache)
		return 1;
	if (s->opt.clean_cache)
		return cache_clean(s->cache) ? 0 : 1;
	cache_show(s->cache, stdout);
	return 0;
}

/* The directory of what is kept must know of the indexes that this run read or made. */
static void count_indexes(struct session *s)
{
	const char *const *file;
	size_t n = s->dbginfo && !s->opt.disable_cache ? dbginfo_files(s->dbginfo, &file) : 0;

	if (n && !s->cache && access(session_dir(s), W_OK) == 0)
		s->cache = cache_open(&s->arena, &s->diag, session_dir(s));
	if (n)
		cache_used(s->cache, "index", file, n);
}

/* What the first script on a kernel would wait for: its runtime, and the index of its debuginfo if there is any. */
static bool prepare(struct session *s)
{
	struct dbg_func_list ignored = { 0 };
	struct dbg_object *o;

	if (!build_runtime(s))
		return false;
	dbginfo_want(&s->dbginfo, &s->arena, s->kernel.release, s->opt.debuginfo, diag_progress);
	o = dbg_object(s->dbginfo, NULL, NULL);
	if (o)
		dbg_functions(o, &s->arena, "schedule", NULL, 0, DBG_BODIES, &ignored);
	return true;
}

static int go(struct session *s)
{
	if (want_colour(&s->opt))
		diag_set_colours(&s->diag, getenv("SYSTEMTAP_COLORS"));
	s->diag.show_tags = s->diag.colour || s->opt.verbose;
	s->diag.no_warnings = s->opt.no_warnings;
	s->diag.werror = s->opt.werror;
	if (s->opt.explain)
		return diag_explain(stdout, s->opt.explain) ? 0 : 1;
	if (s->opt.fmt)
		return fmt_run(s);
	if (s->opt.guest_shell)
		return guest_command(s);
	if (s->opt.clean_cache || s->opt.show_cache)
		return look_after_cache(s);
	if (!kernel_of_guest(s) || !session_find_kernel(s))
		return 1;
	if (!s->opt.disable_cache && (s->opt.last_pass > 3 || s->opt.prepare) && !s->opt.listing)
		s->cache = cache_open(&s->arena, &s->diag, session_dir(s));
	if (s->opt.prepare)
		return prepare(s) ? 0 : 1;
	return passes_run(s);
}

/* Ctrl-C during a translation: the temporary folder goes by its watcher. */
static void stop(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
}

int main(int argc, char **argv)
{
	struct session s;
	int status;

	report_begin();
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	signal(SIGPIPE, SIG_DFL);
	session_init(&s);
	status = options_parse(&s, argc, argv);
	if (status < 0)
		status = go(&s);
	if (fflush(stdout) || ferror(stdout)) {
		fputs("ERROR: writing to standard output failed\n", stderr);
		status = 1;
	}
	count_indexes(&s);
	cache_close(s.cache);
	dbginfo_close(s.dbginfo);
	session_deinit(&s);
	return status;
}
