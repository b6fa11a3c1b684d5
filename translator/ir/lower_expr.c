// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Script expressions to IR values, with the statements that have to run first.
 *
 * The invariant: the value that lower_value() returns may be evaluated any time later, as long as
 * no statement in between writes a variable or global it reads.  lower_values() keeps it for
 * operand lists: when the statements of a later operand write what an earlier one reads, the
 * earlier one is copied to a temporary first.  So everything happens once and from left to right,
 * and nothing is copied without need.
 */
#include <string.h>

#include "ir/lower.h"

/* ---- what statements do to values ---- */

struct conflict {
	const struct ir *value;
	bool found;
};

static bool reads_written(const struct ir *e, const struct ir_function *fn)
{
	if (!e)
		return false;
	if (e->op == IR_GLOBAL)
		return !fn->lowered || fn->writes[e->global->index];
	for (int i = 0; i < 3; i++)
		if (reads_written(e->arg[i], fn))
			return true;
	return false;
}

static void note_conflict(struct ir *n, bool dst, void *arg)
{
	struct conflict *c = arg;

	if (dst && lower_reads(c->value, n))
		c->found = true;
	if (n->op == IR_CALL && reads_written(c->value, n->fn))
		c->found = true;
}

static bool conflicts(const struct ir_list *list, const struct ir *value)
{
	struct conflict c = { .value = value };

	ir_walk(list, note_conflict, &c);
	return c.found;
}

void lower_values(struct lower *l, struct expr *const *es, size_t n, struct ir **ret)
{
	struct ir_list *outer = l->list;

	for (size_t i = 0; i < n; i++) {
		struct ir_list sub = { 0 };

		ret[i] = NULL;
		if (!es[i])
			continue;
		l->list = &sub;
		ret[i] = lower_value(l, es[i]);
		l->list = outer;
		for (size_t j = 0; sub.n && j < i; j++)
			if (ret[j] && conflicts(&sub, ret[j]))
				ret[j] = lower_spill(l, ret[j]);
		vec_each(&sub, k)
			lower_emit(l, sub.v[k]);
	}
}

/*
 * While an operation stores its result it may still be reading its arguments, and when it fails
 * the destination must not have changed for the catch block to see.
 */
struct ir *lower_place_for(struct lower *l, enum type type, struct ir *dst, struct ir *const *args,
			   size_t nargs)
{
	if (!dst || dst->op != IR_VAR || dst->type != type || l->try_depth)
		return lower_temp(l, type);
	for (size_t i = 0; i < nargs; i++)
		if (args[i] && lower_reads(args[i], dst))
			return lower_temp(l, type);
	return dst;
}

void lower_element(struct lower *l, struct ir *n, struct expr *e)
{
	struct symbol *sym = e->sym;

	if (!sym || !sym->global) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "internal", &e->place, "array without a declaration");
		return;
	}
	n->global = sym->global;
	for (size_t i = 0; i < e->args.n; i++)
		vec_add(l->a, &n->args);
	lower_values(l, e->args.v, e->args.n, n->args.v);
}

/* ---- operators ---- */

static bool is_truth(const struct ir *v)
{
	return (v->op >= IR_EQ && v->op <= IR_LOR) || v->op == IR_NOT ||
	       (v->op == IR_NUM && (v->imm == 0 || v->imm == 1));
}

struct ir *lower_truth(struct lower *l, struct ir *v)
{
	return is_truth(v) ? v : ir_bin(l->a, IR_NE, v, ir_num(l->a, 0));
}

struct binary_op {
	int tok, assign;
	enum ir_op op, string_op;
};

/* IR_NUM: there is none. */
static const struct binary_op binary_ops[] = {
	{ TOK_PLUS, TOK_PLUS_ASSIGN, IR_ADD, IR_NUM },
	{ TOK_MINUS, TOK_MINUS_ASSIGN, IR_SUB, IR_NUM },
	{ TOK_MUL, TOK_MUL_ASSIGN, IR_MUL, IR_NUM },
	{ TOK_DIV, TOK_DIV_ASSIGN, IR_DIV, IR_NUM },
	{ TOK_MOD, TOK_MOD_ASSIGN, IR_MOD, IR_NUM },
	{ TOK_AND, TOK_AND_ASSIGN, IR_AND, IR_NUM },
	{ TOK_OR, TOK_OR_ASSIGN, IR_OR, IR_NUM },
	{ TOK_XOR, TOK_XOR_ASSIGN, IR_XOR, IR_NUM },
	{ TOK_SHL, TOK_SHL_ASSIGN, IR_SHL, IR_NUM },
	{ TOK_SHR, TOK_SHR_ASSIGN, IR_SAR, IR_NUM },
	{ TOK_LSHR, TOK_LSHR, IR_SHR, IR_NUM },
	{ TOK_EQ, TOK_EQ, IR_EQ, IR_SEQ },
	{ TOK_NE, TOK_NE, IR_NE, IR_SNE },
	{ TOK_LT, TOK_LT, IR_LT, IR_SLT },
	{ TOK_LE, TOK_LE, IR_LE, IR_SLE },
	{ TOK_GT, TOK_GT, IR_GT, IR_SGT },
	{ TOK_GE, TOK_GE, IR_GE, IR_SGE },
};

static const struct binary_op *binary_op(int tok)
{
	for (size_t i = 0; i < sizeof(binary_ops) / sizeof(binary_ops[0]); i++)
		if (binary_ops[i].tok == tok || binary_ops[i].assign == tok)
			return &binary_ops[i];
	return NULL;
}

static struct ir *divide(struct lower *l, enum ir_op op, struct ir *x, struct ir *y, const struct place *p)
{
	struct ir *n, *dst;

	if (y->op == IR_NUM && y->imm != 0 && y->imm != -1)
		return ir_bin(l->a, op == IR_DIV ? IR_QUO : IR_REM, x, y);
	dst = lower_temp(l, T_LONG);
	n = lower_stmt_node(l, op);
	n->arg[0] = x;
	n->arg[1] = y;
	n->dst = dst;
	n->where = lower_where(l, p);
	return dst;
}

struct ir *lower_arith(struct lower *l, int tok, struct ir *x, struct ir *y, const struct place *p)
{
	const struct binary_op *b = binary_op(tok);

	if (!b || (x->type == T_STRING && b->string_op == IR_NUM) || x->type != y->type) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "internal", p, "operator '%s' on %s and %s",
			   tok_text(tok), type_name(x->type), type_name(y->type));
		return ir_num(l->a, 0);
	}
	if (b->op == IR_DIV || b->op == IR_MOD)
		return divide(l, b->op, x, y, p);
	return ir_bin(l->a, x->type == T_STRING ? b->string_op : b->op, x, y);
}

/* ---- concatenation ---- */

static void flatten(struct lower *l, struct expr *e, struct expr ***v, size_t *n, size_t *cap)
{
	if (e->kind == EX_BINARY && e->op == TOK_DOT) {
		flatten(l, e->a, v, n, cap);
		flatten(l, e->b, v, n, cap);
		return;
	}
	if (*n == *cap)
		vec_grow(l->a, (void **)v, cap, *n, sizeof(**v));
	(*v)[(*n)++] = e;
}

static size_t merge_literals(struct lower *l, struct ir **v, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		if (out && v[i]->op == IR_STR && v[out - 1]->op == IR_STR)
			v[out - 1] = ir_str(l->a, arena_printf(l->a, "%s%s", v[out - 1]->text, v[i]->text),
					    v[out - 1]->len + v[i]->len);
		else if (v[i]->op != IR_STR || v[i]->len || n == 1)
			v[out++] = v[i];
	}
	if (!out)
		v[out++] = ir_str(l->a, "", 0);
	return out;
}

static struct ir *join(struct lower *l, struct ir **v, size_t n, struct ir *dst)
{
	n = merge_literals(l, v, n);
	if (n == 1)
		return v[0];
	for (size_t i = 0; i < n; i++)	/* s = s . x appends in place */
		if (dst && lower_reads(v[i], dst) && (i || !lower_same(v[0], dst)))
			dst = NULL;
	if (!dst || dst->op == IR_SAVED)
		dst = lower_temp(l, T_STRING);
	lower_set(l, dst, v[0]);
	for (size_t i = 1; i < n; i++) {
		struct ir *c = lower_stmt_node(l, IR_CAT);

		c->dst = dst;
		c->arg[0] = v[i];
	}
	return dst;
}

static struct ir *lower_concat(struct lower *l, struct expr *e, struct ir *dst)
{
	struct expr **es = NULL;
	struct ir **v;
	size_t n = 0, cap = 0;

	flatten(l, e, &es, &n, &cap);
	v = arena_array(l->a, struct ir *, n);
	lower_values(l, es, n, v);
	return join(l, v, n, dst);
}

static struct ir *lower_binary(struct lower *l, struct expr *e, struct ir *dst)
{
	struct expr *es[2] = { e->a, e->b };
	struct ir *v[2];

	if (e->op == TOK_DOT)
		return lower_concat(l, e, dst);
	lower_values(l, es, 2, v);
	return lower_arith(l, e->op, v[0], v[1], &e->oper);
}

static struct ir *lower_unary(struct lower *l, struct expr *e)
{
	struct ir *v = lower_value(l, e->a);

	switch (e->op) {
	case TOK_MINUS:	 return ir_un(l->a, IR_NEG, v);
	case TOK_NOT:	 return ir_un(l->a, IR_NOT, v);
	case TOK_BITNOT: return ir_un(l->a, IR_COM, v);
	default:	 return v;
	}
}

/* ---- && || ?: ---- */

static struct ir *lower_branch(struct lower *l, struct expr *e, struct ir_list *list, struct ir *dst)
{
	struct lower_path path = lower_fork(l, list);
	struct ir *v = lower_to(l, e, dst);

	lower_join(l, &path);
	return v;
}

static void set_in(struct lower *l, struct ir_list *list, struct ir *dst, struct ir *v)
{
	struct ir_list *old = l->list;

	l->list = list;
	lower_set(l, dst, v);
	l->list = old;
}

static struct ir *lower_logical(struct lower *l, struct expr *e)
{
	struct ir *x = lower_value(l, e->a), *y, *n, *t;
	struct ir_list sub = { 0 };
	bool and = e->op == TOK_ANDAND;

	y = lower_branch(l, e->b, &sub, NULL);
	if (!sub.n)
		return ir_bin(l->a, and ? IR_LAND : IR_LOR, x, y);
	t = lower_temp(l, T_LONG);
	n = lower_stmt_node(l, IR_IF);
	n->arg[0] = x;
	set_in(l, &sub, t, lower_truth(l, y));
	set_in(l, and ? &n->other : &n->body, t, ir_num(l->a, !and));
	*(and ? &n->body : &n->other) = sub;
	return t;
}

static struct ir *lower_cond(struct lower *l, struct expr *e)
{
	struct ir *c = lower_value(l, e->a), *n, *t, *x, *y;
	struct ir_list then = { 0 }, other = { 0 };
	size_t used = l->pool_used;

	t = lower_temp(l, e->type == T_STRING ? T_STRING : T_LONG);
	x = lower_branch(l, e->b, &then, t);
	y = lower_branch(l, e->c, &other, t);
	if (!then.n && !other.n) {
		l->pool_used = used;
		n = ir_new(l->a, IR_SELECT, x->type);
		n->arg[0] = c;
		n->arg[1] = x;
		n->arg[2] = y;
		return n;
	}
	n = lower_stmt_node(l, IR_IF);
	n->arg[0] = c;
	set_in(l, &then, t, x);
	set_in(l, &other, t, y);
	n->body = then;
	n->other = other;
	return t;
}

/* ---- calls, arrays, aggregates ---- */

/* Text of a global that the function may write must not change under its feet. */
static void protect_args(struct lower *l, struct ir *call)
{
	vec_each(&call->args, i) {
		struct ir *v = call->args.v[i];

		if (v->type == T_STRING && reads_written(v, call->fn))
			call->args.v[i] = lower_spill(l, v);
	}
}

static struct ir *lower_call(struct lower *l, struct expr *e, struct ir *dst, bool want)
{
	const struct function *f = e->sym;
	struct ir *n = ir_new(l->a, IR_CALL, T_VOID);

	if (!f) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "internal", &e->place, "call without a function");
		return ir_num(l->a, 0);
	}
	for (size_t i = 0; i < e->args.n; i++)
		vec_add(l->a, &n->args);
	lower_values(l, e->args.v, e->args.n, n->args.v);
	n->fn = lower_function(l, f);
	n->where = lower_where(l, &e->place);
	protect_args(l, n);
	if (n->fn->ret == T_STRING || (want && n->fn->ret != T_VOID))
		n->dst = lower_place_for(l, n->fn->ret, dst, n->args.v, n->args.n);
	lower_emit(l, n);
	return n->dst ? n->dst : ir_num(l->a, 0);
}

static struct ir *lower_get(struct lower *l, struct expr *e, struct ir *dst)
{
	struct ir *n = ir_new(l->a, IR_MAPGET, T_VOID);

	lower_element(l, n, e);
	if (!n->global)
		return ir_num(l->a, 0);
	n->where = lower_where(l, &e->place);
	n->dst = lower_place_for(l, n->global->type == T_STRING ? T_STRING : T_LONG, dst, n->args.v,
				 n->args.n);
	return lower_emit(l, n)->dst;
}

static struct ir *lower_in(struct lower *l, struct expr *e)
{
	struct ir *n = ir_new(l->a, IR_MAPHAS, T_VOID);

	lower_element(l, n, e);
	n->where = lower_where(l, &e->place);
	n->dst = lower_temp(l, T_LONG);
	return lower_emit(l, n)->dst;
}

static struct ir_regex *find_regex(struct lower *l, const struct expr *pattern)
{
	const char *why = NULL;
	size_t where = 0;
	struct ir_regex *r;

	vec_each(&l->out->regexes, i)
		if (!strcmp(l->out->regexes.v[i]->pattern, pattern->text))
			return l->out->regexes.v[i];
	r = arena_new(l->a, struct ir_regex);
	r->pattern = pattern->text;
	if (!regex_compile(l->a, pattern->text, strlen(pattern->text), &r->tables, &why, &where)) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "regex", &pattern->place, "regex compilation error: %s at byte %zu",
			   why, where + 1);
		return NULL;
	}
	if (l->p->uses_matches) {
		r->capture = arena_new(l->a, struct regex_capture);
		if (!regex_capture_compile(l->a, pattern->text, strlen(pattern->text), r->capture, &why)) {
			l->failed = true;
			diag_error(l->d, DIAG_SEMANTIC, "regex", &pattern->place,
				   "regex compilation error: %s", why);
			return NULL;
		}
	}
	*vec_add(l->a, &l->out->regexes) = r;
	return r;
}

/* A match whose groups somebody may ask for. */
static struct ir *lower_capture(struct lower *l, struct ir_regex *r, struct ir *subject)
{
	struct ir *n = lower_stmt_node(l, IR_CAPTURE);

	n->arg[0] = subject;
	n->regex = r;
	n->dst = lower_temp(l, T_LONG);
	return n->dst;
}

static struct ir *lower_regex(struct lower *l, struct expr *e)
{
	struct ir *v = lower_value(l, e->a);
	struct ir_regex *r = e->b->kind == EX_STRING ? find_regex(l, e->b) : NULL;

	if (!r) {
		if (e->b->kind != EX_STRING)
			lower_refuse(l, &e->b->place, "a regular expression that is not a literal");
		return ir_num(l->a, 0);
	}
	if (r->capture) {
		v = lower_capture(l, r, v);
	} else {
		v = ir_un(l->a, IR_MATCH, v);
		v->regex = r;
	}
	return e->op == TOK_NOMATCH ? ir_un(l->a, IR_NOT, v) : v;
}

static struct ir *lower_stat(struct lower *l, struct expr *e)
{
	static const char *const names[] = { "count", "sum", "min", "max", "avg", "variance" };
	struct ir *n = ir_new(l->a, IR_STATGET, T_VOID);
	size_t op = 0;

	while (op < 6 && strcmp(e->name, names[op]))
		op++;
	if (op == 6) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "histogram-value", &e->place,
			   "a histogram can be printed or indexed, it is no value");
		return ir_num(l->a, 0);
	}
	lower_element(l, n, e->a);
	n->imm = (int64_t)op;
	n->where = lower_where(l, &e->place);
	n->dst = lower_temp(l, T_LONG);
	return lower_emit(l, n)->dst;
}

static struct ir *lower_bucket(struct lower *l, struct expr *e)
{
	struct expr *stat = e->a, *es[MAX_KEYS + 1];
	struct ir *n = ir_new(l->a, IR_BUCKET, T_VOID), *v[MAX_KEYS + 1];
	size_t nkeys = stat->a->args.n;

	for (size_t i = 0; i < nkeys; i++)
		es[i] = stat->a->args.v[i];
	es[nkeys] = e->b;
	lower_values(l, es, nkeys + 1, v);
	n->global = ((struct symbol *)stat->a->sym)->global;
	for (size_t i = 0; i < nkeys; i++)
		*vec_add(l->a, &n->args) = v[i];
	n->arg[0] = v[nkeys];
	n->where = lower_where(l, &e->place);
	n->dst = lower_temp(l, T_LONG);
	return lower_emit(l, n)->dst;
}

static struct ir *lower_c_value(struct lower *l, struct expr *e, struct ir *dst)
{
	struct ir *n = ir_new(l->a, IR_CALL, T_VOID);
	enum type type = e->type == T_STRING ? T_STRING : T_LONG;

	n->fn = lower_c_piece(l, e->text, &e->place, type, true);
	n->where = lower_where(l, &e->place);
	n->dst = lower_place_for(l, type, dst, NULL, 0);
	return lower_emit(l, n)->dst;
}

static struct ir *lower_ident(struct lower *l, struct expr *e)
{
	struct symbol *sym = e->sym;

	if (sym && sym->global && (sym->global->is_array || sym->global->type == T_STATS)) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "array-value", &e->place,
			   "'%s' is %s, not a value", sym->global->name,
			   sym->global->is_array ? "an array: give the element in [ ]"
			   : "an aggregate: use @count, @sum, ...");
		return ir_num(l->a, 0);
	}
	return lower_symbol(l, sym, &e->place);
}

struct ir *lower_to(struct lower *l, struct expr *e, struct ir *dst)
{
	switch (e->kind) {
	case EX_NUMBER:		return ir_num(l->a, e->number);
	case EX_STRING:		return ir_str(l->a, e->text, e->text_len);
	case EX_IDENT:		return lower_ident(l, e);
	case EX_INDEX:		return lower_get(l, e, dst);
	case EX_CALL:		return lower_call(l, e, dst, true);
	case EX_PRINT:		return lower_print(l, e, dst, true);
	case EX_UNARY:		return lower_unary(l, e);
	case EX_BINARY:		return lower_binary(l, e, dst);
	case EX_LOGICAL:	return lower_logical(l, e);
	case EX_ASSIGN:		return lower_assign(l, e, true);
	case EX_INCDEC:		return lower_incdec(l, e, true);
	case EX_COND:		return lower_cond(l, e);
	case EX_IN:		return lower_in(l, e);
	case EX_REGEX:		return lower_regex(l, e);
	case EX_STAT:		return lower_stat(l, e);
	case EX_HISTIDX:	return lower_bucket(l, e);
	case EX_TARGET:
	case EX_ENTRY:
	case EX_CONTEXTOP:	return lower_target(l, e, dst);
	case EX_CONST:
	case EX_EMBEDDED:	return lower_c_value(l, e, dst);
	case EX_PERF:
	case EX_DEFINED:
	case EX_CHOOSE:
	case EX_PROBEWRITE:
		lower_refuse(l, &e->place, "this operator outside of what elaboration resolves");
		break;
	}
	return e->type == T_STRING ? ir_str(l->a, "", 0) : ir_num(l->a, 0);
}

struct ir *lower_value(struct lower *l, struct expr *e)
{
	return lower_to(l, e, NULL);
}

void lower_into(struct lower *l, struct ir *dst, struct expr *e)
{
	lower_set(l, dst, lower_to(l, e, dst));
}

void lower_effect(struct lower *l, struct expr *e)
{
	switch (e->kind) {
	case EX_ASSIGN:
		lower_assign(l, e, false);
		break;
	case EX_INCDEC:
		lower_incdec(l, e, false);
		break;
	case EX_CALL:
		lower_call(l, e, NULL, false);
		break;
	case EX_PRINT:
		lower_print(l, e, NULL, false);
		break;
	default:
		lower_value(l, e);
	}
}
