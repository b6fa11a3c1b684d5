// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers of the probed program by their DWARF numbers.  One table per architecture: x86-64 from
 * the System V ABI's AMD64 supplement, figure 3.36 (16 is the return address column: the
 * instruction pointer); arm64 from "DWARF for the Arm 64-bit Architecture" (31 SP, 32 PC).
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/stddef.h>
#include "core/core.h"

#if defined(CONFIG_X86_64)
enum { SP = 7, PC = 16 };
#define R(member) offsetof(struct pt_regs, member)
const uint16_t stp_reg_at[] = {
	R(ax), R(dx), R(cx), R(bx), R(si), R(di), R(bp), R(sp),
	R(r8), R(r9), R(r10), R(r11), R(r12), R(r13), R(r14), R(r15), R(ip),
};
#elif defined(CONFIG_ARM64)
enum { SP = 31, PC = 32 };
#define X(n) offsetof(struct pt_regs, regs[n])
const uint16_t stp_reg_at[] = {
	X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7), X(8), X(9), X(10), X(11), X(12), X(13), X(14),
	X(15), X(16), X(17), X(18), X(19), X(20), X(21), X(22), X(23), X(24), X(25), X(26), X(27),
	X(28), X(29), X(30), offsetof(struct pt_regs, sp), offsetof(struct pt_regs, pc),
};
#else
#error "access/regs.c needs this architecture's table of DWARF register numbers"
#endif

const uint32_t stp_nregs = ARRAY_SIZE(stp_reg_at);

__kprobes uint64_t stp_reg_missing(struct stp_context *c, uint32_t n)
{
	if (!c->regs)
		stp_error(c, "cannot access CPU registers in this context");
	else
		stp_error(c, "register %u is not saved at a probe", n);
	return 0;
}

/* Guru mode.  The stack and instruction pointers are not the script's to move. */
__kprobes void stp_store_reg(struct stp_context *c, uint32_t n, uint64_t value)
{
	if (unlikely(!c->regs || n >= stp_nregs))
		stp_reg_missing(c, n);
	else if (n == SP || n == PC)
		stp_error(c, "register %u cannot be written", n);
	else
		*(unsigned long *)((char *)c->regs + stp_reg_at[n]) = value;
}
