/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $$vars, $$parms, $$locals, $$return, $$name, $$system and $$provider: one text of what a site has. */
#include "sema/target.h"

#include <string.h>

struct group { bool params, locals, ret; };

static bool is_group(const char *name, struct group *g)
{
	static const struct { const char *name; struct group g; } known[] = {
		{ "$$vars", { true, true, true } }, { "$$parms", { true, false, false } },
		{ "$$locals", { false, true, false } }, { "$$return", { false, false, true } },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name)) {
			*g = known[i].g;
			return true;
		}
	return false;
}

/* "name=%p" for one variable; what cannot be had prints as `?`. */
static void group_member(struct body *b, struct buf *fmt, struct access *acc, const char *name,
			 bool at_entry, unsigned pretty)
{
	struct expr scratch = { 0 };
	struct site_var v = { 0 };
	struct datum d;
	struct lx *value;

	if (fmt->n)
		buf_putc(fmt, ' ');
	buf_printf(fmt, "%s=", name);
	if (acc->parts.n >= MAX_PARTS) {
		buf_puts(fmt, "...");
		return;
	}
	if (!b->site->family->var(&b->x->r, b->site, name, at_entry, &v) ||
	    (v.name = name, !target_datum(b, &scratch, &v, &d))) {
		buf_putc(fmt, '?');
		return;
	}
	if (pretty) {
		pretty_datum(b, fmt, acc, d, pretty);
		return;
	}
	if (datum_number(b, &d, &value)) {
		const struct ctype *t = ctype_strip(d.type);

		buf_puts(fmt, t && (t->kind == CT_STRUCT || t->kind == CT_UNION) ? "{...}" : "?");
		return;
	}
	buf_puts(fmt, "%p");
	*vec_add(b->x->a, &acc->parts) = (struct access_part){ .value = value, .user = d.user };
}

/* Sites of a tracepoint or mark: a name of their own without a function. */
static bool is_named(const struct site *s)
{
	return s && s->symbol && !s->func;
}

/* $$name and $$system (stapprobes, KERNEL TRACEPOINTS), $$provider. */
static void resolve_name(struct body *b, struct expr *e, const char *text)
{
	struct access *acc = arena_new(b->x->a, struct access);

	if (e->target->acc.n || e->target->addressof) {
		target_fail(b, e, "group-member", "'%s' is a text and has no members", e->target->name);
		return;
	}
	acc->kind = ACCESS_FORMAT;
	acc->format = text ? text : "";
	acc->place = e->place;
	target_done(e, acc, T_STRING, false);
}

static void resolve_group(struct body *b, struct expr *e, struct group g)
{
	struct access *acc = arena_new(b->x->a, struct access);
	bool ret_site = b->site && b->site->is_return, entry_values = ret_site && (g.params || g.locals);
	struct buf fmt = { 0 };
	struct site_var *vars;
	size_t n;

	if (!target_has_vars(b, e))
		return;
	if (e->target->acc.n || e->target->addressof) {
		target_fail(b, e, "group-member", "'%s' is a text and has no members", e->target->name);
		return;
	}
	if (g.ret && !g.params && !ret_site) {
		target_fail(b, e, "no-return", "'$$return' is available in return probes only, not in %s",
			    target_site_text(b));
		return;
	}
	n = b->site->family->vars ? b->site->family->vars(&b->x->r, b->site, &vars) : 0;
	for (size_t i = 0; i < n; i++)
		if (vars[i].is_return ? g.ret && !g.params : vars[i].param ? g.params : g.locals)
			group_member(b, &fmt, acc, vars[i].name, entry_values, e->target->pretty);
	acc->kind = ACCESS_FORMAT;
	acc->format = arena_strdup(b->x->a, buf_text(&fmt));
	acc->place = e->place;
	target_done(e, acc, T_STRING, entry_values && !b->in_entry);
	buf_deinit(&fmt);
}

bool target_text(struct body *b, struct expr *e)
{
	const char *name = e->target->name;
	struct group g;

	if (is_named(b->site) && !strcmp(name, "$$name"))
		resolve_name(b, e, b->site->symbol);
	else if (is_named(b->site) && !strcmp(name, sema_in_program(b) ? "$$provider" : "$$system"))
		resolve_name(b, e, b->site->system);
	else if (is_group(name, &g))
		resolve_group(b, e, g);
	else
		return false;
	return true;
}
