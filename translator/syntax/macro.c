/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Script arguments and macros: the lexer's tokens with `$1 @1 $# @#` replaced by what was given,
 * `@define`s taken out and `@name`, `@name(args)` replaced by their bodies.
 *
 * A macro's argument keeps the meaning its names had where the call stands: it is a stretch of
 * tokens with a scope, looked at when the parameter is used.  Tokens of a body carry the call in
 * place.via, so messages show both.  Recursion is refused by the chain of scopes; growth by a
 * budget; either is told once for a call of the text, not for every way that leads to it.  An
 * `@name` that is no macro is left for the parser.
 */
#include "syntax/pp.h"

#include <stdlib.h>
#include <string.h>

#define EXPANDED_MAX 1000000	/* tokens out of macros in one text */
#define DEPTH_MAX 200		/* calls within calls */
#define PARAMS_MAX 255		/* of one macro */

struct token pp_error(struct pp *pp, const struct token *t, const char *what)
{
	struct token none = *t;

	if (pp_errors(pp) < ERRORS_MAX)
		token_error(pp->a, pp->d, t, "preprocessor", what);
	pp->failed = true;
	if (t->kind != TOK_EOF) {
		none.kind = TOK_JUNK;
		none.text = NULL;
	}
	return none;
}

/* ---- script arguments ---- */

static bool is_arg(const struct token *t)
{
	if (t->kind == TOK_TARGET)
		return t->text[1] == '#' || (t->text[1] >= '0' && t->text[1] <= '9');
	return t->kind == TOK_AT && (t->text[0] == '#' || (t->text[0] >= '0' && t->text[0] <= '9'));
}

static struct token arg_count(struct pp *pp, struct token t)
{
	for (int i = 0; i < pp->env->argc && pp->env->arg_used; i++)
		pp->env->arg_used[i] = true;	/* a script that counts them takes any number */
	if (t.kind == TOK_TARGET) {
		t.kind = TOK_NUMBER;
		t.number = pp->env->argc;
	} else {
		t.kind = TOK_STRING;
		t.text = arena_printf(pp->a, "%d", pp->env->argc);
		t.len = strlen(t.text);
	}
	return t;
}

/* Start to read the text of a script argument in place of `$N`. */
static void paste(struct pp *pp, const struct token *t, const char *text)
{
	struct source *src = arena_new(pp->a, struct source);
	struct place *via = arena_memdup(pp->a, &t->place, sizeof(t->place));

	src->name = arena_printf(pp->a, "<argument %s>", t->text + 1);
	src->text = text;
	src->size = strlen(text);
	src->tapset = pp->src->tapset;
	src->shipped = pp->src->shipped;
	src->guru = pp->src->guru;
	lexer_init(&pp->arg, pp->a, src, via);
	pp->in_arg = true;
}

static struct token arg_error(struct pp *pp, struct token t)
{
	const char *digits = t.kind == TOK_AT ? t.text : t.text + 1;

	t.kind = TOK_JUNK;
	if (pp->env->argc)
		t.text = arena_printf(pp->a, "command line argument index %s out of range [1-%d]",
				      digits, pp->env->argc);
	else
		t.text = arena_printf(pp->a, "command line argument index %s out of range: "
				      "the script was given no arguments", digits);
	return t;
}

/* The token in place of `$N` or `@N`; false when text was pasted instead, to be read next. */
static bool arg_value(struct pp *pp, struct token *t)
{
	const char *digits = t->kind == TOK_AT ? t->text : t->text + 1;
	unsigned long n;

	if (*digits == '#') {
		*t = arg_count(pp, *t);
		return true;
	}
	n = strtoul(digits, NULL, 10);
	if (n < 1 || n > (unsigned long)pp->env->argc) {
		*t = arg_error(pp, *t);
		return true;
	}
	if (pp->env->arg_used)
		pp->env->arg_used[n - 1] = true;
	if (t->kind == TOK_TARGET) {
		paste(pp, t, pp->env->argv[n - 1]);
		return false;
	}
	t->kind = TOK_STRING;
	t->text = pp->env->argv[n - 1];
	t->len = strlen(t->text);
	return true;
}

/* The next token of the text itself, with script arguments in place. */
static struct token text_next(struct pp *pp)
{
	struct token t;

	for (;;) {
		if (pp->in_arg) {
			t = lexer_next(&pp->arg);
			if (t.kind == TOK_EOF) {
				pp->in_arg = false;
				continue;
			}
			if (is_arg(&t)) {
				t.kind = TOK_JUNK;
				t.text = "invalid nested substitution of command line arguments";
			}
			return t;
		}
		t = lexer_next(&pp->lex);
		if (!is_arg(&t) || arg_value(pp, &t))
			return t;
	}
}

/* ---- frames ---- */

/* The chain INNER with VIA at its end. */
static const struct place *chain(struct arena *a, const struct place *inner, const struct place *via)
{
	struct place *r;

	if (!inner)
		return via;
	r = arena_memdup(a, inner, sizeof(*inner));
	r->via = chain(a, inner->via, via);
	return r;
}

/* P as reached through F, behind what it was reached through before: the same for most tokens of a text. */
static struct place through(struct arena *a, struct frame *f, struct place p)
{
	if (!f->via)
		return p;
	if (!f->chain || p.via != f->inner) {
		f->inner = p.via;
		f->chain = chain(a, p.via, f->via);
	}
	p.via = f->chain;
	return p;
}

static bool frame_ended(const struct pp *pp)
{
	return pp->frames.n && pp->frames.v[pp->frames.n - 1].i == pp->frames.v[pp->frames.n - 1].n;
}

static const struct scope *scope_now(const struct pp *pp)
{
	return pp->frames.n ? pp->frames.v[pp->frames.n - 1].scope : NULL;
}

/* The next token and, in *SCOPE, what its names mean. */
static struct token raw_in(struct pp *pp, const struct scope **scope)
{
	struct frame *f;
	struct token t;

	while (frame_ended(pp))
		pp->frames.n--;
	*scope = scope_now(pp);
	if (!pp->frames.n) {
		pp->told = false;
		return text_next(pp);
	}
	f = &pp->frames.v[pp->frames.n - 1];
	t = f->v[f->i++];
	t.place = through(pp->a, f, t.place);
	pp->expanded++;
	return t;
}

struct token macro_raw(struct pp *pp)
{
	const struct scope *scope;

	return raw_in(pp, &scope);
}

static bool push(struct pp *pp, const struct token_list *list, const struct scope *scope,
		 const struct place *via)
{
	while (frame_ended(pp))		/* a call at the end of a body does not nest deeper */
		pp->frames.n--;
	if (pp->frames.n >= DEPTH_MAX || pp->expanded > EXPANDED_MAX)
		return false;
	*vec_add(pp->a, &pp->frames) = (struct frame){
		.v = list->v, .n = list->n, .scope = scope, .via = via,
	};
	return true;
}

/* ---- calls ---- */

static struct token arguments_open(struct pp *pp, const struct token *name, const struct token *t)
{
	return pp_error(pp, t, arena_printf(pp->a, "expected ')' to close the arguments of macro "
					    "'%s'", name->text));
}

/* The next token of a call's argument list: it has to stand where the name stands. */
static struct token call_token(struct pp *pp, const struct token *name)
{
	struct token t = *name;

	if (frame_ended(pp))
		return pp_error(pp, &t, arena_printf(pp->a, "the arguments of macro '%s' do not "
						     "end in the text that starts them",
						     name->text));
	t = macro_raw(pp);
	return t.kind == TOK_EOF ? arguments_open(pp, name, &t) : t;
}

/* Is T one more step into (+1) or out of (-1) brackets? */
static int nesting(const struct token *t)
{
	switch (t->kind) {
	case TOK_LPAREN: case TOK_LBRACKET: case TOK_LBRACE: case TOK_PPOPEN: return 1;
	case TOK_RPAREN: case TOK_RBRACKET: case TOK_RBRACE: case TOK_PPCLOSE: return -1;
	default: return 0;
	}
}

/* `(tokens, tokens)` behind NAME into ARGS, room for M's parameters; false after an error. */
static bool read_args(struct pp *pp, const struct token *name, const struct macro *m,
		      struct token_list *args)
{
	size_t n = 0, depth = 0;
	struct token t = call_token(pp, name);
	bool any = false;

	if (t.kind != TOK_LPAREN) {
		if (t.kind != TOK_JUNK || t.text)
			pp_error(pp, &t, arena_printf(pp->a, "expected '(' in invocation of macro "
						      "'%s' taking %zu parameter%s", name->text,
						      m->params.n, m->params.n == 1 ? "" : "s"));
		return false;
	}
	for (;;) {
		t = call_token(pp, name);
		if (t.kind == TOK_EOF || (t.kind == TOK_JUNK && !t.text))
			return false;
		if (!depth && t.kind == TOK_RPAREN)
			break;
		any = true;
		if (!depth && t.kind == TOK_COMMA) {
			n++;
			continue;
		}
		if (nesting(&t) < 0 && !depth) {
			arguments_open(pp, name, &t);
			return false;
		}
		depth += (size_t)nesting(&t);
		if (n < m->params.n)
			*vec_add(pp->a, &args[n]) = t;
	}
	n += any || m->params.n == 1;
	if (n == m->params.n)
		return true;
	pp_error(pp, name, arena_printf(pp->a, "macro '%s' takes %zu parameter%s, %zu given",
					name->text, m->params.n, m->params.n == 1 ? "" : "s", n));
	return false;
}

static const struct macro *find_macro(const struct pp *pp, const char *name)
{
	const struct macro *m = strmap_get(&pp->local, name);

	return m || !pp->env->macros ? m : strmap_get(pp->env->macros, name);
}

/* What is wrong with a call inside of calls, unless it was told of one of these before. */
static bool call_error(struct pp *pp, const struct token *name, const char *what)
{
	if (!pp->told)
		pp_error(pp, name, what);
	pp->told = true;
	return false;
}

/* Replace the call NAME in SCOPE by M's body. */
static bool expand(struct pp *pp, const struct token *name, const struct macro *m,
		   const struct scope *scope)
{
	struct scope *inner = arena_new(pp->a, struct scope);
	struct token_list *args = arena_array(pp->a, struct token_list, m->params.n + 1);

	for (const struct scope *s = scope; s; s = s->caller)
		if (s->macro == m)
			return call_error(pp, name, arena_printf(pp->a, "recursive invocation of macro '%s'",
								 name->text));
	if (m->call && !read_args(pp, name, m, args))
		return false;
	*inner = (struct scope){ .macro = m, .args = args, .caller = scope };
	inner->depth = scope ? scope->depth + 1 : 1;
	if (inner->depth <= DEPTH_MAX &&
	    push(pp, &m->body, inner, arena_memdup(pp->a, &name->place, sizeof(name->place))))
		return true;
	return call_error(pp, name, arena_printf(pp->a, "macro '%s' expands too deep or too far", name->text));
}

/* The tokens given for NAME when it is a parameter in SCOPE. */
static const struct token_list *find_param(const struct scope *scope, const char *name)
{
	for (size_t i = 0; scope && i < scope->macro->params.n; i++)
		if (!strcmp(scope->macro->params.v[i], name))
			return &scope->args[i];
	return NULL;
}

struct token macro_next(struct pp *pp)
{
	const struct scope *scope;
	const struct token_list *given;
	const struct macro *m;
	struct token t;

	for (;;) {
		t = raw_in(pp, &scope);
		if (t.kind != TOK_AT || pp->library)
			return t;
		given = find_param(scope, t.text);
		if (given) {
			if (push(pp, given, scope->caller, NULL))
				continue;
			return pp_error(pp, &t, "macro parameters expand too deep or too far");
		}
		if (!strcmp(t.text, "define")) {
			if (scope)
				pp_error(pp, &t, "'@define' forbidden inside macro body");
			if (macro_define(pp, &pp->local))
				continue;
			t.kind = TOK_JUNK;
			t.text = NULL;
			return t;
		}
		m = find_macro(pp, t.text);
		if (!m)
			return t;
		if (!expand(pp, &t, m, scope)) {
			t.kind = TOK_JUNK;
			t.text = NULL;
			return t;
		}
	}
}

/* ---- definitions ---- */

static const char *const reserved[] = {
	"avg", "cast", "choose_defined", "const", "count", "define", "defined", "entry",
	"hist_linear", "hist_log", "kderef", "kregister", "max", "min", "perf", "probewrite", "sum",
	"uderef", "uregister", "var", "variance",
};

static bool add_param(struct pp *pp, struct macro *m, const struct token *t)
{
	const char *wrong = NULL;

	if (t->kind != TOK_IDENT && t->kind != TOK_KEYWORD)
		wrong = "expected the name of a macro parameter";
	for (size_t i = 0; !wrong && i < m->params.n; i++)
		if (!strcmp(m->params.v[i], t->text))
			wrong = "expected another name: this macro parameter is given twice";
	if (!wrong && m->params.n == PARAMS_MAX)
		wrong = "too many macro parameters";
	if (wrong)
		pp_error(pp, t, wrong);
	else
		*vec_add(pp->a, &m->params) = t->text;
	return !wrong;
}

/* *T is the token that ended them, well or not. */
static bool define_params(struct pp *pp, struct macro *m, struct token *t)
{
	m->call = true;
	*t = macro_raw(pp);
	if (t->kind == TOK_RPAREN && pp->src->tapset)
		return true;
	for (;; *t = macro_raw(pp)) {
		if (!add_param(pp, m, t))
			return false;
		*t = macro_raw(pp);
		if (t->kind == TOK_RPAREN)
			return true;
		if (t->kind != TOK_COMMA) {
			pp_error(pp, t, "expected ',' or ')' in the parameters of a macro");
			return false;
		}
	}
}

/* Up to the `%)` of the definition of NAME; M: NULL when it is not wanted. */
static bool define_body(struct pp *pp, const char *name, struct macro *m, const struct token *open)
{
	size_t depth = 1;

	for (;;) {
		struct token t = macro_raw(pp);

		if (t.kind == TOK_EOF) {
			token_error(pp->a, pp->d, &t, "macro-open",
				    "expected '%)' to close the body of a macro");
			diag_hint(pp->d, "the body of macro '%s' starts at %s", name,
				  place_str(pp->a, &open->place));
			pp->failed = true;
			return false;
		}
		depth += t.kind == TOK_PPOPEN;
		depth -= t.kind == TOK_PPCLOSE;
		if (!depth)
			return true;
		if (m)
			*vec_add(pp->a, &m->body) = t;
	}
}

static bool may_define(struct pp *pp, const struct token *name, const struct strmap *into)
{
	const struct macro *old = strmap_get(into, name->text);

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (!strcmp(reserved[i], name->text))
			diag_warn(pp->d, "macro-operator", &name->place,
				  "macro redefines the operator '@%s': identifier '%s' at %s", name->text, name->text,
				  place_str(pp->a, &name->place));
	if (!old)
		return true;
	if (pp_errors(pp) < ERRORS_MAX)
		diag_error2(pp->d, DIAG_PARSE, "macro-redefined", &name->place, &old->place,
			    "attempt to redefine macro '%s' at %s", name->text, place_str(pp->a, &name->place));
	pp->failed = true;
	return false;
}

/* Past the body of a definition whose head is wrong, that it not be taken for a conditional. */
static bool skip_definition(struct pp *pp, struct token t)
{
	while (t.kind != TOK_PPOPEN && t.kind != TOK_EOF)
		t = macro_raw(pp);
	if (t.kind == TOK_PPOPEN)
		define_body(pp, "", NULL, &t);
	return false;
}

bool macro_define(struct pp *pp, struct strmap *into)
{
	struct macro *m = arena_new(pp->a, struct macro);
	struct token t = macro_raw(pp), name = t;
	bool wanted;

	if (t.kind != TOK_IDENT && t.kind != TOK_KEYWORD) {
		pp_error(pp, &t, "expected the name of the macro behind '@define'");
		return skip_definition(pp, t);
	}
	m->name = t.text;
	m->place = t.place;
	t = macro_raw(pp);
	if (t.kind == TOK_LPAREN) {
		if (!define_params(pp, m, &t))
			return skip_definition(pp, t);
		t = macro_raw(pp);
	}
	if (t.kind != TOK_PPOPEN) {
		pp_error(pp, &t, arena_printf(pp->a, "expected '%%(' to open the body of macro "
					      "'%s'", m->name));
		return false;
	}
	wanted = may_define(pp, &name, into);
	if (!define_body(pp, m->name, wanted ? m : NULL, &t) || !wanted)
		return false;
	strmap_put(into, m->name, m);
	return true;
}
