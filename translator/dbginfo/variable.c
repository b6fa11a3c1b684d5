// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The variables that a function shows at an address, what it returns, and globals.
 *
 * A body made from an abstract function (inlined somewhere, or cloned) repeats only what it needs:
 * parameters come in the order of the abstract one, each looked for in the body.  Locals of blocks
 * that cover the address are visible, inner ones first when names are equal.  Those of other blocks
 * are not.  The value returned follows the System V ABI for x86-64, 3.2.3.
 */
#include <string.h>

#include "dbginfo/private.h"

enum { RAX = 0, RDX = 1 };	/* DWARF numbers */

struct reader {
	struct scope s;
	struct dbg_object *o;
	const char *name;	/* NULL: all */
	struct vars *out;
	size_t nparams;
};

static const char *name_of(Dwarf_Die *die)
{
	Dwarf_Die named;

	return die_named(die, &named) ? dwarf_diename(&named) : NULL;
}

static bool wanted(const struct reader *r, const char *name)
{
	return name && *name && (!r->name || !strcmp(name, r->name));
}

static void add(struct reader *r, Dwarf_Die *die, const char *name, bool param, bool here)
{
	struct site_var *v = vec_add(r->s.a, r->out);

	v->name = name;
	v->type = type_of(r->o, die);
	v->param = param;
	v->user = is_program(r->o);
	if (here)
		location_variable(&r->s, die, v->type, &v->loc);
	else
		location_none(&v->loc, "optimized out");
}

/* The child of BODY that was made from the abstract entry at OFF. */
static bool child_made_from(Dwarf_Die *body, uint64_t off, Dwarf_Die *ret)
{
	Dwarf_Die origin;

	if (!die_child(body, ret))
		return false;
	do {
		if (die_ref(ret, DW_AT_abstract_origin, &origin) &&
		    dwarf_dieoffset(&origin) == off)
			return true;
	} while (die_next(ret));
	return false;
}

static void read_params(struct reader *r, Dwarf_Die *body)
{
	Dwarf_Die from, c, mine;
	bool abstract = die_ref(body, DW_AT_abstract_origin, &from);

	if (!die_child(abstract ? &from : body, &c))
		return;
	do {
		const char *name;

		if (dwarf_tag(&c) != DW_TAG_formal_parameter)
			continue;
		name = name_of(&c);
		if (!wanted(r, name))
			continue;
		if (!abstract)
			add(r, &c, name, true, true);
		else if (child_made_from(body, dwarf_dieoffset(&c), &mine))
			add(r, &mine, name, true, true);
		else
			add(r, &c, name, true, dwarf_hasattr(&c, DW_AT_const_value));
	} while (die_next(&c));
	r->nparams = r->out->n;
}

static bool is_shadowed(const struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->out->n; i++)
		if (!strcmp(r->out->v[i].name, name))
			return true;
	return false;
}

/* `extern int x;` inside a function stands for the global. */
static void add_local(struct reader *r, Dwarf_Die *die, const char *name)
{
	struct site_var *v;

	if (!die_flag(die, DW_AT_declaration)) {
		add(r, die, name, false, true);
		return;
	}
	v = vec_add(r->s.a, r->out);
	if (dbg_global(r->o, r->s.a, name, v))
		return;
	v->name = name;
	v->type = type_of(r->o, die);
	location_none(&v->loc, "it is declared here and defined elsewhere");
}

/* Inner blocks first, so that what they hide is seen to be hidden. */
static void read_locals(struct reader *r, Dwarf_Die *block, int depth)
{
	Dwarf_Die c;

	if (depth > MAX_DIE_DEPTH || !die_child(block, &c))
		return;
	do {
		if (dwarf_tag(&c) == DW_TAG_lexical_block && dwarf_haspc(&c, r->s.pc) > 0)
			read_locals(r, &c, depth + 1);
	} while (die_next(&c));
	if (!die_child(block, &c))
		return;
	do {
		const char *name;

		if (dwarf_tag(&c) != DW_TAG_variable)
			continue;
		name = name_of(&c);
		if (wanted(r, name) && !is_shadowed(r, name))
			add_local(r, &c, name);
	} while (die_next(&c));
}

/* Locals that only the abstract function still has: known by name, and nothing else. */
static void read_lost(struct reader *r, Dwarf_Die *body)
{
	Dwarf_Die from, c;

	if (!die_ref(body, DW_AT_abstract_origin, &from) || !die_child(&from, &c))
		return;
	do {
		const char *name = dwarf_tag(&c) == DW_TAG_variable ? dwarf_diename(&c) : NULL;

		if (wanted(r, name) && !is_shadowed(r, name))
			add(r, &c, name, false, dwarf_hasattr(&c, DW_AT_location) ||
			    dwarf_hasattr(&c, DW_AT_const_value));
	} while (die_next(&c));
}

/* A variable of the unit's own file scope. */
static void read_unit(struct reader *r, Dwarf_Die *die)
{
	Dwarf_Die cu, c;

	if (!dwarf_diecu(die, &cu, NULL, NULL) || !die_child(&cu, &c))
		return;
	do {
		if (dwarf_tag(&c) == DW_TAG_variable && wanted(r, name_of(&c)) &&
		    !is_shadowed(r, r->name) && dwarf_hasattr(&c, DW_AT_location))
			add(r, &c, r->name, false, true);
	} while (die_next(&c));
}


/*
 * Without optimisation parameters have a place in the frame, which the prologue makes: at the entry they are
 * where the caller has put them.  NAME NULL: all.
 */
static void read_entry(struct dbg_func *f, struct reader *r, const char *name)
{
	struct vars all = {0}, *out = r->out;
	struct abi_cursor c;

	r->name = NULL;
	r->out = &all;
	read_params(r, &r->s.die);
	r->out = out;
	r->name = name;
	r->nparams = 0;
	abi_begin(&c, type_of(f->object, &r->s.die));
	vec_each(&all, i) {
		abi_parameter(&c, r->s.a, all.v[i].type, &all.v[i].loc);
		if (wanted(r, all.v[i].name))
			*vec_add(r->s.a, out) = all.v[i];
	}
}

static bool is_unoptimised_entry(const struct dbg_func *f, uint64_t pc)
{
	return pc == f->entry && f->after_prologue != f->entry && !f->is_inline;
}

size_t dbg_vars(struct dbg_func *f, struct arena *a, uint64_t pc, const char *name,
		struct site_var **ret)
{
	struct vars out = {0};
	struct reader r = { .o = f->object, .name = name, .out = &out };
	uint64_t dw;

	if (r.o->btf)
		return btf_vars(f, a, pc, name, ret);
	*ret = NULL;
	if (!die_at(r.o, f->die, &r.s.die) || !obj_dwarf(r.o, f->section, pc, &dw))
		return 0;
	r.s.o = r.o;
	r.s.a = a;
	r.s.pc = dw;
	if (is_unoptimised_entry(f, pc)) {
		read_entry(f, &r, name);
	} else if (name) {
		/* The innermost meaning of the name wins; a block may hide a parameter. */
		read_locals(&r, &r.s.die, 0);
		if (!out.n)
			read_params(&r, &r.s.die);
	} else {
		read_params(&r, &r.s.die);
		read_locals(&r, &r.s.die, 0);
	}
	read_lost(&r, &r.s.die);
	if (name && !out.n)
		read_unit(&r, &r.s.die);
	if (name && !out.n) {
		struct site_var global = {0};

		if (dbg_global(r.o, a, name, &global))
			*vec_add(a, &out) = global;
	}
	*ret = out.v;
	return out.n;
}

/* ---- what a function returns ---- */

bool dbg_return(struct dbg_func *f, struct arena *a, struct site_var *ret)
{
	static const unsigned result[] = { RAX, RDX };
	const char *unknown = NULL;
	Dwarf_Die die;
	struct ctype *t;
	bool in_memory;

	*ret = (struct site_var){ .name = "return", .is_return = true, .user = is_program(f->object) };
	if (f->object->btf)
		btf_result(f, &ret->type, &unknown);
	else if (die_at(f->object, f->die, &die))
		ret->type = type_of(f->object, &die);
	else
		return false;
	t = ctype_strip(ret->type);
	if (unknown)
		location_none(&ret->loc, unknown);
	else if (f->is_inline)
		location_none(&ret->loc, "an inlined function does not return");
	else if (!t)
		location_none(&ret->loc, "the function returns void");
	else if ((t->kind == CT_STRUCT || t->kind == CT_UNION) && !ctype_complete(t))
		location_none(&ret->loc, "the returned type is incomplete");
	else if (t->size == 0)
		location_none(&ret->loc, "the returned type is empty");
	else if (!abi_integer_only(t, &in_memory) && !in_memory)
		location_none(&ret->loc, FLOAT_REGISTER);
	else if (in_memory)
		ret->loc = (struct location){ .kind = LOC_MEMORY, .expr = lx_reg(a, RAX) };
	else
		abi_registers(a, result, t->size, &ret->loc);
	return true;
}

/* ---- globals ---- */

static bool knows_file(const struct index *ix, const char *pattern)
{
	for (size_t i = 0; i < ix->nfile; i++)
		if (file_matches(ix_str(ix, ix->file[i]), pattern))
			return true;
	return false;
}

static bool dwarf_global(struct dbg_object *o, struct arena *a, const char *name, struct site_var *ret)
{
	const struct index *ix = index_of(o);
	const char *at = strchr(name, '@');
	const char *plain = at ? arena_strndup(a, name, at - name) : name;
	size_t i = index_find(ix, ix->var, ix->nvar, sizeof(*ix->var), plain), best = SIZE_MAX;
	struct scope s = { .o = o, .a = a, .no_pc = true };

	for (; i < ix->nvar && !strcmp(ix_str(ix, ix->var[i].name), plain); i++) {
		const char *file = ix_str(ix, ix->var[i].file);

		/* What only a linker script defines (jiffies) is no unit's: whoever names a unit means it. */
		if (at && !file_matches(file, at + 1) && !(ix->var[i].declared && knows_file(ix, at + 1)))
			continue;
		/* The shortest path of those that match, as the manual says of @var. */
		if (best == SIZE_MAX || strlen(file) < strlen(ix_str(ix, ix->var[best].file)))
			best = i;
	}
	if (best == SIZE_MAX || !die_at(o, ix->var[best].die, &s.die))
		return false;
	*ret = (struct site_var){ .name = plain, .user = is_program(o) };
	ret->type = type_of(o, &s.die);
	if (!ix->var[best].declared)
		location_variable(&s, &s.die, ret->type, &ret->loc);
	else if (!sym_location(o, a, sym_named(o, plain), &ret->loc))
		location_none(&ret->loc, "its symbol is in no section of the image");
	return true;
}

bool dbg_global(struct dbg_object *o, struct arena *a, const char *name, struct site_var *ret)
{
	return o->btf ? btf_global(o, a, name, ret) : dwarf_global(o, a, name, ret);
}
