// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FILE:LINE to addresses, from the line tables of the units whose file names match.
 *
 * Units without a matching name are passed over.  Only rows that begin a statement count.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

struct lines { struct dbg_line *v; size_t n, cap; };

static bool mentions(const struct index *ix, const struct ix_unit *u, const char *file,
		     char *known)
{
	bool found = false;

	for (uint32_t i = u->first; i < u->first + u->n; i++) {
		uint32_t name = ix->file[i];

		if (!known[name])
			known[name] = file_matches(ix_str(ix, name), file) ? 2 : 1;
		found = found || known[name] == 2;
	}
	return found;
}

static void read_unit(struct dbg_object *o, struct arena *a, const struct ix_unit *u, unsigned line,
		      const char *known, struct lines *ret)
{
	const struct index *ix = o->index;
	struct row_reader r;

	if (!rows_first(ix, u, &r))
		return;
	while (row_next(&r)) {
		struct dbg_line row = { .line = r.row.line };

		if (!r.row.stmt || r.row.end || !row.line || (line && row.line != line) || r.row.file >= u->n ||
		    known[ix->file[u->first + r.row.file]] != 2)
			continue;
		row.file = row_file(ix, u, &r);
		if (obj_place(o, r.row.addr, &row.addr, &row.section))
			*vec_add(a, ret) = row;
	}
}

static int by_address(const void *x, const void *y)
{
	const struct dbg_line *a = x, *b = y;
	int c = strcmp(a->section ? a->section : "", b->section ? b->section : "");

	if (!c)
		c = (a->addr > b->addr) - (a->addr < b->addr);
	return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* By number, whether the unit holds one of OF; NULL: all count. */
static bool *units_of(struct arena *a, const struct index *ix, const struct dbg_func_list *of)
{
	bool *ret = of ? arena_array(a, bool, ix->nunit + 1) : NULL;

	for (size_t i = 0; of && i < of->n; i++) {
		const struct ix_unit *u = index_unit(ix, of->v[i]->die);

		if (u)
			ret[u - ix->unit] = true;
	}
	return ret;
}

size_t dbg_lines(struct dbg_object *o, struct arena *a, const char *file, unsigned line,
		 const struct dbg_func_list *of, struct dbg_line **ret)
{
	struct lines l = {0};
	const struct index *ix = index_of(o);
	const bool *counts = units_of(a, ix, of);
	char *known = xmalloc(ix->npool);	/* by offset of the name: 0 not asked, 1 no, 2 yes */
	size_t n = 0;

	memset(known, 0, ix->npool);
	for (size_t i = 0; i < ix->nunit; i++)
		if ((!counts || counts[i]) && mentions(ix, &ix->unit[i], file, known))
			read_unit(o, a, &ix->unit[i], line, known, &l);
	free(known);
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_address);
	vec_each(&l, i)
		if (!n || by_address(&l.v[i], &l.v[n - 1]))
			l.v[n++] = l.v[i];
	*ret = l.v;
	return n;
}

bool dbg_statement_at(struct dbg_object *o, uint64_t addr, const char *section, uint64_t *ret)
{
	const struct index *ix = index_of(o);
	uint64_t pc, best = 0;
	bool found = false;

	if (!obj_dwarf(o, section, addr, &pc))
		return false;
	for (size_t i = 0; i < ix->nunit; i++) {
		struct row_reader r;
		uint64_t start = 0;
		bool inside = false;

		if (!rows_first(ix, &ix->unit[i], &r))
			continue;
		while (row_next(&r)) {
			if (inside && start <= pc && pc < r.row.addr && (!found || start > best)) {
				best = start;
				found = true;
			}
			inside = !r.row.end;
			start = r.row.addr;
		}
	}
	return found && obj_place(o, best, ret, &section);
}
