// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel.function, module().function, .statement and the dwarfless kprobe.function: patterns to
 * addresses by debuginfo, target variables at those addresses.
 *
 * A function is probed at its entry, where the debuginfo of optimised code tells the place of every
 * parameter; code built without optimisation behind its prologue.  Plain .function means bodies and
 * inlined instances, .call bodies, .inline instances, .return the return of bodies.  Wildcards pass
 * over what cannot be probed; a name without any place that can is an error that says why.  A
 * function is taken once per address, but several may begin at one: inlined ones.
 */
#include "family/debuginfo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/strmap.h"
#include "session/session.h"

enum { FUNCTION, CALL, INLINE, RETURN, EXPORTED, STATEMENT, NEAREST, BARE, BARE_RETURN };

static const struct point_form forms[] = {
	{ "kernel.function(string)", FUNCTION, "entry of a function or its inlined instances" },
	{ "kernel.function(string).call", CALL, "entry of a function that is called" },
	{ "kernel.function(string).return", RETURN, "return from a function" },
	{ "kernel.function(string).return.maxactive(number)", RETURN,
	  "return from a function, N calls at a time" },
	{ "kernel.function(string).inline", INLINE, "inlined instances of a function" },
	{ "kernel.function(string).exported", EXPORTED, "entry of a function exported to modules" },
	{ "kernel.function(number)", FUNCTION, "entry of the function at a link-time address" },
	{ "kernel.function(number).call", CALL, "entry of the function at a link-time address" },
	{ "kernel.function(number).return", RETURN, "return from the function at an address" },
	{ "kernel.statement(string)", STATEMENT, "a line of source, FUNCTION@FILE:LINE" },
	{ "kernel.statement(string).nearest", NEAREST, "the nearest line that has code" },
	{ "kernel.statement(number)", STATEMENT, "the instruction at a link-time address" },
	{ "module(string).function(string)", FUNCTION, "entry of a module's function" },
	{ "module(string).function(string).call", CALL, "entry of a function that is called" },
	{ "module(string).function(string).return", RETURN, "return from a module's function" },
	{ "module(string).function(string).return.maxactive(number)", RETURN,
	  "return from a module's function, N calls at a time" },
	{ "module(string).function(string).inline", INLINE, "inlined instances of a function" },
	{ "module(string).function(string).exported", EXPORTED,
	  "entry of a function the module exports" },
	{ "module(string).statement(string)", STATEMENT, "a line of a module's source" },
	{ "module(string).statement(string).nearest", NEAREST, "the nearest line that has code" },
	{ "kprobe.function(string)", BARE, "entry of a kernel function, by symbol" },
	{ "kprobe.function(string).call", BARE, "entry of a kernel function, by symbol" },
	{ "kprobe.function(string).return", BARE_RETURN, "return from a kernel function, by symbol" },
	{ "kprobe.module(string).function(string)", BARE, "entry of a module's function, by symbol" },
	{ "kprobe.module(string).function(string).call", BARE,
	  "entry of a module's function, by symbol" },
	{ "kprobe.module(string).function(string).return", BARE_RETURN,
	  "return from a module's function, by symbol" },
	{ NULL },
};

/* One resolution: a pattern in one object. */
struct search {
	struct resolver *r;
	const struct point_match *m;
	struct dbg_object *o;
	struct site_list *out;
	struct pattern pattern;
	const struct place *place;	/* of the pattern */
	struct strmap places;		/* that have a site */
	const struct dbg_func *refused;	/* one that cannot */
	const char *why;
};

/* ---- sites ---- */

static bool is_return_kind(int kind)
{
	return kind == RETURN || kind == BARE_RETURN;
}

/* The point as resolved: the pattern replaced by FUNCTION@FILE:LINE, the words behind it kept. */
static const char *resolved_text(struct search *s, const struct dbg_func *f, unsigned line)
{
	const struct point *p = s->m->point;
	const char *module = dbg_module_name(s->o), *text;
	struct buf b = {0};

	if (module)
		buf_printf(&b, "module(\"%s\")", module);
	else
		buf_puts(&b, "kernel");
	buf_printf(&b, ".%s(\"%s", p->comp.v[1].name, f->name);
	if (f->file)
		buf_printf(&b, "@%s:%u", f->file, line);
	buf_puts(&b, "\")");
	for (size_t i = 2; i < p->comp.n; i++) {
		buf_printf(&b, ".%s", p->comp.v[i].name);
		if (s->m->has_arg[i])
			buf_printf(&b, "(%" PRId64 ")", s->m->num[i]);
	}
	text = arena_strdup(s->r->a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

/* Is this place of the function taken?  Different functions may begin at one address: inlined ones. */
static bool taken(struct search *s, const struct dbg_func *f, uint64_t addr)
{
	const char *module = dbg_module_name(s->o);
	char *key = arena_printf(s->r->a, "%s %s %s %" PRIx64, module ? module : "", f->name,
				 f->section ? f->section : "", addr);

	if (strmap_has(&s->places, key))
		return true;
	strmap_put(&s->places, key, key);
	return false;
}

/* The kernel's own list of functions whose return cannot be seen (kretprobe_blacklist on x86). */
static const char *return_why_not(const struct dbg_func *f)
{
	if (f->is_inline)
		return "it is inlined everywhere, and an inlined function does not return";
	if (!strcmp(f->name, "__switch_to"))
		return "it switches stacks, so the kernel allows no return probe";
	return NULL;
}

static void add_site(struct search *s, struct dbg_func *f, uint64_t addr, unsigned line)
{
	bool is_return = is_return_kind(s->m->form->kind);
	const char *why = f->why_not;
	struct site *x;

	if (!why && is_return)
		why = return_why_not(f);
	if (why) {
		s->refused = f;
		s->why = why;
		return;
	}
	if (taken(s, f, addr))
		return;
	x = arena_new(s->r->a, struct site);
	x->pp = resolved_text(s, f, line);
	x->pn = s->m->pn;
	x->func = f->name;
	x->module = dbg_module_name(s->o);
	x->address = addr;
	x->symbol = f->by_symbol ? f->linkage : NULL;
	x->section = f->section;
	x->is_return = is_return;
	x->is_inline = f->is_inline;
	x->entry_patchable = f->patchable && addr == f->entry;
	x->optional = s->r->optional || str_is_glob(s->pattern.name ? s->pattern.name : "");
	x->kind = s->m->form->kind;
	x->dbg = f;
	x->place = s->m->point->place;
	if (is_return && s->m->form->kind == RETURN && s->m->has_arg[3])
		x->maxactive = s->m->num[3];
	*vec_add(s->r->a, s->out) = x;
}

static void add_function(struct search *s, struct dbg_func *f)
{
	uint64_t ignored;

	if (s->m->form->kind == EXPORTED &&
	    !dbg_symbol(s->o, arena_printf(s->r->a, "__ksymtab_%s", f->name), &ignored))
		return;
	add_site(s, f, is_return_kind(s->m->form->kind) ? f->entry : f->after_prologue, f->line);
}

/* ---- functions ---- */

static unsigned which_of(int kind)
{
	return kind == INLINE ? DBG_INLINES : kind == FUNCTION || kind == STATEMENT ||
	       kind == NEAREST ? DBG_BODIES | DBG_INLINES : DBG_BODIES;
}

static int by_line(const void *a, const void *b)
{
	const struct dbg_line *x = *(const struct dbg_line *const *)a;
	const struct dbg_line *y = *(const struct dbg_line *const *)b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* "NAME@FILE:LINE": functions declared there, and those whose code spans the line. */
static bool spans(struct search *s, const struct dbg_func *f, struct dbg_line *const *row, size_t n)
{
	if (s->pattern.relative || pattern_has_line(&s->pattern, f->line))
		return true;
	for (size_t i = 0; i < n; i++) {
		const struct dbg_func *in = dbg_scope_at(s->o, s->r->a, row[i]->addr,
							 row[i]->section);

		if (in && in->die == f->die)
			return true;
	}
	return false;
}

static void add_functions(struct search *s)
{
	struct dbg_func_list l = {0};
	struct { struct dbg_line **v; size_t n, cap; } rows = {0};
	struct dbg_line *line;
	size_t n = 0;

	dbg_functions(s->o, s->r->a, s->pattern.name, s->pattern.file, 0,
		      which_of(s->m->form->kind), &l);
	if (s->pattern.lines.n && l.n)
		n = dbg_lines(s->o, s->r->a, s->pattern.file, 0, &line);
	for (size_t i = 0; i < n; i++)
		if (pattern_has_line(&s->pattern, line[i].line))
			*vec_add(s->r->a, &rows) = &line[i];
	if (rows.n)
		qsort(rows.v, rows.n, sizeof(*rows.v), by_line);
	vec_each(&l, i)
		if (!s->pattern.lines.n || spans(s, l.v[i], rows.v, rows.n))
			add_function(s, l.v[i]);
}

/* ---- statements ---- */

/* One address for each line in each scope: its lowest. */
static bool first_of_scope(const struct site_list *out, size_t from, const struct dbg_func *f,
			   const char *pp)
{
	for (size_t i = from; i < out->n; i++) {
		const struct dbg_func *g = out->v[i]->dbg;

		if (g->die == f->die && !strcmp(out->v[i]->pp, pp))
			return false;
	}
	return true;
}

static void add_rows(struct search *s, const struct dbg_line *row, size_t n, unsigned exact)
{
	size_t from = s->out->n;

	for (size_t i = 0; i < n; i++) {
		struct dbg_func *f;
		unsigned line = row[i].line;

		if (exact ? line != exact : !s->pattern.relative &&
		    !pattern_has_line(&s->pattern, line))
			continue;
		f = dbg_scope_at(s->o, s->r->a, row[i].addr, row[i].section);
		if (!f || !str_glob(s->pattern.name, f->name))
			continue;
		if (!exact && s->pattern.relative &&
		    (line < f->line || !pattern_has_line(&s->pattern, line - f->line)))
			continue;
		f->why_not = dbg_why_not(s->o, row[i].addr, row[i].section);
		f->file = row[i].file;
		if (first_of_scope(s->out, from, f, resolved_text(s, f, line)))
			add_site(s, f, row[i].addr, line);
	}
}

/* The line nearest to the one asked for that has code in a function of that name; later wins. */
static unsigned nearest_line(struct search *s, const struct dbg_line *row, size_t n)
{
	unsigned want = s->pattern.lines.v[0].from, best = 0, distance = ~0u;

	for (size_t i = 0; i < n; i++) {
		unsigned line = row[i].line, d = line > want ? line - want : want - line;
		struct dbg_func *f;

		if (d > distance || (d == distance && line <= best))
			continue;
		f = dbg_scope_at(s->o, s->r->a, row[i].addr, row[i].section);
		if (f && str_glob(s->pattern.name, f->name)) {
			best = line;
			distance = d;
		}
	}
	return best;
}

static void add_statements(struct search *s)
{
	const struct pattern *p = &s->pattern;
	bool one = p->lines.n == 1 && p->lines.v[0].from == p->lines.v[0].to && p->lines.v[0].to &&
		   !p->relative;
	struct dbg_line *row;
	unsigned exact = 0;
	size_t n;

	if (!p->lines.n) {
		add_functions(s);
		return;
	}
	n = dbg_lines(s->o, s->r->a, p->file,
		      one && s->m->form->kind != NEAREST ? p->lines.v[0].from : 0, &row);
	if (one && s->m->form->kind == NEAREST)
		exact = nearest_line(s, row, n);
	add_rows(s, row, n, exact);
}

/* ---- addresses ---- */

static bool add_address(struct search *s)
{
	uint64_t addr = s->m->num[1];
	struct dbg_func *f = dbg_scope_at(s->o, s->r->a, addr, NULL);

	if (!f)
		return family_unresolved(s->r, s->m, s->place, "no-code",
					 "no function of the kernel covers address %#" PRIx64
					 " (link-time addresses, as in System.map, are meant)", addr);
	if (s->m->form->kind != STATEMENT) {
		add_function(s, f);
		return true;
	}
	f->why_not = dbg_why_not(s->o, addr, NULL);
	add_site(s, f, addr, f->line);
	return true;
}

/* ---- nothing found ---- */

static const char *similar_names(struct search *s)
{
	const char *near[5], *text;
	size_t n = dbg_similar_functions(s->o, s->pattern.name, near, 5);
	struct buf b = {0};

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : " (similar functions: ", near[i]);
	if (n)
		buf_putc(&b, ')');
	text = arena_strdup(s->r->a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

/* A name that is there in the other form: called when inlined was asked for, or the reverse. */
static const char *other_form(struct search *s)
{
	struct dbg_func_list l = {0};
	unsigned which = which_of(s->m->form->kind);

	if (which == (DBG_BODIES | DBG_INLINES) || str_is_glob(s->pattern.name))
		return NULL;
	dbg_functions(s->o, s->r->a, s->pattern.name, s->pattern.file, 0,
		      which == DBG_BODIES ? DBG_INLINES : DBG_BODIES, &l);
	if (!l.n)
		return NULL;
	if (which == DBG_INLINES)
		return arena_printf(s->r->a, "function '%s' has no inlined instance; use .call",
				    s->pattern.name);
	return arena_printf(s->r->a, "function '%s' is inlined everywhere it is used (%zu instances) "
			    "and never called%s", s->pattern.name, l.n,
			    s->m->form->kind == RETURN ? ", so there is no return to probe; probe its "
			    "entry with .inline" : "; use .inline");
}

/* A symbol whose code the compiler merged with that of an equal function: DWARF has the other name. */
static const struct dbg_func *merged_with(struct search *s)
{
	uint64_t addr;

	if (dbg_module_name(s->o) || !dbg_symbol(s->o, s->pattern.name, &addr))
		return NULL;
	return dbg_scope_at(s->o, s->r->a, addr, NULL);
}

/* Does the point ask for what BTF does not know? */
static bool needs_dwarf(const struct search *s)
{
	int kind = s->m->form->kind;

	return s->pattern.file || s->pattern.lines.n ||
	       (kind != FUNCTION && kind != CALL && kind != RETURN && kind != EXPORTED);
}

static bool report_nothing(struct search *s)
{
	const char *what = dbg_module_name(s->o), *other;
	const struct dbg_func *merged;

	what = what ? arena_printf(s->r->a, "module %s", what) : "the kernel";
	if (s->refused)
		return family_unresolved(s->r, s->m, s->place, "not-probeable",
					 "function '%s' cannot be probed: %s", s->refused->name,
					 s->why);
	if (dbg_lacks(s->o) && needs_dwarf(s))
		return family_unresolved(s->r, s->m, s->place, "no-dwarf", "no match: %s",
					 dbg_lacks(s->o));
	other = other_form(s);
	if (other)
		return family_unresolved(s->r, s->m, s->place, "no-match", "no match: %s", other);
	merged = merged_with(s);
	if (merged && !merged->is_inline && strcmp(merged->name, s->pattern.name))
		return family_unresolved(s->r, s->m, s->place, "no-match", "no match: the code of '%s' "
					 "was merged with that of '%s', which can be probed",
					 s->pattern.name, merged->name);
	if (s->pattern.lines.n)
		return family_unresolved(s->r, s->m, s->place, "no-match", "no match: no code of '%s' "
					 "at this line of %s in %s%s", s->pattern.name,
					 s->pattern.file, what, s->m->form->kind == STATEMENT ?
					 " (.nearest takes the nearest one)" : "");
	return family_unresolved(s->r, s->m, s->place, "no-match", "no match%s%s%s%s",
				 family_renamed_text(s->r, NAME_FUNCTION, s->pattern.name), similar_names(s),
				 dbg_lacks(s->o) ? "; " : "", dbg_lacks(s->o) ? dbg_lacks(s->o) : "");
}

/* ---- the point ---- */

static bool search_object(struct search *s)
{
	if (s->m->has_arg[1] && !s->m->str[1])
		return add_address(s);
	if (s->m->form->kind == STATEMENT || s->m->form->kind == NEAREST)
		add_statements(s);
	else
		add_functions(s);
	return true;
}

static bool check_maxactive(struct resolver *r, const struct point_match *m)
{
	if (m->form->kind != RETURN || !m->has_arg[3] || (m->num[3] > 0 && m->num[3] <= 65536))
		return true;
	return family_unresolved(r, m, &m->arg_place[3], "maxactive-range",
				 "maxactive(%" PRId64 ") must be between 1 and 65536", m->num[3]);
}

/* By symbol, unseen: the kernel looks the name up when the probe is armed. */
static bool resolve_bare(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	bool in_module = m->str[1] && m->str[2];
	const char *name = in_module ? m->str[2] : m->str[1];
	struct site *x;

	if (!*name || str_is_glob(name) || (in_module && str_is_glob(m->str[1])))
		return family_unresolved(r, m, &m->arg_place[in_module ? 2 : 1], "bad-pattern",
					 "a dwarfless probe takes one plain name, no wildcards");
	x = arena_new(r->a, struct site);
	x->pp = m->pn;
	x->pn = m->pn;
	x->func = name;
	x->symbol = name;
	x->module = in_module ? m->str[1] : NULL;
	x->is_return = m->form->kind == BARE_RETURN;
	x->optional = r->optional;
	x->kind = m->form->kind;
	x->place = m->point->place;
	*vec_add(r->a, out) = x;
	return true;
}

/* Every installed module that matches; those without debuginfo are passed over for a wildcard. */
static bool search_modules(struct search *s)
{
	const char *glob = s->m->str[0], *const *name;
	bool many = str_is_glob(glob), optional = s->r->optional;
	size_t n = many ? dbg_modules(family_dbginfo(s->r), s->r->a, glob, &name) : 1;
	struct dbg_object *last = NULL;
	bool ok = true;

	s->r->optional |= many;
	for (size_t i = 0; i < n && ok; i++) {
		s->o = family_object(s->r, many ? name[i] : glob, &s->m->arg_place[0]);
		if (!s->o)
			continue;
		last = s->o;
		ok = search_object(s);
	}
	s->o = last;
	s->r->optional = optional;
	if (!last && many)
		return family_unresolved(s->r, s->m, &s->m->arg_place[0], "no-debuginfo",
					 "no installed module with debuginfo matches \"%s\"", glob);
	return ok && (last || optional);
}

/* Nothing has the name: is there anything by the name that newer kernels gave it? */
static bool search_renamed(struct search *s, size_t before)
{
	const char *old = s->pattern.name;
	const struct name_fact *f;
	size_t next = 0;

	while (old && (f = family_renamed(s->r, NAME_FUNCTION, old, &next))) {
		s->pattern.name = f->now;
		if (!search_object(s))
			return false;
		if (s->out->n > before) {
			names_tell(s->r->s, s->place, f);
			return true;
		}
	}
	s->pattern.name = old;
	return true;
}

static bool resolve_patterns(struct search *s)
{
	const struct point_match *m = s->m;
	struct resolver *r = s->r;
	size_t before = s->out->n;

	if (m->str[1] && !pattern_parse(r, m, m->str[1], s->place, &s->pattern))
		return false;
	if (m->str[1] && !s->pattern.name)
		return true;			/* a bad pattern in an optional point */
	if (m->has_arg[0]) {
		if (!search_modules(s))
			return false;
	} else {
		s->o = family_object(r, NULL, &m->point->place);
		if (s->o && !search_object(s))
			return false;
	}
	if (!s->o)
		return r->optional;
	if (s->out->n == before && !s->refused && !search_renamed(s, before))
		return false;
	return s->out->n > before || report_nothing(s);
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct search s = { .r = r, .m = m, .out = out, .place = &m->arg_place[1] };
	bool ok;

	if (m->form->kind == BARE || m->form->kind == BARE_RETURN)
		return resolve_bare(r, m, out);
	ok = check_maxactive(r, m) && resolve_patterns(&s);
	strmap_deinit(&s.places);
	return ok;
}

/* ---- variables ---- */

/* Without optimisation parameters are stored in the frame by the prologue: not yet at entry. */
static void check_entry(const struct site *s, struct site_var *v)
{
	const struct dbg_func *f = s->dbg;

	if (s->is_return && f->after_prologue != f->entry && v->loc.kind == LOC_MEMORY)
		v->loc = (struct location){ .kind = LOC_NONE, .why = "the function was built without "
			"optimisation, so at its entry parameters have no place yet" };
}

static bool var(struct resolver *r, const struct site *s, const char *name, bool at_entry,
		struct site_var *ret)
{
	struct site_var *v;

	(void)at_entry;		/* s->address of a return probe is the function's entry */
	if (!s->dbg)
		return false;
	if (s->is_return && !strcmp(name, "return"))
		return dbg_return(s->dbg, r->a, ret);
	if (!dbg_vars(s->dbg, r->a, s->address, name, &v))
		return false;
	*ret = v[0];
	check_entry(s, ret);
	return true;
}

static size_t vars(struct resolver *r, const struct site *s, struct site_var **ret)
{
	struct { struct site_var *v; size_t n, cap; } all = {0};
	struct site_var *v, result;
	size_t n;

	*ret = NULL;
	if (!s->dbg)
		return 0;
	/* SystemTap lists $return first. */
	if (s->is_return && dbg_return(s->dbg, r->a, &result) && ctype_strip(result.type))
		*vec_add(r->a, &all) = result;
	n = dbg_vars(s->dbg, r->a, s->address, NULL, &v);
	for (size_t i = 0; i < n; i++) {
		check_entry(s, &v[i]);
		if (r->listing && v[i].loc.kind == LOC_NONE)
			continue;		/* -L shows what a script can use */
		*vec_add(r->a, &all) = v[i];
	}
	*ret = all.v;
	return all.n;
}

static void row(struct buf *out, const struct site *s)
{
	if (s->symbol)
		buf_printf(out, ".symbol = \"%s\", .offset = %" PRIu64, s->symbol, s->offset);
	else
		buf_printf(out, ".address = %#" PRIx64 "ULL", s->address);
	if (s->module)
		buf_printf(out, ", .module = \"%s\"", s->module);
	if (s->section)
		buf_printf(out, ", .section = \"%s\"", s->section);
	if (s->is_return)
		buf_puts(out, ", .is_return = 1");
	if (s->maxactive)
		buf_printf(out, ", .maxactive = %u", s->maxactive);
	if (s->optional)
		buf_puts(out, ", .optional = 1");
}

const struct family family_kprobe = {
	.name = "kprobe",
	.forms = forms,
	.flags = FAMILY_DEBUGINFO,
	.resolve = resolve,
	.var = var,
	.vars = vars,
	.row = row,
};
