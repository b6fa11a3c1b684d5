/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From everything that was bound, what the program needs: functions and globals that handlers still
 * reach after eliding, with how they are used, and the locals that are left.  A target variable that
 * could not be had and is still there is an error now, told once per place in the script.
 */
#include "sema/elaborate.h"

#include <string.h>

/* ---- errors kept back ---- */

/* --skip-badvars: 0, or "" for what would be a text. */
static void skip(struct expr *e)
{
	bool text = e->target->pretty || e->target->kind == TG_ENUMNAME ||
		    !strncmp(e->target->name ? e->target->name : "", "$$", 2);

	e->kind = text ? EX_STRING : EX_NUMBER;
	e->type = text ? T_STRING : T_LONG;
	e->number = 0;
	e->text = "";
	e->text_len = 0;
	e->info = e->sym = NULL;
}

static void tell_failure(struct sema *x, struct expr *e)
{
	struct target_error *f = target_failure(e);
	const char *at;

	if (!f || x->r.listing)		/* a list shows what can be had */
		return;
	if (x->s->opt.skip_badvars && !f->store) {
		skip(e);
		return;
	}
	at = place_str(x->a, &f->place);
	if (sema_told(x, at))
		return;
	target_explain(x, f);
	diag_error(x->d, DIAG_SEMANTIC, f->tag, &f->place, "%s: %s at %s", f->text, sema_token(x, e), at);
	if (f->hint)
		diag_hint(x->d, "%s", f->hint);
}

/* ---- uses ---- */

struct uses { struct sema *x; struct body *b; };

static void visit_function(struct sema *x, struct body *b);

static void mark_local(const struct symbol *s)
{
	if (s && s->local)
		s->local->index = 1;
}

static void mark(const struct symbol *s, bool read, bool write)
{
	struct gvar *v = sema_gvar(s);

	mark_local(s);
	if (!v)
		return;
	v->used = true;
	v->g.read |= read;
	v->g.written |= write;
}

static void visit(struct expr *e, void *arg);

static void visit_keys(struct expr *e, void *arg)
{
	sema_expr_children(e, visit, arg);
}

/* The place that an assignment writes; VALUE: what it held or holds then is used too. */
static void visit_place(struct uses *u, struct expr *e, bool value)
{
	if (e->kind != EX_IDENT && e->kind != EX_INDEX) {
		visit(e, u);
		return;
	}
	mark(e->sym, value, true);
	visit_keys(e, u);
}

static void visit_effect(struct uses *u, struct expr *e)
{
	if (e->kind == EX_ASSIGN) {
		visit_place(u, e->a, false);
		visit(e->b, u);
	} else if (e->kind == EX_INCDEC) {
		visit_place(u, e->a, false);
	} else {
		visit(e, u);
	}
}

static void visit(struct expr *e, void *arg)
{
	struct uses *u = arg;
	const struct access *acc = e->info;

	switch (e->kind) {
	case EX_IDENT: case EX_INDEX: case EX_IN:
		mark(e->sym, true, false);
		break;
	case EX_ASSIGN:
		visit_place(u, e->a, e->op != TOK_ASSIGN);
		visit(e->b, u);
		return;
	case EX_INCDEC:
		visit_place(u, e->a, true);
		return;
	case EX_CALL:
		for (struct function *f = e->sym; f; f = f->overload)
			visit_function(u->x, sema_body_of(f));
		break;
	case EX_EMBEDDED:
		if (!u->b->script || !e->place.src || !e->place.src->shipped)
			u->x->p->kernel_headers = true;
		break;
	case EX_TARGET:
		tell_failure(u->x, e);
		for (size_t i = 0; acc && i < acc->operands.n; i++)
			visit(acc->operands.v[i], u);
		return;
	default:
		break;
	}
	sema_expr_children(e, visit, u);
}

static void visit_stmt(struct stmt *s, void *arg)
{
	struct uses *u = arg;

	if (s->init)
		visit_effect(u, s->init);
	if (s->step)
		visit_effect(u, s->step);
	if (s->e && s->kind == ST_EXPR)
		visit_effect(u, s->e);
	else if (s->e && s->kind == ST_DELETE)
		visit_place(u, s->e, false);
	else if (s->e)
		visit(s->e, u);
	if (s->kind == ST_TRY)
		mark_local(s->sym);
	if (s->each) {
		vec_each(&s->each->syms, i)
			mark(s->each->syms.v[i], false, true);
		if (s->each->value_sym)
			mark(s->each->value_sym, false, true);
		visit(s->each->array, u);
		if (s->each->limit)
			visit(s->each->limit, u);
	}
	if (s->kind == ST_EMBEDDED && !s->place.src->shipped)
		u->x->p->kernel_headers = true;
	sema_stmt_children(s, NULL, visit_stmt, u);
}

/* ---- lists ---- */

static void keep_locals(struct body *b)
{
	struct sema *x = b->x;

	if (b->top) {
		vec_each(&b->locals, i)
			b->locals.v[i]->local->index = b->locals.v[i]->local->param;
		visit_stmt(b->top, &(struct uses){ x, b });
	}
	vec_each(&b->locals, i) {
		struct local *l = b->locals.v[i]->local;

		if (!l->param && !l->index && !x->r.listing)
			continue;
		l->index = (unsigned)(b->fn ? b->fn->locals.n : b->h->locals.n);
		if (b->fn)
			*vec_add(x->a, &b->fn->locals) = l;
		else
			*vec_add(x->a, &b->h->locals) = l;
	}
}

static void visit_function(struct sema *x, struct body *b)
{
	if (b->used)
		return;
	b->used = true;
	b->fn->index = (unsigned)x->p->functions.n;
	*vec_add(x->a, &x->p->functions) = b->fn;
	vec_each(&b->fn->c_globals, i)
		vec_each(&x->globals, j)
			if (&x->globals.v[j]->g == b->fn->c_globals.v[i])
				x->globals.v[j]->used = true;
	if (b->fn->c_body && strstr(b->fn->c_body, "pragma:lines"))
		x->p->uses_lines = true;
	if (b->fn->c_body && strstr(b->fn->c_body, "pragma:usymbols"))
		x->p->uses_symbols = true;
	if (b->fn->c_body && strstr(b->fn->c_body, "pragma:matches"))
		x->p->uses_matches = true;
	x->p->kernel_headers |= b->fn->kernel_headers;
	keep_locals(b);
}

struct cycle { struct sema *x; const struct function *from; bool found; };

static void follow_calls(struct expr *e, void *arg)
{
	struct cycle *c = arg;

	if (e->kind != EX_CALL)
		return;
	for (struct function *f = e->sym; f; f = f->overload) {
		struct body *b = sema_body_of(f);

		if (f == c->from)
			c->found = true;
		if (b->walk == c->x->walk || !b->top)
			continue;
		b->walk = c->x->walk;
		sema_each_in_stmt(b->top, follow_calls, c);
	}
}

static void find_cycles(struct sema *x)
{
	vec_each(&x->functions, i) {
		struct body *b = x->functions.v[i];
		struct cycle c = { x, b->fn, false };

		if (!b->used || !b->top)
			continue;
		x->walk++;
		sema_each_in_stmt(b->top, follow_calls, &c);
		b->fn->recursive = c.found;
	}
}

/* SystemTap says nothing of them, and -W makes no error of them: who asks for more, hears. */
static bool tells_unused(const struct sema *x)
{
	return x->s->opt.verbose && !x->d->werror && !x->r.listing && !x->s->opt.unoptimized;
}

static void keep_globals(struct sema *x)
{
	vec_each(&x->globals, i) {
		struct gvar *v = x->globals.v[i];

		if (!v->used)
			continue;
		v->g.index = (unsigned)x->p->globals.n;
		*vec_add(x->a, &x->p->globals) = &v->g;
	}
	vec_each(&x->s->scripts, i)
		vec_each(&x->s->scripts.v[i]->globals, j) {
			const struct global_decl *d = x->s->scripts.v[i]->globals.v[j];
			const struct gvar *v = names_of(x, x->s->scripts.v[i])->globals_made[j];

			if (!(v && v->used) && tells_unused(x))
				diag_warn(x->d, "unused-variable", &d->place,
					  "Eliding unused variable '%s': identifier '%s' at %s",
					  d->name, d->name, place_str(x->a, &d->place));
		}
}

static bool is_used(struct sema *x, struct script *s, const struct function_decl *f)
{
	for (const struct body *b = *names_body(x, s, f); b; b = b->same)
		if (b->used)
			return true;
	return false;
}

static void warn_unused_functions(struct sema *x)
{
	vec_each(&x->s->scripts, i) {
		struct script *s = x->s->scripts.v[i];

		vec_each(&s->functions, j) {
			const struct function_decl *f = s->functions.v[j];

			if (!is_used(x, s, f))
				diag_warn(x->d, "unused-function", &f->place,
					  "Eliding unused function '%s': identifier '%s' at %s", f->name, f->name,
					  place_str(x->a, &f->place));
		}
	}
}

void collect_handler(struct sema *x, struct body *b)
{
	b->h->body = b->top;
	b->h->index = (unsigned)x->p->handlers.n;
	*vec_add(x->a, &x->p->handlers) = b->h;
	keep_locals(b);
}

bool collect_program(struct sema *x)
{
	unsigned errors = x->d->errors;

	vec_each(&x->handlers, i)
		collect_handler(x, x->handlers.v[i]);
	find_cycles(x);
	keep_globals(x);
	if (tells_unused(x))
		warn_unused_functions(x);
	return x->d->errors == errors;
}
