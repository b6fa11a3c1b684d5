// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The room as one unit for the kernel: reading the kernel's headers is most of the work of compiling
 * a file, so it is done once a room.  Static names are therefore unique within the room.
 */
#include "been.c"
#include "timer.c"
#include "caller.c"
#include "kprobe.c"
#include "fentry.c"
#include "tracepoint.c"
#include "procfs.c"
#include "netfilter.c"
#include "perf.c"
