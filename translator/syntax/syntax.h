/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's door: bytes to tokens (lex.c), tokens through the preprocessor (pp.c), to a script
 * (parse.c), and back to text (print.c).  Knows the grammar only.
 */
#ifndef SYNTAX_SYNTAX_H
#define SYNTAX_SYNTAX_H

#include "base/buf.h"
#include "base/strmap.h"
#include "syntax/ast.h"

enum tok {
#define TOKEN(id, text) id,
#include "syntax/tokens.def"
#undef TOKEN
	TOK_LAST
};

const char *tok_text(int op);		/* "+=" for TOK_PLUS_ASSIGN */

/* What preprocessor conditions and $1 @1 $# see; filled by session. */
struct pp_env {
	const char *kernel_v;		/* "6.1.192" */
	const char *kernel_vr;		/* "6.1.0-56-cloud-amd64" */
	const char *arch;		/* "x86_64" */
	const char *systemtap_v;	/* version whose language we speak: "5.2" */
	const char *privilege;		/* "stapdev" */
	const char *runtime;		/* "kernel" */
	bool guru;
	/* "CONFIG_X": value text ("y", "m", "\"str\"", "64") or NULL when not set */
	const char *(*config)(void *arg, const char *name);
	void *config_arg;
	const char *compatible;		/* --compatible, or NULL */
	const char **argv;		/* script arguments */
	int argc;
	bool *arg_used;			/* argc entries, set as they are used */
	struct strmap *macros;		/* of .stpm libraries: name -> opaque; see pp_load_macros */
};

/*
 * Parse SRC.  On errors every one that can be found independently is reported to D and NULL is
 * returned; how many there were is the caller's to say.  The result and all its texts live in A;
 * SRC must outlive it.
 */
struct script *parse_script(struct arena *a, struct diag *d, const struct source *src,
			    const struct pp_env *env);

/* Read the `@define`s of a .stpm text into env->macros. */
bool pp_load_macros(struct arena *a, struct diag *d, const struct source *src, struct pp_env *env);

/* Legal script text; parse(print(parse(x))) gives the same print again. */
void ast_print_script(struct buf *b, const struct script *s);
void ast_print_expr(struct buf *b, const struct expr *e);
void ast_print_stmt(struct buf *b, const struct stmt *s, unsigned depth);
void ast_print_point(struct buf *b, const struct point *p);	/* kernel.function("x").call? */
void ast_print_words(struct buf *b, const struct point *p);	/* the same without ?, ! and condition */

void tokens_dump(struct buf *b, struct arena *a, struct diag *d, const struct source *src,
		 const struct pp_env *env);	/* --dump=tokens */

#endif
