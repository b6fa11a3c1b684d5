// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes in a module (testsuite/kmod): CASE is the offset of kt_tick in its .text.  By address and
 * section, by symbol, on returns (gcc makes a loop of kt_recurse's recursion), and on the module's tracepoint.
 */
#include "stp.h"

static struct stp_global g_ticks = { .name = "ticks" }, g_sum = { .name = "sum" }, g_returns = { .name = "returns" },
			 g_returned = { .name = "returned" }, g_events = { .name = "events" };
static struct stp_global *const globals[] = { &g_ticks, &g_sum, &g_returns, &g_returned, &g_events };
static const struct stp_fmt fmt = { "ticks %d sum %d returns %d returned %d events %d\n", "nnnnn", 5, 0 };
static const struct stp_fmt *const fmts[] = { &fmt };

static void tick(struct stp_context *c)
{
	g_ticks.number++;
	g_sum.number += stp_reg(c, 5);
}

static void recurse_entry(struct stp_context *c) { c->saved[0] = stp_reg(c, 5); }

/* n + (n - 1) + ...: right when the return has its own call's n. */
static void recurse_return(struct stp_context *c)
{
	int64_t n = (int32_t)c->saved[0];

	g_returns.number++;
	if ((int32_t)stp_reg(c, 0) == n * (n + 1) / 2)
		g_returned.number++;
}

static void event(struct stp_context *c) { g_events.number += (int32_t)stp_arg(c, 0); }

static void end(struct stp_context *c)
{
	char *line = stp_push(c, MAXSTRINGLEN);
	union stp_val v[] = { { g_ticks.number }, { g_sum.number }, { g_returns.number }, { g_returned.number },
			      { g_events.number } };

	stp_sprintf(c, line, &fmt, v);
	stp_print(c, line);
}

static const struct stp_lock_need need_tick[] = { { &g_ticks, STP_WRITE }, { &g_sum, STP_WRITE } };
static const struct stp_lock_need need_return[] = { { &g_returns, STP_WRITE }, { &g_returned, STP_WRITE } };
static const struct stp_lock_need need_event[] = { { &g_events, STP_WRITE } };
static const struct stp_probe p_tick = { .pp = "kt_tick", .handler = tick, .locks = need_tick, .nlocks = 2 };
static const struct stp_probe p_return = {
	.pp = "kt_recurse.return", .handler = recurse_return, .entry = recurse_entry, .nsaved = 1,
	.locks = need_return, .nlocks = 2,
};
static const struct stp_probe p_event = { .pp = "stap_kmod_event", .handler = event, .locks = need_event, .nlocks = 1 };
static const struct stp_probe p_end = { .pp = "end", .handler = end, .interruptible = true };

static void tp_event(void *data, int n, const char *text, void *o)
{
	int64_t args[] = { n, (uintptr_t)text, (uintptr_t)o };

	stp_tracepoint_hit(data, args, 3);
}

static const struct stp_row_been been[] = { { &p_end, STP_END, 0 } };
static const struct stp_row_kprobe kprobes[] = {
	{ .probe = &p_tick, .module = "stap_kmod", .section = ".text", .address = CASE },
	{ .probe = &p_return, .module = "stap_kmod", .symbol = "kt_recurse", .is_return = true },
};
static const struct stp_row_tracepoint tracepoints[] = { { &p_event, "stap_kmod_event", tp_event } };

static struct stp_module_state module_state;
static const struct stp_anchor anchors[] = { { ".text", "kt_tick", CASE } };
static const struct stp_module modules[] = {
	{ .name = "stap_kmod", .state = &module_state, .anchors = anchors, .nanchors = 1 },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))
const struct stp_unit stp_unit = {
	.version = STP_ABI_VERSION,
	.globals = globals, .nglobals = N(globals),
	.fmts = fmts, .nfmts = N(fmts),
	.been = been, .nbeen = N(been),
	.kprobe = kprobes, .nkprobe = N(kprobes),
	.tracepoint = tracepoints, .ntracepoint = N(tracepoints),
	.modules = modules, .nmodules = N(modules),
	.frame_size = 1024, .kernel_release = "",
	.maxstringlen = MAXSTRINGLEN, .maxaction = 1000, .maxaction_interruptible = 10000, .maxnesting = 10,
	.maxmapentries = 2048, .maxskipped = 100, .maxtrylock = 1000, .trylockdelay_us = 10, .maxbacktrace = 20,
	.minstackspace = 1024,
};
