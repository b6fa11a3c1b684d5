/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of headers for @cast(x, "type", "<header.h>"): a file that includes the header and nothing else,
 * compiled with debuginfo that keeps unused types, as the kernel compiles its own or as any program.
 * The object stays in the temporary folder for the rest of the run.
 */
#include "build/build.h"
#include "base/proc.h"

#include <errno.h>
#include <string.h>

#define TYPES "-g -fno-eliminate-unused-debug-types"

/* "kernel<a.h><b.h>": every header in angle brackets. */
static const char *includes(struct session *s, const char *spec)
{
	struct buf b = { 0 };
	const char *r;

	for (const char *open = strchr(spec, '<'), *end; open; open = strchr(end, '<')) {
		end = strchr(open, '>');
		if (!end)
			break;
		buf_printf(&b, "#include %.*s\n", (int)(end + 1 - open), open);
	}
	r = arena_strdup(&s->arena, buf_text(&b));
	buf_deinit(&b);
	return *r && spec[strlen(spec) - 1] == '>' ? r : NULL;
}

static const char *first_error(struct session *s, struct buf *out)
{
	const char *text = buf_text(out), *e = strstr(text, "error: ");

	text = e ? e + strlen("error: ") : text;
	return arena_strndup(&s->arena, text, strcspn(text, "\n"));
}

static bool compile_kernel(struct session *s, const char *name, struct buf *out)
{
	const struct recipe *r = session_need_headers(s) ? recipe_get(s) : NULL;
	const char *cmd, *at;

	if (!r) {
		buf_puts(out, "the headers of the kernel are not usable");
		return false;
	}
	cmd = replay_fill(s, r, r->compile, name);
	at = strstr(cmd, " -c ");
	if (!at) {
		buf_puts(out, "the command that compiles for the kernel is not understood");
		return false;
	}
	cmd = arena_printf(&s->arena, "%.*s " TYPES "%s", (int)(at - cmd), cmd, at);
	return replay_shell(s, r, cmd, out);
}

static bool compile_program(struct session *s, const char *source, const char *object, struct buf *out)
{
	const char *cc = "cc " TYPES " -c -o \"$1\" \"$2\"";
	char *argv[] = { "sh", "-c", (char *)cc, "sh", (char *)object, (char *)source, NULL };

	(void)s;
	return !proc_run(argv, NULL, out, NULL, NULL);
}

const char *build_header_types(struct session *s, const char *spec, const char **why)
{
	static unsigned count;
	bool kernel = !strncmp(spec, "kernel<", 7), ok;
	const char *text = includes(s, spec), *dir, *name, *source, *object;
	struct buf out = { 0 };

	*why = "expected kernel<header.h> or <header.h>";
	if (!text || (!kernel && *spec != '<'))
		return NULL;
	s->reads_files |= !kernel || strstr(spec, "</");
	dir = session_tmpdir(s);
	if (!dir)
		return NULL;
	name = arena_printf(&s->arena, "types_%u", count++);
	source = arena_printf(&s->arena, "%s/%s_src.c", dir, name);
	object = arena_printf(&s->arena, "%s/%s_src.o", dir, name);
	if (!file_write(source, text, strlen(text))) {
		*why = strerror(errno);
		return NULL;
	}
	ok = kernel ? compile_kernel(s, name, &out) : compile_program(s, source, object, &out);
	if (!ok)
		*why = first_error(s, &out);
	buf_deinit(&out);
	return ok ? object : NULL;
}
