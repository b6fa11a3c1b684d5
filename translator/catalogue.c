/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --dump-probe-types, --dump-probe-aliases and --dump-functions: what there is to write scripts with,
 * sorted, one a line.
 */
#include "catalogue.h"
#include "family/family.h"
#include "library/library.h"

#include <stdlib.h>
#include <string.h>

struct lines { const char **v; size_t n, cap; };	/* VEC(const char *) */

static void add(struct session *s, struct lines *l, struct buf *b)
{
	*vec_add(&s->arena, l) = arena_strdup(&s->arena, buf_text(b));
	buf_clear(b);
}

static void types(struct session *s, struct lines *l, struct buf *b)
{
	for (size_t i = 0; families[i]; i++)
		for (const struct point_form *f = families[i]->forms; f->pattern; f++) {
			buf_puts(b, f->pattern);
			add(s, l, b);
		}
}

static void aliases(struct session *s, struct lines *l, struct buf *b, const struct script *script)
{
	vec_each(&script->aliases, i) {
		const struct alias_decl *a = script->aliases.v[i];

		for (size_t j = 0; j < a->names.n; j++) {
			ast_print_point(b, a->names.v[j]);
			buf_puts(b, a->epilogue ? " += " : " = ");
			vec_each(&a->points, k) {
				buf_puts(b, k ? ", " : "");
				ast_print_point(b, a->points.v[k]);
			}
			add(s, l, b);
		}
	}
}

static const char *suffix(enum type t)
{
	return t == T_STRING ? ":string" : t == T_LONG ? ":long" : "";
}

static void functions(struct session *s, struct lines *l, struct buf *b, const struct script *script)
{
	vec_each(&script->functions, i) {
		const struct function_decl *f = script->functions.v[i];

		if (f->private_scope || f->name[0] == '_')
			continue;
		buf_printf(b, "%s%s (", f->name, suffix(f->ret));
		vec_each(&f->params, j)
			buf_printf(b, "%s%s%s", j ? ", " : "", f->params.v[j].name, suffix(f->params.v[j].type));
		buf_puts(b, ")");
		add(s, l, b);
	}
}

static int order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void catalogue_print(struct session *s, FILE *out)
{
	struct lines l = { 0 };
	struct buf b = { 0 };

	if (s->opt.dump_what == LIST_TYPES)
		types(s, &l, &b);
	else
		library_load_all(s->library);
	for (size_t i = 0; s->opt.dump_what != LIST_TYPES && i < library_nscripts(s->library); i++) {
		if (s->opt.dump_what == LIST_ALIASES)
			aliases(s, &l, &b, library_script(s->library, i));
		else
			functions(s, &l, &b, library_script(s->library, i));
	}
	qsort(l.v, l.n, sizeof(*l.v), order);
	for (size_t i = 0; i < l.n; i++)
		if (!i || strcmp(l.v[i - 1], l.v[i]))
			fprintf(out, "%s\n", l.v[i]);
	buf_deinit(&b);
}
