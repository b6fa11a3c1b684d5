// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --explain-probe: what a probe point in code came to, and what its variables came to.
 */
#include "family/kprobe.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

static const char *const registers[] = {
	"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13",
	"r14", "r15", "rip",
};

/* The text of a location expression with the names of registers for their numbers. */
static void put_expression(struct buf *out, const struct lx *x)
{
	struct buf b = {0};
	const char *p, *reg;

	lx_print(&b, x);
	for (p = buf_text(&b); (reg = strstr(p, "reg")); ) {
		size_t digits = strspn(reg + 3, "0123456789"), n = 99;

		if (digits && digits < 3)
			n = digits == 1 ? (size_t)(reg[3] - '0') : (size_t)(reg[3] - '0') * 10 + (size_t)(reg[4] - '0');
		buf_printf(out, "%.*s", (int)(reg - p), p);
		if (n < sizeof(registers) / sizeof(registers[0]))
			buf_printf(out, "%%%s", registers[n]);
		else
			buf_printf(out, "%.*s", (int)(3 + digits), reg);
		p = reg + 3 + digits;
	}
	buf_puts(out, p);
	buf_deinit(&b);
}

static void put_location(struct buf *b, const struct location *l)
{
	switch (l->kind) {
	case LOC_NONE:
		buf_printf(b, "not to be had: %s", l->why ? l->why : "no location");
		break;
	case LOC_VALUE:
		buf_puts(b, l->expr->kind == LX_CONST ? "always " : l->expr->kind == LX_REG ? "in " : "is ");
		put_expression(b, l->expr);
		break;
	case LOC_MEMORY:
		buf_puts(b, "in memory at ");
		put_expression(b, l->expr);
		break;
	case LOC_POINTER:
		buf_puts(b, "no value of its own, it points to what ");
		put_location(b, l->target);
		break;
	case LOC_PIECES:
		buf_puts(b, "in pieces:");
		vec_each(&l->pieces, i) {
			buf_printf(b, " bytes %" PRIu64 "-%" PRIu64 " ", l->pieces.v[i].offset,
				   l->pieces.v[i].offset + l->pieces.v[i].size - 1);
			put_location(b, l->pieces.v[i].loc);
		}
		break;
	}
}

void kprobe_explain_var(struct resolver *r, struct buf *b, const struct site *s, const struct site_var *v)
{
	const char *hint;

	buf_printf(b, "    $%s:", v->is_return ? "return" : v->name);
	ctype_print(b, v->type);
	buf_puts(b, "  ");
	put_location(b, &v->loc);
	hint = v->loc.kind == LOC_NONE && !v->is_return && s->func ? kprobe_nearest(r, s, v->name) : NULL;
	if (hint)
		buf_printf(b, "; %s", hint);
	buf_putc(b, '\n');
}

static const char *flavour(const struct site *s)
{
	if (s->family->flags & FAMILY_USER)
		return s->is_return ? "a breakpoint at the function's entry that has it return through the kernel" :
				      "a breakpoint in the program's code";
	if (s->is_return)
		return "a return probe at the function's entry";
	if (s->entry_patchable && !s->callers.n)
		return "through ftrace, at the function's patchable entry";
	return s->entry_patchable ? "a kprobe on ftrace" : "a breakpoint (kprobe), jump-optimised where possible";
}

static void put_place(struct buf *b, const struct site *s)
{
	const struct dbg_func *f = s->dbg;

	if (!f && s->file) {
		buf_printf(b, "  address: %#" PRIx64 " in %s\n", s->address, s->file->path);
		return;
	}
	if (!f) {
		buf_puts(b, s->absolute ? "  an address of the running kernel, unchecked\n" :
			 "  a symbol, looked up when the probe is armed; no debuginfo is used\n");
		return;
	}
	buf_printf(b, "  function: %s, %s", f->name, f->is_inline ? "an inlined instance" :
		   "a body of its own");
	if (f->file)
		buf_printf(b, ", declared at %s:%u", f->file, f->line);
	buf_putc(b, '\n');
	if (f->linkage && strcmp(f->linkage, f->name))
		buf_printf(b, "  symbol: %s, made from it by the compiler\n", f->linkage);
	buf_printf(b, "  address: %#" PRIx64 "%s%s in %s\n", s->address, s->section ? " of " : "",
		   s->section ? s->section : "", dbg_path(f->object));
	if (f->after_prologue != f->entry)
		buf_puts(b, "  built without optimisation: probed behind the prologue\n");
	if (f->noreturn && s->is_return)
		buf_puts(b, "  the function never returns, so the probe is never hit\n");
}

void kprobe_explain(struct resolver *r, const struct site *s, struct buf *b)
{
	struct site_var *v;
	size_t n;

	put_place(b, s);
	buf_printf(b, "  armed as: %s%s\n", flavour(s), s->optional ? ", passed over when that fails" : "");
	if (s->callers.n)
		buf_printf(b, "  only when called from one of %zu places\n", s->callers.n);
	n = kprobe_vars(r, s, &v);
	if (n)
		buf_puts(b, s->is_return ? "  variables, as they are at the function's entry:\n" : "  variables:\n");
	for (size_t i = 0; i < n; i++)
		kprobe_explain_var(r, b, s, &v[i]);
}

/* The nearest place where the variable NAME can be had; NULL when there is none. */
const char *kprobe_nearest(struct resolver *r, const struct site *s, const char *name)
{
	struct dbg_func *f = s->dbg;
	struct dbg_line at;
	const char *module;

	if (!f || !dbg_lives(f, r->a, s->address, name, &at))
		return NULL;
	if (at.addr == f->entry && at.addr != s->address)
		return arena_printf(r->a, "it can be had at the function's entry");
	module = dbg_module_name(f->object);
	return arena_printf(r->a, "it can be had %s at line %u: %s.statement(%#" PRIx64 ")",
			    at.addr > s->address ? "later," : "earlier,", at.line,
			    module ? arena_printf(r->a, "%s(\"%s\")", dbg_is_program(f->object) ? "process" :
						  "module", module) : "kernel", at.addr);
}
