// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How sessions end.  Built once per CASE: 1 an error in a kprobe, 2 exit() in begin, 3 an error in
 * begin, 4 overload, 5 locks that cannot be had until MAXSKIPPED, 6 an arming that fails, 7 errors
 * below MAXERRORS, 8 suppressed errors, 9 an error in an end probe, 10 exit() in a timer.
 */
#include "stp.h"

static struct stp_global g = { .name = "g", .type = STP_LONG };
static struct stp_global *const globals[] = { &g };
static const struct stp_lock_need need[] = { { &g, STP_WRITE } };

static void begin(struct stp_context *c)
{
	stp_print(c, "begin\n");
	if (CASE == 2)
		stp_exit(c);
	if (CASE == 3) {
		c->place = "case.stp:3:1";
		stp_div(c, 1, 0);
	}
	if (CASE == 5)
		g.lock = -1;	/* as a handler that never lets go */
}

static void begin_next(struct stp_context *c) { stp_print(c, "second begin\n"); }

static void hit(struct stp_context *c)
{
	volatile uint64_t i;

	g.number++;
	if (CASE == 1 || CASE == 7 || CASE == 8) {
		if (CASE == 7 && g.number > 5)
			return;
		c->place = "case.stp:9:7";
		stp_load(c, 8, 8);
	}
	if (CASE == 4)
		for (i = 0; i < 3000000; i++)
			;
}

static void tick(struct stp_context *c)
{
	if (CASE == 10)
		stp_exit(c);
}

static void end(struct stp_context *c)
{
	stp_print(c, "end\n");
	if (CASE == 9)
		stp_error(c, "end went wrong");
}

static void end_next(struct stp_context *c) { stp_print(c, "second end\n"); }
static void error_probe(struct stp_context *c) { stp_print(c, "error\n"); }

static const struct stp_probe p_begin = { .pp = "begin", .handler = begin, .interruptible = true };
static const struct stp_probe p_begin2 = { .pp = "begin", .handler = begin_next, .interruptible = true };
static const struct stp_probe p_end = { .pp = "end", .handler = end, .interruptible = true };
static const struct stp_probe p_end2 = { .pp = "end", .handler = end_next, .interruptible = true };
static const struct stp_probe p_error = { .pp = "error", .handler = error_probe, .interruptible = true };
static const struct stp_probe p_hit = { .pp = "vfs_read", .handler = hit, .locks = need, .nlocks = 1 };
static const struct stp_probe p_tick = { .pp = "timer.ms(100)", .handler = tick };

static const struct stp_row_been been[] = {
	{ &p_begin, STP_BEGIN, 0 }, { &p_begin2, STP_BEGIN, 0 }, { &p_end, STP_END, 0 }, { &p_end2, STP_END, 0 },
	{ &p_error, STP_ERROR, 0 },
};
static const struct stp_row_kprobe kprobes[] = {
	{ .probe = &p_hit, .symbol = "vfs_read" },
	{ .probe = &p_hit, .symbol = CASE == 6 ? "no_such_function" : "vfs_write" },
};
static const struct stp_row_timer timers[] = { { &p_tick, STP_TIMER_NS, 100000000, 0 } };

#define N(a) (sizeof(a) / sizeof((a)[0]))
const struct stp_unit stp_unit = {
	.version = STP_ABI_VERSION,
	.globals = globals, .nglobals = N(globals),
	.been = been, .nbeen = N(been),
	.kprobe = kprobes, .nkprobe = N(kprobes),
	.timer = timers, .ntimer = N(timers),
	.frame_size = 64,
	.kernel_release = "",
	.maxstringlen = MAXSTRINGLEN, .maxaction = 1000, .maxaction_interruptible = 10000, .maxnesting = 10,
	.maxmapentries = 2048, .maxerrors = CASE == 7 ? 10 : 0, .maxskipped = 100,
	.maxtrylock = CASE == 5 ? 2 : 1000, .trylockdelay_us = 10, .maxbacktrace = 20, .minstackspace = 1024,
	.overload_interval = 1000000000, .overload_threshold = CASE == 5 ? 0 : 500000000,
	.suppress_handler_errors = CASE == 8,
};
