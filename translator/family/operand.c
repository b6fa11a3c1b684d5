// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arguments of marks: operands of the assembler for x86-64 (AT&T syntax) to expressions over registers and
 * memory.  "SIZE@OPERAND", SIZE in bytes and negative when signed; OPERAND is an immediate "$5", a register
 * "%eax", or memory "SYMBOL+DISP(%base,%index,SCALE)" with any of its parts.  Nothing here trusts the text.
 */
#include "family/operand.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct arena *a;
	struct dbg_object *o;
	const char *p;
	const char *why;
};

static bool wrong(struct reader *r, const char *why)
{
	r->why = r->why ? r->why : why;
	return false;
}

/* ---- registers ---- */

struct reg { unsigned number, size, shift; };

/* rax, eax, ax, al and ah; the rest by their numbers in DWARF. */
static bool old_register(const char *name, size_t n, struct reg *ret)
{
	static const struct { const char *name; unsigned number; } letters[] = {
		{ "ax", 0 }, { "dx", 1 }, { "cx", 2 }, { "bx", 3 }, { "si", 4 }, { "di", 5 }, { "bp", 6 }, { "sp", 7 },
		{ "ip", 16 },
	};
	bool wide = n == 3 && (name[0] == 'r' || name[0] == 'e');
	const char *word = wide ? name + 1 : name;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		const char *l = letters[i].name;

		if ((wide || n == 2) && !strncmp(word, l, 2)) {
			*ret = (struct reg){ letters[i].number, !wide ? 2 : name[0] == 'r' ? 8 : 4, 0 };
			return true;
		}
		if (i < 4 && n == 2 && name[0] == l[0] && (name[1] == 'l' || name[1] == 'h')) {
			*ret = (struct reg){ letters[i].number, 1, name[1] == 'h' ? 8 : 0 };
			return true;
		}
		if (i >= 4 && i < 8 && n == 3 && !strncmp(name, l, 2) && name[2] == 'l') {
			*ret = (struct reg){ letters[i].number, 1, 0 };
			return true;
		}
	}
	return false;
}

/* r8 to r15, with d, w or b behind them. */
static bool new_register(const char *name, size_t n, struct reg *ret)
{
	char *end;
	unsigned long number = n > 1 && name[0] == 'r' && name[1] >= '0' && name[1] <= '9' ?
			       strtoul(name + 1, &end, 10) : 0;

	if (number < 8 || number > 15)
		return false;
	*ret = (struct reg){ (unsigned)number, 8, 0 };
	if (end == name + n)
		return true;
	ret->size = *end == 'd' ? 4 : *end == 'w' ? 2 : *end == 'b' ? 1 : 0;
	return ret->size && end + 1 == name + n;
}

static bool take_register(struct reader *r, struct reg *ret)
{
	size_t n = strspn(r->p + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
	const char *name = r->p + 1;

	if (!old_register(name, n, ret) && !new_register(name, n, ret))
		return wrong(r, !strncmp(name, "xmm", 3) || !strncmp(name, "ymm", 3) || !strncmp(name, "st", 2) ?
			     "it is in a floating point or vector register" : "its register is not known");
	r->p = name + n;
	return true;
}

/* ---- memory ---- */

static bool is_symbol_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
	       c == '$';
}

/* Numbers and symbols with + and - between them: *disp the sum of the numbers, *base the symbol's address. */
static bool take_displacement(struct reader *r, int64_t *disp, struct lx **base)
{
	*disp = 0;
	*base = NULL;
	while (*r->p && *r->p != '(') {
		bool minus = *r->p == '-';
		char *end, *name;
		uint64_t addr;
		size_t n;

		r->p += *r->p == '-' || *r->p == '+';
		if (*r->p >= '0' && *r->p <= '9') {
			uint64_t v = strtoull(r->p, &end, 0);

			*disp = (int64_t)((uint64_t)*disp + (minus ? -v : v));
			r->p = end;
			continue;
		}
		for (n = 0; is_symbol_char(r->p[n]); n++)
			;
		name = arena_strndup(r->a, r->p, n);
		if (!n || minus || *base || r->p[n] == '@' || r->p[n] == ':')
			return wrong(r, "its operand is of an unknown form");
		if (!dbg_symbol(r->o, name, &addr))
			return wrong(r, "its operand names a symbol that the file does not have");
		*base = lx_addr_in(r->a, dbg_module_name(r->o), NULL, addr);
		r->p += n;
	}
	return true;
}

static bool take_address_register(struct reader *r, struct lx **ret)
{
	struct reg reg;

	if (*r->p != '%')
		return wrong(r, "its operand is of an unknown form");
	if (!take_register(r, &reg))
		return false;
	if (reg.size != 8)
		return wrong(r, "its operand is of an unknown form");
	*ret = lx_reg(r->a, reg.number);
	return true;
}

/* "(%base,%index,SCALE)" added to *ADDR; *pc: the base is the instruction pointer. */
static bool take_registers(struct reader *r, struct lx **addr, bool *pc)
{
	int64_t scale = 1;
	struct lx *x = NULL;
	char *end;

	r->p++;
	*pc = !strncmp(r->p, "%rip)", 5);
	if (*pc) {
		r->p += 5;
		return true;
	}
	if (*r->p != ',') {
		if (!take_address_register(r, &x))
			return false;
		*addr = lx_bin(r->a, LX_ADD, *addr, x);
	}
	if (*r->p == ',') {
		r->p++;
		if (!take_address_register(r, &x))
			return false;
		if (*r->p == ',') {
			scale = strtol(r->p + 1, &end, 10);
			r->p = end;
		}
		*addr = lx_bin(r->a, LX_ADD, *addr, lx_bin(r->a, LX_MUL, x, lx_const(r->a, scale)));
	}
	if (*r->p != ')')
		return wrong(r, "its operand is of an unknown form");
	r->p++;
	return true;
}

static bool take_memory(struct reader *r, struct lx **ret)
{
	struct lx *symbol;
	int64_t disp;
	bool pc = false;

	if (!take_displacement(r, &disp, &symbol))
		return false;
	*ret = lx_offset(r->a, symbol ? symbol : lx_const(r->a, 0), disp);
	if (*r->p == '(' && !take_registers(r, ret, &pc))
		return false;
	return !pc || symbol || wrong(r, "its operand is relative to the code and names no symbol");
}

/* ---- the whole ---- */

static bool take_operand(struct reader *r, unsigned size, bool is_signed, struct lx **ret)
{
	struct reg reg;
	char *end;

	if (*r->p == '$') {
		*ret = lx_const(r->a, (int64_t)(r->p[1] == '-' ? (uint64_t)strtoll(r->p + 1, &end, 0) :
						strtoull(r->p + 1, &end, 0)));
		if (end == r->p + 1)
			return wrong(r, "its operand is of an unknown form");
		r->p = end;
	} else if (*r->p == '%') {
		if (r->p[2] == 's' && r->p[3] == ':')
			return wrong(r, "it is thread-local");
		if (!take_register(r, &reg))
			return false;
		*ret = lx_bin(r->a, LX_SHR, lx_reg(r->a, reg.number), lx_const(r->a, reg.shift));
		size = size && size < reg.size ? size : reg.size;
	} else {
		if (!take_memory(r, ret))
			return false;
		size = size ? size : 8;
		*ret = lx_load(r->a, *ret, size, is_signed, true);
	}
	*ret = size ? lx_extend(r->a, *ret, size * 8, is_signed) : *ret;
	return !*r->p || wrong(r, "its operand is of an unknown form");
}

/* One of the words of the text. */
static void read_operand(struct arena *a, struct dbg_object *o, char *word, struct operand *ret)
{
	struct reader r = { .a = a, .o = o };
	char *at = strchr(word, '@'), *end = word;
	long size = 8;

	if (at)
		size = strtol(word, &end, 10);
	r.p = at ? at + 1 : word;
	*ret = (struct operand){ .size = (unsigned)labs(size), .is_signed = size < 0 || !at };
	if (at && *end == 'f')
		wrong(&r, "it is a floating point number");
	else if (at && (end != at || (ret->size != 1 && ret->size != 2 && ret->size != 4 && ret->size != 8)))
		wrong(&r, "its size is not known");
	else if (!take_operand(&r, at ? ret->size : 0, ret->is_signed, &ret->value))
		ret->value = NULL;
	ret->why = ret->value ? NULL : r.why;
}

size_t operands_read(struct arena *a, struct dbg_object *o, const char *text, struct operand **ret)
{
	struct { struct operand *v; size_t n, cap; } all = {0};
	char *list = arena_strdup(a, text), *word;

	while ((word = strsep(&list, " ")))
		if (*word)
			read_operand(a, o, word, vec_add(a, &all));
	*ret = all.v;
	return all.n;
}
