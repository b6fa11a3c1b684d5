/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probe points to sites.  A point is matched word by word (point_shape.c) against the aliases in sight
 * (point_sight.c) and the forms of all families; wildcards in words stand for every form and alias that
 * fits.  Aliases are followed, with what their user wrote behind the alias's name appended to what they
 * stand for, until a family answers; what is nothing is told by point_unknown.c.  Bodies met on the way are
 * collected around the probe's own: prologues before it, innermost alias first, epilogues after it, outermost
 * alias first.
 *
 * Assumes nothing about families but their table.  Binds no names: parts are kept as parsed.
 */
#include "sema/points.h"

#include <string.h>

struct walk {
	struct sema *x;
	struct probe_decl *decl;
	struct script *script;
	size_t found;			/* sites so far */
	size_t first;			/* expansions of this declaration begin here */
	size_t points;			/* that were looked into */
};

/* More points than all aliases of a tapset lead to: they multiply. */
enum { MAX_POINTS = 8000 };

/* ---- texts ---- */

const char *point_text(struct sema *x, const struct point *p)
{
	struct buf b = { 0 };
	const char *r;

	ast_print_words(&b, p);
	r = arena_strdup(x->a, buf_text(&b));
	buf_deinit(&b);
	return r;
}

/* P with its first USED components replaced by the words of SH, arguments kept. */
static struct point *with_words(struct sema *x, const struct point *p, struct shape sh, size_t used)
{
	struct point *r = arena_new(x->a, struct point);
	bool run = sh.n != used;	/* `**` stood for several: these carry no arguments */

	r->place = p->place;
	for (size_t i = 0; i < sh.n; i++) {
		struct component *c = vec_add(x->a, &r->comp);

		c->name = sh.comp[i].name;
		c->place = run ? p->place : p->comp.v[i].place;
		c->arg = run ? (struct expr *)sh.comp[i].value : p->comp.v[i].arg;
	}
	for (size_t i = used; i < p->comp.n; i++)
		*vec_add(x->a, &r->comp) = p->comp.v[i];
	return r;
}

/* ---- leaves ---- */

static bool same_parts(const struct expansion *a, const struct expansion *b)
{
	if (a->parts.n != b->parts.n || a->conditions.n != b->conditions.n || a->alias != b->alias)
		return false;
	vec_each(&a->parts, i)
		if (a->parts.v[i].body != b->parts.v[i].body)
			return false;
	vec_each(&a->conditions, i)
		if (a->conditions.v[i].e != b->conditions.v[i].e)
			return false;
	return true;
}

static bool has_text(const struct stmt *s)
{
	return s && !(s->kind == ST_BLOCK && !s->body.n) && s->kind != ST_NULL;
}

static void add_part(struct sema *x, struct expansion *e, struct stmt *body, struct script *script)
{
	if (has_text(body))
		*vec_add(x->a, &e->parts) = (struct part){ body, script };
}

/* Epilogues and conditions: outermost first. */
static void add_outer(struct sema *x, struct expansion *e, const struct use *u, bool conditions)
{
	if (!u)
		return;
	add_outer(x, e, u->up, conditions);
	if (conditions && u->point->condition)
		*vec_add(x->a, &e->conditions) =
			(struct condition){ u->point->condition, u->script };
	if (!conditions && u->alias)
		add_part(x, e, u->alias->epilogue ? u->alias->body : u->alias->epilogue_body,
			 u->alias_script);
}

/* The expansion of the declaration that runs what the uses up from U say; made when new. */
static struct expansion *expansion_for(struct walk *w, const struct use *u)
{
	struct sema *x = w->x;
	struct expansion *e = arena_new(x->a, struct expansion);

	e->decl = w->decl;
	for (const struct use *i = u; i; i = i->up)
		if (i->alias) {
			e->alias = true;
			if (!i->alias->epilogue)
				add_part(x, e, i->alias->body, i->alias_script);
		}
	add_part(x, e, w->decl->body, w->script);
	add_outer(x, e, u, false);
	add_outer(x, e, u, true);
	for (size_t i = w->first; i < x->expansions.n; i++)
		if (same_parts(x->expansions.v[i], e))
			return x->expansions.v[i];
	*vec_add(x->a, &x->expansions) = e;
	return e;
}

static bool resolve(struct walk *w, const struct use *u, const struct form *f, const struct point *p)
{
	struct sema *x = w->x;
	struct point_match *m = arena_new(x->a, struct point_match);
	struct site_list got = { 0 };
	struct expansion *e;

	if (!privilege_point(x, f->family, p))
		return false;
	m->form = f->pf;
	m->point = p;
	m->pn = u->pn ? u->pn : point_text(x, p);
	vec_each(&p->comp, i) {
		const struct expr *arg = p->comp.v[i].arg;

		if (!arg)
			continue;
		m->has_arg[i] = true;
		m->arg_place[i] = arg->place;
		m->arg_place[i].via = p->place.via;
		m->str[i] = arg->kind == EX_STRING ? arg->text : NULL;
		m->num[i] = arg->kind == EX_NUMBER ? arg->number : 0;
	}
	x->r.optional = u->optional;
	if (!f->family->resolve(&x->r, m, &got))
		return false;
	w->found += got.n;
	if (!got.n)
		return true;
	e = expansion_for(w, u);
	vec_each(&got, i) {
		struct site *s = got.v[i];

		s->family = f->family;
		if (!s->pn)
			s->pn = m->pn;
		s->aliased = u->pn;
		if (!s->place.src)
			s->place = p->place;
		*vec_add(x->a, &e->sites) = s;
	}
	return true;
}

/* ---- expansion ---- */

static bool expand(struct walk *w, const struct use *u);

/* A list of points as in `probe A, B!, C?`; false after a reported error, the others are tried. */
static bool expand_list(struct walk *w, struct point *const *points, size_t n, struct script *script,
			const struct use *up, const struct point *suffix)
{
	struct sema *x = w->x;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		struct point *p = arena_new(x->a, struct point);
		struct use u = { p, script, NULL, NULL, up, up ? up->pn : NULL, up && up->optional };
		size_t before = w->found;

		*p = *points[i];
		if (suffix) {		/* the vector is the parser's: copy before it grows */
			p->comp.v = arena_memdup(x->a, p->comp.v, p->comp.n * sizeof(*p->comp.v));
			p->comp.cap = p->comp.n;
			vec_each(&suffix->comp, j)
				*vec_add(x->a, &p->comp) = suffix->comp.v[j];
		}
		if (up)
			p->place.via = &up->point->place;
		u.optional |= p->optional || p->sufficient;
		ok &= expand(w, &u);
		if (p->sufficient && w->found > before)
			break;
	}
	return ok;
}

/* U uses alias SA with its first USED components. */
static bool follow(struct walk *w, const struct use *u, const struct seen_alias *sa, size_t used)
{
	struct sema *x = w->x;
	struct use *in = arena_new(x->a, struct use);
	struct point suffix = { 0 };

	for (const struct use *i = u->up; i; i = i->up)
		if (i->alias == sa->alias)
			return unknown_loop(x, u->point);
	*in = *u;
	in->alias = sa->alias;
	in->alias_script = sa->script;
	if (!in->pn)
		in->pn = point_text(x, with_words(x, u->point, sa->shape, used));
	for (size_t i = used; i < u->point->comp.n; i++)
		*vec_add(x->a, &suffix.comp) = u->point->comp.v[i];
	sema_reach(x, sa->script);
	return expand_list(w, sa->alias->points.v, sa->alias->points.n, sa->script, in,
			   suffix.comp.n ? &suffix : NULL);
}

/* ---- what a point fits ---- */

static struct fitting *fit(struct sema *x, const struct use *u, const char *second)
{
	struct fitting *r = arena_new(x->a, struct fitting);
	size_t used;

	aliases_in_sight(x, u->script, u->point->comp.v[0].name, second, &r->seen);
	vec_each(&r->seen, i)
		if (point_fits(u->point, 0, r->seen.v[i].shape, 0, true, &used, &r->deepest))
			*vec_add(x->a, &r->aliases) = (struct fit_alias){ &r->seen.v[i], used };
	vec_each(&x->forms, i) {
		const struct form *f = x->forms.v[i];

		if (!point_fits(u->point, 0, (struct shape){ f->comp, f->n }, 0, true, &used, &r->deepest))
			continue;
		*vec_add(x->a, &r->forms) = (struct fit_form){ f, used };
		if (!point_has_wildcard(u->point))
			break;		/* what several answer goes to the first */
	}
	return r;
}

/* The same, remembered for points with wildcards: they look at all there is, and aliases lead to one time and again. */
static const struct fitting *fitting(struct sema *x, const struct use *u)
{
	const char *second = u->point->comp.n > 1 ? u->point->comp.v[1].name : NULL;
	struct fitting *r;
	const char *key;

	if (!point_has_wildcard(u->point))
		return fit(x, u, second);
	key = arena_printf(x->a, "%p %s", (void *)u->script, point_text(x, u->point));
	r = strmap_get(&x->fittings, key);
	if (!r) {
		r = fit(x, u, second);
		strmap_put(&x->fittings, key, r);
	}
	return r;
}

/* Everything that U's whole point names. */
static bool expand_whole(struct walk *w, const struct use *u, const struct fitting *f)
{
	bool ok = true;

	vec_each(&f->aliases, i)
		ok &= follow(w, u, f->aliases.v[i].alias, f->aliases.v[i].used);
	vec_each(&f->forms, i) {
		const struct fit_form *form = &f->forms.v[i];
		struct shape sh = { form->form->comp, form->form->n };

		ok &= resolve(w, u, form->form, with_words(w->x, u->point, sh, form->used));
	}
	return ok;
}

/* Aliases named by the longest possible beginning of U's point, the rest being their suffix. */
static bool expand_suffix(struct walk *w, const struct use *u, const struct seen_list *seen, size_t *matches,
			  size_t *deepest)
{
	size_t used, longest = 0;
	bool ok = true;

	vec_each(seen, i)
		if (point_fits(u->point, 0, seen->v[i].shape, 0, false, &used, deepest) && used > longest)
			longest = used;
	if (!longest)
		return true;
	vec_each(seen, i) {
		if (!point_fits(u->point, 0, seen->v[i].shape, 0, false, &used, deepest) || used != longest)
			continue;
		++*matches;
		ok &= follow(w, u, &seen->v[i], used);
	}
	return ok;
}

static bool too_many(struct walk *w)
{
	struct sema *x = w->x;

	x->multiply |= w->points == MAX_POINTS;
	if (w->points++ == MAX_POINTS)
		diag_error(x->d, DIAG_SEMANTIC, "alias-many", &w->decl->place,
			   "the aliases of the probe lead to more than %d points: keyword 'probe' at %s", MAX_POINTS,
			   place_str(x->a, &w->decl->place));
	return w->points > MAX_POINTS;
}

static bool expand(struct walk *w, const struct use *u)
{
	struct sema *x = w->x;
	const struct fitting *f;
	struct use one = *u;
	size_t matches, deepest, found = w->found;
	unsigned errors = x->d->errors;
	bool ok;

	if (too_many(w))
		return false;
	f = fitting(x, u);
	matches = f->aliases.n + f->forms.n;
	deepest = f->deepest;
	one.optional |= point_has_wildcard(u->point);	/* the others will do when one has no site */
	ok = expand_whole(w, &one, f);
	if (!matches)
		ok = expand_suffix(w, &one, &f->seen, &matches, &deepest);
	if (!ok || u->optional)
		return ok;
	if ((!matches || (w->found == found && x->d->errors == errors)) && unknown_told(x, u->point))
		return false;
	if (!matches)		/* those with its first word alone tell how far it is right */
		return unknown_point(x, u, fit(x, u, NULL)->deepest);
	if (w->found == found && x->d->errors == errors)
		return unknown_here(x, u);
	return true;
}

bool points_expand(struct sema *x, struct probe_decl *probe, struct script *script)
{
	struct walk w = { x, probe, script, 0, x->expansions.n, 0 };

	if (x->multiply)		/* another probe's do: it is told, and may be what leads far here */
		return false;
	forms_parse(x);
	return expand_list(&w, probe->points.v, probe->points.n, script, NULL, NULL);
}
