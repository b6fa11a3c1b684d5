/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types.  Every symbol, parameter, array key and function result is long, string or stats; the first
 * use that needs one decides.  All bodies are gone over silently until nothing changes, what is still
 * unknown is then long, and one more pass, with all types known, tells what does not agree.
 *
 * Works on collected programs; sets types and the results asked of aggregates, nothing else.
 */
#include "sema/elaborate.h"

#include <string.h>

struct at { struct sema *x; struct body *b; };

static void infer(struct sema *x, struct expr *e, enum type want);

/* ---- telling ---- */

/* What else does not agree with the type of a symbol that was told about follows from the first. */
static void tell_once(const struct expr *e)
{
	if ((e->kind == EX_IDENT || e->kind == EX_INDEX) && e->sym)
		((struct symbol *)e->sym)->told = true;
}

static bool told(const struct expr *e)
{
	return (e->kind == EX_IDENT || e->kind == EX_INDEX) && e->sym && ((struct symbol *)e->sym)->told;
}

static void mismatch(struct sema *x, const struct expr *e, enum type is, enum type want)
{
	const struct symbol *s = e->kind == EX_IDENT || e->kind == EX_INDEX ? e->sym : NULL;
	const struct place *p = sema_place(e);

	if (!x->report)
		return;
	tell_once(e);
	if (s && s->typed.src)
		diag_error2(x->d, DIAG_SEMANTIC, "type-mismatch", p, &s->typed,
			    "type mismatch (%s): %s at %s; first use (%s) at %s", type_name(want),
			    sema_token(x, e), place_str(x->a, p), type_name(is),
			    place_str(x->a, &s->typed));
	else
		diag_error(x->d, DIAG_SEMANTIC, "type-mismatch", p,
			   "type mismatch (%s): %s at %s; a %s is needed here", type_name(is),
			   sema_token(x, e), place_str(x->a, p), type_name(want));
}

/* E is of type IS where WANT is needed; either may be unknown. */
static void settle(struct sema *x, struct expr *e, enum type is, enum type want)
{
	if (is != T_UNKNOWN && e->type != is) {
		e->type = is;
		x->changed = true;
	}
	if (is != T_UNKNOWN && want != T_UNKNOWN && want != T_VOID && is != want)
		mismatch(x, e, is, want);
}

/* One of the places that hold a type: set it when unknown. */
static enum type learn(struct sema *x, enum type *where, enum type t)
{
	if (*where == T_UNKNOWN && t != T_UNKNOWN && t != T_VOID) {
		*where = t;
		x->changed = true;
	}
	return *where;
}

static enum type *type_of(struct symbol *s)
{
	return s->local ? &s->local->type : &s->global->type;
}

static enum type learn_symbol(struct sema *x, struct symbol *s, enum type t, const struct place *p)
{
	enum type *where = type_of(s);

	if (*where == T_UNKNOWN && t != T_UNKNOWN && t != T_VOID)
		s->typed = *p;
	return learn(x, where, t);
}

static bool is_aggregate(const struct expr *e)
{
	return (e->kind == EX_IDENT || e->kind == EX_INDEX) && e->sym && !told(e) &&
	       *type_of(e->sym) == T_STATS;
}

static void no_value(struct sema *x, const struct expr *e)
{
	diag_error(x->d, DIAG_SEMANTIC, "aggregate-value", sema_place(e),
		   "'%s' is an aggregate: a value is what @count, @sum, ... give: identifier '%s' at %s",
		   e->name, e->name, place_str(x->a, sema_place(e)));
}

/* ---- places ---- */

static void infer_keys(struct sema *x, struct expr *e, struct global *g)
{
	vec_each(&e->args, i) {
		struct expr *k = e->args.v[i];

		if (!k || i >= MAX_KEYS)
			continue;
		infer(x, k, g->keys[i]);
		learn(x, &g->keys[i], k->type);
	}
}

static void infer_symbol(struct sema *x, struct expr *e, enum type want)
{
	struct symbol *s = e->sym;

	if (!s)
		return;
	if (e->kind == EX_INDEX)
		infer_keys(x, e, s->global);
	if (s->told) {
		e->type = T_UNKNOWN;
		return;
	}
	settle(x, e, learn_symbol(x, s, want, &e->place), want);
}

/* ---- operators ---- */

static void infer_arith(struct sema *x, struct expr *e, struct expr *operand)
{
	infer(x, operand, T_LONG);
	if (x->report && e->op == TOK_PLUS && operand->type == T_STRING)
		diag_hint(x->d, "strings are joined by the operator '.'");
}

static bool is_comparison(int op)
{
	return op == TOK_EQ || op == TOK_NE || op == TOK_LT || op == TOK_LE || op == TOK_GT ||
	       op == TOK_GE;
}

static void infer_binary(struct sema *x, struct expr *e, enum type want)
{
	if (e->op == TOK_DOT) {
		unsigned errors = x->d->errors;

		infer(x, e->a, T_STRING);
		if (x->d->errors > errors && e->a->kind == EX_TARGET && e->b->kind == EX_IDENT)
			diag_hint(x->d, "'.' joins strings; members, of structs too, are behind '->'");
		else if (x->d->errors > errors)
			diag_hint(x->d, "'.' joins strings; sprint(number) makes one of a number");
		infer(x, e->b, T_STRING);
		settle(x, e, T_STRING, want);
		return;
	}
	if (is_comparison(e->op)) {
		infer(x, e->a, T_UNKNOWN);
		infer(x, e->b, e->a->type);
		if (e->a->type == T_UNKNOWN)
			infer(x, e->a, e->b->type);
		if (x->report && e->a->type == T_STATS)
			mismatch(x, e->a, T_STATS, T_LONG);
	} else {
		infer_arith(x, e, e->a);
		infer_arith(x, e, e->b);
	}
	settle(x, e, T_LONG, want);
}

static void infer_assign(struct sema *x, struct expr *e, enum type want)
{
	if (e->op == TOK_ASSIGN) {
		if (!x->report) {
			infer(x, e->a, want);
			infer(x, e->b, e->a->type);
		} else {
			infer(x, e->b, T_UNKNOWN);
		}
		if (x->report && is_aggregate(e->b)) {
			no_value(x, e->b);
			tell_once(e->a);
		} else if (x->report && is_aggregate(e->a)) {
			diag_error(x->d, DIAG_SEMANTIC, "assign-stats", sema_place(e),
				   "an aggregate takes values by '<<<' only: operator '=' at %s",
				   place_str(x->a, sema_place(e)));
			tell_once(e->a);
		}
		infer(x, e->a, e->b->type);
		settle(x, e, e->a->type, want);
		return;
	}
	if (e->op == TOK_AGG) {
		if (x->report && sema_is_local(e->a) && !told(e->a)) {
			diag_error(x->d, DIAG_SEMANTIC, "local-stats", &e->a->place,
				   "an aggregate must be a global variable: identifier '%s' at %s",
				   e->a->name, place_str(x->a, &e->a->place));
			tell_once(e->a);
		}
		infer(x, e->a, T_STATS);
		infer(x, e->b, T_LONG);
		settle(x, e, T_LONG, want);
		return;
	}
	if (e->op == TOK_DOT_ASSIGN) {
		infer(x, e->a, T_STRING);
		infer(x, e->b, T_STRING);
		settle(x, e, T_STRING, want);
		return;
	}
	infer(x, e->a, T_LONG);
	infer(x, e->b, T_LONG);
	if (x->report && e->op == TOK_PLUS_ASSIGN && e->b->type == T_STRING)
		diag_hint(x->d, "strings are joined by the operator '.='");
	settle(x, e, T_LONG, want);
}

/* ---- calls ---- */

static void infer_argument(struct sema *x, struct expr *arg, struct function *f, size_t i)
{
	struct symbol *p = sema_body_of(f)->locals.v[i];
	enum type t = p->local->type;

	infer(x, arg, x->report ? T_UNKNOWN : t);
	if (is_aggregate(arg)) {
		if (x->report)
			no_value(x, arg);
		return;
	}
	t = learn_symbol(x, p, arg->type, &arg->place);
	if (x->report && arg->type != T_UNKNOWN && arg->type != t)
		diag_error2(x->d, DIAG_SEMANTIC, "argument-type", sema_place(arg), &p->typed,
			    "type mismatch (%s): %s at %s; parameter '%s' of function '%s' is %s",
			    type_name(arg->type), sema_token(x, arg), place_str(x->a, sema_place(arg)),
			    p->local->name, f->name, type_name(t));
}

/* A function without `return` is worth 0 or "" where that is asked for. */
static void infer_result(struct sema *x, struct function *f, enum type want)
{
	if (f->ret == T_VOID && f->body && !x->defaulted && (want == T_LONG || want == T_STRING)) {
		f->ret = want;
		x->changed = true;
	}
	learn(x, &f->ret, want);
}

static void infer_call(struct sema *x, struct expr *e, enum type want)
{
	struct function *first = e->sym;
	enum type ret = T_UNKNOWN;

	for (struct function *f = first; f; f = f->overload) {
		vec_each(&e->args, i)
			infer_argument(x, e->args.v[i], f, i);
		infer_result(x, f, want);
		if (ret == T_UNKNOWN)
			ret = f->ret;
		else
			learn(x, &f->ret, ret);
		if (x->report && f->ret != ret)
			diag_error2(x->d, DIAG_SEMANTIC, "overload-type", &f->decl->place,
				    &first->decl->place,
				    "overloads of function '%s' return %s here and %s there: at %s",
				    f->name, type_name(f->ret), type_name(ret),
				    place_str(x->a, &f->decl->place));
	}
	/* a void function where a value is needed is check.c's */
	settle(x, e, ret, ret == T_VOID ? T_UNKNOWN : want);
}

/* ---- aggregates ---- */

static void infer_stat(struct sema *x, struct expr *e, enum type want)
{
	enum stat_op op = aggregate_op(e->name);
	const struct symbol *s = e->a->sym;
	bool hist = op == STAT_HIST_LOG || op == STAT_HIST_LINEAR;

	e->number = op;
	if (s || !x->report)	/* anything else is told about below */
		infer(x, e->a, T_STATS);
	vec_each(&e->args, i)
		infer(x, e->args.v[i], T_LONG);
	if (s && s->global) {
		aggregate_ask(x, e, sema_gvar(s), op);
	} else if (x->report && !told(e->a)) {
		diag_error(x->d, DIAG_SEMANTIC, "stat-of-local", sema_place(e->a),
			   "@%s needs a global aggregate: %s at %s", e->name, sema_token(x, e->a),
			   place_str(x->a, sema_place(e->a)));
		tell_once(e->a);
	}
	settle(x, e, hist ? T_STATS : T_LONG, want);
}

/* ---- printing ---- */

static void infer_print(struct sema *x, struct expr *e, enum type want)
{
	bool text = !strncmp(e->name, "sprint", 6);

	if (!strcmp(e->name, "printf") || !strcmp(e->name, "sprintf")) {
		infer_format(x, e, infer);
	} else {
		vec_each(&e->args, i) {
			struct expr *arg = e->args.v[i];

			infer(x, arg, T_UNKNOWN);
			if (x->report && arg->type == T_STATS &&
			    (arg->kind != EX_STAT || e->args.n > 1))
				diag_error(x->d, DIAG_SEMANTIC, "print-stats", sema_place(arg),
					   "%s: an aggregate cannot be printed, only what is extracted from it "
					   "(@count, @sum, ...): %s at %s", e->name, sema_token(x, arg),
					   place_str(x->a, sema_place(arg)));
		}
	}
	settle(x, e, text ? T_STRING : T_LONG, want);	/* what prints is worth 0 */
}

/* ---- the rest of the expressions ---- */

static void infer_children(struct sema *x, struct expr *e, enum type t)
{
	if (e->a)
		infer(x, e->a, t);
	if (e->b)
		infer(x, e->b, t);
}

static void infer_target(struct sema *x, struct expr *e, enum type want)
{
	const struct access *acc = e->info;

	if (!acc)
		return;
	vec_each(&acc->operands, i)
		infer(x, acc->operands.v[i], T_LONG);
	settle(x, e, acc->kind == ACCESS_NUMBER ? T_LONG : T_STRING, want);
}

static void infer(struct sema *x, struct expr *e, enum type want)
{
	switch (e->kind) {
	case EX_NUMBER: case EX_CONST:
		settle(x, e, T_LONG, want);
		break;
	case EX_STRING:
		settle(x, e, T_STRING, want);
		break;
	case EX_IDENT: case EX_INDEX:
		infer_symbol(x, e, want);
		break;
	case EX_CALL:
		infer_call(x, e, want);
		break;
	case EX_PRINT:
		infer_print(x, e, want);
		break;
	case EX_BINARY:
		infer_binary(x, e, want);
		break;
	case EX_ASSIGN:
		infer_assign(x, e, want);
		break;
	case EX_COND:
		infer(x, e->a, T_LONG);
		infer(x, e->b, want);
		infer(x, e->c, e->b->type == T_UNKNOWN ? want : e->b->type);
		if (e->b->type == T_UNKNOWN && e->c->type != T_UNKNOWN)
			infer(x, e->b, e->c->type);
		settle(x, e, e->b->type, want);
		break;
	case EX_IN:
		if (e->sym)
			infer_keys(x, e, ((struct symbol *)e->sym)->global);
		settle(x, e, T_LONG, want);
		break;
	case EX_REGEX:
		infer_children(x, e, T_STRING);
		settle(x, e, T_LONG, want);
		break;
	case EX_STAT:
		infer_stat(x, e, want);
		break;
	case EX_HISTIDX:
		infer(x, e->a, T_STATS);
		infer(x, e->b, T_LONG);
		settle(x, e, T_LONG, want);
		break;
	case EX_TARGET:
		infer_target(x, e, want);
		break;
	case EX_ENTRY:
		infer(x, e->a, want);
		settle(x, e, e->a->type, want);
		break;
	case EX_EMBEDDED:
		settle(x, e, strstr(e->text, "/* string */") ? T_STRING : T_LONG, want);
		break;
	default:	/* unary, logical, ++ and -- */
		infer_children(x, e, T_LONG);
		settle(x, e, T_LONG, want);
	}
}

/* ---- statements ---- */

static void infer_histogram_walk(struct sema *x, struct foreach *f)
{
	infer(x, f->array, T_UNKNOWN);
	vec_each(&f->vars, i)
		infer(x, f->vars.v[i], T_LONG);
}

static void infer_foreach(struct sema *x, struct foreach *f)
{
	struct symbol *s = f->array->sym, *v = f->value_sym;
	struct global *g = s ? s->global : NULL;

	if (f->limit)
		infer(x, f->limit, T_LONG);
	if (f->array->kind == EX_STAT) {
		infer_histogram_walk(x, f);
		return;
	}
	if (!g)
		return;
	infer(x, f->array, T_UNKNOWN);
	for (size_t i = 0; i < f->vars.n && i < MAX_KEYS; i++) {
		infer(x, f->vars.v[i], g->keys[i]);
		learn(x, &g->keys[i], f->vars.v[i]->type);
	}
	if (f->sort_stat) {
		learn_symbol(x, s, T_STATS, &f->array->place);
		g->stat_ops |= 1u << aggregate_op(f->sort_stat);
		if (g->type != T_STATS)
			mismatch(x, f->array, g->type, T_STATS);
	} else if (f->sort_column == -1 && g->type == T_STATS) {
		g->stat_ops |= 1u << STAT_COUNT;
	}
	if (!v)
		return;
	if (g->type == T_STATS && !f->value_read) {
		f->value = NULL;
		return;
	}
	if (g->type == T_STATS) {
		v->told = x->report;
		if (x->report)
			diag_error(x->d, DIAG_SEMANTIC, "foreach-stats-value", &f->value_place,
				   "the value of an array of aggregates is an aggregate, which is read by "
				   "@count(%s) and the like: identifier '%s' at %s", f->value, f->value,
				   place_str(x->a, &f->value_place));
		return;
	}
	learn_symbol(x, v, g->type, &f->value_place);
	learn_symbol(x, s, *type_of(v), &f->array->place);
	if (x->report && *type_of(v) != g->type)
		diag_error2(x->d, DIAG_SEMANTIC, "type-mismatch", &f->value_place, &v->typed,
			    "type mismatch (%s): identifier '%s' at %s; first use (%s) at %s",
			    type_name(g->type), f->value, place_str(x->a, &f->value_place),
			    type_name(*type_of(v)), place_str(x->a, &v->typed));
}

static void infer_return(struct at *at, struct stmt *s)
{
	struct function *f = at->b->fn;

	if (!s->e || !f)
		return;
	infer(at->x, s->e, f->ret == T_VOID ? T_UNKNOWN : f->ret);
	learn(at->x, &f->ret, s->e->type);
}

static void infer_stmt(struct stmt *s, void *arg)
{
	struct at *at = arg;
	struct sema *x = at->x;

	switch (s->kind) {
	case ST_EXPR:
		infer(x, s->e, T_UNKNOWN);
		break;
	case ST_FOREACH:
		infer_foreach(x, s->each);
		break;
	case ST_RETURN:
		infer_return(at, s);
		break;
	case ST_DELETE:
		infer(x, s->e, T_UNKNOWN);
		break;
	case ST_TRY:
		if (s->sym) {
			enum type t = learn_symbol(x, s->sym, T_STRING, &s->catch_place);

			if (x->report && t != T_STRING)
				diag_error2(x->d, DIAG_SEMANTIC, "type-mismatch", &s->catch_place,
					    &((struct symbol *)s->sym)->typed,
					    "type mismatch (string): identifier '%s' at %s; first use (%s) there",
					    s->catch_var, place_str(x->a, &s->catch_place), type_name(t));
		}
		break;
	default:
		if (s->init)
			infer(x, s->init, T_UNKNOWN);
		if (s->e)
			infer(x, s->e, T_LONG);
		if (s->step)
			infer(x, s->step, T_UNKNOWN);
	}
	sema_stmt_children(s, NULL, infer_stmt, at);
}

/* ---- the program ---- */

static void pass(struct sema *x)
{
	vec_each(&x->handlers, i)
		infer_stmt(x->handlers.v[i]->top, &(struct at){ x, x->handlers.v[i] });
	vec_each(&x->functions, i)
		if (x->functions.v[i]->top)	/* the user's that are not called too */
			infer_stmt(x->functions.v[i]->top, &(struct at){ x, x->functions.v[i] });
}

static void settle_program(struct sema *x)
{
	do {
		x->changed = false;
		pass(x);
	} while (x->changed);
}

static void default_locals(struct body *b)
{
	vec_each(&b->locals, i) {
		struct local *l = b->locals.v[i]->local;

		if (l->type == T_UNKNOWN) {
			l->untyped = true;
			l->type = T_LONG;
		}
	}
}

static void defaults(struct sema *x)
{
	x->defaulted = true;
	vec_each(&x->handlers, i)
		default_locals(x->handlers.v[i]);
	vec_each(&x->functions, i) {
		struct function *f = x->functions.v[i]->fn;

		default_locals(x->functions.v[i]);
		f->untyped = f->ret == T_UNKNOWN && f->body;
		if (f->ret == T_UNKNOWN)
			f->ret = f->body ? T_LONG : T_VOID;
	}
	vec_each(&x->p->globals, i) {
		struct global *g = x->p->globals.v[i];

		g->untyped |= g->type == T_UNKNOWN;
		if (g->type == T_UNKNOWN)
			g->type = T_LONG;
		for (unsigned k = 0; k < g->nkeys; k++) {
			g->untyped |= g->keys[k] == T_UNKNOWN;
			if (g->keys[k] == T_UNKNOWN)
				g->keys[k] = T_LONG;
		}
	}
}

bool infer_more(struct sema *x)
{
	settle_program(x);
	defaults(x);
	settle_program(x);
	return true;
}

bool infer_program(struct sema *x)
{
	unsigned errors = x->d->errors;

	settle_program(x);
	if (x->r.listing)	/* variables of unknown type are not shown */
		return true;
	defaults(x);
	settle_program(x);
	x->report = true;
	pass(x);
	x->report = false;
	return x->d->errors == errors;
}
