// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unit_build RELEASE DIR UNIT.c[:CASE]...: a module DIR/NAME.ko of the runtime and each hand-written unit, the
 * way pass 4 makes one of a script; of a unit of several cases NAME_CASE.ko, with CASE defined.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/proc.h"
#include "build/build.h"
#include "cache/cache.h"
#include "session/session.h"

/* The text of UNIT, "FILE[:CASE]", and the name of its module. */
static bool read_unit(struct session *s, const char *unit)
{
	const char *colon = strchr(unit, ':'), *base;
	char *file = arena_strndup(&s->arena, unit, strcspn(unit, ":"));

	if (colon)
		buf_printf(&s->unit, "#define CASE %s\n", colon + 1);
	base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	s->module_name = arena_printf(&s->arena, "%.*s%s%s", (int)strcspn(base, "."), base, colon ? "_" : "",
				      colon ? colon + 1 : "");
	struct buf text = { 0 };
	bool ok = buf_read_file(&text, file);

	buf_puts(&s->unit, ok ? buf_text(&text) : "");
	buf_deinit(&text);
	return ok;
}

static bool build(const char *release, const char *dir, const char *unit)
{
	struct session s;
	bool ok;

	session_init(&s);
	s.opt.release = release;
	ok = session_find_kernel(&s) && read_unit(&s, unit);
	s.cache = ok ? cache_open(&s.arena, &s.diag, session_dir(&s)) : NULL;
	ok = ok && build_module(&s) &&
	     file_copy(s.module_path, arena_printf(&s.arena, "%s/%s.ko", dir, s.module_name));
	cache_close(s.cache);
	session_deinit(&s);
	return ok;
}

int main(int argc, char **argv)
{
	for (int i = 3; i < argc; i++)
		if (!build(argv[1], argv[2], argv[i])) {
			fprintf(stderr, "%s cannot be built\n", argv[i]);
			return 1;
		}
	return argc < 4;
}
