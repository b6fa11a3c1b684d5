// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Objects backed by BTF: where it is taken from when there is no DWARF, or none is wanted.
 *
 * The kernel's comes with its image (image.c), whose sections and kallsyms then answer all that is
 * asked about code and data as those of vmlinux would.  Of the running kernel without an image that
 * has its build-id, /sys/kernel/btf/vmlinux has the types alone: addresses are not known, and
 * functions are armed by their symbols (dbg_func.by_symbol).  A module's file has symbols and split
 * BTF that goes on from the kernel's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "dbginfo/btf.h"

bool is_running(const struct dbginfo *d)
{
	struct utsname u;

	return !d->tree && uname(&u) == 0 && !strcmp(u.release, d->release);
}

/* The section NAME of O, which stays mapped as long as O is open. */
static Elf_Data *section_of(struct dbg_object *o, const char *name)
{
	GElf_Shdr sh;
	Elf_Scn *scn = obj_section(o->elf, name, &sh);
	Elf_Data *data = scn ? elf_rawdata(scn, NULL) : NULL;

	return data && data->d_buf ? data : NULL;
}

static struct btf *btf_of_elf(struct dbg_object *o, const struct btf *base, const char **what)
{
	Elf_Data *data = section_of(o, ".BTF"), *own = section_of(o, ".BTF.base");

	*what = "no .BTF section in it";
	if (!data)
		return NULL;
	/* Modules built elsewhere bring the part of the kernel's types that they need (6.11). */
	if (own && base)
		base = o->btf_base = btf_open(own->d_buf, own->d_size, NULL, what);
	return own && !base ? NULL : btf_open(data->d_buf, data->d_size, base, what);
}

static struct btf *btf_of_file(const char *path, const struct btf *base, const char **what)
{
	struct buf file = {0};
	struct btf *b;

	if (!buf_read_file(&file, path)) {
		*what = "not there";
		buf_deinit(&file);
		return NULL;
	}
	b = btf_open(file.p, file.n, base, what);
	if (b)
		b->owned = file.p;
	else
		buf_deinit(&file);
	return b;
}

static struct dbg_object *from_image(struct dbginfo *d, const char *path, const char **what)
{
	struct dbg_object *o = object_new(d, NULL, path);
	const char *running = is_running(d) ? running_build_id(d->a) : NULL;

	o->elf = image_open(d, path, &o->fd, &o->memory, what);
	if (o->elf) {
		o->build_id = hex_build_id(d->a, o->elf);
		o->btf = btf_of_elf(o, NULL, what);
	}
	if (o->btf && running && o->build_id && strcmp(running, o->build_id))
		*what = arena_printf(d->a, "it has build-id %s, the running kernel %s", o->build_id,
				     running);
	else if (o->btf)
		return o;
	object_close(o);
	return NULL;
}

static struct dbg_object *from_running(struct dbginfo *d, const char **what)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	struct dbg_object *o;

	if (!is_running(d))
		return NULL;
	o = object_new(d, NULL, path);
	o->btf = btf_of_file(path, NULL, what);
	if (!o->btf) {
		object_close(o);
		return NULL;
	}
	o->build_id = running_build_id(d->a);
	return o;
}

enum { IMAGES = 4 };

/* Where the image may be; those that are there. */
static size_t image_paths(struct dbginfo *d, const char *ret[IMAGES])
{
	const char *r = d->release;
	const char *path[IMAGES] = {
		d->tree ? arena_printf(d->a, "%s/vmlinux", d->tree) : NULL,
		d->tree ? arena_printf(d->a, "%s/arch/x86/boot/bzImage", d->tree) : NULL,
		arena_printf(d->a, "/boot/vmlinuz-%s", r),
		arena_printf(d->a, "/lib/modules/%s/vmlinuz", r),
	};
	size_t n = 0;

	for (size_t i = 0; i < IMAGES; i++)
		if (path[i] && access(path[i], F_OK) == 0)
			ret[n++] = path[i];
	return n;
}

const char *image_build_id(struct dbginfo *d)
{
	const char *path[IMAGES], *what, *id = NULL;
	size_t n = image_paths(d, path);

	for (size_t i = 0; i < n && !id; i++) {
		struct dbg_object *o = object_new(d, NULL, path[i]);

		o->elf = image_open(d, path[i], &o->fd, &o->memory, &what);
		id = o->elf ? hex_build_id(d->a, o->elf) : NULL;
		object_close(o);
	}
	return id;
}

struct dbg_object *btf_kernel(struct dbginfo *d, const char **why)
{
	const char *path[IMAGES], *what = NULL, *first = NULL;
	size_t n = image_paths(d, path);
	struct dbg_object *o = NULL;

	for (size_t i = 0; i < n && !o; i++) {
		o = from_image(d, path[i], &what);
		if (!o && !first)
			first = arena_printf(d->a, "%s: %s", path[i], what);
	}
	if (!o)
		o = from_running(d, &what);
	if (!o)
		*why = first ? first : arena_printf(d->a, "/boot/vmlinuz-%s is not there", d->release);
	return o;
}

/* The types that modules go on from, whatever the kernel itself is asked by. */
static const struct btf *base_of(struct dbginfo *d)
{
	const char *why = NULL;

	if (!d->btf_looked_for) {
		struct lookup *l = strmap_get(&d->objects, "");

		d->btf_looked_for = true;
		if (l && l->o && l->o->btf)
			return l->o->btf;
		d->btf_kernel = btf_kernel(d, &why);
	} else if (!d->btf_kernel) {
		struct lookup *l = strmap_get(&d->objects, "");

		return l && l->o ? l->o->btf : NULL;
	}
	return d->btf_kernel ? d->btf_kernel->btf : NULL;
}

bool btf_module(struct dbg_object *o, const char **what)
{
	const struct btf *base = base_of(o->owner);

	if (!base) {
		*what = "no debuginfo in it, and no BTF of the kernel";
		return false;
	}
	o->btf = btf_of_elf(o, base, what);
	return o->btf;
}

/* A loaded module without a file. */
struct dbg_object *btf_loaded_module(struct dbginfo *d, const char *name)
{
	const char *path = arena_printf(d->a, "/sys/kernel/btf/%s", name), *what;
	const struct btf *base;
	struct dbg_object *o;

	if (!is_running(d) || strchr(name, '/') || access(path, R_OK) || !(base = base_of(d)))
		return NULL;
	o = object_new(d, arena_strdup(d->a, name), path);
	o->btf = btf_of_file(path, base, &what);
	if (o->btf)
		return o;
	object_close(o);
	return NULL;
}

const char *dbg_lacks(const struct dbg_object *o)
{
	struct dbginfo *d = o->owner;

	if (is_program(o))
		return program_lacks(o);
	if (!o->btf)
		return NULL;
	return arena_printf(d->a, "there is only BTF here, which knows functions, their parameters and types, "
			    "but no source files, lines, local variables or inlined code; for those %s",
			    install_hint(d));
}
