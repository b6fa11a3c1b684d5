// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Places inside the functions that a pattern names: labels, and the functions they call.
 *
 * The entry of a callee is hit by every caller, so its site carries the return addresses that the
 * calls leave on the stack, set by set from the nearest caller outwards, and the runtime passes over
 * hits that came another way.  A callee that is inlined needs none: its code belongs to the caller.
 * One that is jumped to leaves none and cannot be told apart, so only -DSTAP_CALLEE_MATCHALL, which
 * gives the check up, takes it.
 */
#include "family/kprobe.h"

#include <string.h>

#include "session/session.h"

struct chain {			/* of calls, innermost first */
	const struct chain *up;
	const struct dbg_callee *callee;
	const struct dbg_func *func;	/* that is called */
};

/* ---- labels ---- */

void kprobe_add_labels(struct kprobe_search *s, struct dbg_func *f)
{
	struct dbg_label_list l = {0};

	dbg_labels(f, s->r->a, s->m->str[s->at + 1], &l);
	vec_each(&l, i)
		kprobe_add_site(s, f, l.v[i].addr, l.v[i].section,
				arena_printf(s->r->a, "%s.label(\"%s\")",
					     kprobe_base_text(s, f, f->line), l.v[i].name));
}

/* ---- callees ---- */

static bool match_all(const struct kprobe_search *s)
{
	const struct session *x = s->r->s;

	vec_each(&x->opt.define, i)
		if (!strcmp(x->opt.define.v[i].name, "STAP_CALLEE_MATCHALL"))
			return true;
	return false;
}

static void set_callers(struct kprobe_search *s, struct site *x, const struct chain *c)
{
	unsigned level = 0;

	for (; c && c->callee; c = c->up) {
		const struct dbg_callee *e = c->callee;

		if (e->func->is_inline)
			continue;	/* no frame of its own */
		vec_each(&e->returns, i)
			*vec_add(s->r->a, &x->callers) = (struct site_caller){
				e->returns.v[i].addr, e->returns.v[i].section, level };
		level++;
	}
}

static bool in_chain(const struct chain *c, const struct dbg_func *f)
{
	for (; c; c = c->up)
		if (c->func->die == f->die)
			return true;
	return false;
}

static bool wanted(const struct kprobe_search *s, const struct pattern *p, const struct dbg_func *f)
{
	int kind = s->m->form->kind;

	if (f->is_inline && (kind == KP_CALLEE_CALL || kind == KP_CALLEE_RETURN))
		return false;
	return (!p->file || dbg_file_matches(f->file, p->file)) &&
	       (!p->lines.n || pattern_has_line(p, f->line));
}

static const char *callee_text(struct kprobe_search *s, const char *caller, const struct dbg_func *f)
{
	return f->file ? arena_printf(s->r->a, "%s.callee(\"%s@%s:%u\")", caller, f->name, f->file,
				      f->line) :
			 arena_printf(s->r->a, "%s.callee(\"%s\")", caller, f->name);
}

static void add_callee(struct kprobe_search *s, const struct chain *c, const char *pp)
{
	int kind = s->m->form->kind;
	const char *word = kind == KP_CALLEE_CALL ? ".call" : kind == KP_CALLEE_RETURN ? ".return" : "";
	struct dbg_func *f = c->callee->func;
	struct site *x;

	x = kprobe_add_site(s, f, kind == KP_CALLEE_RETURN ? f->entry : f->after_prologue,
			    f->section, arena_printf(s->r->a, "%s%s", pp, word));
	if (x && !match_all(s))
		set_callers(s, x, c);
}

static void add_level(struct kprobe_search *s, struct dbg_func *f, const struct chain *up,
		      const struct pattern *p, const char *text, unsigned depth)
{
	struct dbg_callee_list l = {0};

	dbg_callees(f, s->r->a, p->name, &l);
	vec_each(&l, i) {
		struct dbg_callee *e = &l.v[i];
		struct chain c = { up, e, e->func };
		const char *pp = callee_text(s, text, e->func);

		if (!wanted(s, p, e->func) || s->out->n > KPROBE_MAX_CALLEES)
			continue;
		if (e->tail && !e->returns.n && !match_all(s)) {
			s->jumped = e;
			continue;
		}
		add_callee(s, &c, pp);
		if (depth > 1 && !in_chain(up, e->func))
			add_level(s, e->func, &c, p, pp, depth - 1);
	}
}

void kprobe_add_callees(struct kprobe_search *s, struct dbg_func *f)
{
	struct chain top = { NULL, NULL, f };
	struct pattern p = { .name = "*" };
	unsigned depth = 1, at = s->at + 1;

	if (s->m->str[at] && !pattern_parse(s->r, s->m, s->m->str[at], &s->m->arg_place[at], &p))
		return;
	if (s->m->form->kind == KP_CALLEES && s->m->has_arg[at])
		depth = (unsigned)s->m->num[at];
	if (p.name)
		add_level(s, f, &top, &p, kprobe_base_text(s, f, f->line), depth);
}
