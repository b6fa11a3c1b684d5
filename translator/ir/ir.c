// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Building and walking IR nodes, and the questions about effects that lowering, the optimiser and
 * the lock tables ask.  Walks visit statements in order, a statement's operands before its
 * destination, and nested lists in the order in which they run.  Nothing here knows C or the AST.
 */
#include <string.h>

#include "ir/ir.h"

const struct ir_op_info ir_ops[IR_NOPS] = {
#define E 'E'
#define S 'S'
#define OP(id, name, class, result, operands, flags) { name, class, result, operands, flags },
#include "ir/ops.def"
#undef OP
#undef E
#undef S
};

struct ir *ir_new(struct arena *a, enum ir_op op, enum type type)
{
	struct ir *n = arena_new(a, struct ir);

	n->op = op;
	n->type = type;
	return n;
}

struct ir *ir_num(struct arena *a, int64_t v)
{
	struct ir *n = ir_new(a, IR_NUM, T_LONG);

	n->imm = v;
	return n;
}

/* Bytes after a NUL do not exist for anybody at run time. */
struct ir *ir_str(struct arena *a, const char *s, size_t len)
{
	struct ir *n = ir_new(a, IR_STR, T_STRING);

	n->text = arena_strndup(a, s, len);
	n->len = strlen(n->text);
	return n;
}

struct ir *ir_var(struct arena *a, struct ir_var *v)
{
	struct ir *n = ir_new(a, IR_VAR, v->type);

	n->var = v;
	return n;
}

struct ir *ir_bin(struct arena *a, enum ir_op op, struct ir *x, struct ir *y)
{
	struct ir *n = ir_new(a, op, T_LONG);

	n->arg[0] = x;
	n->arg[1] = y;
	return n;
}

struct ir *ir_un(struct arena *a, enum ir_op op, struct ir *x)
{
	return ir_bin(a, op, x, NULL);
}

void ir_walk_node(struct ir *n, void (*fn)(struct ir *, bool, void *), void *arg)
{
	if (!n)
		return;
	fn(n, false, arg);
	ir_walk(&n->pre, fn, arg);
	for (int i = 0; i < 3; i++)
		ir_walk_node(n->arg[i], fn, arg);
	vec_each(&n->args, i)
		ir_walk_node(n->args.v[i], fn, arg);
	if (n->dst)
		fn(n->dst, true, arg);
	ir_walk(&n->body, fn, arg);
	ir_walk(&n->step, fn, arg);
	ir_walk(&n->other, fn, arg);
}

void ir_walk(const struct ir_list *list, void (*fn)(struct ir *, bool, void *), void *arg)
{
	vec_each(list, i)
		ir_walk_node(list->v[i], fn, arg);
}

static void count_write(struct ir_var *v, struct ir *n)
{
	v->assigned = true;
	v->only = v->writes++ ? NULL : n;
}

static void count_var(struct ir *n, bool dst, void *arg)
{
	(void)arg;
	if (n->op == IR_VAR && !dst)
		n->var->reads++;
	if (n->dst && n->dst->op == IR_VAR)
		count_write(n->dst->var, n);
	if (n->ok)
		count_write(n->ok, n);
}

void ir_count_vars(struct ir_body *body)
{
	vec_each(&body->vars, i) {
		body->vars.v[i]->assigned = false;
		body->vars.v[i]->reads = body->vars.v[i]->writes = 0;
		body->vars.v[i]->only = NULL;
	}
	ir_walk(&body->list, count_var, NULL);
}

struct usage {
	const struct ir_program *p;
	bool *read, *written;
	unsigned mark;
};

static void use_node(struct ir *n, bool dst, void *arg);

/* F and those its C text goes on in. */
static void use_function(struct usage *u, struct ir_function *f)
{
	for (; f && f->mark != u->mark; f = f->next) {
		f->mark = u->mark;
		if (f->body)
			ir_walk(&f->body->list, use_node, u);
		else if (f->src)
			vec_each(&f->src->c_globals, i) {
				u->read[f->src->c_globals.v[i]->index] = true;
				u->written[f->src->c_globals.v[i]->index] = true;
			}
	}
}

static void use_node(struct ir *n, bool dst, void *arg)
{
	struct usage *u = arg;

	if (n->global) {
		if (dst || ir_ops[n->op].flags & IR_WRITES)
			u->written[n->global->index] = true;
		else
			u->read[n->global->index] = true;
	}
	if (n->op == IR_CALL)
		use_function(u, n->fn);
}

void ir_globals_used(const struct ir_program *p, const struct ir_body *body, bool *read, bool *written)
{
	static unsigned mark;
	struct usage u = { .p = p, .read = read, .written = written, .mark = ++mark };

	ir_walk(&body->list, use_node, &u);
}

/*
 * Directives are % [-+ #0]* [width|*] [.[precision|*]] [l]* letter; widths and precisions given as
 * `*` consume a number first (langref, printf).  Everything that is not s consumes a number.
 */
/* The conversion of the next directive from *I on, 0 at the end; *STARS values come before it. */
static char next_conversion(const char *text, size_t len, size_t *i, unsigned *stars)
{
	*stars = 0;
	while (*i < len && text[*i] != '%')
		++*i;
	for (++*i; *i < len && strchr("-+ #0123456789.*hlqLjzt", text[*i]); ++*i)
		*stars += text[*i] == '*';
	return *i < len ? text[(*i)++] : '\0';
}

const char *ir_fmt_args(struct arena *a, const char *text, size_t len)
{
	char *ret = arena_alloc(a, len + 1), conv;
	size_t n = 0, i = 0;
	unsigned stars;

	while ((conv = next_conversion(text, len, &i, &stars))) {
		for (; stars; stars--)
			ret[n++] = 'n';
		if (conv != '%')
			ret[n++] = conv == 's' ? 's' : 'n';
	}
	return ret;
}

bool ir_fmt_reads_memory(const struct ir_fmt *f)
{
	unsigned stars;
	size_t i = 0;
	char conv;

	while ((conv = next_conversion(f->text, f->len, &i, &stars)))
		if (conv == 'm' || conv == 'M')
			return true;
	return false;
}
