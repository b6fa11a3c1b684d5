// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a handler needs of its hit, so that the runtime need not provide more: registers that carry no
 * arguments, RCU, counters of the thread.  Everything a handler can reach is looked at; of C, its text, so what
 * is not understood counts as needed.
 */
#include <string.h>

#include "cgen/emit.h"

/*
 * DWARF numbers of x86-64 that ftrace saves always: rax, rdx, rcx, rsi, rdi, rbp, rsp, r8, r9, and rip, which
 * is known.
 */
enum { ARGUMENTS = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 16 };

struct needs {
	bool all_regs, kernel, counters;
	unsigned mark;
};

static unsigned marks = 1u << 31;	/* differs from those of others who mark functions */

static void note(struct ir *n, bool dst, void *arg);

static void note_call(struct needs *d, struct ir_function *f)
{
	for (; f && f->mark != d->mark; f = f->next) {
		f->mark = d->mark;
		if (f->body) {
			ir_walk(&f->body->list, note, d);
			continue;
		}
		d->kernel = true;
		/* pt_regs, c->regs, print_regs(), stp_reg(), stp_store_reg() */
		d->all_regs |= strstr(f->c_text, "reg") != NULL;
		d->counters |= strstr(f->c_text, "stp_perf_count") != NULL;
	}
}

static void note(struct ir *n, bool dst, void *arg)
{
	struct needs *d = arg;

	(void)dst;
	switch (n->op) {
	case IR_REG: case IR_STOREREG:
		d->all_regs |= n->imm < 0 || n->imm > 31 || !(1u << n->imm & ARGUMENTS);
		break;
	case IR_CALL:
		note_call(d, n->fn);
		break;
	case IR_LOAD: case IR_TRYLOAD: case IR_TRYSTR: case IR_STORE:
	case IR_PRINT: case IR_SPRINT: case IR_PUTS: case IR_HISTPRINT: case IR_HISTTEXT:
		d->kernel = true;
		break;
	default:
		break;
	}
}

static struct needs needs_of(const struct ir_body *b)
{
	struct needs d = { .mark = marks++ };

	if (b)
		ir_walk(&b->list, note, &d);
	return d;
}

bool cgen_needs_all_regs(const struct ir_body *b)
{
	return needs_of(b).all_regs;
}

bool cgen_needs_kernel(const struct ir_handler *h)
{
	return needs_of(h->body).kernel || needs_of(h->entry).kernel;
}

bool cgen_needs_counters(const struct ir_handler *h)
{
	return needs_of(h->body).counters || needs_of(h->entry).counters;
}
