/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directives of a printf format: %[-+ #0][WIDTH][.PRECISION][l]SPECIFIER, width and precision may
 * be `*`; specifiers as stap(1) has them: d i o u x X p c b m M for numbers, s for strings.  Knows no
 * arguments.
 */
#include "syntax/directive.h"

#include <ctype.h>
#include <string.h>

static void skip(const char *text, size_t *p, size_t n, const char *set)
{
	while (*p < n && text[*p] && strchr(set, text[*p]))
		++*p;
}

/* A number or `*`; numbers of 10000 and more are all the same. */
static unsigned parse_part(const char *text, size_t *p, size_t n, struct directive *d)
{
	unsigned ret = 0;

	if (*p < n && text[*p] == '*') {
		d->stars++;
		++*p;
		return 0;
	}
	for (; *p < n && isdigit((unsigned char)text[*p]); ++*p)
		if (ret < 10000)
			ret = ret * 10 + (unsigned)(text[*p] - '0');
	return ret;
}

bool directive_parse(const char *text, size_t *p, size_t n, struct directive *d)
{
	*d = (struct directive){ .at = *p - 1 };
	skip(text, p, n, "-+ #0");
	d->width = parse_part(text, p, n, d);
	if (*p < n && text[*p] == '.') {
		++*p;
		parse_part(text, p, n, d);
	}
	if (*p < n && text[*p] == 'l')
		++*p;
	if (*p < n)
		d->spec = text[(*p)++];
	d->len = *p - d->at;
	return d->spec && strchr("dioxXupcbmMs%", d->spec);
}

/* Bytes of source text that one character of a literal takes at S. */
static size_t literal_char(const char *s, const char *end)
{
	size_t n = 1;

	if (*s != '\\' || s + 1 >= end)
		return 1;
	if (s[1] == 'x') {
		for (n = 2; s + n < end && isxdigit((unsigned char)s[n]); n++)
			;
		return n;
	}
	while (n < 4 && s + n < end && s[n] >= '0' && s[n] <= '7')
		n++;
	return n > 1 ? n : 2;
}

/* Found by walking the source. */
struct place directive_place(const struct expr *fmt, const struct directive *d)
{
	struct place p = fmt->place;
	const char *s, *end;

	if (!p.src || p.len < 2 || p.src->text[p.off] != '"')
		return p;
	s = p.src->text + p.off + 1;
	end = p.src->text + p.off + p.len;
	for (size_t i = 0; i < d->at && s < end; i++)
		s += literal_char(s, end);
	if (s >= end || *s != '%')
		return p;
	p.off = (uint32_t)(s - p.src->text);
	p.len = (uint32_t)d->len;
	return p;
}
