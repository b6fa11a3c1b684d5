/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The aliases that a point may mean, of its script, the user's other scripts and the library. */
#include "sema/points.h"

#include <string.h>

/* May a point beginning with the word FIRST mean an alias whose name begins with WORD? */
static bool first_fits(const char *first, const char *word)
{
	if (!str_is_glob(first))
		return !strcmp(first, word);
	return strstr(first, "**") || str_glob(first, word);
}

static void see(struct sema *x, struct seen_list *l, struct alias_decl *al, struct script *from, const char *first)
{
	vec_each(&al->names, i)
		if (first_fits(first, al->names.v[i]->comp.v[0].name))
			*vec_add(x->a, l) = (struct seen_alias){ al, from, al->names.v[i],
								 shape_of_alias(x, al->names.v[i]) };
}

/* Of the user's aliases in L those of SCRIPT (OWN) or of the others. */
static void see_users(struct sema *x, struct seen_list *ret, const struct alias_names *l, struct script *script,
		      bool own)
{
	vec_each(l, i) {
		const struct alias_name *n = &l->v[i];

		if ((n->script == script) == own)
			*vec_add(x->a, ret) = (struct seen_alias){ n->alias, n->script, n->name,
								   shape_of_alias(x, n->name) };
	}
}

void aliases_in_sight(struct sema *x, struct script *script, const char *first, const char *second,
		      struct seen_list *l)
{
	const struct strmap *users = names_aliases(x);
	struct alias_list lib = { 0 };

	if (script->src->tapset)
		vec_each(&script->aliases, i)
			see(x, l, script->aliases.v[i], script, first);
	for (int own = 1; own >= 0 && !script->src->tapset; own--) {
		if (!str_is_glob(first) && strmap_has(users, first))
			see_users(x, l, strmap_get(users, first), script, own);
		for (size_t i = 0; str_is_glob(first) && i < users->n; i++)
			if (first_fits(first, users->e[i].key))
				see_users(x, l, users->e[i].value, script, own);
	}
	if (x->s->library)
		lib = library_aliases(x->s->library, first, second);
	vec_each(&lib, i)
		if (lib.v[i]->place.src != script->src)
			see(x, l, lib.v[i], sema_script_of(x, lib.v[i]->place.src), first);
}
