// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What walkers found, in whatever order, to sorted arrays: by name, and within a name by place or
 * DIE, so that the same object gives the same bytes however many threads walked over it.
 *
 * A kernel has some 400,000 functions and instances, so sorting works on ranks of names.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

/* qsort() hands nothing through; one walk sorts at a time. */
static const char *pool;
static const uint32_t *rank_of;
static const struct index *sorted;

static int by_text(const void *a, const void *b)
{
	return strcmp(pool + *(const uint32_t *)a, pool + *(const uint32_t *)b);
}

/* Offset in the pool -> place of the string among all, sorted.  free() it. */
static uint32_t *ranks(const struct index *ix, size_t nnames)
{
	uint32_t *name = xmalloc((nnames + 1) * sizeof(*name));
	uint32_t *rank = xmalloc((ix->npool + 1) * sizeof(*rank));
	size_t n = 0;

	for (size_t off = 0; off < ix->npool && n < nnames; off += strlen(ix->pool + off) + 1)
		name[n++] = off;
	qsort(name, n, sizeof(*name), by_text);
	for (size_t i = 0; i < n; i++)
		rank[name[i]] = i;
	free(name);
	return rank;
}

/* Sort entries of SIZE bytes that start with a name by the rank of that name; stable. */
static void *sort_by_name(const uint32_t *rank, size_t nnames, void *base, size_t n, size_t size)
{
	size_t *start = xmalloc((nnames + 2) * sizeof(*start));
	char *from = base, *to = xmalloc(n * size + 1);
	uint32_t name;

	memset(start, 0, (nnames + 2) * sizeof(*start));
	for (size_t i = 0; i < n; i++) {
		memcpy(&name, from + i * size, sizeof(name));
		start[rank[name] + 1]++;
	}
	for (size_t i = 1; i <= nnames + 1; i++)
		start[i] += start[i - 1];
	for (size_t i = 0; i < n; i++) {
		memcpy(&name, from + i * size, sizeof(name));
		memcpy(to + start[rank[name]]++ * size, from + i * size, size);
	}
	free(start);
	free(base);
	return to;
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* The section that an address lies in, by name: functions of modules are ordered by it. */
static const char *section_of(uint64_t addr)
{
	for (size_t i = 0; i < sorted->nsection; i++)
		if (addr - sorted->section[i].addr < sorted->section[i].size)
			return pool + sorted->section[i].name;
	return "";
}

/* As callers want them; entries that differ in their DIE only are equal but for the last line. */
static int by_place(const void *x, const void *y)
{
	const struct ix_func *a = x, *b = y;
	int c = order(rank_of[a->file], rank_of[b->file]);

	if (!c)
		c = order(a->line, b->line);
	if (!c)
		c = order(rank_of[a->name], rank_of[b->name]);
	if (!c && sorted->nsection)
		c = strcmp(section_of(a->entry), section_of(b->entry));
	if (!c)
		c = order(a->entry, b->entry);
	if (!c)
		c = order(a->flags & IX_INLINE, b->flags & IX_INLINE);
	return c ? c : order(a->die, b->die);
}

/* Inlined instances that begin at one address are calls of their own. */
static bool same_place(const struct ix_func *a, const struct ix_func *b)
{
	return a->file == b->file && a->line == b->line && a->name == b->name && a->entry == b->entry &&
	       (a->flags & IX_INLINE) == (b->flags & IX_INLINE) &&
	       (!(a->flags & IX_INLINE) || a->die == b->die);
}

static void sort_functions(struct index *ix)
{
	size_t n = 0;

	if (ix->nfunc)
		qsort(ix->func, ix->nfunc, sizeof(*ix->func), by_place);
	for (size_t i = 0; i < ix->nfunc; i++) {
		if (n && same_place(&ix->func[n - 1], &ix->func[i]))
			continue;
		ix->func[n] = ix->func[i];
		ix->func[n].place = n;
		n++;
	}
	ix->nfunc = n;
}

static int by_die(const void *x, const void *y)
{
	return order(((const struct ix_type *)x)->die, ((const struct ix_type *)y)->die);
}

static int vars_by_die(const void *x, const void *y)
{
	return order(((const struct ix_var *)x)->die, ((const struct ix_var *)y)->die);
}

/* Of several definitions of a name the first stays. */
static void drop_repeated_types(struct index *ix)
{
	size_t n = 0;

	for (size_t i = 0; i < ix->ntype; i++) {
		bool had = false;

		for (size_t k = n; k-- > 0 && ix->type[k].name == ix->type[i].name; )
			had = had || ix->type[k].tag == ix->type[i].tag;
		if (!had)
			ix->type[n++] = ix->type[i];
	}
	ix->ntype = n;
}

/* A declaration counts where nothing of the name is defined: the first. */
static void drop_declared(struct index *ix)
{
	size_t n = 0, i = 0;

	while (i < ix->nvar) {
		size_t first = n, from = i;

		for (; i < ix->nvar && ix->var[i].name == ix->var[from].name; i++)
			if (!ix->var[i].declared)
				ix->var[n++] = ix->var[i];
		if (n == first)
			ix->var[n++] = ix->var[from];
	}
	ix->nvar = n;
}

static int symbols_by_addr(const void *x, const void *y)
{
	const struct ix_sym *a = &sorted->sym[*(const uint32_t *)x], *b = &sorted->sym[*(const uint32_t *)y];
	int c = order(a->addr, b->addr);

	return c ? c : order(rank_of[a->name], rank_of[b->name]);
}

/* They come sorted by name. */
static void sort_symbols(struct index *ix)
{
	ix->nby_addr = ix->nsym;
	ix->by_addr = xmalloc((ix->nsym + 1) * sizeof(*ix->by_addr));
	for (size_t i = 0; i < ix->nsym; i++)
		ix->by_addr[i] = i;
	qsort(ix->by_addr, ix->nsym, sizeof(*ix->by_addr), symbols_by_addr);
}

void index_sort(struct index *ix, size_t nnames)
{
	uint32_t *rank;

	pool = ix->pool;
	sorted = ix;
	rank_of = rank = ranks(ix, nnames);
	sort_functions(ix);
	if (ix->ntype)
		qsort(ix->type, ix->ntype, sizeof(*ix->type), by_die);
	if (ix->nvar)
		qsort(ix->var, ix->nvar, sizeof(*ix->var), vars_by_die);
	ix->func = sort_by_name(rank, nnames, ix->func, ix->nfunc, sizeof(*ix->func));
	ix->type = sort_by_name(rank, nnames, ix->type, ix->ntype, sizeof(*ix->type));
	ix->var = sort_by_name(rank, nnames, ix->var, ix->nvar, sizeof(*ix->var));
	drop_repeated_types(ix);
	drop_declared(ix);
	sort_symbols(ix);
	free(rank);
}
