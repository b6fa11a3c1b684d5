/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A point against the forms of families and the names of aliases, word by word.  Wildcards in the point's words fit
 * what they fit; `**` may stand for several.  Assumes nothing about families but their table.
 */
#include "sema/points.h"

#include <string.h>

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

void forms_parse(struct sema *x)
{
	if (x->forms.n)
		return;
	for (size_t i = 0; families[i]; i++)
		for (const struct point_form *pf = families[i]->forms; pf->pattern; pf++)
			*vec_add(x->a, &x->forms) = parse_form(x, families[i], pf);
}

struct shape shape_of_alias(struct sema *x, const struct point *name)
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

bool point_word_fits(const struct component *c, const struct shape_comp *s)
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

bool point_fits(const struct point *p, size_t pi, struct shape sh, size_t si, bool whole,
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
			    point_fits(p, pi + 1, sh, si + n, whole, used, deepest))
				return true;
		return false;
	}
	return point_word_fits(c, &sh.comp[si]) && arg_fits(c, &sh.comp[si]) &&
	       point_fits(p, pi + 1, sh, si + 1, whole, used, deepest);
}

bool point_has_wildcard(const struct point *p)
{
	vec_each(&p->comp, i)
		if (str_is_glob(p->comp.v[i].name))
			return true;
	return false;
}
