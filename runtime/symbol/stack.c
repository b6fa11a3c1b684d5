// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel stacks: the probe's own address first, then its callers.
 *
 * stack_trace_save() walks from here outwards, so what it finds begins with this runtime, then
 * what led to it - a trap, a trampoline of ftrace, the tracepoint's code - and then the code that
 * was probed.  With registers, that place is where the walk passes regs->ip: a trap leaves exactly
 * it, a trampoline the end of the call at the function's entry, a few bytes on.  Without, it is
 * behind the last of our own functions.  A walk that does not pass it is not the probe's stack.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include "core/core.h"
#include "data/format.h"

enum {
	OWN = 32,		/* frames of the tracer and of what led to it */
	MOST = 96,
	ENTRY_CODE = 16,	/* endbr64 and the call of ftrace */
};

static uint32_t most_frames(void)
{
	return min_t(uint32_t, stp_unit.maxbacktrace, MOST - OWN);
}

uint64_t stp_probe_address(struct stp_context *c)
{
	return c->regs ? instruction_pointer((struct pt_regs *)c->regs) : 0;
}

static bool is_tracepoint_code(unsigned long addr)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol_no_offset(name, addr);
	return strstarts(name, "__traceiter_") || strstarts(name, "__bpf_trace_");
}

/* Index of the first frame behind the last one of this module among those that the tracer makes. */
static uint32_t skip_own(const unsigned long *frames, uint32_t n)
{
	uint32_t i, first = 0;

	for (i = 0; i < n && i < OWN; i++)
		if (within_module(frames[i], THIS_MODULE))
			first = i + 1;
	if (first < n && is_tracepoint_code(frames[first]))
		first++;
	return first;
}

/* Index of the frame behind the one that is at IP; 0 when there is none. */
static uint32_t skip_to(const unsigned long *frames, uint32_t n, unsigned long ip)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (frames[i] - ip <= ENTRY_CODE)
			return i + 1;
	return 0;
}

/* Addresses into frames[MOST]; returns the first that counts, and their number in *n. */
static unsigned long *walk(struct stp_context *c, unsigned long *frames, uint32_t *n)
{
	unsigned long ip = (unsigned long)stp_probe_address(c);
	uint32_t total, first;

	*n = 0;
	if (stp_in_user_mode(c))
		return frames;
	total = stack_trace_save(frames, MOST, 0);
	if (!ip) {
		first = skip_own(frames, total);
	} else {
		first = skip_to(frames, total, ip);
		if (!first) {
			frames[0] = ip;
			*n = 1;
			return frames;
		}
		frames[--first] = ip;
	}
	*n = min(total - first, most_frames());
	return frames + first;
}

static void add_word(char *to, uint32_t size, unsigned long addr)
{
	char word[24];

	snprintf(word, sizeof(word), *to ? " 0x%lx" : "0x%lx", addr);
	if (strlen(to) + strlen(word) < size)
		stp_strcat(to, word, size);
}

void stp_callers(struct stp_context *c, char *to, uint32_t size, int64_t n)
{
	unsigned long frames[MOST], *f;
	uint32_t total, i;

	f = walk(c, frames, &total);
	stp_strcpy(to, "", size);
	for (i = 1; i < total && (n < 0 || i <= n); i++)
		add_word(to, size, f[i]);
}

void stp_backtrace(struct stp_context *c, char *to, uint32_t size)
{
	unsigned long frames[MOST], *f;
	uint32_t n, i;

	f = walk(c, frames, &n);
	stp_strcpy(to, "", size);
	for (i = 0; i < n; i++)
		add_word(to, size, f[i]);
}

uint64_t stp_stack_at(struct stp_context *c, int64_t n)
{
	unsigned long frames[MOST], *f;
	uint32_t total;

	f = walk(c, frames, &total);
	return n >= 0 && n < total ? f[n] : 0;
}

static void print_line(struct stp_context *c, unsigned long addr)
{
	char line[KSYM_SYMBOL_LEN + 48];
	int n = scnprintf(line, sizeof(line), " 0x%lx : ", addr);

	stp_symdata(addr, line + n, sizeof(line) - n - 1);
	strcat(line, "\n");
	stp_print(c, line);
}

void stp_print_backtrace(struct stp_context *c)
{
	unsigned long frames[MOST], *f;
	uint32_t n, i;

	f = walk(c, frames, &n);
	for (i = 0; i < n && !c->error; i++)
		print_line(c, f[i]);
}

/* The next hex word of *text; false at the end. */
static bool next_word(const char **text, unsigned long *ret)
{
	while (**text == ' ')
		++*text;
	if (!**text)
		return false;
	*ret = (unsigned long)stp_strtol(*text, 16);
	while (**text && **text != ' ')
		++*text;
	return true;
}

void stp_print_stack(struct stp_context *c, const char *text)
{
	unsigned long addr;

	while (!c->error && next_word(&text, &addr))
		print_line(c, addr);
}

static void add_line(char *to, uint32_t size, unsigned long addr)
{
	uint32_t len = stp_strlen(to);

	if (size - len < 3)
		return;
	stp_symdata(addr, to + len, size - len - 1);
	stp_strcat(to, "\n", size);
}

void stp_sprint_backtrace(struct stp_context *c, char *to, uint32_t size)
{
	unsigned long frames[MOST], *f;
	uint32_t n, i;

	f = walk(c, frames, &n);
	stp_strcpy(to, "", size);
	for (i = 0; i < n; i++)
		add_line(to, size, f[i]);
}

void stp_sprint_stack(const char *text, char *to, uint32_t size)
{
	unsigned long addr;

	stp_strcpy(to, "", size);
	while (next_word(&text, &addr))
		add_line(to, size, addr);
}
