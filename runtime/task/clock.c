// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clocks, and what the registers of the probe tell without debuginfo.  Any context: the kernel's
 * "fast" clock readers do not wait for the timekeeper, so they work in NMI and inside of it.
 */
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>
#include "core/core.h"

int64_t stp_realtime_ns(void)
{
	return ktime_get_real_fast_ns();
}

int64_t stp_monotonic_ns(void)
{
	return ktime_get_mono_fast_ns();
}

int64_t stp_local_clock_ns(void)
{
	return local_clock();
}

int64_t stp_cycles(void)
{
	return get_cycles();
}

int64_t stp_jiffies(void)
{
	return (int64_t)jiffies;
}

int64_t stp_hz(void)
{
	return HZ;
}

/* splitmix64 over a count that the cycle counter disturbs; get_random_u64() takes locks. */
int64_t stp_random(int64_t n)
{
	static DEFINE_PER_CPU(u64, state);
	u64 z = this_cpu_add_return(state, 0x9e3779b97f4a7c15ull) ^ get_cycles();

	if (n < 1)
		return 0;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	z ^= z >> 31;
	return (int64_t)(z % (u64)n);
}

int64_t stp_in_user_mode(struct stp_context *c)
{
	return c->user_regs || (c->regs && user_mode((struct pt_regs *)c->regs));
}

int64_t stp_function_arg(struct stp_context *c, int64_t n)
{
	const struct pt_regs *regs = (const struct pt_regs *)c->regs;

	if (!regs) {
		stp_error(c, "cannot access function args in this context");
		return 0;
	}
	if (c->return_address) {
		stp_error(c, "at a function's return its arguments are gone");
		return 0;
	}
	switch (n) {
	case 1: return regs->di;
	case 2: return regs->si;
	case 3: return regs->dx;
	case 4: return regs->cx;
	case 5: return regs->r8;
	case 6: return regs->r9;
	}
	stp_error(c, "cannot access arg(%lld): only 1 to 6 are in registers", (long long)n);
	return 0;
}

int64_t stp_return_value(struct stp_context *c)
{
	if (!c->regs) {
		stp_error(c, "cannot access CPU registers in this context");
		return 0;
	}
	return ((const struct pt_regs *)c->regs)->ax;
}

static const unsigned int syscall_arg_offsets[] = {
	offsetof(struct pt_regs, di), offsetof(struct pt_regs, si), offsetof(struct pt_regs, dx),
	offsetof(struct pt_regs, r10), offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),
};

/* Where argument N of the system call lies; 0 after an error. */
static uint64_t syscall_arg_at(struct stp_context *c, int64_t n)
{
	uint64_t regs = stp_function_arg(c, 1);

	if (c->error)
		return 0;
	if (n < 1 || n > 6) {
		stp_error(c, "system calls have arguments 1 to 6, not %lld", (long long)n);
		return 0;
	}
	return regs + syscall_arg_offsets[n - 1];
}

static noinline int64_t load_syscall_arg(struct stp_context *c, int64_t n)
{
	uint64_t at = syscall_arg_at(c, n);

	return c->error ? 0 : stp_load(c, at, 8);
}

/* Registers of the task itself, which is what system calls are called with, cannot fault. */
int64_t stp_syscall_arg(struct stp_context *c, int64_t n)
{
	const struct pt_regs *regs = (const struct pt_regs *)c->regs;

	if (likely(regs && !c->return_address && (uint64_t)n - 1 < 6 &&
		   regs->di == (unsigned long)task_pt_regs(current)))
		return *(const int64_t *)(regs->di + syscall_arg_offsets[n - 1]);
	return load_syscall_arg(c, n);
}

void stp_set_syscall_arg(struct stp_context *c, int64_t n, uint64_t value)
{
	uint64_t at = syscall_arg_at(c, n);

	if (!c->error)
		stp_store(c, at, 8, value);
}
