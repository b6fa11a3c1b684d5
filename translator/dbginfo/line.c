// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FILE:LINE to addresses, from the line tables of the units whose file names match.
 *
 * Decoding a line table costs more than reading its file names, so units without a matching name
 * are passed over.  Only rows that begin a statement count.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

struct lines { struct dbg_line *v; size_t n, cap; };

static bool mentions(const struct index *ix, const struct ix_unit *u, const char *file,
		     char *known)
{
	for (uint32_t i = u->first; i < u->first + u->n; i++) {
		uint32_t name = ix->file[i];

		if (!known[name])
			known[name] = file_matches(ix_str(ix, name), file) ? 2 : 1;
		if (known[name] == 2)
			return true;
	}
	return false;
}

/* The number of a row's file, which is the one files_of() counts by. */
static const char *file_of(Dwarf_Files *files, const struct files *names, Dwarf_Line *l)
{
	Dwarf_Files *own;
	size_t i;

	if (dwarf_line_file(l, &own, &i) || own != files || i >= names->n)
		return NULL;
	return names->v[i];
}

static void read_unit(struct dbg_object *o, struct arena *a, Dwarf_Die *cu, const char *file,
		      unsigned line, struct lines *ret)
{
	const struct files *names = files_of(o, cu);
	Dwarf_Files *files;
	Dwarf_Lines *rows;
	size_t n, nfiles;

	if (dwarf_getsrcfiles(cu, &files, &nfiles) || dwarf_getsrclines(cu, &rows, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *l = dwarf_onesrcline(rows, i);
		struct dbg_line row = {0};
		Dwarf_Addr addr;
		bool stmt, end;
		int number;

		if (dwarf_lineno(l, &number) || (line && (unsigned)number != line) || !number ||
		    dwarf_linebeginstatement(l, &stmt) || !stmt ||
		    dwarf_lineendsequence(l, &end) || end || dwarf_lineaddr(l, &addr))
			continue;
		row.file = file_of(files, names, l);
		row.line = number;
		if (file_matches(row.file, file) && obj_place(o, addr, &row.addr, &row.section))
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

size_t dbg_lines(struct dbg_object *o, struct arena *a, const char *file, unsigned line,
		 struct dbg_line **ret)
{
	struct lines l = {0};
	const struct index *ix = index_of(o);
	char *known = xmalloc(ix->npool);	/* by offset of the name: 0 not asked, 1 no, 2 yes */
	size_t n = 0;

	memset(known, 0, ix->npool);
	for (size_t i = 0; i < ix->nunit; i++) {
		Dwarf_Die cu;

		if (mentions(ix, &ix->unit[i], file, known) && die_at(o, ix->unit[i].die, &cu))
			read_unit(o, a, &cu, file, line, &l);
	}
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
	Dwarf_Lines *rows;
	Dwarf_Die cu;
	uint64_t pc;
	size_t n;
	bool found = false;
	Dwarf_Addr best = 0;

	if (!obj_open(o) || !o->dw || !obj_dwarf(o, section, addr, &pc) || !unit_at(o, pc, &cu) ||
	    dwarf_getsrclines(&cu, &rows, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *l = dwarf_onesrcline(rows, i);
		Dwarf_Addr at;
		bool end;

		if (dwarf_lineaddr(l, &at) || dwarf_lineendsequence(l, &end) || end || at > pc ||
		    (found && at < best))
			continue;
		best = at;
		found = true;
	}
	return found && obj_place(o, best, ret, &section);
}
