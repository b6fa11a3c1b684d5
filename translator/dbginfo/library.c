// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shared libraries that a program is linked with, as ld.so(8) would find them: names in DT_NEEDED of
 * the program and of its libraries, looked for along DT_RPATH or DT_RUNPATH, the folders of ld.so.conf and the
 * standard ones.  What the environment adds and what the program loads itself while it runs is not known.
 */
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "dbginfo/private.h"

enum { MAX_LIBRARIES = 4096, MAX_INCLUDES = 8 };

struct texts { const char **v; size_t n, cap; };
struct libraries { struct dbg_library *v; size_t n, cap; };

struct search {
	struct dbginfo *d;
	struct arena *a;
	struct texts folders;		/* of the system */
	struct libraries found;		/* the program itself first */
};

static void read_conf(struct search *s, const char *path, int depth);

static void include(struct search *s, const char *pattern, int depth)
{
	glob_t g;

	if (glob(pattern, 0, NULL, &g))
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		read_conf(s, g.gl_pathv[i], depth);
	globfree(&g);
}

/* A folder to a line; "include PATTERN"; comments from # on. */
static void read_conf(struct search *s, const char *path, int depth)
{
	struct buf b = {0};
	char *text, *line;

	if (depth > MAX_INCLUDES || !buf_read_file(&b, path)) {
		buf_deinit(&b);
		return;
	}
	text = arena_strdup(s->a, buf_text(&b));
	buf_deinit(&b);
	while ((line = strsep(&text, "\n"))) {
		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t");
		line[strcspn(line, " \t")] = line[0] == '/' ? '\0' : line[strcspn(line, " \t")];
		if (line[0] == '/')
			*vec_add(s->a, &s->folders) = line;
		else if (!strncmp(line, "include", 7))
			include(s, line + 7 + strspn(line + 7, " \t"), depth + 1);
	}
}

static void system_folders(struct search *s)
{
	static const char *const standard[] = { "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64",
						"/usr/lib64", "/lib", "/usr/lib" };

	read_conf(s, "/etc/ld.so.conf", 0);
	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
		*vec_add(s->a, &s->folders) = standard[i];
}

/* FOLDER with $ORIGIN replaced by the folder of PATH. */
static const char *with_origin(struct arena *a, const char *folder, const char *path)
{
	static const char *const words[] = { "${ORIGIN}", "$ORIGIN" };
	int dir = (int)(strrchr(path, '/') - path);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = strstr(folder, words[i]);

		if (at)
			return arena_printf(a, "%.*s%.*s%s", (int)(at - folder), folder, dir, path,
					    at + strlen(words[i]));
	}
	return folder;
}

static const char *in_folder(struct search *s, const char *folder, const char *name)
{
	return dbg_program_path(s->a, arena_printf(s->a, "%s/%s", folder, name));
}

static const char *find_library(struct search *s, const struct dbg_object *o, const char *runpath, const char *name)
{
	char *list = runpath ? arena_strdup(s->a, runpath) : NULL, *folder;
	const char *path = strchr(name, '/') ? dbg_program_path(s->a, name) : NULL;

	while (!path && (folder = strsep(&list, ":")))
		path = in_folder(s, with_origin(s->a, folder, o->path), name);
	for (size_t i = 0; !path && i < s->folders.n; i++)
		path = in_folder(s, s->folders.v[i], name);
	return path;
}

static void add_found(struct search *s, const char *path, const char *name)
{
	for (size_t i = 0; i < s->found.n; i++)
		if (!strcmp(s->found.v[i].path, path))
			return;
	if (s->found.n < MAX_LIBRARIES)
		*vec_add(s->a, &s->found) = (struct dbg_library){ path, name };
}

/* What the dynamic section of O names. */
static void add_needed(struct search *s, struct dbg_object *o)
{
	GElf_Shdr sh;
	Elf_Scn *scn = obj_open(o) ? obj_section(o->elf, ".dynamic", &sh) : NULL;
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	size_t n = data && sh.sh_entsize ? data->d_size / sh.sh_entsize : 0;
	const char *runpath = NULL;

	for (int needed = 0; needed < 2; needed++)
		for (size_t i = 0; i < n; i++) {
			const char *text, *path;
			GElf_Dyn dyn;

			if (!gelf_getdyn(data, (int)i, &dyn) || !(needed ? dyn.d_tag == DT_NEEDED :
			    dyn.d_tag == DT_RPATH || dyn.d_tag == DT_RUNPATH))
				continue;
			text = elf_strptr(o->elf, sh.sh_link, dyn.d_un.d_val);
			if (!needed)
				runpath = text;
			path = needed && text ? find_library(s, o, runpath, text) : NULL;
			if (path)
				add_found(s, path, text);
		}
}

size_t dbg_libraries(struct dbg_object *o, struct arena *a, struct dbg_library **ret)
{
	struct search s = { .d = o->owner, .a = a };

	system_folders(&s);
	add_found(&s, o->path, o->path);
	for (size_t i = 0; i < s.found.n; i++) {
		struct dbg_object *lib = dbg_object(s.d, s.found.v[i].path, NULL);

		if (lib)
			add_needed(&s, lib);
	}
	*ret = s.found.v + 1;
	return s.found.n - 1;
}
