/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The preprocessor's outside: tokens behind macros with `%( cond %? a %: b %)` replaced by a or b.
 *
 * Macros are replaced before conditions are looked at, so both branches are read with their macros
 * (stap(1) PREPROCESSOR MACROS); junk in the branch not taken is nobody's concern.  In a .stpm
 * text it is the other way round: a condition decides whether a definition is read at all.
 */
#include "syntax/pp.h"

#include <string.h>

struct pp *pp_open(struct arena *a, struct diag *d, const struct source *src,
		   const struct pp_env *env, bool library)
{
	struct pp *pp = arena_new(a, struct pp);

	pp->a = a;
	pp->d = d;
	pp->src = src;
	pp->env = env;
	pp->library = library;
	pp->errors_before = d->errors;
	lexer_init(&pp->lex, a, src, NULL);
	return pp;
}

void pp_close(struct pp *pp)
{
	strmap_deinit(&pp->local);
}

bool pp_failed(const struct pp *pp)
{
	return pp->failed;
}

unsigned pp_errors(const struct pp *pp)
{
	return pp->d->errors - pp->errors_before;
}

size_t pp_ndefines(const struct pp *pp)
{
	return pp->local.n;
}

static struct token unclosed(struct pp *pp, const struct token *open, const struct token *eof)
{
	bool told = pp_errors(pp) < ERRORS_MAX;
	struct token t = pp_error(pp, eof, "incomplete conditional: expected '%)'");

	if (told)
		diag_hint(pp->d, "the conditional starts at %s", place_str(pp->a, &open->place));
	pp->conds.n = 0;
	return t;
}

enum on_else { ELSE_ENDS, ELSE_PASSED, ELSE_WRONG };

/*
 * Pass over a branch that is not taken.  True at its `%:` (only with ELSE_ENDS) or `%)`, told
 * apart by *IN_ELSE; false at the end of the text.
 */
static bool skip_branch(struct pp *pp, enum on_else on_else, bool *in_else, struct token *last)
{
	size_t depth = 0;

	for (;;) {
		struct token t = macro_next(pp);

		*last = t;
		switch (t.kind) {
		case TOK_EOF:
			return false;
		case TOK_PPOPEN:
			depth++;
			break;
		case TOK_PPELSE:
			if (!depth && on_else == ELSE_ENDS) {
				*in_else = true;
				return true;
			}
			if (!depth && on_else == ELSE_WRONG)
				pp_error(pp, &t, "unexpected '%:': this conditional has one");
			break;
		case TOK_PPCLOSE:
			if (!depth) {
				*in_else = false;
				return true;
			}
			depth--;
		}
	}
}

/* Behind `%(`: go to the branch that is taken.  False: hand on *T, an error. */
static bool open_conditional(struct pp *pp, struct token *t)
{
	struct open_cond cond = { .open = *t };
	struct token last;
	bool value, in_else;

	if (!condition_eval(pp, &value)) {
		t->kind = TOK_JUNK;
		t->text = NULL;
		/* not knowing which branch was meant, take neither */
		if (!skip_branch(pp, ELSE_PASSED, &in_else, &last))
			*t = last;
		return false;
	}
	if (value) {
		*vec_add(pp->a, &pp->conds) = cond;
		return true;
	}
	if (!skip_branch(pp, ELSE_ENDS, &in_else, &last)) {
		*t = unclosed(pp, &cond.open, &last);
		return false;
	}
	if (in_else) {
		cond.in_else = true;
		*vec_add(pp->a, &pp->conds) = cond;
	}
	return true;
}

struct token pp_next(struct pp *pp)
{
	struct open_cond *cond;
	struct token last;
	bool in_else;

	for (;;) {
		struct token t = macro_next(pp);

		cond = pp->conds.n ? &pp->conds.v[pp->conds.n - 1] : NULL;
		switch (t.kind) {
		case TOK_PPOPEN:
			if (!open_conditional(pp, &t))
				return t;
			break;
		case TOK_PPELSE:
			if (!cond || cond->in_else)
				return pp_error(pp, &t, "unexpected '%:' outside of a conditional");
			if (!skip_branch(pp, ELSE_WRONG, &in_else, &last))
				return unclosed(pp, &cond->open, &last);
			pp->conds.n--;
			break;
		case TOK_PPCLOSE:
			if (!cond)
				return pp_error(pp, &t, "unexpected '%)' outside of a conditional");
			pp->conds.n--;
			break;
		case TOK_EOF:
			return cond ? unclosed(pp, &cond->open, &t) : t;
		default:
			return t;
		}
	}
}

bool pp_load_macros(struct arena *a, struct diag *d, const struct source *src, struct pp_env *env)
{
	struct pp *pp = pp_open(a, d, src, env, true);
	bool ok = true;
	struct token t;

	if (!env->macros)
		env->macros = arena_new(a, struct strmap);
	while (ok && (t = pp_next(pp)).kind != TOK_EOF) {
		if (t.kind != TOK_AT || strcmp(t.text, "define")) {
			pp_error(pp, &t, "expected '@define': a .stpm file holds macro definitions "
				 "only");
			ok = false;
		} else {
			ok = macro_define(pp, env->macros);
		}
	}
	ok = ok && !pp->failed;
	pp_close(pp);
	return ok;
}
