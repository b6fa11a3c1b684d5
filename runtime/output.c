// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What handlers print, keep and look up, as one unit for the kernel: see near.c.  Static names are unique among
 * these rooms.
 */
#include "transport/all.c"
#include "data/all.c"
#include "task/all.c"
#include "symbol/all.c"
