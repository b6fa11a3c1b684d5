// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions about types that need no debuginfo: what is behind a typedef, where a member lies, how
 * a type is written.
 *
 * Types come from a provider that may have read them from a damaged file, so no chain of targets
 * and no nest of anonymous members is trusted to end: every walk here has a limit.  Structs are
 * filled by their provider when somebody first looks inside.  Nothing is allocated here.
 */
#include <string.h>

#include "base/strmap.h"
#include "program/ctype.h"

enum { MAX_CHAIN = 64, MAX_NESTING = 16 };

struct ctype *ctype_strip(struct ctype *t)
{
	for (int i = 0; t && i < MAX_CHAIN; i++) {
		if (t->kind != CT_TYPEDEF && t->kind != CT_QUALIFIED)
			return t;
		t = t->target;
	}
	return NULL;
}

bool ctype_complete(struct ctype *t)
{
	t = ctype_strip(t);
	if (!t)
		return false;
	if (t->complete)
		return !t->incomplete;
	t->complete = true;	/* before asking: a type may hold a pointer to itself */
	if (t->provider && t->provider->complete && !t->provider->complete(t))
		t->incomplete = true;
	return !t->incomplete;
}

static bool has_members(struct ctype *t)
{
	return t && (t->kind == CT_STRUCT || t->kind == CT_UNION) && ctype_complete(t);
}

static const struct cmember *find_member(struct ctype *t, const char *name, uint64_t *offset,
					 int depth)
{
	t = ctype_strip(t);
	if (depth > MAX_NESTING || !has_members(t))
		return NULL;
	vec_each(&t->members, i) {
		const struct cmember *m = &t->members.v[i];
		const struct cmember *inner;
		uint64_t below = 0;

		if (m->name) {
			if (strcmp(m->name, name))
				continue;
			*offset = m->offset;
			return m;
		}
		inner = find_member(m->type, name, &below, depth + 1);
		if (inner) {
			*offset = m->offset + below;
			return inner;
		}
	}
	return NULL;
}

const struct cmember *ctype_member(struct ctype *t, const char *name, uint64_t *offset)
{
	uint64_t sum = 0;
	const struct cmember *m = find_member(t, name, &sum, 0);

	if (m && offset)
		*offset = sum;
	return m;
}

static void similar(struct ctype *t, const char *name, const char **best, unsigned *limit, int depth)
{
	t = ctype_strip(t);
	if (depth > MAX_NESTING || !has_members(t))
		return;
	vec_each(&t->members, i) {
		const struct cmember *m = &t->members.v[i];
		unsigned d;

		if (!m->name) {
			similar(m->type, name, best, limit, depth + 1);
			continue;
		}
		d = str_distance(m->name, name, *limit);
		if (d < *limit || (d == *limit && !*best)) {
			*limit = d;
			*best = m->name;
		}
	}
}

const char *ctype_similar_member(struct ctype *t, const char *name)
{
	/* A third of the letters may be wrong, but always at least two. */
	unsigned limit = strlen(name) / 3 > 2 ? strlen(name) / 3 : 2;
	const char *best = NULL;

	similar(t, name, &best, &limit, 0);
	return best;
}

static const char *base_word(const struct ctype *t)
{
	switch (t->kind) {
	case CT_STRUCT:	return "struct ";
	case CT_UNION:	return "union ";
	case CT_ENUM:	return "enum ";
	default:	return "";
	}
}

static void put_quals(struct buf *b, const struct ctype *t)
{
	if (t->is_const)
		buf_puts(b, " const");
	if (t->is_volatile)
		buf_puts(b, " volatile");
}

static void prepend(struct buf *b, const char *s)
{
	struct buf tmp = {0};

	buf_puts(&tmp, s);
	buf_add(&tmp, buf_text(b), b->n);
	buf_deinit(b);
	*b = tmp;
}

static void print_depth(struct buf *b, const struct ctype *t, int depth);

static void put_params(struct buf *b, const struct ctype *t, int depth)
{
	buf_putc(b, '(');
	vec_each(&t->params, i) {
		if (i)
			buf_puts(b, ", ");
		print_depth(b, t->params.v[i], depth + 1);
	}
	if (!t->params.n)
		buf_puts(b, "void");
	buf_putc(b, ')');
}

/* Is what T stands for, qualifiers aside, written behind the declarator? */
static bool is_suffixed(const struct ctype *t)
{
	for (int i = 0; t && t->kind == CT_QUALIFIED && i < MAX_CHAIN; i++)
		t = t->target;
	return t && (t->kind == CT_ARRAY || t->kind == CT_FUNCTION);
}

/*
 * The C rule read inside out: DECL holds what surrounds the place of the name, and each step from
 * the outermost derivation inwards wraps it.  Qualifiers of what is not a pointer wait for the base.
 */
static void print_depth(struct buf *b, const struct ctype *t, int depth)
{
	struct buf decl = {0}, quals = {0};

	if (depth > MAX_NESTING) {
		buf_puts(b, "...");
		return;
	}
	for (int i = 0; t && i < MAX_CHAIN; i++) {
		if (t->kind == CT_POINTER) {
			struct buf star = {0};

			buf_puts(&star, is_suffixed(t->target) ? "(*" : "*");
			buf_puts(&star, buf_text(&quals));
			buf_clear(&quals);
			prepend(&decl, buf_text(&star));
			buf_deinit(&star);
			if (is_suffixed(t->target))
				buf_putc(&decl, ')');
		} else if (t->kind == CT_QUALIFIED) {
			put_quals(&quals, t);
		} else if (t->kind == CT_ARRAY) {
			if (t->count)
				buf_printf(&decl, "[%llu]", (unsigned long long)t->count);
			else
				buf_puts(&decl, "[]");
		} else if (t->kind == CT_FUNCTION) {
			put_params(&decl, t, depth);
		} else {
			break;
		}
		t = t->target;
	}
	if (!t || t->kind == CT_VOID)
		buf_puts(b, "void");
	else if (t->name)
		buf_printf(b, "%s%s", base_word(t), t->name);
	else
		buf_printf(b, "%s{...}", base_word(t));
	buf_puts(b, buf_text(&quals));
	if (decl.n && decl.p[0] == '(')
		buf_putc(b, ' ');
	buf_puts(b, buf_text(&decl));
	buf_deinit(&decl);
	buf_deinit(&quals);
}

void ctype_print(struct buf *b, const struct ctype *t)
{
	print_depth(b, t, 0);
}

const char *ctype_str(struct arena *a, const struct ctype *t)
{
	struct buf b = { 0 };
	const char *ret;

	ctype_print(&b, t);
	ret = arena_strdup(a, buf_text(&b));
	buf_deinit(&b);
	return ret;
}
