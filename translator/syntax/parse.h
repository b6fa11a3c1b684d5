/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the parser: its state, and who parses what.
 *
 * Every parse function leaves NULL or false behind after it reported, or was told of, an error;
 * the caller passes that up to parse_script(), which goes on at the next declaration.
 */
#ifndef SYNTAX_PARSE_H
#define SYNTAX_PARSE_H

#include "syntax/lex.h"

struct parser {
	struct arena *a;
	struct diag *d;
	const struct source *src;
	const struct pp_env *env;
	struct pp *pp;
	struct token ahead[2];		/* tokens not taken yet */
	unsigned nahead;
	struct token last;		/* the one taken last */
	unsigned depth;			/* open statements, expressions, braces */
	unsigned errors;
	bool in_function;		/* in the body of one */
	bool histogram;			/* the next operand may be a whole one */
	size_t copied;			/* components of points, for brace alternatives */
	struct script *script;
	struct strmap globals;		/* its globals by name */
};

/* ---- tokens (parse.c) ---- */

const struct token *peek(struct parser *p);
const struct token *peek2(struct parser *p);	/* the one behind it */
struct token take(struct parser *p);
bool at_kind(struct parser *p, int kind);
bool at_word(struct parser *p, const char *keyword);
bool accept(struct parser *p, int kind);
bool accept_word(struct parser *p, const char *keyword);
/* Take a token of KIND, or fail with "expected WHAT". */
bool expect(struct parser *p, int kind, const char *what);
bool expect_word(struct parser *p, const char *keyword);

/* "WHAT / saw: the next token"; false. */
bool fail_here(struct parser *p, const char *what);
/* The same about token T that was taken already. */
bool fail_at(struct parser *p, const struct token *t, const char *what);

/* Below the last message: the one of the N WORDS that WORD may have been meant for, if any. */
void hint_similar(struct parser *p, const char *word, const char *const *words, size_t n);

/* ---- below an error at the next token: how it is said here (habit.c) ---- */

void habit_declaration(struct parser *p);
void habit_statement(struct parser *p);
void habit_for(struct parser *p, const struct expr *init);
void habit_foreach(struct parser *p);
void habit_parameter(struct parser *p);		/* the word in front is p->last */
void habit_point_argument(struct parser *p);
void habit_point_end(struct parser *p);
void habit_value(struct parser *p);

/* One level down; false with an error below AST_DEPTH_MAX.  Undone by leave(). */
bool enter(struct parser *p);
void leave(struct parser *p);

struct place place_between(const struct place *from, const struct place *to);
/* Embedded C: allowed in tapsets and in guru mode, else an error at T. */
bool may_embed(struct parser *p, const struct token *t, const char *why_not);

/* One or more adjacent string literals as one; the next token is the first. */
struct token take_strings(struct parser *p);

/* ---- expressions (parse_expr.c, parse_value.c) ---- */

struct expr *parse_expr(struct parser *p);
struct expr *parse_unary(struct parser *p);
struct expr *parse_value(struct parser *p);	/* with accessors behind it */
struct expr *parse_at(struct parser *p, bool histogram);	/* @cast @count ...; whole histograms, too */
bool is_histogram(const struct expr *e);	/* a whole one */
/* What stands behind the `in` just taken; IN (EX_IN) has its args. */
struct expr *parse_in(struct parser *p, struct expr *in);
struct expr *expr_new(struct parser *p, enum expr_kind kind, const struct place *from);
/* Close E: span up to the last token and height; NULL with an error when it is too high. */
struct expr *expr_done(struct parser *p, struct expr *e);
/* `expr, expr ... END` into E's args; `*` gives NULL when STAR. */
bool parse_args(struct parser *p, struct expr *e, int end, const char *what, bool star);
/* `->name` `[i]` `$` behind a target. */
struct expr *parse_accessors(struct parser *p, struct expr *e);

/* ---- statements (parse_stmt.c, parse_foreach.c) ---- */

struct stmt *parse_block(struct parser *p);
struct stmt *parse_stmt(struct parser *p);
bool parse_foreach(struct parser *p, struct stmt *s);

/* ---- probe points (parse_point.c) ---- */

struct point_list { struct point **v; size_t n, cap; };

/* One probe point, brace alternatives expanded, appended to OUT. */
bool parse_point(struct parser *p, struct point_list *out);

/* ---- declarations (parse_decl.c) ---- */

bool parse_decl(struct parser *p);

#endif
