// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of arrays and aggregates, taken when the module starts and returned when it ends.  Large
 * arrays are megabytes, so pages need not be contiguous; the allocator may give up rather than
 * wake the OOM killer, and no array gets more than a quarter of the machine, or half of what is free.
 * x86-64 maps vmalloc space in every page table at once, so handlers may touch this memory in any
 * context, NMI included.
 */
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "data/memory.h"

void *stp_memory_get(size_t size)
{
	if (size >> PAGE_SHIFT > totalram_pages() / 4 || (long)(size >> PAGE_SHIFT) > si_mem_available() / 2)
		return NULL;
	return kvzalloc(size, GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
}

void stp_memory_put(void *p)
{
	kvfree(p);
}

uint32_t stp_memory_cpus(void)
{
	return nr_cpu_ids;
}
