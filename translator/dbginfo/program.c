// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs and shared libraries as objects: linked ELF files by their path, links resolved.
 *
 * An object's `module` is then its path, which is how the rest of the room tells it from modules of the
 * kernel.  Code, symbols and call frame information come from the file itself; DWARF from it or from the
 * file with its build-id in the folders of debuginfo (places.c), or of a debuginfod server.  Without DWARF its symbol
 * tables tell where functions are.  Addresses are those the file is linked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dbginfo/private.h"

bool is_program(const struct dbg_object *o)
{
	return o->module && o->module[0] == '/';
}

bool dbg_is_program(const struct dbg_object *o)
{
	return is_program(o);
}

/* The first bytes of an ELF file that is linked: its type, 0 for other files. */
static unsigned linked_type(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr h;
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, &h, sizeof(h));
	close(fd);
	if (n < 20 || memcmp(h.e_ident, ELFMAG, SELFMAG))
		return 0;
	return h.e_type == ET_EXEC || h.e_type == ET_DYN ? h.e_type : 0;
}

const char *dbg_program_path(struct arena *a, const char *path)
{
	char *real = linked_type(path) ? realpath(path, NULL) : NULL;
	const char *ret = real ? arena_strdup(a, real) : NULL;

	free(real);
	return ret;
}

/* What a debug file was made from must be O. */
static bool take_debug_file(struct dbg_object *o, const char *path)
{
	const char *id;

	o->dw_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->dw_fd < 0)
		return false;
	o->dw_elf = elf_begin(o->dw_fd, ELF_C_READ_MMAP, NULL);
	id = o->dw_elf ? hex_build_id(o->a, o->dw_elf) : NULL;
	if (id && !strcmp(id, o->build_id)) {
		o->dw = dwarf_begin_elf(o->dw_elf, DWARF_C_READ, NULL);
		if (dwarf_has_units(o->dw))
			return true;
	}
	dwarf_end(o->dw);
	elf_end(o->dw_elf);
	close(o->dw_fd);
	o->dw = NULL;
	o->dw_elf = NULL;
	o->dw_fd = -1;
	return false;
}

static void find_dwarf_of(struct dbg_object *o)
{
	const char *urls = getenv("DEBUGINFOD_URLS"), *path, *const *folder;
	size_t n = debug_folders(o->a, &folder);

	o->dw = dwarf_begin_elf(o->elf, DWARF_C_READ, NULL);
	if (dwarf_has_units(o->dw))
		return;
	dwarf_end(o->dw);
	o->dw = NULL;
	if (!o->build_id)
		return;
	for (size_t i = 0; i < n; i++) {
		path = debug_of_program(o->a, folder[i], o->path, o->build_id);
		if (take_debug_file(o, path))
			return;
		path = *folder[i] == '/' ? debug_of_program(o->a, folder[i], o->path, NULL) : path;
		if (take_debug_file(o, path))
			return;
	}
	if (!urls || !*urls)
		return;
	path = debuginfod_fetch(o->a, o->build_id);
	if (path)
		take_debug_file(o, path);
}

struct dbg_object *program_open(struct dbginfo *d, const char *path, const char **what)
{
	struct dbg_object *o = object_new(d, path, path);
	GElf_Ehdr h;

	o->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->fd < 0) {
		*what = strerror(errno);
		return NULL;
	}
	o->elf = elf_begin(o->fd, ELF_C_READ_MMAP, NULL);
	if (!o->elf || !gelf_getehdr(o->elf, &h)) {
		*what = "not a readable ELF file";
	} else if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_machine != EM_X86_64) {
		*what = "not a program for x86-64, and no others can be probed";
	} else {
		o->build_id = hex_build_id(d->a, o->elf);
		find_dwarf_of(o);
		return o;
	}
	object_close(o);
	return NULL;
}

struct dbg_object *program_find(struct dbginfo *d, const char *path, const char **why)
{
	const char *real = dbg_program_path(d->a, path), *what = NULL;
	struct dbg_object *o = store_object(d, real, real);

	if (!o)
		o = program_open(d, real, &what);
	if (!o)
		*why = arena_printf(d->a, "%s: %s", real, what);
	return o;
}

const char *program_lacks(const struct dbg_object *o)
{
	if (o->unopened || o->dw)
		return NULL;
	return arena_printf(o->a, "%s has no debuginfo: its functions are known by their symbols, and no variables, "
			    "lines or inlined code; compile it with -g, or install the package with its debug "
			    "symbols (Debian: PACKAGE-dbgsym)%s", o->path, o->build_id ? arena_printf(o->a,
			    ", /usr/lib/debug/.build-id/%.2s/%s.debug", o->build_id, o->build_id + 2) : "");
}

bool dbg_file_offset(struct dbg_object *o, uint64_t addr, uint64_t *ret)
{
	size_t n;

	if (!obj_open(o) || elf_getphdrnum(o->elf, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(o->elf, (int)i, &p) || p.p_type != PT_LOAD || addr < p.p_vaddr ||
		    addr - p.p_vaddr >= p.p_filesz)
			continue;
		*ret = addr - p.p_vaddr + p.p_offset;
		return true;
	}
	return false;
}

bool dbg_link_address(struct dbg_object *o, uint64_t offset, uint64_t *ret)
{
	size_t n;

	if (!obj_open(o) || elf_getphdrnum(o->elf, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(o->elf, (int)i, &p) || p.p_type != PT_LOAD || offset < p.p_offset ||
		    offset - p.p_offset >= p.p_filesz)
			continue;
		*ret = offset - p.p_offset + p.p_vaddr;
		return true;
	}
	return false;
}

bool dbg_text_segment(struct dbg_object *o, uint64_t *addr, uint64_t *offset, uint64_t *size)
{
	size_t n;

	if (!obj_open(o) || elf_getphdrnum(o->elf, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(o->elf, (int)i, &p) || p.p_type != PT_LOAD || !(p.p_flags & PF_X))
			continue;
		*addr = p.p_vaddr;
		*offset = p.p_offset;
		*size = p.p_filesz;
		return true;
	}
	return false;
}

bool dbg_build_id_offset(struct dbg_object *o, uint64_t *ret)
{
	const void *bits;
	ssize_t n;
	size_t size;
	char *raw;

	if (!obj_open(o))
		return false;
	n = dwelf_elf_gnu_build_id(o->elf, &bits);
	raw = elf_rawfile(o->elf, &size);
	if (n <= 0 || !raw || (const char *)bits < raw || (const char *)bits + n > raw + size)
		return false;
	*ret = (uint64_t)((const char *)bits - raw);
	return true;
}

/* ---- functions by their symbols ---- */

static int by_entry(const void *x, const void *y)
{
	const struct dbg_func *a = *(struct dbg_func *const *)x, *b = *(struct dbg_func *const *)y;
	int c = strcmp(a->name, b->name);

	return c ? c : (a->entry > b->entry) - (a->entry < b->entry);
}

/* A symbol may be another name of a function that DWARF knows. */
static struct dbg_func *symbol_function(struct dbg_object *o, struct arena *a, const struct sym *s)
{
	struct dbg_func *f = dwarf_scope_at(o, a, s->addr);

	if (f && !f->is_inline && f->entry == s->addr) {
		f->name = s->name;
		return f;
	}
	f = arena_new(a, struct dbg_func);
	f->name = f->linkage = s->name;
	f->entry = f->after_prologue = s->addr;
	f->object = o;
	f->why_not = text_why_not(o, s->addr, NULL);
	f->probeable = !f->why_not;
	return f;
}

void program_functions(struct dbg_object *o, struct arena *a, const char *name, struct dbg_func_list *ret)
{
	sym_read(o);
	for (size_t i = 0; i < o->nsym; i++) {
		const struct sym *s = &o->by_name[i];

		if (s->func && str_glob(name, s->name) && !text_why_not(o, s->addr, NULL) &&
		    !(i && !strcmp(s[-1].name, s->name) && s[-1].addr == s->addr))
			*vec_add(a, ret) = symbol_function(o, a, s);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_entry);
}

struct dbg_func *program_scope_at(struct dbg_object *o, struct arena *a, uint64_t addr)
{
	const struct sym *s = sym_around(o, addr);

	return s ? symbol_function(o, a, s) : NULL;
}

/* Of several names of one address that which people know: with few underscores in front, then a short one. */
static bool is_better_name(const char *a, const char *b)
{
	size_t x = strspn(a, "_"), y = strspn(b, "_");

	return x != y ? x < y : strlen(a) < strlen(b);
}

size_t dbg_symbols(struct dbg_object *o, struct arena *a, struct dbg_symbol **ret)
{
	struct { struct dbg_symbol *v; size_t n, cap; } all = {0};

	sym_read(o);
	for (size_t i = 0; i < o->nsym; i++) {
		const struct sym *s = &o->by_addr[i];
		struct dbg_symbol *last = all.n ? &all.v[all.n - 1] : NULL;

		if (!s->func)
			continue;
		if (!last || last->addr != s->addr)
			*vec_add(a, &all) = (struct dbg_symbol){ s->name, s->addr, s->size };
		else if (is_better_name(s->name, last->name))
			last->name = s->name;
	}
	*ret = all.v;
	return all.n;
}
