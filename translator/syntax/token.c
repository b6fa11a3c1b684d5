/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of tokens, and the one shape in which parse errors are written:
 *
 *	parse error: expected statement
 *	        saw: operator ')' at <input>:1:15
 *
 * Must not know which token may follow which.
 */
#include "syntax/lex.h"

#include <string.h>

#define SHOWN_MAX 40	/* bytes of a token shown in a message */

static const char *const texts[TOK_LAST] = {
#define TOKEN(id, text) [id] = text,
#include "syntax/tokens.def"
#undef TOKEN
};

const char *tok_text(int op)
{
	return op >= 0 && op < TOK_LAST ? texts[op] : "?";
}

static const char *kind_word(int kind)
{
	switch (kind) {
	case TOK_IDENT:
	case TOK_TARGET: return "identifier";
	case TOK_AT: return "operator";
	case TOK_EMBEDDED: return "embedded-code";
	case TOK_NUMBER:
	case TOK_STRING:
	case TOK_KEYWORD:
	case TOK_JUNK: return texts[kind];
	default: return "operator";
	}
}

const char *token_str(struct arena *a, const struct token *t)
{
	const struct source *src = t->place.src;
	uint32_t off = t->place.off, n = t->place.len;
	const char *dots = "";

	if (t->kind == TOK_EOF)
		return arena_printf(a, "%s EOF", src ? src->name : "<input>");
	if (t->kind == TOK_STRING && n >= 2 && src->text[off] == '"') {
		off++;
		n -= 2;
	}
	if (n > SHOWN_MAX) {
		n = SHOWN_MAX;
		dots = "...";
	}
	for (uint32_t i = 0; i < n; i++)
		if (src->text[off + i] == '\n' || src->text[off + i] == '\r') {
			n = i;
			dots = "...";
		}
	return arena_printf(a, "%s '%.*s%s'", kind_word(t->kind), (int)n, src->text + off, dots);
}

bool token_is_word(const struct token *t, const char *word)
{
	return (t->kind == TOK_KEYWORD || t->kind == TOK_IDENT) && !strcmp(t->text, word);
}

bool token_error(struct arena *a, struct diag *d, const struct token *t, const char *tag,
		 const char *what)
{
	struct place at = t->place;

	if (t->kind == TOK_JUNK && !t->text)
		return false;
	if (t->kind == TOK_EOF)		/* nothing to point a caret at */
		return diag_error(d, DIAG_PARSE, tag, NULL, "%s\n\tsaw: %s", what, token_str(a, t));
	if (t->kind == TOK_JUNK)
		return diag_error(d, DIAG_PARSE, "bad-token", &at, "%s\n\t at: %s at %s", t->text,
				  token_str(a, t), place_str(a, &t->place));
	return diag_error(d, DIAG_PARSE, tag, &at, "%s\n\tsaw: %s at %s", what, token_str(a, t),
			  place_str(a, &t->place));
}

static void dump_token(struct buf *b, struct arena *a, const struct token *t)
{
	buf_printf(b, "%s\t", place_str(a, &t->place));
	switch (t->kind) {
	case TOK_NUMBER:
		buf_printf(b, "number %lld", (long long)t->number);
		break;
	case TOK_STRING:
		buf_puts(b, "string \"");
		buf_escape(b, t->text, t->len);
		buf_putc(b, '"');
		break;
	case TOK_IDENT:
	case TOK_KEYWORD:
	case TOK_TARGET:
	case TOK_AT:
	case TOK_JUNK:
		buf_printf(b, "%s %s", kind_word(t->kind), t->text ? t->text : "");
		break;
	case TOK_EMBEDDED:
		buf_puts(b, "embedded-code \"");
		buf_escape(b, t->text, t->len);
		buf_putc(b, '"');
		break;
	default:
		buf_printf(b, "operator %s", texts[t->kind]);
	}
	buf_putc(b, '\n');
}

void tokens_dump(struct buf *b, struct arena *a, struct diag *d, const struct source *src,
		 const struct pp_env *env)
{
	struct pp *pp = pp_open(a, d, src, env, false);
	struct token t;

	for (t = pp_next(pp); t.kind != TOK_EOF; t = pp_next(pp))
		dump_token(b, a, &t);
	pp_close(pp);
}
