#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mass.sh SYSTEM_MAP COUNT [return]: on stdout a unit that probes COUNT functions, spread evenly over
# the kernel's text, by their link-time addresses.
map=$1 count=$2 ret=${3:-entry}
anchor=$(awk '$3 == "register_kprobe" { print $1 }' "$map")
cat <<EOC
// SPDX-License-Identifier: GPL-2.0-or-later
#include "stp.h"

static struct stp_global g = { .name = "hits", .type = STP_LONG };
static struct stp_global *const globals[] = { &g };
static const struct stp_fmt fmt = { "hits %d\n", "n", 1, 0 };
static const struct stp_fmt *const fmts[] = { &fmt };
static void hit(struct stp_context *c) { __atomic_fetch_add(&g.number, 1, __ATOMIC_RELAXED); }
static void entry(struct stp_context *c) { c->saved[0] = stp_reg(c, 7); }
static void end(struct stp_context *c)
{
	char *line = stp_push(c, MAXSTRINGLEN);
	union stp_val v = { .n = g.number };

	stp_sprintf(c, line, &fmt, &v);
	stp_print(c, line);
}
static const struct stp_probe p = { .pp = "mass", .handler = hit, .entry = $(
	[ "$ret" = return ] && echo "entry, .nsaved = 1" || echo NULL) };
static const struct stp_probe p_end = { .pp = "end", .handler = end, .interruptible = true };
static const struct stp_row_been been[] = { { &p_end, STP_END, 0 } };
static const struct stp_row_kprobe rows[] = {
EOC
awk '$2 ~ /[tT]/ && $3 == "_stext" { on = 1 } $3 == "_etext" { on = 0 } on && $2 ~ /[tT]/ && $3 !~ /\./ && $3 !~ /^__pfx_/' "$map" |
awk -v n="$count" -v r="$ret" '{ a[NR] = $1; s[NR] = $3 } END { step = NR / n; for (i = 0; i < n; i++) { k = int(1 + i * step);
	printf "\t{ .probe = &p, .address = 0x%s, .optional = true, .is_return = %d }, /* %s */\n", a[k], r == "return", s[k] } }'
cat <<EOC
};
#define N(a) (sizeof(a) / sizeof((a)[0]))
const struct stp_unit stp_unit = {
	.version = STP_ABI_VERSION, .globals = globals, .nglobals = 1, .fmts = fmts, .nfmts = 1,
	.been = been, .nbeen = 1, .kprobe = rows, .nkprobe = N(rows),
	.frame_size = 1024, .kernel_release = "", .anchor_address = 0x$anchor,
	.maxstringlen = MAXSTRINGLEN, .maxaction = 1000, .maxaction_interruptible = 10000, .maxnesting = 10,
	.maxmapentries = 2048, .maxerrors = 0, .maxskipped = 100, .maxtrylock = 1000, .trylockdelay_us = 10,
	.maxbacktrace = 20, .minstackspace = 1024,
};
EOC
