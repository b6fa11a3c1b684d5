/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identity of everything that passes 2 and 3 read: scripts, arguments, options, tapsets,
 * debuginfo and this program.  Large files count by name, size, time and inode.  What a pass learns
 * to read must be added here, or a cached module would outlive a change of it.
 */
#include "inputs.h"
#include "base/sha256.h"
#include "build/build.h"
#include "syntax/ast.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void hash_stat(struct sha256 *h, const char *path)
{
	struct stat st;
	int64_t v[4] = { -1, 0, 0, 0 };

	if (!stat(path, &st)) {
		v[0] = st.st_size;
		v[1] = st.st_mtim.tv_sec;
		v[2] = st.st_mtim.tv_nsec;
		v[3] = (int64_t)st.st_ino;
	}
	sha256_str(h, path);
	sha256_add(h, v, sizeof(v));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Every file and folder below DIR by name, size and time; at most DEPTH levels. */
static void hash_dir(struct session *s, struct sha256 *h, const char *dir, int depth)
{
	struct dirent **e;
	int n = scandir(dir, &e, NULL, by_name);

	for (int i = 0; i < n; i++) {
		const char *path = arena_printf(&s->arena, "%s/%s", dir, e[i]->d_name);

		if (e[i]->d_name[0] != '.') {
			hash_stat(h, path);
			if (depth && e[i]->d_type == DT_DIR)
				hash_dir(s, h, path, depth - 1);
		}
		free(e[i]);
	}
	if (n >= 0)
		free(e);
}

const char *inputs_key(struct session *s)
{
	static const char *const debuginfo[] = {
		"/usr/lib/debug/boot/vmlinux-%s", "/usr/lib/debug/lib/modules/%s/vmlinux",
		"/lib/modules/%s/build/vmlinux", "/boot/vmlinux-%s", "/lib/modules/%s/modules.dep",
		"/usr/lib/debug/lib/modules/%s/kernel", "/boot/vmlinuz-%s", "/lib/modules/%s/vmlinuz",
	};
	static const char *const module_dirs[] = { "/lib/modules/%s/extra", "/lib/modules/%s/updates" };
	const char *build = build_key(s), *release = s->kernel.release;
	struct sha256 h;
	char hex[65];

	if (!build)
		return NULL;
	sha256_init(&h);
	sha256_str(&h, build);
	vec_each(&s->scripts, i) {
		sha256_str(&h, s->scripts.v[i]->src->name);
		sha256_str(&h, s->scripts.v[i]->src->text);
	}
	for (int i = 0; i < s->opt.nargs; i++)
		sha256_str(&h, s->opt.args[i]);
	vec_each(&s->opt.define, i) {
		sha256_str(&h, s->opt.define.v[i].name);
		sha256_str(&h, s->opt.define.v[i].value);
	}
	vec_each(&s->opt.modinfo, i)
		sha256_str(&h, s->opt.modinfo.v[i]);
	vec_each(&s->opt.include, i)
		hash_dir(s, &h, s->opt.include.v[i], 4);
	hash_dir(s, &h, session_tapset_dir(s), 4);
	for (size_t i = 0; i < sizeof(debuginfo) / sizeof(*debuginfo); i++) {
		char path[4096];

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), debuginfo[i], release);
		hash_stat(&h, path);
		if (i < sizeof(module_dirs) / sizeof(*module_dirs)) {
			snprintf(path, sizeof(path), module_dirs[i], release);
			hash_dir(s, &h, path, 4);
		}
	}
	vec_each(&s->opt.symbols, i)
		sha256_str(&h, s->opt.symbols.v[i]);
	hash_stat(&h, "/sys/kernel/btf/vmlinux");
	hash_stat(&h, "/proc/self/exe");
	sha256_str(&h, getenv("DEBUGINFOD_URLS"));
	sha256_str(&h, getenv("SYSTEMTAP_DEBUGINFO_PATH"));
	sha256_str(&h, s->opt.compatible);
	sha256_str(&h, s->opt.module_name);
	sha256_str(&h, arena_printf(&s->arena, "guru=%d u=%d suppress=%d W=%d w=%d debuginfo=%d strict=%d bad=%d"
				    " display=%d",
				    s->opt.guru,
				    s->opt.unoptimized, s->opt.suppress_handler_errors, s->opt.werror,
				    s->opt.no_warnings, s->opt.debuginfo, s->opt.strict_names, s->opt.skip_badvars,
				    !s->opt.no_display));
	sha256_str(&h, s->opt.privilege ? s->opt.privilege : "");
	sha256_str(&h, arena_printf(&s->arena, "b=%d s=%s json=%d t=%d keep-going=%d", s->opt.bulk,
				    s->opt.buffer_mb ? s->opt.buffer_mb : "", s->opt.json, s->opt.timing,
				    s->opt.keep_going));
	sha256_hex(&h, hex);
	return arena_strdup(&s->arena, hex);
}
