/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreach ([value[+-] =] key[+-] | [k1[+-], k2] in array[[i, *]] [@op] [+-] [limit n]) statement
 *
 * @op(array)+ is array @op+.  One direction at most; one on the value means the same as on the array.
 */
#include "syntax/parse.h"

#include <string.h>

#define BY_VALUE (-1)

static bool set_sort(struct parser *p, struct foreach *f, int column, int kind)
{
	if (f->sort_dir)
		return fail_at(p, &p->last,
			       "multiple sort directives: expected at most one '+' or '-'");
	f->sort_dir = kind == TOK_PLUS || kind == TOK_PLUS_ASSIGN ? 1 : -1;
	f->sort_column = column;
	return true;
}

/* `+` or `-` behind a name, if there is one. */
static bool parse_sort(struct parser *p, struct foreach *f, int column)
{
	if (!at_kind(p, TOK_PLUS) && !at_kind(p, TOK_MINUS))
		return true;
	return set_sort(p, f, column, take(p).kind);
}

static bool parse_key(struct parser *p, struct foreach *f)
{
	struct expr *e;

	if (!expect(p, TOK_IDENT, "identifier"))
		return false;
	e = expr_new(p, EX_IDENT, &p->last.place);
	e->name = p->last.text;
	*vec_add(p->a, &f->vars) = expr_done(p, e);
	return parse_sort(p, f, (int)f->vars.n);
}

static bool parse_keys(struct parser *p, struct foreach *f)
{
	if (!accept(p, TOK_LBRACKET))
		return parse_key(p, f);
	do {
		if (!parse_key(p, f))
			return false;
	} while (accept(p, TOK_COMMA));
	return expect(p, TOK_RBRACKET, "',' or ']'");
}

/* `v =`, `v+ =`, `v+=` in front of the keys, if it is there: else the first key was read. */
static bool parse_value_or_key(struct parser *p, struct foreach *f)
{
	struct expr *first;

	if (at_kind(p, TOK_LBRACKET))
		return parse_keys(p, f);
	if (!parse_key(p, f))
		return false;
	if (at_kind(p, TOK_PLUS_ASSIGN) || at_kind(p, TOK_MINUS_ASSIGN)) {
		if (!set_sort(p, f, BY_VALUE, take(p).kind))
			return false;
	} else if (!accept(p, TOK_ASSIGN)) {
		return true;
	}
	first = f->vars.v[0];
	f->vars.n = 0;
	f->value = first->name;
	f->value_place = first->place;
	if (f->sort_column == 1)
		f->sort_column = BY_VALUE;
	return parse_keys(p, f);
}

static bool names_array(const struct expr *e)
{
	return !e->paren && (e->kind == EX_IDENT || e->kind == EX_INDEX);
}

static bool parse_array(struct parser *p, struct foreach *f)
{
	struct token t = *peek(p);
	struct expr *e;

	if (t.kind == TOK_AT) {
		f->array = parse_at(p, true);
		if (!f->array)
			return false;
		if (is_histogram(f->array))
			return true;
		if (f->array->kind == EX_STAT && !f->array->args.n && names_array(f->array->a) &&
		    (at_kind(p, TOK_PLUS) || at_kind(p, TOK_MINUS))) {
			f->sort_stat = f->array->name;
			f->array = f->array->a;
			return true;
		}
		return fail_at(p, &t, "expected an array or a histogram in 'foreach'");
	}
	if (!expect(p, TOK_IDENT, "identifier"))
		return false;
	e = expr_new(p, at_kind(p, TOK_LBRACKET) ? EX_INDEX : EX_IDENT, &t.place);
	e->name = t.text;
	if (accept(p, TOK_LBRACKET) && !parse_args(p, e, TOK_RBRACKET, "',' or ']'", true))
		return false;
	return (f->array = expr_done(p, e));
}

/* `@count+` behind the array: sort by that statistic. */
static bool parse_sort_stat(struct parser *p, struct foreach *f)
{
	static const char *const names[] = { "avg", "count", "max", "min", "sum", "variance" };

	if (!at_kind(p, TOK_AT))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(peek(p)->text, names[i]))
			f->sort_stat = names[i];
	if (!f->sort_stat)
		return fail_here(p, "expected statistical operation to sort by");
	take(p);
	return at_kind(p, TOK_PLUS) || at_kind(p, TOK_MINUS) || fail_here(p, "expected '+' or '-'");
}

bool parse_foreach(struct parser *p, struct stmt *s)
{
	struct foreach *f = s->each = arena_new(p->a, struct foreach);

	if (!expect(p, TOK_LPAREN, "'('") || !parse_value_or_key(p, f))
		return false;
	if (!expect_word(p, "in")) {
		habit_foreach(p);
		return false;
	}
	if (!parse_array(p, f) || !parse_sort_stat(p, f) || !parse_sort(p, f, BY_VALUE))
		return false;
	if (accept_word(p, "limit") && !(f->limit = parse_expr(p)))
		return false;
	return expect(p, TOK_RPAREN, "')'") && (s->then = parse_stmt(p));
}
