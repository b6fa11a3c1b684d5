/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a value lives and how to get it: expression trees over registers, memory and arguments of
 * a probe.  dbginfo makes them from DWARF expressions, families from argument positions, sema adds
 * the offsets of -> and [ ]; ir lowers them.  Every value is 64 bits wide and unsigned unless a
 * load says otherwise.
 */
#ifndef PROGRAM_LOC_H
#define PROGRAM_LOC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"

enum lx_kind {
	LX_CONST,	/* value */
	LX_REG,		/* DWARF register `value` at the probe */
	LX_ARG,		/* argument `value` (from 0) of a tracepoint or other callback, widened to 64 bits */
	LX_ADDR,	/* link-time address `value` in `module` (NULL = kernel), relocated when running; of a */
			/* program (`module` is its path) in the process that was hit there */
	LX_PERCPU,	/* a = per-CPU offset; address of the running CPU's copy */
	LX_SCRIPT,	/* sema only: value of script expression number `value` of the target's operands */
	LX_SAVED,	/* 64-bit slot `value` saved at function entry (return probes) */
	LX_LOAD,	/* a = address; `size` 1 2 4 8 bytes; is_signed; user: of the current task */
	LX_ADD, LX_SUB, LX_MUL, LX_DIV, LX_MOD, LX_AND, LX_OR, LX_XOR, LX_SHL, LX_SHR, LX_SAR,
	LX_EQ, LX_NE, LX_LT, LX_LE, LX_GT, LX_GE,	/* signed, 0 or 1 */
	LX_NEG, LX_NOT,
	LX_EXTEND,	/* a, low `size` bytes (or `bits` bits when not 0) extended by is_signed */
};

struct lx {
	enum lx_kind kind;
	int64_t value;
	const char *module;
	const char *section;	/* LX_ADDR in a module: `value` is relative to this section */
	unsigned size, bits;
	bool is_signed, user;
	struct lx *a, *b;
};

enum loc_kind {
	LOC_NONE,	/* cannot be had; `why` tells */
	LOC_MEMORY,	/* expr is the address */
	LOC_VALUE,	/* expr is the value itself (register, implicit, stack value): it has no address */
	LOC_PIECES,	/* struct in several places */
	LOC_POINTER,	/* a pointer that has no value, to `target`, which has a location */
};

struct loc_piece {
	uint64_t offset, size;		/* bytes inside the object */
	struct location *loc;
};

struct location {
	enum loc_kind kind;
	struct lx *expr;
	VEC(struct loc_piece) pieces;
	struct location *target;	/* LOC_POINTER: what it points at... */
	int64_t target_offset;		/* ... so many bytes into it */
	const char *why;		/* LOC_NONE: "optimized out", "no location at this address", ... */
};

struct lx *lx_const(struct arena *a, int64_t v);
struct lx *lx_reg(struct arena *a, unsigned dwarf_reg);
struct lx *lx_arg(struct arena *a, unsigned n);
struct lx *lx_addr(struct arena *a, const char *module, uint64_t addr);
struct lx *lx_addr_in(struct arena *a, const char *module, const char *section, uint64_t addr);
struct lx *lx_bin(struct arena *a, enum lx_kind op, struct lx *x, struct lx *y);	/* folds constants */
struct lx *lx_un(struct arena *a, enum lx_kind op, struct lx *x);
struct lx *lx_load(struct arena *a, struct lx *addr, unsigned size, bool is_signed, bool user);
struct lx *lx_extend(struct arena *a, struct lx *x, unsigned bits, bool is_signed);
struct lx *lx_offset(struct arena *a, struct lx *x, int64_t bytes);
void lx_print(struct buf *b, const struct lx *x);	/* stable text for --dump */

#endif
