// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Patterns to sites: functions by name, file and line, statements by line, both by link-time
 * address.
 *
 * Wildcards pass over what cannot be probed, and count it; so do plain names as long as one place
 * that can be is left.  A function is taken once per address, an inlined one once per instance: several may
 * begin at one address, of one function even, and each is a call.  Guru mode leaves to the kernel what may be probed.
 */
#include "family/kprobe.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "session/session.h"

unsigned kprobe_which(int kind)
{
	switch (kind) {
	case KP_INLINE:
		return DBG_INLINES;
	case KP_CALL: case KP_RETURN: case KP_EXPORTED:
		return DBG_BODIES;
	default:
		return DBG_BODIES | DBG_INLINES;
	}
}

/* ---- sites ---- */

const char *kprobe_what(const struct kprobe_search *s)
{
	const char *name = dbg_module_name(s->o);

	return !name ? "the kernel" : dbg_is_program(s->o) ? name : arena_printf(s->r->a, "module %s", name);
}

const char *kprobe_base_text(struct kprobe_search *s, const struct dbg_func *f, unsigned line)
{
	const char *module = dbg_module_name(s->o), *text;
	struct buf b = {0};

	if (s->base)
		buf_puts(&b, s->base);
	else if (module)
		buf_printf(&b, "module(\"%s\")", module);
	else
		buf_puts(&b, "kernel");
	buf_printf(&b, ".%s(\"%s", s->m->point->comp.v[s->at].name, f->name);
	if (f->file)
		buf_printf(&b, "@%s:%u", f->file, line);
	buf_puts(&b, "\")");
	text = arena_strdup(s->r->a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

/* The point as resolved: the pattern replaced by FUNCTION@FILE:LINE, the words behind it kept. */
static const char *resolved_text(struct kprobe_search *s, const struct dbg_func *f, unsigned line)
{
	const struct point *p = s->m->point;
	const char *text = kprobe_base_text(s, f, line);

	for (size_t i = s->at + 1; i < p->comp.n; i++) {
		text = arena_printf(s->r->a, "%s.%s", text, p->comp.v[i].name);
		if (s->m->has_arg[i] && !s->m->str[i])
			text = arena_printf(s->r->a, "%s(%" PRId64 ")", text, s->m->num[i]);
	}
	return text;
}

/* Is this place of the function taken?  Inlined instances are told apart by their DIEs. */
static bool taken(struct kprobe_search *s, const struct dbg_func *f, uint64_t addr,
		  const char *section, const char *pp)
{
	const char *module = dbg_module_name(s->o);
	int kind = s->m->form->kind;
	bool parts = kind >= KP_LABEL && kind <= KP_CALLEES;
	char *key = arena_printf(s->r->a, "%s %s %s %" PRIx64 " %" PRIx64 " %s", module ? module : "", f->name,
				 section ? section : "", addr, f->is_inline ? f->die : 0, parts ? pp : "");

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

static void pass_over(struct kprobe_search *s, const struct dbg_func *f, const char *why)
{
	s->refused = f;
	s->why = why;
	vec_each(&s->skipped, i)
		if (!strcmp(s->skipped.v[i].why, why)) {
			s->skipped.v[i].n++;
			return;
		}
	*vec_add(s->r->a, &s->skipped) = (struct kprobe_skipped){ why, 1 };
}

static bool by_wildcard(const struct kprobe_search *s)
{
	return s->pattern.name && str_is_glob(s->pattern.name);
}

/*
 * The kernel's own tracers are in this folder, and include/trace/ makes these for each tracepoint.  They have no
 * call of ftrace: the kernel keeps its tracers from tracing themselves.
 */
static bool is_tracer(const struct dbg_func *f)
{
	static const char folder[] = "kernel/trace/";
	static const char *const made[] = { "trace_event_raw_event_", "trace_raw_output_", "perf_trace_",
					    "__bpf_trace_" };

	if (f->is_inline || f->patchable)
		return false;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (!strncmp(f->name, made[i], strlen(made[i])))
			return true;
	return f->file && !strncmp(f->file, folder, strlen(folder));
}

/* A return probe there is never hit; it is armed all the same, for the others of a wildcard. */
static void warn_noreturn(struct kprobe_search *s, const struct dbg_func *f)
{
	if (!f->noreturn || by_wildcard(s) || s->r->listing)
		return;
	diag_warn(s->r->d, "noreturn", s->place,
		  "function '%s' never returns, so its return probe will not be hit", f->name);
}

struct site *kprobe_add_site(struct kprobe_search *s, struct dbg_func *f, uint64_t addr,
			     const char *section, const char *pp)
{
	bool is_return = kprobe_is_return(s->m->form->kind);
	const char *why = addr == f->entry ? f->why_not : dbg_why_not(s->o, addr, section);
	struct site *x;

	if (!why && is_return)
		why = return_why_not(f);
	if (!why && by_wildcard(s) && !dbg_is_program(s->o) && is_tracer(f))
		why = "it belongs to the kernel's own tracers, which do not trace it either; its full name takes it";
	if (why && !(s->r->s->opt.guru && !by_wildcard(s) && !f->is_inline && !dbg_is_program(s->o))) {
		pass_over(s, f, why);
		return NULL;
	}
	if (taken(s, f, addr, section, pp))
		return NULL;
	if (is_return)
		warn_noreturn(s, f);
	x = arena_new(s->r->a, struct site);
	x->pp = pp;
	x->pn = s->m->pn;
	x->func = f->name;
	x->module = dbg_module_name(s->o);
	x->address = addr;
	x->symbol = f->by_symbol ? f->linkage : NULL;
	x->section = section;
	x->is_return = is_return;
	x->is_inline = f->is_inline;
	x->entry_patchable = f->patchable && addr == f->entry && !why;
	x->optional = s->r->optional || by_wildcard(s);
	x->kind = s->m->form->kind;
	x->dbg = f;
	x->place = s->m->point->place;
	*vec_add(s->r->a, s->out) = x;
	return x;
}

static void add_function(struct kprobe_search *s, struct dbg_func *f)
{
	int kind = s->m->form->kind;

	if (kind == KP_EXPORTED && !dbg_is_exported(s->o, f->name))
		return;
	s->functions++;
	if (kind == KP_LABEL)
		kprobe_add_labels(s, f);
	else if (kind >= KP_CALLEE && kind <= KP_CALLEES)
		kprobe_add_callees(s, f);
	else
		kprobe_add_site(s, f, kprobe_is_return(kind) ? f->entry : f->after_prologue,
				f->section, resolved_text(s, f, f->line));
}

/* ---- functions ---- */

struct rows { struct dbg_line **v; size_t n, cap; };

static int by_line(const void *a, const void *b)
{
	const struct dbg_line *x = *(const struct dbg_line *const *)a;
	const struct dbg_line *y = *(const struct dbg_line *const *)b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* What of the functions of a name matters: a list of points (-l) shows equal ones as one. */
static unsigned wanted(const struct kprobe_search *s)
{
	int kind = s->m->form->kind;
	bool inside = (kind >= KP_LABEL && kind <= KP_CALLEES) || s->pattern.lines.n;

	return kprobe_which(kind) | (s->r->s->opt.listing == LIST_POINTS && !inside ? DBG_ONCE : 0);
}

/* "NAME@FILE:LINE": functions declared there, and those whose code spans the line. */
static bool spans(struct kprobe_search *s, const struct dbg_func *f, struct dbg_line *const *row,
		  size_t n)
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

/*
 * A line without code of its own is spanned by the function that the next line with some belongs to, if that
 * begins before it: the rows of that next line.
 */
static void rows_behind(struct kprobe_search *s, struct dbg_line *line, size_t n, struct rows *ret)
{
	const struct line_range *g = s->pattern.lines.v;
	unsigned next = UINT_MAX;

	if (s->pattern.relative || s->pattern.lines.n != 1 || g->from != g->to)
		return;
	for (size_t i = 0; i < n; i++)
		if (line[i].line > g->from && line[i].line < next)
			next = line[i].line;
	for (size_t i = 0; i < n; i++) {
		const struct dbg_func *in;

		if (line[i].line != next)
			continue;
		in = dbg_scope_at(s->o, s->r->a, line[i].addr, line[i].section);
		if (in && in->line <= g->from)
			*vec_add(s->r->a, ret) = &line[i];
	}
}

static void add_functions(struct kprobe_search *s)
{
	struct dbg_func_list l = {0};
	struct rows rows = {0};
	struct dbg_line *line = NULL;
	size_t n = 0;

	dbg_functions(s->o, s->r->a, s->pattern.name, s->pattern.file, 0, wanted(s), &l);
	if (s->pattern.lines.n && l.n)
		n = dbg_lines(s->o, s->r->a, s->pattern.file, 0, &l, &line);
	for (size_t i = 0; i < n; i++)
		if (pattern_has_line(&s->pattern, line[i].line))
			*vec_add(s->r->a, &rows) = &line[i];
	if (!rows.n)
		rows_behind(s, line, n, &rows);
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

static void add_rows(struct kprobe_search *s, const struct dbg_line *row, size_t n, unsigned exact)
{
	size_t from = s->out->n;

	for (size_t i = 0; i < n; i++) {
		struct dbg_func *f;
		unsigned line = row[i].line;
		const char *pp;

		if (exact ? line != exact : !s->pattern.relative &&
		    !pattern_has_line(&s->pattern, line))
			continue;
		f = dbg_scope_of_line(s->o, s->r->a, &row[i]);
		if (!f || !str_glob(s->pattern.name, f->name))
			continue;
		if (!exact && s->pattern.relative &&
		    (line < f->line || !pattern_has_line(&s->pattern, line - f->line)))
			continue;
		f->file = row[i].file;
		pp = resolved_text(s, f, line);
		if (first_of_scope(s->out, from, f, pp))
			kprobe_add_site(s, f, row[i].addr, row[i].section, pp);
	}
}

/* The line nearest to WANT that has code in a function of that name; later wins. */
static unsigned nearest_line(struct kprobe_search *s, const struct dbg_line *row, size_t n,
			     unsigned want)
{
	unsigned best = 0, distance = ~0u;

	for (size_t i = 0; i < n; i++) {
		unsigned line = row[i].line, d = line > want ? line - want : want - line;
		struct dbg_func *f;

		if (d > distance || (d == distance && line <= best))
			continue;
		f = dbg_scope_of_line(s->o, s->r->a, &row[i]);
		if (f && str_glob(s->pattern.name, f->name)) {
			best = line;
			distance = d;
		}
	}
	return best;
}

/* The line that the functions named are declared at, for "+N"; 0 when there is none. */
static unsigned declared_line(struct kprobe_search *s)
{
	struct dbg_func_list l = {0};

	dbg_functions(s->o, s->r->a, s->pattern.name, s->pattern.file, 0,
		      DBG_BODIES | DBG_INLINES, &l);
	return l.n ? l.v[0]->line : 0;
}

/* Each line that is asked for by its number is replaced by the nearest one. */
static void add_nearest(struct kprobe_search *s, const struct dbg_line *row, size_t n)
{
	unsigned base = s->pattern.relative ? declared_line(s) : 0;

	vec_each(&s->pattern.lines, i) {
		const struct line_range *g = &s->pattern.lines.v[i];
		unsigned line;

		for (unsigned want = g->from; want <= g->to && want - g->from < 1000; want++) {
			line = nearest_line(s, row, n, base + want);
			if (line)
				add_rows(s, row, n, line);
		}
	}
}

static void add_statements(struct kprobe_search *s)
{
	const struct pattern *p = &s->pattern;
	bool nearest = s->m->form->kind == KP_NEAREST && p->lines.n && p->lines.v[0].to;
	bool one = p->lines.n == 1 && p->lines.v[0].from == p->lines.v[0].to && p->lines.v[0].to &&
		   !p->relative && !nearest;
	struct dbg_func_list named = {0};
	struct dbg_line *row;
	size_t n;

	if (!p->lines.n) {
		add_functions(s);
		return;
	}
	if (!str_is_glob(p->name))
		dbg_functions(s->o, s->r->a, p->name, NULL, 0, DBG_BODIES | DBG_INLINES, &named);
	n = dbg_lines(s->o, s->r->a, p->file, one ? p->lines.v[0].from : 0, str_is_glob(p->name) ? NULL : &named, &row);
	if (nearest)
		add_nearest(s, row, n);
	else
		add_rows(s, row, n, 0);
}

/* ---- addresses ---- */

static bool add_address(struct kprobe_search *s)
{
	uint64_t addr = s->m->num[s->at], start;
	const char *section = dbg_module_name(s->o) && !dbg_is_program(s->o) ? ".text" : NULL;
	struct dbg_func *f = dbg_scope_at(s->o, s->r->a, addr, section);

	if (!f)
		return family_unresolved(s->r, s->m, s->place, "no-code",
					 "no function of %s covers address %#" PRIx64 " (%s)",
					 kprobe_what(s), addr, section ?
					 "addresses in .text of its file, as nm shows them, are meant" :
					 dbg_is_program(s->o) ? "addresses as nm shows them are meant" :
					 "link-time addresses, as in System.map, are meant");
	if (s->m->form->kind != KP_STATEMENT) {
		add_function(s, f);
		return true;
	}
	if (dbg_statement_at(s->o, addr, section, &start) && start != addr)
		return family_unresolved(s->r, s->m, s->place, "no-statement",
					 "address %#" PRIx64 " does not match the beginning of a "
					 "statement (try %#" PRIx64 ")", addr, start);
	kprobe_add_site(s, f, addr, section, resolved_text(s, f, f->line));
	return true;
}

bool kprobe_search_object(struct kprobe_search *s)
{
	if (s->m->has_arg[s->at] && !s->m->str[s->at])
		return add_address(s);
	if (s->m->form->kind == KP_STATEMENT || s->m->form->kind == KP_NEAREST)
		add_statements(s);
	else
		add_functions(s);
	return true;
}
