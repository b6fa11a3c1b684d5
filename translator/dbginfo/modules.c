// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of modules and the files they come in.
 *
 * A file "snd-hda-intel.ko.xz" is the module snd_hda_intel.  Files with DWARF are preferred: the
 * debug tree first, then modules built elsewhere (updates, extra), then the kernel's own folder,
 * whose files are stripped on most distributions.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbginfo/private.h"

enum { MAX_FOLDERS = 12 };

struct found { const char **v; size_t n, cap; };

/* Does a file's name end as a module's does? */
static bool is_module_file(const char *file, size_t *stem)
{
	static const char *const ends[] = { ".ko", ".ko.debug", ".ko.xz", ".ko.gz", ".ko.zst" };
	size_t n = strlen(file);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t e = strlen(ends[i]);

		if (n > e && !strcmp(file + n - e, ends[i])) {
			*stem = n - e;
			return true;
		}
	}
	return false;
}

const char *module_name(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	size_t stem = strlen(file);
	char *name;

	is_module_file(file, &stem);
	name = arena_strndup(a, file, stem);
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

/* Module files below DIR whose module name matches GLOB, in the order of their paths. */
static void search(struct arena *a, const char *dir, const char *glob, struct found *ret, int depth)
{
	struct dirent **entry;
	int n = depth < MAX_FOLDERS ? scandir(dir, &entry, NULL, alphasort) : -1;

	for (int i = 0; i < n; i++) {
		const char *name = entry[i]->d_name;
		bool is_dir = entry[i]->d_type == DT_DIR;
		size_t stem;

		if (name[0] == '.')
			;
		else if (is_dir)
			search(a, arena_printf(a, "%s/%s", dir, name), glob, ret, depth + 1);
		else if (is_module_file(name, &stem) && str_glob(glob, module_name(a, name)))
			*vec_add(a, ret) = arena_printf(a, "%s/%s", dir, name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

static void search_all(struct dbginfo *d, struct arena *a, const char *glob, struct found *ret)
{
	const char *r = d->release;

	if (d->tree)
		search(a, d->tree, glob, ret, 0);
	search(a, arena_printf(a, "/usr/lib/debug/lib/modules/%s", r), glob, ret, 0);
	search(a, arena_printf(a, "/lib/modules/%s/updates", r), glob, ret, 0);
	search(a, arena_printf(a, "/lib/modules/%s/extra", r), glob, ret, 0);
	search(a, arena_printf(a, "/lib/modules/%s/kernel", r), glob, ret, 0);
}

size_t module_files(struct dbginfo *d, struct arena *a, const char *module, const char *const **ret)
{
	struct found f = {0};

	if (strchr(module, '/')) {
		if (access(module, F_OK) == 0)
			*vec_add(a, &f) = module;
	} else {
		search_all(d, a, module_name(a, module), &f);
	}
	*ret = f.v;
	return f.n;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t dbg_modules(struct dbginfo *d, struct arena *a, const char *glob, const char *const **ret)
{
	struct found f = {0};
	size_t n = 0;

	if (strchr(glob, '/')) {
		if (access(glob, F_OK) == 0)
			*vec_add(a, &f) = glob;
		*ret = f.v;
		return f.n;
	}
	search_all(d, a, glob, &f);
	vec_each(&f, i)
		f.v[i] = module_name(a, f.v[i]);
	if (f.n)
		qsort(f.v, f.n, sizeof(*f.v), by_text);
	vec_each(&f, i)
		if (i == 0 || strcmp(f.v[i], f.v[n - 1]))
			f.v[n++] = f.v[i];
	*ret = f.v;
	return n;
}
