// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the room, for the unit that it is a part of: output.c. */
#include "channel.c"
#include "messages.c"
#include "control.c"
#include "files.c"
#include "print.c"
#include "elsewhere.c"
#include "hist.c"
