// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The index: every name of an object that can be asked for, made in one walk over its units.
 *
 * Kept are functions that have code (out-of-line bodies and inlined instances, each under the name
 * of its origin, with the place of the declaration), the first definition of each type name, and
 * variables of file scope that have a location.  A kernel has half a million of the first, so
 * entries are sixteen bytes, names are interned, and sorting works on ranks of names.  What a name
 * stands for in detail is read from the DIE when it is asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

struct builder {
	struct dbg_object *o;
	struct index *ix;
	size_t cap_func, cap_type, cap_var, cap_pool;
	uint32_t *hash;			/* offsets in the pool, 0 = free */
	size_t nhash, nnames;
	struct umap by_pointer;		/* string in .debug_str -> offset in the pool */
	struct umap types;		/* name and tag that are there already */
};

static uint32_t hash_text(const char *s, size_t *n)
{
	uint32_t h = 2166136261u;
	const char *p = s;

	for (; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	*n = p - s;
	return h;
}

static void grow_hash(struct builder *b)
{
	uint32_t *old = b->hash;
	size_t nold = b->nhash, n;

	b->nhash = nold ? nold * 2 : 1 << 16;
	b->hash = xmalloc(b->nhash * sizeof(*b->hash));
	memset(b->hash, 0, b->nhash * sizeof(*b->hash));
	for (size_t i = 0; i < nold; i++) {
		size_t j;

		if (!old[i])
			continue;
		j = hash_text(b->ix->pool + old[i], &n) & (b->nhash - 1);
		while (b->hash[j])
			j = (j + 1) & (b->nhash - 1);
		b->hash[j] = old[i];
	}
	free(old);
}

static void *grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 1024;
	return xrealloc(v, *cap * size);
}

static uint32_t intern_text(struct builder *b, const char *s)
{
	size_t n, j;
	uint32_t h;

	if (b->nnames * 2 >= b->nhash)
		grow_hash(b);
	h = hash_text(s, &n);
	for (j = h & (b->nhash - 1); b->hash[j]; j = (j + 1) & (b->nhash - 1))
		if (!strcmp(b->ix->pool + b->hash[j], s))
			return b->hash[j];
	while (b->ix->npool + n + 1 > b->cap_pool)
		b->ix->pool = grow(b->ix->pool, b->cap_pool, &b->cap_pool, 1);
	b->hash[j] = b->ix->npool;
	memcpy(b->ix->pool + b->ix->npool, s, n + 1);
	b->ix->npool += n + 1;
	b->nnames++;
	return b->hash[j];
}

static uint32_t intern(struct builder *b, const char *s)
{
	uint64_t key = (uintptr_t)s;
	uint32_t off;

	if (!s || !*s)
		return 0;
	/* Strings that several units share have one address, so most hashing can be saved. */
	off = (uintptr_t)umap_get(&b->by_pointer, key);
	if (off)
		return off;
	off = intern_text(b, s);
	if ((const unsigned char *)s - b->o->str.p >= 0 &&
	    (size_t)((const unsigned char *)s - b->o->str.p) < b->o->str.n)
		umap_put(&b->by_pointer, key, (void *)(uintptr_t)off);
	return off;
}

static void add_func(struct builder *b, Dwarf_Die *die, bool is_inline)
{
	struct index *ix = b->ix;
	Dwarf_Die named;
	struct ix_func *f;

	if (!die_named(die, &named))
		return;
	ix->func = grow(ix->func, ix->nfunc, &b->cap_func, sizeof(*ix->func));
	f = &ix->func[ix->nfunc++];
	f->die = dwarf_dieoffset(die);
	f->line = (uint32_t)die_int(&named, DW_AT_decl_line, 0) & ~IX_INLINE;
	f->name = intern(b, dwarf_diename(&named));
	f->file = intern(b, die_file(b->o, &named));
	if (is_inline)
		f->line |= IX_INLINE;
}

static void add_type(struct builder *b, Dwarf_Die *die, uint32_t tag)
{
	struct index *ix = b->ix;
	const char *name = dwarf_diename(die);
	struct ix_type *t;
	uint32_t off;
	uint64_t key;

	if (!name || !*name || dwarf_hasattr(die, DW_AT_declaration))
		return;
	off = intern(b, name);
	key = (uint64_t)off << 16 | tag;
	if (umap_get(&b->types, key))
		return;
	umap_put(&b->types, key, b);
	ix->type = grow(ix->type, ix->ntype, &b->cap_type, sizeof(*ix->type));
	t = &ix->type[ix->ntype++];
	t->name = off;
	t->tag = tag;
	t->die = dwarf_dieoffset(die);
}

static void add_var(struct builder *b, Dwarf_Die *die)
{
	struct index *ix = b->ix;
	Dwarf_Die named, cu;
	struct ix_var *v;

	if (!dwarf_hasattr(die, DW_AT_location) || !die_named(die, &named))
		return;
	ix->var = grow(ix->var, ix->nvar, &b->cap_var, sizeof(*ix->var));
	v = &ix->var[ix->nvar++];
	v->name = intern(b, dwarf_diename(&named));
	v->die = dwarf_dieoffset(die);
	/* The unit, not the header with the declaration, is what name@file means for a variable. */
	v->file = dwarf_diecu(die, &cu, NULL, NULL) ? intern(b, dwarf_diename(&cu)) : 0;
}

static void walk_code(struct builder *b, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_inlined_subroutine:
			add_func(b, &die, true);
			/* fallthrough */
		case DW_TAG_lexical_block:
			walk_code(b, &die, depth + 1);
		}
	} while (die_next(&die));
}

static void walk_unit(struct builder *b, Dwarf_Die *cu)
{
	Dwarf_Die die;
	int tag;

	if (!die_child(cu, &die))
		return;
	do {
		switch (tag = dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			if (!die_has_code(&die))
				break;
			add_func(b, &die, false);
			walk_code(b, &die, 0);
			break;
		case DW_TAG_variable:
			add_var(b, &die);
			break;
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
		case DW_TAG_union_type:
		case DW_TAG_enumeration_type:
		case DW_TAG_typedef:
		case DW_TAG_base_type:
			add_type(b, &die, tag);
			break;
		}
	} while (die_next(&die));
}

/* Offset in the pool -> place of the string among all, sorted.  free() it. */
static const char *sort_pool;

static int by_text(const void *a, const void *b)
{
	return strcmp(sort_pool + *(const uint32_t *)a, sort_pool + *(const uint32_t *)b);
}

static uint32_t *ranks(const struct index *ix, size_t nnames)
{
	uint32_t *name = xmalloc((nnames + 1) * sizeof(*name));
	uint32_t *rank = xmalloc((ix->npool + 1) * sizeof(*rank));
	size_t n = 0;

	for (size_t off = 0; off < ix->npool; off += strlen(ix->pool + off) + 1)
		name[n++] = off;
	sort_pool = ix->pool;
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

static struct index *index_build(struct dbg_object *o)
{
	struct index *ix = xmalloc(sizeof(*ix));
	struct builder b = { .o = o, .ix = ix };
	Dwarf_Off off = 0, next;
	size_t header;
	uint32_t *rank;

	*ix = (struct index){0};
	section_bytes(o, &o->str, ".debug_str");
	ix->pool = grow(NULL, 0, &b.cap_pool, 1);
	ix->pool[ix->npool++] = 0;
	while (dwarf_nextcu(o->dw, off, &next, &header, NULL, NULL, NULL) == 0) {
		Dwarf_Die cu;

		if (next > UINT32_MAX || next <= off)
			break;
		if (die_at(o, off + header, &cu))
			walk_unit(&b, &cu);
		off = next;
	}
	rank = ranks(ix, b.nnames + 1);
	ix->func = sort_by_name(rank, b.nnames + 1, ix->func, ix->nfunc, sizeof(*ix->func));
	ix->type = sort_by_name(rank, b.nnames + 1, ix->type, ix->ntype, sizeof(*ix->type));
	ix->var = sort_by_name(rank, b.nnames + 1, ix->var, ix->nvar, sizeof(*ix->var));
	free(rank);
	free(b.hash);
	umap_deinit(&b.by_pointer);
	umap_deinit(&b.types);
	return ix;
}

void index_free(struct index *ix)
{
	if (ix->map) {
		index_unmap(ix);
	} else {
		free(ix->pool);
		free(ix->func);
		free(ix->type);
		free(ix->var);
	}
	free(ix);
}

const struct index *index_of(struct dbg_object *o)
{
	if (!o->index)
		o->index = index_load(o);
	if (!o->index) {
		o->index = index_build(o);
		index_save(o, o->index);
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
