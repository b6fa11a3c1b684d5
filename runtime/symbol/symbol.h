/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols and stacks.  Included by stp.h only. */
#ifndef STP_SYMBOL_H
#define STP_SYMBOL_H

/* "vfs_read" for an address inside it; hex text when unknown. */
void stp_symname(uint64_t addr, char *to, uint32_t size);
/* "vfs_read+0x10/0x1b0 [module]", where the kernel itself is [kernel]; hex text when unknown. */
void stp_symdata(uint64_t addr, char *to, uint32_t size);
void stp_symplace(uint64_t addr, char *to, uint32_t size);	/* the same without the symbol's size */
/*
 * The place in the source, "fs/read_write.c:450", or one part of it; hex text when unknown.  Known are those of
 * the kernel itself, in a unit that has a map of lines.
 */
void stp_symfileline(uint64_t addr, bool file, bool line, char *to, uint32_t size);
/* "kernel" or the module of the address; false when it is in neither. */
bool stp_modname(uint64_t addr, char *to, uint32_t size);
/* Addresses of the kernel stack of the probe as hex words separated by blanks. */
void stp_backtrace(struct stp_context *c, char *to, uint32_t size);
/* The same, one " 0xADDR : symbol+0x../0x.. [module]" line each, printed. */
void stp_print_backtrace(struct stp_context *c);
/* With places in the source, and a line for each inlined call that the address is in. */
void stp_print_backtrace_lines(struct stp_context *c);
/* Lines for the addresses in TEXT (what backtrace() returned). */
void stp_print_stack(struct stp_context *c, const char *text);
/* Lines of "symbol+0x.. [module]" for the stack, or for the addresses in TEXT. */
void stp_sprint_backtrace(struct stp_context *c, char *to, uint32_t size);
void stp_sprint_stack(const char *text, char *to, uint32_t size);
/* The first N callers as hex words, the probe's own address not counted; all when N is -1. */
void stp_callers(struct stp_context *c, char *to, uint32_t size, int64_t n);
uint64_t stp_stack_at(struct stp_context *c, int64_t n);	/* 0: the probe's own; 0 behind the end */
uint64_t stp_probe_address(struct stp_context *c);	/* addr(): instruction pointer of the probe */

/* The user stack of the current task, by frame pointers; "" and 0 when there is none. */
int64_t stp_uaddr(struct stp_context *c);
void stp_ubacktrace(struct stp_context *c, char *to, uint32_t size);
void stp_ubacktrace_from(uint64_t ip, uint64_t fp, char *to, uint32_t size);
void stp_ucallers(struct stp_context *c, char *to, uint32_t size, int64_t n);
/*
 * A user-space address: "main"; "main+0x10/0x20 [/path]"; the path (false: unknown); lines for the hex words in
 * WORDS.  Hex text when unknown.  Known are files whose symbols the unit has, in probes of programs.
 */
enum stp_usym_line {
	STP_USYM_FULL,		/* " 0x55e0 : main+0x10/0x20 [/path/to/file]" */
	STP_USYM_PLAIN,		/* "main+0x10 [file]" */
	STP_USYM_BRIEF,		/* "main+0x10" */
};
void stp_usymname(struct stp_context *c, uint64_t addr, char *to, uint32_t size);
void stp_usymdata(struct stp_context *c, uint64_t addr, char *to, uint32_t size);
bool stp_umodname(struct stp_context *c, uint64_t addr, char *to, uint32_t size);
void stp_sprint_usyms(struct stp_context *c, const char *words, enum stp_usym_line kind, char *to, uint32_t size);
uint64_t stp_ustack_at(struct stp_context *c, int64_t n);

#endif
