/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A module in a fraction of a second: the commands that kbuild used for the template, run again for
 * the unit.  What modpost adds for kernel symbols that the template does not use, its version, is
 * taken from Module.symvers; a symbol that no list has is an error here instead of at loading.
 */
#include "build/build.h"
#include "base/proc.h"
#include "base/sha256.h"
#include "cache/cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *replay_fill(struct session *s, const struct recipe *r, const char *text, const char *name)
{
	const char *value[] = { s->tmpdir, name, r->folder, session_runtime_dir(s) };
	static const char letters[] = "DNRI";
	struct buf b = { 0 };
	const char *ret, *hit;

	for (; *text; text++) {
		if (text[0] == '@' && text[1] && text[2] == '@' && (hit = strchr(letters, text[1]))) {
			buf_puts(&b, value[hit - letters]);
			text += 2;
		} else {
			buf_putc(&b, *text);
		}
	}
	ret = arena_strdup(&s->arena, buf_text(&b));
	buf_deinit(&b);
	return ret;
}

static const char *fill(struct session *s, const struct recipe *r, const char *text)
{
	return replay_fill(s, r, text, s->module_name);
}

bool replay_shell(struct session *s, const struct recipe *r, const char *command, struct buf *out)
{
	char *argv[] = { "sh", "-c", (char *)command, NULL };
	bool x86 = !strcmp(s->kernel.arch, "x86_64");

	/* The top Makefile exports it; the objtool of Debian's kbuild packages chooses its program by it. */
	setenv("SRCARCH", x86 ? "x86" : !strcmp(s->kernel.arch, "aarch64") ? "arm64" : s->kernel.arch, 1);
	if (session_verbose(s, 4) > 2)
		fprintf(stderr, "%s\n", command);
	return !proc_run(argv, r->cwd, out, NULL, NULL);
}

/* The line of NAME in Module.symvers: "0xCRC\tNAME\tMODULE\tEXPORT\tNAMESPACE\n"; NULL when absent. */
static const char *symvers_line(const char *symvers, const char *name)
{
	size_t n = strlen(name);
	const char *p = symvers;

	while ((p = strstr(p, name))) {
		if (p != symvers && p[-1] == '\t' && p[n] == '\t') {
			while (p != symvers && p[-1] != '\n')
				p--;
			if (strchr(p, '\t') + 1 + n == strstr(p, name) + n)
				return p;
			p = strchrnul(p, '\n');
		}
		p += !!*p;
	}
	return NULL;
}

/* What OBJ needs of the kernel besides what the template has, with versions. */
struct version { const char *name, *crc; };
struct versions { struct version *v; size_t n, cap; };

/* A row for NAME; false after a reported error, *unfit when kbuild must decide. */
static bool add_version(struct session *s, const char *symvers, const char *name, struct versions *ret,
			bool *unfit)
{
	const char *line = symvers_line(symvers, name), *module, *ns;

	if (!line)
		return diag_error(&s->diag, DIAG_ERROR, "not-exported", NULL,
				  "the kernel symbol '%s' is not exported to modules by %s: C code in the"
				  " script cannot use it", name, s->kernel.release);
	module = strchr(strchr(line, '\t') + 1, '\t') + 1;
	ns = strchr(module, '\t');
	ns = ns ? strpbrk(ns + 1, "\t\n") : NULL;
	if (strncmp(module, "vmlinux\t", 8) || (ns && *ns == '\t' && ns[1] != '\n')) {
		*unfit = true;		/* depends= or a namespace: modpost's business */
		return false;
	}
	*vec_add(&s->arena, ret) = (struct version){
		name, arena_strndup(&s->arena, line, strcspn(line, "\t")) };
	return true;
}

static bool further_symbols(struct session *s, const struct recipe *r, const char *obj,
			    struct versions *ret, bool *unfit)
{
	struct buf symvers = { 0 };
	const char **names;
	size_t n;
	bool ok = true;

	if (!elf_undefined(&s->arena, obj, &names, &n))
		return diag_error(&s->diag, DIAG_ERROR, "object", NULL, "%s: %s", obj, strerror(errno));
	for (size_t i = 0; ok && i < n; i++) {
		if (!strcmp(names[i], "__this_module") ||	/* .mod.c defines it */
		    strstr(r->mod_c, arena_printf(&s->arena, "\"%s\" }", names[i])))
			continue;
		if (!symvers.p && !buf_read_file(&symvers, arena_printf(&s->arena, "%s/Module.symvers", r->cwd)))
			buf_puts(&symvers, "");
		ok = add_version(s, buf_text(&symvers), names[i], ret, unfit);
	}
	buf_deinit(&symvers);
	return ok;
}

/* The template's .mod.c with further rows. */
static void mod_c(const struct recipe *r, const struct versions *more, struct buf *text)
{
	const char *at = strstr(strstr(r->mod_c, "____versions[]"), "};");

	buf_add(text, r->mod_c, (size_t)(at - r->mod_c));
	vec_each(more, i)
		buf_printf(text, "\t{ %s, \"%s\" },\n", more->v[i].crc, more->v[i].name);
	buf_puts(text, at);
}

/* The same as assembly, from the template's: struct modversion_info is a number and a name. */
static bool mod_s(struct session *s, const struct recipe *r, const struct versions *more,
		  struct buf *text)
{
	size_t n = strlen(s->module_name);
	const char *at = strstr(r->mod_s, "@Z@");

	if (n + 1 >= BUILD_NAME_LEN || !at)
		return false;
	buf_puts(text, fill(s, r, arena_printf(&s->arena, "%.*s%zu%s", (int)(at - r->mod_s), r->mod_s,
					       BUILD_NAME_LEN - n - 1, at + 3)));
	if (more->n)
		buf_puts(text, "\t.section\t__versions,\"a\"\n\t.balign\t8\n");
	vec_each(more, i) {
		size_t len = strlen(more->v[i].name);

		if (len + 1 > BUILD_NAME_LEN)
			return false;
		buf_printf(text, "\t.quad\t%s\n\t.string\t\"%s\"\n\t.zero\t%zu\n", more->v[i].crc,
			   more->v[i].name, BUILD_NAME_LEN - len - 1);
	}
	return true;
}

static bool run(struct session *s, const struct recipe *r, const char *command, struct buf *out)
{
	if (replay_shell(s, r, command, out))
		return true;
	build_report(s, out);
	return false;
}

/* @N@.mod.o, by the assembler when that will do. */
static bool make_mod(struct session *s, const struct recipe *r, const struct versions *more,
		     struct buf *out)
{
	struct buf text = { 0 };
	bool short_cut = r->mod_s && mod_s(s, r, more, &text);
	const char *file = fill(s, r, short_cut ? "@D@/@N@.mod.s" : "@D@/@N@.mod.c");
	const char *cmd = fill(s, r, r->compile_mod);
	bool ok;

	if (short_cut) {
		cmd = r->compile_mod + strspn(r->compile_mod, " ");
		cmd = fill(s, r, arena_printf(&s->arena, "%.*s -c -o @D@/@N@.mod.o @D@/@N@.mod.s",
					      (int)strcspn(cmd, " "), cmd));
	} else {
		buf_clear(&text);
		mod_c(r, more, &text);
	}
	ok = file_write(file, text.p, text.n);
	buf_deinit(&text);
	if (!ok)
		return diag_error(&s->diag, DIAG_ERROR, "write", NULL, "%s: %s", file, strerror(errno));
	return run(s, r, cmd, out);
}

/* Key of the object made from the unit with kernel headers. */
static const char *kernel_unit_key(struct session *s)
{
	struct sha256 h;
	char hex[65];

	sha256_init(&h);
	sha256_str(&h, "object");
	sha256_str(&h, buf_text(&s->kernel_unit));
	sha256_str(&h, build_key(s));
	sha256_hex(&h, hex);
	return arena_strdup(&s->arena, hex);
}

/* The object of that unit in the temporary folder: the one an earlier run kept, or compiled now. */
static bool make_kernel_unit(struct session *s, const struct recipe *r, struct buf *out)
{
	const char *object = arena_printf(&s->arena, "%s/" BUILD_KERNEL_UNIT "_src.o", s->tmpdir);
	const char *key = kernel_unit_key(s);
	bool keeps = !build_reads_files(s);
	const char *kept = s->opt.poison_cache || !keeps ? NULL : cache_get(s->cache, &s->arena, key);

	if (kept && (!link(kept, object) || file_copy(kept, object)))
		return true;
	if (!run(s, r, replay_fill(s, r, r->compile, BUILD_KERNEL_UNIT), out))
		return false;
	if (keeps)
		cache_put(s->cache, "object", key, arena_printf(&s->arena, BUILD_KERNEL_UNIT "_%.32s.o", key), object);
	return true;
}

bool replay_module(struct session *s, const struct recipe *r, bool *unfit)
{
	const char *runtime = strstr(r->link, "@R@/runtime.o"), *unit;
	const char *more_objects = s->kernel_unit.n ? "@D@/" BUILD_KERNEL_UNIT "_src.o " : "";
	struct versions more = { 0 };
	struct buf out = { 0 };
	bool ok;

	unit = arena_printf(&s->arena, "set -e; %s; %.*s%s%s", r->compile, (int)(runtime - r->link), r->link,
			    more_objects, runtime);
	*unfit = false;
	ok = (!s->kernel_unit.n || make_kernel_unit(s, r, &out)) && run(s, r, fill(s, r, unit), &out) &&
	     further_symbols(s, r, fill(s, r, "@D@/@N@.o"), &more, unfit) &&
	     make_mod(s, r, &more, &out) && run(s, r, fill(s, r, r->link_ko), &out);
	if (ok)
		s->module_path = fill(s, r, "@D@/@N@.ko");
	buf_deinit(&out);
	return ok;
}
