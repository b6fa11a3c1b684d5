// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What lies inside a function: its labels, and the functions it calls.
 *
 * A call is a DW_TAG_call_site (DWARF 5, 3.4; before that gcc's GNU form) that names the function
 * called and the address it returns to; an inlined instance directly in the function counts as a
 * call that leaves no return address.  What an inlined function calls are its own calls, not those
 * of the function around it.  Calls through pointers and of other objects name nobody.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

struct calls {
	struct dbg_object *o;
	struct arena *a;
	const char *glob;
	struct dbg_callee_list *out;
};

/* The name that DIE stands for, when it fits GLOB; *named is the DIE that has it. */
static const char *fitting_name(Dwarf_Die *die, const char *glob, Dwarf_Die *named)
{
	const char *name = die_named(die, named) ? dwarf_diename(named) : NULL;

	return name && str_glob(glob, name) ? name : NULL;
}

/* The entry of function F in the list; inlined instances are one each. */
static struct dbg_callee *entry_of(struct calls *c, struct dbg_func *f)
{
	struct dbg_callee *e;

	vec_each(c->out, i)
		if (c->out->v[i].func->die == f->die)
			return &c->out->v[i];
	e = vec_add(c->a, c->out);
	*e = (struct dbg_callee){ .func = f };
	return e;
}

static bool return_address(Dwarf_Die *site, Dwarf_Addr *ret)
{
	Dwarf_Attribute at;

	if (dwarf_attr(site, DW_AT_call_return_pc, &at))
		return dwarf_formaddr(&at, ret) == 0;
	return dwarf_tag(site) == DW_TAG_GNU_call_site && dwarf_lowpc(site, ret) == 0;
}

/* Body F was made from the function that ORIGIN declares. */
static bool made_from(struct dbg_object *o, const struct dbg_func *f, Dwarf_Die *origin)
{
	Dwarf_Die die, from;

	return die_at(o, f->die, &die) && die_ref(&die, DW_AT_abstract_origin, &from) &&
	       dwarf_dieoffset(&from) == dwarf_dieoffset(origin);
}

static bool is_external(struct dbg_object *o, const struct dbg_func *f)
{
	Dwarf_Die die;

	return die_at(o, f->die, &die) && die_flag(&die, DW_AT_external);
}

/* Bodies of the function that a call site names, clones included. */
static void find_bodies(struct calls *c, Dwarf_Die *origin, struct dbg_func_list *ret)
{
	struct dbg_func_list all = {0};
	struct dbg_func *f;
	Dwarf_Die named;
	const char *name;

	if (die_has_code(origin)) {
		f = func_make(c->o, c->a, origin);
		if (f)
			*vec_add(c->a, ret) = f;
		return;
	}
	name = fitting_name(origin, "*", &named);
	if (!name)
		return;
	dbg_functions(c->o, c->a, name, NULL, 0, DBG_BODIES, &all);
	vec_each(&all, i)
		if (made_from(c->o, all.v[i], origin))
			*vec_add(c->a, ret) = all.v[i];
	if (ret->n || !die_flag(&named, DW_AT_external))
		return;
	vec_each(&all, i)
		if (is_external(c->o, all.v[i]))
			*vec_add(c->a, ret) = all.v[i];
}

static void add_call(struct calls *c, Dwarf_Die *site)
{
	struct dbg_func_list l = {0};
	Dwarf_Die origin, named;
	Dwarf_Addr pc = 0;
	bool tail = die_flag(site, DW_AT_call_tail_call) || die_flag(site, DW_AT_GNU_tail_call);

	if (!die_ref(site, DW_AT_call_origin, &origin) &&
	    !die_ref(site, DW_AT_abstract_origin, &origin))
		return;
	if (!fitting_name(&origin, c->glob, &named))
		return;
	if (!tail && !return_address(site, &pc))
		return;
	find_bodies(c, &origin, &l);
	vec_each(&l, i) {
		struct dbg_callee *e = entry_of(c, l.v[i]);
		struct dbg_return_place *p;

		e->tail |= tail;
		if (tail)
			continue;
		p = vec_add(c->a, &e->returns);
		if (!obj_place(c->o, pc, &p->addr, &p->section))
			e->returns.n--;
	}
}

static void add_inlined(struct calls *c, Dwarf_Die *die)
{
	Dwarf_Die named;
	struct dbg_func *f;

	if (!fitting_name(die, c->glob, &named))
		return;
	f = func_make(c->o, c->a, die);
	if (f)
		entry_of(c, f);
}

static void walk_calls(struct calls *c, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_lexical_block:
			walk_calls(c, &die, depth + 1);
			break;
		case DW_TAG_inlined_subroutine:
			add_inlined(c, &die);
			break;
		case DW_TAG_call_site:
		case DW_TAG_GNU_call_site:
			add_call(c, &die);
			break;
		}
	} while (die_next(&die));
}

void dbg_callees(struct dbg_func *f, struct arena *a, const char *glob, struct dbg_callee_list *ret)
{
	struct calls c = { .o = f->object, .a = a, .glob = glob, .out = ret };
	Dwarf_Die die;

	if (die_at(f->object, f->die, &die))
		walk_calls(&c, &die, 0);
}

/* ---- labels ---- */

static void walk_labels(struct dbg_object *o, struct arena *a, Dwarf_Die *scope, const char *glob,
			struct dbg_label_list *ret, int depth)
{
	Dwarf_Die die, named;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return;
	do {
		struct dbg_label l = {0};
		Dwarf_Addr pc;

		if (dwarf_tag(&die) == DW_TAG_lexical_block)
			walk_labels(o, a, &die, glob, ret, depth + 1);
		if (dwarf_tag(&die) != DW_TAG_label || dwarf_lowpc(&die, &pc) ||
		    !(l.name = fitting_name(&die, glob, &named)))
			continue;
		l.line = (unsigned)die_int(&named, DW_AT_decl_line, 0);
		if (obj_place(o, pc, &l.addr, &l.section))
			*vec_add(a, ret) = l;
	} while (die_next(&die));
}

void dbg_labels(struct dbg_func *f, struct arena *a, const char *glob, struct dbg_label_list *ret)
{
	Dwarf_Die die;

	if (die_at(f->object, f->die, &die))
		walk_labels(f->object, a, &die, glob, ret, 0);
}
