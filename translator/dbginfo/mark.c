// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Places that programs themselves tell of: marks of sys/sdt.h, and the entries of their procedure linkage
 * table.
 *
 * A mark is an ELF note of owner "stapsdt" and type 3 in .note.stapsdt: three addresses - the place, that of
 * the section .stapsdt.base when the note was made, a counter of tracers or 0 - and three texts: provider,
 * name, arguments (sourceware.org/systemtap/wiki/UserSpaceProbeImplementation).  What the base has moved by
 * since, the others have moved by too.
 *
 * Entry N of .plt.sec, or entry N + 1 of .plt where there is none, calls the function of relocation N of
 * .rela.plt (System V ABI, AMD64 supplement, 5.2).
 */
#include <string.h>

#include "dbginfo/private.h"

enum { STAPSDT = 3, PLT_ENTRY = 16 };

struct marks { struct dbg_mark *v; size_t n, cap; };

static const char *take_text(const char **p, const char *end)
{
	const char *s = *p, *nul = s < end ? memchr(s, 0, (size_t)(end - s)) : NULL;

	if (!nul)
		return NULL;
	*p = nul + 1;
	return s;
}

static bool read_mark(struct dbg_object *o, const char *p, const char *end, uint64_t base, struct dbg_mark *ret)
{
	uint64_t at[3];

	if (end - p < (ptrdiff_t)sizeof(at))
		return false;
	memcpy(at, p, sizeof(at));
	p += sizeof(at);
	ret->provider = take_text(&p, end);
	ret->name = ret->provider ? take_text(&p, end) : NULL;
	ret->args = ret->name ? take_text(&p, end) : NULL;
	if (!ret->name)
		return false;
	base = base ? base - at[1] : 0;
	ret->provider = arena_strdup(o->a, ret->provider);
	ret->name = arena_strdup(o->a, ret->name);
	ret->args = arena_strdup(o->a, ret->args ? ret->args : "");
	ret->addr = at[0] + base;
	ret->semaphore = at[2] ? at[2] + base : 0;
	return true;
}

size_t dbg_marks(struct dbg_object *o, struct arena *a, struct dbg_mark **ret)
{
	struct marks all = {0};
	GElf_Shdr sh, base;
	Elf_Scn *scn = obj_open(o) ? obj_section(o->elf, ".note.stapsdt", &sh) : NULL;
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	bool has_base = obj_section(o->elf, ".stapsdt.base", &base);
	size_t off = 0, name, desc;
	GElf_Nhdr h;

	while (data && data->d_buf && (off = gelf_getnote(data, off, &h, &name, &desc)) > 0) {
		const char *p = data->d_buf;
		struct dbg_mark m;

		if (h.n_type == STAPSDT && h.n_namesz == 8 && !memcmp(p + name, "stapsdt", 8) &&
		    read_mark(o, p + desc, p + desc + h.n_descsz, has_base ? base.sh_addr : 0, &m))
			*vec_add(a, &all) = m;
	}
	*ret = all.v;
	return all.n;
}

/* The name of the symbol that relocation I of DATA is for. */
static const char *relocated(struct dbg_object *o, Elf_Data *data, size_t i, size_t link)
{
	Elf_Scn *scn = elf_getscn(o->elf, link);
	GElf_Shdr sh;
	Elf_Data *syms = scn && gelf_getshdr(scn, &sh) ? elf_getdata(scn, NULL) : NULL;
	GElf_Rela r;
	GElf_Sym s;

	if (!syms || !gelf_getrela(data, (int)i, &r) || !gelf_getsym(syms, (int)GELF_R_SYM(r.r_info), &s))
		return NULL;
	return elf_strptr(o->elf, sh.sh_link, s.st_name);
}

size_t dbg_plt(struct dbg_object *o, struct arena *a, struct dbg_symbol **ret)
{
	struct { struct dbg_symbol *v; size_t n, cap; } all = {0};
	GElf_Shdr rela, plt;
	Elf_Scn *scn = obj_open(o) ? obj_section(o->elf, ".rela.plt", &rela) : NULL;
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	size_t n = data && rela.sh_entsize ? data->d_size / rela.sh_entsize : 0;
	bool sec = obj_section(o->elf, ".plt.sec", &plt);

	if (!sec && !obj_section(o->elf, ".plt", &plt))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t off = (i + !sec) * PLT_ENTRY;
		const char *name = relocated(o, data, i, rela.sh_link);

		if (name && *name && off < plt.sh_size)
			*vec_add(a, &all) = (struct dbg_symbol){ name, plt.sh_addr + off, PLT_ENTRY };
	}
	*ret = all.v;
	return all.n;
}
