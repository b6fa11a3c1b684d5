// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The .modinfo section of a module file: its name and the kernel it was built for.  The file is
 * not trusted: every offset is checked, sizes are bounded, and nothing is used but two strings.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "staprun/staprun.h"

enum { MOST_SECTIONS = 65535, MOST_STRINGS = 1 << 24, MOST_MODINFO = 1 << 20 };

static bool read_at(int fd, void *to, size_t size, uint64_t offset)
{
	return offset < (uint64_t)1 << 40 && pread(fd, to, size, offset) == (ssize_t)size;
}

/* Contents of a section, NUL terminated; NULL when it is not there or too large. */
static char *read_section(int fd, const Elf64_Shdr *sh, uint64_t most)
{
	char *p;

	if (sh->sh_type == SHT_NOBITS || sh->sh_size > most)
		return NULL;
	p = malloc(sh->sh_size + 1);
	if (p && !read_at(fd, p, sh->sh_size, sh->sh_offset)) {
		free(p);
		return NULL;
	}
	if (p)
		p[sh->sh_size] = 0;
	return p;
}

/* The section NAME of at most MOST bytes, for the caller to free; *at is where in the file it is. */
static char *find_section(int fd, const Elf64_Ehdr *eh, const Elf64_Shdr *sh, const char *name,
			  uint64_t most, size_t *size, uint64_t *at)
{
	char *names = NULL, *ret = NULL;
	unsigned i;

	if (eh->e_shstrndx < eh->e_shnum)
		names = read_section(fd, &sh[eh->e_shstrndx], MOST_STRINGS);
	for (i = 0; names && i < eh->e_shnum && !ret; i++) {
		if (sh[i].sh_name >= sh[eh->e_shstrndx].sh_size || strcmp(names + sh[i].sh_name, name))
			continue;
		ret = read_section(fd, &sh[i], most);
		*size = sh[i].sh_size;
		*at = sh[i].sh_offset;
	}
	free(names);
	return ret;
}

static void take(const char *text, const char *key, char *to, size_t size)
{
	size_t n = strlen(key);

	if (strncmp(text, key, n) || to[0])
		return;
	strncpy(to, text + n, size - 1);
	to[size - 1] = 0;
}

bool modinfo_name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n > 0 && n < MODULE_NAME_SIZE && !name[n];
}

const char *modinfo_read(int fd, struct modinfo *ret)
{
	struct modinfo m = { .name_at = 0 };
	Elf64_Shdr *sh;
	Elf64_Ehdr eh;
	char *info, *this, *p;
	size_t size = 0, this_size = 0;
	uint64_t at;

	if (!read_at(fd, &eh, sizeof(eh), 0) || memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_type != ET_REL ||
	    eh.e_shentsize != sizeof(*sh) || !eh.e_shnum)
		return "it is not a kernel module";
	sh = calloc(eh.e_shnum, sizeof(*sh));
	if (!sh || !read_at(fd, sh, eh.e_shnum * sizeof(*sh), eh.e_shoff)) {
		free(sh);
		return "it is damaged: its section table cannot be read";
	}
	info = find_section(fd, &eh, sh, ".modinfo", MOST_MODINFO, &size, &at);
	this = find_section(fd, &eh, sh, ".gnu.linkonce.this_module", MOST_MODINFO, &this_size, &at);
	free(sh);
	if (!info) {
		free(this);
		return "it is not a kernel module: it has no .modinfo section";
	}
	for (p = info; p < info + size; p += strlen(p) + 1) {
		take(p, "name=", m.name, sizeof(m.name));
		take(p, "vermagic=", m.vermagic, sizeof(m.vermagic));
	}
	if (!modinfo_name_ok(m.name)) {
		free(info);
		free(this);
		return "its .modinfo names no module";
	}
	/* struct module's own copy of the name, which is what counts once it is loaded. */
	p = this ? memmem(this, this_size, m.name, strlen(m.name) + 1) : NULL;
	if (p && this_size - (size_t)(p - this) >= MODULE_NAME_SIZE)
		m.name_at = at + (uint64_t)(p - this);
	free(this);
	free(info);
	*ret = m;
	return NULL;
}
