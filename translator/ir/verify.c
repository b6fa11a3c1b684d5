// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is the IR what ops.def says?  Operand classes and types, destinations, keys against the array,
 * arguments against the function or format, variables of their own body, break and continue inside
 * loops, temporaries written before they are read.  Run after each pass in debug builds; a finding
 * is a defect of the pass, never of the script.
 */
#include <string.h>

#include "ir/ir.h"

struct verifier {
	struct arena *a;
	const struct ir_program *p;
	const struct ir_body *body;
	const char *wrong;
	unsigned loops;
};

static void fail(struct verifier *v, const struct ir *n, const char *what)
{
	if (!v->wrong)
		v->wrong = arena_printf(v->a, "%s: %s: %s", v->body->cname, ir_ops[n->op].name, what);
}

static bool fits(char letter, enum type t)
{
	return letter == 'n' ? t == T_LONG : letter == 's' ? t == T_STRING : t == T_LONG || t == T_STRING;
}

static void check_expr(struct verifier *v, const struct ir *e);

static void check_operands(struct verifier *v, const struct ir *n)
{
	const char *o = ir_ops[n->op].operands;

	for (int i = 0; i < 3; i++) {
		bool optional = *o == '?';

		o += optional;
		if (!n->arg[i]) {
			if (*o && !optional)
				fail(v, n, "operand missing");
		} else if (!*o) {
			fail(v, n, "operand too many");
		} else if (!fits(*o, n->arg[i]->type)) {
			fail(v, n, "operand of the wrong type");
		}
		if (n->arg[i])
			check_expr(v, n->arg[i]);
		o += *o != '\0';
	}
}

static void check_var(struct verifier *v, const struct ir *n, struct ir_var *var, bool dst)
{
	bool mine = false;

	vec_each(&v->body->vars, i)
		mine |= v->body->vars.v[i] == var;
	if (!mine)
		fail(v, n, "variable of another body");
	if (dst)
		var->assigned = true;
	else if (var->kind == IV_TEMP && !var->assigned)
		fail(v, n, "temporary read before it is written");
}

static void check_expr(struct verifier *v, const struct ir *e)
{
	const struct ir_op_info *o = &ir_ops[e->op];

	if (o->class != 'E')
		fail(v, e, "statement used as a value");
	if (!fits(o->result, e->type))
		fail(v, e, "result of the wrong type");
	if (e->op == IR_VAR) {
		check_var(v, e, e->var, false);
		if (e->type != e->var->type)
			fail(v, e, "type of the variable differs");
	}
	if (e->op == IR_GLOBAL && (e->global->is_array || e->global->type == T_STATS))
		fail(v, e, "array used as a value");
	if (e->op == IR_SELECT && e->arg[1] && e->arg[2] && e->arg[1]->type != e->arg[2]->type)
		fail(v, e, "branches of different types");
	if ((e->op == IR_MATCH || e->op == IR_CAPTURE) && !e->regex)
		fail(v, e, "no expression to match");
	if ((e->op == IR_QUO || e->op == IR_REM) &&
	    (e->arg[1]->op != IR_NUM || e->arg[1]->imm == 0 || e->arg[1]->imm == -1))
		fail(v, e, "divisor is not a safe constant");
	check_operands(v, e);
}

static void check_keys(struct verifier *v, const struct ir *n, unsigned flags)
{
	if (!n->global) {
		fail(v, n, "no array");
		return;
	}
	if (n->global->index >= v->p->src->globals.n ||
	    v->p->src->globals.v[n->global->index] != n->global)
		fail(v, n, "global whose index is not its place in the program");
	if (flags & IR_WHOLE)
		return;
	/* foreach over a whole array has no keys */
	if (n->args.n != n->global->nkeys && !(n->op == IR_FOREACH && !n->args.n))
		fail(v, n, "number of keys");
	for (size_t i = 0; !v->wrong && i < n->args.n; i++) {
		if (!n->args.v[i]) {
			if (!(flags & IR_SLICE))
				fail(v, n, "`*` as a key");
			continue;
		}
		check_expr(v, n->args.v[i]);
		if (n->args.v[i]->type != n->global->keys[i])
			fail(v, n, "key of the wrong type");
	}
}

static void check_args(struct verifier *v, const struct ir *n)
{
	vec_each(&n->args, i)
		check_expr(v, n->args.v[i]);
	if (n->op == IR_CALL) {
		if (!n->fn || n->args.n != n->fn->nparams)
			fail(v, n, "number of arguments");
		for (size_t i = 0; !v->wrong && n->fn->src && i < n->args.n; i++)
			if (n->args.v[i]->type != n->fn->src->locals.v[i]->type)
				fail(v, n, "argument of the wrong type");
		return;
	}
	if (!n->fmt || strlen(n->fmt->args) != n->args.n)
		fail(v, n, "format and number of arguments");
	for (size_t i = 0; !v->wrong && i < n->args.n; i++)
		if (!fits(n->fmt->args[i], n->args.v[i]->type))
			fail(v, n, "argument does not fit its directive");
}

static void check_dst(struct verifier *v, const struct ir *n, const struct ir_op_info *o)
{
	if (!n->dst) {
		if (o->result != '-' && !(o->flags & IR_OPT_DST))
			fail(v, n, "no destination");
		return;
	}
	if (o->result == '-' || !fits(o->result, n->dst->type))
		fail(v, n, "destination of the wrong type");
	if (n->dst->op == IR_VAR)
		check_var(v, n, n->dst->var, true);
	else if (n->dst->op != IR_GLOBAL && n->dst->op != IR_SAVED)
		fail(v, n, "destination is no place");
	if (n->op == IR_SET && n->arg[0] && n->arg[0]->type != n->dst->type)
		fail(v, n, "types differ");
}

static void check_list(struct verifier *v, const struct ir_list *list);

static void check_stmt(struct verifier *v, const struct ir *n)
{
	const struct ir_op_info *o = &ir_ops[n->op];
	bool loop = n->op == IR_LOOP || n->op == IR_FOREACH;

	if (o->class != 'S')
		fail(v, n, "value used as a statement");
	check_list(v, &n->pre);
	check_operands(v, n);
	if (o->flags & (IR_MAP | IR_WHOLE))
		check_keys(v, n, o->flags);
	if (o->flags & IR_ARGS)
		check_args(v, n);
	if ((o->flags & IR_FAIL) && !n->where && n->op != IR_SPRINT)
		fail(v, n, "may fail but has no place");
	if (o->flags & IR_OK_VAR)
		check_var(v, n, n->ok, true);
	check_dst(v, n, o);
	if ((n->op == IR_BREAK || n->op == IR_CONTINUE) && !v->loops)
		fail(v, n, "outside of a loop");
	v->loops += loop;
	check_list(v, &n->body);
	check_list(v, &n->step);
	v->loops -= loop;
	check_list(v, &n->other);
}

static void check_list(struct verifier *v, const struct ir_list *list)
{
	for (size_t i = 0; !v->wrong && i < list->n; i++)
		check_stmt(v, list->v[i]);
}

static void check_body(struct verifier *v, const struct ir_body *body)
{
	if (!body || v->wrong)
		return;
	v->body = body;
	vec_each(&body->vars, i)
		body->vars.v[i]->assigned = false;
	check_list(v, &body->list);
}

const char *ir_verify(struct arena *a, const struct ir_program *p)
{
	struct verifier v = { .a = a, .p = p };

	vec_each(&p->handlers, i) {
		check_body(&v, p->handlers.v[i]->entry);
		check_body(&v, p->handlers.v[i]->body);
	}
	vec_each(&p->functions, i)
		check_body(&v, p->functions.v[i]->body);
	return v.wrong;
}
