/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A module in a fraction of a second: the commands that kbuild used for the template, run again for
 * the unit.  What modpost adds for kernel symbols that the template does not use, its version, is
 * taken from Module.symvers; a symbol that no list has is an error here instead of at loading.
 */
#include "build/build.h"
#include "base/proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* One version row for NAME into ROWS; false after a reported error, *unfit when kbuild must decide. */
static bool add_version(struct session *s, const char *symvers, const char *name, struct buf *rows,
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
	buf_printf(rows, "\t{ %.*s, \"%s\" },\n", (int)strcspn(line, "\t"), line, name);
	return true;
}

/* The template's .mod.c with rows for what OBJ needs besides; *more tells whether there are any. */
static bool mod_text(struct session *s, const struct recipe *r, const char *obj, struct buf *text,
		     bool *more, bool *unfit)
{
	struct buf symvers = { 0 }, rows = { 0 };
	const char **names, *at;
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
		ok = add_version(s, buf_text(&symvers), names[i], &rows, unfit);
	}
	*more = rows.n;
	at = strstr(r->mod_c, "____versions[]");
	at = strstr(at, "};");
	buf_add(text, r->mod_c, (size_t)(at - r->mod_c));
	if (rows.n)
		buf_add(text, rows.p, rows.n);
	buf_puts(text, at);
	buf_deinit(&symvers);
	buf_deinit(&rows);
	return ok;
}

/* Unit and .mod.c side by side, then the link of the unit with the runtime. */
static bool compile(struct session *s, const struct recipe *r, struct buf *out)
{
	const char *mod_c = fill(s, r, "@D@/@N@.mod.c");
	const char *cmd;

	if (!file_write(mod_c, r->mod_c, strlen(r->mod_c)))
		return diag_error(&s->diag, DIAG_ERROR, "write", NULL, "%s: %s", mod_c, strerror(errno));
	cmd = arena_printf(&s->arena, "set -e; { %s ; } & mod=$!; (set -e; %s); (set -e; %s); wait $mod",
			   fill(s, r, r->compile_mod), fill(s, r, r->compile), fill(s, r, r->link));
	if (replay_shell(s, r, cmd, out))
		return true;
	build_report(s, out);
	return false;
}

bool replay_module(struct session *s, const struct recipe *r, bool *unfit)
{
	struct buf out = { 0 }, text = { 0 };
	const char *ko = fill(s, r, "@D@/@N@.ko"), *mod_c = fill(s, r, "@D@/@N@.mod.c");
	bool ok, more = false;

	*unfit = false;
	ok = compile(s, r, &out) && mod_text(s, r, fill(s, r, "@D@/@N@.o"), &text, &more, unfit);
	if (ok && more) {
		ok = file_write(mod_c, text.p, text.n) &&
		     replay_shell(s, r, fill(s, r, r->compile_mod), &out);
		if (!ok)
			build_report(s, &out);
	}
	if (ok && !replay_shell(s, r, fill(s, r, r->link_ko), &out)) {
		build_report(s, &out);
		ok = false;
	}
	if (ok)
		s->module_path = ko;
	buf_deinit(&out);
	buf_deinit(&text);
	return ok;
}
