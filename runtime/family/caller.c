// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The calls that led to a function's entry against those that a row allows: the nearest return
 * address is on top of the stack, those further out take the kernel's unwinder.
 *
 * A return probe on the same function may have put the address of its trampoline on the stack
 * before; the unwinder knows what stood there.  Nothing here can be probed or sleeps.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/stacktrace.h>
#include "core/core.h"
#include "family/caller.h"

enum {
	DEPTH = 64,
	ENTRY_CODE = 16,	/* endbr64 and the call of ftrace */
};

static unsigned long trampoline;	/* of return probes; 0: unknown */

/* register_kprobe() refuses these places, but has looked the name up by then. */
static unsigned long address_of(const char *name)
{
	struct kprobe kp = { .symbol_name = name };

	if (register_kprobe(&kp) == 0)
		unregister_kprobe(&kp);
	return (unsigned long)kp.addr;
}

void stp_caller_init(void)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nkprobe && !trampoline; i++) {
		if (!stp_unit.kprobe[i].ncallers)
			continue;
		trampoline = address_of("arch_rethook_trampoline") ?: address_of("__kretprobe_trampoline");
		return;
	}
}

static __kprobes bool is_allowed(const struct stp_row_kprobe *row, uint32_t level, unsigned long addr)
{
	uint32_t i;

	for (i = 0; i < row->ncallers; i++)
		if (row->callers[i].level == level &&
		    stp_reloc(row->module, row->callers[i].section, row->callers[i].address) == addr)
			return true;
	return false;
}

/* Index of the nearest return address; TOP is what the stack has on top. */
static __kprobes uint32_t nearest(const unsigned long *frames, uint32_t n, unsigned long ip,
				  unsigned long top)
{
	uint32_t i;

	for (i = 0; i + 1 < n; i++)
		if (frames[i] - ip <= ENTRY_CODE)
			return i + 1;
	for (i = 0; i < n && frames[i] != top; i++)
		;
	return i;
}

__kprobes bool stp_caller_fits(const struct stp_row_kprobe *row, unsigned long ip, struct pt_regs *regs)
{
	uint32_t levels = row->callers[row->ncallers - 1].level + 1, n, i, first;
	unsigned long frames[DEPTH];
	uint64_t top;

	if (!stp_try_load(regs->sp, sizeof(long), false, &top))
		return false;
	if (top != trampoline && !is_allowed(row, 0, top))
		return false;
	if (top != trampoline && levels == 1)
		return true;
	n = stack_trace_save(frames, DEPTH, 0);
	first = nearest(frames, n, ip, top);
	for (i = 0; i < levels; i++)
		if (first + i >= n || !is_allowed(row, i, frames[first + i]))
			return false;
	return true;
}
