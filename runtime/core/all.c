// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the room, for the unit that it is a part of: near.c. */
#include "module.c"
#include "modules.c"
#include "session.c"
#include "run.c"
#include "parts.c"
#include "condition.c"
#include "error.c"
#include "report.c"
