/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the room: tokens, and the stages that hand them on - lexer, then macros and conditions.
 */
#ifndef SYNTAX_LEX_H
#define SYNTAX_LEX_H

#include "syntax/syntax.h"

struct token {
	int kind;		/* TOK_* */
	struct place place;
	const char *text;	/* IDENT, KEYWORD: the word; TARGET: with its $; AT: without the @;
				 * STRING: unescaped bytes; EMBEDDED: between the marks;
				 * JUNK: what is wrong, NULL when that was reported already */
	size_t len;		/* of text */
	int64_t number;		/* NUMBER */
};

struct lexer {
	struct arena *a;
	const struct source *src;
	uint32_t off;
	const struct place *via;	/* given to the places of all tokens; or NULL */
};

void lexer_init(struct lexer *l, struct arena *a, const struct source *src,
		const struct place *via);
/* The next token; TOK_EOF again and again at the end.  What cannot be a token is TOK_JUNK. */
struct token lexer_next(struct lexer *l);

/* "operator ')'", "identifier 'foo'": the token as messages name it. */
const char *token_str(struct arena *a, const struct token *t);
bool token_is_word(const struct token *t, const char *word);	/* keyword or identifier WORD */

struct pp;

/* ENV's macros may be NULL.  For a .stpm text, `library` collects definitions into ENV's macros. */
struct pp *pp_open(struct arena *a, struct diag *d, const struct source *src,
		   const struct pp_env *env, bool library);
/* The next token behind macros and conditions. */
struct token pp_next(struct pp *pp);
void pp_close(struct pp *pp);
bool pp_failed(const struct pp *pp);		/* something was reported here */
enum { ERRORS_MAX = 20 };			/* after so many the text is probably no script */
unsigned pp_errors(const struct pp *pp);	/* that were reported since it was opened, whoever did */
size_t pp_ndefines(const struct pp *pp);	/* macros defined by this text */

/* Report at T in the shape of all parse errors; junk is reported as what it is, once. */
bool token_error(struct arena *a, struct diag *d, const struct token *t, const char *tag,
		 const char *what);

#endif
