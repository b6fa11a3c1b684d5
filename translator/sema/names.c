/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions and globals of a script by name, and what pass 2 has made of each: tables built when a script
 * is first looked into, so that no look-up walks a list that grows with the script.
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

void names_deinit(struct sema *x)
{
	vec_each(&x->names, i) {
		strmap_deinit(&x->names.v[i]->functions);
		strmap_deinit(&x->names.v[i]->globals);
	}
}
