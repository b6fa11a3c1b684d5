// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel stacks: the probe's own address first, then its callers.
 *
 * stack_trace_save() walks from here outwards, so what it finds begins with this runtime, then
 * what led to it - a trap, a trampoline of ftrace, the tracepoint's code - and then the code that
 * was probed.  With registers, that place is where the walk passes regs->ip: a trap leaves exactly
 * it, a trampoline the end of the call at the function's entry, a few bytes on.  Without, it is
 * behind the last of our own functions.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include "core/core.h"
#include "data/format.h"
#include "linemap.h"

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

/* Where the function that holds ADDR begins; 0 when it is in none. */
static unsigned long start_of(unsigned long addr)
{
	char text[KSYM_SYMBOL_LEN], *offset;

	sprint_symbol(text, addr);
	offset = strchr(text, '+');
	return text[0] != '0' && offset ? addr - (unsigned long)stp_strtol(offset + 1, 16) : 0;
}

/* The word at AT, when it is what a direct call of FUNCTION pushed; else 0. */
static unsigned long return_address_of(unsigned long at, unsigned long function)
{
	uint64_t word;
	u8 code[5];
	s32 off;

	/* kernel and modules are in the last 2 GB */
	if (!stp_try_load(at, sizeof(long), false, &word) || word >> 31 != 0x1ffffffff ||
	    !stp_try_copy(code, word - sizeof(code), sizeof(code), false) || code[0] != 0xe8)
		return 0;
	memcpy(&off, code + 1, sizeof(off));
	return word + off == function ? word : 0;
}

/*
 * The walk cannot pass the code that jump-optimised kprobes run from.  Then the stack above the
 * probe is searched for the return address of a call of the function that was probed, then for one
 * of the function that called it, and so on, until there is none: calls through pointers and jumps
 * to a function's start end the search.  What is found may be left over from an earlier call, so
 * the lines are marked "(inexact)".
 */
static uint32_t scan(struct stp_context *c, unsigned long *frames)
{
	struct pt_regs *regs = (struct pt_regs *)c->regs;
	unsigned long at = regs->sp & ~7ul, end = (unsigned long)task_stack_page(current);
	unsigned long function, addr = instruction_pointer(regs);
	uint32_t n = 0;

	if (at >= end && at < end + THREAD_SIZE)
		end += THREAD_SIZE;
	else
		end = PAGE_ALIGN(at + 1);	/* a stack of interrupts or exceptions */
	while (addr && n < most_frames()) {
		frames[n++] = addr;
		function = start_of(addr);
		for (addr = 0; function && at < end && !addr; at += sizeof(long))
			addr = return_address_of(at, function);
	}
	return n;
}

struct trace {
	unsigned long store[MOST];
	unsigned long *frames;		/* the probe's own first */
	uint32_t n;
	bool inexact;			/* those behind the first */
};

static void walk(struct stp_context *c, struct trace *t)
{
	unsigned long ip = (unsigned long)stp_probe_address(c);
	uint32_t total, first;

	t->frames = t->store;
	t->n = 0;
	t->inexact = false;
	if (stp_in_user_mode(c))
		return;
	total = stack_trace_save(t->store, MOST, 0);
	if (!ip) {
		first = skip_own(t->store, total);
	} else {
		first = skip_to(t->store, total, ip);
		if (!first) {
			t->inexact = true;
			t->n = scan(c, t->store);
			return;
		}
		t->store[--first] = ip;
	}
	t->n = min(total - first, most_frames());
	t->frames += first;
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
	struct trace t;
	uint32_t i;

	walk(c, &t);
	stp_strcpy(to, "", size);
	for (i = 1; i < t.n && (n < 0 || i <= n); i++)
		add_word(to, size, t.frames[i]);
}

void stp_backtrace(struct stp_context *c, char *to, uint32_t size)
{
	struct trace t;
	uint32_t i;

	walk(c, &t);
	stp_strcpy(to, "", size);
	for (i = 0; i < t.n; i++)
		add_word(to, size, t.frames[i]);
}

uint64_t stp_stack_at(struct stp_context *c, int64_t n)
{
	struct trace t;

	walk(c, &t);
	return n >= 0 && n < t.n ? t.frames[n] : 0;
}

enum { LINE = KSYM_SYMBOL_LEN + 64 };

static void end_line(char *line, bool inexact)
{
	stp_strcat(line, inexact ? " (inexact)\n" : "\n", LINE);
}

static void print_line(struct stp_context *c, unsigned long addr, bool inexact)
{
	char line[LINE];
	int n = scnprintf(line, sizeof(line), " 0x%lx : ", addr);

	stp_symdata(addr, line + n, LINE - n);
	end_line(line, inexact);
	stp_print(c, line);
}

/*
 * The line of the address, with its place, after one for each inlined call around it, inner ones first.  A
 * CALLER's address is behind its call, which may be the end of a line.
 */
static void print_lines(struct stp_context *c, unsigned long addr, bool caller, bool inexact)
{
	const struct stp_line_map *m = stp_unit.lines;
	const struct stp_line_node *node;
	struct stp_line_place p;
	char line[LINE];

	if (!stp_line_of(addr - caller, &p)) {
		print_line(c, addr, inexact);
		return;
	}
	for (; (node = stp_line_node(m, p.node)) && !c->error; p.node = node->parent) {
		scnprintf(line, sizeof(line), " 0x%lx : %s [inlined] at %s:%u\n", addr, stp_line_name(m, node),
			  stp_line_file(m, p.file), p.line);
		stp_print(c, line);
		p.file = node->file;
		p.line = node->line;
	}
	scnprintf(line, sizeof(line), " 0x%lx : ", addr);
	stp_symdata(addr, line + stp_strlen(line), LINE - stp_strlen(line));
	stp_print(c, line);
	scnprintf(line, sizeof(line), " at %s:%u%s\n", stp_line_file(m, p.file), p.line, inexact ? " (inexact)" : "");
	stp_print(c, line);
}

void stp_print_backtrace_lines(struct stp_context *c)
{
	struct trace t;
	uint32_t i;

	walk(c, &t);
	for (i = 0; i < t.n && !c->error; i++)
		print_lines(c, t.frames[i], i > 0, t.inexact && i);
}

void stp_print_backtrace(struct stp_context *c)
{
	struct trace t;
	uint32_t i;

	walk(c, &t);
	if (t.n && c->return_address && !c->user_regs) {
		stp_print(c, "Returning from: ");
		print_line(c, c->returning, false);
		stp_print(c, "Returning to  : ");
	}
	for (i = 0; i < t.n && !c->error; i++)
		print_line(c, t.frames[i], t.inexact && i);
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
		print_line(c, addr, false);
}

/* False when the whole line does not fit: then nothing is added. */
static bool add_line(char *to, uint32_t size, unsigned long addr, bool inexact)
{
	char line[LINE];

	stp_symplace(addr, line, LINE);
	end_line(line, inexact);
	if (stp_strlen(to) + stp_strlen(line) >= size)
		return false;
	stp_strcat(to, line, size);
	return true;
}

void stp_sprint_backtrace(struct stp_context *c, char *to, uint32_t size)
{
	struct trace t;
	uint32_t i;

	walk(c, &t);
	stp_strcpy(to, "", size);
	for (i = 0; i < t.n; i++)
		if (!add_line(to, size, t.frames[i], t.inexact && i))
			break;
}

void stp_sprint_stack(const char *text, char *to, uint32_t size)
{
	unsigned long addr;

	stp_strcpy(to, "", size);
	while (next_word(&text, &addr))
		if (!add_line(to, size, addr, false))
			break;
}
