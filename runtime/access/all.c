// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the room, for the unit that it is a part of: near.c. */
#include "memory.c"
#include "regs.c"
#include "reloc.c"
