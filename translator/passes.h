/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The five passes as a table; see passes.c. */
#ifndef PASSES_H
#define PASSES_H

#include "session/session.h"

/* Walk the table as far as -p says; the exit status of the run. */
int passes_run(struct session *s);

#endif
