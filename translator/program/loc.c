// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builders of location expressions.  They fold what is constant and merge chains of offsets, so
 * that `$file->f_path.dentry->d_name.name` becomes three loads at constant offsets and nothing else.
 *
 * Arithmetic is that of 64-bit two's complement and wraps.  Shifts by 64 and more give 0 (LX_SAR:
 * the sign), division is signed as in DWARF, and an expression that would divide by a constant zero
 * is left as it is for the runtime to report.  Nodes are never changed after they were made, so
 * trees may share them.
 */
#include <inttypes.h>

#include "program/loc.h"

static struct lx *lx_new(struct arena *a, enum lx_kind kind)
{
	struct lx *x = arena_new(a, struct lx);

	x->kind = kind;
	return x;
}

struct lx *lx_const(struct arena *a, int64_t v)
{
	struct lx *x = lx_new(a, LX_CONST);

	x->value = v;
	return x;
}

struct lx *lx_reg(struct arena *a, unsigned dwarf_reg)
{
	struct lx *x = lx_new(a, LX_REG);

	x->value = dwarf_reg;
	return x;
}

struct lx *lx_arg(struct arena *a, unsigned n)
{
	struct lx *x = lx_new(a, LX_ARG);

	x->value = n;
	return x;
}

struct lx *lx_addr_in(struct arena *a, const char *module, const char *section, uint64_t addr)
{
	struct lx *x = lx_new(a, LX_ADDR);

	x->module = module;
	x->section = section;
	x->value = addr;
	return x;
}

struct lx *lx_addr(struct arena *a, const char *module, uint64_t addr)
{
	return lx_addr_in(a, module, NULL, addr);
}

static int64_t shift(enum lx_kind op, int64_t a, uint64_t n)
{
	if (n >= 64)
		return op == LX_SAR && a < 0 ? -1 : 0;
	switch (op) {
	case LX_SHL:	return (uint64_t)a << n;
	case LX_SHR:	return (uint64_t)a >> n;
	default:	return a >> n;
	}
}

/* A OP B; false when it has no constant value. */
static bool fold(enum lx_kind op, int64_t a, int64_t b, int64_t *ret)
{
	switch (op) {
	case LX_ADD:	*ret = (uint64_t)a + (uint64_t)b; return true;
	case LX_SUB:	*ret = (uint64_t)a - (uint64_t)b; return true;
	case LX_MUL:	*ret = (uint64_t)a * (uint64_t)b; return true;
	case LX_AND:	*ret = a & b; return true;
	case LX_OR:	*ret = a | b; return true;
	case LX_XOR:	*ret = a ^ b; return true;
	case LX_SHL: case LX_SHR: case LX_SAR:
		*ret = shift(op, a, b);
		return true;
	case LX_EQ:	*ret = a == b; return true;
	case LX_NE:	*ret = a != b; return true;
	case LX_LT:	*ret = a < b; return true;
	case LX_LE:	*ret = a <= b; return true;
	case LX_GT:	*ret = a > b; return true;
	case LX_GE:	*ret = a >= b; return true;
	case LX_DIV:
		if (b == 0 || (a == INT64_MIN && b == -1))
			return false;
		*ret = a / b;
		return true;
	case LX_MOD:
		if (b <= 0 || a < 0)	/* signedness left to the machine that runs it */
			return false;
		*ret = a % b;
		return true;
	default:
		return false;
	}
}

/* X OP Y is X. */
static bool is_neutral(enum lx_kind op, const struct lx *y)
{
	if (y->kind != LX_CONST)
		return false;
	switch (op) {
	case LX_ADD: case LX_SUB: case LX_OR: case LX_XOR: case LX_SHL: case LX_SHR: case LX_SAR:
		return y->value == 0;
	case LX_MUL: case LX_DIV:
		return y->value == 1;
	case LX_AND:
		return y->value == -1;
	default:
		return false;
	}
}

struct lx *lx_bin(struct arena *a, enum lx_kind op, struct lx *x, struct lx *y)
{
	struct lx *r;
	int64_t v;

	if (x->kind == LX_CONST && y->kind == LX_CONST && fold(op, x->value, y->value, &v))
		return lx_const(a, v);
	if (is_neutral(op, y))
		return x;
	if (op == LX_ADD && x->kind == LX_CONST) {	/* constants to the right */
		struct lx *t = x;

		x = y;
		y = t;
		if (is_neutral(op, y))
			return x;
	}
	if (op == LX_SUB && y->kind == LX_CONST)
		return lx_offset(a, x, -(uint64_t)y->value);
	if (op == LX_ADD && y->kind == LX_CONST && (x->kind == LX_ADD || x->kind == LX_ADDR))
		return lx_offset(a, x, y->value);
	r = lx_new(a, op);
	r->a = x;
	r->b = y;
	return r;
}

struct lx *lx_un(struct arena *a, enum lx_kind op, struct lx *x)
{
	struct lx *r;

	if (x->kind == LX_CONST && op == LX_NEG)
		return lx_const(a, -(uint64_t)x->value);
	if (x->kind == LX_CONST && op == LX_NOT)
		return lx_const(a, ~x->value);
	r = lx_new(a, op);
	r->a = x;
	return r;
}

struct lx *lx_load(struct arena *a, struct lx *addr, unsigned size, bool is_signed, bool user)
{
	struct lx *x = lx_new(a, LX_LOAD);

	x->a = addr;
	x->size = size;
	x->is_signed = is_signed;
	x->user = user;
	return x;
}

struct lx *lx_extend(struct arena *a, struct lx *x, unsigned bits, bool is_signed)
{
	struct lx *r;

	if (bits == 0 || bits >= 64)
		return x;
	if (x->kind == LX_CONST) {
		int64_t up = (uint64_t)x->value << (64 - bits);

		return lx_const(a, is_signed ? up >> (64 - bits)
					     : (int64_t)((uint64_t)up >> (64 - bits)));
	}
	r = lx_new(a, LX_EXTEND);
	r->a = x;
	r->bits = bits;
	r->size = (bits + 7) / 8;
	r->is_signed = is_signed;
	return r;
}

struct lx *lx_offset(struct arena *a, struct lx *x, int64_t bytes)
{
	struct lx *r;

	if (bytes == 0)
		return x;
	if (x->kind == LX_CONST)
		return lx_const(a, (uint64_t)x->value + (uint64_t)bytes);
	if (x->kind == LX_ADDR)
		return lx_addr_in(a, x->module, x->section, (uint64_t)x->value + (uint64_t)bytes);
	if (x->kind == LX_ADD && x->b->kind == LX_CONST)
		return lx_offset(a, x->a, (uint64_t)x->b->value + (uint64_t)bytes);
	r = lx_new(a, LX_ADD);
	r->a = x;
	r->b = lx_const(a, bytes);
	return r;
}

static const char *binary_text(enum lx_kind k)
{
	switch (k) {
	case LX_ADD:	return "+";
	case LX_SUB:	return "-";
	case LX_MUL:	return "*";
	case LX_DIV:	return "/";
	case LX_MOD:	return "%";
	case LX_AND:	return "&";
	case LX_OR:	return "|";
	case LX_XOR:	return "^";
	case LX_SHL:	return "<<";
	case LX_SHR:	return ">>";
	case LX_SAR:	return ">>>";
	case LX_EQ:	return "==";
	case LX_NE:	return "!=";
	case LX_LT:	return "<";
	case LX_LE:	return "<=";
	case LX_GT:	return ">";
	case LX_GE:	return ">=";
	default:	return "?";
	}
}

/* The operand in parentheses. */
static void print_call(struct buf *b, const struct lx *x)
{
	buf_putc(b, '(');
	lx_print(b, x);
	buf_putc(b, ')');
}

void lx_print(struct buf *b, const struct lx *x)
{
	if (!x) {
		buf_puts(b, "nothing");
		return;
	}
	switch (x->kind) {
	case LX_CONST:
		buf_printf(b, "%" PRId64, x->value);
		break;
	case LX_REG:
		buf_printf(b, "reg%" PRId64, x->value);
		break;
	case LX_ARG:
		buf_printf(b, "arg%" PRId64, x->value);
		break;
	case LX_SCRIPT:
		buf_printf(b, "script%" PRId64, x->value);
		break;
	case LX_SAVED:
		buf_printf(b, "saved%" PRId64, x->value);
		break;
	case LX_ADDR:
		buf_printf(b, "%s%s:%#" PRIx64, x->module ? x->module : "kernel",
			   x->section ? x->section : "", (uint64_t)x->value);
		break;
	case LX_PERCPU:
		buf_puts(b, "percpu");
		print_call(b, x->a);
		break;
	case LX_LOAD:
		buf_printf(b, "%s%c%u", x->user ? "user." : "", x->is_signed ? 's' : 'u',
			   x->size * 8);
		print_call(b, x->a);
		break;
	case LX_EXTEND:
		buf_printf(b, "%s%u", x->is_signed ? "sext" : "zext",
			   x->bits ? x->bits : x->size * 8);
		print_call(b, x->a);
		break;
	case LX_NEG:
	case LX_NOT:
		buf_putc(b, x->kind == LX_NEG ? '-' : '~');
		print_call(b, x->a);
		break;
	default:
		buf_putc(b, '(');
		lx_print(b, x->a);
		buf_printf(b, " %s ", binary_text(x->kind));
		lx_print(b, x->b);
		buf_putc(b, ')');
	}
}
