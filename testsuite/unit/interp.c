/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See interp.h.  Written from ops.def and the language reference, not from cgen. */
#include "interp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRING_MAX = 511 };

struct value { int64_t n; const char *s; };
struct cell { int64_t key; int64_t value; };
struct array { struct cell *v; size_t n, cap; };	/* VEC(struct cell), by key */

enum flow { RUN, BREAK, CONTINUE, RETURN, NEXT, FAILED };

struct iter { int64_t key, value; };

struct frame {
	const struct ir_body *body;
	struct value *vars;
	struct value ret;
	struct iter *iters;
};

struct interp {
	struct arena *a;
	struct buf *out;
	struct value *globals;
	struct array *arrays;
	const char *error, *where;
};

static enum flow run_list(struct interp *in, struct frame *f, const struct ir_list *list);

static void unknown(const char *what, const char *name)
{
	fprintf(stderr, "the reference interpreter has no %s '%s'\n", what, name);
	abort();
}

/* ---- places ---- */

static struct value *var(struct frame *f, const struct ir_var *v)
{
	if (v->kind == IV_RET)
		return &f->ret;
	vec_each(&f->body->vars, i)
		if (f->body->vars.v[i] == v)
			return &f->vars[i];
	unknown("variable", v->cname);
	return NULL;
}

static struct value *place(struct interp *in, struct frame *f, const struct ir *e)
{
	return e->op == IR_VAR ? var(f, e->var) : &in->globals[e->global->index];
}

static const char *cut(struct interp *in, const char *s)
{
	return arena_strndup(in->a, s, strnlen(s, STRING_MAX));
}

static void assign(struct interp *in, struct frame *f, const struct ir *dst, struct value v)
{
	if (!dst)
		return;
	if (dst->type == T_STRING)
		v.s = cut(in, v.s);
	*place(in, f, dst) = v;
}

/* ---- values ---- */

static struct value eval(struct interp *in, struct frame *f, const struct ir *e);

static int64_t number(struct interp *in, struct frame *f, const struct ir *e)
{
	return eval(in, f, e).n;
}

static int64_t shift_right(int64_t x, unsigned n)
{
	return x < 0 ? ~(~x >> n) : x >> n;
}

static int64_t binary(enum ir_op op, int64_t x, int64_t y)
{
	uint64_t a = (uint64_t)x, b = (uint64_t)y;
	unsigned n = (unsigned)(b & 63);

	switch (op) {
	case IR_ADD: return (int64_t)(a + b);
	case IR_SUB: return (int64_t)(a - b);
	case IR_MUL: return (int64_t)(a * b);
	case IR_QUO: return x / y;
	case IR_REM: return x % y;
	case IR_AND: return (int64_t)(a & b);
	case IR_OR: return (int64_t)(a | b);
	case IR_XOR: return (int64_t)(a ^ b);
	case IR_SHL: return (int64_t)(a << n);
	case IR_SAR: return shift_right(x, n);
	case IR_SHR: return (int64_t)(a >> n);
	case IR_EQ: return x == y;
	case IR_NE: return x != y;
	case IR_LT: return x < y;
	case IR_LE: return x <= y;
	case IR_GT: return x > y;
	case IR_GE: return x >= y;
	default: unknown("operator", ir_ops[op].name); return 0;
	}
}

static bool ordered(enum ir_op op, int order)
{
	switch (op) {
	case IR_SEQ: return order == 0;
	case IR_SNE: return order != 0;
	case IR_SLT: return order < 0;
	case IR_SLE: return order <= 0;
	case IR_SGT: return order > 0;
	default: return order >= 0;
	}
}

static struct value eval(struct interp *in, struct frame *f, const struct ir *e)
{
	struct value r = { 0, "" };

	switch (e->op) {
	case IR_NUM: r.n = e->imm; break;
	case IR_STR: r.s = arena_strndup(in->a, e->text, e->len); break;
	case IR_VAR: case IR_GLOBAL: return *place(in, f, e);
	case IR_NEG: r.n = (int64_t)-(uint64_t)number(in, f, e->arg[0]); break;
	case IR_NOT: r.n = !number(in, f, e->arg[0]); break;
	case IR_COM: r.n = ~number(in, f, e->arg[0]); break;
	case IR_LAND: r.n = number(in, f, e->arg[0]) && number(in, f, e->arg[1]); break;
	case IR_LOR: r.n = number(in, f, e->arg[0]) || number(in, f, e->arg[1]); break;
	case IR_SELECT: return eval(in, f, number(in, f, e->arg[0]) ? e->arg[1] : e->arg[2]);
	case IR_SEQ: case IR_SNE: case IR_SLT: case IR_SLE: case IR_SGT: case IR_SGE:
		r.n = ordered(e->op, strcmp(eval(in, f, e->arg[0]).s, eval(in, f, e->arg[1]).s));
		break;
	default:
		r.n = binary(e->op, number(in, f, e->arg[0]), number(in, f, e->arg[1]));
	}
	return r;
}

/* ---- arrays of numbers by number ---- */

static struct cell *find(struct array *m, int64_t key)
{
	vec_each(m, i)
		if (m->v[i].key == key)
			return &m->v[i];
	return NULL;
}

static struct cell *get_or_make(struct interp *in, struct array *m, int64_t key)
{
	struct cell *c = find(m, key);
	size_t at;

	if (c)
		return c;
	(void)vec_add(in->a, m);
	for (at = m->n - 1; at && m->v[at - 1].key > key; at--)
		m->v[at] = m->v[at - 1];
	m->v[at] = (struct cell){ key, 0 };
	return &m->v[at];
}

static enum flow run_map(struct interp *in, struct frame *f, const struct ir *n)
{
	struct array *m = &in->arrays[n->global->index];
	int64_t key = n->args.n ? number(in, f, n->args.v[0]) : 0;
	struct value r = { 0, "" };
	struct cell *c = find(m, key);

	switch (n->op) {
	case IR_MAPGET: r.n = c ? c->value : 0; break;
	case IR_MAPHAS: r.n = c != NULL; break;
	case IR_MAPCLEAR: m->n = 0; return RUN;
	case IR_MAPSET:
		r.n = number(in, f, n->arg[0]);
		get_or_make(in, m, key)->value = r.n;
		return RUN;
	case IR_MAPADD:
		r.n = binary(IR_ADD, c ? c->value : 0, number(in, f, n->arg[0]));
		get_or_make(in, m, key)->value = r.n;
		break;
	default:	/* MAPDEL */
		if (c) {
			memmove(c, c + 1, (size_t)(m->v + m->n - c - 1) * sizeof(*c));
			m->n--;
		}
		return RUN;
	}
	assign(in, f, n->dst, r);
	return RUN;
}

/* ---- statements ---- */

static enum flow fail(struct interp *in, const struct ir *n, const char *text)
{
	in->error = text;
	in->where = n->where;
	return FAILED;
}

static enum flow run_division(struct interp *in, struct frame *f, const struct ir *n)
{
	int64_t x = number(in, f, n->arg[0]), y = number(in, f, n->arg[1]);
	struct value r = { 0, "" };

	if (!y)
		return fail(in, n, "division by 0");
	if (y == -1)
		r.n = n->op == IR_DIV ? (int64_t)-(uint64_t)x : 0;
	else
		r.n = n->op == IR_DIV ? x / y : x % y;
	assign(in, f, n->dst, r);
	return RUN;
}

/* %d and %s, and %%. */
static void print(struct interp *in, struct frame *f, const struct ir *n, struct buf *b)
{
	size_t next = 0;

	for (const char *p = n->fmt->text; *p; p++) {
		if (*p != '%') {
			buf_putc(b, *p);
			continue;
		}
		switch (*++p) {
		case 'd': buf_printf(b, "%" PRId64, number(in, f, n->args.v[next++])); break;
		case 's': buf_puts(b, eval(in, f, n->args.v[next++]).s); break;
		case '%': buf_putc(b, '%'); break;
		default: unknown("directive", p);
		}
	}
}

static enum flow run_sprint(struct interp *in, struct frame *f, const struct ir *n)
{
	struct buf b = { 0 };
	struct value r = { 0, "" };

	print(in, f, n, &b);
	r.s = cut(in, buf_text(&b));
	buf_deinit(&b);
	assign(in, f, n->dst, r);
	return RUN;
}

static struct frame new_frame(struct interp *in, const struct ir_body *body)
{
	struct frame f = { .body = body, .ret = { 0, "" } };

	f.vars = arena_array(in->a, struct value, body->vars.n + 1);
	f.iters = arena_array(in->a, struct iter, body->niters + 1);
	vec_each(&body->vars, i)
		f.vars[i] = (struct value){ 0, "" };
	return f;
}

static enum flow run_call(struct interp *in, struct frame *f, const struct ir *n)
{
	struct frame g;
	enum flow flow;

	if (!n->fn->body)
		unknown("C function", n->fn->cname);
	g = new_frame(in, n->fn->body);
	vec_each(&n->args, i)
		g.vars[i] = eval(in, f, n->args.v[i]);
	flow = run_list(in, &g, &n->fn->body->list);
	if (flow == FAILED || flow == NEXT)
		return flow;
	assign(in, f, n->dst, g.ret);
	return RUN;
}

static enum flow run_loop(struct interp *in, struct frame *f, const struct ir *n)
{
	enum flow flow;

	for (;;) {
		flow = run_list(in, f, &n->pre);
		if (flow != RUN)
			return flow;
		if (n->arg[0] && !number(in, f, n->arg[0]))
			return RUN;
		flow = run_list(in, f, &n->body);
		if (flow == BREAK)
			return RUN;
		if (flow != RUN && flow != CONTINUE)
			return flow;
		flow = run_list(in, f, &n->step);
		if (flow != RUN)
			return flow;
	}
}

/* Over what there is when it starts, sorted by the key. */
static enum flow run_foreach(struct interp *in, struct frame *f, const struct ir *n)
{
	struct array *m = &in->arrays[n->global->index];
	size_t count = m->n;
	struct cell *copy = arena_memdup(in->a, m->v, count * sizeof(*copy));
	int64_t limit = n->arg[0] ? number(in, f, n->arg[0]) : INT64_MAX;

	for (size_t i = 0; i < count && (int64_t)i < limit; i++) {
		const struct cell *c = &copy[n->dir < 0 ? count - 1 - i : i];
		enum flow flow;

		f->iters[n->iter] = (struct iter){ c->key, c->value };
		flow = run_list(in, f, &n->body);
		if (flow == BREAK)
			return RUN;
		if (flow != RUN && flow != CONTINUE)
			return flow;
	}
	return RUN;
}

static enum flow run_try(struct interp *in, struct frame *f, const struct ir *n)
{
	enum flow flow = run_list(in, f, &n->body);

	return flow == FAILED ? run_list(in, f, &n->other) : flow;
}

static enum flow run_other(struct interp *in, struct frame *f, const struct ir *n)
{
	struct value v = { 0, "" };

	switch (n->op) {
	case IR_SPEND: case IR_HELD: return RUN;
	case IR_SET: assign(in, f, n->dst, eval(in, f, n->arg[0])); return RUN;
	case IR_CAT:
		v.s = arena_printf(in->a, "%s%s", place(in, f, n->dst)->s, eval(in, f, n->arg[0]).s);
		assign(in, f, n->dst, v);
		return RUN;
	case IR_ITERKEY: v.n = f->iters[n->iter].key; assign(in, f, n->dst, v); return RUN;
	case IR_ITERVAL: v.n = f->iters[n->iter].value; assign(in, f, n->dst, v); return RUN;
	case IR_PRINT: print(in, f, n, in->out); return RUN;
	case IR_PUTS: buf_puts(in->out, eval(in, f, n->arg[0]).s); return RUN;
	case IR_CATCH:
		v.s = in->error;
		in->error = NULL;
		assign(in, f, n->dst, v);
		return RUN;
	case IR_RETURN:
		if (n->arg[0])
			f->ret = eval(in, f, n->arg[0]);
		return RETURN;
	default:
		unknown("statement", ir_ops[n->op].name);
		return FAILED;
	}
}

static enum flow run_stmt(struct interp *in, struct frame *f, const struct ir *n)
{
	switch (n->op) {
	case IR_DIV: case IR_MOD: return run_division(in, f, n);
	case IR_SPRINT: return run_sprint(in, f, n);
	case IR_CALL: return run_call(in, f, n);
	case IR_MAPGET: case IR_MAPHAS: case IR_MAPSET: case IR_MAPADD: case IR_MAPDEL: case IR_MAPCLEAR:
		return run_map(in, f, n);
	case IR_IF: return run_list(in, f, number(in, f, n->arg[0]) ? &n->body : &n->other);
	case IR_LOOP: return run_loop(in, f, n);
	case IR_FOREACH: return run_foreach(in, f, n);
	case IR_TRY: return run_try(in, f, n);
	case IR_BREAK: return BREAK;
	case IR_CONTINUE: return CONTINUE;
	case IR_NEXT: return NEXT;
	default: return run_other(in, f, n);
	}
}

static enum flow run_list(struct interp *in, struct frame *f, const struct ir_list *list)
{
	vec_each(list, i) {
		enum flow flow = run_stmt(in, f, list->v[i]);

		if (flow != RUN)
			return flow;
	}
	return RUN;
}

void interp_run(struct buf *out, struct arena *a, const struct ir_program *p)
{
	struct interp in = { .a = a, .out = out };

	in.globals = arena_array(a, struct value, p->src->globals.n + 1);
	in.arrays = arena_array(a, struct array, p->src->globals.n + 1);
	vec_each(&p->src->globals, i) {
		const struct global *g = p->src->globals.v[i];

		in.globals[i] = (struct value){ g->init_number, g->init_text ? g->init_text : "" };
	}
	vec_each(&p->handlers, i) {
		const struct ir_body *body = p->handlers.v[i]->body;
		struct frame f = new_frame(&in, body);

		in.error = NULL;
		if (run_list(&in, &f, &body->list) == FAILED)
			buf_printf(out, "ERROR: %s near %s\n", in.error, in.where);
		buf_puts(out, "== \n");
	}
}
