/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The condition of `%( CONDITION %? ... %)`: comparisons joined by && and ||, no parentheses, as
 * stap(1) PREPROCESSING has it.
 *
 *	kernel_v kernel_vr systemtap_v	six operators, strverscmp(); == != with a wildcard: match
 *	arch runtime CONFIG_*		== != against a wildcard; an option that is not set is ""
 *	CONFIG_*			six operators against a number, == != against another CONFIG_*
 *	systemtap_privilege		== != against a string
 *	guru_mode			== != against 0 or 1
 *	"string" number			six operators, both sides of one kind
 *
 * Every comparison is checked, whatever the ones before it gave.
 */
#include "syntax/pp.h"

#include <stdlib.h>
#include <string.h>

enum rule { RULE_VERSION, RULE_GLOB, RULE_CONFIG, RULE_STRING, RULE_NUMBER };

struct operand {
	enum rule rule;
	bool literal;
	const char *text;
	int64_t number;
};

static bool starts_with(const char *s, const char *head)
{
	return !strncmp(s, head, strlen(head));
}

/* The left side by its word; false when there is no such word. */
static bool word_value(const struct pp *pp, const char *word, struct operand *ret)
{
	const struct pp_env *e = pp->env;
	struct operand o = { .rule = RULE_VERSION };

	if (!strcmp(word, "kernel_v")) {
		o.text = e->kernel_v;
	} else if (!strcmp(word, "kernel_vr")) {
		o.text = e->kernel_vr;
	} else if (!strcmp(word, "systemtap_v")) {
		o.text = e->compatible ? e->compatible : e->systemtap_v;
	} else if (!strcmp(word, "guru_mode")) {
		o.rule = RULE_NUMBER;
		o.number = e->guru;
	} else if (!strcmp(word, "systemtap_privilege")) {
		o.rule = RULE_STRING;
		o.text = e->privilege;
	} else if (!strcmp(word, "arch")) {
		o.rule = RULE_GLOB;
		o.text = e->arch;
	} else if (!strcmp(word, "runtime")) {
		o.rule = RULE_GLOB;
		o.text = e->runtime;
	} else if (starts_with(word, "CONFIG_")) {
		o.rule = RULE_CONFIG;
		o.text = e->config ? e->config(e->config_arg, word) : NULL;
	} else {
		return false;
	}
	if (!o.text)
		o.text = "";
	*ret = o;
	return true;
}

static bool literal_value(const struct token *t, struct operand *ret)
{
	*ret = (struct operand){
		.rule = t->kind == TOK_STRING ? RULE_STRING : RULE_NUMBER,
		.literal = true, .text = t->text, .number = t->number,
	};
	return t->kind == TOK_STRING || t->kind == TOK_NUMBER;
}

/* A literal on either side: `-` in front of a number belongs to it. */
static bool read_literal(struct pp *pp, struct token *t, struct operand *ret)
{
	if (t->kind == TOK_MINUS) {
		*t = macro_next(pp);
		if (t->kind != TOK_NUMBER)
			return false;
		t->number = (int64_t)-(uint64_t)t->number;
	}
	return literal_value(t, ret);
}

static bool compare(int op, int64_t order)
{
	switch (op) {
	case TOK_EQ: return order == 0;
	case TOK_NE: return order != 0;
	case TOK_LT: return order < 0;
	case TOK_LE: return order <= 0;
	case TOK_GT: return order > 0;
	default: return order >= 0;
	}
}

static bool apply(const struct operand *l, int op, const struct operand *r)
{
	bool equality = op == TOK_EQ || op == TOK_NE;

	switch (l->rule) {
	case RULE_NUMBER:
		return compare(op, (l->number > r->number) - (l->number < r->number));
	case RULE_VERSION:
		if (!equality || !str_is_glob(r->text))
			return compare(op, strverscmp(l->text, r->text));
		/* fall through */
	case RULE_GLOB:
		return str_glob(r->text, l->text) == (op == TOK_EQ);
	default:
		return compare(op, strcmp(l->text, r->text));
	}
}

/* The operator between the sides; sides that are no order take == and != alone. */
static bool read_operator(struct pp *pp, const struct operand *l, struct token *ret)
{
	struct token t = macro_next(pp);
	bool ordered = l->literal || l->rule == RULE_VERSION || l->rule == RULE_CONFIG;

	*ret = t;
	switch (t.kind) {
	case TOK_LT: case TOK_LE: case TOK_GT: case TOK_GE:
		if (!ordered)
			break;
		/* fall through */
	case TOK_EQ: case TOK_NE:
		return true;
	}
	pp_error(pp, &t, ordered ? "expected comparison operator" : "expected '==' or '!='");
	return false;
}

/* The right side T of CONFIG_X, which was AT and is L: what it is decides how the two are compared. */
static bool read_config(struct pp *pp, const struct token *at, const struct token *op, struct token *t,
			struct operand *l, struct operand *r)
{
	char *end;

	if (t->kind == TOK_IDENT && starts_with(t->text, "CONFIG_")) {
		word_value(pp, t->text, r);
		l->rule = r->rule = RULE_STRING;
	} else if (!read_literal(pp, t, r)) {
		pp_error(pp, t, "expected a string, a number or another CONFIG_...");
		return false;
	} else if (r->rule == RULE_STRING) {
		l->rule = RULE_GLOB;
	} else {
		l->rule = RULE_NUMBER;
		l->number = strtoll(l->text, &end, 0);
		if (!*end)
			return true;
		pp_error(pp, at, "the value of this option is no number");
		return false;
	}
	if (op->kind == TOK_EQ || op->kind == TOK_NE)
		return true;
	pp_error(pp, op, "expected '==' or '!='");
	return false;
}

static bool read_right(struct pp *pp, struct token *t, const struct operand *l, struct operand *r)
{
	if (!read_literal(pp, t, r) || (r->rule == RULE_NUMBER) != (l->rule == RULE_NUMBER)) {
		pp_error(pp, t, l->rule == RULE_NUMBER ? "expected number literal" : "expected string literal");
		return false;
	}
	if (l->rule == RULE_NUMBER && !l->literal && r->number != 0 && r->number != 1) {
		pp_error(pp, t, "expected 0 or 1");
		return false;
	}
	return true;
}

static bool comparison(struct pp *pp, struct token t, bool *ret)
{
	struct token left = t, op;
	struct operand l, r;
	bool order;

	if (t.kind == TOK_IDENT ? !word_value(pp, t.text, &l) : !read_literal(pp, &t, &l)) {
		pp_error(pp, &t, t.kind == TOK_LPAREN
			 ? "parentheses are not supported in a preprocessor condition"
			 : "expected 'kernel_v', 'kernel_vr', 'arch', 'runtime', 'systemtap_v', "
			   "'systemtap_privilege', 'guru_mode', 'CONFIG_...', or a literal");
		return false;
	}
	if (!read_operator(pp, &l, &op))
		return false;
	t = macro_next(pp);
	if (l.rule == RULE_CONFIG ? !read_config(pp, &left, &op, &t, &l, &r) : !read_right(pp, &t, &l, &r))
		return false;
	order = op.kind != TOK_EQ && op.kind != TOK_NE;
	if (l.rule == RULE_VERSION && order && str_is_glob(r.text)) {
		pp_error(pp, &t, "wildcard not allowed with order comparison operators");
		return false;
	}
	*ret = apply(&l, op.kind, &r);
	return true;
}

bool condition_eval(struct pp *pp, bool *ret)
{
	bool any = false, all = true, one;
	struct token t;

	for (;;) {
		if (!comparison(pp, macro_next(pp), &one))
			return false;
		all = all && one;
		t = macro_next(pp);
		if (t.kind == TOK_ANDAND)
			continue;
		any = any || all;
		all = true;
		if (t.kind == TOK_PPTHEN)
			break;
		if (t.kind != TOK_OROR) {
			pp_error(pp, &t, "expected '%?', '&&' or '||'");
			return false;
		}
	}
	*ret = any;
	return true;
}
