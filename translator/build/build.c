/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pass 4 from outside: which way to build, under which key to keep the result, and how to tell a
 * person why a compiler failed.  The units are written as NAME_src.c and stap_c_src.c; their text is not
 * looked into.
 */
#include "build/build.h"
#include "base/proc.h"
#include "base/sha256.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Names and bytes of all files below DIR, in order of name. */
static bool hash_tree(struct session *s, struct sha256 *h, const char *dir)
{
	struct dirent **e;
	int n = scandir(dir, &e, NULL, by_name);
	bool ok = n >= 0;

	for (int i = 0; i < n; i++) {
		const char *path = arena_printf(&s->arena, "%s/%s", dir, e[i]->d_name);
		struct buf b = { 0 };
		struct stat st;

		if (e[i]->d_name[0] != '.' && ok && !stat(path, &st)) {
			sha256_str(h, e[i]->d_name);
			if (S_ISDIR(st.st_mode))
				ok = hash_tree(s, h, path);
			else if ((ok = buf_read_file(&b, path)))
				sha256_str(h, buf_text(&b));
		}
		buf_deinit(&b);
		free(e[i]);
	}
	if (n >= 0)
		free(e);
	return ok;
}

/* Size and time stand for the content of a large file. */
static void hash_stat(struct sha256 *h, const char *path)
{
	struct stat st;
	int64_t v[3] = { -1, 0, 0 };

	if (!stat(path, &st)) {
		v[0] = st.st_size;
		v[1] = st.st_mtim.tv_sec;
		v[2] = st.st_mtim.tv_nsec;
	}
	sha256_str(h, path);
	sha256_add(h, v, sizeof(v));
}

const char *build_key(struct session *s)
{
	struct sha256 h;
	char hex[65];

	if (!session_need_headers(s))
		return NULL;
	sha256_init(&h);
	if (!hash_tree(s, &h, session_runtime_dir(s))) {
		diag_error(&s->diag, DIAG_ERROR, "install", NULL, "the runtime %s cannot be read: %s",
			   session_runtime_dir(s), strerror(errno));
		return NULL;
	}
	sha256_str(&h, s->kernel.release);
	hash_stat(&h, arena_printf(&s->arena, "%s/.config", s->kernel.build));
	hash_stat(&h, arena_printf(&s->arena, "%s/Module.symvers", s->kernel.build));
	sha256_str(&h, s->opt.kbuild ? "kbuild" : "replay");
	vec_each(&s->opt.make_variables, i)
		sha256_str(&h, s->opt.make_variables.v[i]);
	sha256_hex(&h, hex);
	return arena_strdup(&s->arena, hex);
}

/* The name behind an #include at P: of a file that may be anywhere? */
static bool includes_file(const char *p)
{
	p += strspn(p, " \t");
	if (strncmp(p, "include", 7))
		return false;
	p += 7 + strspn(p + 7, " \t");
	return !strncmp(p, "</", 2) || (*p == '"' && strncmp(p, "\"stp.h\"", 7) && strncmp(p, "\"stp_kernel.h\"", 14));
}

bool build_reads_files(struct session *s)
{
	if (!s->kernel_unit.n)
		return false;
	vec_each(&s->opt.make_variables, i)
		if (strstr(s->opt.make_variables.v[i], "-I") || strstr(s->opt.make_variables.v[i], "-i"))
			return true;		/* -I, -include, -iquote: what is in angle brackets, too */
	for (const char *p = buf_text(&s->kernel_unit); (p = strchr(p, '#')); )
		if (includes_file(++p))
			return true;
	return false;
}

const char *build_unit_path(struct session *s)
{
	return arena_printf(&s->arena, "%s/%s_src.c", session_tmpdir(s), s->module_name);
}

/* "gcc-12: not found", or "No such file", as shell and make put it. */
static void hint_compiler(struct session *s, const char *text)
{
	const char *p = text;

	while ((p = strstr(p, "gcc"))) {
		size_t n = strspn(p, "gc-0123456789.");

		if (!strncmp(p + n, ": not found", 11) || !strncmp(p + n, ": No such file", 14) ||
		    !strncmp(p + n, ": command not found", 19)) {
			diag_hint(&s->diag, "the kernel's compiler %.*s is not installed; Debian: apt-get install %.*s",
				  (int)n, p, (int)n, p);
			return;
		}
		p += n;
	}
}

/* Lines that say what is wrong; all of the output's end when none does. */
void build_report(struct session *s, struct buf *out)
{
	const char *text = buf_text(out), *p, *tail = text;
	struct statvfs fs;
	unsigned shown = 0, lines = 0;

	for (p = text; *p && shown < 20; ) {
		size_t n = strcspn(p, "\n");
		char *line = arena_strndup(&s->arena, p, n);

		if (session_verbose(s, 4) > 1 || strstr(line, "error:") || strstr(line, "Error 1") == line ||
		    strstr(line, "ERROR:") || strstr(line, "No space left") || strstr(line, "not found")) {
			fprintf(s->diag.out, "%s\n", line);
			shown++;
		}
		p += n + !!p[n];
	}
	if (!shown) {
		for (p = text + out->n; p > text && lines < 15; p--)
			lines += p[-1] == '\n';
		tail = p;
		fputs(tail, s->diag.out);
	}
	s->diag.errors++;
	if (strstr(text, "No space left") || (!statvfs(s->tmpdir, &fs) && fs.f_bavail == 0))
		diag_hint(&s->diag, "the disk that holds %s is full", s->tmpdir);
	hint_compiler(s, text);
}

/* What the compiler reads, in the temporary folder. */
static bool write_sources(struct session *s)
{
	const struct source { const char *path; const struct buf *text; } file[] = {
		{ build_unit_path(s), &s->unit },
		{ arena_printf(&s->arena, "%s/" BUILD_KERNEL_UNIT "_src.c", s->tmpdir), &s->kernel_unit },
		{ arena_printf(&s->arena, "%s/" LINE_MAP_FILE, s->tmpdir), &s->line_map },
	};

	for (size_t i = 0; i < sizeof(file) / sizeof(*file); i++)
		if (file[i].text->n && !file_write(file[i].path, file[i].text->p, file[i].text->n))
			return diag_error(&s->diag, DIAG_ERROR, "write", NULL, "cannot write %s: %s",
					  file[i].path, strerror(errno));
	return true;
}

bool build_module(struct session *s)
{
	const struct recipe *r = NULL;
	bool ok, unfit = false;

	if (!session_need_headers(s) || !session_tmpdir(s) || !write_sources(s))
		return false;
	if (s->opt.keep && !kbuild_folder(s, s->tmpdir, s->module_name))
		return false;
	if (!s->opt.kbuild) {
		unsigned errors = s->diag.errors;

		r = recipe_get(s);
		if (!r && s->diag.errors > errors)
			return false;
	}
	ok = r ? replay_module(s, r, &unfit) : kbuild_module(s);
	if (!ok && unfit)
		ok = kbuild_module(s);
	return ok;
}

bool build_runtime(struct session *s)
{
	return session_need_headers(s) && recipe_get(s);
}
