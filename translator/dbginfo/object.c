// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of objects: found (find.c) and opened once, closed, opened again where an index had answered for them.
 *
 * vmlinux is linked and opened as it is; so are programs (program.c).  Modules are relocatable: libdwfl lays
 * their sections out and applies the relocations of their debug sections; addresses that leave this room are
 * relative to a section.  Nothing is read from an object here but headers and the build-id.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbginfo/private.h"

static const char *read_word(struct arena *a, const char *path)
{
	struct buf b = {0};
	char *s = NULL;

	if (buf_read_file(&b, path))
		s = arena_strndup(a, buf_text(&b), strcspn(buf_text(&b), "\n"));
	buf_deinit(&b);
	return s;
}

struct dbginfo *dbginfo_open(struct arena *a, const char *release)
{
	struct dbginfo *d = arena_new(a, struct dbginfo);

	elf_version(EV_CURRENT);
	d->a = a;
	d->release = arena_strdup(a, release);
	if (release[0] == '/' || release[0] == '.') {
		d->tree = d->release;
		d->release = read_word(a, arena_printf(a, "%s/include/config/kernel.release",
						       d->tree));
		if (!d->release)
			d->release = "unknown";
	}
	return d;
}

struct dbginfo *dbginfo_want(struct dbginfo **d, struct arena *a, const char *release, enum dbg_kind kind,
			     void (*progress)(const char *what, unsigned percent))
{
	if (!*d) {
		*d = dbginfo_open(a, release);
		dbginfo_choose(*d, kind);
		dbginfo_progress(*d, progress);
	}
	return *d;
}

void object_close(struct dbg_object *o)
{
	if (o->index)
		index_free(o->index);
	if (!o->lent_syms) {
		free(o->by_name);
		free(o->by_addr);
	}
	umap_deinit(&o->types);
	umap_deinit(&o->files);
	strmap_deinit(&o->named);
	strmap_deinit(&o->paths);
	text_free(&o->text);
	if (o->eh_frame)
		dwarf_cfi_end(o->eh_frame);
	if (o->dwfl) {
		dwfl_end(o->dwfl);
	} else {
		dwarf_end(o->dw);
		elf_end(o->dw_elf);
		elf_end(o->elf);
	}
	btf_close(o->btf);
	btf_close(o->btf_base);
	free(o->memory);
	if (o->fd >= 0)
		close(o->fd);
	if (o->dw_fd >= 0)
		close(o->dw_fd);
}

void dbginfo_choose(struct dbginfo *d, enum dbg_kind kind)
{
	d->kind = kind;
}

void dbginfo_close(struct dbginfo *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->objects.n; i++) {
		struct lookup *l = d->objects.e[i].value;

		if (l->o)
			object_close(l->o);
		l->o = NULL;
	}
	if (d->btf_kernel)
		object_close(d->btf_kernel);
	d->btf_kernel = NULL;
	strmap_deinit(&d->objects);
	strmap_deinit(&d->modules);
}

const char *hex_build_id(struct arena *a, Elf *elf)
{
	const void *bits;
	ssize_t n = dwelf_elf_gnu_build_id(elf, &bits);
	char *hex;

	if (n <= 0 || n > 64)
		return NULL;
	hex = arena_alloc(a, n * 2 + 1);
	for (ssize_t i = 0; i < n; i++)
		sprintf(hex + 2 * i, "%02x", ((const unsigned char *)bits)[i]);
	return hex;
}

struct dbg_object *object_new(struct dbginfo *d, const char *module, const char *path)
{
	struct dbg_object *o = arena_new(d->a, struct dbg_object);

	o->owner = d;
	o->a = d->a;
	o->module = module;
	o->path = arena_strdup(d->a, path);
	store_identify(path, &o->id);
	o->fd = o->dw_fd = -1;
	return o;
}

bool dwarf_has_units(Dwarf *dw)
{
	Dwarf_Off next;
	size_t hs;

	return dw && dwarf_nextcu(dw, 0, &next, &hs, NULL, NULL, NULL) == 0;
}

struct dbg_object *object_linked(struct dbginfo *d, const char *path, const char **what)
{
	struct dbg_object *o = object_new(d, NULL, path);
	const char *text;

	o->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->fd < 0) {
		*what = strerror(errno);
		return NULL;
	}
	o->elf = elf_begin(o->fd, ELF_C_READ_MMAP, NULL);
	text = "not an ELF file";
	if (o->elf && elf_kind(o->elf) == ELF_K_ELF) {
		o->dw = dwarf_begin_elf(o->elf, DWARF_C_READ, NULL);
		if (dwarf_has_units(o->dw)) {
			o->build_id = hex_build_id(d->a, o->elf);
			return o;
		}
		text = o->dw ? "damaged debuginfo" : "no debuginfo in it";
	}
	*what = text;
	object_close(o);
	return NULL;
}

/* The sections of a module that are loaded, once libdwfl has laid them out. */
static void read_sections(struct dbg_object *o)
{
	Elf_Scn *scn = NULL;
	size_t strndx;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(o->elf, &strndx))
		return;
	while ((scn = elf_nextscn(o->elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC))
			continue;
		name = elf_strptr(o->elf, strndx, sh.sh_name);
		if (name)
			*vec_add(o->a, &o->sections) =
				(struct section){ name, sh.sh_addr - o->bias, sh.sh_size };
	}
}

bool object_btf_alone(const struct dbginfo *d, const char *path)
{
	size_t n = strlen(path);

	return d->kind == DBG_BTF && (n < 2 || strcmp(path + n - 2, ".o"));
}

struct dbg_object *object_module(struct dbginfo *d, const char *module, const char *path, bool use_btf,
				 const char **what)
{
	static char *debug_path;
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &debug_path,
	};
	struct dbg_object *o = object_new(d, module, path);
	GElf_Addr ignored;

	debug_path = getenv("SYSTEMTAP_DEBUGINFO_PATH");	/* NULL: libdwfl's ":.debug:/usr/lib/debug" */
	o->dwfl = dwfl_begin(&callbacks);
	if (!o->dwfl) {
		*what = "out of memory";
		return NULL;
	}
	o->mod = dwfl_report_offline(o->dwfl, module, path, -1);
	dwfl_report_end(o->dwfl, NULL, NULL);
	if (o->mod) {
		o->elf = dwfl_module_getelf(o->mod, &ignored);
		o->dw = dwfl_module_getdwarf(o->mod, &o->bias);
	}
	if (o->elf && dwarf_has_units(o->dw) && !object_btf_alone(d, path)) {
		o->build_id = hex_build_id(d->a, o->elf);
		read_sections(o);
		return o;
	}
	*what = !o->mod || !o->elf ? "not a readable ELF file" :
		o->dw ? "damaged debuginfo" : "no debuginfo in it";
	if (use_btf && o->elf) {
		o->dw = NULL;
		o->bias = 0;
		if (btf_module(o, what)) {
			o->build_id = hex_build_id(d->a, o->elf);
			read_sections(o);
			return o;
		}
	}
	object_close(o);
	return NULL;
}

static struct dbg_object *open_again(const struct dbg_object *o)
{
	const char *what;
	struct dbg_object *n = is_program(o) ? program_open(o->owner, o->path, &what) :
			       o->module ? object_module(o->owner, o->module, o->path, false, &what) :
					   object_linked(o->owner, o->path, &what);

	if (n && o->build_id && (!n->build_id || strcmp(n->build_id, o->build_id))) {
		object_close(n);
		return NULL;
	}
	return n;
}

bool obj_open(struct dbg_object *o)
{
	struct dbg_object *n;

	if (!o->unopened)
		return o->elf;
	o->unopened = false;
	n = open_again(o);
	if (!n)
		return false;
	o->fd = n->fd;
	o->elf = n->elf;
	o->dw = n->dw;
	o->dw_fd = n->dw_fd;
	o->dw_elf = n->dw_elf;
	o->dwfl = n->dwfl;
	o->mod = n->mod;
	o->bias = n->bias;
	return true;
}

struct dbg_object *obj_twin(struct dbg_object *o)
{
	struct dbg_object *n = open_again(o);

	if (!n)
		return NULL;
	n->a = arena_new(o->a, struct arena);	/* a thread must not share one */
	arena_init(n->a, "walker");
	n->by_name = o->by_name;
	n->by_addr = o->by_addr;
	n->nsym = o->nsym;
	n->lent_syms = true;
	n->text = o->text;
	n->text.lent = true;
	return n;
}

void obj_close(struct dbg_object *o)
{
	struct arena *own = o->a != o->owner->a ? o->a : NULL;

	object_close(o);
	if (own)
		arena_deinit(own);
}

void obj_release(struct dbg_object *o)
{
	struct dbg_object *kept = store_object(o->owner, o->module, o->path);

	if (!kept)
		return;
	object_close(o);
	*o = *kept;
}

size_t dbginfo_files(const struct dbginfo *d, const char *const **ret)
{
	*ret = d->kept.v;
	return d->kept.n;
}

void dbginfo_progress(struct dbginfo *d, void (*progress)(const char *what, unsigned percent))
{
	d->progress = progress;
}

void dbginfo_only_list(struct dbginfo *d)
{
	d->only_list = true;
}

struct dbg_object *dbg_object(struct dbginfo *d, const char *module, const char **why)
{
	struct lookup *l = strmap_get(&d->objects, module ? module : "");

	if (!l) {
		l = arena_new(d->a, struct lookup);
		strmap_put(&d->objects, module ? arena_strdup(d->a, module) : "", l);
		if (module && strchr(module, '/') && dbg_program_path(d->a, module))
			l->o = program_find(d, module, &l->why);
		else
			l->o = module ? find_module(d, module, &l->why) : find_kernel(d, &l->why);
		/* Given by path, it is known by its name too. */
		if (l->o && l->o->module && !strmap_has(&d->objects, l->o->module))
			strmap_put(&d->objects, l->o->module, l);
	}
	if (!l->o && why)
		*why = l->why;
	return l->o;
}

struct dbg_object *dbg_opened(struct dbginfo *d, const char *module)
{
	const struct lookup *l = strmap_get(&d->objects, module ? module : "");

	return l ? l->o : NULL;
}

const char *dbg_path(const struct dbg_object *o)
{
	return o->path;
}

const char *dbg_module_name(const struct dbg_object *o)
{
	return o->module;
}

const char *dbg_build_id(const struct dbg_object *o)
{
	return o->build_id;
}

size_t dbg_used_modules(struct dbginfo *d, struct arena *a, const char *const **ret)
{
	struct { const char **v; size_t n, cap; } names = {0};

	for (size_t i = 0; i < d->objects.n; i++) {
		const struct lookup *l = d->objects.e[i].value;

		if (l->o && l->o->used && l->o->module && !is_program(l->o) &&
		    !strcmp(d->objects.e[i].key, l->o->module))
			*vec_add(a, &names) = l->o->module;
	}
	*ret = names.v;
	return names.n;
}

/* An address of a module belongs to the section it lies in; false when it lies in none. */
bool obj_place(const struct dbg_object *o, uint64_t dw, uint64_t *addr, const char **section)
{
	*addr = dw;
	*section = NULL;
	if (!o->sections.n)
		return true;
	vec_each(&o->sections, i) {
		const struct section *s = &o->sections.v[i];

		if (dw - s->addr >= s->size)
			continue;
		*addr = dw - s->addr;
		*section = s->name;
		return true;
	}
	return false;
}

bool obj_dwarf(const struct dbg_object *o, const char *section, uint64_t addr, uint64_t *dw)
{
	*dw = addr;
	if (!o->sections.n)
		return true;
	vec_each(&o->sections, i)
		if (section && !strcmp(o->sections.v[i].name, section)) {
			*dw = o->sections.v[i].addr + addr;
			return true;
		}
	return false;
}

/* Kernel modules have no .eh_frame, and that of other relocatable objects is not relocated. */
Dwarf_CFI *obj_eh_frame(struct dbg_object *o)
{
	if (!o->eh_read && (!o->module || is_program(o)) && obj_open(o))
		o->eh_frame = dwarf_getcfi_elf(o->elf);
	o->eh_read = true;
	return o->eh_frame;
}

const void *obj_bytes(struct dbg_object *o, uint64_t addr, size_t n)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	Elf_Data *data;

	if (!obj_open(o))
		return NULL;
	while ((scn = elf_nextscn(o->elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC) ||
		    sh.sh_type == SHT_NOBITS || addr < sh.sh_addr ||
		    addr - sh.sh_addr >= sh.sh_size || sh.sh_size - (addr - sh.sh_addr) < n)
			continue;
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf && addr - sh.sh_addr + n <= data->d_size)
			return (char *)data->d_buf + (addr - sh.sh_addr);
	}
	return NULL;
}
