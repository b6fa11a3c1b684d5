// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel.trace("GLOB"), kernel.trace("SYSTEM:GLOB"): tracepoints of the kernel and its modules, their
 * arguments as target variables.
 *
 * The runtime finds tracepoints by name; debuginfo gives the names and the prototypes.  A site
 * carries the types of the arguments, so that the function the unit registers can have that very
 * prototype; inside a handler argument N is a value widened to 64 bits.  A struct passed by value
 * is no such value and is refused by name.
 */
#include "family/debuginfo.h"

#include <string.h>

#include "base/buf.h"
#include "base/strmap.h"
#include "session/session.h"

enum { TRACE, MARK };

static const struct point_form forms[] = {
	{ "kernel.trace(string)", TRACE, "a tracepoint: \"NAME\" or \"SYSTEM:NAME\", wildcards allowed" },
	{ "kernel.mark(string)", MARK, "none: Linux has no markers since 2.6.32" },
	{ "kernel.mark(string).format(string)", MARK, "none: Linux has no markers since 2.6.32" },
	{ NULL },
};

static void add_site(struct resolver *r, const struct point_match *m, struct dbg_object *o,
		     struct dbg_tracepoint *t, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);

	s->pp = arena_printf(r->a, "kernel.trace(\"%s\")", t->name);
	s->pn = m->pn;
	s->symbol = t->name;
	s->system = t->system;
	s->module = dbg_module_name(o);
	s->args = t->arg_types;
	s->nargs = t->nargs;
	s->dbg = t;
	s->optional = r->optional || str_is_glob(m->str[1]);
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
}

static const char *similar_names(struct resolver *r, struct dbg_object *o, const char *name)
{
	unsigned limit = strlen(name) / 3 > 2 ? strlen(name) / 3 : 2;
	const char *const *all;
	size_t n = dbg_tracepoint_names(o, r->a, "*", &all), shown = 0;
	struct buf b = {0};
	const char *text;

	for (unsigned d = 1; d <= limit; d++)
		for (size_t i = 0; i < n && shown < 5; i++)
			if (str_distance(all[i], name, limit) == d)
				buf_printf(&b, "%s%s", shown++ ? ", " : " (similar tracepoints: ",
					   all[i]);
	if (shown)
		buf_putc(&b, ')');
	text = arena_strdup(r->a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

static bool refuse_marker(struct resolver *r, const struct point_match *m)
{
	struct dbg_object *o = r->optional ? NULL : dbg_object(family_dbginfo(r), NULL, NULL);

	return family_unresolved(r, m, &m->arg_place[1], "no-markers",
				 "no match: Linux has no kernel markers since 2.6.32; what they marked is "
				 "mostly a tracepoint now: kernel.trace(\"%s\")%s", m->str[1],
				 o ? similar_names(r, o, m->str[1]) : "");
}

struct wanted { const char *system, *name; };

/* A system that cannot be told (BTF alone, no tracefs) is believed of a tracepoint named in full. */
static bool in_system(const struct dbg_tracepoint *t, const char *system, const char *name)
{
	return t->system ? str_glob(system, t->system) : !str_is_glob(name);
}

/* Sites for the tracepoints of one object; *other: one of the right name in another system. */
static void search(struct resolver *r, const struct point_match *m, struct dbg_object *o,
		   const struct wanted *w, struct site_list *out, const struct dbg_tracepoint **other)
{
	struct dbg_tracepoint *t;
	size_t n = dbg_tracepoints(o, r->a, w->name, &t);

	for (size_t i = 0; i < n; i++)
		if (!w->system || in_system(&t[i], w->system, w->name))
			add_site(r, m, o, &t[i], out);
		else
			*other = &t[i];
}

/*
 * Modules that have a tracepoint of the name.  "*" alone means the kernel's: a script that wants
 * those of a thousand modules says in which system.
 */
static void search_modules(struct resolver *r, const struct point_match *m, const struct wanted *w,
			   struct site_list *out, const struct dbg_tracepoint **other)
{
	struct dbg_modtrace *t;
	const char *last = NULL;
	size_t n;

	if (!strcmp(w->name, "*") && (!w->system || !strcmp(w->system, "*")))
		return;
	n = dbg_module_tracepoints(family_dbginfo(r), r->a, w->name, &t);
	for (size_t i = 0; i < n; i++) {
		struct dbg_object *o;

		if (last && !strcmp(last, t[i].module))
			continue;
		last = t[i].module;
		o = dbg_object(family_dbginfo(r), last, NULL);
		if (o)
			search(r, m, o, w, out, other);
	}
}

/* NAME as it is called now; the system may have changed with it. */
static void add_renamed(struct resolver *r, const struct point_match *m, struct dbg_object *o,
			const char *name, struct site_list *out)
{
	const struct name_fact *f;
	struct dbg_tracepoint *t;
	size_t next = 0;

	while ((f = family_renamed(r, NAME_TRACEPOINT, name, &next)))
		if (dbg_tracepoints(o, r->a, f->now, &t) == 1) {
			names_tell(r->s, &m->arg_place[1], f);
			add_site(r, m, o, t, out);
			return;
		}
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	const char *text = m->str[1], *colon = strchr(text, ':');
	struct wanted w = { colon ? arena_strndup(r->a, text, colon - text) : NULL,
			    colon ? colon + 1 : text };
	const struct dbg_tracepoint *other = NULL;
	struct dbg_object *o;
	size_t before = out->n;

	if (m->form->kind == MARK)
		return refuse_marker(r, m);
	o = family_object(r, NULL, &m->point->place);
	if (!o)
		return r->optional;
	search(r, m, o, &w, out, &other);
	if (out->n == before || str_is_glob(w.name))
		search_modules(r, m, &w, out, &other);
	if (out->n == before && !other)
		add_renamed(r, m, o, w.name, out);
	if (out->n > before)
		return true;
	if (other)
		return family_unresolved(r, m, &m->arg_place[1], "no-match",
					 "no match: tracepoint '%s' is in system '%s', not '%s'",
					 other->name, other->system ? other->system : "?", w.system);
	return family_unresolved(r, m, &m->arg_place[1], "no-match",
				 "unable to find tracepoint \"%s\"%s%s", text,
				 family_renamed_text(r, NAME_TRACEPOINT, w.name),
				 str_is_glob(w.name) ? "" : similar_names(r, o, w.name));
}

static void fill(struct resolver *r, const struct dbg_tracepoint *t, unsigned i, struct site_var *ret)
{
	struct ctype *type = ctype_strip(t->arg_types[i]);

	*ret = (struct site_var){ .name = t->arg_names[i], .type = t->arg_types[i], .param = true };
	if (type && (type->kind == CT_STRUCT || type->kind == CT_UNION))
		ret->loc.why = "it is a struct passed by value";
	else if (type && type->kind == CT_FLOAT)
		ret->loc.why = "it is in a floating point register";
	else if (type && type->size > 8)
		ret->loc.why = "it is wider than 64 bits";
	if (ret->loc.why)
		return;
	ret->loc.kind = LOC_VALUE;
	ret->loc.expr = lx_arg(r->a, i);
}

static bool var(struct resolver *r, const struct site *s, const char *name, bool at_entry,
		struct site_var *ret)
{
	const struct dbg_tracepoint *t = s->dbg;

	(void)at_entry;
	for (unsigned i = 0; i < t->nargs; i++)
		if (!strcmp(t->arg_names[i], name)) {
			fill(r, t, i, ret);
			return true;
		}
	return false;
}

static size_t vars(struct resolver *r, const struct site *s, struct site_var **ret)
{
	const struct dbg_tracepoint *t = s->dbg;

	*ret = arena_array(r->a, struct site_var, t->nargs + 1);
	for (unsigned i = 0; i < t->nargs; i++)
		fill(r, t, i, &(*ret)[i]);
	return t->nargs;
}

static void row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".name = \"%s\"", s->symbol);
	if (s->module)
		buf_printf(out, ", .module = \"%s\"", s->module);
}

const struct family family_tracepoint = {
	.name = "tracepoint",
	.forms = forms,
	.flags = FAMILY_DEBUGINFO,
	.resolve = resolve,
	.var = var,
	.vars = vars,
	.row = row,
};
