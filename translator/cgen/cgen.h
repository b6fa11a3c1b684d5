/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pass 3, second half: IR to the text of a C unit that includes runtime/stp.h alone. */
#ifndef CGEN_CGEN_H
#define CGEN_CGEN_H

#include "base/buf.h"
#include "ir/ir.h"
#include "session/session.h"

/*
 * The unit's text, the same for the same input: no time, pid, pointer, path or hash order.  Embedded C that may
 * use the kernel's headers goes to KERNEL, a unit of its own; it stays empty when there is none.
 */
void cgen_unit(struct buf *out, struct buf *kernel, const struct ir_program *p, const struct session *s);

#endif
