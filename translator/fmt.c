/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stap --fmt [-w] FILE...: scripts in the usual layout, to standard output or back to their files. */
#include "fmt.h"
#include "syntax/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(struct session *s, const char *what, const char *path)
{
	return diag_error(&s->diag, DIAG_ERROR, "write", NULL, "cannot %s %s: %s", what, path, strerror(errno));
}

/* TEXT in place of the file: whole or not at all, with the permissions it has. */
static bool write_back(struct session *s, const char *path, struct buf *text)
{
	const char *real = realpath(path, NULL);
	const char *temp = arena_printf(&s->arena, "%s.XXXXXX", real ? real : path);
	char *name = arena_strdup(&s->arena, temp);
	int fd = mkstemp(name);
	struct stat st;
	bool ok;

	free((char *)real);
	if (fd < 0)
		return complain(s, "write beside", path);
	*strrchr((char *)temp, '.') = '\0';
	ok = !stat(path, &st) && !fchmod(fd, st.st_mode & 07777) &&
	     write(fd, buf_text(text), text->n) == (ssize_t)text->n;
	ok = !close(fd) && ok && !rename(name, temp);
	if (!ok) {
		complain(s, "write", path);
		unlink(name);
	}
	return ok;
}

static bool format_file(struct session *s, const char *path)
{
	struct buf text = { 0 }, out = { 0 };
	struct source *src = arena_new(&s->arena, struct source);
	bool ok;

	if (!buf_read_file(&text, strcmp(path, "-") ? path : "/dev/stdin"))
		return diag_error(&s->diag, DIAG_ERROR, "no-script", NULL, "cannot read the script %s: %s", path,
				  strerror(errno));
	src->name = strcmp(path, "-") ? path : "<input>";
	src->size = text.n;
	src->text = arena_strndup(&s->arena, buf_text(&text), text.n);
	ok = script_format(&out, &s->arena, &s->diag, src);
	if (ok && (!s->opt.no_warnings || !strcmp(path, "-")))
		fputs(buf_text(&out), stdout);
	else if (ok && (out.n != text.n || memcmp(out.p, text.p, out.n)))
		ok = write_back(s, path, &out);
	buf_deinit(&text);
	buf_deinit(&out);
	return ok;
}

int fmt_run(struct session *s)
{
	bool ok = true;

	if (s->opt.e.n) {
		diag_error(&s->diag, DIAG_ERROR, "usage", NULL, "--fmt takes files, not -e");
		return 1;
	}
	ok = format_file(s, s->opt.script_file);
	for (int i = 0; i < s->opt.nargs; i++)
		ok = format_file(s, s->opt.args[i]) && ok;
	return ok ? 0 : 1;
}
