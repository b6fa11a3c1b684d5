/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statements.  No separator is needed between two; one `;` behind a simple statement belongs to
 * it, so that `if (x) a(); else b()` reads as in C, any other is a statement of its own.
 */
#include "syntax/parse.h"

#include <string.h>

static struct stmt *stmt_new(struct parser *p, enum stmt_kind kind, const struct place *from)
{
	struct stmt *s = arena_new(p->a, struct stmt);

	s->kind = kind;
	s->place = *from;
	return s;
}

/* End of a simple statement. */
static struct stmt *simple(struct parser *p, struct stmt *s)
{
	s->place = place_between(&s->place, &p->last.place);
	accept(p, TOK_SEMICOLON);
	return s;
}

struct stmt *parse_block(struct parser *p)
{
	struct stmt *s, *one;
	struct place open;

	if (!expect(p, TOK_LBRACE, "'{'"))
		return NULL;
	open = p->last.place;
	s = stmt_new(p, ST_BLOCK, &open);
	while (!at_kind(p, TOK_RBRACE)) {
		if (at_kind(p, TOK_EOF)) {
			fail_here(p, "expected '}'");
			diag_hint(p->d, "to close the '{' at %s", place_str(p->a, &open));
			return NULL;
		}
		one = parse_stmt(p);
		if (!one)
			return NULL;
		*vec_add(p->a, &s->body) = one;
	}
	take(p);
	s->place = place_between(&open, &p->last.place);
	return s;
}

static bool parse_condition(struct parser *p, struct expr **ret)
{
	return expect(p, TOK_LPAREN, "'('") && (*ret = parse_expr(p)) &&
	       expect(p, TOK_RPAREN, "')'");
}

static bool parse_if(struct parser *p, struct stmt *s)
{
	if (!parse_condition(p, &s->e) || !(s->then = parse_stmt(p)))
		return false;
	return !accept_word(p, "else") || (s->other = parse_stmt(p));
}

static bool parse_while(struct parser *p, struct stmt *s)
{
	return parse_condition(p, &s->e) && (s->then = parse_stmt(p));
}

/* An expression up to END, which may be missing. */
static bool parse_part(struct parser *p, struct expr **ret, int end, const char *what)
{
	if (!at_kind(p, end) && !(*ret = parse_expr(p)))
		return false;
	return expect(p, end, what);
}

static bool parse_for(struct parser *p, struct stmt *s)
{
	if (!expect(p, TOK_LPAREN, "'('"))
		return false;
	if (!parse_part(p, &s->init, TOK_SEMICOLON, "';'")) {
		habit_for(p, s->init);
		return false;
	}
	return parse_part(p, &s->e, TOK_SEMICOLON, "';'") && parse_part(p, &s->step, TOK_RPAREN, "')'") &&
	       (s->then = parse_stmt(p));
}

static bool parse_try(struct parser *p, struct stmt *s)
{
	s->then = parse_block(p);
	if (!s->then || !expect_word(p, "catch"))
		return false;
	if (accept(p, TOK_LPAREN)) {
		if (!expect(p, TOK_IDENT, "identifier"))
			return false;
		s->catch_var = p->last.text;
		s->catch_place = p->last.place;
		if (!expect(p, TOK_RPAREN, "')'"))
			return false;
	}
	return (s->other = parse_block(p));
}

static bool parse_delete(struct parser *p, struct stmt *s)
{
	struct token t = *peek(p);

	s->e = parse_value(p);
	if (!s->e)
		return false;
	if (s->e->kind != EX_IDENT && s->e->kind != EX_INDEX)
		return fail_at(p, &t, "expected a variable or an array element behind 'delete'");
	return true;
}

static bool starts_value(struct parser *p)
{
	switch (peek(p)->kind) {
	case TOK_IDENT: case TOK_NUMBER: case TOK_STRING: case TOK_TARGET: case TOK_AT:
	case TOK_LPAREN: case TOK_LBRACKET: case TOK_PLUS: case TOK_MINUS: case TOK_NOT:
	case TOK_BITNOT: case TOK_NOMATCH: case TOK_INC: case TOK_DEC: case TOK_AND:
	case TOK_DOLLAR: case TOK_DOLLAR2:
		return true;
	default:
		return false;
	}
}

static bool parse_return(struct parser *p, struct stmt *s)
{
	if (!p->in_function) {
		fail_at(p, &p->last, "found 'return' not in function context");
		diag_hint(p->d, "'next' ends a probe handler");
		return false;
	}
	if (!starts_value(p) && !at_kind(p, TOK_EMBEDDED))
		return true;
	return (s->e = parse_expr(p));
}

static bool parse_nothing(struct parser *p, struct stmt *s)
{
	(void)p;
	(void)s;
	return true;
}

static const struct {
	const char *word;
	enum stmt_kind kind;
	bool (*parse)(struct parser *p, struct stmt *s);
	bool simple;		/* takes a `;` */
} statements[] = {
	{ "break", ST_BREAK, parse_nothing, true },
	{ "continue", ST_CONTINUE, parse_nothing, true },
	{ "delete", ST_DELETE, parse_delete, true },
	{ "for", ST_FOR, parse_for, false },
	{ "foreach", ST_FOREACH, parse_foreach, false },
	{ "if", ST_IF, parse_if, false },
	{ "next", ST_NEXT, parse_nothing, true },
	{ "return", ST_RETURN, parse_return, true },
	{ "try", ST_TRY, parse_try, false },
	{ "while", ST_WHILE, parse_while, false },
};

static struct stmt *parse_keyword(struct parser *p)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		struct stmt *s;

		if (!accept_word(p, statements[i].word))
			continue;
		s = stmt_new(p, statements[i].kind, &p->last.place);
		if (!statements[i].parse(p, s))
			return NULL;
		return statements[i].simple ? simple(p, s) : s;
	}
	fail_here(p, "expected statement");
	habit_statement(p);
	return NULL;
}

static struct stmt *parse_embedded(struct parser *p)
{
	struct token t = take(p);
	struct stmt *s = stmt_new(p, ST_EMBEDDED, &t.place);

	s->text = t.text;
	if (!may_embed(p, &t, "embedded code in unprivileged script; need stap -g"))
		return NULL;
	return simple(p, s);
}

static struct stmt *parse_expression(struct parser *p)
{
	struct stmt *s = stmt_new(p, ST_EXPR, &peek(p)->place);

	s->e = parse_expr(p);
	return s->e ? simple(p, s) : NULL;
}

static struct stmt *parse_bare(struct parser *p)
{
	switch (peek(p)->kind) {
	case TOK_LBRACE:
		return parse_block(p);
	case TOK_EMBEDDED:
		return parse_embedded(p);
	case TOK_KEYWORD:
		return parse_keyword(p);
	case TOK_SEMICOLON:
		take(p);
		return stmt_new(p, ST_NULL, &p->last.place);
	}
	if (!starts_value(p)) {
		fail_here(p, "expected statement");
		return NULL;
	}
	return parse_expression(p);
}

struct stmt *parse_stmt(struct parser *p)
{
	struct stmt *s;

	if (!enter(p))
		return NULL;
	s = parse_bare(p);
	leave(p);
	return s;
}
