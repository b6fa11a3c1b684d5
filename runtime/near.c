// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What runs at hits, as one unit for the kernel: reading the kernel's headers is most of the work of compiling a file.
 * Static names are therefore unique among these rooms.  output.c is the other unit; two, for two processors.
 */
#include "core/all.c"
#include "access/all.c"
#include "family/all.c"
