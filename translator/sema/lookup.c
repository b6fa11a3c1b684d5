/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The globals, functions and aliases of scripts by name, made when first asked for: a script of thousands of each is
 * elaborated in time linear in its size.  Must not decide who may see what.
 */
#include "sema/elaborate.h"

struct script_names {
	const struct script *script;
	struct strmap globals;		/* struct global_name */
	struct strmap functions;	/* struct function_names */
};

static void add_function(struct sema *x, struct script_names *n, struct function_decl *f)
{
	struct function_names *l = strmap_get(&n->functions, f->name);

	if (!l) {
		l = arena_new(x->a, struct function_names);
		strmap_put(&n->functions, f->name, l);
	}
	*vec_add(x->a, l) = (struct function_name){ f, NULL };
}

static struct script_names *names_of(struct sema *x, const struct script *s)
{
	struct script_names *n;

	vec_each(&x->names, i)
		if (x->names.v[i]->script == s)
			return x->names.v[i];
	n = *vec_add(x->a, &x->names) = arena_new(x->a, struct script_names);
	n->script = s;
	vec_each(&s->globals, i) {
		struct global_name *g = arena_new(x->a, struct global_name);

		g->decl = s->globals.v[i];
		if (!strmap_has(&n->globals, g->decl->name))
			strmap_put(&n->globals, g->decl->name, g);
	}
	vec_each(&s->functions, i)
		add_function(x, n, s->functions.v[i]);
	return n;
}

struct function_names *lookup_functions(struct sema *x, const struct script *s, const char *name)
{
	return strmap_get(&names_of(x, s)->functions, name);
}

struct function_name *lookup_function(struct sema *x, const struct script *s, const struct function_decl *decl)
{
	struct function_names *l = lookup_functions(x, s, decl->name);

	vec_each(l, i)
		if (l->v[i].decl == decl)
			return &l->v[i];
	return NULL;
}

struct global_name *lookup_global(struct sema *x, const struct script *s, const char *name)
{
	return strmap_get(&names_of(x, s)->globals, name);
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

const struct strmap *lookup_aliases(struct sema *x)
{
	if (!x->aliases_read)
		vec_each(&x->s->scripts, i)
			vec_each(&x->s->scripts.v[i]->aliases, j)
				add_alias(x, x->s->scripts.v[i]->aliases.v[j], x->s->scripts.v[i]);
	x->aliases_read = true;
	return &x->aliases;
}

void lookup_deinit(struct sema *x)
{
	vec_each(&x->names, i) {
		strmap_deinit(&x->names.v[i]->globals);
		strmap_deinit(&x->names.v[i]->functions);
	}
	strmap_deinit(&x->bodies);
	strmap_deinit(&x->aliases);
}
