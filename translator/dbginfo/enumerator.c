// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Enumerators by their own name, whichever enum they belong to, anonymous ones too.
 *
 * In DWARF they are entries of the index (walk.c); in BTF all enums are gone through, a module's own
 * before the kernel's.  Of several with one name the first counts.
 */
#include <string.h>

#include "dbginfo/btf.h"

enum { MAX_NAME = 200 };

/* For each enumerator of O in BTF, until FN returns true. */
static bool each_in_btf(struct dbg_object *o, bool (*fn)(struct dbg_object *, uint32_t id, uint32_t i,
							 const char *name, void *), void *arg)
{
	for (const struct btf *b = o->btf; b; b = b->base)
		for (uint32_t id = b->first; id < b->first + b->n; id++) {
			struct btf_type t;

			if (!btf_type(o->btf, id, &t) || (t.kind != BTF_ENUM && t.kind != BTF_ENUM64))
				continue;
			for (uint32_t i = 0; i < t.vlen; i++) {
				uint32_t name = btf_word(t.rest, (t.kind == BTF_ENUM64 ? 3 : 2) * i);

				if (fn(o, id, i, btf_string(o->btf, name), arg))
					return true;
			}
		}
	return false;
}

struct wanted { const char *name; int64_t *ret; };

static bool is_wanted(struct dbg_object *o, uint32_t id, uint32_t i, const char *name, void *arg)
{
	struct wanted *w = arg;
	struct ctype *t = strcmp(name, w->name) ? NULL : btf_ctype(o, id);

	if (!t || !ctype_complete(t) || i >= t->enumerators.n)
		return false;
	*w->ret = t->enumerators.v[i].value;
	return true;
}

bool dbg_enumerator(struct dbg_object *o, const char *name, int64_t *ret)
{
	struct wanted w = { name, ret };
	Dwarf_Die die;

	if (o->btf)
		return each_in_btf(o, is_wanted, &w);
	if (!type_definition(o, name, DW_TAG_enumerator, &die))
		return false;
	*ret = die_int(&die, DW_AT_const_value, 0);
	return true;
}

struct nearest { const char *name, *found; unsigned distance; };

static bool take_nearer(struct nearest *n, const char *name)
{
	unsigned d = str_distance(name, n->name, n->distance - 1);

	if (d >= n->distance || !*name)
		return false;
	n->distance = d;
	n->found = name;
	return false;
}

static bool is_nearer(struct dbg_object *o, uint32_t id, uint32_t i, const char *name, void *arg)
{
	(void)o;
	(void)id;
	(void)i;
	return take_nearer(arg, name);
}

const char *dbg_similar_enumerator(struct dbg_object *o, const char *name)
{
	size_t len = strlen(name);
	struct nearest n = { name, NULL, len < 6 ? 2 : len < MAX_NAME ? (unsigned)len / 3 + 1 : 0 };
	const struct index *ix;

	if (!n.distance)
		return NULL;
	if (o->btf) {
		each_in_btf(o, is_nearer, &n);
		return n.found;
	}
	ix = index_of(o);
	for (size_t i = 0; i < ix->ntype; i++)
		if (ix->type[i].tag == DW_TAG_enumerator)
			take_nearer(&n, ix_str(ix, ix->type[i].name));
	return n.found;
}
