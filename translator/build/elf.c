/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undefined symbols of an object that ld has just written: what modpost would look up.  The file
 * is our own build's, yet every offset is checked: a full disk may have cut it.
 */
#include "build/build.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

static bool undefined(struct arena *a, const char *p, size_t size, const char ***names, size_t *n)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)p;
	const Elf64_Shdr *sh, *sym = NULL, *str;
	VEC(const char *) found = { 0 };

	if (size < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) ||
	    eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_shentsize != sizeof(*sh) ||
	    eh->e_shoff > size || eh->e_shnum > (size - eh->e_shoff) / sizeof(*sh))
		return false;
	sh = (const Elf64_Shdr *)(p + eh->e_shoff);
	for (unsigned i = 0; i < eh->e_shnum; i++)
		if (sh[i].sh_type == SHT_SYMTAB)
			sym = &sh[i];
	if (!sym || sym->sh_link >= eh->e_shnum)
		return false;
	str = &sh[sym->sh_link];
	if (sym->sh_offset > size || sym->sh_size > size - sym->sh_offset || str->sh_offset > size ||
	    str->sh_size > size - str->sh_offset || !str->sh_size || p[str->sh_offset + str->sh_size - 1])
		return false;
	for (size_t i = 1; i < sym->sh_size / sizeof(Elf64_Sym); i++) {
		const Elf64_Sym *s = (const Elf64_Sym *)(p + sym->sh_offset) + i;

		if (s->st_shndx == SHN_UNDEF && s->st_name && s->st_name < str->sh_size)
			*vec_add(a, &found) = arena_strdup(a, p + str->sh_offset + s->st_name);
	}
	*names = found.v;
	*n = found.n;
	return true;
}

bool elf_undefined(struct arena *a, const char *path, const char ***names, size_t *n)
{
	struct buf b = { 0 };
	bool ok = buf_read_file(&b, path);

	if (ok && !undefined(a, b.p, b.n, names, n)) {
		errno = ENOEXEC;
		ok = false;
	}
	buf_deinit(&b);
	return ok;
}
