/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -l and -L: one line for each probe point found, sorted: an alias by the name the user's pattern
 * matched, everything else by its resolved point.  -L adds the variables an alias offers, then those of
 * the site, $return first.
 */
#include "sema/elaborate.h"

#include <stdlib.h>
#include <string.h>

struct line { const char *name; struct site *site; struct expansion *exp; };
struct lines { struct line *v; size_t n, cap; };

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->name, ((const struct line *)b)->name);
}

static void print_var(struct buf *b, const struct site_var *v)
{
	buf_printf(b, " $%s:", v->is_return ? "return" : v->name);
	ctype_print(b, v->type);
}

static void print_site_vars(struct sema *x, struct buf *b, const struct site *s)
{
	const struct family *f = s->family;
	struct site_var *vars;
	size_t n = f->vars ? f->vars(&x->r, s, &vars) : 0;

	for (int ret = 1; ret >= 0; ret--)
		for (size_t i = 0; i < n; i++)
			if (vars[i].is_return == (bool)ret)
				print_var(b, &vars[i]);
}

static void print_locals(struct buf *b, const struct handler *h)
{
	vec_each(&h->locals, i)
		if (h->locals.v[i]->type != T_UNKNOWN)
			buf_printf(b, " %s:%s", h->locals.v[i]->name,
				   type_name(h->locals.v[i]->type));
}

static void gather(struct sema *x, struct lines *l)
{
	vec_each(&x->expansions, i) {
		struct expansion *e = x->expansions.v[i];

		vec_each(&e->sites, j)
			*vec_add(x->a, l) = (struct line){
				e->alias ? e->sites.v[j]->pn : e->sites.v[j]->pp, e->sites.v[j], e };
	}
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_name);
}

/* Aliases have variables of their own: their bodies are bound and typed as if they were to run. */
static bool know_locals(struct sema *x)
{
	bool any = false;

	vec_each(&x->expansions, i)
		if (x->expansions.v[i]->alias) {
			any = true;
			if (!handlers_make(x, x->expansions.v[i]))
				return false;
		}
	if (!any)
		return true;
	autocast_program(x);
	return collect_program(x) && infer_program(x);
}

static bool expand_all(struct sema *x, struct session *s, struct lines *l)
{
	bool ok = true;

	*x = (struct sema){ .s = s, .a = &s->arena, .d = &s->diag };
	x->r = (struct resolver){ .s = s, .a = &s->arena, .d = &s->diag, .listing = true,
				  .explaining = s->opt.listing == LIST_EXPLAIN };
	x->p = arena_new(x->a, struct program);
	vec_each(&s->scripts, i)
		vec_each(&s->scripts.v[i]->probes, j)
			ok &= points_expand(x, s->scripts.v[i]->probes.v[j], s->scripts.v[i]);
	gather(x, l);
	return ok;
}

static void explain_site(struct sema *x, struct buf *b, const struct line *l)
{
	const struct site *s = l->site;

	buf_printf(b, "%s\n", s->pp);
	if (l->exp->alias && strcmp(s->pn, s->pp))
		buf_printf(b, "  by the alias %s\n", s->pn);
	if (s->family->explain) {
		s->family->explain(&x->r, s, b);
		return;
	}
	if (!s->family->vars)
		return;
	buf_puts(b, "  variables:");
	print_site_vars(x, b, s);
	buf_putc(b, '\n');
}

bool sema_explain(struct session *s, FILE *out)
{
	struct sema x;
	struct lines l = { 0 };
	struct buf b = { 0 };
	bool ok = expand_all(&x, s, &l);

	for (size_t i = 0; i < l.n; i++)
		explain_site(&x, &b, &l.v[i]);
	fputs(buf_text(&b), out);
	buf_deinit(&b);
	strmap_deinit(&x.cnames);
	strmap_deinit(&x.said);
	return ok && l.n;
}

bool sema_list(struct session *s, bool vars, FILE *out)
{
	struct sema x;
	struct lines l = { 0 };
	struct buf line = { 0 };
	const char *last = NULL;
	bool ok = expand_all(&x, s, &l);

	if (vars && l.n)
		ok &= know_locals(&x);
	for (size_t i = 0; i < l.n; i++) {
		buf_clear(&line);
		buf_puts(&line, l.v[i].name);
		if (vars) {
			if (l.v[i].site->handler)
				print_locals(&line, l.v[i].site->handler);
			print_site_vars(&x, &line, l.v[i].site);
		}
		if (last && !strcmp(last, buf_text(&line)))
			continue;
		last = arena_strdup(x.a, buf_text(&line));
		fprintf(out, "%s\n", last);
	}
	buf_deinit(&line);
	strmap_deinit(&x.cnames);
	strmap_deinit(&x.said);
	strmap_deinit(&x.contextual);
	names_deinit(&x);
	return ok && l.n;
}
