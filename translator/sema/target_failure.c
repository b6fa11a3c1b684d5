/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a target variable cannot be had: kept in its expression until it is known that it is needed, and only then, with
 * what there is instead, told by who needs it.
 */
#include "sema/target.h"
#include "dbginfo/dbginfo.h"

#include <string.h>

struct target_error *target_failure(const struct expr *e)
{
	return e->kind == EX_TARGET && !e->info ? e->sym : NULL;
}

/* Of an expression in the body of a library's alias: the use of the alias it came through. */
static const struct place *came_through(const struct body *b, const struct expr *e)
{
	const struct place *via = b->site ? b->site->place.via : NULL, *user = via;

	while (user && user->via)
		user = user->via;
	return user && user->src != e->place.src ? via : NULL;
}

struct target_error *target_fail(struct body *b, struct expr *e, const char *tag, const char *fmt, ...)
{
	struct target_error *f = arena_new(b->x->a, struct target_error);
	va_list ap;

	va_start(ap, fmt);
	f->tag = tag;
	f->text = arena_vprintf(b->x->a, fmt, ap);
	f->place = e->place;
	if (!f->place.via)
		f->place.via = came_through(b, e);
	va_end(ap);
	e->info = NULL;
	e->sym = f;
	return f;
}

/* What cannot be known of SITE without DWARF; NULL when there is DWARF, or nobody asked. */
static const char *only_btf(struct sema *x, const struct site *site)
{
	const char *why;
	struct dbg_object *o = x->s->dbginfo && site && site->family->flags & FAMILY_DEBUGINFO ?
			       dbg_object(x->s->dbginfo, site->module, &why) : NULL;

	return o ? dbg_lacks(o) : NULL;
}

static bool means_return(const char *name)
{
	static const char *const words[] = { "ret", "retval", "returnval", "result", "rc", "rv",
					    "retvalue", "ax", "rax" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], name))
			return true;
	return false;
}

/* "$a $b ..." and the nearest of them: looked for when the error is told, not at each of many sites. */
void target_explain(struct sema *x, struct target_error *f)
{
	const struct family *fam = f->site ? f->site->family : NULL;
	struct site_var *vars;
	size_t n = fam && fam->vars ? fam->vars(&x->r, f->site, &vars) : 0;
	unsigned best = f->name && strlen(f->name) > 8 ? (unsigned)strlen(f->name) / 3 : 2;
	const char *near = NULL;
	struct buf all = { 0 };

	if (!strcmp(f->tag, "no-location")) {
		near = fam && fam->nearest ? fam->nearest(&x->r, f->site, f->name) : NULL;
		f->hint = near ? near : f->hint;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned d = str_distance(vars[i].name, f->name, best);

		if (i < 40)
			buf_printf(&all, " $%s", vars[i].name);
		if (d < best || (d == best && !near)) {
			best = d;
			near = vars[i].name;
		}
	}
	if (n)
		f->text = arena_printf(x->a, "%s (alternatives:%s)", f->text, buf_text(&all));
	if (!near && !f->hint && f->name && f->site && f->site->is_return && means_return(f->name))
		near = "return";
	if (near && !f->hint)
		f->hint = arena_printf(x->a, "did you mean $%s?", near);
	else if (!f->hint)
		f->hint = only_btf(x, f->site);
	buf_deinit(&all);
}
