/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of the tapset: a text of lines "KIND FILENUMBER NAME" under a first line that names its key.
 * The key covers path, size, times and inode of each file in the order of search, the program itself, and what the
 * preprocessor may decide by; so a file that is changed, added or taken away makes another key.  An
 * index that cannot be read or written costs the time to read all files, no more.
 */
#include "library/defs.h"
#include "base/proc.h"
#include "base/sha256.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void add_identity(struct sha256 *h, const char *path)
{
	struct stat st;
	int64_t v[6] = { -1 };

	if (!stat(path, &st)) {
		int64_t is[6] = { st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec, st.st_ctim.tv_sec,
				  st.st_ctim.tv_nsec, (int64_t)st.st_ino };

		memcpy(v, is, sizeof(v));
	}
	sha256_str(h, path);
	sha256_add(h, v, sizeof(v));
}

static const char *key_of(struct arena *a, const char *config, const struct tapset_files *files,
			  const struct pp_env *env)
{
	const char *text[] = { env->kernel_v, env->kernel_vr, env->arch, env->systemtap_v, env->privilege,
			       env->runtime, env->compatible, env->guru ? "guru" : "" };
	struct sha256 h;
	char hex[65];

	sha256_init(&h);
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		sha256_str(&h, text[i]);
	for (int i = 0; i < env->argc; i++)
		sha256_str(&h, env->argv[i]);
	add_identity(&h, "/proc/self/exe");
	if (config)
		add_identity(&h, config);
	vec_each(files, i)
		add_identity(&h, files->v[i].path);
	sha256_hex(&h, hex);
	return arena_strdup(a, hex);
}

static bool read_lines(struct defs *n, struct arena *a, char *text)
{
	size_t lines = 0, want;
	char *p = text + strlen(n->key), *end;

	if (strncmp(text, n->key, strlen(n->key)) || *p != ' ')
		return false;
	want = strtoul(p, &end, 10);
	for (p = end; *p == '\n' && p[1]; p += strcspn(p, "\n")) {
		char kind = p[1];
		size_t file = strtoul(p + 2, &end, 10), len = strcspn(end, "\n");

		if (*end != ' ')
			return false;
		defs_add(n, a, kind, arena_strndup(a, end + 1, len - 1), file);
		p = end;
		lines++;
	}
	return lines == want;
}

void defs_load(struct defs *n, struct arena *a, const char *dir, const char *config,
		const struct tapset_files *files, const struct pp_env *env)
{
	struct buf b = { 0 };

	if (!dir_make(dir))
		return;
	n->key = key_of(a, config, files, env);
	n->path = arena_printf(a, "%s/tapset-%.16s", dir, n->key);
	if (buf_read_file(&b, n->path))
		n->known = read_lines(n, a, arena_strdup(a, buf_text(&b)));
	if (!n->known) {
		strmap_deinit(&n->map);
		n->map = (struct strmap){ 0 };
	}
	buf_deinit(&b);
}

static const char *tagged(struct arena *a, char kind, const char *name)
{
	return arena_printf(a, "%c%s", kind, name);
}

void defs_add(struct defs *n, struct arena *a, char kind, const char *name, size_t file)
{
	const char *key = tagged(a, kind, name);
	struct def_files *f = strmap_get(&n->map, key);

	if (!f) {
		f = arena_new(a, struct def_files);
		strmap_put(&n->map, key, f);
	}
	if (!f->n || f->v[f->n - 1] != file)
		*vec_add(a, f) = file;
}

const struct def_files *defs_find(const struct defs *n, struct arena *a, char kind, const char *name)
{
	return strmap_get(&n->map, tagged(a, kind, name));
}

void defs_save(struct defs *n)
{
	struct buf b = { 0 }, lines = { 0 };
	size_t count = 0;

	if (!n->path)
		return;
	for (size_t i = 0; i < n->map.n; i++) {
		const struct def_files *f = n->map.e[i].value;

		for (size_t k = 0; k < f->n; k++, count++)
			buf_printf(&lines, "\n%c%u %s", n->map.e[i].key[0], f->v[k], n->map.e[i].key + 1);
	}
	buf_printf(&b, "%s %zu%s\n", n->key, count, buf_text(&lines));
	file_write(n->path, b.p, b.n);
	buf_deinit(&lines);
	buf_deinit(&b);
}

void defs_deinit(struct defs *n)
{
	strmap_deinit(&n->map);
}
