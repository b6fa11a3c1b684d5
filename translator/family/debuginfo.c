// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Common steps of families that resolve against debuginfo: opening it, saying that it is missing,
 * taking NAME@FILE:LINES apart.
 */
#include "family/debuginfo.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

struct dbginfo *family_dbginfo(struct resolver *r)
{
	struct dbginfo *d = dbginfo_want(&r->s->dbginfo, &r->s->arena, r->s->kernel.release, r->s->opt.debuginfo,
					 diag_progress);

	if (r->listing && !r->explaining)
		dbginfo_only_list(d);
	return d;
}

struct dbg_object *family_object(struct resolver *r, const char *module, const struct place *place)
{
	const char *why = NULL;
	struct dbg_object *o = dbg_object(family_dbginfo(r), module, &why);

	if (!o && !r->optional)
		diag_error(r->d, DIAG_SEMANTIC, "no-debuginfo", place, "missing debuginfo: %s",
			   why ? why : "not found");
	return o;
}

bool family_unresolved(struct resolver *r, const struct point_match *m, const struct place *place,
		       const char *tag, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	if (r->optional)
		return true;
	va_start(ap, fmt);
	text = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	return diag_error(r->d, DIAG_SEMANTIC, tag, place,
			  "while resolving probe point: identifier '%s' at %s: %s",
			  m->point->comp.v[0].name, place_str(r->a, &m->point->place), text);
}

const struct name_fact *family_renamed(struct resolver *r, enum name_kind kind, const char *old,
				       size_t *next)
{
	if (r->optional || r->s->opt.strict_names || str_is_glob(old))
		return NULL;
	return names_next(r->s, kind, NULL, old, next);
}

const char *family_renamed_text(struct resolver *r, enum name_kind kind, const char *old)
{
	size_t next = 0;
	const struct name_fact *f = r->s->opt.strict_names ? names_next(r->s, kind, NULL, old, &next) :
							     NULL;

	return f ? arena_printf(r->a, " (%s)", names_text(r->s, f)) : "";
}

/* One "N" or "N-M"; false when it is neither. */
static bool take_range(const char **p, struct line_range *ret)
{
	char *end;
	unsigned long n = strtoul(*p, &end, 10);

	if (end == *p || **p < '0' || **p > '9' || n > INT_MAX)
		return false;
	ret->from = ret->to = n;
	*p = end;
	if (**p != '-')
		return true;
	++*p;
	n = strtoul(*p, &end, 10);
	if (end == *p || **p < '0' || **p > '9' || n > INT_MAX || n < ret->from)
		return false;
	ret->to = n;
	*p = end;
	return true;
}

static bool take_lines(struct resolver *r, const char *p, struct pattern *ret)
{
	if (!strcmp(p, "*")) {
		*vec_add(r->a, &ret->lines) = (struct line_range){ 0, 0 };
		return true;
	}
	do {
		struct line_range range;

		if (!take_range(&p, &range))
			return false;
		*vec_add(r->a, &ret->lines) = range;
	} while (*p++ == ',');
	return !p[-1];
}

bool pattern_parse(struct resolver *r, const struct point_match *m, const char *text,
		   const struct place *place, struct pattern *ret)
{
	const char *at = strchr(text, '@'), *lines;
	size_t n;

	*ret = (struct pattern){0};
	ret->name = at ? arena_strndup(r->a, text, at - text) : text;
	if (!*ret->name)
		return family_unresolved(r, m, place, "bad-pattern",
					 "no function name in \"%s\"; write \"*@FILE\" for any", text);
	if (!at)
		return true;
	n = strcspn(at + 1, ":+");
	ret->file = arena_strndup(r->a, at + 1, n);
	if (!n)
		return family_unresolved(r, m, place, "bad-pattern",
					 "no file name behind '@' in \"%s\"", text);
	if (!at[1 + n])
		return true;
	lines = at + 1 + n + (at[1 + n] == ':');	/* "+N" or ":+N": from where the function is declared */
	ret->relative = *lines == '+';
	lines += ret->relative;
	if (!take_lines(r, lines, ret))
		return family_unresolved(r, m, place, "bad-pattern",
					 "bad line '%s' in \"%s\": a number, N-M, several with "
					 "commas, or * are known", lines, text);
	return true;
}

bool pattern_has_line(const struct pattern *p, unsigned line)
{
	vec_each(&p->lines, i)
		if (!p->lines.v[i].to ||
		    (line >= p->lines.v[i].from && line <= p->lines.v[i].to))
			return true;
	return false;
}
