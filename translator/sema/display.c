/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Globals of the user's scripts that are written and never read are shown when the session ends: an end
 * probe for each, made as text of the language, in SystemTap's shape:
 *
 *	name=5	name="text"	name[1,"key"]=5	name @count=2 @min=3 ...
 *
 * What is known to be an address is hexadecimal.  Arrays go by falling value.  Comes last in pass 2,
 * when uses and types are known.
 */
#include <stdlib.h>
#include "sema/elaborate.h"

static void print_keys(struct buf *b, const struct global *g)
{
	for (unsigned i = 0; i < g->nkeys; i++)
		buf_printf(b, "%s__key%u", i ? ", " : "", i);
}

/* name[__key0, __key1], or the name alone. */
static void print_element(struct buf *b, const struct global *g)
{
	buf_puts(b, g->name);
	if (!g->nkeys)
		return;
	buf_putc(b, '[');
	print_keys(b, g);
	buf_putc(b, ']');
}

static void print_format(struct buf *b, const struct global *g)
{
	buf_printf(b, "printf(\"%s", g->name);
	for (unsigned i = 0; i < g->nkeys; i++)
		buf_printf(b, "%s%s", i ? "," : "[", g->keys[i] == T_STRING ? "\\\"%s\\\"" : "%d");
	if (g->nkeys)
		buf_putc(b, ']');
}

static const char *value_format(const struct gvar *v)
{
	const struct pointing *p = &v->sym.points;

	return v->g.type == T_STRING ? "=\\\"%s\\\"\\n\"" : p->type || p->name ? "=%#x\\n\"" : "=%d\\n\"";
}

static void print_values(struct buf *b, const struct gvar *v)
{
	static const char *const results[] = { "count", "min", "max", "sum", "avg" };
	const size_t n = sizeof(results) / sizeof(results[0]);
	const struct global *g = &v->g;

	if (g->type != T_STATS) {
		buf_puts(b, value_format(v));
	} else {
		for (size_t i = 0; i < n; i++)
			buf_printf(b, " @%s=%%d", results[i]);
		buf_puts(b, "\\n\"");
	}
	if (g->nkeys) {
		buf_puts(b, ", ");
		print_keys(b, g);
	}
	for (size_t i = 0; i < (g->type == T_STATS ? n : 1); i++) {
		buf_puts(b, ", ");
		if (g->type == T_STATS)
			buf_printf(b, "@%s(", results[i]);
		print_element(b, g);
		if (g->type == T_STATS)
			buf_putc(b, ')');
	}
	buf_puts(b, ")");
}

static void print_probe(struct buf *b, const struct gvar *v)
{
	const struct global *g = &v->g;

	buf_puts(b, "probe end { ");
	if (g->nkeys) {
		buf_puts(b, "foreach ([");
		print_keys(b, g);
		buf_printf(b, "] in %s-) ", g->name);
	} else if (g->type == T_STATS) {
		buf_printf(b, "if (@count(%s) == 0) printf(\"%s @count=0x0\\n\") else ", g->name, g->name);
	}
	print_format(b, g);
	print_values(b, v);
	buf_puts(b, " }\n");
}

static bool show(struct sema *x, const struct gvar *v)
{
	struct source *src = arena_new(x->a, struct source);
	size_t expansions = x->expansions.n, handlers = x->handlers.n;
	struct script *script, *home = sema_script_of(x, v->g.decl->place.src);
	struct buf b = { 0 };

	print_probe(&b, v);
	src->name = arena_printf(x->a, "<display of %s>", v->g.name);
	src->size = b.n;
	src->text = arena_strndup(x->a, buf_text(&b), b.n);
	buf_deinit(&b);
	script = parse_script(x->a, x->d, src, &x->s->pp);
	if (!script || !points_expand(x, script->probes.v[0], home))
		return false;
	for (; expansions < x->expansions.n; expansions++)
		if (!handlers_make(x, x->expansions.v[expansions]))
			return false;
	for (; handlers < x->handlers.n; handlers++)
		collect_handler(x, x->handlers.v[handlers]);
	return true;
}

static int by_decl(const void *a, const void *b)
{
	const struct global_decl *x = (*(struct gvar *const *)a)->g.decl, *y = (*(struct gvar *const *)b)->g.decl;

	return x < y ? -1 : x > y;
}

/* The program's globals, N of them, by the address of their declaration. */
static struct gvar **sort_globals(struct sema *x, size_t *n)
{
	struct gvar **ret = arena_array(x->a, struct gvar *, x->globals.n + 1);

	*n = 0;
	vec_each(&x->globals, i)
		if (x->globals.v[i]->used)
			ret[(*n)++] = x->globals.v[i];
	qsort(ret, *n, sizeof(*ret), by_decl);
	return ret;
}

static const struct gvar *unread(struct gvar *const *sorted, size_t n, struct global_decl *d)
{
	struct gvar key = { .g.decl = d }, *k = &key;
	struct gvar *const *at = bsearch(&k, sorted, n, sizeof(*sorted), by_decl);

	return at && (*at)->g.written && !(*at)->g.read ? *at : NULL;
}

bool display_globals(struct sema *x)
{
	size_t n;
	struct gvar **sorted = sort_globals(x, &n);
	bool any = false, ok = true;

	vec_each(&x->s->scripts, i)
		vec_each(&x->s->scripts.v[i]->globals, k) {
			const struct gvar *v = unread(sorted, n, x->s->scripts.v[i]->globals.v[k]);

			if (!v || !ok)
				continue;
			if (!any)
				autocast_carry(x);
			any = true;
			ok = show(x, v);
		}
	return ok && (!any || infer_more(x));
}
