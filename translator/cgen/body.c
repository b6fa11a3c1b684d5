// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A body as a C function: prototype, frame, locals, statements, clean-up.
 *
 * Numbers are C locals.  Strings and iterators are members of a frame on the context's own stack,
 * never on the kernel's.  Every way out of a body that has something to give back goes through
 * `out:`.  Variables that nothing mentions are not declared.
 */
#include "cgen/emit.h"

static bool in_frame(const struct ir_var *v)
{
	return v->type == T_STRING && v->kind != IV_RET && (v->kind != IV_PARAM || v->assigned) &&
	       (v->assigned || v->reads);
}

/* Handlers hold what their last =~ matched. */
static bool keeps_match(const struct cgen *g, const struct ir_body *b)
{
	return g->p->src->uses_matches && !b->fn;
}

static bool has_frame(const struct cgen *g, const struct ir_body *b)
{
	bool ret = b->niters != 0 || keeps_match(g, b);

	vec_each(&b->vars, i)
		ret |= in_frame(b->vars.v[i]);
	return ret;
}

bool cgen_has_cleanup(const struct cgen *g)
{
	return g->frame || g->recursive;
}

static const char *result_type(enum type t)
{
	return t == T_LONG ? "int64_t" : "void";
}

void cgen_prototype(struct cgen *g, struct buf *b, const struct ir_function *f)
{
	(void)g;
	buf_printf(b, "static %s%s %s(struct stp_context *c", f->body ? "STP_CODE " : "", result_type(f->ret),
		   f->cname);
	for (unsigned i = 0; i < f->nparams; i++) {
		const struct local *p = f->src->locals.v[i];

		buf_printf(b, ", %s%s", p->type == T_STRING ? "const char *" : "int64_t ", p->cname);
	}
	if (f->ret == T_STRING)
		buf_puts(b, ", char *ret");
	buf_putc(b, ')');
}

static void declare_frame(struct cgen *g, const struct ir_body *b)
{
	cgen_line(g, "struct frame_%s {", b->cname);
	g->depth++;
	if (b->niters)
		cgen_line(g, "struct stp_iter it[%u];", b->niters);
	if (keeps_match(g, b))
		cgen_line(g, "struct stap_match match;");
	vec_each(&b->vars, i)
		if (in_frame(b->vars.v[i]))
			cgen_line(g, "char %s[MAXSTRINGLEN];", b->vars.v[i]->cname);
	g->depth--;
	cgen_line(g, "} __attribute__((aligned(8)));");
	cgen_line(g, "%s", "");
}

static void declare_numbers(struct cgen *g, const struct ir_body *b)
{
	vec_each(&b->vars, i) {
		const struct ir_var *v = b->vars.v[i];

		if (v->type == T_LONG && v->kind != IV_PARAM && (v->assigned || v->reads))
			cgen_line(g, "int64_t %s = 0;", v->cname);
	}
	if (b->fn && b->fn->ret == T_LONG)
		cgen_line(g, "int64_t ret = 0;");
}

static void unused_numbers(struct cgen *g, const struct ir_body *b)
{
	vec_each(&b->vars, i) {
		const struct ir_var *v = b->vars.v[i];

		if (v->type == T_LONG && v->kind != IV_PARAM && v->assigned && !v->reads)
			cgen_line(g, "(void)%s;", v->cname);
	}
}

static void enter_recursive(struct cgen *g)
{
	if (!g->recursive)
		return;
	cgen_line(g, "if (stp_unlikely(!stp_nest(c, MAXNESTING)))");
	cgen_line(g, "\treturn%s;", g->body->fn->ret == T_LONG ? " ret" : "");
}

static void enter_frame(struct cgen *g, const struct ir_body *b)
{
	if (!g->frame)
		return;
	cgen_line(g, "f = stp_push(c, sizeof(*f));");
	cgen_line(g, "if (stp_unlikely(!f))%s", g->recursive ? " {" : "");
	if (g->recursive)
		cgen_line(g, "\tc->nesting--;");
	cgen_line(g, "\treturn%s;", b->fn && b->fn->ret == T_LONG ? " ret" : "");
	if (g->recursive)
		cgen_line(g, "}");
	for (unsigned i = 0; i < b->niters; i++)
		cgen_line(g, "f->it[%u].map = NULL;", i);
	if (keeps_match(g, b)) {
		cgen_line(g, "f->match.m = (struct stp_match){ .text = f->match.text, .pos = f->match.pos,");
		cgen_line(g, "\t.regs = { f->match.regs[0], f->match.regs[1] }, .size = MAXSTRINGLEN };");
		cgen_line(g, "c->match = &f->match.m;");
	}
	vec_each(&b->vars, i) {
		const struct ir_var *v = b->vars.v[i];

		if (in_frame(v) && v->kind == IV_LOCAL)
			cgen_line(g, "f->%s[0] = '\\0';", v->cname);
		else if (in_frame(v) && v->kind == IV_PARAM)
			cgen_line(g, "stp_strcpy(f->%s, %s, MAXSTRINGLEN);", v->cname, v->cname);
	}
}

static void leave_body(struct cgen *g, const struct ir_body *b)
{
	if (g->out_used) {
		g->depth--;
		cgen_line(g, "out:");
		g->depth++;
	}
	for (unsigned i = 0; i < b->niters; i++) {
		cgen_line(g, "if (f->it[%u].map)", i);
		cgen_line(g, "\tstp_iter_end(c, &f->it[%u]);", i);
	}
	if (g->frame)
		cgen_line(g, "stp_pop(c, f);");
	if (g->recursive)
		cgen_line(g, "c->nesting--;");
	if (b->fn && b->fn->ret == T_LONG)
		cgen_line(g, "return ret;");
}

/* Functions with so many calls below them nest without a look at the stack: some 100 bytes each. */
enum { UNCHECKED_CALLS = 16 };

void cgen_body(struct cgen *g, const struct ir_body *b)
{
	struct buf head = { 0 };

	ir_count_vars((struct ir_body *)b);
	g->body = b;
	g->on_hits = b->on_hits || b->kind == IB_ENTRY;
	g->adds = b->adds;
	g->frame = has_frame(g, b);
	/* long chains of calls, too, have to ask for room on the kernel's stack */
	g->recursive = b->fn && (b->fn->recursive || b->fn->depth > UNCHECKED_CALLS);
	g->out_used = false;
	g->labels = g->catch_label = g->next_label = 0;
	g->depth = 0;
	if (g->frame) {
		declare_frame(g, b);
		*vec_add(g->a, &g->frames) = b;
	}
	if (b->fn)
		cgen_prototype(g, &head, b->fn);
	else
		buf_printf(&head, "static STP_CODE void %s(struct stp_context *c)", b->cname);
	cgen_line(g, "%s", buf_text(&head));
	buf_deinit(&head);
	cgen_line(g, "{");
	g->depth = 1;
	if (g->frame)
		cgen_line(g, "struct frame_%s *f;", b->cname);
	declare_numbers(g, b);
	cgen_line(g, "%s", "");
	enter_recursive(g);
	enter_frame(g, b);
	if (b->fn && b->fn->ret == T_STRING)
		cgen_line(g, "ret[0] = '\\0';");
	unused_numbers(g, b);
	cgen_list(g, &b->list);
	leave_body(g, b);
	g->depth = 0;
	cgen_line(g, "}");
	cgen_line(g, "%s", "");
}
