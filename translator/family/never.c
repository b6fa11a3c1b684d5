/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * never: a handler that is checked like any other and never armed.  The smallest complete family:
 * what it answers, and one site for each point.  Without row() there is nothing to arm, so it has
 * no half in runtime/family/.
 */
#include "family/family.h"

static const struct point_form forms[] = {
	{ "never", 0, "at no time: the handler is checked, never run" },
	{ NULL },
};

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);

	s->pp = "never";
	s->pn = m->pn;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return true;
}

const struct family family_never = {
	.name = "never",
	.flags = FAMILY_UNPRIVILEGED,
	.forms = forms,
	.resolve = resolve,
};
