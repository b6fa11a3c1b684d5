/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Declarations: probe, alias, function and global, these two perhaps private, and embedded C.
 *
 * Embedded C is for tapsets and guru mode.  The probes of a tapset file count when something else of it is
 * used.
 */
#include "syntax/parse.h"

#include <string.h>

#define PARAMS_MAX 255		/* of one function */
#define EMBED_REFUSED "embedded code in unprivileged script; need stap -g"

static void add_decl(struct parser *p, enum decl_kind kind, void *decl)
{
	*vec_add(p->a, &p->script->decls) = (struct decl){ .kind = kind, .p = decl };
}

/* ---- probes and aliases ---- */

static bool parse_points(struct parser *p, struct point_list *out)
{
	do
		if (!parse_point(p, out))
			return false;
	while (accept(p, TOK_COMMA));
	return true;
}

/* The points read so far turned out to be the name of an alias. */
static bool check_alias_name(struct parser *p, const struct point_list *l)
{
	const struct point *pt = l->v[0];

	if (l->n != 1)
		return fail_here(p, "expected one name, not a list, in front of '=' in an alias");
	if (pt->optional || pt->sufficient || pt->condition)
		return fail_here(p, "expected no '?', '!' or condition on the name of an alias");
	vec_each(&pt->comp, i)
		if (str_is_glob(pt->comp.v[i].name))
			return fail_here(p, "expected no wildcard in the name of an alias");
	return true;
}

static bool finish_alias(struct parser *p, struct alias_decl *al)
{
	al->body = parse_block(p);
	if (!al->body)
		return false;
	if (accept(p, TOK_COMMA)) {
		if (al->epilogue)
			return fail_here(p, "expected no second body behind an alias defined by "
					 "'+='");
		al->epilogue_body = parse_block(p);
		if (!al->epilogue_body)
			return false;
	}
	*vec_add(p->a, &p->script->aliases) = al;
	add_decl(p, DECL_ALIAS, al);
	return true;
}

static bool finish_probe(struct parser *p, const struct token *word, const struct point_list *l)
{
	struct probe_decl *pr = arena_new(p->a, struct probe_decl);

	pr->place = word->place;
	vec_each(l, i)
		*vec_add(p->a, &pr->points) = l->v[i];
	pr->body = parse_block(p);
	if (!pr->body)
		return false;
	*vec_add(p->a, &p->script->probes) = pr;
	add_decl(p, DECL_PROBE, pr);
	return true;
}

static bool parse_probe(struct parser *p)
{
	struct alias_decl *al = arena_new(p->a, struct alias_decl);
	struct token word = take(p);
	struct point_list l = { 0 };

	al->place = word.place;
	if (!parse_points(p, &l))
		return false;
	while (!al->epilogue && (at_kind(p, TOK_ASSIGN) || at_kind(p, TOK_PLUS_ASSIGN))) {
		if (!check_alias_name(p, &l))
			return false;
		*vec_add(p->a, &al->names) = l.v[0];
		al->epilogue = take(p).kind == TOK_PLUS_ASSIGN;
		l.n = 0;
		if (!parse_points(p, &l))
			return false;
	}
	if (al->names.n) {
		vec_each(&l, i)
			*vec_add(p->a, &al->points) = l.v[i];
		return finish_alias(p, al);
	}
	return finish_probe(p, &word, &l);
}

/* ---- functions ---- */

/* `: long`, if it is there. */
static bool parse_type(struct parser *p, enum type *ret)
{
	if (!accept(p, TOK_COLON))
		return true;
	if (accept_word(p, "long"))
		*ret = T_LONG;
	else if (accept_word(p, "string"))
		*ret = T_STRING;
	else
		return fail_here(p, "expected 'string' or 'long'");
	return true;
}

static bool parse_params(struct parser *p, struct function_decl *f)
{
	if (!expect(p, TOK_LPAREN, "'('"))
		return false;
	if (accept(p, TOK_RPAREN))
		return true;
	do {	/* a comma may stand behind the last one, too */
		struct param param = { 0 };

		if (f->params.n && peek(p)->kind == TOK_RPAREN)
			break;
		if (!expect(p, TOK_IDENT, "identifier")) {
			if (at_word(p, "long") || at_word(p, "string"))
				diag_hint(p->d, "a type stands behind the name: name:%s", peek(p)->text);
			return false;
		}
		if (f->params.n == PARAMS_MAX)
			return fail_at(p, &p->last, "too many parameters");
		param.name = p->last.text;
		param.place = p->last.place;
		vec_each(&f->params, i)
			if (!strcmp(f->params.v[i].name, param.name))
				return fail_at(p, &p->last, "duplicate parameter name");
		if (!parse_type(p, &param.type))
			return false;
		*vec_add(p->a, &f->params) = param;
	} while (accept(p, TOK_COMMA));
	if (expect(p, TOK_RPAREN, "',' or ')'"))
		return true;
	habit_parameter(p);
	return false;
}

static bool parse_priority(struct parser *p, struct function_decl *f)
{
	f->priority = p->src->tapset ? 1 : 0;
	if (!accept(p, TOK_COLON))
		return true;
	if (!expect(p, TOK_NUMBER, "literal number"))
		return false;
	f->priority = p->last.number;
	f->has_priority = true;
	return f->priority > 0 || fail_at(p, &p->last, "specified priority must be > 0");
}

static struct stmt *parse_function_body(struct parser *p)
{
	struct stmt *body;

	p->in_function = true;
	body = parse_block(p);
	p->in_function = false;
	return body;
}

static bool parse_function(struct parser *p, bool private_scope)
{
	struct function_decl *f = arena_new(p->a, struct function_decl);

	take(p);
	f->private_scope = private_scope;
	if (!expect(p, TOK_IDENT, "identifier"))
		return false;
	f->name = p->last.text;
	f->place = p->last.place;
	if (!parse_type(p, &f->ret) || !parse_params(p, f) || !parse_priority(p, f))
		return false;
	if (accept(p, TOK_EMBEDDED)) {
		if (!may_embed(p, &p->last, EMBED_REFUSED))
			return false;
		f->c_body = p->last.text;
		f->c_place = p->last.place;
	} else if (!at_kind(p, TOK_LBRACE)) {
		return fail_here(p, "expected '{' or '%{'");
	} else if (!(f->body = parse_function_body(p))) {
		return false;
	}
	*vec_add(p->a, &p->script->functions) = f;
	add_decl(p, DECL_FUNCTION, f);
	return true;
}

/* ---- globals ---- */

static bool parse_size(struct parser *p, struct global_decl *g)
{
	if (!accept(p, TOK_LBRACKET))
		return true;
	if (!expect(p, TOK_NUMBER, "literal number"))
		return false;
	if (p->last.number <= 0 || p->last.number > 1000000)
		return fail_at(p, &p->last, "array size out of range");
	g->array = true;
	g->size = p->last.number;
	return expect(p, TOK_RBRACKET, "']'");
}

static bool parse_initial(struct parser *p, struct global_decl *g)
{
	struct token t;
	bool negative;

	if (!at_kind(p, TOK_ASSIGN))
		return true;
	if (g->array || g->wrap)
		return fail_here(p, "only scalar globals can be initialized");
	take(p);
	negative = accept(p, TOK_MINUS);
	if (!at_kind(p, TOK_NUMBER) && (negative || !at_kind(p, TOK_STRING)))
		return fail_here(p, "expected literal string or number");
	t = at_kind(p, TOK_NUMBER) ? take(p) : take_strings(p);
	g->init = expr_new(p, t.kind == TOK_NUMBER ? EX_NUMBER : EX_STRING, &t.place);
	g->init->number = negative ? (int64_t)-(uint64_t)t.number : t.number;
	g->init->text = t.kind == TOK_STRING ? t.text : NULL;
	g->init->text_len = t.len;
	g->init->height = 1;
	return true;
}

static bool add_global(struct parser *p, struct global_decl *g)
{
	const struct global_decl *old = strmap_get(&p->globals, g->name);

	if (old) {
		p->errors++;
		return diag_error2(p->d, DIAG_PARSE, "duplicate-global", &g->place, &old->place,
				   "duplicate global name\n\tsaw: identifier '%s' at %s", g->name,
				   place_str(p->a, &g->place));
	}
	strmap_put(&p->globals, g->name, g);
	*vec_add(p->a, &p->script->globals) = g;
	add_decl(p, DECL_GLOBAL, g);
	return true;
}

static bool parse_global(struct parser *p, bool private_scope)
{
	do {
		struct global_decl *g = arena_new(p->a, struct global_decl);

		if (!expect(p, TOK_IDENT, "identifier"))
			return false;
		g->name = p->last.text;
		g->place = p->last.place;
		g->private_scope = private_scope;
		g->wrap = accept(p, TOK_MOD);
		if (!parse_size(p, g))
			return false;
		if (!parse_initial(p, g) || !add_global(p, g))
			return false;
	} while (accept(p, TOK_COMMA));
	accept(p, TOK_SEMICOLON);
	return true;
}

/* ---- the rest ---- */

static bool parse_embed(struct parser *p)
{
	struct embed_decl *c = arena_new(p->a, struct embed_decl);
	struct token t = take(p);

	if (!may_embed(p, &t, EMBED_REFUSED))
		return false;
	c->text = t.text;
	c->place = t.place;
	*vec_add(p->a, &p->script->embeds) = c;
	add_decl(p, DECL_EMBED, c);
	return true;
}

static bool parse_private(struct parser *p)
{
	take(p);
	if (at_word(p, "function"))
		return parse_function(p, true);
	if (accept_word(p, "global") || at_kind(p, TOK_IDENT))
		return parse_global(p, true);
	return fail_here(p, "expected 'global', 'function' or identifier");
}

bool parse_decl(struct parser *p)
{
	static const char *const words[] = { "probe", "global", "private", "function" };

	if (at_kind(p, TOK_EMBEDDED))
		return parse_embed(p);
	if (at_word(p, "probe"))
		return parse_probe(p);
	if (at_word(p, "function"))
		return parse_function(p, false);
	if (at_word(p, "private"))
		return parse_private(p);
	if (accept_word(p, "global"))
		return parse_global(p, false);
	fail_here(p, "expected 'probe', 'global', 'private', 'function', or '%{'");
	if (at_kind(p, TOK_IDENT))
		hint_similar(p, peek(p)->text, words, sizeof(words) / sizeof(*words));
	habit_declaration(p);
	return false;
}
