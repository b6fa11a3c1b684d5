/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mark as sys/sdt.h leaves it in a program: a nop, and an ELF note of owner "stapsdt" that tells its place, a
 * counter of tracers, provider, name and operands.
 */
#ifndef SUBJECTS_MARK_H
#define SUBJECTS_MARK_H

#define MARK(provider, name, semaphore, operands, ...) \
	__asm__ volatile("990: nop\n" \
		"	.pushsection .note.stapsdt,\"\",\"note\"\n" \
		"	.balign 4\n" \
		"	.4byte 992f-991f, 994f-993f, 3\n" \
		"991:	.asciz \"stapsdt\"\n" \
		"992:	.balign 4\n" \
		"993:	.8byte 990b, _.stapsdt.base, " semaphore "\n" \
		"	.asciz \"" provider "\", \"" name "\", \"" operands "\"\n" \
		"994:	.balign 4\n" \
		"	.popsection\n" \
		"	.ifndef _.stapsdt.base\n" \
		"	.pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
		"	.weak _.stapsdt.base\n" \
		"	.hidden _.stapsdt.base\n" \
		"_.stapsdt.base: .space 1\n" \
		"	.size _.stapsdt.base, 1\n" \
		"	.popsection\n" \
		"	.endif\n" : : __VA_ARGS__)

/* A counter of tracers, in the section where a tracer expects it. */
#define SEMAPHORE(name) \
	unsigned short name __attribute__((section(".probes"), used, visibility("hidden")))

#endif
