// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which programs `process` and `process("PATH").library("PATH")` mean (stapprobes(3stap), "USER-SPACE").
 *
 * A name without a slash is looked for in $PATH; wildcards stand for every file that fits and is a program or
 * library.  Without a path the program of -c or -x is meant.  Libraries without a slash are those that the
 * program is linked with.
 */
#include "family/uprobe.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "session/session.h"

static void add_path(struct resolver *r, struct program_choice *c, const char *path)
{
	const char *real = dbg_program_path(r->a, path);

	if (!real)
		return;
	vec_each(&c->paths, i)
		if (!strcmp(c->paths.v[i], real))
			return;
	*vec_add(r->a, &c->paths) = real;
}

/* PATH is whole, and may have wildcards. */
static void add_all(struct resolver *r, struct program_choice *c, const char *path)
{
	glob_t g;

	if (!str_is_glob(path)) {
		add_path(r, c, path);
		return;
	}
	if (glob(path, 0, NULL, &g))
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		add_path(r, c, g.gl_pathv[i]);
	globfree(&g);
}

void program_paths(struct resolver *r, const char *path, struct program_choice *ret)
{
	const char *env = getenv("PATH");
	char *list = arena_strdup(r->a, env ? env : "/usr/bin:/bin"), *dir;

	r->s->reads_files = true;
	if (strchr(path, '/')) {
		add_all(r, ret, path);
		return;
	}
	while ((dir = strsep(&list, ":"))) {
		add_all(r, ret, arena_printf(r->a, "%s/%s", *dir ? dir : ".", path));
		if (ret->paths.n && !str_is_glob(path))
			return;
	}
}

/* ---- without a path ---- */

/* Is there more to TEXT than words, some of them in quotes? */
static bool needs_shell(const char *text)
{
	char quote = 0;

	for (const char *p = text; *p; p++) {
		if (quote && *p == quote)
			quote = 0;
		else if (quote == '\'')
			continue;
		else if (quote ? strchr("$`\\", *p) != NULL : strchr("$`*?[~<>|&;()#!\n{}", *p) != NULL)
			return true;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (!quote && *p == '\\' && !*++p)
			return true;
	}
	return quote;
}

/* The program that -c runs: its first word when stapio does not need a shell for it. */
static const char *command_word(struct resolver *r, const char *command)
{
	const char *p = command + strspn(command, " \t");
	size_t n = strcspn(p, " \t");

	if (needs_shell(command) || memchr(p, '=', n))
		return "/bin/sh";
	return arena_strndup(r->a, p, n);
}

static bool choose_target(struct resolver *r, const struct point_match *m, struct program_choice *ret)
{
	const struct options *o = &r->s->opt;
	const char *word;

	ret->base = "process";
	ret->of_target = true;
	if (o->command) {
		word = command_word(r, o->command);
		program_paths(r, word, ret);
		return ret->paths.n || family_unresolved(r, m, &m->point->comp.v[0].place, "no-program",
							 "cannot find the program '%s' of -c", word);
	}
	if (o->target_pid) {
		program_paths(r, arena_printf(r->a, "/proc/%s/exe", o->target_pid), ret);
		return ret->paths.n || family_unresolved(r, m, &m->point->comp.v[0].place, "no-program",
							 "there is no process %s, or its program cannot be read",
							 o->target_pid);
	}
	return family_unresolved(r, m, &m->point->comp.v[0].place, "no-target",
				 "which program is meant is not known: run with -c CMD or -x PID, or give its path, "
				 "process(\"PATH\")");
}

static bool choose_pid(struct resolver *r, const struct point_match *m, struct program_choice *ret)
{
	ret->pid = m->num[0];
	ret->base = arena_printf(r->a, "process(%" PRId64 ")", ret->pid);
	if (ret->pid > 0)
		program_paths(r, arena_printf(r->a, "/proc/%" PRId64 "/exe", ret->pid), ret);
	return ret->paths.n || family_unresolved(r, m, &m->arg_place[0], "no-program",
						 "there is no process %" PRId64 ", or its program cannot be read",
						 ret->pid);
}

bool program_missing(struct resolver *r, const struct point_match *m, const char *path)
{
	if (strchr(path, '/') && !str_is_glob(path) && !access(path, F_OK))
		return family_unresolved(r, m, &m->arg_place[0], "no-program",
					 "'%s' is no program or shared library (an ELF file)", path);
	return family_unresolved(r, m, &m->arg_place[0], "no-program", "cannot find %s '%s'%s",
				 str_is_glob(path) ? "a program" : "the program", path,
				 strchr(path, '/') ? "" : " in $PATH");
}

static bool choose_path(struct resolver *r, const struct point_match *m, struct program_choice *ret)
{
	program_paths(r, m->str[0], ret);
	return ret->paths.n || program_missing(r, m, m->str[0]);
}

/* ---- addresses of a running process ---- */

/* "START-END PERMS OFFSET DEV INODE PATH": the path, when ADDR is within; *OFFSET that in the file. */
static const char *mapped_there(char *line, uint64_t addr, uint64_t *offset)
{
	unsigned long long start, end, off;
	int path = 0;

	if (sscanf(line, "%llx-%llx %*s %llx %*s %*s %n", &start, &end, &off, &path) < 3 || !path ||
	    line[path] != '/' || addr < start || addr >= end)
		return NULL;
	*offset = addr - start + off;
	return line + path;
}

const char *program_mapped(struct resolver *r, int64_t pid, uint64_t addr, uint64_t *offset)
{
	const char *path = NULL;
	struct buf b = {0};
	char *text, *line;

	if (!buf_read_file(&b, arena_printf(r->a, "/proc/%" PRId64 "/maps", pid))) {
		buf_deinit(&b);
		return NULL;
	}
	text = arena_strdup(r->a, buf_text(&b));
	buf_deinit(&b);
	while (!path && (line = strsep(&text, "\n")))
		path = mapped_there(line, addr, offset);
	return path ? dbg_program_path(r->a, path) : NULL;
}

/* ---- libraries ---- */

/* Does PATTERN fit the name that the library is linked by, or that of its file? */
static bool library_fits(const char *pattern, const struct dbg_library *l)
{
	return str_glob(pattern, l->name) || str_glob(pattern, strrchr(l->path, '/') + 1);
}

static bool choose_library(struct resolver *r, const struct point_match *m, struct program_choice *ret)
{
	const char *pattern = m->str[1];
	struct dbg_library *lib;
	struct program_choice of = *ret;
	struct dbg_object *o;
	size_t n;

	memset(&ret->paths, 0, sizeof(ret->paths));
	if (of.paths.n != 1)
		return family_unresolved(r, m, &m->arg_place[0], "many-programs",
					 "%zu programs are meant; .library() needs one", of.paths.n);
	ret->exe = of.paths.v[0];
	if (strchr(pattern, '/')) {
		program_paths(r, pattern, ret);
	} else {
		o = program_object(r, ret->exe, &m->arg_place[0]);
		n = o ? dbg_libraries(o, r->a, &lib) : 0;
		for (size_t i = 0; i < n; i++)
			if (library_fits(pattern, &lib[i]))
				*vec_add(r->a, &ret->paths) = lib[i].path;
	}
	return ret->paths.n || family_unresolved(r, m, &m->arg_place[1], "no-program", strchr(pattern, '/') ?
						 "there is no shared library '%s'" :
						 "no shared library '%s' is linked with the program; give its path "
						 "when it is loaded by the program itself", pattern);
}

bool program_choose(struct resolver *r, const struct point_match *m, struct program_choice *ret, unsigned *at)
{
	bool ok;

	*ret = (struct program_choice){0};
	*at = 1;
	if (!m->has_arg[0])
		ok = choose_target(r, m, ret);
	else
		ok = m->str[0] ? choose_path(r, m, ret) : choose_pid(r, m, ret);
	if (!ok || !ret->paths.n || m->point->comp.n < 2 || strcmp(m->point->comp.v[1].name, "library"))
		return ok;
	*at = 2;
	return choose_library(r, m, ret);
}

/* ---- sites ---- */

const char *program_text(struct resolver *r, const struct program_choice *c, const char *path)
{
	const char *first = c->pid ? c->base : arena_printf(r->a, "process(\"%s\")", c->exe ? c->exe : path);

	return c->exe ? arena_printf(r->a, "%s.library(\"%s\")", first, path) : first;
}

struct dbg_object *program_object(struct resolver *r, const char *path, const struct place *place)
{
	const char *why = "not found";
	struct dbg_object *o = dbg_object(family_dbginfo(r), path, &why);

	if (!o && !r->optional)
		diag_error(r->d, DIAG_SEMANTIC, "no-program", place, "cannot probe %s", why);
	return o;
}

const struct site_file *program_file(struct resolver *r, struct dbg_object *o)
{
	struct site_file *f = arena_new(r->a, struct site_file);

	f->path = dbg_path(o);
	if (dbg_build_id_offset(o, &f->build_id_at))
		f->build_id = dbg_build_id(o);
	return f;
}

bool program_place(struct site *x, const struct program_choice *c, struct dbg_object *o, const struct site_file *file)
{
	x->file = file;
	x->exe = c->exe;
	x->pid = c->pid;
	x->of_target = c->of_target;
	return dbg_file_offset(o, x->address, &x->offset);
}

static void put_text(struct buf *out, const char *member, const char *text)
{
	buf_printf(out, ", .%s = \"", member);
	buf_escape(out, text, strlen(text));
	buf_puts(out, "\"");
}

void program_row_who(struct buf *out, const struct site *s)
{
	if (s->exe)
		put_text(out, "exe", s->exe);
	if (s->pid)
		buf_printf(out, ", .pid = %" PRId64, s->pid);
	if (s->of_target)
		buf_puts(out, ", .of_target = 1");
}

void program_row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".address = %#" PRIx64 "ULL, .offset = %#" PRIx64 "ULL", s->address, s->offset);
	put_text(out, "path", s->file->path);
	if (s->file->build_id) {
		put_text(out, "build_id", s->file->build_id);
		buf_printf(out, ", .build_id_at = %#" PRIx64 "ULL", s->file->build_id_at);
	}
	program_row_who(out, s);
	if (s->callers.n) {
		buf_puts(out, ", .callers = (const uint64_t[]){");
		vec_each(&s->callers, i)
			buf_printf(out, " %#" PRIx64 "ULL,", s->callers.v[i].address);
		buf_printf(out, " }, .ncallers = %zu", s->callers.n);
	}
	if (s->semaphore)
		buf_printf(out, ", .semaphore = %#" PRIx64 "ULL", s->semaphore);
	if (s->at_entry)
		buf_puts(out, ", .at_entry = 1");
	if (s->is_return)
		buf_puts(out, ", .is_return = 1");
	if (s->optional)
		buf_puts(out, ", .optional = 1");
}
