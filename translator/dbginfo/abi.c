// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where parameters and results are by the calling convention: System V ABI for x86-64, 3.2.3.  At a function's
 * entry that is all there is to know of code without optimisation, and of functions that BTF describes.
 */
#include "dbginfo/private.h"

enum abi_class { CLASS_INTEGER, CLASS_FLOAT, CLASS_MEMORY };

/* The class of the eightbytes of T at offset OFF of the object; mixed ones are told apart by mask. */
static enum abi_class classify(struct ctype *t, uint64_t off, unsigned *floats, int depth)
{
	t = ctype_strip(t);
	if (!t || depth > 16)
		return CLASS_MEMORY;
	if (t->kind == CT_FLOAT) {
		if (t->size > 8)
			return CLASS_MEMORY;
		*floats |= 1u << (off / 8);
		return CLASS_FLOAT;
	}
	if (t->kind == CT_ARRAY) {
		struct ctype *e = ctype_strip(t->target);

		for (uint64_t i = 0; e && i < t->count && i < 16; i++)
			if (classify(e, off + i * e->size, floats, depth + 1) == CLASS_MEMORY)
				return CLASS_MEMORY;
		return CLASS_INTEGER;
	}
	if (t->kind != CT_STRUCT && t->kind != CT_UNION)
		return t->size && off % t->size ? CLASS_MEMORY : CLASS_INTEGER;
	if (!ctype_complete(t))
		return CLASS_MEMORY;
	vec_each(&t->members, i) {
		const struct cmember *m = &t->members.v[i];

		if (!m->bit_size && classify(m->type, off + m->offset, floats, depth + 1) ==
		    CLASS_MEMORY)
			return CLASS_MEMORY;
	}
	return CLASS_INTEGER;
}

/* Eightbytes that hold nothing but floating point members go in xmm registers. */
bool abi_integer_only(struct ctype *t, bool *in_memory)
{
	unsigned floats = 0;

	*in_memory = t->size > 16 || classify(t, 0, &floats, 0) == CLASS_MEMORY;
	return !floats;
}

void abi_registers(struct arena *a, const unsigned reg[2], uint64_t size, struct location *ret)
{
	if (size <= 8) {
		*ret = (struct location){ .kind = LOC_VALUE, .expr = lx_reg(a, reg[0]) };
		return;
	}
	ret->kind = LOC_PIECES;
	for (unsigned i = 0; i < 2; i++) {
		struct loc_piece *p = vec_add(a, &ret->pieces);

		p->offset = 8 * i;
		p->size = i ? size - 8 : 8;
		p->loc = arena_new(a, struct location);
		*p->loc = (struct location){ .kind = LOC_VALUE, .expr = lx_reg(a, reg[i]) };
	}
}

void abi_begin(struct abi_cursor *c, struct ctype *result)
{
	struct ctype *t = ctype_strip(result);
	bool in_memory = false;

	/* The address of a result in memory is a first, hidden parameter. */
	*c = (struct abi_cursor){0};
	if (t)
		abi_integer_only(t, &in_memory);
	c->reg = in_memory;
}

/* SIZE bytes in the next registers, when they suffice. */
static bool take_registers(struct abi_cursor *c, struct arena *a, uint64_t size, struct location *ret)
{
	static const unsigned reg[] = { 5, 4, 1, 2, 8, 9 };	/* rdi rsi rdx rcx r8 r9 in DWARF's numbers */
	unsigned n = size > 8 ? 2 : 1;

	if (c->reg + n > 6)
		return false;
	abi_registers(a, reg + c->reg, size, ret);
	c->reg += n;
	return true;
}

static void take_stack(struct abi_cursor *c, struct arena *a, uint64_t size, uint64_t align,
		       struct location *ret)
{
	c->stack = (c->stack + align - 1) / align * align;
	/* The first lies above the return address. */
	*ret = (struct location){ .kind = LOC_MEMORY, .expr = lx_offset(a, lx_reg(a, 7), c->stack + 8) };
	c->stack += (size + 7) & ~7ull;
}

void abi_parameter(struct abi_cursor *c, struct arena *a, struct ctype *type, struct location *ret)
{
	struct ctype *t = ctype_strip(type);
	bool in_memory = false;

	if (!t || !t->size) {
		location_none(ret, "its type is incomplete or empty");
	} else if (t->kind == CT_FLOAT && t->size > 8) {
		take_stack(c, a, 16, 16, ret);		/* long double */
	} else if (t->kind == CT_FLOAT || (!abi_integer_only(t, &in_memory) && !in_memory)) {
		location_none(ret, FLOAT_REGISTER);
	} else if (in_memory && (t->kind == CT_STRUCT || t->kind == CT_UNION)) {
		take_stack(c, a, t->size, 8, ret);
	} else if (!take_registers(c, a, t->size, ret)) {
		take_stack(c, a, t->size, t->kind == CT_INT && t->size == 16 ? 16 : 8, ret);
	}
}
