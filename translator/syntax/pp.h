/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the preprocessor: the reader of tokens with their macros (macro.c), conditions over it
 * (pp.c), and the evaluation of a condition (condition.c).
 */
#ifndef SYNTAX_PP_H
#define SYNTAX_PP_H

#include "syntax/lex.h"

struct token_list { struct token *v; size_t n, cap; };

struct macro {
	const char *name;
	VEC(const char *) params;
	bool call;			/* defined with a parameter list, maybe an empty one */
	struct token_list body;
	struct place place;		/* of the name in its definition */
};

/* What names mean in the tokens that come from one macro call. */
struct scope {
	const struct macro *macro;
	const struct token_list *args;	/* one per parameter; their tokens belong to `caller` */
	const struct scope *caller;	/* scope of the call; NULL: the text itself */
	unsigned depth;			/* calls from the text to here */
};

/* Tokens that are read before the text goes on. */
struct frame {
	const struct token *v;
	size_t n, i;
	const struct scope *scope;
	const struct place *via;	/* the call, for tokens of a body */
	const struct place *inner, *chain;	/* what was made of the via of the token before */
};

struct open_cond {
	struct token open;
	bool in_else;
};

struct pp {
	struct arena *a;
	struct diag *d;
	const struct source *src;
	const struct pp_env *env;
	bool library;			/* text of .stpm: definitions, conditions around them */
	bool failed;
	unsigned errors_before;		/* of d, when it was opened */
	bool told;			/* an error of the call being expanded */
	struct lexer lex;
	struct lexer arg;		/* the script argument being read, while in_arg */
	bool in_arg;
	VEC(struct frame) frames;	/* the last is read first */
	struct strmap local;		/* struct macro by name */
	size_t expanded;		/* tokens that came out of macros */
	VEC(struct open_cond) conds;
};

/* Report at T unless there was enough of that, mark the text as failed; returns the token to hand on instead. */
struct token pp_error(struct pp *pp, const struct token *t, const char *what);

struct token macro_next(struct pp *pp);		/* with macros replaced, definitions taken out */
struct token macro_raw(struct pp *pp);		/* with neither */
bool macro_define(struct pp *pp, struct strmap *into);	/* behind the word @define */

/*
 * Evaluate the condition up to and including `%?`, reading by macro_next().
 * False after a reported error.
 */
bool condition_eval(struct pp *pp, bool *ret);

#endif
