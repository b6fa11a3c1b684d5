/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions back to script text.  Parentheses that were written stay; those that a tree needs
 * because a later pass made it are added.
 */
#include "syntax/syntax.h"

#include <string.h>

/* The levels of parse_expr.c, with what is below and above them. */
enum level {
	L_ASSIGN = -2, L_COND = -1, L_BINARY = 0, L_IN = 6, L_COMPARISON = 8, L_PREFIX = 13,
	L_POSTFIX = 14, L_VALUE = 15,
};

static int binary_level(int op)
{
	switch (op) {
	case TOK_OROR: return 1;
	case TOK_ANDAND: return 2;
	case TOK_OR: return 3;
	case TOK_XOR: return 4;
	case TOK_AND: return 5;
	case TOK_EQ: case TOK_NE: case TOK_LT: case TOK_LE: case TOK_GT: case TOK_GE: return L_COMPARISON;
	case TOK_SHL: case TOK_SHR: case TOK_LSHR: return 9;
	case TOK_DOT: return 10;
	case TOK_PLUS: case TOK_MINUS: return 11;
	default: return 12;
	}
}

static int level_of(const struct expr *e)
{
	switch (e->kind) {
	case EX_ASSIGN: return L_ASSIGN;
	case EX_COND: return L_COND;
	case EX_BINARY:
	case EX_LOGICAL: return binary_level(e->op);
	case EX_IN: return e->args.n == 1 && e->args.v[0] ? L_IN : L_VALUE;
	case EX_REGEX: return L_COMPARISON;
	case EX_UNARY: return L_PREFIX;
	case EX_INCDEC: return e->prefix ? L_PREFIX : L_POSTFIX;
	case EX_TARGET: return e->target->addressof ? L_PREFIX : L_VALUE;
	default: return L_VALUE;
	}
}

static void print_at(struct buf *b, const struct expr *e, int min);

static void print_bare(struct buf *b, const struct expr *e);

static void print_quoted(struct buf *b, const char *s, size_t n)
{
	buf_putc(b, '"');
	buf_escape(b, s, n);
	buf_putc(b, '"');
}

static void print_args(struct buf *b, const struct expr *e, const char *between)
{
	vec_each(&e->args, i) {
		buf_puts(b, i ? between : "");
		if (e->args.v[i])
			print_at(b, e->args.v[i], L_ASSIGN);
		else
			buf_putc(b, '*');
	}
}

/* @name(text[, text]) */
static void print_at_texts(struct buf *b, const char *name, const char *first, const char *second)
{
	buf_printf(b, "@%s(", name);
	print_quoted(b, first, strlen(first));
	if (second) {
		buf_puts(b, ", ");
		print_quoted(b, second, strlen(second));
	}
	buf_putc(b, ')');
}

/* [, "module"]) */
static void print_module(struct buf *b, const struct target *t)
{
	if (t->module) {
		buf_puts(b, ", ");
		print_quoted(b, t->module, strlen(t->module));
	}
	buf_putc(b, ')');
}

static void print_cast(struct buf *b, const struct target *t)
{
	buf_puts(b, "@cast(");
	print_at(b, t->operand, L_ASSIGN);
	buf_puts(b, ", ");
	print_quoted(b, t->type, strlen(t->type));
	print_module(b, t);
}

static void print_enumname(struct buf *b, const struct target *t)
{
	buf_puts(b, "@enumname(");
	print_quoted(b, t->type, strlen(t->type));
	buf_puts(b, ", ");
	print_at(b, t->operand, L_ASSIGN);
	print_module(b, t);
}

static void print_target(struct buf *b, const struct target *t)
{
	buf_puts(b, t->addressof ? "&" : "");
	switch (t->kind) {
	case TG_VAR: buf_puts(b, t->name); break;
	case TG_CAST: print_cast(b, t); break;
	case TG_ATVAR: print_at_texts(b, "var", t->name, t->module); break;
	case TG_ENUM: print_at_texts(b, "enum", t->name, t->module); break;
	case TG_ENUMNAME: print_enumname(b, t); break;
	case TG_AUTO: print_at(b, t->operand, L_VALUE); break;
	}
	vec_each(&t->acc, i) {
		if (t->acc.v[i].kind == AC_MEMBER) {
			buf_printf(b, "->%s", t->acc.v[i].name);
		} else {
			buf_putc(b, '[');
			print_at(b, t->acc.v[i].index, L_ASSIGN);
			buf_putc(b, ']');
		}
	}
	buf_puts(b, t->pretty == 0 ? "" : t->pretty == 1 ? "$" : "$$");
}

/* A sign in front of another may read as ++, --, && or !~. */
static void print_prefix(struct buf *b, const struct expr *e)
{
	struct buf operand = { 0 };
	const char *op = tok_text(e->op), *text;

	print_at(&operand, e->a, L_PREFIX);
	text = buf_text(&operand);
	buf_printf(b, "%s%s%s", op, text[0] == op[0] || text[0] == '~' ? " " : "", text);
	buf_deinit(&operand);
}

static void print_binary(struct buf *b, const struct expr *e)
{
	int level = level_of(e);

	print_at(b, e->a, level);
	buf_printf(b, " %s ", tok_text(e->op));
	print_at(b, e->b, level + 1);
}

static void print_in(struct buf *b, const struct expr *e)
{
	if (level_of(e) == L_IN) {
		print_at(b, e->args.v[0], L_IN + 1);
	} else {
		buf_putc(b, '[');
		print_args(b, e, ", ");
		buf_putc(b, ']');
	}
	buf_printf(b, " in %s", e->name);
}

static void print_unary_at(struct buf *b, const char *name, const struct expr *e)
{
	buf_printf(b, "@%s(", name);
	print_at(b, e->a, L_ASSIGN);
	if (e->b) {
		buf_puts(b, ", ");
		print_at(b, e->b, L_ASSIGN);
	}
	buf_puts(b, e->args.n ? ", " : "");
	print_args(b, e, ", ");
	buf_putc(b, ')');
}

static void print_operators(struct buf *b, const struct expr *e)
{
	switch (e->kind) {
	case EX_UNARY:
		print_prefix(b, e);
		break;
	case EX_INCDEC:
		if (e->prefix) {
			print_prefix(b, e);
			break;
		}
		print_at(b, e->a, L_VALUE);
		buf_puts(b, tok_text(e->op));
		break;
	case EX_ASSIGN:
		print_at(b, e->a, L_VALUE);
		buf_printf(b, " %s ", tok_text(e->op));
		print_at(b, e->b, L_ASSIGN);
		break;
	case EX_COND:
		print_at(b, e->a, L_BINARY);
		buf_puts(b, " ? ");
		print_at(b, e->b, L_ASSIGN);
		buf_puts(b, " : ");
		print_at(b, e->c, L_COND);
		break;
	default:
		print_binary(b, e);
	}
}

static void print_histidx(struct buf *b, const struct expr *e)
{
	print_bare(b, e->a);
	buf_putc(b, '[');
	print_at(b, e->b, L_ASSIGN);
	buf_putc(b, ']');
}

static void print_bare(struct buf *b, const struct expr *e)
{
	switch (e->kind) {
	case EX_NUMBER: buf_printf(b, "%llu", (unsigned long long)e->number); break;
	case EX_STRING: print_quoted(b, e->text, e->text_len); break;
	case EX_IDENT: buf_puts(b, e->name); break;
	case EX_INDEX:
		buf_printf(b, "%s[", e->name);
		print_args(b, e, ", ");
		buf_putc(b, ']');
		break;
	case EX_CONTEXTOP:
		buf_putc(b, '@');
		/* fall through */
	case EX_CALL:
	case EX_PRINT:
		buf_printf(b, "%s(", e->name);
		print_args(b, e, ", ");
		buf_putc(b, ')');
		break;
	case EX_IN: print_in(b, e); break;
	case EX_REGEX:
		print_at(b, e->a, L_COMPARISON + 1);
		buf_printf(b, " %s ", tok_text(e->op));
		print_bare(b, e->b);
		break;
	case EX_STAT: print_unary_at(b, e->name, e); break;
	case EX_HISTIDX: print_histidx(b, e); break;
	case EX_TARGET: print_target(b, e->target); break;
	case EX_DEFINED: print_unary_at(b, "defined", e); break;
	case EX_CHOOSE: print_unary_at(b, "choose_defined", e); break;
	case EX_ENTRY: print_unary_at(b, "entry", e); break;
	case EX_PROBEWRITE: print_unary_at(b, "probewrite", e); break;
	case EX_PERF: print_at_texts(b, "perf", e->text, NULL); break;
	case EX_CONST: print_at_texts(b, "const", e->text, NULL); break;
	case EX_EMBEDDED: buf_printf(b, "%%{%s%%}", e->text); break;
	default: print_operators(b, e);
	}
}

/* E where something that binds at least as tightly as MIN is needed. */
static void print_at(struct buf *b, const struct expr *e, int min)
{
	bool paren = e->paren || level_of(e) < min;

	if (paren)
		buf_putc(b, '(');
	print_bare(b, e);
	if (paren)
		buf_putc(b, ')');
}

void ast_print_expr(struct buf *b, const struct expr *e)
{
	print_at(b, e, L_ASSIGN);
}
