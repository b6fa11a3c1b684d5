// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DWARF location expressions at one address, run symbolically: the stack holds expression trees in
 * place of numbers, and what is left on it is where the variable lives (DWARF 5, 2.5 and 2.6).
 *
 * Registers stay symbols, memory reads become loads, the frame base and the CFA are expressions of
 * their own that are run in place, an entry value is the register itself when the probe sits at the
 * function's entry.  What would need a jump, a thread-local base, another frame or a vector
 * register has no location here, and the text says which.  Trees are bounded: duplication on the
 * DWARF stack doubles them, and nothing that a compiler writes comes near the limit.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

enum { STACK = 32, MAX_TREE = 400, MAX_RECURSION = 4, LAST_INTEGER_REG = 16 };

struct value {
	struct lx *x;
	unsigned size;		/* nodes in the tree */
	unsigned bits;		/* typed values of DWARF 5: width; 0 is the generic type, 64 bits */
	bool is_signed;
};

struct machine {
	struct scope *s;
	struct value stack[STACK];
	unsigned n;
	const char *why;	/* set on failure */
	int depth;
	Dwarf_Attribute *attr;
};

static bool fail(struct machine *m, const char *why)
{
	if (!m->why)
		m->why = why;
	return false;
}

static bool push(struct machine *m, struct lx *x, unsigned size)
{
	if (m->n == STACK || size > MAX_TREE)
		return fail(m, "its location expression is too large");
	m->stack[m->n++] = (struct value){ .x = x, .size = size };
	return true;
}

static bool pop(struct machine *m, struct value *v)
{
	if (!m->n)
		return fail(m, "its location expression is damaged");
	*v = m->stack[--m->n];
	return true;
}

static struct lx *reg(struct machine *m, uint64_t n)
{
	if (m->s->no_pc) {
		fail(m, "it lives in a register");
		return NULL;
	}
	if (n > LAST_INTEGER_REG) {
		fail(m, "it is in a floating point or vector register");
		return NULL;
	}
	return lx_reg(m->s->a, n);
}

static bool run(struct machine *m, const Dwarf_Op *op, size_t n);

/* The address that an expression of its own (frame base, CFA) stands for. */
static struct lx *run_apart(struct machine *m, const Dwarf_Op *op, size_t n, const char *what)
{
	struct machine inner = { .s = m->s, .depth = m->depth + 1 };
	struct value v;

	if (inner.depth > MAX_RECURSION) {
		fail(m, "its location expression is damaged");
		return NULL;
	}
	/* A register alone names the place; as a base its contents are meant. */
	if (n == 1 && op[0].atom >= DW_OP_reg0 && op[0].atom <= DW_OP_reg31)
		return reg(m, op[0].atom - DW_OP_reg0);
	if (!run(&inner, op, n) || !pop(&inner, &v)) {
		fail(m, inner.why ? inner.why : what);
		return NULL;
	}
	return v.x;
}

static struct lx *frame_address(struct machine *m)
{
	Dwarf_Addr pc = m->s->pc;
	Dwarf_CFI *cfi[] = { obj_open(m->s->o) ? dwarf_getcfi(m->s->o->dw) : NULL, obj_eh_frame(m->s->o) };
	struct lx *x = NULL;

	for (int i = 0; i < 2 && !x; i++) {
		Dwarf_Frame *frame;
		Dwarf_Op *ops;
		size_t n;

		if (!cfi[i] || dwarf_cfi_addrframe(cfi[i], pc, &frame))
			continue;
		if (dwarf_frame_cfa(frame, &ops, &n) == 0 && n)
			x = run_apart(m, ops, n, "its frame cannot be found");
		free(frame);
	}
	if (!x)
		fail(m, "its frame cannot be found at this address (no call frame information)");
	return x;
}

static struct lx *frame_base(struct machine *m)
{
	Dwarf_Die fn;
	Dwarf_Attribute at;
	Dwarf_Op *ops;
	size_t n;

	if (m->s->no_pc || !die_outermost(&m->s->die, m->s->pc, &fn) ||
	    !dwarf_attr_integrate(&fn, DW_AT_frame_base, &at) ||
	    dwarf_getlocation_addr(&at, m->s->pc, &ops, &n, 1) != 1) {
		fail(m, "its function has no frame base at this address");
		return NULL;
	}
	return run_apart(m, ops, n, "its function has no frame base at this address");
}

/* What a register held when the function was entered: itself, when that is now. */
static bool entry_value(struct machine *m, const Dwarf_Op *op)
{
	Dwarf_Attribute block;
	Dwarf_Op *ops;
	size_t n;
	Dwarf_Die fn;
	Dwarf_Addr entry;
	struct lx *x;

	if (m->s->no_pc || !die_outermost(&m->s->die, m->s->pc, &fn) || !die_entry(&fn, &entry) ||
	    entry != m->s->pc)
		return fail(m, "only its value at function entry was known, and it is lost here");
	if (!m->attr || dwarf_getlocation_attr(m->attr, op, &block) ||
	    dwarf_getlocation(&block, &ops, &n))
		return fail(m, "its location expression is damaged");
	x = run_apart(m, ops, n, "its location expression is damaged");
	return x && push(m, x, 1);
}

static struct lx *address(struct machine *m, uint64_t addr)
{
	struct dbg_object *o = m->s->o;
	uint64_t start, end, at;
	const char *section;

	start = sym_value(o, "__per_cpu_start");
	end = sym_value(o, "__per_cpu_end");
	if (!o->module && end > start && addr >= start && addr < end)
		return lx_un(m->s->a, LX_PERCPU, lx_const(m->s->a, addr));
	if (!obj_place(o, addr, &at, &section)) {
		fail(m, "its address is in no section of the module");
		return NULL;
	}
	if (section && strstr(section, ".data..percpu")) {
		fail(m, "it is a per-CPU variable of a module");
		return NULL;
	}
	return lx_addr_in(m->s->a, o->module, section, at);
}

/* A typed value keeps its width: extended from its low bits after whatever made it. */
static struct lx *normal(struct machine *m, struct lx *x, unsigned bits, bool is_signed)
{
	return bits && bits < 64 ? lx_extend(m->s->a, x, bits, is_signed) : x;
}

static bool base_type(struct machine *m, const Dwarf_Op *op, unsigned *bits, bool *is_signed)
{
	Dwarf_Die die;
	struct ctype *t;

	*bits = 0;
	*is_signed = false;
	if ((op->atom == DW_OP_convert || op->atom == DW_OP_GNU_convert ||
	     op->atom == DW_OP_reinterpret || op->atom == DW_OP_GNU_reinterpret) && op->number == 0)
		return true;
	if (!m->attr || dwarf_getlocation_die(m->attr, op, &die) ||
	    dwarf_tag(&die) != DW_TAG_base_type)
		return fail(m, "its location expression is damaged");
	t = type_at(m->s->o, &die);
	if (!t || t->kind != CT_INT || t->size == 0 || t->size > 8)
		return fail(m, "it is computed in floating point or in more than 64 bits");
	*bits = t->size * 8;
	*is_signed = t->is_signed;
	return true;
}

/* Unsigned 64-bit order through the signed one: turn the highest bit. */
static struct lx *biased(struct machine *m, struct lx *x)
{
	return lx_bin(m->s->a, LX_XOR, x, lx_const(m->s->a, INT64_MIN));
}

static bool binary(struct machine *m, enum lx_kind kind)
{
	struct value a, b;
	struct lx *x;
	bool shift = kind == LX_SHL || kind == LX_SHR || kind == LX_SAR;
	bool order = kind >= LX_EQ && kind <= LX_GE;

	if (!pop(m, &b) || !pop(m, &a))
		return false;
	if (!shift && (a.bits != b.bits || a.is_signed != b.is_signed))
		return fail(m, "its location expression mixes types");
	if (kind == LX_MOD && (a.bits == 0 || a.bits == 64))
		return fail(m, "its location needs an unsigned remainder of 64 bits");
	if (kind == LX_DIV && a.bits == 64 && !a.is_signed)
		return fail(m, "its location needs an unsigned division of 64 bits");
	if (order && a.bits == 64 && !a.is_signed) {
		a.x = biased(m, a.x);
		b.x = biased(m, b.x);
	}
	if (kind == LX_SHR && a.is_signed && a.bits && a.bits < 64)
		a.x = lx_extend(m->s->a, a.x, a.bits, false);
	x = lx_bin(m->s->a, kind, a.x, b.x);
	if (!push(m, order ? x : normal(m, x, a.bits, a.is_signed), a.size + b.size + 2))
		return false;
	if (!order) {
		m->stack[m->n - 1].bits = a.bits;
		m->stack[m->n - 1].is_signed = a.is_signed;
	}
	return true;
}

static bool unary(struct machine *m, enum lx_kind kind)
{
	struct value *v = m->n ? &m->stack[m->n - 1] : NULL;

	if (!v)
		return fail(m, "its location expression is damaged");
	v->x = normal(m, lx_un(m->s->a, kind, v->x), v->bits, v->is_signed);
	v->size += 2;
	return true;
}

/* |x| without a branch: (x ^ s) - s, where s is the sign spread over all bits. */
static bool absolute(struct machine *m)
{
	struct value *v = m->n ? &m->stack[m->n - 1] : NULL;
	struct arena *a = m->s->a;
	struct lx *sign;

	if (!v)
		return fail(m, "its location expression is damaged");
	sign = lx_bin(a, LX_SAR, v->x, lx_const(a, 63));
	v->x = lx_bin(a, LX_SUB, lx_bin(a, LX_XOR, v->x, sign), sign);
	v->size = 3 * v->size + 6;
	return v->size <= MAX_TREE || fail(m, "its location expression is too large");
}

static bool dereference(struct machine *m, unsigned size)
{
	struct value v;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return fail(m, "its location reads memory of an odd size");
	return pop(m, &v) && push(m, lx_load(m->s->a, v.x, size, false, false), v.size + 1);
}

static bool pick(struct machine *m, uint64_t from_top)
{
	if (from_top >= m->n || m->n == STACK)
		return fail(m, "its location expression is damaged");
	m->stack[m->n] = m->stack[m->n - 1 - from_top];
	m->n++;
	return true;
}

/* The top entry goes below the next N - 1: DW_OP_swap for 2, DW_OP_rot for 3. */
static bool top_down(struct machine *m, unsigned n)
{
	struct value top;

	if (m->n < n)
		return fail(m, "its location expression is damaged");
	top = m->stack[m->n - 1];
	for (unsigned i = 1; i < n; i++)
		m->stack[m->n - i] = m->stack[m->n - i - 1];
	m->stack[m->n - n] = top;
	return true;
}

static bool push_reg(struct machine *m, uint64_t n, int64_t off)
{
	struct lx *x = reg(m, n);

	return x && push(m, lx_offset(m->s->a, x, off), 2);
}

static bool typed(struct machine *m, unsigned bits, bool is_signed)
{
	struct value *v = &m->stack[m->n - 1];

	v->x = normal(m, v->x, bits, is_signed);
	v->size++;
	v->bits = bits;
	v->is_signed = is_signed;
	return true;
}

/* Operations with a type of DWARF 5 (and their GNU forms). */
static bool run_typed(struct machine *m, const Dwarf_Op *op)
{
	unsigned bits;
	bool is_signed;
	Dwarf_Attribute value;
	Dwarf_Block block;
	uint64_t number = 0;

	switch (op->atom) {
	case DW_OP_convert: case DW_OP_GNU_convert:
	case DW_OP_reinterpret: case DW_OP_GNU_reinterpret:
		if (!m->n)
			return fail(m, "its location expression is damaged");
		return base_type(m, op, &bits, &is_signed) && typed(m, bits, is_signed);
	case DW_OP_regval_type: case DW_OP_GNU_regval_type:
		return base_type(m, op, &bits, &is_signed) && push_reg(m, op->number, 0) &&
		       typed(m, bits, is_signed);
	case DW_OP_deref_type: case DW_OP_GNU_deref_type:
		return base_type(m, op, &bits, &is_signed) && dereference(m, op->number) &&
		       typed(m, bits, is_signed);
	case DW_OP_const_type: case DW_OP_GNU_const_type:
		if (!base_type(m, op, &bits, &is_signed))
			return false;
		if (dwarf_getlocation_attr(m->attr, op, &value) ||
		    dwarf_formblock(&value, &block) || block.length > 8)
			return fail(m, "its location expression is damaged");
		memcpy(&number, block.data, block.length);
		return push(m, lx_const(m->s->a, number), 1) && typed(m, bits, is_signed);
	default:
		return fail(m, "its location uses a DWARF operation that is not supported");
	}
}

static bool run_address(struct machine *m, const Dwarf_Op *op)
{
	Dwarf_Attribute value;
	Dwarf_Addr addr = op->number;
	Dwarf_Word number;
	struct lx *x;

	if (op->atom == DW_OP_addrx || op->atom == DW_OP_GNU_addr_index) {
		if (!m->attr || dwarf_getlocation_attr(m->attr, op, &value) ||
		    dwarf_formaddr(&value, &addr))
			return fail(m, "its location expression is damaged");
	} else if (op->atom == DW_OP_constx || op->atom == DW_OP_GNU_const_index) {
		if (!m->attr || dwarf_getlocation_attr(m->attr, op, &value) ||
		    dwarf_formudata(&value, &number))
			return fail(m, "its location expression is damaged");
		return push(m, lx_const(m->s->a, number), 1);
	}
	x = address(m, addr);
	return x && push(m, x, 2);
}

static const struct { uint8_t atom, kind; } binaries[] = {
	{ DW_OP_plus, LX_ADD }, { DW_OP_minus, LX_SUB }, { DW_OP_mul, LX_MUL },
	{ DW_OP_div, LX_DIV }, { DW_OP_mod, LX_MOD }, { DW_OP_and, LX_AND }, { DW_OP_or, LX_OR },
	{ DW_OP_xor, LX_XOR }, { DW_OP_shl, LX_SHL }, { DW_OP_shr, LX_SHR }, { DW_OP_shra, LX_SAR },
	{ DW_OP_eq, LX_EQ }, { DW_OP_ne, LX_NE }, { DW_OP_lt, LX_LT }, { DW_OP_le, LX_LE },
	{ DW_OP_gt, LX_GT }, { DW_OP_ge, LX_GE },
};

static bool run_stack(struct machine *m, const Dwarf_Op *op)
{
	struct value v;

	switch (op->atom) {
	case DW_OP_dup:		return pick(m, 0);
	case DW_OP_over:	return pick(m, 1);
	case DW_OP_pick:	return pick(m, op->number);
	case DW_OP_drop:	return pop(m, &v);
	case DW_OP_swap:	return top_down(m, 2);
	case DW_OP_rot:		return top_down(m, 3);
	case DW_OP_neg:		return unary(m, LX_NEG);
	case DW_OP_not:		return unary(m, LX_NOT);
	case DW_OP_abs:		return absolute(m);
	case DW_OP_deref:	return dereference(m, 8);
	case DW_OP_deref_size:	return dereference(m, op->number);
	case DW_OP_plus_uconst:
		if (!m->n)
			return fail(m, "its location expression is damaged");
		m->stack[m->n - 1].x = lx_offset(m->s->a, m->stack[m->n - 1].x, op->number);
		m->stack[m->n - 1].size++;
		return true;
	}
	for (size_t i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++)
		if (binaries[i].atom == op->atom)
			return binary(m, binaries[i].kind);
	return run_typed(m, op);
}

/* One operation that pushes or computes. */
static bool step(struct machine *m, const Dwarf_Op *op)
{
	struct lx *x;

	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		return push(m, lx_const(m->s->a, op->atom - DW_OP_lit0), 1);
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return push_reg(m, op->atom - DW_OP_breg0, op->number);
	switch (op->atom) {
	case DW_OP_nop:
		return true;
	case DW_OP_addr: case DW_OP_addrx: case DW_OP_GNU_addr_index:
	case DW_OP_constx: case DW_OP_GNU_const_index:
		return run_address(m, op);
	case DW_OP_const1u: case DW_OP_const2u: case DW_OP_const4u: case DW_OP_const8u:
	case DW_OP_const1s: case DW_OP_const2s: case DW_OP_const4s: case DW_OP_const8s:
	case DW_OP_constu: case DW_OP_consts:
		return push(m, lx_const(m->s->a, op->number), 1);
	case DW_OP_bregx:
		return push_reg(m, op->number, op->number2);
	case DW_OP_fbreg:
		x = frame_base(m);
		return x && push(m, lx_offset(m->s->a, x, op->number), 4);
	case DW_OP_call_frame_cfa:
		x = m->s->no_pc ? NULL : frame_address(m);
		return x ? push(m, x, 4) : fail(m, "it lives in a stack frame");
	case DW_OP_entry_value: case DW_OP_GNU_entry_value:
		return entry_value(m, op);
	case DW_OP_implicit_pointer: case DW_OP_GNU_implicit_pointer:
		return fail(m, "it points to a variable that was optimized out");
	case DW_OP_bra: case DW_OP_skip:
		return fail(m, "its location expression has a branch");
	case DW_OP_form_tls_address: case DW_OP_GNU_push_tls_address:
		return fail(m, "it is thread-local");
	case DW_OP_GNU_uninit:
		return fail(m, "it is not initialized at this address");
	default:
		return run_stack(m, op);
	}
}

static bool run(struct machine *m, const Dwarf_Op *op, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!step(m, &op[i]))
			return false;
	return true;
}

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
		return fail(m, "its location expression is damaged");
	constant(m->s->a, block.data, block.length, ret);
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
		return fail(m, "optimized out");
	if (end == 1 && is_register(&op[0], &number)) {
		ret->expr = reg(m, number);
		ret->kind = LOC_VALUE;
		return ret->expr != NULL;
	}
	if (end == 1 && op[0].atom == DW_OP_implicit_value)
		return implicit_value(m, op, ret);
	if (!run(m, op, end) || !pop(m, &v))
		return false;
	ret->expr = v.x;
	ret->kind = is_value ? LOC_VALUE : LOC_MEMORY;
	return true;
}

/* Everything up to the end; pieces when there are any. */
static bool whole(struct machine *m, const Dwarf_Op *op, size_t n, struct location *ret)
{
	uint64_t off = 0;
	size_t used;

	if (!n)
		return fail(m, "optimized out");
	for (size_t i = 0; i < n; ) {
		struct location one;
		struct loc_piece piece = { .offset = off };
		bool had = simple(m, op + i, n - i, &used, &one);

		i += used;
		if (i >= n && off == 0) {
			*ret = one;
			return had;
		}
		if (i >= n || op[i].atom == DW_OP_bit_piece)
			return fail(m, "it is spread over single bits");
		if (!had)
			location_none(&one, m->why);
		m->why = NULL;
		piece.size = op[i++].number;
		if (piece.size == 0 || piece.size > 1 << 20)
			return fail(m, "its location expression is damaged");
		piece.loc = arena_new(m->s->a, struct location);
		*piece.loc = one;
		*vec_add(m->s->a, &ret->pieces) = piece;
		off += piece.size;
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
