// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DWARF expressions at one address, run symbolically: the stack holds expression trees in place of
 * numbers (DWARF 5, 2.5).
 *
 * Registers stay symbols, memory reads become loads, the frame base and the CFA are expressions of
 * their own that are run in place, an entry value is the register itself when the probe sits at the
 * function's entry.  A branch runs both ways, and what they leave is chosen from by its condition,
 * so nothing that a way reads may fail: loads on it are refused.  What needs a thread-local base,
 * another frame or a vector register has no value here, and the text says which.  Trees are bounded:
 * duplication on the DWARF stack doubles them, and nothing that a compiler writes comes near the limit.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/expression.h"

enum { MAX_RECURSION = 4, LAST_INTEGER_REG = 16 };

bool expr_fail(struct machine *m, const char *why)
{
	if (!m->why)
		m->why = why;
	return false;
}

static bool push(struct machine *m, struct lx *x, unsigned size)
{
	if (m->n == EXPR_STACK || size > EXPR_MAX_TREE)
		return expr_fail(m, "its location expression is too large");
	m->stack[m->n++] = (struct value){ .x = x, .size = size };
	return true;
}

bool expr_pop(struct machine *m, struct value *v)
{
	if (!m->n)
		return expr_fail(m, "its location expression is damaged");
	*v = m->stack[--m->n];
	return true;
}

struct lx *expr_reg(struct machine *m, uint64_t n)
{
	if (m->s->no_pc) {
		expr_fail(m, "it lives in a register");
		return NULL;
	}
	if (n > LAST_INTEGER_REG) {
		expr_fail(m, FLOAT_REGISTER);
		return NULL;
	}
	return lx_reg(m->s->a, n);
}

/* The address that an expression of its own (frame base, CFA) stands for. */
static struct lx *run_apart(struct machine *m, const Dwarf_Op *op, size_t n, const char *what)
{
	struct machine inner = { .s = m->s, .depth = m->depth + 1 };
	struct value v;

	if (inner.depth > MAX_RECURSION) {
		expr_fail(m, "its location expression is damaged");
		return NULL;
	}
	/* A register alone names the place; as a base its contents are meant. */
	if (n == 1 && op[0].atom >= DW_OP_reg0 && op[0].atom <= DW_OP_reg31)
		return expr_reg(m, op[0].atom - DW_OP_reg0);
	if (!expr_run(&inner, op, n) || !expr_pop(&inner, &v)) {
		expr_fail(m, inner.why ? inner.why : what);
		return NULL;
	}
	return v.x;
}

/* The function that the address is in, not inlined; NULL when there is none.  One serves all its variables. */
static struct outer *function_of(struct machine *m)
{
	struct outer *f = &m->s->o->outer;

	if (m->s->no_pc)
		return NULL;
	if (f->pc != m->s->pc || f->unit != m->s->die.cu) {
		*f = (struct outer){ .pc = m->s->pc, .unit = m->s->die.cu };
		f->found = die_outermost(&m->s->die, f->pc, &f->die);
		f->has_entry = f->found && die_entry(&f->die, &f->entry);
	}
	return f->found ? f : NULL;
}

static bool is_at_entry(struct machine *m)
{
	const struct outer *f = function_of(m);

	return f && f->has_entry && f->entry == m->s->pc;
}

/*
 * The CFA is where the stack pointer was before the call, so at the entry it is known without call frame
 * information (psABI of x86-64, 3.4.1 and DWARF 5, 6.4.1): libdw reads all of the latter up to the address.
 * A list has no use for the rest either: compiled code has frames, and one register stands for all of them.
 */
static struct lx *frame_address(struct machine *m)
{
	enum { STACK_POINTER = 7, RETURN_ADDRESS = 8 };
	Dwarf_Addr pc = m->s->pc;
	Dwarf_CFI *cfi[2] = { NULL };
	struct lx *x = NULL;

	if (m->s->o->owner->only_list || is_at_entry(m))
		return lx_offset(m->s->a, lx_reg(m->s->a, STACK_POINTER), RETURN_ADDRESS);
	cfi[0] = obj_open(m->s->o) ? dwarf_getcfi(m->s->o->dw) : NULL;
	cfi[1] = obj_eh_frame(m->s->o);

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
		expr_fail(m, "its frame cannot be found at this address (no call frame information)");
	return x;
}

static struct lx *frame_base(struct machine *m)
{
	struct outer *f;
	Dwarf_Attribute at;
	Dwarf_Op *ops;
	size_t n;

	if (m->s->o->owner->only_list && !m->s->no_pc)
		return frame_address(m);
	f = function_of(m);
	if (!f || !dwarf_attr_integrate(&f->die, DW_AT_frame_base, &at) ||
	    dwarf_getlocation_addr(&at, m->s->pc, &ops, &n, 1) != 1) {
		expr_fail(m, "its function has no frame base at this address");
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
	struct lx *x;

	if (!is_at_entry(m))
		return expr_fail(m, "only its value at function entry was known, and it is lost here");
	if (!m->attr || dwarf_getlocation_attr(m->attr, op, &block) ||
	    dwarf_getlocation(&block, &ops, &n))
		return expr_fail(m, "its location expression is damaged");
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
		expr_fail(m, "its address is in no section of the module");
		return NULL;
	}
	o->used = true;
	if (section && strstr(section, ".data..percpu"))
		return lx_un(m->s->a, LX_PERCPU, lx_addr_in(m->s->a, o->module, section, at));
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
		return expr_fail(m, "its location expression is damaged");
	t = type_at(m->s->o, &die);
	if (!t || t->kind != CT_INT || t->size == 0 || t->size > 8)
		return expr_fail(m, "it is computed in floating point or in more than 64 bits");
	*bits = t->size * 8;
	*is_signed = t->is_signed;
	return true;
}

/* Unsigned 64-bit order through the signed one: turn the highest bit. */
static struct lx *biased(struct machine *m, struct lx *x)
{
	return lx_bin(m->s->a, LX_XOR, x, lx_const(m->s->a, INT64_MIN));
}

/*
 * Unsigned quotient and remainder of 64 bits by a constant below 2^63, made of signed ones: half
 * the dividend is no negative number, so q = 2 * ((a / 2) / b) is right or one too small.
 */
static bool unsigned_divide(struct machine *m, enum lx_kind kind, struct value *a, struct value *b)
{
	struct arena *ar = m->s->a;
	struct lx *q, *r, *more;

	if (b->x->kind != LX_CONST || b->x->value <= 0)
		return expr_fail(m, "its location needs an unsigned division of 64 bits");
	q = lx_bin(ar, LX_DIV, lx_bin(ar, LX_SHR, a->x, lx_const(ar, 1)), b->x);
	q = lx_bin(ar, LX_SHL, q, lx_const(ar, 1));
	r = lx_bin(ar, LX_SUB, a->x, lx_bin(ar, LX_MUL, q, b->x));
	more = lx_bin(ar, LX_GE, biased(m, r), biased(m, b->x));
	if (kind == LX_DIV)
		q = lx_bin(ar, LX_ADD, q, more);
	else
		q = lx_bin(ar, LX_SUB, r, lx_bin(ar, LX_MUL, more, b->x));
	if (!push(m, q, 6 * a->size + 20))
		return false;
	m->stack[m->n - 1].bits = a->bits;
	m->stack[m->n - 1].is_signed = a->is_signed;
	return true;
}

static bool binary(struct machine *m, enum lx_kind kind)
{
	struct value a, b;
	struct lx *x;
	bool shift = kind == LX_SHL || kind == LX_SHR || kind == LX_SAR;
	bool order = kind >= LX_EQ && kind <= LX_GE;

	if (!expr_pop(m, &b) || !expr_pop(m, &a))
		return false;
	if (!shift && (a.bits != b.bits || a.is_signed != b.is_signed))
		return expr_fail(m, "its location expression mixes types");
	if ((kind == LX_MOD && (a.bits == 0 || (a.bits == 64 && !a.is_signed))) ||
	    (kind == LX_DIV && a.bits == 64 && !a.is_signed))
		return unsigned_divide(m, kind, &a, &b);
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
		return expr_fail(m, "its location expression is damaged");
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
		return expr_fail(m, "its location expression is damaged");
	sign = lx_bin(a, LX_SAR, v->x, lx_const(a, 63));
	v->x = lx_bin(a, LX_SUB, lx_bin(a, LX_XOR, v->x, sign), sign);
	v->size = 3 * v->size + 6;
	return v->size <= EXPR_MAX_TREE || expr_fail(m, "its location expression is too large");
}

static bool dereference(struct machine *m, unsigned size)
{
	struct value v;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return expr_fail(m, "its location reads memory of an odd size");
	if (m->careful)
		return expr_fail(m, "its location expression reads memory on one way of a branch");
	return expr_pop(m, &v) && push(m, lx_load(m->s->a, v.x, size, false, is_program(m->s->o)), v.size + 1);
}

static bool pick(struct machine *m, uint64_t from_top)
{
	if (from_top >= m->n || m->n == EXPR_STACK)
		return expr_fail(m, "its location expression is damaged");
	m->stack[m->n] = m->stack[m->n - 1 - from_top];
	m->n++;
	return true;
}

/* The top entry goes below the next N - 1: DW_OP_swap for 2, DW_OP_rot for 3. */
static bool top_down(struct machine *m, unsigned n)
{
	struct value top;

	if (m->n < n)
		return expr_fail(m, "its location expression is damaged");
	top = m->stack[m->n - 1];
	for (unsigned i = 1; i < n; i++)
		m->stack[m->n - i] = m->stack[m->n - i - 1];
	m->stack[m->n - n] = top;
	return true;
}

static bool push_reg(struct machine *m, uint64_t n, int64_t off)
{
	struct lx *x = expr_reg(m, n);

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
			return expr_fail(m, "its location expression is damaged");
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
			return expr_fail(m, "its location expression is damaged");
		memcpy(&number, block.data, block.length);
		return push(m, lx_const(m->s->a, number), 1) && typed(m, bits, is_signed);
	default:
		return expr_fail(m, arena_printf(m->s->a, "its location uses the DWARF operation %#x, which "
						 "is not supported", op->atom));
	}
}

/* The value of another variable, which a debugger would look up (gcc's DW_OP_GNU_variable_value). */
static bool variable_value(struct machine *m, const Dwarf_Op *op)
{
	struct scope inner = *m->s;
	struct location l;
	struct ctype *t;
	Dwarf_Die die;

	if (m->careful || m->depth >= MAX_RECURSION || !m->attr ||
	    dwarf_getlocation_die(m->attr, op, &die))
		return expr_fail(m, "its location expression is damaged");
	inner.depth = m->s->depth + 1;
	t = ctype_strip(type_of(m->s->o, &die));
	location_variable(&inner, &die, t, &l);
	if (l.kind == LOC_VALUE)
		return push(m, l.expr, 8);
	if (l.kind != LOC_MEMORY || !t || (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8))
		return expr_fail(m, l.why ? l.why : "it depends on a variable that has no plain value");
	return push(m, lx_load(m->s->a, l.expr, t->size, t->is_signed, is_program(m->s->o)), 8);
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
			return expr_fail(m, "its location expression is damaged");
	} else if (op->atom == DW_OP_constx || op->atom == DW_OP_GNU_const_index) {
		if (!m->attr || dwarf_getlocation_attr(m->attr, op, &value) ||
		    dwarf_formudata(&value, &number))
			return expr_fail(m, "its location expression is damaged");
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
	case DW_OP_drop:	return expr_pop(m, &v);
	case DW_OP_swap:	return top_down(m, 2);
	case DW_OP_rot:		return top_down(m, 3);
	case DW_OP_neg:		return unary(m, LX_NEG);
	case DW_OP_not:		return unary(m, LX_NOT);
	case DW_OP_abs:		return absolute(m);
	case DW_OP_deref:	return dereference(m, 8);
	case DW_OP_deref_size:	return dereference(m, op->number);
	case DW_OP_plus_uconst:
		if (!m->n)
			return expr_fail(m, "its location expression is damaged");
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
		return x ? push(m, x, 4) : expr_fail(m, "it lives in a stack frame");
	case DW_OP_entry_value: case DW_OP_GNU_entry_value:
		return entry_value(m, op);
	case DW_OP_implicit_pointer: case DW_OP_GNU_implicit_pointer:
		return expr_fail(m, "it points to a variable that was optimized out");
	case DW_OP_GNU_variable_value:
		return variable_value(m, op);
	case DW_OP_form_tls_address: case DW_OP_GNU_push_tls_address:
		return expr_fail(m, "it is thread-local, and where a thread has its own is not known here; a "
				 "function that gets it, or its address, as a parameter shows it");
	case DW_OP_GNU_uninit:
		return expr_fail(m, "it is not initialized at this address");
	default:
		return run_stack(m, op);
	}
}

/* Index of the operation that the branch at OP[I] goes to; forwards only, so that all ends. */
static bool branch_target(const Dwarf_Op *op, size_t n, size_t i, size_t *ret)
{
	uint64_t to = op[i].offset + 3 + (int16_t)op[i].number;

	for (size_t j = i + 1; j < n; j++)
		if (op[j].offset == to) {
			*ret = j;
			return true;
		}
	*ret = n;
	return n && to > op[n - 1].offset;
}

/* COND != 0 ? x : y without a branch: the values under complementary masks. */
static bool choose(struct machine *m, struct lx *cond, const struct value *x, const struct value *y)
{
	struct arena *a = m->s->a;
	struct lx *mask = lx_un(a, LX_NEG, lx_bin(a, LX_NE, cond, lx_const(a, 0)));

	return push(m, lx_bin(a, LX_OR, lx_bin(a, LX_AND, x->x, mask),
			      lx_bin(a, LX_AND, y->x, lx_un(a, LX_NOT, mask))),
		    x->size + y->size + 16);
}

/* Both ways from the branch at OP[I] to the end. */
static bool branch(struct machine *m, const Dwarf_Op *op, size_t n, size_t i)
{
	struct machine other;
	struct value cond, x, y;
	size_t to;
	bool careful = m->careful;

	if (!branch_target(op, n, i, &to))
		return expr_fail(m, "its location expression goes round in a loop");
	if (!expr_pop(m, &cond))
		return false;
	if (m->depth++ > MAX_RECURSION)
		return expr_fail(m, "its location expression branches too often");
	m->careful = true;
	other = *m;
	if (!expr_run(m, op + i + 1, n - i - 1) || !expr_pop(m, &y))
		return false;
	if (!expr_run(&other, op + to, n - to) || !expr_pop(&other, &x))
		return expr_fail(m, other.why);
	m->careful = careful;
	m->depth--;
	return choose(m, cond.x, &x, &y);
}

bool expr_run(struct machine *m, const Dwarf_Op *op, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (op[i].atom == DW_OP_bra)
			return branch(m, op, n, i);
		if (op[i].atom == DW_OP_skip) {
			if (!branch_target(op, n, i, &i))
				return expr_fail(m, "its location expression goes round in a loop");
			i--;
			continue;
		}
		if (!step(m, &op[i]))
			return false;
	}
	return true;
}
