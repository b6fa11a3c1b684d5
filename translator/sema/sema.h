/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pass 2: scripts to program.  points.c expands aliases and matches probe points against the
 * families, target.c turns $x->y and @cast into accesses, bind.c gives every name its meaning and
 * pulls functions and globals in from the library, infer.c finds the types.
 */
#ifndef SEMA_SEMA_H
#define SEMA_SEMA_H

#include "session/session.h"
#include "program/program.h"

/* True and s->program; false after reported errors. */
bool sema_run(struct session *s);
/* -l and -L: print the points (with variables) that the probe points given match, sorted as
 * SystemTap does, to OUT.  False when nothing matched (exit status 1) or after an error. */
bool sema_list(struct session *s, bool vars, FILE *out);
/* --explain-probe: everything about each of them. */
bool sema_explain(struct session *s, FILE *out);
void program_dump(struct buf *b, const struct program *p);	/* --dump=program */
/* What -p2 shows, in SystemTap's shape: globals, functions and probes by name, without bodies. */
void program_summary(struct buf *b, const struct program *p);
void sites_dump(struct buf *b, const struct program *p);	/* --dump=sites */

#endif
