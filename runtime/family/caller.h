/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who called the probed function, for rows with callers.  For family/kprobe.c. */
#ifndef FAMILY_CALLER_H
#define FAMILY_CALLER_H

#include "core/core.h"

struct pt_regs;

/* Once before arming. */
void stp_caller_init(void);
/* At the entry IP of the row's function: was it called as the row says? */
bool stp_caller_fits(const struct stp_row_kprobe *row, unsigned long ip, struct pt_regs *regs);

#endif
