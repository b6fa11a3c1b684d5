/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probe points: dotted components with literal arguments and wildcards, `?` `!` `if (...)`, and
 * brace alternatives, which are multiplied out here: {a,b}.{c,d} is a.c, a.d, b.c, b.d.
 *
 * Any word may name a component, keywords too.  A `?` inside a word, with something of the word
 * on both sides and no space, is a wildcard; else it says that the point is optional.
 */
#include "syntax/parse.h"

#include <string.h>

#define COPIED_MAX 1000000	/* components copied for all alternatives of a script, together */

static bool is_word(const struct token *t)
{
	return t->kind == TOK_IDENT || t->kind == TOK_KEYWORD || t->kind == TOK_MUL;
}

static bool glued(const struct token *a, const struct token *b)
{
	return a->place.src == b->place.src && a->place.off + a->place.len == b->place.off;
}

/* Does the token ahead go on with the name that ended with p->last? */
static bool name_goes_on(struct parser *p)
{
	const struct token *t = peek(p), *next;

	if (token_is_word(t, "if"))
		return glued(&p->last, t);
	if (is_word(t) || t->kind == TOK_NUMBER)
		return glued(&p->last, t) ||
		       ((t->kind == TOK_MUL || p->last.kind == TOK_MUL) &&
			t->place.src != p->last.place.src);	/* $1* */
	if (t->kind != TOK_QUESTION || !glued(&p->last, t))
		return false;
	next = peek2(p);
	return glued(peek(p), next) && !token_is_word(next, "if") &&
	       (is_word(next) || next->kind == TOK_NUMBER || next->kind == TOK_DOT ||
		next->kind == TOK_LPAREN);
}

static bool parse_name(struct parser *p, struct component *c)
{
	struct buf b = { 0 };

	if (!is_word(peek(p)))
		return fail_here(p, "expected identifier or '*' in a probe point");
	c->place = peek(p)->place;
	do {
		struct token t = take(p);

		if (t.kind == TOK_IDENT || t.kind == TOK_KEYWORD)
			buf_puts(&b, t.text);
		else if (t.kind == TOK_NUMBER)
			buf_add(&b, t.place.src->text + t.place.off, t.place.len);
		else
			buf_puts(&b, tok_text(t.kind));
	} while (name_goes_on(p));
	c->name = arena_strdup(p->a, buf_text(&b));
	buf_deinit(&b);
	return true;
}

static bool parse_arg(struct parser *p, struct component *c)
{
	bool negative = accept(p, TOK_MINUS);
	struct place from = p->last.place;

	if (at_kind(p, TOK_STRING) && !negative) {
		struct token t = take_strings(p);

		c->arg = expr_new(p, EX_STRING, &t.place);
		c->arg->text = t.text;
		c->arg->text_len = t.len;
	} else if (at_kind(p, TOK_NUMBER)) {
		struct token t = take(p);

		c->arg = expr_new(p, EX_NUMBER, negative ? &from : &t.place);
		c->arg->number = negative ? (int64_t)-(uint64_t)t.number : t.number;
	} else {
		return fail_here(p, "expected literal string or number");
	}
	c->arg = expr_done(p, c->arg);
	return expect(p, TOK_RPAREN, "')'");
}

static bool parse_component(struct parser *p, struct component *c)
{
	if (!parse_name(p, c))
		return false;
	if (accept(p, TOK_LPAREN) && !parse_arg(p, c))
		return false;
	c->place = place_between(&c->place, &p->last.place);
	return true;
}

static struct point *point_new(struct parser *p, const struct place *from)
{
	struct point *pt = arena_new(p->a, struct point);

	pt->place = *from;
	return pt;
}

static size_t components(const struct point_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i]->comp.n;
	return n;
}

static bool may_copy(struct parser *p, size_t n)
{
	p->copied += n;
	return p->copied <= COPIED_MAX ||
	       fail_here(p, "probe points expand to too many alternatives");
}

static bool has_suffix(const struct point *pt)
{
	return pt->optional || pt->sufficient || pt->condition;
}

/* Every point of LEFT with every one of RIGHT behind it. */
static bool multiply(struct parser *p, struct point_list *left, const struct point_list *right)
{
	struct point_list r = { 0 };

	if (!may_copy(p, components(left) * right->n + components(right) * left->n))
		return false;
	vec_each(left, i) {
		vec_each(right, j) {
			struct point *pt = point_new(p, &left->v[i]->place);

			*pt = *right->v[j];
			pt->place = place_between(&left->v[i]->place, &right->v[j]->place);
			memset(&pt->comp, 0, sizeof(pt->comp));
			vec_each(&left->v[i]->comp, k)
				*vec_add(p->a, &pt->comp) = left->v[i]->comp.v[k];
			vec_each(&right->v[j]->comp, k)
				*vec_add(p->a, &pt->comp) = right->v[j]->comp.v[k];
			*vec_add(p->a, &r) = pt;
		}
	}
	*left = r;
	return true;
}

static bool append(struct parser *p, struct point_list *l, const struct component *c)
{
	if (!may_copy(p, l->n - 1))
		return false;
	vec_each(l, i) {
		*vec_add(p->a, &l->v[i]->comp) = *c;
		l->v[i]->place = place_between(&l->v[i]->place, &c->place);
	}
	return true;
}

/* `{a, b.c, d?}`, to be multiplied with L; *SUFFIX when one has a suffix of its own. */
static bool parse_braces(struct parser *p, struct point_list *l, bool *suffix)
{
	struct point_list alternatives = { 0 };
	bool first = !components(l);
	struct token open = *peek(p);
	bool ok = enter(p);

	if (!ok)
		return false;
	take(p);
	do
		ok = parse_point(p, &alternatives);
	while (ok && accept(p, TOK_COMMA));
	leave(p);
	if (ok && first && !at_kind(p, TOK_RBRACE))	/* more like the body than like alternatives */
		return fail_at(p, &open, "expected a probe point before the body");
	if (!ok || !expect(p, TOK_RBRACE, "',' or '}'"))
		return false;
	vec_each(&alternatives, i)
		*suffix = *suffix || has_suffix(alternatives.v[i]);
	return multiply(p, l, &alternatives);
}

static bool parse_sequence(struct parser *p, struct point_list *l, bool *suffix)
{
	do {
		struct component c = { 0 };

		if (*suffix)
			return fail_here(p, "'?', '!' or condition not allowed in a component "
					 "before the last");
		if (at_kind(p, TOK_LBRACE)) {
			if (!parse_braces(p, l, suffix))
				return false;
		} else if (!parse_component(p, &c) || !append(p, l, &c)) {
			return false;
		}
	} while (accept(p, TOK_DOT));
	return true;
}

static bool parse_suffix(struct parser *p, struct point *suffix)
{
	if (accept(p, TOK_QUESTION))
		suffix->optional = true;
	else if (accept(p, TOK_NOT))
		suffix->optional = suffix->sufficient = true;
	if (!accept_word(p, "if"))
		return true;
	return expect(p, TOK_LPAREN, "'('") && (suffix->condition = parse_expr(p)) &&
	       expect(p, TOK_RPAREN, "')'");
}

bool parse_point(struct parser *p, struct point_list *out)
{
	struct point_list l = { 0 };
	struct point suffix = { 0 };
	bool inner = false;

	*vec_add(p->a, &l) = point_new(p, &peek(p)->place);
	if (!parse_sequence(p, &l, &inner))
		return false;
	if (inner && (at_kind(p, TOK_QUESTION) || at_kind(p, TOK_NOT)))
		return fail_here(p, "expected '?' or '!' either within the braces or behind them");
	if (!parse_suffix(p, &suffix))
		return false;
	vec_each(&l, i) {
		l.v[i]->optional |= suffix.optional;
		l.v[i]->sufficient |= suffix.sufficient;
		if (suffix.condition)
			l.v[i]->condition = suffix.condition;
		*vec_add(p->a, out) = l.v[i];
	}
	return true;
}
