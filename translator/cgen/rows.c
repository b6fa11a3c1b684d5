// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rows of the families: they print the members of their own, this file the rest.  Callbacks (tracepoints) get C types
 * by kind, size and sign of the argument alone, which is what the calling convention goes by.
 */
#include <string.h>

#include "base/strmap.h"
#include "cgen/emit.h"
#include "family/family.h"

/* ---- callbacks ---- */

/* C type of a callback's parameter; words of a struct passed by value in *words, else 0. */
static const char *param_type(struct cgen *g, struct ctype *type, unsigned *words)
{
	struct ctype *t = ctype_strip(type);
	const char *sign;

	*words = 0;
	if (!t || t->kind == CT_POINTER || t->kind == CT_ARRAY || t->kind == CT_FUNCTION)
		return "void *";
	if (t->kind == CT_STRUCT || t->kind == CT_UNION) {
		*words = t->size ? (unsigned)((t->size + 7) / 8) : 1;
		return arena_printf(g->a, "struct stp_words_%u ", *words);
	}
	if (t->is_bool)
		return "bool ";
	sign = t->is_signed ? "" : "u";
	return arena_printf(g->a, "%sint%u_t ", sign,
			    t->size == 1 ? 8 : t->size == 2 ? 16 : t->size == 4 ? 32 : 64);
}

static void declare_words(struct cgen *g, bool *done, unsigned words)
{
	if (!words || words >= 64 || done[words])
		return;
	done[words] = true;
	cgen_line(g, "struct stp_words_%u { uint64_t w[%u]; };", words, words);
}

/* Rows of tracepoints have a `func` that is registered with the row's probe as its data. */
static bool has_callback(const struct family *f)
{
	return !strcmp(f->name, "tracepoint");
}

/* The parameters as text, which names a callback: the first site that has them gives its number. */
static const char *params_text(struct cgen *g, const struct site *s)
{
	struct buf b = { 0 };
	const char *ret;
	unsigned words;

	for (unsigned i = 0; i < s->nargs; i++)
		buf_printf(&b, ", %sa%u", param_type(g, s->args[i], &words), i);
	ret = arena_strdup(g->a, buf_text(&b));
	buf_deinit(&b);
	return ret;
}

static void callback(struct cgen *g, size_t index, const char *params, bool *done)
{
	const struct site *s = g->sites.v[index];
	struct buf args = { 0 };
	unsigned words;

	for (unsigned i = 0; i < s->nargs; i++) {
		const char *type = param_type(g, s->args[i], &words);

		declare_words(g, done, words);
		buf_printf(&args, "%s%sa%u%s", i ? ", " : "", strchr(type, '*') ? "(int64_t)(uintptr_t)" :
			   "(int64_t)", i, words ? ".w[0]" : "");
	}
	cgen_line(g, "static void tp_%zu(void *data%s)", index, params);
	cgen_line(g, "{");
	if (s->nargs)
		cgen_line(g, "\tconst int64_t args[] = { %s };\n", buf_text(&args));
	cgen_line(g, "\tstp_tracepoint_hit(data, %s, %u);", s->nargs ? "args" : "NULL", s->nargs);
	cgen_line(g, "}");
	cgen_line(g, "%s", "");
	buf_deinit(&args);
}

/* ---- rows ---- */

static void family_rows(struct cgen *g, const struct family *f, const size_t *callback_of)
{
	cgen_line(g, "static const struct stp_row_%s rows_%s[] = {", f->name, f->name);
	vec_each(&g->sites, i) {
		struct buf b = { 0 };

		if (g->sites.v[i]->family != f)
			continue;
		f->row(&b, g->sites.v[i]);
		if (has_callback(f))
			buf_printf(&b, "%s.func = tp_%zu", b.n ? ", " : "", callback_of[i]);
		cgen_line(g, "\t{ .probe = &probes[%zu]%s%s },", i, b.n ? ", " : "", buf_text(&b));
		buf_deinit(&b);
	}
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

size_t cgen_families(const struct cgen *g, const struct family **ret, size_t *counts)
{
	size_t n = 0, f;

	vec_each(&g->sites, i) {
		for (f = 0; f < n && ret[f] != g->sites.v[i]->family; f++)
			;
		if (f == n) {
			ret[n++] = g->sites.v[i]->family;
			counts[f] = 0;
		}
		counts[f]++;
	}
	return n;
}

void cgen_rows(struct cgen *g)
{
	const struct family *used[CGEN_FAMILIES];
	size_t counts[CGEN_FAMILIES], n = cgen_families(g, used, counts);
	size_t *callback_of = arena_array(g->a, size_t, g->sites.n + 1);
	struct strmap callbacks = { 0 };
	bool words[64] = { false };

	vec_each(&g->sites, i) {
		const char *params;
		size_t *first;

		if (!has_callback(g->sites.v[i]->family))
			continue;
		params = params_text(g, g->sites.v[i]);
		first = strmap_get(&callbacks, params);
		callback_of[i] = first ? *first : i;
		if (first)
			continue;
		strmap_put(&callbacks, params, &callback_of[i]);
		callback(g, i, params, words);
	}
	strmap_deinit(&callbacks);
	for (size_t i = 0; i < n; i++)
		family_rows(g, used[i], callback_of);
}
