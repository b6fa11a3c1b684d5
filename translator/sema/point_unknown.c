/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points that are nothing, to messages: which word of the point is wrong, and what would fit in its place.  Must not
 * expand anything.
 */
#include "sema/points.h"

#include <string.h>

struct guess { struct strmap near; size_t depth; const char *word; };

static void guess_from(struct guess *g, const struct point *p, struct shape sh)
{
	size_t used, deepest = 0, limit = strlen(g->word) / 3 > 2 ? strlen(g->word) / 3 : 2;

	point_fits(p, 0, sh, 0, false, &used, &deepest);
	if (deepest < g->depth || sh.n <= g->depth)
		return;
	if (!*g->word || str_distance(g->word, sh.comp[g->depth].name, (unsigned)limit) <= limit)
		strmap_put(&g->near, sh.comp[g->depth].name, g);
}

static void guess_all(struct sema *x, struct guess *g, const struct point *p, const struct seen_list *aliases)
{
	vec_each(aliases, i)
		guess_from(g, p, aliases->v[i].shape);
	vec_each(&x->forms, i)
		guess_from(g, p, (struct shape){ x->forms.v[i]->comp, x->forms.v[i]->n });
}

enum { MOST_KNOWN = 20 };

/* Why nothing is P, which others know; NULL: it is not known. */
static const char *why_absent(struct sema *x, const struct point *p)
{
	const char *absent = family_absent(p), *name = p->comp.v[0].name;
	const struct name_fact *f;
	size_t at = 0;

	for (size_t i = 1; i < p->comp.n && strcmp(p->comp.v[i].name, "return"); i++)
		name = arena_printf(x->a, "%s.%s", name, p->comp.v[i].name);
	f = absent ? NULL : names_next(x->s, NAME_POINT, NULL, name, &at);
	return f ? names_text(x->s, f) : absent;
}

static bool report_word(struct sema *x, const struct use *u, size_t depth)
{
	const struct point *p = u->point;
	struct guess g = { .depth = depth, .word = depth < p->comp.n ? p->comp.v[depth].name : "" };
	const struct component *at = &p->comp.v[depth < p->comp.n ? depth : p->comp.n - 1];
	struct place place = at->place;
	struct seen_list all = { 0 };
	struct buf near = { 0 };
	const char *absent = why_absent(x, p);
	bool all_known = false;

	place.via = p->place.via;
	if (absent)
		return diag_error(x->d, DIAG_SEMANTIC, "not-supported", &place,
				  "while resolving probe point: identifier '%s' at %s: %s", at->name,
				  place_str(x->a, &place), absent);
	aliases_in_sight(x, u->script, "*", NULL, &all);
	guess_all(x, &g, p, &all);
	if (!g.near.n && depth && depth < p->comp.n) {	/* nothing is like it: all there are, if they are few */
		all_known = true;
		g.word = "";
		guess_all(x, &g, p, &all);
	}
	for (size_t i = 0; i < g.near.n && (all_known ? g.near.n <= MOST_KNOWN : i < 12); i++)
		buf_printf(&near, "%s%s", i ? ", " : "", g.near.e[i].key);
	diag_error(x->d, DIAG_SEMANTIC, "unknown-point", &place,
		   "while resolving probe point: identifier '%s' at %s: probe point mismatch%s%s%s",
		   at->name, place_str(x->a, &place),
		   near.n ? all_known ? " (known: " : depth < p->comp.n ? " (similar: " :
			    " (incomplete, goes on with: " : "",
		   buf_text(&near), near.n ? ")" : "");
	buf_deinit(&near);
	strmap_deinit(&g.near);
	return false;
}

bool unknown_told(struct sema *x, const struct point *p)
{
	return sema_told(x, arena_printf(x->a, "%s at %s", point_text(x, p), place_str(x->a, &p->place)));
}

/* The word is right but its argument is not: show the forms there are. */
static bool report_argument(struct sema *x, const struct use *u, size_t depth)
{
	const struct component *c = &u->point->comp.v[depth];
	struct buf forms = { 0 };
	size_t n = 0;

	vec_each(&x->forms, i) {
		const struct form *f = x->forms.v[i];
		size_t used, deepest = 0;

		point_fits(u->point, 0, (struct shape){ f->comp, f->n }, 0, false, &used, &deepest);
		if (deepest < depth || f->n <= depth || !point_word_fits(c, &f->comp[depth]))
			continue;
		if (n++ < 6)
			buf_printf(&forms, "%s%s", n > 1 ? ", " : "", f->pf->pattern);
	}
	if (n) {
		struct place place = c->place;

		place.via = u->point->place.via;
		diag_error(x->d, DIAG_SEMANTIC, "point-argument", &place,
			   "while resolving probe point: identifier '%s' at %s: %s (known: %s%s)",
			   c->name, place_str(x->a, &place),
			   !c->arg ? "an argument is missing" :
			   c->arg->kind == EX_NUMBER ? "no such point takes a number here" :
						       "no such point takes a string here",
			   buf_text(&forms), n > 6 ? ", ..." : "");
	}
	buf_deinit(&forms);
	return n > 0;
}

bool unknown_point(struct sema *x, const struct use *u, size_t depth)
{
	return (depth < u->point->comp.n && report_argument(x, u, depth)) ? false : report_word(x, u, depth);
}

bool unknown_loop(struct sema *x, const struct point *p)
{
	return unknown_told(x, p) ? false :
	       diag_error(x->d, DIAG_SEMANTIC, "alias-loop", &p->place, "recursive loop in alias expansion of %s at %s",
			  point_text(x, p), place_str(x->a, &p->place));
}

bool unknown_here(struct sema *x, const struct use *u)
{
	diag_error(x->d, DIAG_SEMANTIC, "no-match", &u->point->place,
		   "while resolving probe point %s at %s: no match", point_text(x, u->point),
		   place_str(x->a, &u->point->place));
	if (!point_has_wildcard(u->point))
		diag_hint(x->d, "none of what this alias stands for is in kernel %s; '%s ?' makes it optional",
			  x->s->kernel.release, point_text(x, u->point));
	return false;
}
