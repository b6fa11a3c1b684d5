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

struct arg_list { struct expr **v; size_t n, cap; };

static bool may_copy(struct parser *p, size_t n)
{
	p->copied += n;
	return p->copied <= COPIED_MAX ||
	       fail_here(p, "probe points expand to too many alternatives");
}

enum { BRACES_MAX = 100 };	/* nested in one argument */

/* The first group `{...,...}` of TEXT: where it opens, and *END; NULL when there is none. */
static const char *find_group(const char *text, const char **end)
{
	struct { const char *at; bool comma; } open[BRACES_MAX];
	const char *first = NULL;
	unsigned depth = 0;

	for (const char *s = text; *s; s++) {
		if (*s == '{') {
			if (depth == BRACES_MAX)
				return NULL;
			open[depth].comma = false;
			open[depth++].at = s;
		} else if (*s == ',' && depth) {
			open[depth - 1].comma = true;
		} else if (*s == '}' && depth) {
			depth--;
			if (open[depth].comma && (!first || open[depth].at < first)) {
				first = open[depth].at;
				*end = s;
			}
		}
	}
	return first;
}

static void add_string(struct parser *p, const struct token *t, const char *text, struct arg_list *out)
{
	struct expr *e = expr_new(p, EX_STRING, &t->place);

	e->text = text;
	e->text_len = strlen(text);
	*vec_add(p->a, out) = expr_done(p, e);
}

/* "vfs_{read,write}" is two arguments, as it is two words in a shell. */
static bool expand_braces(struct parser *p, const struct token *t, const char *text, struct arg_list *out)
{
	const char *open, *end = NULL, *from;
	unsigned depth = 0;

	if (!may_copy(p, strlen(text) / 16 + 1))
		return false;
	open = find_group(text, &end);
	if (!open) {
		add_string(p, t, text, out);
		return true;
	}
	from = open + 1;
	for (const char *s = from; s <= end; s++) {
		bool last = s == end;

		depth += *s == '{';
		depth -= *s == '}' && !last;
		if (!last && (*s != ',' || depth))
			continue;
		if (!expand_braces(p, t, arena_printf(p->a, "%.*s%.*s%s", (int)(open - text), text,
						      (int)(s - from), from, end + 1), out))
			return false;
		from = s + 1;
	}
	return true;
}

static bool parse_number(struct parser *p, struct arg_list *out)
{
	bool negative = accept(p, TOK_MINUS);
	struct place from = p->last.place;
	struct expr *e;

	if (!expect(p, TOK_NUMBER, "literal string or number")) {
		habit_point_argument(p);
		return false;
	}
	e = expr_new(p, EX_NUMBER, negative ? &from : &p->last.place);
	e->number = negative ? (int64_t)-(uint64_t)p->last.number : p->last.number;
	*vec_add(p->a, out) = expr_done(p, e);
	return may_copy(p, 1);
}

static bool parse_one_arg(struct parser *p, struct arg_list *out)
{
	struct token t;

	if (!at_kind(p, TOK_STRING))
		return parse_number(p, out);
	t = take_strings(p);
	if (strlen(t.text) == t.len)
		return expand_braces(p, &t, t.text, out);
	add_string(p, &t, t.text, out);
	out->v[out->n - 1]->text_len = t.len;
	return true;
}

/* What stands in the parentheses: a literal, or several in braces. */
static bool parse_arg(struct parser *p, struct arg_list *out)
{
	bool ok = true;

	if (!accept(p, TOK_LBRACE)) {
		if (!parse_one_arg(p, out))
			return false;
		if (expect(p, TOK_RPAREN, "')'"))
			return true;
		habit_point_end(p);
		return false;
	}
	do
		ok = parse_one_arg(p, out);
	while (ok && accept(p, TOK_COMMA));
	return ok && expect(p, TOK_RBRACE, "',' or '}'") && expect(p, TOK_RPAREN, "')'");
}

static bool parse_component(struct parser *p, struct component *c, struct arg_list *args)
{
	if (!parse_name(p, c))
		return false;
	if (accept(p, TOK_LPAREN) && !parse_arg(p, args))
		return false;
	c->place = place_between(&c->place, &p->last.place);
	c->arg = args->n ? args->v[0] : NULL;
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

/* C with each of ARGS behind every point of L. */
static bool append_each(struct parser *p, struct point_list *l, const struct component *c,
			const struct arg_list *args)
{
	struct point_list alternatives = { 0 };

	if (args->n < 2)
		return append(p, l, c);
	vec_each(args, i) {
		struct point *pt = point_new(p, &c->place);
		struct component *one = vec_add(p->a, &pt->comp);

		*one = *c;
		one->arg = args->v[i];
		*vec_add(p->a, &alternatives) = pt;
	}
	return multiply(p, l, &alternatives);
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
		struct arg_list args = { 0 };

		if (*suffix)
			return fail_here(p, "'?', '!' or condition not allowed in a component "
					 "before the last");
		if (at_kind(p, TOK_LBRACE)) {
			if (!parse_braces(p, l, suffix))
				return false;
		} else if (!parse_component(p, &c, &args) || !append_each(p, l, &c, &args)) {
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
