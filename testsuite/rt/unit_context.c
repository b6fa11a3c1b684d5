// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hand-written unit that asks task/ and symbol/ everything, and uses maps in handlers: what the
 * probes are is in the tables at the end.  "ok" and "not ok" lines are checks; "value NAME X" lines
 * and the stacks are for context.sh to compare with what it knows.
 *
 * Probed is what the thread of context_target.c does.  CASE, when given, is the offset of an
 * instruction in vfs_read that a jump can replace: the stack there is the inexact one.
 */
#include "stp.h"

static const uint8_t keys_s[] = { STP_STRING };
static struct stp_global g_reads = { .name = "reads", .type = STP_STATS, .nkeys = 1, .keys = keys_s,
				     .hist = 1, .index = 0 };
static struct stp_global g_calls = { .name = "calls", .type = STP_LONG, .nkeys = 1, .keys = keys_s,
				     .maxentries = 4, .wrap = true, .index = 1 };
static struct stp_global g_done = { .name = "done", .type = STP_LONG, .index = 2 };
static struct stp_global *const globals[] = { &g_reads, &g_calls, &g_done };

enum { DONE_ENTRY = 1, DONE_RETURN = 2, DONE_MIDDLE = 4, DONE_SWITCH = 8, DONE_PROFILE = 16, DONE_USER = 32 };

static const struct stp_fmt fmt_n = { "value %s %d\n", "sn", 2, 0 };
static const struct stp_fmt fmt_s = { "value %s %s\n", "ss", 2, 1 };
static const struct stp_fmt fmt_stat = { "reads %s %d %d\n", "snn", 3, 2 };
static const struct stp_fmt *const fmts[] = { &fmt_n, &fmt_s, &fmt_stat };

static void print(struct stp_context *c, const struct stp_fmt *f, const union stp_val *v)
{
	char *line = stp_push(c, 512);

	if (!line)
		return;
	stp_sprintf(c, line, f, v);
	stp_print(c, line);
	stp_pop(c, line);
}

static void number(struct stp_context *c, const char *name, int64_t n)
{
	print(c, &fmt_n, (union stp_val[]){ { .s = name }, { .n = n } });
}

static void text(struct stp_context *c, const char *name, const char *s)
{
	print(c, &fmt_s, (union stp_val[]){ { .s = name }, { .s = s } });
}

static void check(struct stp_context *c, const char *name, bool ok)
{
	stp_print(c, ok ? "ok " : "not ok ");
	stp_print(c, name);
	stp_print(c, "\n");
}

static bool is_target(void)
{
	char name[16];

	stp_task_execname(name, sizeof(name));
	return !stp_strcmp(name, "context_thread");
}

static bool first(int64_t what)
{
	if (g_done.number & what)
		return false;
	g_done.number |= what;
	return true;
}

static void task_values(struct stp_context *c)
{
	char name[64];

	number(c, "pid", stp_task_pid());
	number(c, "tid", stp_task_tid());
	number(c, "ppid", stp_task_ppid());
	number(c, "pgrp", stp_task_pgrp());
	number(c, "sid", stp_task_sid());
	number(c, "uid", stp_task_uid());
	number(c, "euid", stp_task_euid());
	number(c, "gid", stp_task_gid());
	number(c, "egid", stp_task_egid());
	stp_task_execname(name, sizeof(name));
	text(c, "execname", name);
	stp_task_pexecname(name, sizeof(name));
	text(c, "pexecname", name);
	number(c, "realtime_s", stp_realtime_ns() / 1000000000);
	number(c, "cpu", stp_cpu());
	text(c, "module", stp_module_name());
}

static void task_members(struct stp_context *c)
{
	int64_t t = stp_task_current(), parent = stp_task_get(c, t, STP_TASK_PARENT);
	char name[64];

	check(c, "task_pid", stp_task_get(c, t, STP_TASK_PID) == stp_task_pid());
	check(c, "task_tid", stp_task_get(c, t, STP_TASK_TID) == stp_task_tid());
	check(c, "task_uid", stp_task_get(c, t, STP_TASK_UID) == stp_task_uid());
	check(c, "task_egid", stp_task_get(c, t, STP_TASK_EGID) == stp_task_egid());
	check(c, "task_cpu", stp_task_get(c, t, STP_TASK_CPU) == stp_cpu());
	check(c, "task_parent", stp_task_get(c, parent, STP_TASK_PID) == stp_task_ppid());
	check(c, "task_nice", stp_task_get(c, t, STP_TASK_NICE) == 5);
	check(c, "task_prio", stp_task_get(c, t, STP_TASK_PRIO) == 25);
	check(c, "task_state", stp_task_get(c, t, STP_TASK_STATE) == 0);
	check(c, "pid2task", stp_task_find(stp_task_tid()) == t);
	check(c, "pid2task of none", !stp_task_find(0) && !stp_task_find(-1) && !stp_task_find(1ll << 40));
	stp_task_get_execname(c, parent, name, sizeof(name));
	text(c, "parent_execname", name);
	check(c, "no error so far", !c->error);
	stp_task_get(c, 0x10, STP_TASK_UID);
	check(c, "bad task is an error", c->error);
	c->error = NULL;
	stp_task_get_execname(c, -8, name, sizeof(name));
	check(c, "bad task's name is an error", c->error);
	c->error = NULL;
}

static void clocks(struct stp_context *c)
{
	int64_t a = stp_monotonic_ns(), b = stp_local_clock_ns(), i, n;
	bool good = true;

	check(c, "monotonic goes on", stp_monotonic_ns() >= a);
	check(c, "local clock goes on", stp_local_clock_ns() >= b);
	check(c, "cycles", stp_cycles() > 0 && stp_jiffies() && stp_hz() >= 100);
	for (i = 0; i < 100; i++) {
		n = stp_random(10);
		good &= n >= 0 && n < 10;
	}
	check(c, "random numbers are in range", good && stp_random(0) == 0 && stp_random(-5) == 0);
}

static void stack(struct stp_context *c, const char *name)
{
	char *words = stp_push(c, 512);

	stp_print(c, "stack ");
	stp_print(c, name);
	stp_print(c, "\n");
	stp_print_backtrace(c);
	stp_print(c, "end\n");
	if (!words)
		return;
	stp_backtrace(c, words, 512);
	text(c, "words", words);
	stp_sprint_backtrace(c, words, 512);
	text(c, "lines", words);
	stp_callers(c, words, 512, 1);
	check(c, "one caller", (uint64_t)stp_strtol(words, 16) == stp_stack_at(c, 1) && stp_strpos(words, " ") < 0);
	stp_pop(c, words);
}

/* vfs_read(file, buf, count, pos) */
static void vfs_read(struct stp_context *c)
{
	union stp_val key;
	char name[64];

	stp_task_execname(name, sizeof(name));
	key.s = name;
	stp_stat_add(c, g_reads.map, &key, stp_function_arg(c, 3));
	stp_map_add(c, g_calls.map, &key, 1);
	if (!is_target() || !first(DONE_ENTRY))
		return;
	task_values(c);
	task_members(c);
	clocks(c);
	check(c, "kernel mode", !stp_in_user_mode(c));
	stp_symname(stp_probe_address(c), name, sizeof(name));
	text(c, "symname", name);
	stp_symdata(stp_probe_address(c) + 4, name, sizeof(name));
	text(c, "symdata", name);
	check(c, "modname", stp_modname(stp_probe_address(c), name, sizeof(name)) && !stp_strcmp(name, "kernel"));
	check(c, "modname of a module", stp_modname((uintptr_t)vfs_read, name, sizeof(name)) &&
	      !stp_strcmp(name, stp_module_name()));
	check(c, "modname of nothing", !stp_modname(16, name, sizeof(name)));
	stp_symname(16, name, sizeof(name));
	check(c, "symname of nothing", !stp_strcmp(name, "0x10"));
	stack(c, "entry");
}

static void vfs_read_return(struct stp_context *c)
{
	if (is_target() && first(DONE_RETURN))
		stack(c, "return");
}

static void vfs_read_middle(struct stp_context *c)
{
	if (is_target() && first(DONE_MIDDLE))
		stack(c, "middle");
}

static void sched_switch(struct stp_context *c)
{
	if (is_target() && first(DONE_SWITCH))
		stack(c, "switch");
}

/* A profile tick in user code has no kernel stack; one in the kernel has. */
static void profile(struct stp_context *c)
{
	if (!is_target())
		return;
	if (stp_in_user_mode(c)) {
		if (first(DONE_USER))
			check(c, "no kernel stack of user code", !stp_stack_at(c, 0));
	} else if (first(DONE_PROFILE)) {
		stack(c, "profile");
	}
}

static void begin(struct stp_context *c)
{
	stack(c, "begin");
}

static void end(struct stp_context *c)
{
	struct stp_iter it;
	char name[512];

	stp_iter_begin(c, &it, g_reads.map, STP_SORT_VALUE, -1, STP_SUM, 20, NULL, NULL);
	while (stp_iter_next(c, &it)) {
		union stp_val key;

		stp_iter_key_str(&it, 0, name);
		key.s = name;
		print(c, &fmt_stat, (union stp_val[]){ { .s = name },
			{ .n = stp_stat_get(c, g_reads.map, &key, STP_COUNT) },
			{ .n = stp_stat_get(c, g_reads.map, &key, STP_SUM) } });
		if (!stp_strcmp(name, "context_thread"))
			stp_print_hist(c, g_reads.map, &key);
	}
	stp_iter_end(c, &it);
	check(c, "no error at the end", !c->error);
}

static const struct stp_lock_need needs[] = {
	{ &g_reads, STP_WRITE }, { &g_calls, STP_WRITE }, { &g_done, STP_WRITE },
};
#define NEEDS .locks = needs, .nlocks = 3

static const struct stp_probe p_begin = { .pp = "begin", .handler = begin, .interruptible = true };
static const struct stp_probe p_end = { .pp = "end", .handler = end, .interruptible = true, NEEDS };
static const struct stp_probe p_entry = { .pp = "kernel.function(\"vfs_read\")", .handler = vfs_read, NEEDS };
static const struct stp_probe p_return = {
	.pp = "kernel.function(\"vfs_read\").return", .handler = vfs_read_return, NEEDS
};
static const struct stp_probe p_middle = { .pp = "kernel.statement(0x0)", .handler = vfs_read_middle, NEEDS };
static const struct stp_probe p_profile = { .pp = "timer.profile", .handler = profile, NEEDS };
static const struct stp_probe p_switch = { .pp = "kernel.trace(\"sched_switch\")", .handler = sched_switch, NEEDS };

static void tp_sched_switch(void *data, bool preempt, void *prev, void *next, unsigned int state)
{
	int64_t args[] = { preempt, (uintptr_t)prev, (uintptr_t)next, state };

	stp_tracepoint_hit(data, args, 4);
}

static const struct stp_row_been been[] = { { &p_begin, STP_BEGIN, 0 }, { &p_end, STP_END, 0 } };
static const struct stp_row_timer timers[] = { { &p_profile, STP_TIMER_PROFILE, 0, 0 } };
static const struct stp_row_kprobe kprobes[] = {
	{ .probe = &p_entry, .symbol = "vfs_read" },
#ifdef CASE	/* a return probe would hide the return address */
	{ .probe = &p_middle, .symbol = "vfs_read", .offset = CASE },
#else
	{ .probe = &p_return, .symbol = "vfs_read", .is_return = true },
#endif
};
static const struct stp_row_tracepoint tracepoints[] = { { &p_switch, "sched_switch", tp_sched_switch } };
static const struct stp_probe *const probes[] = { &p_begin, &p_end, &p_entry, &p_return, &p_middle, &p_profile,
						  &p_switch };

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
	.maxmapentries = 2048, .maxerrors = 0, .maxskipped = 1000, .maxtrylock = 1000, .trylockdelay_us = 10,
	.maxbacktrace = 20, .minstackspace = 1024,
	.overload_interval = 1000000000, .overload_threshold = 0,
};
