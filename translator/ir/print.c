// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The IR as text for people and golden files (--dump=ir, --dump=opt): one statement per line,
 * values as prefix expressions, nested lists indented.  Nothing in it depends on addresses.
 */
#include <inttypes.h>
#include <string.h>

#include "ir/ir.h"

static void print_args(struct buf *b, const struct ir_list *args, const char *open, const char *close)
{
	buf_puts(b, open);
	vec_each(args, i) {
		if (i)
			buf_puts(b, ", ");
		if (args->v[i])
			ir_print_expr(b, args->v[i]);
		else
			buf_putc(b, '*');
	}
	buf_puts(b, close);
}

static void print_leaf(struct buf *b, const struct ir *e)
{
	switch (e->op) {
	case IR_NUM:
		buf_printf(b, "%" PRId64, e->imm);
		break;
	case IR_STR:
		buf_putc(b, '"');
		buf_escape(b, e->text, e->len);
		buf_putc(b, '"');
		break;
	case IR_VAR:
		buf_puts(b, e->var->cname);
		break;
	case IR_GLOBAL:
		buf_puts(b, e->global->cname);
		break;
	case IR_ADDR:
		buf_printf(b, "addr(%s%s%s, 0x%" PRIx64 ")", e->text ? e->text : "kernel",
			   e->section ? " " : "", e->section ? e->section : "", (uint64_t)e->imm);
		break;
	default:
		buf_printf(b, "%s.%c(%" PRId64 ")", ir_ops[e->op].name, e->type == T_STRING ? 's' : 'n',
			   e->imm);
	}
}

void ir_print_expr(struct buf *b, const struct ir *e)
{
	if (!e->arg[0]) {
		print_leaf(b, e);
		return;
	}
	buf_printf(b, "(%s", ir_ops[e->op].name);
	if (e->op == IR_MATCH) {
		buf_puts(b, " \"");
		buf_escape(b, e->regex->pattern, strlen(e->regex->pattern));
		buf_putc(b, '"');
	}
	if (e->op == IR_EXTEND)
		buf_printf(b, ".%c%u", e->is_signed ? 's' : 'u', e->bits);
	for (int i = 0; i < 3 && e->arg[i]; i++) {
		buf_putc(b, ' ');
		ir_print_expr(b, e->arg[i]);
	}
	buf_putc(b, ')');
}

static void print_list(struct buf *b, const struct ir_list *list, unsigned depth);

static void indent(struct buf *b, unsigned depth)
{
	while (depth--)
		buf_putc(b, '\t');
}

static void print_part(struct buf *b, const char *name, const struct ir_list *list, unsigned depth)
{
	if (!list->n)
		return;
	indent(b, depth);
	buf_printf(b, "%s:\n", name);
	print_list(b, list, depth + 1);
}

static void print_details(struct buf *b, const struct ir *n)
{
	switch (n->op) {
	case IR_LOAD: case IR_TRYLOAD: case IR_STORE:
		buf_printf(b, ".%c%u%s", n->is_signed ? 's' : 'u', n->size * 8, n->user ? ".user" : "");
		break;
	case IR_REG: case IR_SPEND: case IR_STATGET:
		buf_printf(b, " %" PRId64, n->imm);
		break;
	case IR_ITERKEY:
		buf_printf(b, " it%u.%" PRId64, n->iter, n->imm);
		break;
	case IR_ITERVAL:
		buf_printf(b, " it%u", n->iter);
		break;
	case IR_FOREACH:
		buf_printf(b, " it%u sort %d dir %d op %d", n->iter, n->sort, n->dir, n->stat_op);
		break;
	case IR_TRYSTR:
		buf_printf(b, ".%u%s", n->size, n->user ? ".user" : "");
		break;
	default:
		break;
	}
}

static void print_stmt(struct buf *b, const struct ir *n, unsigned depth)
{
	indent(b, depth);
	if (n->dst) {
		ir_print_expr(b, n->dst);
		buf_puts(b, " = ");
	}
	buf_puts(b, ir_ops[n->op].name);
	print_details(b, n);
	if (n->global)
		buf_printf(b, " %s", n->global->cname);
	if (ir_ops[n->op].flags & IR_MAP)
		print_args(b, &n->args, "[", "]");
	if (n->fn)
		buf_printf(b, " %s", n->fn->cname);
	if (n->fmt) {
		buf_puts(b, " \"");
		buf_escape(b, n->fmt->text, n->fmt->len);
		buf_putc(b, '"');
	}
	if (ir_ops[n->op].flags & IR_ARGS)
		print_args(b, &n->args, "(", ")");
	for (int i = 0; i < 3 && n->arg[i]; i++) {
		buf_putc(b, ' ');
		ir_print_expr(b, n->arg[i]);
	}
	if (n->ok)
		buf_printf(b, " ok %s", n->ok->cname);
	buf_putc(b, '\n');
	print_part(b, "pre", &n->pre, depth + 1);
	print_list(b, &n->body, depth + 1);
	print_part(b, "step", &n->step, depth + 1);
	print_part(b, n->op == IR_TRY ? "catch" : "else", &n->other, depth);
}

static void print_list(struct buf *b, const struct ir_list *list, unsigned depth)
{
	vec_each(list, i)
		print_stmt(b, list->v[i], depth);
}

static void print_body(struct buf *b, const struct ir_body *body)
{
	buf_printf(b, "%s", body->cname);
	vec_each(&body->vars, i) {
		static const char *const kinds[] = { "local", "param", "temp", "result" };
		const struct ir_var *v = body->vars.v[i];

		buf_printf(b, "%s%s %s %s", i ? ", " : ": ", kinds[v->kind], type_name(v->type), v->cname);
	}
	buf_putc(b, '\n');
	print_list(b, &body->list, 1);
}

void ir_print(struct buf *b, const struct ir_program *p)
{
	vec_each(&p->handlers, i) {
		if (p->handlers.v[i]->entry)
			print_body(b, p->handlers.v[i]->entry);
		print_body(b, p->handlers.v[i]->body);
	}
	vec_each(&p->functions, i) {
		const struct ir_function *f = p->functions.v[i];

		if (f->body)
			print_body(b, f->body);
		else
			buf_printf(b, "%s: C%s, %u parameters, %s\n", f->cname, f->c_expr ? " expression" : "",
				   f->nparams, type_name(f->ret));
	}
}
