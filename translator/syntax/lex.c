/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes to tokens.  One pass, no backing up, each byte looked at a bounded number of times.
 *
 * Assumes nothing of the input: any bytes, any line ends, NULs included.  A stretch that cannot be
 * a token becomes TOK_JUNK with the reason and is reported by whoever would have needed it, so
 * that text in the untaken branch of a condition does no harm.  Knows no macro and no condition:
 * `$1`, `@1`, `@name` and `%(` leave here as they are.
 */
#include "syntax/lex.h"

#include <stdlib.h>
#include <string.h>

static const char *const keywords[] = {
	"break", "catch", "continue", "delete", "else", "for", "foreach", "function", "global",
	"if", "in", "limit", "long", "next", "private", "probe", "return", "string", "try", "while",
};

#define FIRST_OPERATOR TOK_LPAREN

static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_alpha(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_name(int c) { return is_alpha(c) || is_digit(c) || c == '$'; }
static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static int hex_value(int c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void lexer_init(struct lexer *l, struct arena *a, const struct source *src, const struct place *via)
{
	*l = (struct lexer){ .a = a, .src = src, .via = via };
	if (src->size >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3))
		l->off = 3;	/* byte order mark */
}

/* The byte N behind the current one, -1 behind the end. */
static int look(const struct lexer *l, uint32_t n)
{
	return l->off + (size_t)n < l->src->size ? (unsigned char)l->src->text[l->off + n] : -1;
}

static bool starts(const struct lexer *l, const char *s)
{
	size_t n = strlen(s);

	return l->src->size - l->off >= n && !memcmp(l->src->text + l->off, s, n);
}

static struct token make(const struct lexer *l, int kind, uint32_t start)
{
	return (struct token){
		.kind = kind,
		.place = { .src = l->src, .off = start, .len = l->off - start, .via = l->via },
	};
}

static struct token junk(const struct lexer *l, uint32_t start, const char *why)
{
	struct token t = make(l, TOK_JUNK, start);

	t.text = why;
	return t;
}

static void skip_line(struct lexer *l)
{
	const char *s = l->src->text + l->off;
	const char *nl = memchr(s, '\n', l->src->size - l->off);

	l->off = nl ? (uint32_t)(nl - l->src->text) : (uint32_t)l->src->size;
}

/* Offset behind the next MARK (two bytes) at or behind FROM; false when there is none. */
static bool find_mark(const struct lexer *l, uint32_t from, const char *mark, uint32_t *ret)
{
	const char *p = from < l->src->size
		? memmem(l->src->text + from, l->src->size - from, mark, 2) : NULL;

	if (p)
		*ret = (uint32_t)(p - l->src->text) + 2;
	return p;
}

/* White space and comments.  False at a comment without end: *START is where it began. */
static bool skip_blank(struct lexer *l, uint32_t *start)
{
	for (;;) {
		int c = look(l, 0);

		if (is_space(c)) {
			l->off++;
		} else if (c == '#' || starts(l, "//")) {
			skip_line(l);
		} else if (starts(l, "/*")) {
			*start = l->off;
			if (!find_mark(l, l->off + 2, "*/", &l->off)) {
				l->off = (uint32_t)l->src->size;
				return false;
			}
		} else {
			return true;
		}
	}
}

static void skip_name(struct lexer *l)
{
	while (is_name(look(l, 0)))
		l->off++;
}

static struct token named(struct lexer *l, int kind, uint32_t start, uint32_t text)
{
	struct token t = make(l, kind, start);

	t.len = l->off - text;
	t.text = arena_strndup(l->a, l->src->text + text, t.len);
	return t;
}

static struct token word(struct lexer *l)
{
	uint32_t start = l->off;
	struct token t;

	skip_name(l);
	t = named(l, TOK_IDENT, start, start);
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (!strcmp(t.text, keywords[i]))
			t.kind = TOK_KEYWORD;
	return t;
}

/* The base of the number that starts with 0 and C, and in *PREFIX how many characters say so. */
static unsigned base_of(int c, uint32_t *prefix)
{
	*prefix = 2;
	switch (c | 0x20) {
	case 'x': return 16;
	case 'b': return 2;
	}
	*prefix = 1;
	return 8;
}

/* Decimal, octal, hexadecimal, binary as in C without suffixes; 2^63 to 2^64 - 1 wrap around. */
static struct token number(struct lexer *l)
{
	uint32_t start = l->off, i;
	uint64_t v = 0;
	unsigned base = 10;
	struct token t;

	while (is_alpha(look(l, 0)) || is_digit(look(l, 0)))
		l->off++;
	i = start;
	if (l->src->text[i] == '0' && l->off - i > 1) {
		uint32_t prefix;

		base = base_of(l->src->text[i + 1], &prefix);
		i += prefix;
		if (i == l->off)
			return junk(l, start, "number invalid");
	}
	for (; i < l->off; i++) {
		int digit = hex_value((unsigned char)l->src->text[i]);

		if (digit < 0 || digit >= (int)base)
			return junk(l, start, "number invalid");
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit, &v))
			return junk(l, start, "number out of range: it does not fit in 64 bits");
	}
	t = make(l, TOK_NUMBER, start);
	t.number = (int64_t)v;
	return t;
}

/* One escape sequence, l->off behind the backslash; returns the byte, or -1 for none. */
static int escape(struct lexer *l)
{
	static const char from[] = "abtnvfr", to[] = "\a\b\t\n\v\f\r";
	int c = look(l, 0), v = 0;
	const char *p;

	if (c >= '0' && c <= '7') {
		for (int i = 0; i < 3 && look(l, 0) >= '0' && look(l, 0) <= '7'; i++, l->off++)
			v = v * 8 + look(l, 0) - '0';
		return v & 0xff;
	}
	l->off++;
	if (c == 'x' && hex_value(look(l, 0)) >= 0) {
		for (int i = 0; i < 2 && hex_value(look(l, 0)) >= 0; i++, l->off++)
			v = v * 16 + hex_value(look(l, 0));
		return v;
	}
	if (c == '\r' && look(l, 0) == '\n')
		l->off++;
	if (c == '\n' || c == '\r')	/* the string goes on in the next line */
		return -1;
	p = c ? strchr(from, c) : NULL;
	return p ? to[p - from] : c;
}

static struct token string(struct lexer *l)
{
	uint32_t start = l->off++, end = l->off;
	struct token t;
	char *text;
	size_t n = 0;

	/* an upper bound of the length: an escaped line end may be two bytes */
	while (end < l->src->size && l->src->text[end] != '"' &&
	       (l->src->text[end] != '\n' || l->src->text[end - 1] == '\r'))
		end += l->src->text[end] == '\\' && end + 1 < l->src->size ? 2 : 1;
	text = arena_alloc(l->a, end - start + 1);
	for (;;) {
		int c = look(l, 0);

		if (c < 0 || c == '\n')
			return junk(l, start, "Could not find matching closing quote");
		l->off++;
		if (c == '"')
			break;
		if (c == '\\' && look(l, 0) >= 0)
			c = escape(l);
		if (c >= 0)
			text[n++] = (char)c;
	}
	t = make(l, TOK_STRING, start);
	t.text = text;
	t.len = n;
	return t;
}

/* `$name` with its pretty-printing suffix, `$1`, `$#`, or the bare suffix `$` `$$`. */
static struct token dollar(struct lexer *l)
{
	uint32_t start = l->off;

	l->off += look(l, 1) == '$' ? 2 : 1;
	if (l->off == start + 1 && look(l, 0) == '#') {
		l->off++;
		return named(l, TOK_TARGET, start, start);
	}
	if (l->off == start + 1 && is_digit(look(l, 0))) {
		while (is_digit(look(l, 0)))
			l->off++;
		return named(l, TOK_TARGET, start, start);
	}
	if (is_alpha(look(l, 0))) {
		skip_name(l);
		return named(l, TOK_TARGET, start, start);
	}
	return make(l, l->off == start + 2 ? TOK_DOLLAR2 : TOK_DOLLAR, start);
}

static struct token at(struct lexer *l)
{
	uint32_t start = l->off++;

	if (look(l, 0) == '#') {
		l->off++;
	} else if (is_digit(look(l, 0))) {
		while (is_digit(look(l, 0)))
			l->off++;
	} else if (is_alpha(look(l, 0))) {
		skip_name(l);
	} else {
		return junk(l, start, "a name or an argument number must follow '@'");
	}
	return named(l, TOK_AT, start, start + 1);
}

static struct token embedded(struct lexer *l)
{
	uint32_t start = l->off, text = start + 2;
	struct token t;

	if (!find_mark(l, text, "%}", &l->off)) {
		l->off = (uint32_t)l->src->size;
		return junk(l, start, "Could not find matching '%}' to close embedded code");
	}
	t = make(l, TOK_EMBEDDED, start);
	t.len = l->off - 2 - text;
	t.text = arena_strndup(l->a, l->src->text + text, t.len);
	return t;
}

static struct token operator(struct lexer *l)
{
	uint32_t start = l->off, best = 0;
	int kind = TOK_JUNK;

	for (int k = FIRST_OPERATOR; k < TOK_LAST; k++)
		if (tok_text(k)[0] == look(l, 0) && starts(l, tok_text(k)) &&
		    strlen(tok_text(k)) > best) {
			best = (uint32_t)strlen(tok_text(k));
			kind = k;
		}
	if (kind != TOK_JUNK) {
		l->off += best;
		return make(l, kind, start);
	}
	l->off++;
	while ((look(l, 0) & 0xc0) == 0x80 && look(l, 0) >= 0)	/* the rest of a UTF-8 sequence */
		l->off++;
	return junk(l, start, l->src->text[start] == '\'' ? "unexpected character: strings stand in double quotes" :
							    "unexpected character");
}

struct token lexer_next(struct lexer *l)
{
	uint32_t start = l->off;
	int c;

	if (!skip_blank(l, &start))
		return junk(l, start, "Could not find matching '*/' to close comment");
	c = look(l, 0);
	if (c < 0)
		return make(l, TOK_EOF, l->off);
	if (is_alpha(c))
		return word(l);
	if (is_digit(c))
		return number(l);
	switch (c) {
	case '"': return string(l);
	case '$': return dollar(l);
	case '@': return at(l);
	case '%': return look(l, 1) == '{' ? embedded(l) : operator(l);
	default: return operator(l);
	}
}
