/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runtime of one kernel, built once: a template module of the runtime and an empty unit goes
 * through kbuild, then its objects are joined to one and the commands that kbuild wrote into its
 * .cmd files (cmd_TARGET := up to 6.2, savedcmd_TARGET := since, kernel commit 92215e7a801d) are
 * kept as text with placeholders.  Must not interpret the commands beyond that.
 */
#include "build/build.h"
#include "base/proc.h"
#include "base/sha256.h"
#include "cache/cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPLATE "stap_template"

static const char template_unit[] =
	"#include \"stp.h\"\n"
	"const struct stp_unit stp_unit = { .version = STP_ABI_VERSION };\n";

/* Every FROM in TEXT becomes TO. */
static const char *replace(struct arena *a, const char *text, const char *from, const char *to)
{
	struct buf b = { 0 };
	const char *hit, *ret;

	while ((hit = strstr(text, from))) {
		buf_add(&b, text, (size_t)(hit - text));
		buf_puts(&b, to);
		text = hit + strlen(from);
	}
	buf_puts(&b, text);
	ret = arena_strdup(a, buf_text(&b));
	buf_deinit(&b);
	return ret;
}

/* The command kept in DIR/.TARGET.cmd, with make's escapes undone and placeholders put in. */
static const char *command(struct session *s, const char *dir, const char *target)
{
	struct buf b = { 0 };
	const char *text = NULL, *p;

	if (buf_read_file(&b, arena_printf(&s->arena, "%s/.%s.cmd", dir, target)) &&
	    (p = strstr(buf_text(&b), ":= "))) {
		p += 3;
		text = arena_strndup(&s->arena, p, strcspn(p, "\n"));
		text = replace(&s->arena, text, "$$", "$");
		text = replace(&s->arena, text, "\\#", "#");
		text = replace(&s->arena, text, dir, "@D@");
		text = replace(&s->arena, text, TEMPLATE, "@N@");
	}
	buf_deinit(&b);
	return text;
}

/* Join the objects that @D@/stap_template.mod lists, but the unit's, into RUNTIME_O. */
static bool join_runtime(struct session *s, const char *dir, const char *link, const char *to,
			 struct buf *out)
{
	const char *ld = arena_strndup(&s->arena, link, strcspn(link, ";"));
	const char *list = arena_printf(&s->arena, "%s/runtime.list", dir);
	struct buf mod = { 0 }, objs = { 0 };
	char *line, *save;
	bool ok;

	ok = buf_read_file(&mod, arena_printf(&s->arena, "%s/" TEMPLATE ".mod", dir));
	for (line = ok ? strtok_r(mod.p, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
		if (!strstr(line, TEMPLATE "_src.o"))
			buf_printf(&objs, "%s\n", line);
	ok = ok && objs.n && file_write(list, objs.p, objs.n);
	if (ok) {
		ld = replace(&s->arena, ld, "@@D@/@N@.mod", arena_printf(&s->arena, "@%s", list));
		ld = replace(&s->arena, ld, "@D@/@N@.o", to);
		char *argv[] = { "sh", "-c", (char *)ld, NULL };
		ok = !proc_run(argv, s->kernel.build, out, NULL, NULL);
	}
	buf_deinit(&mod);
	buf_deinit(&objs);
	return ok;
}

/*
 * .mod.c as assembly: per unit only the module's name and versions differ, and an assembler is ten
 * times faster than a compiler that reads the kernel's headers.  NULL when it does not look as known.
 */
static const char *assembly(struct session *s, const struct recipe *r, const char *dir)
{
	const char *cmd = replace(&s->arena, r->compile_mod, " -c -o @D@/@N@.mod.o ", " -g0 -S -o @D@/@N@.mod.s ");
	const char *name = "\t.string\t\"" TEMPLATE "\"\n\t.zero\t", *text, *at, *ret = NULL;
	struct buf b = { 0 };

	cmd = replace(&s->arena, replace(&s->arena, cmd, "@D@", dir), "@N@", TEMPLATE);
	char *argv[] = { "sh", "-c", (char *)cmd, NULL };

	if (strstr(cmd, " -S -o ") && !proc_run(argv, s->kernel.build, &b, NULL, NULL)) {
		buf_clear(&b);
		if (!buf_read_file(&b, arena_printf(&s->arena, "%s/" TEMPLATE ".mod.s", dir)))
			buf_clear(&b);
		text = buf_text(&b);
		at = strstr(text, name);
		if (at && !strstr(at + 1, name) && strstr(text, "__versions") &&
		    atoi(at + strlen(name)) == BUILD_NAME_LEN - (int)sizeof(TEMPLATE)) {
			at += strlen(name);
			ret = arena_printf(&s->arena, "%.*s@Z@%s", (int)(at - text), text,
					   at + strspn(at, "0123456789"));
			ret = replace(&s->arena, ret, TEMPLATE, "@N@");
		}
	}
	buf_deinit(&b);
	return ret;
}

static bool usable(const struct recipe *r)
{
	return r->compile && r->link && r->compile_mod && r->link_ko && r->mod_c &&
	       strstr(r->compile, "@D@/@N@_src.c") && strstr(r->compile, "-I@I@") &&
	       strstr(r->compile, "-o @D@/@N@_src.o") &&
	       strstr(r->link, "@R@/runtime.o") && strstr(r->compile_mod, "@D@/@N@.mod.c") &&
	       strstr(r->link_ko, "-o @D@/@N@.ko") && strstr(r->mod_c, "____versions[]");
}

/* Understand what kbuild did in DIR; false when it is not the layout known here. */
static bool learn(struct session *s, const char *dir, struct recipe *r)
{
	struct buf b = { 0 };

	r->folder = dir;
	r->cwd = s->kernel.build;
	r->compile = command(s, dir, TEMPLATE "_src.o");
	r->link = command(s, dir, TEMPLATE ".o");
	r->compile_mod = command(s, dir, TEMPLATE ".mod.o");
	r->link_ko = command(s, dir, TEMPLATE ".ko");
	if (!r->compile || !r->link || !r->compile_mod || !r->link_ko ||
	    !join_runtime(s, dir, r->link, arena_printf(&s->arena, "%s/runtime.o", dir), &b)) {
		buf_deinit(&b);
		return false;
	}
	r->compile = replace(&s->arena, r->compile, "-I@D@/runtime", "-I@I@");
	r->link = replace(&s->arena, r->link, "@@D@/@N@.mod", "@D@/@N@_src.o @R@/runtime.o");
	r->link_ko = replace(&s->arena, r->link_ko, "@D@/.module-common.o", "@R@/module-common.o");
	buf_clear(&b);
	if (buf_read_file(&b, arena_printf(&s->arena, "%s/" TEMPLATE ".mod.c", dir)))
		r->mod_c = arena_strdup(&s->arena, buf_text(&b));
	buf_deinit(&b);
	if (!usable(r))
		return false;
	r->mod_s = assembly(s, r, dir);
	return true;
}

static const char *const parts[] = { "compile", "link", "compile_mod", "link_ko", "mod_c", "mod_s" };

static const char **part(struct recipe *r, size_t i)
{
	const char **field[] = { &r->compile, &r->link, &r->compile_mod, &r->link_ko, &r->mod_c, &r->mod_s };

	return field[i];
}

/* Keep the recipe found in DIR below the cache's folder TO: all of it, or nothing. */
static bool keep(struct session *s, struct recipe *r, const char *dir, const char *to)
{
	const char *tmp = arena_printf(&s->arena, "%s.%d", to, (int)getpid());
	const char *common = arena_printf(&s->arena, "%s/.module-common.o", dir);
	bool ok = dir_make(tmp) && file_copy(arena_printf(&s->arena, "%s/runtime.o", dir),
					     arena_printf(&s->arena, "%s/runtime.o", tmp));

	if (ok && !access(common, R_OK))
		ok = file_copy(common, arena_printf(&s->arena, "%s/module-common.o", tmp));
	for (size_t i = 0; ok && i < sizeof(parts) / sizeof(*parts); i++)
		ok = !*part(r, i) || file_write(arena_printf(&s->arena, "%s/%s", tmp, parts[i]), *part(r, i),
				strlen(*part(r, i)));
	if (ok && rename(tmp, to) && errno != ENOTEMPTY && errno != EEXIST)
		ok = false;
	dir_remove(tmp);
	return ok;
}

static struct recipe *kept(struct session *s, const char *folder)
{
	struct recipe *r = arena_new(&s->arena, struct recipe);
	struct buf b = { 0 };

	r->folder = folder;
	r->cwd = s->kernel.build;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		buf_clear(&b);
		if (buf_read_file(&b, arena_printf(&s->arena, "%s/%s", folder, parts[i])))
			*part(r, i) = arena_strdup(&s->arena, buf_text(&b));
	}
	buf_deinit(&b);
	return usable(r) && !access(arena_printf(&s->arena, "%s/runtime.o", folder), R_OK) ? r : NULL;
}

static struct recipe *make_recipe(struct session *s, const char *folder)
{
	const char *tmp = session_tmpdir(s), *dir, *what;
	struct recipe *r = arena_new(&s->arena, struct recipe);
	struct buf out = { 0 };
	bool built;

	if (!tmp)
		return NULL;
	dir = arena_printf(&s->arena, "%s/template", tmp);
	what = arena_printf(&s->arena, "building the runtime for %s, once", s->kernel.release);
	if (!dir_make(dir) || !kbuild_folder(s, dir, TEMPLATE) ||
	    !file_write(arena_printf(&s->arena, "%s/" TEMPLATE "_src.c", dir), template_unit,
			sizeof(template_unit) - 1))
		return NULL;
	built = !kbuild_make(s, dir, what, &out);
	if (!built)
		build_report(s, &out);
	kbuild_warn_compiler(s, buf_text(&out));
	buf_deinit(&out);
	if (!built)
		return NULL;
	if (!learn(s, dir, r)) {
		if (session_verbose(s, 4))
			fprintf(stderr, "the kernel's build commands cannot be replayed; using kbuild\n");
		return NULL;
	}
	if (folder && keep(s, r, dir, folder))
		cache_used(s->cache, "runtime", &folder, 1);
	if (!access(arena_printf(&s->arena, "%s/.module-common.o", dir), R_OK))
		rename(arena_printf(&s->arena, "%s/.module-common.o", dir),
		       arena_printf(&s->arena, "%s/module-common.o", dir));
	return r;
}

/*
 * Names of our own for the objects: the folder may be evicted, or the cache emptied, meanwhile.  Where there is no
 * room for them the kept ones must do; false when those are gone.
 */
static bool pin(struct session *s, struct recipe *r)
{
	static const char *const object[] = { "runtime.o", "module-common.o" };
	const char *dir = arena_printf(&s->arena, "%s/kept", session_tmpdir(s));

	if (!s->tmpdir)
		return false;
	dir_make(dir);
	for (size_t i = 0; i < sizeof(object) / sizeof(*object); i++) {
		const char *from = arena_printf(&s->arena, "%s/%s", r->folder, object[i]);
		const char *to = arena_printf(&s->arena, "%s/%s", dir, object[i]);

		if (link(from, to) && errno != EEXIST && !file_copy(from, to) && !i)
			return !access(from, R_OK);
	}
	r->folder = dir;
	return true;
}

static struct recipe *take_kept(struct session *s, const char *folder)
{
	struct recipe *r = folder ? kept(s, folder) : NULL;

	if (!r || !pin(s, r))
		return NULL;
	cache_used(s->cache, "runtime", &folder, 1);
	return r;
}

const struct recipe *recipe_get(struct session *s)
{
	const char *key = build_key(s), *base, *folder = NULL;
	struct recipe *r;
	int lock;

	if (!key)
		return NULL;
	base = cache_folder(s->cache, &s->arena, "runtime");
	if (base)
		folder = arena_printf(&s->arena, "%s/%.32s", base, key);
	r = take_kept(s, folder);
	if (r)
		return r;
	lock = cache_lock(s->cache, "runtime");		/* others wait for what the first one makes */
	r = take_kept(s, folder);
	if (!r) {
		if (folder && !access(folder, F_OK))
			dir_remove(folder);
		r = make_recipe(s, folder);
	}
	file_unlock(lock);
	return r;
}
