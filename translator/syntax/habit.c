/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hints below an error about what people write who come from C, awk or Python, each by the tokens it is
 * made of.  All are called right behind the message, while the token it is about is still ahead; they
 * take nothing and add a line or nothing.
 */
#include "syntax/parse.h"

#include <string.h>

static bool is_one_of(const struct token *t, const char *const *words, size_t n)
{
	for (size_t i = 0; t->text && i < n; i++)
		if (!strcmp(t->text, words[i]))
			return true;
	return false;
}

#define ONE_OF(t, ...) is_one_of(t, (const char *const[]){ __VA_ARGS__ }, \
				 sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

static bool is_type_word(const struct token *t)
{
	return ONE_OF(t, "int", "long", "string", "char", "unsigned", "float", "double", "void", "bool", "var", "let",
		      "auto", "my", "local");
}

void habit_declaration(struct parser *p)
{
	const struct token *t = peek(p), *next = peek2(p);

	if (at_kind(p, TOK_RBRACE))
		diag_hint(p->d, "this '}' closes nothing: there is one too many, here or above");
	else if (!at_kind(p, TOK_IDENT))
		return;
	else if (is_type_word(t) || ONE_OF(t, "def", "func", "fn", "sub", "fun", "proc"))
		diag_hint(p->d, "a function is: function NAME(PARAMETERS) { ... }, a global variable: global "
			  "NAME");
	else if (next->kind == TOK_ASSIGN || next->kind == TOK_LBRACKET || next->kind == TOK_SEMICOLON)
		diag_hint(p->d, "a global variable is: global %s; all else belongs into a probe or a function",
			  t->text);
	else if (next->kind == TOK_LBRACE || next->kind == TOK_DOT || ONE_OF(t, "begin", "end", "error", "never"))
		diag_hint(p->d, "a probe is: probe %s ... { ... }", t->text);
}

void habit_statement(struct parser *p)
{
	if (at_word(p, "else"))
		diag_hint(p->d, "there is no 'if' that it belongs to: a ';' or a second statement ended it");
	else if (at_word(p, "catch"))
		diag_hint(p->d, "it belongs behind: try { ... }");
	else if (at_word(p, "long") || at_word(p, "string"))
		diag_hint(p->d, "variables are not declared: their types are found by what is assigned to them");
	else if (at_word(p, "global") || at_word(p, "probe") || at_word(p, "function"))
		diag_hint(p->d, "it belongs outside of probes and functions; is a '}' missing above?");
}

void habit_for(struct parser *p, const struct expr *init)
{
	if (init && init->kind == EX_IN && at_kind(p, TOK_RPAREN))
		diag_hint(p->d, "to walk an array: foreach (key in array)");
	else if (is_type_word(&p->last))
		diag_hint(p->d, "variables are not declared: for (i = 0; i < 10; i++)");
}

void habit_foreach(struct parser *p)
{
	if (at_kind(p, TOK_COMMA))
		diag_hint(p->d, "several keys: foreach ([k1, k2] in array); the value beside them: "
			  "foreach (value = [k1, k2] in array)");
}

void habit_parameter(struct parser *p)
{
	if (at_kind(p, TOK_IDENT) && is_type_word(&p->last))
		diag_hint(p->d, "a type stands behind the name: %s:%s", peek(p)->text,
			  strcmp(p->last.text, "string") && strcmp(p->last.text, "char") ? "long" : "string");
}

void habit_point_argument(struct parser *p)
{
	if (at_kind(p, TOK_IDENT) || at_kind(p, TOK_KEYWORD))
		diag_hint(p->d, "names of functions and files stand in quotes: (\"%s\")", peek(p)->text);
	else if (at_kind(p, TOK_RPAREN))
		diag_hint(p->d, "a point without an argument has no parentheses");
}

void habit_point_end(struct parser *p)
{
	if (at_kind(p, TOK_DOT) && peek2(p)->kind == TOK_NUMBER)
		diag_hint(p->d, "only whole numbers: take a smaller unit");
}

void habit_value(struct parser *p)
{
	if (at_kind(p, TOK_RPAREN) && p->last.kind == TOK_LPAREN)
		diag_hint(p->d, "parentheses without anything in them are for calls of functions");
}
