/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IR to less IR with the same effects: fold.c folds constants, copy.c reads what was
 * copied at its origin, text.c prints literals with the format, dead.c removes what cannot matter. */
#ifndef OPT_OPT_H
#define OPT_OPT_H

#include "ir/ir.h"

void ir_optimise(struct arena *a, struct ir_program *p);

/* The passes, each alone. */
/* They are true when statements went or became others: run again. */
bool opt_fold(struct arena *a, struct ir_program *p);
bool opt_copy(struct ir_program *p);
bool opt_text(struct arena *a, struct ir_program *p);
bool opt_dead(struct ir_program *p);
struct ir *opt_fold_expr(struct arena *a, struct ir *e);

#endif
