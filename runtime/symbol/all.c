// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the room, for the unit that it is a part of: output.c. */
#include "symbol.c"
#include "lines.c"
#include "stack.c"
#include "ustack.c"
#include "usymbol.c"
