/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions by precedence.  As in C, but all comparisons are of one level; with `.` between shifts and
 * sums and `in` between comparisons and `&` (awk's places for them); `=~` and `!~` stand with the
 * comparisons, `<<<` with the assignments.  Assignments and `?:` group to the right, everything else to the
 * left.  What stands behind `in` and `=~` is no expression, so only what binds less tightly may follow it; a
 * comparison is no left side of `=~`.
 *
 * Operands of a long chain are one level of recursion here but one level of the tree each, so the
 * height of what is built is bounded as well as the nesting of what is read.
 */
#include "syntax/parse.h"

#include <limits.h>
#include <string.h>

#define LOGICAL_MAX 2	/* the levels of || and && */
#define COMPARISON 8

/* How tightly OP binds as a binary operator, 0 = is none. */
static int level_of(const struct token *t)
{
	switch (t->kind) {
	case TOK_OROR: return 1;
	case TOK_ANDAND: return 2;
	case TOK_OR: return 3;
	case TOK_XOR: return 4;
	case TOK_AND: return 5;
	case TOK_KEYWORD: return strcmp(t->text, "in") ? 0 : 6;
	case TOK_EQ: case TOK_NE: case TOK_LT: case TOK_LE: case TOK_GT: case TOK_GE: return COMPARISON;
	case TOK_MATCH: case TOK_NOMATCH: return COMPARISON;
	case TOK_SHL: case TOK_SHR: case TOK_LSHR: return 9;
	case TOK_DOT: return 10;
	case TOK_PLUS: case TOK_MINUS: return 11;
	case TOK_MUL: case TOK_DIV: case TOK_MOD: return 12;
	default: return 0;
	}
}

struct expr *expr_new(struct parser *p, enum expr_kind kind, const struct place *from)
{
	struct expr *e = arena_new(p->a, struct expr);

	e->kind = kind;
	e->place = *from;
	return e;
}

static unsigned higher(unsigned h, const struct expr *e)
{
	return e && e->height > h ? e->height : h;
}

struct expr *expr_done(struct parser *p, struct expr *e)
{
	unsigned h = 0;

	h = higher(h, e->a);
	h = higher(h, e->b);
	h = higher(h, e->c);
	vec_each(&e->args, i)
		h = higher(h, e->args.v[i]);
	if (e->target) {
		h = higher(h, e->target->operand);
		vec_each(&e->target->acc, i)
			h = higher(h, e->target->acc.v[i].index);
	}
	e->height = h + 1;
	e->place = place_between(&e->place, &p->last.place);
	if (e->height <= AST_DEPTH_MAX)
		return e;
	fail_at(p, &p->last, arena_printf(p->a, "expression too complex: more than %d levels",
					  AST_DEPTH_MAX));
	return NULL;
}

bool parse_args(struct parser *p, struct expr *e, int end, const char *what, bool star)
{
	if (accept(p, end))
		return true;
	do {
		struct expr *arg = NULL;

		if (star && at_kind(p, TOK_MUL) &&
		    (peek2(p)->kind == TOK_COMMA || peek2(p)->kind == end))
			take(p);
		else if (!(arg = parse_expr(p)))
			return false;
		*vec_add(p->a, &e->args) = arg;
	} while (accept(p, TOK_COMMA));
	return expect(p, end, what);
}

/* `N in @hist_log(x)`: bucket N holds something, @hist_log(x)[N] != 0 */
static struct expr *parse_in_histogram(struct parser *p, struct expr *in)
{
	struct expr *e = expr_new(p, EX_BINARY, &in->place), *bucket = expr_new(p, EX_HISTIDX, &in->place);

	struct token at = *peek(p);

	if (in->args.n != 1 || !in->args.v[0]) {
		fail_here(p, "expected one number before 'in': buckets of a histogram have no other index");
		return NULL;
	}
	bucket->b = in->args.v[0];
	bucket->a = parse_at(p, true);
	if (!bucket->a)
		return NULL;
	if (!is_histogram(bucket->a)) {
		fail_at(p, &at, "expected an array or a histogram behind 'in'");
		return NULL;
	}
	e->oper = in->oper;
	e->op = TOK_NE;
	e->paren = true;
	e->a = expr_done(p, bucket);
	e->b = expr_new(p, EX_NUMBER, &in->oper);
	e->b->height = 1;
	return e->a ? expr_done(p, e) : NULL;
}

struct expr *parse_in(struct parser *p, struct expr *in)
{
	in->oper = p->last.place;
	if (at_kind(p, TOK_AT))
		return parse_in_histogram(p, in);
	if (!at_kind(p, TOK_IDENT)) {
		fail_here(p, "expected identifier of an array behind 'in'");
		return NULL;
	}
	in->name = take(p).text;
	return expr_done(p, in);
}

static struct expr *parse_regex(struct parser *p, struct expr *left, const struct token *op)
{
	struct expr *e = expr_new(p, EX_REGEX, &left->place);
	struct token t;

	e->oper = op->place;
	e->op = op->kind;
	e->a = left;
	if (!at_kind(p, TOK_STRING)) {
		fail_here(p, "expected string literal");
		return NULL;
	}
	t = take_strings(p);
	e->b = expr_new(p, EX_STRING, &t.place);
	e->b->text = t.text;
	e->b->text_len = t.len;
	e->b->height = 1;
	return expr_done(p, e);
}

static bool is_match(int op)
{
	return op == TOK_MATCH || op == TOK_NOMATCH;
}

static bool is_comparison(int op)
{
	return !is_match(op) && level_of(&(struct token){ .kind = op }) == COMPARISON;
}

/* Operands and operators that bind at least as tightly as MIN. */
static struct expr *parse_binary(struct parser *p, int min)
{
	struct expr *left = parse_unary(p);
	int ceiling = INT_MAX;		/* of operators behind LEFT */

	while (left) {
		int level = level_of(peek(p));
		struct expr *e;
		struct token op;

		if (!level || level < min || level > ceiling ||
		    (is_match(peek(p)->kind) && left->kind == EX_BINARY && !left->paren && is_comparison(left->op)))
			return left;
		op = take(p);
		if (op.kind == TOK_KEYWORD) {
			e = expr_new(p, EX_IN, &left->place);
			*vec_add(p->a, &e->args) = left;
			left = parse_in(p, e);
			ceiling = level - 1;
			continue;
		}
		if (is_match(op.kind)) {
			left = parse_regex(p, left, &op);
			ceiling = level - 1;
			continue;
		}
		e = expr_new(p, level <= LOGICAL_MAX ? EX_LOGICAL : EX_BINARY, &left->place);
		e->op = op.kind;
		e->oper = op.place;
		e->a = left;
		e->b = parse_binary(p, level + 1);
		left = e->b ? expr_done(p, e) : NULL;
	}
	return NULL;
}

static bool is_assignment(int kind)
{
	return kind == TOK_AGG || kind == TOK_DOT_ASSIGN ||
	       (kind >= TOK_ASSIGN && kind <= TOK_SHR_ASSIGN);
}

/* A place of the probed program, not something that is known about its types. */
static bool is_datum(const struct expr *e)
{
	return e->kind == EX_TARGET && e->target->kind != TG_ENUM && e->target->kind != TG_ENUMNAME &&
	       !e->target->addressof;
}

static bool is_lvalue(const struct expr *e)
{
	return e->kind == EX_IDENT || e->kind == EX_INDEX || e->kind == EX_CHOOSE || is_datum(e);
}

static struct expr *parse_cond(struct parser *p)
{
	struct expr *cond = parse_binary(p, 1), *e;

	if (!cond || !at_kind(p, TOK_QUESTION))
		return cond;
	e = expr_new(p, EX_COND, &cond->place);
	e->oper = take(p).place;
	e->op = TOK_QUESTION;
	e->a = cond;
	e->b = parse_expr(p);
	if (!e->b || !expect(p, TOK_COLON, "':'"))
		return NULL;
	if (!enter(p))
		return NULL;
	e->c = parse_cond(p);
	leave(p);
	return e->c ? expr_done(p, e) : NULL;
}

static struct expr *parse_assign(struct parser *p)
{
	struct expr *left = parse_cond(p), *e;
	struct token op;

	if (!left || !is_assignment(peek(p)->kind))
		return left;
	if (!is_lvalue(left)) {
		fail_here(p, "expected a variable, an array element or a target variable to "
			  "assign to");
		if (at_kind(p, TOK_ASSIGN))
			diag_hint(p->d, "to compare, write '=='");
		return NULL;
	}
	op = take(p);
	e = expr_new(p, EX_ASSIGN, &left->place);
	e->op = op.kind;
	e->oper = op.place;
	e->a = left;
	e->b = parse_expr(p);
	return e->b ? expr_done(p, e) : NULL;
}

struct expr *parse_expr(struct parser *p)
{
	struct expr *e;

	if (!enter(p))
		return NULL;
	e = parse_assign(p);
	leave(p);
	return e;
}

static struct expr *need_lvalue(struct parser *p, struct expr *e, const struct token *op)
{
	if (!e || is_lvalue(e))
		return e;
	fail_at(p, op, arena_printf(p->a, "expected a variable, an array element or a target "
				    "variable for '%s'", tok_text(op->kind)));
	return NULL;
}

/* `&` in front of a target variable and its relatives. */
static struct expr *parse_addressof(struct parser *p, const struct token *op)
{
	struct expr *e = parse_unary(p);

	if (!e)
		return NULL;
	if (!is_datum(e) || e->paren || e->target->pretty) {
		fail_at(p, op, "expected @cast, @var or $var behind '&'");
		return NULL;
	}
	e->target->addressof = true;
	e->oper = op->place;
	e->place = place_between(&op->place, &e->place);
	return e;
}

static struct expr *parse_prefix(struct parser *p)
{
	struct token op = *peek(p);
	struct expr *e;

	if (op.kind == TOK_NOMATCH) {	/* where a value is due: `!` and `~` */
		op.kind = TOK_NOT;
		op.place.len = 1;
		p->ahead[0].kind = TOK_BITNOT;
		p->ahead[0].place.off++;
		p->ahead[0].place.len = 1;
	} else {
		take(p);
	}
	if (op.kind == TOK_AND)
		return parse_addressof(p, &op);
	e = expr_new(p, op.kind == TOK_INC || op.kind == TOK_DEC ? EX_INCDEC : EX_UNARY, &op.place);
	e->op = op.kind;
	e->oper = op.place;
	e->prefix = true;
	e->a = parse_unary(p);
	if (e->a && e->kind == EX_INCDEC)
		e->a = need_lvalue(p, e->a, &op);
	return e->a ? expr_done(p, e) : NULL;
}

static struct expr *parse_postfix(struct parser *p)
{
	struct expr *v = parse_value(p), *e;
	struct token op;

	if (!v || (!at_kind(p, TOK_INC) && !at_kind(p, TOK_DEC)) || !is_lvalue(v))
		return v;
	op = take(p);
	e = expr_new(p, EX_INCDEC, &v->place);
	e->op = op.kind;
	e->oper = op.place;
	e->a = v;
	return expr_done(p, e);
}

struct expr *parse_unary(struct parser *p)
{
	struct expr *e;

	switch (peek(p)->kind) {
	case TOK_MINUS: case TOK_PLUS: case TOK_NOT: case TOK_BITNOT:
	case TOK_INC: case TOK_DEC: case TOK_AND: case TOK_NOMATCH:
		if (!enter(p))
			return NULL;
		e = parse_prefix(p);
		leave(p);
		return e;
	default:
		return parse_postfix(p);
	}
}
