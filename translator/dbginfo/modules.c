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

static void add_file(struct dbginfo *d, const char *file, const char *path)
{
	const char *name = module_name(d->a, file);
	struct found *f = strmap_get(&d->modules, name);

	if (!f) {
		f = arena_new(d->a, struct found);
		strmap_put(&d->modules, name, f);
	}
	*vec_add(d->a, f) = path;
}

/* Module files below DIR, in the order of their paths. */
static void search(struct dbginfo *d, const char *dir, int depth)
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
			search(d, arena_printf(d->a, "%s/%s", dir, name), depth + 1);
		else if (is_module_file(name, &stem))
			add_file(d, name, arena_printf(d->a, "%s/%s", dir, name));
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

/* All module files, looked for once a run. */
static const struct strmap *all_files(struct dbginfo *d)
{
	const char *r = d->release, *const *folder;
	size_t n = debug_folders(d->a, &folder);

	if (d->modules_read)
		return &d->modules;
	d->modules_read = true;
	if (d->tree)
		search(d, d->tree, 0);
	for (size_t i = 0; i < n; i++)
		if (*folder[i] == '/')
			search(d, arena_printf(d->a, "%s/lib/modules/%s", folder[i], r), 0);
	search(d, arena_printf(d->a, "/lib/modules/%s/updates", r), 0);
	search(d, arena_printf(d->a, "/lib/modules/%s/extra", r), 0);
	search(d, arena_printf(d->a, "/lib/modules/%s/kernel", r), 0);
	return &d->modules;
}

size_t module_files(struct dbginfo *d, struct arena *a, const char *module, const char *const **ret)
{
	struct found f = {0};

	if (strchr(module, '/')) {
		if (access(module, F_OK) == 0)
			*vec_add(a, &f) = module;
	} else {
		const struct found *known = strmap_get(all_files(d), module_name(a, module));

		if (known)
			f = *known;
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
	const struct strmap *all;

	if (strchr(glob, '/')) {
		if (access(glob, F_OK) == 0)
			*vec_add(a, &f) = glob;
		*ret = f.v;
		return f.n;
	}
	all = all_files(d);
	for (size_t i = 0; i < all->n; i++)
		if (str_glob(glob, all->e[i].key))
			*vec_add(a, &f) = all->e[i].key;
	if (f.n)
		qsort(f.v, f.n, sizeof(*f.v), by_text);
	*ret = f.v;
	return f.n;
}
