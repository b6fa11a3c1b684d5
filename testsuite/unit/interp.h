/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reference interpreter of the IR: what a program means, said a second time and as plainly as can be.
 * Numbers, strings, arrays of numbers, loops, calls, errors, printing of %d and %s; no aggregates,
 * no memory of a probed program, no budget.
 */
#ifndef UNIT_INTERP_H
#define UNIT_INTERP_H

#include "ir/ir.h"

/* Run the handlers of P in order; what they print, with "ERROR: ..." and "== \n" as mock_runtime.c has it. */
void interp_run(struct buf *out, struct arena *a, const struct ir_program *p);

#endif
