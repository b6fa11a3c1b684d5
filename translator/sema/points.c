/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probe points to sites.  A point is matched word by word against the aliases in sight and the forms
 * of all families; wildcards in words stand for every form and alias that fits.  Aliases are followed,
 * with what their user wrote behind the alias's name appended to what they stand for, until a family
 * answers.  Bodies met on the way are collected around the probe's own: prologues before it, innermost
 * alias first, epilogues after it, outermost alias first.
 *
 * Assumes nothing about families but their table.  Binds no names: parts are kept as parsed.
 */
#include "sema/elaborate.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_COMP = 8, SUFFIX_MAX = 32 };

struct shape_comp {
	const char *name;
	enum point_arg arg;
	const struct expr *value;	/* aliases: the literal their own name carries */
};

struct form {
	const struct family *family;
	const struct point_form *pf;
	struct shape_comp comp[MAX_COMP];
	unsigned n;
};

struct shape { const struct shape_comp *comp; size_t n; };

/* One use on the way from the probe to a family: outermost has up == NULL. */
struct use {
	const struct point *point;
	struct script *script;		/* where the point is written */
	struct alias_decl *alias;	/* what it uses; NULL while it is not known */
	struct script *alias_script;
	const struct use *up;
	const char *pn;
	bool optional;
};

struct walk {
	struct sema *x;
	struct probe_decl *decl;
	struct script *script;
	size_t found;			/* sites so far */
	size_t first;			/* expansions of this declaration begin here */
	size_t points;			/* that were looked into */
};

/* More points than all aliases of a tapset lead to: they multiply. */
enum { MAX_POINTS = 20000 };

/* ---- forms ---- */

/* "kernel.function(string).call" into components; patterns are constants of ours. */
static struct form *parse_form(struct sema *x, const struct family *f, const struct point_form *pf)
{
	struct form *r = arena_new(x->a, struct form);
	const char *p = pf->pattern;

	r->family = f;
	r->pf = pf;
	while (*p && r->n < MAX_COMP) {
		struct shape_comp *c = &r->comp[r->n++];
		size_t n = strcspn(p, ".(");

		c->name = arena_strndup(x->a, p, n);
		p += n;
		if (*p == '(') {
			c->arg = p[1] == 's' ? ARG_STRING : ARG_NUMBER;
			p += strcspn(p, ")") + 1;
		}
		if (*p == '.')
			p++;
	}
	return r;
}

static void parse_forms(struct sema *x)
{
	if (x->forms.n)
		return;
	for (size_t i = 0; families[i]; i++)
		for (const struct point_form *pf = families[i]->forms; pf->pattern; pf++)
			*vec_add(x->a, &x->forms) = parse_form(x, families[i], pf);
}

static struct shape alias_shape(struct sema *x, const struct point *name)
{
	struct shape_comp *c = arena_array(x->a, struct shape_comp, name->comp.n + 1);

	vec_each(&name->comp, i) {
		const struct expr *arg = name->comp.v[i].arg;

		c[i].name = name->comp.v[i].name;
		c[i].value = arg;
		c[i].arg = !arg ? ARG_NONE : arg->kind == EX_NUMBER ? ARG_NUMBER : ARG_STRING;
	}
	return (struct shape){ c, name->comp.n };
}

/* ---- matching ---- */

static bool arg_fits(const struct component *c, const struct shape_comp *s)
{
	if (!c->arg)
		return s->arg == ARG_NONE;
	if (s->arg != (c->arg->kind == EX_NUMBER ? ARG_NUMBER : ARG_STRING))
		return false;
	if (!s->value)
		return true;
	return c->arg->kind == EX_NUMBER ? c->arg->number == s->value->number :
					   !strcmp(c->arg->text, s->value->text);
}

static bool name_fits(const struct component *c, const struct shape_comp *s)
{
	return str_is_glob(c->name) ? str_glob(c->name, s->name) : !strcmp(c->name, s->name);
}

/* `**` in the component: it may stand for several words. */
static bool run_fits(const struct component *c, const struct shape_comp *s, size_t n)
{
	char text[512];
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i].arg != ARG_NONE && n > 1)
			return false;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? "." : "", s[i].name);
		if (at >= sizeof(text))
			return false;
	}
	return str_glob(c->name, text);
}

/*
 * Do the components of P from PI on fit those of SH from SI on?  WHOLE: both to their ends, else SH
 * may end first and *USED tells where in P.  *DEEPEST: how many components of P fitted at best.
 */
static bool fits(const struct point *p, size_t pi, struct shape sh, size_t si, bool whole,
		 size_t *used, size_t *deepest)
{
	const struct component *c;

	if (pi > *deepest)
		*deepest = pi;
	if (si == sh.n && (!whole || pi == p->comp.n)) {
		*used = pi;
		return true;
	}
	if (si == sh.n || pi == p->comp.n)
		return false;
	c = &p->comp.v[pi];
	if (strstr(c->name, "**")) {
		for (size_t n = 1; si + n <= sh.n; n++)
			if (run_fits(c, sh.comp + si, n) &&
			    (n > 1 || arg_fits(c, &sh.comp[si])) &&
			    fits(p, pi + 1, sh, si + n, whole, used, deepest))
				return true;
		return false;
	}
	return name_fits(c, &sh.comp[si]) && arg_fits(c, &sh.comp[si]) &&
	       fits(p, pi + 1, sh, si + 1, whole, used, deepest);
}

/* An alias in sight and the script it is written in. */
struct seen_alias {
	struct alias_decl *alias;
	struct script *script;
	const struct point *name;
	struct shape shape;
};
struct seen_list { struct seen_alias *v; size_t n, cap; };

/* May a point beginning with the word FIRST mean an alias whose name begins with WORD? */
static bool first_fits(const char *first, const char *word)
{
	if (!str_is_glob(first))
		return !strcmp(first, word);
	return strstr(first, "**") || str_glob(first, word);
}

static void see(struct sema *x, struct seen_list *l, struct alias_decl *al, struct script *from,
		const struct script *user, const char *first)
{
	if (al->private_scope && from != user)
		return;
	vec_each(&al->names, i)
		if (first_fits(first, al->names.v[i]->comp.v[0].name))
			*vec_add(x->a, l) = (struct seen_alias){ al, from, al->names.v[i],
								 alias_shape(x, al->names.v[i]) };
}

/* Of the user's aliases in L those of SCRIPT (OWN) or of the others. */
static void see_users(struct sema *x, struct seen_list *ret, const struct alias_names *l, struct script *script,
		      bool own)
{
	vec_each(l, i) {
		const struct alias_name *n = &l->v[i];

		if ((n->script == script) == own && (own || !n->alias->private_scope))
			*vec_add(x->a, ret) = (struct seen_alias){ n->alias, n->script, n->name,
								   alias_shape(x, n->name) };
	}
}

/* Aliases that a point of SCRIPT beginning with FIRST may mean: its own, the users', then the library's. */
static void aliases_in_sight(struct sema *x, struct script *script, const char *first,
			     struct seen_list *l)
{
	const struct strmap *users = names_aliases(x);
	struct alias_list lib = { 0 };

	if (script->src->tapset)
		vec_each(&script->aliases, i)
			see(x, l, script->aliases.v[i], script, script, first);
	for (int own = 1; own >= 0 && !script->src->tapset; own--) {
		if (!str_is_glob(first) && strmap_has(users, first))
			see_users(x, l, strmap_get(users, first), script, own);
		for (size_t i = 0; str_is_glob(first) && i < users->n; i++)
			if (first_fits(first, users->e[i].key))
				see_users(x, l, users->e[i].value, script, own);
	}
	if (x->s->library)
		lib = library_aliases(x->s->library, first);
	vec_each(&lib, i)
		if (lib.v[i]->place.src != script->src)
			see(x, l, lib.v[i], sema_script_of(x, lib.v[i]->place.src), script, first);
}

/* ---- texts ---- */

static void print_component(struct buf *b, const struct component *c)
{
	buf_puts(b, c->name);
	if (!c->arg)
		return;
	if (c->arg->kind == EX_NUMBER) {
		buf_printf(b, "(%" PRId64 ")", c->arg->number);
		return;
	}
	buf_puts(b, "(\"");
	buf_escape(b, c->arg->text, c->arg->text_len);
	buf_puts(b, "\")");
}

static const char *point_text(struct sema *x, const struct point *p)
{
	struct buf b = { 0 };
	const char *r;

	vec_each(&p->comp, i) {
		if (i)
			buf_putc(&b, '.');
		print_component(&b, &p->comp.v[i]);
	}
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

/* ---- not found ---- */

struct guess { struct strmap near; size_t depth; const char *word; };

static void guess_from(struct guess *g, const struct point *p, struct shape sh)
{
	size_t used, deepest = 0, limit = strlen(g->word) / 3 > 2 ? strlen(g->word) / 3 : 2;

	fits(p, 0, sh, 0, false, &used, &deepest);
	if (deepest < g->depth || sh.n <= g->depth)
		return;
	if (!*g->word || str_distance(g->word, sh.comp[g->depth].name, (unsigned)limit) <= limit)
		strmap_put(&g->near, sh.comp[g->depth].name, g);
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

static bool report_unknown(struct sema *x, const struct use *u, size_t depth)
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
	aliases_in_sight(x, u->script, "*", &all);
	vec_each(&all, i)
		guess_from(&g, p, all.v[i].shape);
	vec_each(&x->forms, i)
		guess_from(&g, p, (struct shape){ x->forms.v[i]->comp, x->forms.v[i]->n });
	if (!g.near.n && depth && depth < p->comp.n) {	/* nothing is like it: all there are, if they are few */
		all_known = true;
		g.word = "";
		vec_each(&all, i)
			guess_from(&g, p, all.v[i].shape);
		vec_each(&x->forms, i)
			guess_from(&g, p, (struct shape){ x->forms.v[i]->comp, x->forms.v[i]->n });
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

/* Aliases multiply, and each way to a place is not worth a message. */
static bool was_told(struct sema *x, const struct point *p)
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

		fits(u->point, 0, (struct shape){ f->comp, f->n }, 0, false, &used, &deepest);
		if (deepest < depth || f->n <= depth || !name_fits(c, &f->comp[depth]))
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

	if (x->s->opt.privilege && !strcmp(x->s->opt.privilege, "stapusr") &&
	    !(f->family->flags & FAMILY_UNPRIVILEGED))
		return diag_error(x->d, DIAG_SEMANTIC, "privilege", &p->place,
				  "while resolving probe point: identifier '%s' at %s: probe point is "
				  "not allowed for --privilege=stapusr", p->comp.v[0].name,
				  place_str(x->a, &p->place));
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

static bool report_loop(struct sema *x, const struct point *p)
{
	return was_told(x, p) ? false :
	       diag_error(x->d, DIAG_SEMANTIC, "alias-loop", &p->place, "recursive loop in alias expansion of %s at %s",
			  point_text(x, p), place_str(x->a, &p->place));
}

/* U uses alias SA with its first USED components. */
static bool follow(struct walk *w, const struct use *u, const struct seen_alias *sa, size_t used)
{
	struct sema *x = w->x;
	struct use *in = arena_new(x->a, struct use);
	struct point suffix = { 0 };

	for (const struct use *i = u->up; i; i = i->up)
		if (i->alias == sa->alias)
			return report_loop(x, u->point);
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

static bool has_wildcard(const struct point *p)
{
	vec_each(&p->comp, i)
		if (str_is_glob(p->comp.v[i].name))
			return true;
	return false;
}

/* Everything that U's whole point names; *DEEPEST as fits() has it. */
static bool expand_whole(struct walk *w, const struct use *u, const struct seen_list *seen,
			 size_t *matches, size_t *deepest)
{
	struct sema *x = w->x;
	size_t used;
	bool ok = true;

	vec_each(seen, i) {
		if (!fits(u->point, 0, seen->v[i].shape, 0, true, &used, deepest))
			continue;
		++*matches;
		ok &= follow(w, u, &seen->v[i], used);
	}
	vec_each(&x->forms, i) {
		const struct form *f = x->forms.v[i];
		struct shape sh = { f->comp, f->n };

		if (!fits(u->point, 0, sh, 0, true, &used, deepest))
			continue;
		++*matches;
		ok &= resolve(w, u, f, with_words(x, u->point, sh, used));
		if (!has_wildcard(u->point))
			break;		/* what several answer goes to the first */
	}
	return ok;
}

/* Aliases named by the longest possible beginning of U's point, the rest being their suffix. */
static bool expand_suffix(struct walk *w, const struct use *u, const struct seen_list *seen,
			  size_t *matches, size_t *deepest)
{
	size_t used, longest = 0;
	bool ok = true;

	vec_each(seen, i)
		if (fits(u->point, 0, seen->v[i].shape, 0, false, &used, deepest) && used > longest)
			longest = used;
	if (!longest)
		return true;
	vec_each(seen, i) {
		if (!fits(u->point, 0, seen->v[i].shape, 0, false, &used, deepest) || used != longest)
			continue;
		++*matches;
		ok &= follow(w, u, &seen->v[i], used);
	}
	return ok;
}

/* U names something, but all of that is optional and not here. */
static bool report_nothing(struct sema *x, const struct use *u)
{
	diag_error(x->d, DIAG_SEMANTIC, "no-match", &u->point->place,
		   "while resolving probe point %s at %s: no match", point_text(x, u->point),
		   place_str(x->a, &u->point->place));
	if (!has_wildcard(u->point))
		diag_hint(x->d, "none of what this alias stands for is in kernel %s; '%s ?' makes it optional",
			  x->s->kernel.release, point_text(x, u->point));
	return false;
}

static bool too_many(struct walk *w)
{
	struct sema *x = w->x;

	if (w->points++ == MAX_POINTS)
		diag_error(x->d, DIAG_SEMANTIC, "alias-many", &w->decl->place,
			   "the aliases of the probe lead to more than %d points: keyword 'probe' at %s", MAX_POINTS,
			   place_str(x->a, &w->decl->place));
	return w->points > MAX_POINTS;
}

static bool expand(struct walk *w, const struct use *u)
{
	struct sema *x = w->x;
	struct seen_list seen = { 0 };
	struct use one = *u;
	size_t matches = 0, deepest = 0, found = w->found;
	unsigned errors = x->d->errors;
	bool ok;

	if (too_many(w))
		return false;
	aliases_in_sight(x, u->script, u->point->comp.v[0].name, &seen);
	one.optional |= has_wildcard(u->point);	/* the others will do when one has no site */
	ok = expand_whole(w, &one, &seen, &matches, &deepest);
	if (!matches)
		ok = expand_suffix(w, &one, &seen, &matches, &deepest);
	if (!ok || u->optional)
		return ok;
	if ((!matches || (w->found == found && x->d->errors == errors)) && was_told(x, u->point))
		return false;
	if (!matches)
		return (deepest < u->point->comp.n && report_argument(x, u, deepest)) ?
			false : report_unknown(x, u, deepest);
	if (w->found == found && x->d->errors == errors)
		return report_nothing(x, u);
	return true;
}

bool points_expand(struct sema *x, struct probe_decl *probe, struct script *script)
{
	struct walk w = { x, probe, script, 0, x->expansions.n, 0 };

	parse_forms(x);
	return expand_list(&w, probe->points.v, probe->points.n, script, NULL, NULL);
}
