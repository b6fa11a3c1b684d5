// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where in its function a variable can be had, for people who asked at an address where it cannot.
 *
 * Every variable of that name in the function and its blocks is looked at; of the beginnings of the
 * ranges in its location lists the nearest one behind the address is taken, else the last before it.
 * A place counts when the location there is one that can be read.
 */
#include <string.h>

#include "dbginfo/private.h"

struct lifetime {
	struct dbg_object *o;
	struct arena *a;
	const char *name;
	Dwarf_Addr pc, best;
	bool found;
};

static bool can_be_had(struct lifetime *l, Dwarf_Die *die, Dwarf_Addr pc)
{
	struct scope s = { .o = l->o, .a = l->a, .die = *die, .pc = pc };
	struct location where;

	location_variable(&s, die, type_of(l->o, die), &where);
	return where.kind != LOC_NONE;
}

/* Behind the address the nearest, before it the last. */
static bool is_better(const struct lifetime *l, Dwarf_Addr at)
{
	if (!l->found)
		return true;
	if (at >= l->pc)
		return l->best < l->pc || at < l->best;
	return l->best < l->pc && at > l->best;
}

static void look_at(struct lifetime *l, Dwarf_Die *die)
{
	Dwarf_Addr base, start, end;
	Dwarf_Attribute at;
	ptrdiff_t off = 0;
	Dwarf_Op *ops;
	size_t n;

	if (!dwarf_attr_integrate(die, DW_AT_location, &at))
		return;
	while ((off = dwarf_getlocations(&at, off, &base, &start, &end, &ops, &n)) > 0) {
		if (start >= end || start == (Dwarf_Addr)-1 || !is_better(l, start) ||
		    !can_be_had(l, die, start))
			continue;
		l->best = start;
		l->found = true;
	}
}

static void walk(struct lifetime *l, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die, named;
	const char *name;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_lexical_block:
			walk(l, &die, depth + 1);
			break;
		case DW_TAG_formal_parameter:
		case DW_TAG_variable:
			name = die_named(&die, &named) ? dwarf_diename(&named) : NULL;
			if (name && !strcmp(name, l->name))
				look_at(l, &die);
			break;
		}
	} while (die_next(&die));
}

/* The line of the instruction at PC. */
static bool line_at(struct dbg_object *o, Dwarf_Addr pc, struct dbg_line *ret)
{
	Dwarf_Die cu;
	Dwarf_Line *l;
	int line;

	if (!unit_at(o, pc, &cu) || !(l = dwarf_getsrc_die(&cu, pc)) || dwarf_lineno(l, &line))
		return false;
	ret->line = (unsigned)line;
	return obj_place(o, pc, &ret->addr, &ret->section);
}

bool dbg_lives(struct dbg_func *f, struct arena *a, uint64_t pc, const char *name, struct dbg_line *ret)
{
	struct lifetime l = { .o = f->object, .a = a, .name = name };
	Dwarf_Die die;

	if (!obj_dwarf(f->object, f->section, pc, &l.pc) || !die_at(f->object, f->die, &die))
		return false;
	walk(&l, &die, 0);
	if (!l.found || l.best == l.pc)
		return false;
	*ret = (struct dbg_line){ .file = f->file };
	return line_at(f->object, l.best, ret);
}
