/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stap --fmt: a script laid out anew.  Works on tokens, before the preprocessor: lines stay the author's,
 * indentation and the blanks between tokens become uniform, comments and C code stay as they are.
 *
 * Where a blank could mean something (wildcards, signs, `?`) the author's is kept.  What comes out has
 * the same tokens as what went in, which is checked; formatting it again changes nothing.
 */
#include "syntax/format.h"
#include "syntax/lex.h"

#include <string.h>

struct item {
	struct token t;
	bool comment;
	uint32_t off, len;	/* in the source */
	unsigned lines;		/* line ends before it */
	const char *blank;	/* the blanks before it, nblank bytes; only within a line */
	size_t nblank;
};

struct open_brace { unsigned headers; bool group; };

struct layout {
	struct buf *out;
	VEC(struct item) items;
	VEC(struct open_brace) braces;
	struct arena *a;
	const struct source *src;
	unsigned parens;
	unsigned headers;	/* `if (...)` and the like, and `else`, whose statement is still to come */
	bool control;		/* within the ( ) of a header */
	unsigned control_at;	/* their depth */
	bool in_point;		/* behind `probe`, before its body */
	const struct item *last;	/* token, not comment */
};

/* ---- reading ---- */

static void add(struct layout *l, struct item *it, const struct token *t, bool comment, uint32_t off, uint32_t len)
{
	it->comment = comment;
	it->off = off;
	it->len = len;
	if (t)
		it->t = *t;
	*vec_add(l->a, &l->items) = *it;
	*it = (struct item){ 0 };
}

/* Length of the comment at P, 0 when there is none. */
static size_t comment_length(const char *p)
{
	const char *end;

	if (*p == '#' || (p[0] == '/' && p[1] == '/'))
		return strcspn(p, "\n");
	if (p[0] != '/' || p[1] != '*')
		return 0;
	end = strstr(p + 2, "*/");
	return end ? (size_t)(end - p) + 2 : strlen(p);
}

/* Blanks and comments from FROM to TO; false when there is something else. */
static bool read_gap(struct layout *l, struct item *it, uint32_t from, uint32_t to)
{
	const char *text = l->src->text;

	while (from < to) {
		size_t n = strspn(text + from, " \t\r\f\v");

		if (n > to - from)
			n = to - from;
		if (n) {
			it->blank = text + from;
			it->nblank = n;
		} else if (text[from] == '\n') {
			n = 1;
			it->lines++;
			it->nblank = 0;
		} else {
			n = comment_length(text + from);
			if (!n)
				return false;
			add(l, it, NULL, true, from, (uint32_t)n);
		}
		from += (uint32_t)n;
	}
	return true;
}

static bool read_items(struct layout *l, struct diag *d)
{
	struct item it = { 0 };
	struct lexer lex;
	uint32_t at = 0;

	lexer_init(&lex, l->a, l->src, NULL);
	for (;;) {
		struct token t = lexer_next(&lex);
		uint32_t off = t.kind == TOK_EOF ? (uint32_t)l->src->size : t.place.off;

		/* Junk may be in a branch that is not taken: it is kept as it is.  But for a comment without end. */
		if (t.kind == TOK_JUNK && (!t.place.len || !strncmp(l->src->text + off, "/*", 2)))
			return token_error(l->a, d, &t, "syntax", "expected a script that can be read");
		if (!read_gap(l, &it, at, off)) {
			t.place.off = at;
			return token_error(l->a, d, &t, "syntax", "expected a script that can be read");
		}
		if (t.kind == TOK_EOF)
			return true;
		add(l, &it, &t, false, t.place.off, t.place.len);
		at = t.place.off + t.place.len;
	}
}

/* ---- kinds of tokens ---- */

static bool is(const struct item *it, int kind)
{
	return it && !it->comment && it->t.kind == kind;
}

static bool word(const struct item *it, const char *text)
{
	return it && !it->comment && token_is_word(&it->t, text);
}

static bool is_header_word(const struct item *it)
{
	return word(it, "if") || word(it, "while") || word(it, "for") || word(it, "foreach");
}

/* Always between blanks: cannot be a sign, a wildcard or a mark. */
static bool is_spaced(const struct item *it)
{
	if (!it || it->comment)
		return false;
	switch (it->t.kind) {
	case TOK_ASSIGN: case TOK_PLUS_ASSIGN: case TOK_MINUS_ASSIGN: case TOK_MUL_ASSIGN: case TOK_DIV_ASSIGN:
	case TOK_MOD_ASSIGN: case TOK_AND_ASSIGN: case TOK_OR_ASSIGN: case TOK_XOR_ASSIGN: case TOK_SHL_ASSIGN:
	case TOK_SHR_ASSIGN: case TOK_DOT_ASSIGN: case TOK_EQ: case TOK_NE: case TOK_LE: case TOK_GE: case TOK_ANDAND:
	case TOK_OROR: case TOK_AGG: case TOK_SHL: case TOK_SHR: case TOK_LSHR: case TOK_MATCH: case TOK_NOMATCH:
		return true;
	default:
		return false;
	}
}

/* A line that ends with it goes on in the next. */
static bool goes_on(const struct item *it)
{
	return is_spaced(it) || is(it, TOK_COMMA) || is(it, TOK_PLUS) || is(it, TOK_DOT) || is(it, TOK_OR) ||
	       is(it, TOK_AND) || is(it, TOK_COLON) || word(it, "probe") || word(it, "global");
}

/* A line that begins with it goes on from the one before. */
static bool went_on(const struct item *it)
{
	return is_spaced(it) || is(it, TOK_DOT) || is(it, TOK_QUESTION) || is(it, TOK_COLON);
}

static bool in_group(const struct layout *l)
{
	return l->braces.n && l->braces.v[l->braces.n - 1].group;
}

/* Does the `{` open alternatives of a probe point? */
static bool opens_group(const struct layout *l)
{
	const struct item *p = l->last;

	return l->in_point && (is(p, TOK_DOT) || is(p, TOK_COMMA) || is(p, TOK_LBRACE) || is(p, TOK_ASSIGN) ||
			       is(p, TOK_PLUS_ASSIGN) || word(p, "probe"));
}

/* ---- writing ---- */

/* Is a blank wanted between the last token and IT, in one line? */
static bool blank_before(const struct layout *l, const struct item *it)
{
	const struct item *p = l->last;
	bool had = it->nblank > 0;

	if (is(p, TOK_MOD) || is(it, TOK_MOD) || l->parens > 1000)
		return had;
	if (is(it, TOK_COMMA) || is(it, TOK_SEMICOLON) || is(it, TOK_RPAREN) || is(it, TOK_RBRACKET) ||
	    is(p, TOK_LPAREN) || is(p, TOK_LBRACKET) || is(it, TOK_ARROW) || is(p, TOK_ARROW))
		return false;
	if (is(it, TOK_LBRACE))
		return opens_group(l) ? had : true;
	if (in_group(l) && (is(p, TOK_LBRACE) || is(it, TOK_RBRACE) || is(p, TOK_COMMA) || is(p, TOK_RBRACE)))
		return had && is(p, TOK_COMMA);
	if (is(p, TOK_LBRACE) && is(it, TOK_RBRACE))
		return had;
	if (is(p, TOK_RBRACE) && (is(it, TOK_DOT) || l->in_point))
		return had;
	if (is(p, TOK_COMMA) || is(p, TOK_SEMICOLON) || is(p, TOK_LBRACE) || is(p, TOK_RBRACE) || is(it, TOK_RBRACE))
		return true;
	if (is_spaced(p) || is_spaced(it))
		return true;
	if (is(it, TOK_LPAREN) && (is_header_word(p) || word(p, "catch") || word(p, "return")))
		return true;
	if (is(it, TOK_LPAREN) && (is(p, TOK_IDENT) || is(p, TOK_AT)))
		return false;
	if (is(it, TOK_LBRACKET) && (is(p, TOK_IDENT) || is(p, TOK_TARGET) || is(p, TOK_RBRACKET)))
		return false;
	return had;
}

static unsigned depth(const struct layout *l, const struct item *it)
{
	const struct item *p = l->last;
	unsigned n = l->headers;
	bool own_brace = is(it, TOK_LBRACE) && !l->parens && !opens_group(l);

	vec_each(&l->braces, i)
		n += 1 + l->braces.v[i].headers;
	if (is(it, TOK_RBRACE) && l->braces.n)
		n -= 1;
	if (own_brace && l->headers)
		n -= 1;
	if (own_brace || !p || it->comment)
		return l->parens ? n + 1 : n;
	if (l->parens || goes_on(p) || (went_on(it) && !is(p, TOK_SEMICOLON) && !is(p, TOK_LBRACE)))
		n += 1;
	return n;
}

static void tabs(struct buf *b, unsigned n)
{
	while (n--)
		buf_putc(b, '\t');
}

/* The text of IT; lines of a comment that begin with a star are put under its first. */
static void put_text(struct layout *l, const struct item *it, unsigned level)
{
	const char *p = l->src->text + it->off, *end = p + it->len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end, *star;

		while (it->comment && stop > p && strchr(" \t\r", stop[-1]))
			stop--;
		if (stop > p && stop[-1] == '\r')
			stop--;
		buf_add(l->out, p, (size_t)(stop - p));
		if (!nl)
			break;
		buf_putc(l->out, '\n');
		p = nl + 1;
		star = p + strspn(p, " \t");
		if (it->comment && star < end && *star == '*') {
			tabs(l->out, level);
			buf_putc(l->out, ' ');
			p = star;
		}
	}
}

/* Headers end where their statement does. */
static void end_headers(struct layout *l, const struct item *it)
{
	const struct item *p = l->last;

	if (!p || l->parens || goes_on(p) || went_on(it) || word(p, "else"))
		return;
	if (is(p, TOK_RPAREN) && l->control)	/* just closed */
		return;
	l->headers = 0;
}

static void put_break(struct layout *l, const struct item *it, unsigned *level)
{
	if (l->out->n && it->lines) {
		end_headers(l, it);
		buf_puts(l->out, it->lines > 1 ? "\n\n" : "\n");
	}
	*level = depth(l, it);
	if (!l->out->n || it->lines)
		tabs(l->out, *level);
	else if (it->comment)
		buf_add(l->out, it->nblank ? it->blank : " ", it->nblank ? it->nblank : 1);
	else if (it > l->items.v && it[-1].comment ? it->nblank > 0 : blank_before(l, it))
		buf_putc(l->out, ' ');
}

static void track_braces(struct layout *l, const struct item *it)
{
	if (is(it, TOK_LBRACE)) {
		struct open_brace b = { .group = opens_group(l) };

		if (!b.group) {
			b.headers = l->headers ? l->headers - 1 : 0;
			l->headers = 0;
			l->in_point = false;
		}
		*vec_add(l->a, &l->braces) = b;
	} else if (is(it, TOK_RBRACE)) {
		if (l->braces.n)
			l->braces.n--;
		l->headers = 0;
	}
}

static void track(struct layout *l, const struct item *it)
{
	bool closed = false;

	if (it->comment)
		return;
	track_braces(l, it);
	if (is(it, TOK_LPAREN) || is(it, TOK_LBRACKET))
		l->parens++;
	if ((is(it, TOK_RPAREN) || is(it, TOK_RBRACKET)) && l->parens)
		l->parens--;
	if (is_header_word(it) && !l->parens) {
		if (word(l->last, "else") && l->headers)
			l->headers--;
		l->control_at = 1;
	} else if (is(it, TOK_RPAREN) && !l->parens && l->control_at) {
		l->control_at = 0;
		closed = true;
		l->headers++;
	}
	if (word(it, "else"))
		l->headers++;
	if (is(it, TOK_SEMICOLON) && !l->parens)
		l->headers = 0;
	if (is(it, TOK_COMMA) && l->in_point && !l->parens)
		l->headers = 0;
	if (word(it, "probe"))
		l->in_point = true;
	l->control = closed;
	l->last = it;
}

/* Do the texts have the same tokens? */
static bool same_tokens(struct arena *a, const struct source *x, const struct source *y)
{
	struct lexer lx, ly;
	struct token t, u;

	lexer_init(&lx, a, x, NULL);
	lexer_init(&ly, a, y, NULL);
	do {
		t = lexer_next(&lx);
		u = lexer_next(&ly);
		if (t.kind != u.kind || t.number != u.number || (t.text && (!u.text || strcmp(t.text, u.text)) &&
								 t.kind != TOK_EMBEDDED))
			return false;
	} while (t.kind != TOK_EOF);
	return true;
}

bool script_format(struct buf *out, struct arena *a, struct diag *d, const struct source *src)
{
	struct layout l = { .out = out, .a = a, .src = src };
	struct source made = { .name = src->name };

	if (!read_items(&l, d))
		return false;
	vec_each(&l.items, i) {
		unsigned level;

		put_break(&l, &l.items.v[i], &level);
		put_text(&l, &l.items.v[i], level);
		track(&l, &l.items.v[i]);
	}
	if (out->n)
		buf_putc(out, '\n');
	made.text = buf_text(out);
	made.size = out->n;
	return same_tokens(a, src, &made) ||
	       diag_error(d, DIAG_ERROR, "internal", NULL, "formatting %s would change it", src->name);
}
