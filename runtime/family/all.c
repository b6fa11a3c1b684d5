// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the room, for the unit that it is a part of: near.c. */
#include "been.c"
#include "timer.c"
#include "caller.c"
#include "kprobe.c"
#include "fentry.c"
#include "tracepoint.c"
#include "procfs.c"
#include "netfilter.c"
#include "perf.c"
