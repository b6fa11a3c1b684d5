/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of tapsets to its files, the most specific first: for release 6.1.0-56-cloud-amd64
 * on x86_64
 *
 *	6.1.0-56-cloud-amd64/x86_64, 6.1.0-56-cloud-amd64, 6.1.0/x86_64, 6.1.0, 6.1/..., 6/...,
 *	x86_64, and the directory itself
 *
 * (stap(1) PROCESSING), all of them below linux/ and then the same again beside it.  Files of one
 * directory come in order of their names' bytes, whatever the file system and locale say.  Must
 * not look into the files.
 */
#include "library/search.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n > t && !strcmp(s + n - t, tail);
}

/* The files of DIR itself; false and errno when it cannot be read. */
static bool list_dir(struct arena *a, const char *dir, bool include, struct tapset_files *out)
{
	VEC(char *) names = { 0 };
	struct dirent *e;
	DIR *d = opendir(dir);

	if (!d)
		return false;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' &&
		    (ends_with(e->d_name, ".stp") || ends_with(e->d_name, ".stpm")))
			*vec_add(a, &names) = arena_strdup(a, e->d_name);
	closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	vec_each(&names, i)
		*vec_add(a, out) = (struct tapset_file){
			.path = arena_printf(a, "%s/%s", dir, names.v[i]),
			.macros = ends_with(names.v[i], ".stpm"),
			.include = include,
		};
	return true;
}

/* DIR/VERSION/ARCH and DIR/VERSION; those that do not exist are none. */
static void list_version(struct arena *a, const char *dir, const char *version, bool include,
			 const struct pp_env *env, struct tapset_files *out)
{
	list_dir(a, arena_printf(a, "%s/%s/%s", dir, version, env->arch), include, out);
	list_dir(a, arena_printf(a, "%s/%s", dir, version), include, out);
}

/* Cut the last part off VERSION: at the first `-`, then at the last `.`. */
static bool shorten(char *version)
{
	char *cut = strchr(version, '-');

	if (!cut)
		cut = strrchr(version, '.');
	if (cut)
		*cut = '\0';
	return cut;
}

static bool list_specific(struct arena *a, const char *dir, bool include, const struct pp_env *env,
			  struct tapset_files *out)
{
	char *version = arena_strdup(a, env->kernel_vr ? env->kernel_vr : "");

	if (*version)
		do
			list_version(a, dir, version, include, env, out);
		while (shorten(version) && *version);
	list_dir(a, arena_printf(a, "%s/%s", dir, env->arch), include, out);
	return list_dir(a, dir, include, out);
}

void search_dir(struct arena *a, struct diag *d, const char *dir, bool include,
		const struct pp_env *env, struct tapset_files *out)
{
	if (!env->runtime || !strcmp(env->runtime, "kernel"))
		list_specific(a, arena_printf(a, "%s/linux", dir), include, env, out);
	if (!list_specific(a, dir, include, env, out) && include)
		diag_warn(d, "tapset-directory", NULL, "cannot read tapset directory %s: %s", dir,
			  strerror(errno));
}
