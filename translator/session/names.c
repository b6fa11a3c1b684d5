// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads tapset/linux/renamed.def when it is first needed.  A line that is not understood is passed
 * over with a warning: the table is data that people may add to.
 */
#include "session/names.h"

#include <string.h>

#include "base/buf.h"

struct names { VEC(struct name_fact) v; };

static const char *const kinds[] = { "function", "param", "member", "number", "type", "tracepoint", "point" };

enum { NKINDS = sizeof(kinds) / sizeof(*kinds), WORDS = 5 };

/* The words of LINE, at most N; how many there were. */
static size_t split(struct arena *a, const char *line, size_t len, const char **word, size_t n)
{
	size_t count = 0;

	for (const char *p = line, *end = line + len; ; count++) {
		size_t w;

		p += strspn(p, " \t");
		w = strcspn(p, " \t\n#");
		if (p >= end || !w)
			return count;
		if (count < n)
			word[count] = arena_strndup(a, p, w);
		p += w;
	}
}

static bool read_fact(struct arena *a, const char *const *word, struct name_fact *f)
{
	const char *dot = strchr(word[1], '.');

	for (unsigned k = 0; k < NKINDS; k++)
		if (!strcmp(word[0], kinds[k])) {
			bool has_subject = k == NAME_PARAM || k == NAME_MEMBER;

			f->kind = k;
			f->old = word[1];
			if (has_subject && !dot)
				return false;
			if (has_subject) {
				f->subject = arena_strndup(a, word[1], dot - word[1]);
				f->old = dot + 1;
			}
			f->now = word[2];
			f->release = word[3];
			return true;
		}
	return false;
}

static struct names *names_read(struct session *s)
{
	struct names *t = arena_new(&s->arena, struct names);
	const char *path = arena_printf(&s->arena, "%s/linux/renamed.def", session_tapset_dir(s));
	struct buf b = {0};
	unsigned line = 1;

	if (!buf_read_file(&b, path)) {
		buf_deinit(&b);
		return t;
	}
	for (const char *p = buf_text(&b); *p; line++) {
		size_t len = strcspn(p, "\n");
		const char *word[WORDS];
		size_t n = split(&s->arena, p, len, word, WORDS);
		struct name_fact f = { .line = line };

		if (n == WORDS && read_fact(&s->arena, word, &f))
			*vec_add(&s->arena, &t->v) = f;
		else if (n)
			diag_warn(&s->diag, "renamed", NULL, "%s:%u: not \"KIND OLD NEW RELEASE COMMIT\"", path,
				  line);
		p += len + (p[len] == '\n');
	}
	buf_deinit(&b);
	return t;
}

/* "sys_*" against "sys_read" with "__x64_sys_*": the fact about this one name. */
static const struct name_fact *fill_in(struct session *s, const struct name_fact *f, const char *old)
{
	const char *star = strchr(f->old, '*'), *now = strchr(f->now, '*');
	size_t n = star - f->old;
	struct name_fact *one;

	if (!now || star[1] || strncmp(old, f->old, n))
		return NULL;
	one = arena_memdup(&s->arena, f, sizeof(*f));
	one->old = old;
	one->now = arena_printf(&s->arena, "%.*s%s", (int)(now - f->now), f->now, old + n);
	return one;
}

const struct name_fact *names_next(struct session *s, enum name_kind kind, const char *subject,
				   const char *old, size_t *at)
{
	if (!s->names)
		s->names = names_read(s);
	while (*at < s->names->v.n) {
		const struct name_fact *f = &s->names->v.v[(*at)++];

		if (f->kind != kind || (subject && strcmp(subject, f->subject)))
			continue;
		if (old && strchr(f->old, '*'))
			f = fill_in(s, f, old);
		else if (old && strcmp(old, f->old))
			f = NULL;
		if (f)
			return f;
	}
	return NULL;
}

/* A path as scripts write it: "bi_iter->bi_size". */
static const char *script_text(struct arena *a, const char *path)
{
	struct buf b = {0};
	const char *text;

	for (; *path; path++)
		if (*path != '.')
			buf_putc(&b, *path);
		else if (path[1])
			buf_puts(&b, "->");
	text = arena_strdup(a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

const char *names_text(struct session *s, const struct name_fact *f)
{
	struct arena *a = &s->arena;
	const char *old = script_text(a, f->old), *now = script_text(a, f->now);

	switch (f->kind) {
	case NAME_PARAM:
		return arena_printf(a, "'$%s' of '%s' is '$%s' since Linux %s", old, f->subject, now,
				    f->release);
	case NAME_MEMBER:
		return arena_printf(a, "member '%s' of '%s' is %s%s%s since Linux %s", old, f->subject,
				    *now ? "'" : "", *now ? now : "the value itself", *now ? "'" : "",
				    f->release);
	case NAME_NUMBER:
		return arena_printf(a, "the number in a '%s' is its member '%s' since Linux %s", old, now,
				    f->release);
	case NAME_POINT:
		return arena_printf(a, "'%s' is gone since Linux %s; the nearest is %s", f->old, f->release, f->now);
	default:
		return arena_printf(a, "%s '%s' is '%s' since Linux %s", kinds[f->kind], f->old, f->now,
				    f->release);
	}
}

void names_tell(struct session *s, const struct place *p, const struct name_fact *f)
{
	diag_warn(&s->diag, "renamed", p, "%s, which is taken (--strict-names: an error)", names_text(s, f));
}
