/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operators that start with `@`: one table row each, with the function that reads the rest.
 * A name that is in no row is an unknown macro.
 */
#include "syntax/parse.h"

#include <string.h>

static bool open_paren(struct parser *p)
{
	return expect(p, TOK_LPAREN, "'('");
}

static bool close_paren(struct parser *p)
{
	return expect(p, TOK_RPAREN, "')'");
}

static bool literal(struct parser *p, const char **ret)
{
	if (!at_kind(p, TOK_STRING))
		return fail_here(p, "expected string literal");
	*ret = take_strings(p).text;
	return true;
}

static struct target *new_target(struct parser *p, struct expr *e, enum target_kind kind)
{
	e->target = arena_new(p->a, struct target);
	e->target->kind = kind;
	return e->target;
}

/* [, "module"]) */
static bool module_and_close(struct parser *p, struct target *t)
{
	return (!accept(p, TOK_COMMA) || literal(p, &t->module)) && close_paren(p);
}

/* @cast(pointer, "type"[, "module"]) */
static struct expr *parse_cast(struct parser *p, struct expr *e)
{
	struct target *t = new_target(p, e, TG_CAST);

	if (!open_paren(p) || !(t->operand = parse_expr(p)) || !expect(p, TOK_COMMA, "','") ||
	    !literal(p, &t->type))
		return NULL;
	return module_and_close(p, t) ? parse_accessors(p, e) : NULL;
}

/* @var("name[@file]"[, "module"]) */
static struct expr *parse_var(struct parser *p, struct expr *e)
{
	struct target *t = new_target(p, e, TG_ATVAR);

	if (!open_paren(p) || !literal(p, &t->name))
		return NULL;
	return module_and_close(p, t) ? parse_accessors(p, e) : NULL;
}

/* @enum("NAME"[, "module"]) */
static struct expr *parse_enum(struct parser *p, struct expr *e)
{
	struct target *t = new_target(p, e, TG_ENUM);

	return open_paren(p) && literal(p, &t->name) && module_and_close(p, t) ? expr_done(p, e) : NULL;
}

/* @enumname("type", value[, "module"]) */
static struct expr *parse_enumname(struct parser *p, struct expr *e)
{
	struct target *t = new_target(p, e, TG_ENUMNAME);

	if (!open_paren(p) || !literal(p, &t->type) || !expect(p, TOK_COMMA, "','") ||
	    !(t->operand = parse_expr(p)) || !module_and_close(p, t))
		return NULL;
	return expr_done(p, e);
}

static struct expr *parse_one(struct parser *p, struct expr *e)
{
	if (!open_paren(p) || !(e->a = parse_expr(p)) || !close_paren(p))
		return NULL;
	return expr_done(p, e);
}

static struct expr *parse_two(struct parser *p, struct expr *e)
{
	if (!open_paren(p) || !(e->a = parse_expr(p)) || !expect(p, TOK_COMMA, "','") ||
	    !(e->b = parse_expr(p)) || !close_paren(p))
		return NULL;
	return expr_done(p, e);
}

static struct expr *parse_text(struct parser *p, struct expr *e)
{
	if (!open_paren(p) || !literal(p, &e->text) || !close_paren(p))
		return NULL;
	e->text_len = strlen(e->text);
	return expr_done(p, e);
}

/* @count(x), @variance(x, shift) */
static struct expr *parse_stat(struct parser *p, struct expr *e)
{
	if (!open_paren(p) || !(e->a = parse_expr(p)))
		return NULL;
	if (accept(p, TOK_COMMA) ? !parse_args(p, e, TOK_RPAREN, "',' or ')'", false)
				 : !close_paren(p))
		return NULL;
	return expr_done(p, e);
}

/* One of the numbers behind a histogram's aggregate. */
static bool parse_bound(struct parser *p, struct expr *e)
{
	struct expr *n;

	if (!at_kind(p, TOK_NUMBER) && !(at_kind(p, TOK_MINUS) && peek2(p)->kind == TOK_NUMBER))
		return fail_here(p, "expected literal number");
	n = parse_unary(p);
	if (n)
		*vec_add(p->a, &e->args) = n;
	return n;
}

/* @hist_log(x), @hist_linear(x, low, high, step), perhaps with [bucket] */
static struct expr *parse_hist(struct parser *p, struct expr *e)
{
	struct expr *r;

	if (!open_paren(p) || !(e->a = parse_expr(p)))
		return NULL;
	while (accept(p, TOK_COMMA))
		if (!parse_bound(p, e))
			return NULL;
	e = close_paren(p) ? expr_done(p, e) : NULL;
	if (!e || !at_kind(p, TOK_LBRACKET))
		return e;
	take(p);
	r = expr_new(p, EX_HISTIDX, &e->place);
	r->a = e;
	r->b = parse_expr(p);
	if (!r->b || !expect(p, TOK_RBRACKET, "']'"))
		return NULL;
	return expr_done(p, r);
}

static struct expr *parse_operation(struct parser *p, struct expr *e)
{
	if (!open_paren(p) || !parse_args(p, e, TOK_RPAREN, "',' or ')'", false))
		return NULL;
	return expr_done(p, e);
}

static const struct {
	const char *name;
	enum expr_kind kind;
	struct expr *(*parse)(struct parser *p, struct expr *e);
	size_t min, max;	/* args behind the first operand, or all of an operation */
	bool guru;
} operators[] = {
	{ "avg", EX_STAT, parse_stat, 0, 0 },
	{ "cast", EX_TARGET, parse_cast, 0, 0 },
	{ "choose_defined", EX_CHOOSE, parse_two, 0, 0 },
	{ "const", EX_CONST, parse_text, 0, 0, .guru = true },
	{ "count", EX_STAT, parse_stat, 0, 0 },
	{ "defined", EX_DEFINED, parse_one, 0, 0 },
	{ "entry", EX_ENTRY, parse_one, 0, 0 },
	{ "enum", EX_TARGET, parse_enum, 0, 0 },
	{ "enumname", EX_TARGET, parse_enumname, 0, 0 },
	{ "hist_linear", EX_STAT, parse_hist, 3, 3 },
	{ "hist_log", EX_STAT, parse_hist, 0, 0 },
	{ "kderef", EX_CONTEXTOP, parse_operation, 2, 2, .guru = true },
	{ "kregister", EX_CONTEXTOP, parse_operation, 1, 1, .guru = true },
	{ "max", EX_STAT, parse_stat, 0, 0 },
	{ "min", EX_STAT, parse_stat, 0, 0 },
	{ "perf", EX_PERF, parse_text, 0, 0 },
	{ "probewrite", EX_PROBEWRITE, parse_one, 0, 0 },
	{ "sum", EX_STAT, parse_stat, 0, 0 },
	{ "uderef", EX_CONTEXTOP, parse_operation, 2, 2 },
	{ "uregister", EX_CONTEXTOP, parse_operation, 1, 1 },
	{ "var", EX_TARGET, parse_var, 0, 0 },
	{ "variance", EX_STAT, parse_stat, 0, 1 },
};

/* The bare word inside @probewrite(x): a script or a target variable. */
static bool check_probewrite(struct parser *p, struct expr *e, const struct token *at)
{
	if (e->a->kind == EX_IDENT)
		e->name = e->a->name;
	else if (e->a->kind == EX_TARGET && e->a->target->kind == TG_VAR && !e->a->target->acc.n)
		e->name = e->a->target->name;
	else
		return fail_at(p, at, "expected a script variable or a target variable in "
			       "'@probewrite'");
	return true;
}

bool is_histogram(const struct expr *e)
{
	return e->kind == EX_STAT && !strncmp(e->name, "hist_", 5);
}

struct expr *parse_at(struct parser *p, bool histogram)
{
	struct token at = *peek(p);
	const char *names[sizeof(operators) / sizeof(*operators)];
	struct expr *e, *stat;

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (strcmp(operators[i].name, at.text))
			continue;
		take(p);
		if (operators[i].guru && !may_embed(p, &at, arena_printf(p->a, "using @%s operator not permitted; "
									 "need stap -g", at.text)))
			return NULL;
		e = expr_new(p, operators[i].kind, &at.place);
		e->name = operators[i].name;
		e = operators[i].parse(p, e);
		if (!e || (e->kind == EX_PROBEWRITE && !check_probewrite(p, e, &at)))
			return NULL;
		stat = e->kind == EX_HISTIDX ? e->a : e;
		if (stat->args.n < operators[i].min || stat->args.n > operators[i].max)
			fail_at(p, &at, arena_printf(p->a, "wrong number of arguments to '@%s'", at.text));
		else if (is_histogram(e) && !histogram)
			fail_at(p, &at, "expected a value, not a whole histogram: print it alone, or walk its buckets "
				"by foreach");
		else
			return e;
		return NULL;
	}
	fail_here(p, arena_printf(p->a, "unknown macro or operator '@%s'", at.text));
	if (!strcmp(at.text, "errno")) {
		diag_hint(p->d, "it is not supported yet; in syscall.NAME.return: "
			  "errno_str(retval)");
		return NULL;
	}
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		names[i] = operators[i].name;
	hint_similar(p, at.text, names, sizeof(names) / sizeof(*names));
	return NULL;
}
