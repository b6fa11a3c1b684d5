// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the room, for the unit that it is a part of: output.c. */
#include "task.c"
#include "env.c"
#include "clock.c"
