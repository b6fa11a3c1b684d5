// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Small steps over DWARF entries, and the number map that several files use.
 *
 * libdw checks that what it reads lies inside its section; what it does not check is that a walk
 * ends.  So siblings must move forward, chains of origins are followed a limited number of steps,
 * and recursion of callers is limited by MAX_DIE_DEPTH.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

static size_t umap_slot(const struct umap *m, uint64_t key)
{
	size_t i = (key * 0x9e3779b97f4a7c15ull) >> 20 & (m->cap - 1);

	while (m->keys[i] && m->keys[i] != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

void *umap_get(const struct umap *m, uint64_t key)
{
	size_t i;

	if (!m->n)
		return NULL;
	i = umap_slot(m, key);
	return m->keys[i] ? m->vals[i] : NULL;
}

static void umap_grow(struct umap *m)
{
	struct umap old = *m;

	m->cap = old.cap ? old.cap * 2 : 256;
	m->keys = xmalloc(m->cap * sizeof(*m->keys));
	m->vals = xmalloc(m->cap * sizeof(*m->vals));
	memset(m->keys, 0, m->cap * sizeof(*m->keys));
	for (size_t i = 0; i < old.cap; i++)
		if (old.keys[i]) {
			size_t j = umap_slot(m, old.keys[i]);

			m->keys[j] = old.keys[i];
			m->vals[j] = old.vals[i];
		}
	free(old.keys);
	free(old.vals);
}

void umap_put(struct umap *m, uint64_t key, void *val)
{
	size_t i;

	if (m->n * 2 >= m->cap)
		umap_grow(m);
	i = umap_slot(m, key);
	m->n += !m->keys[i];
	m->keys[i] = key;
	m->vals[i] = val;
}

void umap_deinit(struct umap *m)
{
	free(m->keys);
	free(m->vals);
	*m = (struct umap){0};
}

bool die_child(Dwarf_Die *die, Dwarf_Die *ret)
{
	return dwarf_child(die, ret) == 0;
}

bool die_next(Dwarf_Die *die)
{
	Dwarf_Off before = dwarf_dieoffset(die);
	Dwarf_Die next;

	if (dwarf_siblingof(die, &next) != 0 || dwarf_dieoffset(&next) <= before)
		return false;
	*die = next;
	return true;
}

bool die_at(struct dbg_object *o, uint64_t off, Dwarf_Die *ret)
{
	return obj_open(o) && o->dw && dwarf_offdie(o->dw, off, ret) && dwarf_tag(ret) != DW_TAG_invalid;
}

bool die_ref(Dwarf_Die *die, unsigned attr, Dwarf_Die *ret)
{
	Dwarf_Attribute at;

	return dwarf_attr(die, attr, &at) && dwarf_formref_die(&at, ret);
}

bool die_named(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Die cur = *die, next;

	for (int i = 0; i < MAX_ORIGINS; i++) {
		if (dwarf_hasattr(&cur, DW_AT_name)) {
			*ret = cur;
			return true;
		}
		if (!die_ref(&cur, DW_AT_abstract_origin, &next) &&
		    !die_ref(&cur, DW_AT_specification, &next))
			return false;
		cur = next;
	}
	return false;
}

bool die_has_code(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_low_pc) || dwarf_hasattr(die, DW_AT_ranges);
}

/* First range that is not empty. */
static bool first_range(Dwarf_Die *die, Dwarf_Addr *ret)
{
	Dwarf_Addr base, start = 0, end = 0;
	ptrdiff_t off = 0;

	while ((off = dwarf_ranges(die, off, &base, &start, &end)) > 0)
		if (start < end) {
			*ret = start;
			return true;
		}
	return false;
}

/*
 * DW_AT_entry_pc is an address, or since DWARF 5 a distance from the low end (DWARF 5, 2.18).
 * Without it the entry is the first byte of the first range: gcc lists the hot part before .cold.
 */
bool die_entry(Dwarf_Die *die, Dwarf_Addr *ret)
{
	Dwarf_Attribute at;
	Dwarf_Word dist;

	if (dwarf_attr(die, DW_AT_entry_pc, &at)) {
		if (dwarf_formaddr(&at, ret) == 0)
			return true;
		if (dwarf_formudata(&at, &dist) == 0 && first_range(die, ret)) {
			*ret += dist;
			return true;
		}
	}
	return first_range(die, ret);
}

/* Below SCOPE, a unit or one of its namespaces. */
static bool function_at(Dwarf_Die *scope, Dwarf_Addr pc, Dwarf_Die *ret, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return false;
	do {
		if (dwarf_tag(&die) == DW_TAG_namespace && function_at(&die, pc, ret, depth + 1))
			return true;
		if (dwarf_tag(&die) == DW_TAG_subprogram && dwarf_haspc(&die, pc) > 0) {
			*ret = die;
			return true;
		}
	} while (die_next(&die));
	return false;
}

bool die_outermost(Dwarf_Die *die, Dwarf_Addr pc, Dwarf_Die *ret)
{
	Dwarf_Die cu;

	if (dwarf_tag(die) == DW_TAG_subprogram && dwarf_haspc(die, pc) > 0) {
		*ret = *die;
		return true;
	}
	return dwarf_diecu(die, &cu, NULL, NULL) && function_at(&cu, pc, ret, 0);
}

int64_t die_int(Dwarf_Die *die, unsigned attr, int64_t otherwise)
{
	Dwarf_Attribute at;
	Dwarf_Sword s;
	Dwarf_Word u;

	if (!dwarf_attr_integrate(die, attr, &at))
		return otherwise;
	if (dwarf_whatform(&at) == DW_FORM_sdata || dwarf_whatform(&at) == DW_FORM_implicit_const)
		return dwarf_formsdata(&at, &s) == 0 ? s : otherwise;
	return dwarf_formudata(&at, &u) == 0 ? (int64_t)u : otherwise;
}

bool die_flag(Dwarf_Die *die, unsigned attr)
{
	Dwarf_Attribute at;
	bool v = false;

	return dwarf_attr_integrate(die, attr, &at) && dwarf_formflag(&at, &v) == 0 && v;
}
