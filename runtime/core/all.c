// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The room as one unit for the kernel: reading the kernel's headers is most of the work of compiling
 * a file, so it is done once a room.  Static names are therefore unique within the room.
 */
#include "module.c"
#include "modules.c"
#include "session.c"
#include "run.c"
#include "condition.c"
#include "error.c"
#include "report.c"
