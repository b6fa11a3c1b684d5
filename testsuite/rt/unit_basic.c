// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the translator would make of a script that tries each family once, written by hand.  Every
 * check prints "ok NAME" or "not ok NAME"; counts are printed as values for the caller to judge.
 */
#include "stp.h"

static struct stp_global g_hits = { .name = "hits", .type = STP_LONG, .index = 0 };
static struct stp_global g_returns = { .name = "returns", .type = STP_LONG, .index = 1 };
static struct stp_global g_ticks = { .name = "ticks", .type = STP_LONG, .index = 2 };
static struct stp_global g_jticks = { .name = "jticks", .type = STP_LONG, .index = 3 };
static struct stp_global g_profile = { .name = "profile", .type = STP_LONG, .index = 4 };
static struct stp_global g_switches = { .name = "switches", .type = STP_LONG, .index = 5 };
static struct stp_global g_bad = { .name = "bad", .type = STP_LONG, .index = 6 };
static struct stp_global g_opens = { .name = "opens", .type = STP_LONG, .index = 7 };
static struct stp_global *const globals[] = { &g_opens, &g_hits, &g_returns, &g_ticks, &g_jticks, &g_profile,
					      &g_switches, &g_bad };

static const struct stp_fmt fmt_value = { "%s %d\n", "sn", 2, 0 };
static const struct stp_fmt *const fmts[] = { &fmt_value };

/* One line of text, formatted here: the test's reader knows text records only. */
static void say(struct stp_context *c, const char *name, int64_t v)
{
	char *line = stp_push(c, 512);
	union stp_val args[2];

	if (!line)
		return;
	args[0].s = name;
	args[1].n = v;
	stp_sprintf(c, line, &fmt_value, args);
	stp_print(c, line);
	stp_pop(c, line);
}

static void check(struct stp_context *c, const char *name, bool ok)
{
	stp_print(c, ok ? "ok " : "not ok ");
	stp_print(c, name);
	stp_print(c, "\n");
}

static bool load_fails(struct stp_context *c, uint64_t addr, uint32_t size)
{
	bool failed;

	stp_load(c, addr, size);
	failed = c->error;
	c->error = NULL;
	return failed;
}

static bool user_load_fails(struct stp_context *c, uint64_t addr)
{
	bool failed;

	stp_load_user(c, addr, 8);
	failed = c->error;
	c->error = NULL;
	return failed;
}

static uint64_t word = 0x1122334455667788ull;
static const char text[] = "a string that is longer than sixty-four bytes, to be read in more than one piece";

static void begin_memory(struct stp_context *c)
{
	uint64_t v;
	char buf[128];

	check(c, "load 8", stp_load(c, (uintptr_t)&word, 8) == 0x1122334455667788ull);
	check(c, "load 4", stp_load(c, (uintptr_t)&word, 4) == 0x55667788);
	check(c, "load 2", stp_load(c, (uintptr_t)&word, 2) == 0x7788);
	check(c, "load 1", stp_load(c, (uintptr_t)&word + 7, 1) == 0x11);
	check(c, "load 3", load_fails(c, (uintptr_t)&word, 3));
	check(c, "load NULL", load_fails(c, 0, 8));
	check(c, "load 8 is no page", load_fails(c, 8, 8));
	check(c, "load user address", load_fails(c, 0x400000, 4));
	check(c, "load guard page", load_fails(c, 0x7ffffffff000ull, 8));
	check(c, "load non-canonical", load_fails(c, 0x1234567800000000ull, 8));
	check(c, "load non-canonical high", load_fails(c, 0xdead000000000100ull, 8));
	check(c, "load last byte", load_fails(c, 0xffffffffffffffffull, 8));
	check(c, "load unmapped module space", load_fails(c, 0xffffffffff000000ull, 8));
	check(c, "load vsyscall", load_fails(c, 0xffffffffff600000ull, 8));
	check(c, "load unmapped direct map", load_fails(c, 0xffff800000000000ull, 8));
	check(c, "user load of kernel address", user_load_fails(c, (uintptr_t)&word));
	check(c, "user load NULL", user_load_fails(c, 0));
	check(c, "user load non-canonical", user_load_fails(c, 0x8000000000000000ull));
	check(c, "try_load false", !stp_try_load(16, 8, false, &v) && !c->error);
	check(c, "string", stp_try_string((uintptr_t)text, false, buf, sizeof(buf)) == sizeof(text) - 1 &&
	      stp_strcmp(buf, text) == 0);
	check(c, "string cut", stp_try_string((uintptr_t)text, false, buf, 9) == 8 && buf[8] == 0);
	check(c, "string NULL", stp_try_string(0, false, buf, 9) == -1);
	stp_store(c, (uintptr_t)&word, 2, 0xbeef);
	check(c, "store 2", !c->error && word == 0x112233445566beefull);
	stp_store(c, (uintptr_t)text, 1, 'x');
	check(c, "store to read-only", c->error && text[0] == 'a');
	c->error = NULL;
	stp_store(c, 0x400000, 1, 'x');
	check(c, "store to user address", c->error);
	c->error = NULL;
}

static void begin_first(struct stp_context *c)
{
	check(c, "begin is first", g_hits.number == 0 && g_switches.number == 0 && g_ticks.number == 0);
	stp_print(c, "begin -5\n");
}

static void begin_second(struct stp_context *c)
{
	uint64_t v = stp_reloc(NULL, NULL, 0);

	stp_print(c, "begin 0\n");
	check(c, "no anchor", v == 0);
	check(c, "div", stp_div(c, 7, -2) == -3 && stp_mod(c, -7, 2) == -1);
	check(c, "div min", stp_div(c, (int64_t)1 << 63, -1) == (int64_t)1 << 63);
	check(c, "no regs", !c->error && stp_reg(c, 0) == 0 && c->error);
	c->error = NULL;
	begin_memory(c);
}

/* vfs_read(file, buf, count, pos) */
static void vfs_read(struct stp_context *c)
{
	uint64_t ip = stp_reg(c, 16), sp = stp_reg(c, 7), ret = stp_load(c, sp, 8);

	g_hits.number++;
	/* The return address is in kernel text. */
	if (c->error || !ip || (ret >> 32) != 0xffffffff || (stp_reg(c, 5) >> 63) != 1)
		g_bad.number++;
	if (g_hits.number == 1)
		check(c, "entry sp is at a return address", (ret >> 32) == 0xffffffff);
}

static void vfs_read_entry(struct stp_context *c)
{
	c->saved[0] = stp_reg(c, 1);	/* rdx: count */
	c->saved[1] = stp_reg(c, 7);
}

static void vfs_read_return(struct stp_context *c)
{
	int64_t n = stp_reg(c, 0);

	g_returns.number++;
	if (n > c->saved[0])
		g_bad.number++;
	if ((c->return_address >> 32) != 0xffffffff || stp_reg(c, 16) != c->return_address)
		g_bad.number++;
}

/* do_sys_openat2(dfd, filename, how) of "/etc/passwd" */
static void open_file(struct stp_context *c)
{
	uint64_t name = stp_reg(c, 4);
	char *buf = stp_push(c, 64);
	int64_t len = stp_try_string(name, true, buf, 64);

	if (len == 11 && stp_strcmp(buf, "/etc/passwd") == 0) {
		g_opens.number++;
		if ((uint8_t)stp_load_user(c, name, 1) != '/' || c->error)
			g_bad.number++;
		/* A user pointer is no kernel pointer. */
		if (stp_try_copy(buf, name, 8, false))
			g_bad.number++;
	}
	stp_pop(c, buf);
}

static void tick(struct stp_context *c) { g_ticks.number++; }
static void jtick(struct stp_context *c) { g_jticks.number++; }

static void profile(struct stp_context *c)
{
	g_profile.number++;
	if (!c->regs)
		g_bad.number++;
}

static void sched_switch(struct stp_context *c)
{
	g_switches.number++;
	/* next's task_struct */
	if (!stp_arg(c, 2) || (stp_load(c, stp_arg(c, 2), 8), c->error))
		g_bad.number++;
}

static void end(struct stp_context *c)
{
	say(c, "hits", g_hits.number);
	say(c, "returns", g_returns.number);
	say(c, "ticks", g_ticks.number);
	say(c, "jticks", g_jticks.number);
	say(c, "profile", g_profile.number);
	say(c, "switches", g_switches.number);
	say(c, "opens", g_opens.number);
	say(c, "bad", g_bad.number);
}

static void error_probe(struct stp_context *c) { stp_print(c, "not ok error probe ran\n"); }

#define W(g) { &(g), STP_WRITE }
static const struct stp_lock_need need_hits[] = { W(g_hits), W(g_bad) };
static const struct stp_lock_need need_returns[] = { W(g_returns), W(g_bad) };
static const struct stp_lock_need need_ticks[] = { W(g_ticks) };
static const struct stp_lock_need need_jticks[] = { W(g_jticks) };
static const struct stp_lock_need need_profile[] = { W(g_profile), W(g_bad) };
static const struct stp_lock_need need_switches[] = { W(g_switches), W(g_bad) };

static const struct stp_probe p_begin1 = { .pp = "begin(-5)", .handler = begin_first, .interruptible = true };
static const struct stp_probe p_begin2 = { .pp = "begin", .handler = begin_second, .interruptible = true };
static const struct stp_probe p_end = { .pp = "end", .handler = end, .interruptible = true };
static const struct stp_probe p_error = { .pp = "error", .handler = error_probe, .interruptible = true };
static const struct stp_probe p_read = {
	.pp = "kernel.function(\"vfs_read\")", .handler = vfs_read, .locks = need_hits, .nlocks = 2,
};
static const struct stp_probe p_return = {
	.pp = "kernel.function(\"vfs_read\").return", .handler = vfs_read_return, .entry = vfs_read_entry,
	.nsaved = 2, .locks = need_returns, .nlocks = 2,
};
static const struct stp_probe p_tick = { .pp = "timer.ms(10)", .handler = tick, .locks = need_ticks, .nlocks = 1 };
static const struct stp_probe p_jtick = {
	.pp = "timer.jiffies(5)", .handler = jtick,
	.locks = need_jticks, .nlocks = 1,
};
static const struct stp_probe p_profile = {
	.pp = "timer.profile", .handler = profile,
	.locks = need_profile, .nlocks = 2,
};
static const struct stp_probe p_switch = {
	.pp = "kernel.trace(\"sched_switch\")", .handler = sched_switch, .locks = need_switches, .nlocks = 2,
};
static const struct stp_lock_need need_opens[] = { W(g_bad), W(g_opens) };
static const struct stp_probe p_open = {
	.pp = "kernel.function(\"do_sys_openat2\")", .handler = open_file, .locks = need_opens, .nlocks = 2,
};
static const struct stp_probe p_none = { .pp = "kernel.function(\"no_such_function\")", .handler = tick };
static const struct stp_probe p_black = { .pp = "kernel.function(\"exc_page_fault\")", .handler = tick };

/* The translator would never say so: the place is no entry.  The other rows have to be armed all the same. */
extern char register_kprobe[];
static const struct stp_probe p_lie = { .pp = "kernel.function(\"lie\")", .handler = tick };

static void tp_sched_switch(void *data, bool preempt, void *prev, void *next, unsigned int state)
{
	int64_t args[] = { preempt, (uintptr_t)prev, (uintptr_t)next, state };

	stp_tracepoint_hit(data, args, 4);
}

static const struct stp_row_been been[] = {
	{ &p_begin2, STP_BEGIN, 0 }, { &p_error, STP_ERROR, 0 }, { &p_end, STP_END, 0 }, { &p_begin1, STP_BEGIN, -5 },
};
static const struct stp_row_timer timers[] = {
	{ &p_tick, STP_TIMER_NS, 10000000, 1000000 },
	{ &p_jtick, STP_TIMER_JIFFIES, 5, 0 },
	{ &p_profile, STP_TIMER_PROFILE, 0, 0 },
};
static const struct stp_row_kprobe kprobes[] = {
	{ .probe = &p_read, .symbol = "vfs_read" },
	{ .probe = &p_return, .symbol = "vfs_read", .is_return = true },
	{ .probe = &p_open, .symbol = "do_sys_openat2" },
	{ .probe = &p_none, .symbol = "no_such_function", .optional = true },
	{ .probe = &p_lie, .address = (uint64_t)&register_kprobe[16], .absolute = true, .patchable = true,
	  .optional = true },
	{ .probe = &p_black, .symbol = "exc_page_fault", .optional = true },
};
static const struct stp_row_tracepoint tracepoints[] = { { &p_switch, "sched_switch", tp_sched_switch } };
static const struct stp_probe *const probes[] = { &p_begin1, &p_begin2, &p_end, &p_error, &p_read, &p_return,
						  &p_tick, &p_jtick, &p_profile, &p_switch };

#define N(a) (sizeof(a) / sizeof((a)[0]))
const struct stp_unit stp_unit = {
	.version = STP_ABI_VERSION,
	.probes = probes, .nprobes = N(probes),
	.globals = globals, .nglobals = N(globals),
	.fmts = fmts, .nfmts = N(fmts),
	.been = been, .nbeen = N(been),
	.timer = timers, .ntimer = N(timers),
	.kprobe = kprobes, .nkprobe = N(kprobes),
	.tracepoint = tracepoints, .ntracepoint = N(tracepoints),
	.frame_size = 1024,
	.kernel_release = "",
	.maxstringlen = MAXSTRINGLEN, .maxaction = 1000, .maxaction_interruptible = 10000, .maxnesting = 10,
	.maxmapentries = 2048, .maxerrors = 0, .maxskipped = 100, .maxtrylock = 1000, .trylockdelay_us = 10,
	.maxbacktrace = 20, .minstackspace = 1024,
	.overload_interval = 1000000000, .overload_threshold = 500000000,
};
