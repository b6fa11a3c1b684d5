// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * struct program to struct ir_program: bodies, functions as they are called, temporaries, places.
 *
 * Functions are lowered when a body first calls them, callees before the rest of their caller, so
 * that the globals a call may write are known where operands must be kept safe from it; a function
 * that is reached again while it is being lowered is recursive and may write anything.  Assumes
 * that sema has filled types, symbols and accesses.  Does not write into the program.
 */
#include <ctype.h>
#include <string.h>

#include "ir/lower.h"

void lower_refuse(struct lower *l, const struct place *p, const char *what)
{
	l->failed = true;
	diag_error(l->d, DIAG_SEMANTIC, "not-supported", p, "%s cannot be translated yet", what);
}

struct ir *lower_emit(struct lower *l, struct ir *n)
{
	*vec_add(l->a, l->list) = n;
	return n;
}

struct ir *lower_stmt_node(struct lower *l, enum ir_op op)
{
	return lower_emit(l, ir_new(l->a, op, T_VOID));
}

static struct ir_var *new_var(struct lower *l, const char *cname, enum type type, enum ir_var_kind kind)
{
	struct ir_var *v = arena_new(l->a, struct ir_var);

	v->cname = cname;
	v->type = type == T_STRING ? T_STRING : T_LONG;
	v->kind = kind;
	*vec_add(l->a, &l->body->vars) = v;
	return v;
}

struct lower_path lower_fork(struct lower *l, struct ir_list *to)
{
	struct lower_path p = { .list = l->list };

	memcpy(p.regs, l->regs, sizeof(p.regs));
	l->list = to;
	return p;
}

void lower_join(struct lower *l, const struct lower_path *p)
{
	l->list = p->list;
	memcpy(l->regs, p->regs, sizeof(p->regs));
}

/* Numbers get a new variable each; strings, which take room in the frame, the next free one. */
struct ir *lower_temp(struct lower *l, enum type type)
{
	struct ir_var *v;

	if (type == T_STRING && l->pool_used < l->pool.n)
		return ir_var(l->a, l->pool.v[l->pool_used++]);
	v = new_var(l, arena_printf(l->a, "t_%u", l->ntemps++), type, IV_TEMP);
	if (type == T_STRING) {
		*vec_add(l->a, &l->pool) = v;
		l->pool_used++;
	}
	return ir_var(l->a, v);
}

bool lower_same(const struct ir *a, const struct ir *b)
{
	if (!a || !b || a->op != b->op)
		return false;
	switch (a->op) {
	case IR_VAR:	return a->var == b->var;
	case IR_GLOBAL:	return a->global == b->global;
	case IR_SAVED:	return a->imm == b->imm;
	default:	return false;
	}
}

bool lower_reads(const struct ir *e, const struct ir *dst)
{
	if (!e || !dst)
		return false;
	if (lower_same(e, dst))
		return true;
	for (int i = 0; i < 3; i++)
		if (lower_reads(e->arg[i], dst))
			return true;
	return false;
}

void lower_set(struct lower *l, struct ir *dst, struct ir *v)
{
	struct ir *n;

	if (lower_same(dst, v))
		return;
	if (dst->type == T_STRING && lower_reads(v, dst))	/* c ? dst : x would copy onto itself */
		v = lower_spill(l, v);
	n = lower_stmt_node(l, IR_SET);
	n->dst = dst;
	n->arg[0] = v;
}

struct ir *lower_spill(struct lower *l, struct ir *v)
{
	struct ir *t = lower_temp(l, v->type);

	lower_set(l, t, v);
	return t;
}

static bool is_keyword(const char *s, size_t n)
{
	static const char *const words[] = {
		"if", "else", "while", "for", "foreach", "in", "return", "next", "delete", "break",
		"continue", "try", "catch", "limit", "probe", "function",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n && !memcmp(words[i], s, n))
			return true;
	return false;
}

/* The wording of SystemTap's messages: kind of token, token, place. */
const char *lower_where(struct lower *l, const struct place *p)
{
	const char *s, *kind = "operator", *where = place_str(l->a, p);
	size_t n = 0, room;

	if (!p->src || p->off >= p->src->size)
		return where;
	s = p->src->text + p->off;
	room = p->src->size - p->off;
	if (isalpha((unsigned char)s[0]) || s[0] == '_' || s[0] == '$' || s[0] == '@') {
		while (n < room && (isalnum((unsigned char)s[n]) || strchr("_$@", s[n])) && s[n])
			n++;
		kind = s[0] == '@' ? "operator" : is_keyword(s, n) ? "keyword" : "identifier";
	} else if (isdigit((unsigned char)s[0])) {
		while (n < room && isalnum((unsigned char)s[n]))
			n++;
		kind = "number";
	} else if (s[0] == '"') {
		return arena_printf(l->a, "string at %s", where);
	} else if (p->len && p->len <= 3) {
		n = p->len;
	} else {
		n = 1;
	}
	return arena_printf(l->a, "%s '%.*s' at %s", kind, (int)n, s, where);
}

struct ir *lower_symbol(struct lower *l, const struct symbol *s, const struct place *p)
{
	struct ir *n;

	if (s && s->local) {
		for (size_t i = 0; i < l->nlocals; i++)
			if (l->locals[i] == s->local)
				return ir_var(l->a, l->vars[i]);
	} else if (s && s->global) {
		n = ir_new(l->a, IR_GLOBAL, s->global->type == T_STRING ? T_STRING : T_LONG);
		n->global = s->global;
		return n;
	}
	l->failed = true;
	diag_error(l->d, DIAG_SEMANTIC, "internal", p, "name without a meaning after elaboration");
	return ir_num(l->a, 0);
}

/* ---- bodies ---- */

static void push_locals(struct lower *l, struct local *const *v, size_t n)
{
	l->locals = v;
	l->nlocals = n;
	l->vars = arena_array(l->a, struct ir_var *, n + 1);
	for (size_t i = 0; i < n; i++)
		l->vars[i] = new_var(l, v[i]->cname, v[i]->type, v[i]->param ? IV_PARAM : IV_LOCAL);
}

static struct ir_body *begin_body(struct lower *l, enum ir_body_kind kind, const char *cname)
{
	struct ir_body *b = arena_new(l->a, struct ir_body);

	b->kind = kind;
	b->cname = cname;
	l->body = b;
	l->list = &b->list;
	l->locals = NULL;
	l->vars = NULL;
	l->nlocals = 0;
	memset(&l->pool, 0, sizeof(l->pool));
	l->pool_used = 0;
	l->ntemps = l->try_depth = l->iter_depth = 0;
	l->ret = NULL;
	memset(&l->passed_on, 0, sizeof(l->passed_on));
	memset(l->regs, 0, sizeof(l->regs));
	return b;
}

static struct ir_body *handler_body(struct lower *l, const struct handler *h)
{
	struct ir_body *b = begin_body(l, IB_HANDLER, arena_printf(l->a, "probe_%u", h->index));

	push_locals(l, h->locals.v, h->locals.n);
	l->held = h->held;
	lower_stmt(l, h->body);
	l->held = NULL;
	return b;
}

static struct ir_body *entry_body(struct lower *l, const struct handler *h)
{
	struct ir_body *b = begin_body(l, IB_ENTRY, arena_printf(l->a, "entry_%u", h->index));

	push_locals(l, h->locals.v, h->locals.n);
	vec_each(&h->saved, i) {
		const struct access *x = h->saved.v[i];
		size_t used = l->pool_used;
		struct ir *v = lower_access(l, x, lower_where(l, &x->place), NULL);
		struct ir *slot = ir_new(l->a, IR_SAVED, v->type);

		slot->imm = x->slot;
		lower_set(l, slot, v);
		l->pool_used = used;
	}
	return b;
}

/* ---- functions ---- */

struct effects {
	struct ir_function *f;
	size_t nglobals;
};

static void note_effect(struct ir *n, bool dst, void *arg)
{
	struct effects *e = arg;

	if (n->global && (dst || ir_ops[n->op].flags & IR_WRITES))
		e->f->writes[n->global->index] = true;
	if (n->op != IR_CALL)
		return;
	for (size_t i = 0; i < e->nglobals; i++)
		e->f->writes[i] |= !n->fn->lowered || n->fn->writes[i];
}

static struct ir_function *new_function(struct lower *l, const struct function *f)
{
	struct ir_function *n = arena_new(l->a, struct ir_function);

	n->src = f;
	n->cname = f->cname;
	n->ret = f->ret == T_STRING || f->ret == T_LONG ? f->ret : T_VOID;
	n->nparams = f->nparams;
	n->pure = f->pure;
	n->recursive = f->recursive;
	n->writes = arena_array(l->a, bool, l->p->globals.n + 1);
	*vec_add(l->a, &l->out->functions) = n;
	return n;
}

/* The next overload gets what the caller passed, whatever the body has made of its parameters. */
static void keep_passed_on(struct lower *l, struct ir_body *b, unsigned nparams)
{
	struct ir_list head = { 0 };

	if (!l->passed_on.n)
		return;
	ir_count_vars(b);
	l->list = &head;
	l->pool_used = l->pool.n;
	for (unsigned i = 0; i < nparams; i++) {
		struct ir *kept;

		if (!l->vars[i]->writes)
			continue;
		kept = lower_spill(l, ir_var(l->a, l->vars[i]));
		vec_each(&l->passed_on, j)
			l->passed_on.v[j]->args.v[i] = kept;
	}
	vec_each(&b->list, i)
		lower_emit(l, b->list.v[i]);
	b->list = head;
}

/* What the kernel's stack cannot hold by far, before ours is full. */
enum { MAX_CHAIN = 1000 };

static void lower_function_body(struct lower *outer, struct ir_function *n, const struct function *f)
{
	struct lower l = *outer;
	struct effects e = { n, outer->p->globals.n };

	if (++l.chain > MAX_CHAIN) {
		lower_refuse(outer, &f->decl->place, "a chain of more than 1000 function calls");
		return;
	}
	n->body = begin_body(&l, IB_FUNCTION, f->cname);
	n->body->fn = n;
	push_locals(&l, f->locals.v, f->locals.n);
	if (n->ret == T_STRING)
		l.ret = new_var(&l, "ret", T_STRING, IV_RET);
	lower_stmt(&l, f->body);
	keep_passed_on(&l, n->body, n->nparams);
	outer->failed |= l.failed;
	ir_walk(&n->body->list, note_effect, &e);
}

struct ir_function *lower_function(struct lower *l, const struct function *f)
{
	struct ir_function *n;

	vec_each(&l->out->functions, i)
		if (l->out->functions.v[i]->src == f) {
			n = l->out->functions.v[i];
			n->recursive |= !n->lowered;
			return n;
		}
	n = new_function(l, f);
	if (f->body) {
		lower_function_body(l, n, f);
	} else {
		n->c_text = f->c_body ? f->c_body : "";
		vec_each(&f->c_globals, i)
			n->writes[f->c_globals.v[i]->index] = true;
		if (f->decl)
			n->c_place = f->decl->c_place;
		n->kernel_headers = f->kernel_headers;
		if (f->overload && strstr(n->c_text, "STAP_NEXT"))
			n->next = lower_function(l, f->overload);
		for (size_t i = 0; n->next && i < l->p->globals.n; i++)
			n->writes[i] |= !n->next->lowered || n->next->writes[i];
	}
	n->lowered = true;
	return n;
}

/* %{ ... %} as an expression or statement, @const(): a C function of its own. */
struct ir_function *lower_c_piece(struct lower *l, const char *text, const struct place *p,
				  enum type ret, bool expr)
{
	struct ir_function *n;
	unsigned pieces = 0;

	vec_each(&l->out->functions, i) {
		n = l->out->functions.v[i];
		if (!n->src && n->ret == ret && n->c_expr == expr && !strcmp(n->c_text, text))
			return n;
		pieces += !n->src;
	}
	n = arena_new(l->a, struct ir_function);
	n->cname = arena_printf(l->a, "c_%u", pieces);
	n->ret = ret;
	n->c_text = text;
	n->c_expr = expr;
	n->c_place = *p;
	n->lowered = true;
	n->kernel_headers = p->src && !p->src->shipped;
	n->writes = arena_array(l->a, bool, l->p->globals.n + 1);
	*vec_add(l->a, &l->out->functions) = n;
	return n;
}

static void lower_handler(struct lower *l, const struct handler *h)
{
	struct ir_handler *n = arena_new(l->a, struct ir_handler);

	n->src = h;
	n->body = handler_body(l, h);
	vec_each(&h->saved, i) {
		unsigned end = h->saved.v[i]->slot + (h->saved.v[i]->nslots ? h->saved.v[i]->nslots : 1);

		n->nsaved = end > n->nsaved ? end : n->nsaved;
	}
	if (h->saved.n)
		n->entry = entry_body(l, h);
	*vec_add(l->a, &l->out->handlers) = n;
}

static bool verified(struct lower *l)
{
	const char *wrong = l->failed ? NULL : ir_verify(l->a, l->out);

	if (wrong)
		diag_error(l->d, DIAG_ERROR, "internal", NULL, "the translator made wrong code (%s)", wrong);
	return !l->failed && !wrong;
}

struct ir_program *ir_lower(struct arena *a, struct diag *d, const struct program *p)
{
	struct ir_program *out = arena_new(a, struct ir_program);
	struct strmap fmts = { 0 };
	struct lower l = { .a = a, .d = d, .p = p, .out = out, .fmts = &fmts };

	out->src = p;
	vec_each(&p->handlers, i)
		lower_handler(&l, p->handlers.v[i]);
	strmap_deinit(&fmts);
	return verified(&l) ? out : NULL;
}
