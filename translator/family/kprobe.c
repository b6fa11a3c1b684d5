// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel.function, module().function, .statement and the dwarfless kprobe.*: the forms, the modules
 * a pattern means, and the target variables at a site.  Patterns become sites in kprobe_search.c.
 *
 * A function is probed at its entry, where the debuginfo of optimised code tells the place of every
 * parameter; code built without optimisation behind its prologue.  Plain .function means bodies and
 * inlined instances, .call bodies, .inline instances, .return the return of bodies.  A name without
 * any place that can be probed is an error that says why.
 */
#include "family/kprobe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "session/session.h"

/* All that may stand behind .function("PATTERN") or .function(ADDRESS) of P. */
#define FUNCTION_FORMS(p) \
	{ p, KP_FUNCTION, "entry of a function or its inlined instances" }, \
	{ p ".call", KP_CALL, "entry of a function that is called" }, \
	{ p ".return", KP_RETURN, "return from a function" }, \
	{ p ".return.maxactive(number)", KP_RETURN, "return from a function, N calls at a time" }, \
	{ p ".inline", KP_INLINE, "inlined instances of a function" }, \
	{ p ".exported", KP_EXPORTED, "entry of a function exported to modules" }, \
	{ p ".label(string)", KP_LABEL, "a label of the source in a function" }, \
	{ p ".callee(string)", KP_CALLEE, "entry of a function when this one calls it" }, \
	{ p ".callee(string).call", KP_CALLEE_CALL, "the same, inlined ones left out" }, \
	{ p ".callee(string).return", KP_CALLEE_RETURN, "return of a function that this one called" }, \
	{ p ".callees", KP_CALLEES, "entry of every function that this one calls" }, \
	{ p ".callees(number)", KP_CALLEES, "the same, N levels of calls deep" }

#define BARE_FORMS(p) \
	{ p, KP_BARE, "entry of a function, by symbol" }, \
	{ p ".call", KP_BARE, "entry of a function, by symbol" }, \
	{ p ".return", KP_BARE_RETURN, "return from a function, by symbol" }, \
	{ p ".return.maxactive(number)", KP_BARE_RETURN, "return from a function, N calls at a time" }

static const struct point_form forms[] = {
	FUNCTION_FORMS("kernel.function(string)"),
	FUNCTION_FORMS("kernel.function(number)"),
	{ "kernel.statement(string)", KP_STATEMENT, "a line of source, FUNCTION@FILE:LINE" },
	{ "kernel.statement(string).nearest", KP_NEAREST, "the nearest line that has code" },
	{ "kernel.statement(number)", KP_STATEMENT, "the statement at a link-time address" },
	{ "kernel.statement(number).absolute", KP_ABSOLUTE, "an address of the running kernel (guru mode)" },
	FUNCTION_FORMS("module(string).function(string)"),
	FUNCTION_FORMS("module(string).function(number)"),
	{ "module(string).statement(string)", KP_STATEMENT, "a line of a module's source" },
	{ "module(string).statement(string).nearest", KP_NEAREST, "the nearest line that has code" },
	{ "module(string).statement(number)", KP_STATEMENT, "the statement at an address of .text" },
	{ "module(string).statement(number).absolute", KP_ABSOLUTE,
	  "an address of the running kernel (guru mode)" },
	BARE_FORMS("kprobe.function(string)"),
	BARE_FORMS("kprobe.module(string).function(string)"),
	{ "kprobe.statement(number).absolute", KP_ABSOLUTE, "an address of the running kernel (guru mode)" },
	{ NULL },
};

/* ---- the point ---- */

/* The value of maxactive(N); 0 when there is none. */
static int64_t maxactive_of(const struct point_match *m, const struct place **where)
{
	const struct point *p = m->point;

	for (size_t i = 0; i < p->comp.n; i++)
		if (m->has_arg[i] && !strcmp(p->comp.v[i].name, "maxactive")) {
			*where = &m->arg_place[i];
			return m->num[i] ? m->num[i] : -1;
		}
	return 0;
}

static bool check_maxactive(struct resolver *r, const struct point_match *m, unsigned *ret)
{
	const struct place *where = NULL;
	int64_t n = maxactive_of(m, &where);

	if (n >= 0 && n <= 65536) {
		*ret = (unsigned)n;
		return true;
	}
	return family_unresolved(r, m, where, "maxactive-range",
				 "maxactive(%" PRId64 ") must be between 1 and 65536", n < 0 ? 0 : n);
}

static bool check_depth(struct resolver *r, const struct point_match *m)
{
	if (m->form->kind != KP_CALLEES || !m->has_arg[2] ||
	    (m->num[2] > 0 && m->num[2] <= KPROBE_MAX_DEPTH))
		return true;
	return family_unresolved(r, m, &m->arg_place[2], "callees-range",
				 "callees(%" PRId64 ") must be between 1 and %d", m->num[2],
				 KPROBE_MAX_DEPTH);
}

/* An address of the running kernel, as it is; nothing can be checked before it is armed. */
static bool resolve_absolute(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *x;

	if (!r->s->opt.guru)
		return family_unresolved(r, m, &m->arg_place[1], "guru-address",
					 "absolute statement probe in unprivileged script; need stap -g");
	x = arena_new(r->a, struct site);
	x->pp = arena_printf(r->a, "%s.statement(%#" PRIx64 ").absolute", m->point->comp.v[0].name,
			     m->num[1]);
	x->pn = m->pn;
	x->address = (uint64_t)m->num[1];
	x->absolute = true;
	x->optional = r->optional;
	x->kind = m->form->kind;
	x->place = m->point->place;
	*vec_add(r->a, out) = x;
	return true;
}

/* By symbol, unseen: the kernel looks the name up when the probe is armed. */
static bool resolve_bare(struct resolver *r, const struct point_match *m, unsigned maxactive,
			 struct site_list *out)
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
	x->is_return = m->form->kind == KP_BARE_RETURN;
	x->maxactive = maxactive;
	x->optional = r->optional;
	x->kind = m->form->kind;
	x->place = m->point->place;
	*vec_add(r->a, out) = x;
	return true;
}

/* Every installed module that matches; those without debuginfo are passed over for a wildcard. */
static bool search_modules(struct kprobe_search *s)
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
		ok = kprobe_search_object(s);
	}
	s->o = last;
	s->r->optional = optional;
	if (!last && many)
		return family_unresolved(s->r, s->m, &s->m->arg_place[0], "no-debuginfo",
					 "no installed module with debuginfo matches \"%s\"", glob);
	return ok && (last || optional);
}

/* Nothing has the name: is there anything by the name that newer kernels gave it? */
static bool search_renamed(struct kprobe_search *s, size_t before)
{
	const char *old = s->pattern.name;
	const struct name_fact *f;
	size_t next = 0;

	while (old && (f = family_renamed(s->r, NAME_FUNCTION, old, &next))) {
		s->pattern.name = f->now;
		if (!kprobe_search_object(s))
			return false;
		if (s->out->n > before) {
			names_tell(s->r->s, s->place, f);
			return true;
		}
	}
	s->pattern.name = old;
	return true;
}

static bool resolve_patterns(struct kprobe_search *s)
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
		if (s->o && !kprobe_search_object(s))
			return false;
	}
	if (!s->o)
		return r->optional;
	if (s->out->n == before && !s->refused && !search_renamed(s, before))
		return false;
	kprobe_report_skipped(s);
	if (s->out->n - before > KPROBE_MAX_CALLEES && s->m->form->kind >= KP_CALLEE &&
	    s->m->form->kind <= KP_CALLEES)
		return family_unresolved(r, m, s->place, "callees-many",
					 "there are more than %d such calls; ask for fewer levels",
					 KPROBE_MAX_CALLEES);
	return s->out->n > before || kprobe_report_nothing(s);
}

/* ---- how many ---- */

/*
 * Breakpoints that one point may take: kprobes look for theirs in a table of 64 lists (KPROBE_HASH_BITS in
 * kernel/kprobes.c), at each hit and many times when one is armed.
 */
enum { MOST_BREAKPOINTS = 20000 };

static size_t most_breakpoints(const struct session *s)
{
	size_t n = MOST_BREAKPOINTS;

	vec_each(&s->opt.define, i)
		if (!strcmp(s->opt.define.v[i].name, "STAP_MAXBREAKPOINTS") && s->opt.define.v[i].value)
			n = strtoul(s->opt.define.v[i].value, NULL, 0);
	return n;
}

/* Not an entry that ftrace has.  Of modules, whose debuginfo does not tell, it is taken to have all. */
static bool is_breakpoint(const struct site *s)
{
	const struct dbg_func *f = s->dbg;

	return !s->entry_patchable && !s->symbol && (s->is_inline || !s->module || s->address != f->entry);
}

static size_t count_breakpoints(const struct site_list *l, size_t from)
{
	size_t n = 0;

	for (; from < l->n; from++)
		n += is_breakpoint(l->v[from]);
	return n;
}

/* Returns how many there were. */
static size_t drop_inlined(struct site_list *l, size_t from)
{
	size_t n = from, before = l->n;

	for (; from < l->n; from++)
		if (!l->v[from]->is_inline)
			l->v[n++] = l->v[from];
	l->n = n;
	return before - n;
}

/* Of all functions of a kernel, called and inlined, those that are called are the ones to have. */
static bool limit_breakpoints(struct resolver *r, const struct point_match *m, struct site_list *out, size_t before)
{
	size_t most = most_breakpoints(r->s), n = count_breakpoints(out, before);
	const struct place *place = &m->arg_place[1];

	if (n <= most || r->listing)
		return true;
	if (m->form->kind == KP_FUNCTION) {
		size_t inlined = drop_inlined(out, before);

		diag_warn(r->d, "inlined-many", place, "%zu inlined instances are passed over: %s would take %zu "
			  "breakpoints, more than the %zu that are sensible (-DSTAP_MAXBREAKPOINTS=N)", inlined,
			  m->pn, n, most);
		n = count_breakpoints(out, before);
	}
	return n <= most ||
	       diag_error(r->d, DIAG_SEMANTIC, "breakpoints-many", place,
			  "%s is %zu places that take a breakpoint each, more than the %zu that are sensible; name "
			  "fewer, or take more with -DSTAP_MAXBREAKPOINTS=N", m->pn, n, most);
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct kprobe_search s = { .r = r, .m = m, .out = out, .at = 1, .place = &m->arg_place[1] };
	size_t before = out->n;
	unsigned maxactive = 0;
	bool ok;

	if (m->form->kind == KP_ABSOLUTE)
		return resolve_absolute(r, m, out);
	if (!check_maxactive(r, m, &maxactive) || !check_depth(r, m))
		return false;
	if (m->form->kind == KP_BARE || m->form->kind == KP_BARE_RETURN)
		return resolve_bare(r, m, maxactive, out);
	ok = resolve_patterns(&s) && limit_breakpoints(r, m, out, before);
	for (size_t i = before; i < out->n; i++)
		out->v[i]->maxactive = maxactive;
	strmap_deinit(&s.places);
	return ok;
}

/* ---- variables ---- */

/*
 * A system call that was named by its symbol, as the aliases of syscall.* do: the function that is called
 * has a pointer to the registers and returns a long.  sema finds the call's own parameters by them.
 */
static bool syscall_var(struct resolver *r, const struct site *s, const char *name, struct site_var *ret)
{
	enum { RAX = 0, RDI = 5 };	/* System V ABI, by their DWARF numbers */
	static const char prefix[] = "__x64_sys_";
	bool result = s->is_return && !strcmp(name, "return");
	struct dbg_object *o;

	if (s->module || strncmp(s->func, prefix, sizeof(prefix) - 1))
		return false;
	o = dbg_object(family_dbginfo(r), NULL, NULL);
	if (!o || (!result && strcmp(name, "regs")))
		return false;
	*ret = (struct site_var){ .name = name, .param = !result, .is_return = result };
	ret->type = dbg_type(o, result ? "long int" : "struct pt_regs *");
	ret->loc.kind = LOC_VALUE;
	ret->loc.expr = lx_reg(r->a, result ? RAX : RDI);
	return ret->type;
}

bool kprobe_var(struct resolver *r, const struct site *s, const char *name, struct site_var *ret)
{
	struct site_var *v;

	if (s->is_return && !strcmp(name, "return"))
		return dbg_return(s->dbg, r->a, ret);
	if (!dbg_vars(s->dbg, r->a, s->address, name, &v))
		return false;
	*ret = v[0];
	return true;
}

static bool var(struct resolver *r, const struct site *s, const char *name, bool at_entry,
		struct site_var *ret)
{
	(void)at_entry;		/* s->address of a return probe is the function's entry */
	if (!s->dbg)
		return s->func && syscall_var(r, s, name, ret);
	return kprobe_var(r, s, name, ret);
}

size_t kprobe_vars(struct resolver *r, const struct site *s, struct site_var **ret)
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
		if (r->listing && !r->explaining && v[i].loc.kind == LOC_NONE)
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
	if (s->absolute)
		buf_puts(out, ", .absolute = 1");
	if (s->entry_patchable && !s->symbol && !s->callers.n)
		buf_puts(out, ", .patchable = 1");
	if (!s->callers.n)
		return;
	buf_puts(out, ", .callers = (const struct stp_caller[]){");
	vec_each(&s->callers, i) {
		const struct site_caller *c = &s->callers.v[i];

		buf_printf(out, " { .address = %#" PRIx64 "ULL, .level = %u", c->address, c->level);
		if (c->section)
			buf_printf(out, ", .section = \"%s\"", c->section);
		buf_puts(out, " },");
	}
	buf_printf(out, " }, .ncallers = %zu", s->callers.n);
}

const struct family family_kprobe = {
	.name = "kprobe",
	.forms = forms,
	.flags = FAMILY_DEBUGINFO,
	.resolve = resolve,
	.var = var,
	.vars = kprobe_vars,
	.explain = kprobe_explain,
	.nearest = kprobe_nearest,
	.row = row,
};
