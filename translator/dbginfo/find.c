// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a kernel release or module name to its object, or a text that says which files were looked for and which
 * package has them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dbginfo/private.h"

/* What stands between "DWARF is missing" and "what to do"; Debian's package name first. */
const char *install_hint(struct dbginfo *d)
{
	if (d->tree)
		return arena_printf(d->a, "build the kernel in %s with CONFIG_DEBUG_INFO", d->tree);
	return arena_printf(d->a, "install linux-image-%s-dbg, or run: stap-prep %s", d->release,
			    d->release);
}

const char *running_build_id(struct arena *a)
{
	struct buf b = {0};
	char *ret = NULL;

	if (buf_read_file(&b, "/sys/kernel/notes")) {
		const char *p = buf_text(&b);

		/* Notes: name size, descriptor size, type; NT_GNU_BUILD_ID is 3. */
		for (size_t i = 0; i + 16 <= b.n; ) {
			uint32_t h[3];

			memcpy(h, p + i, sizeof(h));
			if (h[0] > b.n || h[1] > b.n)
				break;
			if (h[0] == 4 && h[2] == 3 && !memcmp(p + i + 12, "GNU", 4) &&
			    h[1] == 20 && i + 36 <= b.n) {
				const unsigned char *id = (const unsigned char *)p + i + 16;

				ret = arena_alloc(a, 41);
				for (int k = 0; k < 20; k++)
					sprintf(ret + 2 * k, "%02x", id[k]);
				break;
			}
			i += 12 + ((h[0] + 3) & ~3u) + ((h[1] + 3) & ~3u);
		}
	}
	buf_deinit(&b);
	return ret;
}

struct paths { VEC(const char *) v; };

/* Files in FOLDER that may be the kernel's; a build-id is known of the running one alone. */
static void add_folder(struct dbginfo *d, struct paths *p, const char *folder)
{
	const char *r = d->release, *hex = is_running(d) ? running_build_id(d->a) : NULL;

	if (*folder != '/')
		return;
	*vec_add(d->a, &p->v) = arena_printf(d->a, "%s/boot/vmlinux-%s", folder, r);
	*vec_add(d->a, &p->v) = arena_printf(d->a, "%s/lib/modules/%s/vmlinux", folder, r);
	if (getenv("SYSTEMTAP_DEBUGINFO_PATH"))
		*vec_add(d->a, &p->v) = arena_printf(d->a, "%s/vmlinux-%s", folder, r);
	if (hex)
		*vec_add(d->a, &p->v) = arena_printf(d->a, "%s/.build-id/%.2s/%s.debug", folder, hex, hex + 2);
}

static struct paths kernel_paths(struct dbginfo *d)
{
	const char *const *folder;
	size_t n = debug_folders(d->a, &folder);
	struct paths p = {{ 0 }};

	if (d->tree)
		*vec_add(d->a, &p.v) = arena_printf(d->a, "%s/vmlinux", d->tree);
	for (size_t i = 0; i < n; i++)
		add_folder(d, &p, folder[i]);
	*vec_add(d->a, &p.v) = arena_printf(d->a, "/lib/modules/%s/build/vmlinux", d->release);
	*vec_add(d->a, &p.v) = arena_printf(d->a, "/boot/vmlinux-%s", d->release);
	return p;
}

static struct dbg_object *find_dwarf(struct dbginfo *d, const char **why)
{
	const char *r = d->release, *what = NULL, *damaged = NULL;
	struct paths p = kernel_paths(d);
	struct buf tried = {0};
	struct dbg_object *o = NULL;

	for (size_t i = 0; i < p.v.n && !o; i++) {
		const char *path = p.v.v[i];

		buf_printf(&tried, "%s%s", i ? ", " : "", path);
		o = store_object(d, NULL, path);
		if (!o)
			o = object_linked(d, path, &what);
		if (!o && access(path, F_OK) == 0 && !damaged)
			damaged = arena_printf(d->a, "%s: %s", path, what);
	}
	if (!o && damaged)
		*why = arena_printf(d->a, "%s; %s", damaged, install_hint(d));
	else if (!o)
		*why = arena_printf(d->a, "no debuginfo for kernel %s (tried %s); %s", r,
				    buf_text(&tried), install_hint(d));
	buf_deinit(&tried);
	return o;
}

static struct dbg_object *find_served(struct dbginfo *d)
{
	const char *urls = getenv("DEBUGINFOD_URLS"), *path, *what;
	struct dbg_object *o;

	if (!urls || !*urls)
		return NULL;
	path = debuginfod_fetch(d->a, is_running(d) ? running_build_id(d->a) : image_build_id(d));
	o = path ? store_object(d, NULL, path) : NULL;
	return o || !path ? o : object_linked(d, path, &what);
}

struct dbg_object *find_kernel(struct dbginfo *d, const char **why)
{
	const char *no_dwarf = NULL, *no_btf = NULL;
	struct dbg_object *o = d->kind == DBG_BTF ? NULL : find_dwarf(d, &no_dwarf);

	if (!o && d->kind != DBG_BTF)
		o = find_served(d);
	if (!o && d->kind != DBG_DWARF)
		o = btf_kernel(d, &no_btf);
	if (o)
		return o;
	*why = !no_btf ? no_dwarf : arena_printf(d->a, "%s%sno BTF of kernel %s: %s",
						 no_dwarf ? no_dwarf : "", no_dwarf ? "; " : "",
						 d->release, no_btf);
	return NULL;
}

/* DWARF is looked for in all files before BTF is in any. */
struct dbg_object *find_module(struct dbginfo *d, const char *name, const char **why)
{
	const char *const *path, *what = NULL, *seen = NULL;
	size_t n = module_files(d, d->a, name, &path);
	struct dbg_object *o;

	for (int use_btf = object_btf_alone(d, name); use_btf <= (d->kind != DBG_DWARF); use_btf++)
		for (size_t i = 0; i < n; i++) {
			const char *known = module_name(d->a, path[i]);

			o = use_btf ? NULL : store_object(d, known, path[i]);
			if (!o)
				o = object_module(d, known, path[i], use_btf, &what);
			if (o)
				return o;
			if (!seen)
				seen = arena_printf(d->a, "%s: %s", path[i], what);
		}
	o = d->kind != DBG_DWARF ? btf_loaded_module(d, name) : NULL;
	if (o)
		return o;
	if (seen)
		*why = arena_printf(d->a, "%s; %s", seen, install_hint(d));
	else
		*why = arena_printf(d->a, "no module '%s' for kernel %s (looked in "
				    "%s/lib/modules/%s and /lib/modules/%s); if it is a "
				    "part of the kernel, use kernel.function; else %s", name,
				    d->release, getenv("SYSTEMTAP_DEBUGINFO_PATH") ? "$SYSTEMTAP_DEBUGINFO_PATH" :
				    "/usr/lib/debug", d->release, d->release, install_hint(d));
	return NULL;
}
