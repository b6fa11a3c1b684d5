// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The index of an object: from names to what stands in its file.
 *
 * It is made in one walk over all units (walk.c, order.c), kept on disk and mapped by later runs
 * (store.c), which then answer for functions, symbols and places without opening the object itself.
 * Here are its life and the search for a name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "dbginfo/private.h"

void index_free(struct index *ix)
{
	if (ix->map) {
		store_unmap(ix);
	} else {
		free(ix->pool);
		free(ix->func);
		free(ix->type);
		free(ix->var);
		free(ix->sym);
		free(ix->by_addr);
		free(ix->unit);
		free(ix->file);
		free(ix->row);
		free(ix->section);
	}
	free(ix);
}

const struct index *index_of(struct dbg_object *o)
{
	if (!o->index) {
		bool untouched = !o->by_name && !o->types.n && !o->files.n && !o->eh_read;
		int lock = store_lock(o->a);

		/* Another process may just have made it. */
		if (untouched && lock >= 0)
			obj_release(o);
		if (!o->index) {
			o->index = index_build(o);
			store_index(o, o->index);
			if (untouched && o->module)
				obj_release(o);
		}
		file_unlock(lock);
	}
	return o->index;
}

size_t index_find(const struct index *ix, const void *base, size_t n, size_t size, const char *name)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		uint32_t off;

		memcpy(&off, (const char *)base + mid * size, sizeof(off));
		if (strcmp(ix->pool + off, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct ix_unit *index_unit(const struct index *ix, uint64_t die)
{
	size_t lo = 0, hi = ix->nunit;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ix->unit[mid].die <= die)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &ix->unit[lo - 1] : NULL;
}
