// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Link-time addresses to run-time addresses.  The kernel moves as a whole (KASLR), by as much as
 * the exported function STP_ANCHOR_SYMBOL moved.  Sections of modules are where user space says
 * (/sys/module/NAME/sections), told before the start, and where core/modules.c finds them; from
 * the start on rows change their address alone, so handlers search without a lock.
 */
#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core/core.h"

enum { MAX_RELOCS = 65536 };

/* Sorted by module, then section. */
static struct stp_cmd_reloc *table;
static uint32_t count, capacity;

/* Where the pair is, or would be. */
static __kprobes uint32_t find(const char *module, const char *section, bool *found)
{
	uint32_t low = 0, high = count;

	*found = false;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int d = strcmp(module, table[mid].module);

		if (d == 0)
			d = strcmp(section, table[mid].section);
		if (d == 0) {
			*found = true;
			return mid;
		}
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static int grow(void)
{
	uint32_t want = capacity ? 2 * capacity : 64;
	struct stp_cmd_reloc *bigger;

	if (want > MAX_RELOCS)
		return -ENOMEM;
	bigger = kvcalloc(want, sizeof(*bigger), GFP_KERNEL);
	if (!bigger)
		return -ENOMEM;
	if (count)
		memcpy(bigger, table, count * sizeof(*table));
	kvfree(table);
	table = bigger;
	capacity = want;
	return 0;
}

int stp_reloc_add(const struct stp_cmd_reloc *r)
{
	bool found;
	uint32_t at;

	if (strnlen(r->module, sizeof(r->module)) == sizeof(r->module) || !r->module[0] ||
	    strnlen(r->section, sizeof(r->section)) == sizeof(r->section))
		return -EINVAL;
	at = find(r->module, r->section, &found);
	if (!found) {
		int err = count == capacity ? grow() : 0;

		if (err)
			return err;
		memmove(&table[at + 1], &table[at], (count - at) * sizeof(*table));
		count++;
	}
	if (found)
		WRITE_ONCE(table[at].address, r->address);
	else
		table[at] = *r;
	return 0;
}

/* A row for the pair, without an address unless it has one. */
int stp_reloc_reserve(const char *module, const char *section)
{
	struct stp_cmd_reloc r = { .address = 0 };
	bool found;

	if (strscpy(r.module, module, sizeof(r.module)) < 0 ||
	    strscpy(r.section, section, sizeof(r.section)) < 0)
		return 0;
	find(module, section, &found);
	return found ? 0 : stp_reloc_add(&r);
}

void stp_reloc_forget(const char *module)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(table[i].module, module))
			WRITE_ONCE(table[i].address, 0);
}

void stp_reloc_exit(void)
{
	kvfree(table);
	table = NULL;
	count = capacity = 0;
}

/* The address of a function is the function's own, with an ENDBR in front of it or not. */
__kprobes bool stp_kaslr_offset(uint64_t *ret)
{
	if (!stp_unit.anchor_address)
		return false;
	*ret = (uint64_t)(unsigned long)&register_kprobe - stp_unit.anchor_address;
	return true;
}

__kprobes uint64_t stp_reloc(const char *module, const char *section, uint64_t addr)
{
	uint64_t offset, base;
	bool found;
	uint32_t at;

	if (!module)
		return stp_kaslr_offset(&offset) ? addr + offset : 0;
	at = find(module, section ? section : "", &found);
	base = found ? READ_ONCE(table[at].address) : 0;
	return base ? addr + base : 0;
}
