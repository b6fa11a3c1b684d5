/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine that runs DWARF expressions; for location.c. */
#ifndef DBGINFO_EXPRESSION_H
#define DBGINFO_EXPRESSION_H

#include "dbginfo/private.h"

enum { EXPR_STACK = 32, EXPR_MAX_TREE = 400 };

struct value {
	struct lx *x;
	unsigned size;		/* nodes in the tree */
	unsigned bits;		/* typed values of DWARF 5: width; 0 is the generic type, 64 bits */
	bool is_signed;
};

struct machine {
	struct scope *s;
	struct value stack[EXPR_STACK];
	unsigned n;
	const char *why;	/* set on failure */
	int depth;		/* of expressions in expressions */
	bool careful;		/* on one way of a branch: nothing may be read */
	Dwarf_Attribute *attr;
};

/* Sets why, unless it is set; returns false. */
bool expr_fail(struct machine *m, const char *why);
/* The register as a value; NULL and `why` when it has none here. */
struct lx *expr_reg(struct machine *m, uint64_t n);
bool expr_run(struct machine *m, const Dwarf_Op *op, size_t n);
bool expr_pop(struct machine *m, struct value *v);

#endif
