// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IR values as C expressions.
 *
 * Arithmetic is done on uint64_t and converted back, shift counts are masked, divisors are safe
 * constants: nothing here is undefined in C.  Every operand is printed so that it needs no
 * parentheses around it; comparisons are widened where a compiler would otherwise take a boolean
 * for a mistake.
 */
#include <inttypes.h>
#include <string.h>

#include "cgen/emit.h"

static void number(struct buf *b, int64_t v)
{
	if (v == INT64_MIN)
		buf_puts(b, "(-0x7fffffffffffffffLL - 1)");
	else if (v < 0)
		buf_printf(b, "(%" PRId64 "LL)", v);
	else
		buf_printf(b, "%" PRId64 "LL", v);
}

/* The parameter's own pointer unless the body writes to it. */
static bool in_frame(const struct ir_var *v)
{
	return v->kind != IV_RET && (v->kind != IV_PARAM || v->assigned);
}

static void variable(struct buf *b, const struct ir_var *v)
{
	buf_printf(b, "%s%s", v->type == T_STRING && in_frame(v) ? "f->" : "", v->cname);
}

static void saved(struct buf *b, const struct ir *e)
{
	if (e->type == T_STRING)
		buf_printf(b, "((char *)&c->saved[%" PRId64 "])", e->imm);
	else
		buf_printf(b, "c->saved[%" PRId64 "]", e->imm);
}

static void address(struct cgen *g, struct buf *b, const struct ir *e)
{
	const char *const texts[] = { e->text, e->section };

	if (e->text && e->text[0] == '/') {	/* of the program that was hit */
		buf_printf(b, "(int64_t)(c->bias + 0x%" PRIx64 "ULL)", (uint64_t)e->imm);
		return;
	}
	buf_puts(b, "(int64_t)stp_reloc(");
	for (int i = 0; i < 2; i++) {
		if (texts[i])
			cgen_string(g, b, texts[i], strlen(texts[i]));
		else
			buf_puts(b, "NULL");
		buf_puts(b, ", ");
	}
	buf_printf(b, "0x%" PRIx64 "ULL)", (uint64_t)e->imm);
}

static void leaf(struct cgen *g, struct buf *b, const struct ir *e)
{
	switch (e->op) {
	case IR_NUM:
		number(b, e->imm);
		break;
	case IR_STR:
		cgen_string(g, b, e->text, e->len < g->maxstringlen ? e->len : g->maxstringlen - 1);
		break;
	case IR_VAR:
		variable(b, e->var);
		break;
	case IR_GLOBAL:
		if (g->adds && g->counter[e->global->index])
			buf_printf(b, "c->counters[%u]", g->counter[e->global->index] - 1);
		else
			buf_printf(b, "%s.%s", e->global->cname, e->type == T_STRING ? "text" : "number");
		break;
	case IR_SAVED:
		saved(b, e);
		break;
	case IR_ADDR:
		address(g, b, e);
		break;
	default:
		buf_printf(b, "stp_arg(c, %" PRId64 ")", e->imm);
	}
}

static bool is_boolean(const struct ir *e)
{
	return (e->op >= IR_EQ && e->op <= IR_LOR) || e->op == IR_NOT;
}

/* Operand of signed arithmetic or a comparison. */
static void wide(struct cgen *g, struct buf *b, const struct ir *e)
{
	if (is_boolean(e))
		buf_puts(b, "(int64_t)");
	cgen_expr(g, b, e);
}

static void unsigned_operand(struct cgen *g, struct buf *b, const struct ir *e)
{
	if (e->op == IR_NUM) {
		buf_printf(b, "%" PRIu64 "ULL", (uint64_t)e->imm);
		return;
	}
	buf_puts(b, "(uint64_t)");
	cgen_expr(g, b, e);
}

static void shift_count(struct cgen *g, struct buf *b, const struct ir *e)
{
	if (e->op == IR_NUM) {
		buf_printf(b, "%d", (int)(e->imm & 63));
		return;
	}
	buf_putc(b, '(');
	cgen_expr(g, b, e);
	buf_puts(b, " & 63)");
}

static void extend(struct cgen *g, struct buf *b, const struct ir *e)
{
	const char *sign = e->is_signed ? "" : "u";

	if (e->bits == 8 || e->bits == 16 || e->bits == 32) {
		buf_printf(b, "((int64_t)(%sint%u_t)", sign, e->bits);
		cgen_expr(g, b, e->arg[0]);
		buf_putc(b, ')');
		return;
	}
	buf_printf(b, "((int64_t)(");
	unsigned_operand(g, b, e->arg[0]);
	if (e->is_signed)
		buf_printf(b, " << %u) >> %u)", 64 - e->bits, 64 - e->bits);
	else
		buf_printf(b, " & 0x%llxULL))", (1ULL << e->bits) - 1);
}

unsigned cgen_regex_id(struct cgen *g, const struct ir_regex *r)
{
	size_t id = 0;

	while (id < g->regexes.n && g->regexes.v[id] != r)
		id++;
	if (id == g->regexes.n)
		*vec_add(g->a, &g->regexes) = r;
	return (unsigned)id;
}

static void match(struct cgen *g, struct buf *b, const struct ir *e)
{
	buf_printf(b, "(int64_t)stp_regex_match(&regex_%u, ", cgen_regex_id(g, e->regex));
	cgen_expr(g, b, e->arg[0]);
	buf_putc(b, ')');
}

static void unary(struct cgen *g, struct buf *b, const struct ir *e)
{
	switch (e->op) {
	case IR_NOT:
		buf_puts(b, "(");
		wide(g, b, e->arg[0]);
		buf_puts(b, " == 0)");
		return;
	case IR_PERCPU:
		buf_puts(b, "(int64_t)stp_percpu(");
		unsigned_operand(g, b, e->arg[0]);
		buf_puts(b, ")");
		return;
	case IR_EXTEND:
		extend(g, b, e);
		return;
	case IR_MATCH:
		match(g, b, e);
		return;
	default:
		buf_printf(b, "((int64_t)%s", ir_ops[e->op].name);
		unsigned_operand(g, b, e->arg[0]);
		buf_putc(b, ')');
	}
}

static void arithmetic(struct cgen *g, struct buf *b, const struct ir *e)
{
	buf_puts(b, "((int64_t)(");
	unsigned_operand(g, b, e->arg[0]);
	buf_printf(b, " %s ", e->op == IR_SHR ? ">>" : ir_ops[e->op].name);
	if (e->op == IR_SHL || e->op == IR_SHR)
		shift_count(g, b, e->arg[1]);
	else
		unsigned_operand(g, b, e->arg[1]);
	buf_puts(b, "))");
}

static void binary(struct cgen *g, struct buf *b, const struct ir *e)
{
	buf_putc(b, '(');
	wide(g, b, e->arg[0]);
	buf_printf(b, " %s ", ir_ops[e->op].name);
	if (e->op == IR_SAR)
		shift_count(g, b, e->arg[1]);
	else
		wide(g, b, e->arg[1]);
	buf_putc(b, ')');
}

static void string_compare(struct cgen *g, struct buf *b, const struct ir *e)
{
	buf_puts(b, "(stp_strcmp(");
	cgen_expr(g, b, e->arg[0]);
	buf_puts(b, ", ");
	cgen_expr(g, b, e->arg[1]);
	buf_printf(b, ") %s 0)", ir_ops[e->op].name + 1);
}

static void logical(struct cgen *g, struct buf *b, const struct ir *e)
{
	buf_puts(b, "((");
	cgen_truth(g, b, e->arg[0]);
	buf_printf(b, ") %s (", ir_ops[e->op].name);
	cgen_truth(g, b, e->arg[1]);
	buf_puts(b, "))");
}

static void select(struct cgen *g, struct buf *b, const struct ir *e)
{
	buf_puts(b, "((");
	cgen_truth(g, b, e->arg[0]);
	buf_puts(b, ") ? ");
	wide(g, b, e->arg[1]);
	buf_puts(b, " : ");
	wide(g, b, e->arg[2]);
	buf_putc(b, ')');
}

void cgen_expr(struct cgen *g, struct buf *b, const struct ir *e)
{
	switch (e->op) {
	case IR_ADD: case IR_SUB: case IR_MUL: case IR_AND: case IR_OR: case IR_XOR: case IR_SHL: case IR_SHR:
		arithmetic(g, b, e);
		break;
	case IR_QUO: case IR_REM: case IR_SAR:
	case IR_EQ: case IR_NE: case IR_LT: case IR_LE: case IR_GT: case IR_GE:
		binary(g, b, e);
		break;
	case IR_SEQ: case IR_SNE: case IR_SLT: case IR_SLE: case IR_SGT: case IR_SGE:
		string_compare(g, b, e);
		break;
	case IR_LAND: case IR_LOR:
		logical(g, b, e);
		break;
	case IR_SELECT:
		select(g, b, e);
		break;
	case IR_NEG: case IR_NOT: case IR_COM: case IR_EXTEND: case IR_PERCPU:
	case IR_MATCH:
		unary(g, b, e);
		break;
	default:
		leaf(g, b, e);
	}
}

void cgen_truth(struct cgen *g, struct buf *b, const struct ir *e)
{
	cgen_expr(g, b, e);
	if (!is_boolean(e))
		buf_puts(b, " != 0");
}

void cgen_dst(struct cgen *g, struct buf *b, const struct ir *dst)
{
	leaf(g, b, dst);
}

const char *cgen_text(struct cgen *g, const struct ir *e)
{
	struct buf b = { 0 };
	const char *ret;

	cgen_expr(g, &b, e);
	ret = arena_strdup(g->a, buf_text(&b));
	buf_deinit(&b);
	return ret;
}

const char *cgen_dst_text(struct cgen *g, const struct ir *dst)
{
	return cgen_text(g, dst);
}
