/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions and globals of a script by name, and what pass 2 has made of each, and the aliases of the user's
 * scripts: tables built when first looked into, so that no look-up walks a list that grows with the script.
 * Must not decide who may see what.
 */
#include "sema/elaborate.h"

#include <stdint.h>
#include <string.h>

static void index_functions(struct sema *x, struct names *n, const struct script *s)
{
	n->next = arena_array(x->a, size_t, s->functions.n + 1);
	n->bodies = arena_array(x->a, struct body *, s->functions.n + 1);
	for (size_t i = s->functions.n; i--; ) {	/* backwards: the chain goes forwards */
		const char *name = s->functions.v[i]->name;

		n->next[i] = (size_t)(uintptr_t)strmap_get(&n->functions, name);
		strmap_put(&n->functions, name, (void *)(uintptr_t)(i + 1));
	}
}

static void index_globals(struct sema *x, struct names *n, const struct script *s)
{
	n->globals_made = arena_array(x->a, struct gvar *, s->globals.n + 1);
	vec_each(&s->globals, i)
		if (!strmap_has(&n->globals, s->globals.v[i]->name))
			strmap_put(&n->globals, s->globals.v[i]->name, (void *)(uintptr_t)(i + 1));
}

struct names *names_of(struct sema *x, struct script *script)
{
	struct names *n;

	vec_each(&x->names, i)
		if (x->names.v[i]->script == script)
			return x->names.v[i];
	n = arena_new(x->a, struct names);
	n->script = script;
	index_functions(x, n, script);
	index_globals(x, n, script);
	*vec_add(x->a, &x->names) = n;
	return n;
}

size_t names_function(const struct names *n, const char *name)
{
	return (size_t)(uintptr_t)strmap_get(&n->functions, name);
}

size_t names_global(const struct names *n, const char *name)
{
	return (size_t)(uintptr_t)strmap_get(&n->globals, name);
}

struct body **names_body(struct sema *x, struct script *script, const struct function_decl *decl)
{
	struct names *n = names_of(x, script);
	size_t i = names_function(n, decl->name);

	while (i && script->functions.v[i - 1] != decl)
		i = n->next[i - 1];
	return i ? &n->bodies[i - 1] : NULL;
}

static void add_alias(struct sema *x, struct alias_decl *a, struct script *s)
{
	vec_each(&a->names, i) {
		const char *first = a->names.v[i]->comp.v[0].name;
		struct alias_names *l = strmap_get(&x->aliases, first);

		if (!l) {
			l = arena_new(x->a, struct alias_names);
			strmap_put(&x->aliases, first, l);
		}
		*vec_add(x->a, l) = (struct alias_name){ a, s, a->names.v[i] };
	}
}

const struct strmap *names_aliases(struct sema *x)
{
	if (!x->aliases_read)
		vec_each(&x->s->scripts, i)
			vec_each(&x->s->scripts.v[i]->aliases, j)
				add_alias(x, x->s->scripts.v[i]->aliases.v[j], x->s->scripts.v[i]);
	x->aliases_read = true;
	return &x->aliases;
}

void names_deinit(struct sema *x)
{
	vec_each(&x->names, i) {
		strmap_deinit(&x->names.v[i]->functions);
		strmap_deinit(&x->names.v[i]->globals);
	}
	strmap_deinit(&x->aliases);
}
