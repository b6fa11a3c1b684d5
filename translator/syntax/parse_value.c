/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operands: literals, names, calls, target variables with their accessors.
 *
 * `->` behind any value makes it a target whose type is found later; `[` is an array index behind
 * a name and an accessor behind a target.  A call of the print family is told by its name.
 */
#include "syntax/directive.h"
#include "syntax/parse.h"

#include <string.h>

static const char *const print_family[] = {
	"print", "printd", "printdln", "printf", "println",
	"sprint", "sprintd", "sprintdln", "sprintf", "sprintln",
};

static bool is_print(const char *name)
{
	for (size_t i = 0; i < sizeof(print_family) / sizeof(*print_family); i++)
		if (!strcmp(name, print_family[i]))
			return true;
	return false;
}

/* ---- accessors ---- */

/* Cut trailing `$`s off NAME; returns how many there were. */
static unsigned cut_pretty(struct parser *p, const char **name)
{
	size_t n = strlen(*name), keep = n;

	while (keep && (*name)[keep - 1] == '$')
		keep--;
	*name = arena_strndup(p->a, *name, keep);
	return (unsigned)(n - keep);
}

static bool set_pretty(struct parser *p, struct target *t, unsigned n)
{
	if (n && (n > 2 || t->pretty))
		return fail_at(p, &p->last,
			       "expected '$' or '$$' once, at the end of a target variable");
	t->pretty += n;
	return true;
}

static bool parse_member(struct parser *p, struct target *t)
{
	struct accessor *acc;
	const char *name;

	if (!at_kind(p, TOK_IDENT) && !at_kind(p, TOK_KEYWORD))
		return fail_here(p, "expected identifier of a member behind '->'");
	acc = vec_add(p->a, &t->acc);
	acc->kind = AC_MEMBER;
	name = take(p).text;
	acc->place = p->last.place;
	if (!set_pretty(p, t, cut_pretty(p, &name)))
		return false;
	acc->name = name;
	return true;
}

static bool parse_element(struct parser *p, struct target *t)
{
	struct place from = p->last.place;
	struct accessor *acc;
	struct expr *index = parse_expr(p);

	if (!index || !expect(p, TOK_RBRACKET, "']'"))
		return false;
	acc = vec_add(p->a, &t->acc);
	acc->kind = AC_INDEX;
	acc->index = index;
	acc->place = place_between(&from, &p->last.place);
	return true;
}

struct expr *parse_accessors(struct parser *p, struct expr *e)
{
	struct target *t = e->target;
	bool ok = true;

	while (ok && !t->pretty) {
		if (accept(p, TOK_ARROW))
			ok = parse_member(p, t);
		else if (accept(p, TOK_LBRACKET))
			ok = parse_element(p, t);
		else if (at_kind(p, TOK_DOLLAR) || at_kind(p, TOK_DOLLAR2))
			ok = set_pretty(p, t, take(p).kind == TOK_DOLLAR ? 1 : 2);
		else
			break;
	}
	if (ok && at_kind(p, TOK_ARROW))
		ok = fail_here(p, "expected '$' or '$$' at the end of a target variable only");
	return ok ? expr_done(p, e) : NULL;
}

static struct expr *parse_target(struct parser *p)
{
	struct token t = take(p);
	struct expr *e = expr_new(p, EX_TARGET, &t.place);
	const char *name = t.text;
	unsigned pretty = cut_pretty(p, &name);

	e->target = arena_new(p->a, struct target);
	e->target->kind = TG_VAR;
	e->target->name = name;
	return set_pretty(p, e->target, pretty) ? parse_accessors(p, e) : NULL;
}

/* E->member: the type that E points to is not written here. */
static struct expr *parse_auto(struct parser *p, struct expr *e)
{
	struct expr *r;

	if (!e || (e->kind == EX_TARGET && !e->paren) || !at_kind(p, TOK_ARROW))
		return e;
	r = expr_new(p, EX_TARGET, &e->place);
	r->target = arena_new(p->a, struct target);
	r->target->kind = TG_AUTO;
	r->target->operand = e;
	return parse_accessors(p, r);
}

/* ---- values ---- */

static struct expr *parse_number(struct parser *p)
{
	struct token t = take(p);
	struct expr *e = expr_new(p, EX_NUMBER, &t.place);

	e->number = t.number;
	return expr_done(p, e);
}

static struct expr *parse_string(struct parser *p)
{
	struct token t = take_strings(p);
	struct expr *e = expr_new(p, EX_STRING, &t.place);

	e->text = t.text;
	e->text_len = t.len;
	return expr_done(p, e);
}

static struct expr *parse_embedded(struct parser *p)
{
	struct token t = take(p);
	struct expr *e = expr_new(p, EX_EMBEDDED, &t.place);

	if (!may_embed(p, &t, "embedded code in unprivileged script; need stap -g"))
		return NULL;
	e->text = t.text;
	e->text_len = t.len;
	return expr_done(p, e);
}

static bool is_string(const struct expr *e)
{
	return e && e->kind == EX_STRING;
}

static bool check_format(struct parser *p, const struct expr *fmt)
{
	struct directive d;
	struct place at;

	for (size_t i = 0; i < fmt->text_len; ) {
		if (fmt->text[i++] != '%' || directive_parse(fmt->text, &i, fmt->text_len, &d))
			continue;
		at = directive_place(fmt, &d);
		p->errors++;
		return diag_error(p->d, DIAG_PARSE, "format", &at, "invalid or missing conversion specifier\n"
				  "\tsaw: directive '%.*s' at %s", (int)d.len, fmt->text + d.at, place_str(p->a, &at));
	}
	return true;
}

/* What the print family asks of its arguments, as far as it is grammar. */
static bool check_print(struct parser *p, struct expr *e, const struct token *name)
{
	size_t n = strlen(e->name);
	bool formatted = e->name[n - 1] == 'f';
	bool delimited = e->name[n - 1] == 'd' || strstr(e->name, "dln");

	if ((formatted || delimited) && (!e->args.n || !is_string(e->args.v[0])))
		return fail_at(p, name, arena_printf(p->a, "expected literal string as the %s of "
						     "'%s'", formatted ? "format" : "delimiter",
						     e->name));
	if (delimited && e->args.n < 3)
		return fail_at(p, name, arena_printf(p->a, "expected a delimiter and two or more "
						     "values in '%s'", e->name));
	if (!e->args.n && !strstr(e->name, "ln"))
		return fail_at(p, name, arena_printf(p->a, "expected a value to print in '%s'", e->name));
	return !formatted || check_format(p, e->args.v[0]);
}

static struct expr *parse_call(struct parser *p, const struct token *name)
{
	struct expr *e = expr_new(p, is_print(name->text) ? EX_PRINT : EX_CALL, &name->place);

	e->name = name->text;
	take(p);
	p->histogram = e->kind == EX_PRINT;
	if (!parse_args(p, e, TOK_RPAREN, "',' or ')'", false))
		return NULL;
	p->histogram = false;
	if (e->kind == EX_PRINT && !check_print(p, e, name))
		return NULL;
	return expr_done(p, e);
}

static struct expr *parse_name(struct parser *p)
{
	struct token name = take(p);
	struct expr *e;

	if (at_kind(p, TOK_LPAREN))
		return parse_call(p, &name);
	if (is_print(name.text)) {	/* these words are no names of variables */
		fail_here(p, arena_printf(p->a, "expected '(' behind '%s'", name.text));
		return NULL;
	}
	e = expr_new(p, at_kind(p, TOK_LBRACKET) ? EX_INDEX : EX_IDENT, &name.place);
	e->name = name.text;
	if (e->kind == EX_INDEX) {
		take(p);
		if (at_kind(p, TOK_RBRACKET)) {
			fail_here(p, "expected an index expression");
			return NULL;
		}
		if (!parse_args(p, e, TOK_RBRACKET, "',' or ']'", true))
			return NULL;
	}
	return expr_done(p, e);
}

static struct expr *parse_paren(struct parser *p)
{
	struct token open = take(p);
	struct expr *e = parse_expr(p);

	if (!e || !expect(p, TOK_RPAREN, "')'"))
		return NULL;
	e->paren = true;
	e->place = place_between(&open.place, &p->last.place);
	return e;
}

/* `[a, *] in arr`, `[n] in @hist_log(s)` */
static struct expr *parse_tuple(struct parser *p)
{
	struct token open = take(p);
	struct expr *e = expr_new(p, EX_IN, &open.place);

	if (at_kind(p, TOK_RBRACKET)) {
		fail_here(p, "expected an index expression");
		return NULL;
	}
	if (!parse_args(p, e, TOK_RBRACKET, "',' or ']'", true) || !expect_word(p, "in"))
		return NULL;
	return parse_in(p, e);
}

static struct expr *parse_bare(struct parser *p)
{
	bool histogram = p->histogram;

	p->histogram = false;
	switch (peek(p)->kind) {
	case TOK_NUMBER: return parse_number(p);
	case TOK_STRING: return parse_string(p);
	case TOK_IDENT: return parse_name(p);
	case TOK_TARGET: return parse_target(p);
	case TOK_AT: return parse_at(p, histogram);
	case TOK_EMBEDDED: return parse_embedded(p);
	case TOK_LPAREN: return parse_paren(p);
	case TOK_LBRACKET: return parse_tuple(p);
	case TOK_DOLLAR:
	case TOK_DOLLAR2:
		fail_here(p, "expected the name of a target variable behind '$'");
		return NULL;
	default:
		fail_here(p, "expected value");
		habit_value(p);
		return NULL;
	}
}

struct expr *parse_value(struct parser *p)
{
	return parse_auto(p, parse_bare(p));
}
