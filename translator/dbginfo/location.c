// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a variable's location attribute to where it lives at one address: memory, a value, pieces of
 * both, or a text that says why nowhere (DWARF 5, 2.6).
 *
 * A list of locations is asked for the one address of the scope.  A pointer whose target was
 * optimised away, but whose target's parts are known, is a location of its own kind: it has no
 * value, but what it points at can be read.
 */
#include <string.h>

#include "dbginfo/expression.h"

void location_none(struct location *ret, const char *why)
{
	*ret = (struct location){ .kind = LOC_NONE, .why = why };
}

/* A constant of SIZE bytes: a value, or one value for every eight bytes. */
static void constant(struct arena *a, const void *data, uint64_t size, struct location *ret)
{
	const char *p = data;

	for (uint64_t off = 0; off < size; off += 8) {
		struct loc_piece piece = { .offset = off, .size = size - off < 8 ? size - off : 8 };
		uint64_t v = 0;

		memcpy(&v, p + off, piece.size);
		if (size <= 8) {
			*ret = (struct location){ .kind = LOC_VALUE, .expr = lx_const(a, v) };
			return;
		}
		piece.loc = arena_new(a, struct location);
		*piece.loc = (struct location){ .kind = LOC_VALUE, .expr = lx_const(a, v) };
		*vec_add(a, &ret->pieces) = piece;
	}
	ret->kind = LOC_PIECES;
}

static bool implicit_value(struct machine *m, const Dwarf_Op *op, struct location *ret)
{
	Dwarf_Block block;

	if (!m->attr || dwarf_getlocation_implicit_value(m->attr, op, &block) ||
	    block.length == 0 || block.length > 4096)
		return expr_fail(m, "its location expression is damaged");
	constant(m->s->a, block.data, block.length, ret);
	return true;
}

/* A pointer without a value to a variable without an address, whose value is known all the same. */
static bool implicit_pointer(struct machine *m, const Dwarf_Op *op, struct location *ret)
{
	struct scope inner = *m->s;
	struct location *to;
	Dwarf_Die die;

	if (!m->attr || m->s->depth > 4 || dwarf_getlocation_die(m->attr, op, &die))
		return expr_fail(m, "it points to a variable that was optimized out");
	inner.depth++;
	to = arena_new(m->s->a, struct location);
	location_variable(&inner, &die, type_of(m->s->o, &die), to);
	if (to->kind == LOC_NONE)
		return expr_fail(m, "it points to a variable that was optimized out");
	*ret = (struct location){ .kind = LOC_POINTER, .target = to,
				  .target_offset = (int64_t)op->number2 };
	return true;
}

static bool is_register(const Dwarf_Op *op, uint64_t *n)
{
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		*n = op->atom - DW_OP_reg0;
	else if (op->atom == DW_OP_regx)
		*n = op->number;
	else
		return false;
	return true;
}

static bool ends_simple(unsigned atom)
{
	return atom == DW_OP_piece || atom == DW_OP_bit_piece || atom == DW_OP_stack_value;
}

/* One simple location: OP to the next piece or the end.  *used tells how far. */
static bool simple(struct machine *m, const Dwarf_Op *op, size_t n, size_t *used,
		   struct location *ret)
{
	uint64_t number;
	struct value v;
	size_t end = 0;
	bool is_value;

	*ret = (struct location){ .kind = LOC_NONE };
	while (end < n && !ends_simple(op[end].atom))
		end++;
	is_value = end < n && op[end].atom == DW_OP_stack_value;
	*used = end + is_value;
	m->n = 0;
	if (end == 0)
		return expr_fail(m, "optimized out");
	if (end == 1 && is_register(&op[0], &number)) {
		ret->expr = expr_reg(m, number);
		ret->kind = LOC_VALUE;
		return ret->expr != NULL;
	}
	if (end == 1 && op[0].atom == DW_OP_implicit_value)
		return implicit_value(m, op, ret);
	if (end == 1 && (op[0].atom == DW_OP_implicit_pointer ||
			 op[0].atom == DW_OP_GNU_implicit_pointer))
		return implicit_pointer(m, op, ret);
	if (!expr_run(m, op, end) || !expr_pop(m, &v))
		return false;
	ret->expr = v.x;
	ret->kind = is_value ? LOC_VALUE : LOC_MEMORY;
	return true;
}

/* ---- pieces ---- */

struct pieces {
	struct machine *m;
	struct location *ret;
	uint64_t at;		/* bits so far */
};

static void add_piece(struct pieces *p, uint64_t bytes, const struct location *l)
{
	struct loc_piece *x = vec_add(p->m->s->a, &p->ret->pieces);

	x->offset = p->at / 8;
	x->size = bytes;
	x->loc = arena_memdup(p->m->s->a, l, sizeof(*l));
}

/* L moved by BYTES, so that its first byte is the one at that distance. */
static void skip_bytes(struct arena *a, struct location *l, uint64_t bytes)
{
	if (l->kind == LOC_MEMORY)
		l->expr = lx_offset(a, l->expr, (int64_t)bytes);
	else if (l->kind == LOC_VALUE)
		l->expr = lx_bin(a, LX_SHR, l->expr, lx_const(a, (int64_t)bytes * 8));
}

/*
 * BITS bits of value L, from bit FROM on, behind what there is: bytes that several pieces share are
 * one piece whose value is put together.
 */
static bool add_bits(struct pieces *p, uint64_t bits, uint64_t from, struct location *l)
{
	struct arena *a = p->m->s->a;
	struct loc_piece *last = p->at % 8 ? &p->ret->pieces.v[p->ret->pieces.n - 1] : NULL;
	uint64_t base = last ? last->offset * 8 : p->at, shift = p->at - base;

	if (bits == 0 || bits > 64 || shift + bits > 64 || l->kind == LOC_MEMORY)
		return expr_fail(p->m, "it is spread over single bits");
	if (l->kind == LOC_VALUE) {
		l->expr = lx_extend(a, lx_bin(a, LX_SHR, l->expr, lx_const(a, (int64_t)from)), (unsigned)bits,
				    false);
		l->expr = lx_bin(a, LX_SHL, l->expr, lx_const(a, (int64_t)shift));
	}
	if (!last) {
		add_piece(p, (bits + 7) / 8, l);
	} else {
		last->size = (shift + bits + 7) / 8;
		if (l->kind == LOC_NONE || last->loc->kind == LOC_NONE)
			location_none(last->loc, l->why ? l->why : last->loc->why);
		else
			last->loc->expr = lx_bin(a, LX_OR, last->loc->expr, l->expr);
	}
	p->at += bits;
	return true;
}

static bool take_piece(struct pieces *p, const Dwarf_Op *op, struct location *l)
{
	bool by_bits = op->atom == DW_OP_bit_piece;
	uint64_t bits = by_bits ? op->number : op->number * 8, from = by_bits ? op->number2 : 0;

	if (op->number == 0 || op->number > 1 << 20 || from > 1 << 20)
		return expr_fail(p->m, "its location expression is damaged");
	if (p->at % 8 || bits % 8 || from % 8)
		return add_bits(p, bits, from, l);
	skip_bytes(p->m->s->a, l, from / 8);
	add_piece(p, bits / 8, l);
	p->at += bits;
	return true;
}

/* Everything up to the end; pieces when there are any. */
static bool whole(struct machine *m, const Dwarf_Op *op, size_t n, struct location *ret)
{
	struct pieces p = { .m = m, .ret = ret };
	size_t used;

	if (!n)
		return expr_fail(m, "optimized out");
	for (size_t i = 0; i < n; i++) {
		struct location one;
		bool had = simple(m, op + i, n - i, &used, &one);

		i += used;
		if (i >= n && !p.at) {
			*ret = one;
			return had;
		}
		if (i >= n)
			return expr_fail(m, "its location expression is damaged");
		if (!had)
			location_none(&one, m->why);
		m->why = NULL;
		if (!take_piece(&p, &op[i], &one))
			return false;
	}
	ret->kind = LOC_PIECES;
	return true;
}

/* One piece that is the whole object is no piece. */
static void unwrap(struct location *ret, uint64_t size)
{
	if (ret->kind == LOC_PIECES && ret->pieces.n == 1 && size && ret->pieces.v[0].size >= size)
		*ret = *ret->pieces.v[0].loc;
	if (ret->kind != LOC_PIECES)
		return;
	vec_each(&ret->pieces, i)
		if (ret->pieces.v[i].loc->kind != LOC_NONE)
			return;
	location_none(ret, "optimized out");
}

/*
 * At the entry of a scope several states share the one address: parameters as they were passed, and
 * as they are after statements that took no instruction.  The list then begins with an empty range
 * for the first of them (location views, gcc's -gvariable-location-views), and that is the one a
 * probe on the entry means.
 */
static bool first_view(struct scope *s, Dwarf_Attribute *attr, Dwarf_Op **ops, size_t *n)
{
	Dwarf_Addr base, start, end, entry;
	ptrdiff_t off = 0;

	if (!die_entry(&s->die, &entry) || entry != s->pc)
		return false;
	while ((off = dwarf_getlocations(attr, off, &base, &start, &end, ops, n)) > 0)
		if (start == s->pc || (start <= s->pc && end > s->pc))
			return start == end;
	return false;
}

void location_of(struct scope *s, Dwarf_Attribute *attr, uint64_t size, struct location *ret)
{
	struct machine m = { .s = s, .attr = attr };
	Dwarf_Op *ops;
	size_t n;
	int got;

	if (s->no_pc)
		got = dwarf_getlocation(attr, &ops, &n) == 0 ? 1 : -1;
	else
		got = first_view(s, attr, &ops, &n) ? 1 :
		      dwarf_getlocation_addr(attr, s->pc, &ops, &n, 1);

	*ret = (struct location){ .kind = LOC_NONE };
	if (got < 0)
		location_none(ret, "its location is damaged or of an unknown form");
	else if (got == 0)
		location_none(ret, "no location at this address");
	else if (whole(&m, ops, n, ret))
		unwrap(ret, size);
	else
		location_none(ret, m.why ? m.why : "its location expression is damaged");
}

void location_variable(struct scope *s, Dwarf_Die *die, struct ctype *type, struct location *ret)
{
	struct ctype *t = ctype_strip(type);
	uint64_t size = t ? t->size : 0;
	Dwarf_Attribute at;
	Dwarf_Block block;
	Dwarf_Sword v;

	if (dwarf_attr_integrate(die, DW_AT_location, &at)) {
		location_of(s, &at, size, ret);
		return;
	}
	location_none(ret, "optimized out");
	if (!dwarf_attr_integrate(die, DW_AT_const_value, &at))
		return;
	if (dwarf_whatform(&at) == DW_FORM_string || dwarf_whatform(&at) == DW_FORM_strp) {
		const char *text = dwarf_formstring(&at);

		if (text && size && size <= strlen(text) + 1)
			constant(s->a, text, size, ret);
	} else if (dwarf_formblock(&at, &block) == 0) {
		if (block.length && block.length <= 4096)
			constant(s->a, block.data, block.length, ret);
	} else if (dwarf_formsdata(&at, &v) == 0) {
		*ret = (struct location){ .kind = LOC_VALUE, .expr = lx_const(s->a, v) };
	}
}
