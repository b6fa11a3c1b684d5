/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments of marks of sys/sdt.h. */
#ifndef FAMILY_OPERAND_H
#define FAMILY_OPERAND_H

#include "dbginfo/dbginfo.h"

struct operand {
	struct lx *value;		/* NULL: it cannot be had, and WHY */
	const char *why;
	unsigned size;			/* bytes */
	bool is_signed;
};

/* All of TEXT, in order: symbols are those of O. */
size_t operands_read(struct arena *a, struct dbg_object *o, const char *text, struct operand **ret);

#endif
