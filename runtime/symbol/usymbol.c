// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of programs to names, by the symbols that the unit has of some files.  Where the file that was hit
 * is mapped is known from the hit; other files are looked for among the mappings of the task, in probes of
 * programs alone: elsewhere the lock of the mappings may be held by what was probed.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "core/core.h"
#include "data/format.h"

/* What a user-space address is: a link-time address of a file. */
struct uplace { const struct stp_program *program; uint64_t addr; };

static const struct stp_program *program_of(const struct inode *inode)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nprograms; i++) {
		const struct file *f = stp_unit.programs[i].state->file;

		if (f && (file_inode(f) == inode || d_real_inode(f->f_path.dentry) == inode))
			return &stp_unit.programs[i];
	}
	return NULL;
}

static bool by_mapping(uint64_t addr, struct uplace *ret)
{
	struct vm_area_struct *vma;
	uint64_t offset;

	if (IS_ENABLED(CONFIG_PREEMPT_RT) || !current->mm || stp_is_hidden(current) || !mmap_read_trylock(current->mm))
		return false;
	vma = find_vma(current->mm, addr);
	ret->program = vma && vma->vm_start <= addr && vma->vm_file ? program_of(file_inode(vma->vm_file)) : NULL;
	offset = ret->program ? addr - vma->vm_start + ((uint64_t)vma->vm_pgoff << PAGE_SHIFT) : 0;
	mmap_read_unlock(current->mm);
	if (!ret->program || offset - ret->program->text_offset >= ret->program->text_size)
		return false;
	ret->addr = offset - ret->program->text_offset + ret->program->text;
	return true;
}

static bool find_place(struct stp_context *c, uint64_t addr, struct uplace *ret)
{
	const struct stp_program *p = c->program;

	if (p && addr - c->bias - p->text < p->text_size) {
		*ret = (struct uplace){ p, addr - c->bias };
		return true;
	}
	return c->in_task && stp_unit.nprograms && by_mapping(addr, ret);
}

/* The symbol that holds the address: the last one that begins at or before it. */
static const struct stp_usymbol *symbol_of(const struct uplace *at)
{
	uint32_t low = 0, high = at->program->nsymbols;
	const struct stp_usymbol *s = at->program->symbols;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s[mid].addr <= at->addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && at->addr - s[low - 1].addr < max_t(uint64_t, s[low - 1].size, 1) ? &s[low - 1] : NULL;
}

void stp_usymname(struct stp_context *c, uint64_t addr, char *to, uint32_t size)
{
	struct uplace at;
	const struct stp_usymbol *s = find_place(c, addr, &at) ? symbol_of(&at) : NULL;

	if (s)
		stp_strcpy(to, s->name, size);
	else
		snprintf(to, size, "0x%llx", (unsigned long long)addr);
}

void stp_usymdata(struct stp_context *c, uint64_t addr, char *to, uint32_t size)
{
	struct uplace at;
	const struct stp_usymbol *s;

	if (!find_place(c, addr, &at)) {
		snprintf(to, size, "0x%llx", (unsigned long long)addr);
		return;
	}
	s = symbol_of(&at);
	if (s)
		snprintf(to, size, "%s+0x%llx/0x%llx [%s]", s->name, (unsigned long long)(at.addr - s->addr),
			 (unsigned long long)s->size, at.program->path);
	else
		snprintf(to, size, "0x%llx [%s+0x%llx]", (unsigned long long)addr, at.program->path,
			 (unsigned long long)at.addr);
}

bool stp_umodname(struct stp_context *c, uint64_t addr, char *to, uint32_t size)
{
	struct uplace at;

	if (!find_place(c, addr, &at))
		return false;
	stp_strcpy(to, at.program->path, size);
	return true;
}

/* The line of an address without its end; its length. */
static uint32_t usym_line(struct stp_context *c, uint64_t addr, enum stp_usym_line kind, char *to, uint32_t size)
{
	unsigned long long offset;
	const struct stp_usymbol *s;
	struct uplace at;
	uint32_t n;

	if (!find_place(c, addr, &at))
		return scnprintf(to, size, "%s0x%llx", kind == STP_USYM_FULL ? " " : "", (unsigned long long)addr);
	if (kind == STP_USYM_FULL) {
		n = scnprintf(to, size, " 0x%llx : ", (unsigned long long)addr);
		stp_usymdata(c, addr, to + n, size - n);
		return stp_strlen(to);
	}
	s = symbol_of(&at);
	offset = s ? at.addr - s->addr : at.addr;
	n = s ? scnprintf(to, size, "%s+0x%llx", s->name, offset) :
		scnprintf(to, size, "0x%llx", (unsigned long long)addr);
	if (kind == STP_USYM_BRIEF)
		return n;
	n += scnprintf(to + n, size - n, " [%s", kbasename(at.program->path));
	if (!s)
		n += scnprintf(to + n, size - n, "+0x%llx", offset);
	return n + scnprintf(to + n, size - n, "]");
}

void stp_sprint_usyms(struct stp_context *c, const char *words, enum stp_usym_line kind, char *to, uint32_t size)
{
	unsigned long addr;
	uint32_t n = 0;

	stp_strcpy(to, "", size);
	while (n < size && next_word(&words, &addr)) {
		n += usym_line(c, addr, kind, to + n, size - n);
		n += scnprintf(to + n, size - n, "\n");
	}
}
