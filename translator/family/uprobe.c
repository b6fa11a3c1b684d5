// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process("PATH").function, .statement, .mark and .plt, of programs and shared libraries: the forms, the files
 * that a point means, and the variables there.  Patterns become sites as those of the kernel do
 * (kprobe_search.c).  Without a path, process.function(), the program of -c or -x is meant.
 *
 * A probe is on a file, so every process that runs it hits it; a point that means some of them alone has
 * that looked at with each hit.
 */
#include "family/mark.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "session/session.h"

/* All that may stand behind process, process(...) and these with .library(): P. */
#define CODE_FORMS(p) \
	{ p ".function(string)", KP_FUNCTION, "entry of a program's function or its inlined instances" }, \
	{ p ".function(string).call", KP_CALL, "entry of a function that is called" }, \
	{ p ".function(string).return", KP_RETURN, "return from a function" }, \
	{ p ".function(string).inline", KP_INLINE, "inlined instances of a function" }, \
	{ p ".function(string).exported", KP_EXPORTED, "entry of a function that others can link with" }, \
	{ p ".function(string).label(string)", KP_LABEL, "a label of the source in a function" }, \
	{ p ".function(string).callee(string)", KP_CALLEE, "entry of a function when this one calls it" }, \
	{ p ".function(string).callee(string).call", KP_CALLEE_CALL, "the same, inlined ones left out" }, \
	{ p ".function(string).callee(string).return", KP_CALLEE_RETURN, "its return to this one" }, \
	{ p ".function(string).callees", KP_CALLEES, "entry of every function that this one calls" }, \
	{ p ".function(string).callees(number)", KP_CALLEES, "the same; 1 level" }, \
	{ p ".function(number)", KP_FUNCTION, "entry of the function at a link-time address" }, \
	{ p ".function(number).call", KP_CALL, "the same, unless it is inlined" }, \
	{ p ".function(number).return", KP_RETURN, "return from the function at a link-time address" }, \
	{ p ".statement(string)", KP_STATEMENT, "a line of source, FUNCTION@FILE:LINE" }, \
	{ p ".statement(string).nearest", KP_NEAREST, "the nearest line that has code" }, \
	{ p ".statement(number)", KP_STATEMENT, "the statement at a link-time address" }, \
	{ p ".statement(number).absolute", KP_ABSOLUTE, \
	  "an instruction, unchecked (guru mode), by its link-time address; of process(PID) by that in its memory" }

#define TOLD_FORMS(p) \
	{ p ".mark(string)", KP_MARK, "a mark of sys/sdt.h" }, \
	{ p ".provider(string).mark(string)", KP_MARK, "a mark of one provider" }, \
	{ p ".plt", KP_PLT, "a call of any function of shared libraries" }, \
	{ p ".plt.return", KP_PLT_RETURN, "the return of such a call" }, \
	{ p ".plt(string)", KP_PLT, "a call of a shared library's function" }, \
	{ p ".plt(string).return", KP_PLT_RETURN, "the return of such a call" }

static const struct point_form forms[] = {
	TOLD_FORMS("process"),
	TOLD_FORMS("process(string)"),
	TOLD_FORMS("process(number)"),
	TOLD_FORMS("process.library(string)"),
	TOLD_FORMS("process(string).library(string)"),
	TOLD_FORMS("process(number).library(string)"),
	CODE_FORMS("process"),
	CODE_FORMS("process(string)"),
	CODE_FORMS("process(number)"),
	CODE_FORMS("process.library(string)"),
	CODE_FORMS("process(string).library(string)"),
	CODE_FORMS("process(number).library(string)"),
	{ NULL },
};

/* ---- sites ---- */

/*
 * Those from FIRST on say where in the file they are; what is in no part that is loaded goes.  Who called is known
 * at the entry itself.
 */
static void place_sites(struct kprobe_search *s, const struct program_choice *c, size_t first)
{
	size_t n = first;

	for (size_t i = first; i < s->out->n; i++) {
		struct site *x = s->out->v[i];
		const struct dbg_func *f = x->dbg;

		if (x->callers.n)
			x->address = f->entry;
		x->at_entry = f && !f->is_inline && x->address == f->entry;
		if (program_place(x, c, s->o, s->file))
			s->out->v[n++] = x;
	}
	s->out->n = n;
}

static bool add_absolute(struct kprobe_search *s)
{
	struct site *x;

	if (!s->r->s->opt.guru)
		return family_unresolved(s->r, s->m, s->place, "guru-address",
					 "absolute statement probe in unprivileged script; need stap -g");
	x = arena_new(s->r->a, struct site);
	x->address = s->mapped ? s->mapped : (uint64_t)s->m->num[s->at];
	if (dbg_why_not(s->o, x->address, NULL))
		return family_unresolved(s->r, s->m, s->place, "no-code", "there is no code of %s at address %#" PRIx64
					 " (addresses as nm shows them are meant)", kprobe_what(s), x->address);
	x->pp = arena_printf(s->r->a, "%s.statement(%#" PRIx64 ").absolute", s->base, x->address);
	x->pn = s->m->pn;
	x->module = dbg_module_name(s->o);
	x->absolute = true;
	x->optional = s->r->optional;
	x->kind = s->m->form->kind;
	x->place = s->m->point->place;
	*vec_add(s->r->a, s->out) = x;
	return true;
}

/* process(PID).statement(ADDRESS).absolute: the file that is there. */
static bool choose_mapped(struct kprobe_search *s, struct program_choice *c)
{
	uint64_t offset, addr = (uint64_t)s->m->num[s->at];
	const char *path = program_mapped(s->r, c->pid, addr, &offset);
	struct dbg_object *o = path ? program_object(s->r, path, s->place) : NULL;

	if (!o || !dbg_link_address(o, offset, &s->mapped))
		return family_unresolved(s->r, s->m, s->place, "no-code", "process %" PRId64 " has no code of a file "
					 "at address %#" PRIx64 " (addresses of its memory are meant)", c->pid, addr);
	c->paths.n = 0;
	*vec_add(s->r->a, &c->paths) = path;
	return true;
}

static bool search_path(struct kprobe_search *s, const struct program_choice *c, const char *path)
{
	size_t first = s->out->n;
	bool ok = true;

	s->o = program_object(s->r, path, s->place);
	if (!s->o)
		return s->r->optional;
	s->base = program_text(s->r, c, path);
	s->file = program_file(s->r, s->o);
	switch (s->m->form->kind) {
	case KP_MARK:
		mark_search(s, c);
		break;
	case KP_PLT: case KP_PLT_RETURN:
		plt_search(s, c);
		break;
	case KP_ABSOLUTE:
		ok = add_absolute(s);
		place_sites(s, c, first);
		break;
	default:
		ok = kprobe_search_object(s);
		place_sites(s, c, first);
	}
	return ok;
}

static bool search_paths(struct kprobe_search *s, const struct program_choice *c)
{
	bool optional = s->r->optional, ok = true;

	s->r->optional |= c->paths.n > 1;
	vec_each(&c->paths, i)
		ok = ok && search_path(s, c, c->paths.v[i]);
	s->r->optional = optional;
	return ok;
}

static bool report_nothing(struct kprobe_search *s)
{
	int kind = s->m->form->kind;

	if (kind == KP_MARK)
		return mark_report_nothing(s);
	return kind == KP_PLT || kind == KP_PLT_RETURN ? plt_report_nothing(s) : kprobe_report_nothing(s);
}

/* Who called the caller is on the stack too, but only frame pointers would tell where. */
static bool check_depth(struct kprobe_search *s)
{
	const struct point_match *m = s->m;

	if (m->form->kind != KP_CALLEES || !m->has_arg[s->at + 1] || m->num[s->at + 1] == 1)
		return true;
	return family_unresolved(s->r, m, &m->arg_place[s->at + 1], "callees-range",
				 "callees(%" PRId64 "): of programs one level is known, callees(1); for the next take "
				 "function(\"CALLEE\").callees", m->num[s->at + 1]);
}

static bool resolve_in(struct kprobe_search *s, const struct program_choice *c)
{
	const char *pattern = s->m->form->kind < KP_MARK ? s->m->str[s->at] : NULL;
	size_t before = s->out->n;

	if (!check_depth(s))
		return false;
	if (pattern && !pattern_parse(s->r, s->m, pattern, s->place, &s->pattern))
		return false;
	if (pattern && !s->pattern.name)
		return true;			/* a bad pattern in an optional point */
	if (!search_paths(s, c))
		return false;
	if (!s->o)
		return s->r->optional;
	kprobe_report_skipped(s);
	return s->out->n > before || report_nothing(s);
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct kprobe_search s = { .r = r, .m = m, .out = out };
	struct program_choice c;
	bool ok;

	if (!program_choose(r, m, &c, &s.at))
		return false;
	if (!c.paths.n)
		return true;
	s.place = m->has_arg[s.at] ? &m->arg_place[s.at] : &m->point->comp.v[s.at].place;
	if (m->form->kind == KP_ABSOLUTE && c.pid && !c.exe && !choose_mapped(&s, &c))
		return false;
	ok = (m->form->kind == KP_ABSOLUTE && c.pid && !s.mapped) || resolve_in(&s, &c);
	strmap_deinit(&s.places);
	return ok;
}

/* ---- variables ---- */

static bool var(struct resolver *r, const struct site *s, const char *name, bool at_entry, struct site_var *ret)
{
	(void)at_entry;
	if (s->kind == KP_MARK)
		return mark_var(r, s, name, ret);
	return s->dbg && kprobe_var(r, s, name, ret);
}

static size_t vars(struct resolver *r, const struct site *s, struct site_var **ret)
{
	return s->kind == KP_MARK ? mark_vars(r, s, ret) : kprobe_vars(r, s, ret);
}

static void explain(struct resolver *r, const struct site *s, struct buf *out)
{
	if (s->kind == KP_MARK)
		mark_explain(r, s, out);
	else
		kprobe_explain(r, s, out);
}

static const char *nearest(struct resolver *r, const struct site *s, const char *name)
{
	return s->kind == KP_MARK ? NULL : kprobe_nearest(r, s, name);
}

const struct family family_uprobe = {
	.name = "uprobe",
	.forms = forms,
	.flags = FAMILY_DEBUGINFO | FAMILY_USER | FAMILY_COUNTERS | FAMILY_UNPRIVILEGED,
	.resolve = resolve,
	.var = var,
	.vars = vars,
	.explain = explain,
	.nearest = nearest,
	.row = program_row,
};
