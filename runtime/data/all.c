// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The room as one unit for the kernel: reading the kernel's headers is most of the work of compiling
 * a file, so it is done once a room.  Static names are therefore unique within the room.
 */
#include "data.c"
#include "date.c"
#include "errno.c"
#include "float.c"
#include "format.c"
#include "hist.c"
#include "ip6.c"
#include "iter.c"
#include "linemap.c"
#include "map.c"
#include "memory.c"
#include "names.c"
#include "quote.c"
#include "regex.c"
#include "sprintf.c"
#include "stat.c"
#include "string.c"
#include "utf.c"
#include "warn.c"
