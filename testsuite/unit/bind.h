/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts to struct program without sema, for tests of what comes after it: names tell types.
 * Locals and functions whose name begins with s are strings, all others numbers; globals likewise,
 * and those that begin with x are aggregates.  A global that is indexed anywhere is an array, its
 * keys are of the types of the first index.  Every probe is a `begin`.  $aN is argument N, $sN the
 * string at it, $eN a load of 4 signed bytes from it, $wN the byte there, which can be written, $bN
 * bits 2 to 5 of that byte.
 */
#ifndef UNIT_BIND_H
#define UNIT_BIND_H

#include "program/program.h"

struct program *bind_script(struct arena *a, struct script *s);

#endif
