/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong although every name and type is right: jumps without a target, values of functions
 * that have none, changes of what a foreach walks over, variables nobody sets.  Changes nothing.
 */
#include "sema/elaborate.h"
#include "regex/regex.h"

#include <string.h>

struct check {
	struct sema *x;
	struct body *b;
	unsigned loops;
	VEC(struct foreach *) each;	/* the loops around */
};

static bool err(struct check *c, const char *tag, const struct place *p, const char *text)
{
	return diag_error(c->x->d, DIAG_SEMANTIC, tag, p, "%s at %s", text, place_str(c->x->a, p));
}

/* ---- changes inside foreach ---- */

/* Does anything below write global G? */
struct writer { struct sema *x; const struct global *g; bool found; };

static bool writes(const struct expr *e, const struct global *g)
{
	const struct symbol *s = e->kind == EX_IDENT || e->kind == EX_INDEX ? e->sym : NULL;

	return s && s->global == g;
}

static void find_write_stmt(struct stmt *s, void *arg);

static void find_write(struct expr *e, void *arg)
{
	struct writer *w = arg;

	if ((e->kind == EX_ASSIGN || e->kind == EX_INCDEC) && writes(e->a, w->g))
		w->found = true;
	if (e->kind != EX_CALL)
		return;
	for (const struct function *f = e->sym; f; f = f->overload)
		vec_each(&w->x->functions, i) {
			struct body *b = w->x->functions.v[i];

			if (b->fn != f || b->walk == w->x->walk)
				continue;
			b->walk = w->x->walk;
			vec_each(&f->c_globals, k)
				w->found |= f->c_globals.v[k] == w->g &&
					    strstr(f->c_body, arena_printf(w->x->a, "pragma:write:%s",
									   w->g->name));
			if (b->top)
				find_write_stmt(b->top, w);
		}
}

static void find_write_expr(struct expr *e, void *arg)
{
	sema_each_expr(e, find_write, arg);
}

static void find_write_stmt(struct stmt *s, void *arg)
{
	struct writer *w = arg;

	if (s->kind == ST_DELETE && writes(s->e, w->g))
		w->found = true;
	sema_stmt_children(s, find_write_expr, find_write_stmt, w);
}

static const struct global *walked(const struct foreach *f)
{
	const struct expr *e = f->array->kind == EX_STAT ? f->array->a : f->array;
	const struct symbol *s = e->sym;

	return s ? s->global : NULL;
}

static void check_modified(struct check *c, const struct symbol *s, const struct place *p,
			   const char *name)
{
	vec_each(&c->each, i) {
		struct foreach *f = c->each.v[i];

		if (s->global && walked(f) == s->global)
			diag_error2(c->x->d, DIAG_SEMANTIC, "modified-in-foreach", p, &f->array->place,
				    "variable '%s' modified during 'foreach' iteration: identifier '%s' at %s",
				    name, name, place_str(c->x->a, p));
	}
}

static void check_call_in_foreach(struct check *c, struct expr *e)
{
	vec_each(&c->each, i) {
		struct writer w = { c->x, walked(c->each.v[i]), false };

		if (!w.g)
			continue;
		c->x->walk++;
		find_write(e, &w);
		if (w.found)
			diag_error2(c->x->d, DIAG_SEMANTIC, "modified-in-foreach", &e->place,
				    &c->each.v[i]->array->place,
				    "variable '%s' modified during 'foreach' iteration, by a call: "
				    "identifier '%s' at %s", w.g->name, e->name,
				    place_str(c->x->a, &e->place));
	}
}

/* ---- expressions ---- */

static void check_value(struct expr *e, void *arg);

static void check_regex(struct check *c, const struct expr *pattern)
{
	const char *why = NULL;
	struct arena scratch;
	struct regex r;
	size_t at = 0;

	arena_init(&scratch, "regex");
	if (!regex_compile(&scratch, pattern->text, pattern->text_len, &r, &why, &at))
		err(c, "regex", &pattern->place,
		    arena_printf(c->x->a, "regex compilation error: %s at byte %zu: string", why, at + 1));
	arena_deinit(&scratch);
}

/* `a[*, 1]` is several elements. */
static void check_element(struct check *c, const struct expr *e)
{
	vec_each(&e->args, i)
		if (!e->args.v[i]) {
			err(c, "slice-value", &e->place,
			    arena_printf(c->x->a, "'*' as an index is for 'in', 'delete' and 'foreach' only: "
					 "identifier '%s'", e->name));
			return;
		}
}

static void check_expr(struct check *c, struct expr *e, bool value)
{
	const struct function *f = e->kind == EX_CALL ? e->sym : NULL;
	const struct access *acc = e->info;

	if (value && e->type == T_VOID)
		err(c, "no-value", &e->place,
		    arena_printf(c->x->a, "%s '%s' returns no value: identifier '%s'",
				 f ? "function" : "statement", e->name, e->name));
	if (value && f && f->untyped && !(c->b->fn && c->b->fn->untyped))	/* not again all around the circle */
		err(c, "unresolved-type", &e->place,
		    arena_printf(c->x->a, "unresolved type: nothing tells what function '%s' returns: identifier '%s'",
				 e->name, e->name));
	if (e->kind == EX_REGEX)
		check_regex(c, e->b);
	if (e->kind == EX_INDEX)
		check_element(c, e);
	if (f)
		check_call_in_foreach(c, e);
	if ((e->kind == EX_ASSIGN || e->kind == EX_INCDEC) &&
	    (e->a->kind == EX_IDENT || e->a->kind == EX_INDEX) && e->a->sym)
		check_modified(c, e->a->sym, &e->a->place, e->a->name);
	if (e->kind == EX_TARGET) {
		for (size_t i = 0; acc && i < acc->operands.n; i++)
			check_expr(c, acc->operands.v[i], true);
		return;
	}
	sema_expr_children(e, check_value, c);
}

static void check_value(struct expr *e, void *arg)
{
	check_expr(arg, e, true);
}

/* ---- statements ---- */

static void check_stmt(struct stmt *s, void *arg);

static void check_jump(struct check *c, struct stmt *s)
{
	if ((s->kind == ST_BREAK || s->kind == ST_CONTINUE) && !c->loops)
		err(c, "outside-loop", &s->place,
		    arena_printf(c->x->a, "found '%s' not inside loop: keyword '%s'",
				 s->kind == ST_BREAK ? "break" : "continue",
				 s->kind == ST_BREAK ? "break" : "continue"));
}

static void check_foreach(struct check *c, struct stmt *s)
{
	if (s->each->limit)
		check_expr(c, s->each->limit, true);
	if (s->each->array->kind == EX_STAT && s->each->vars.n > 1)
		err(c, "histogram-keys", &s->each->array->place,
		    "buckets of a histogram have one number each, so foreach takes one variable: operator '@'");
	if (s->each->array->kind == EX_STAT && s->each->sort_column < 0)
		err(c, "histogram-order", &s->each->array->place,
		    "buckets of a histogram can be sorted by their number only, not by what is in them: "
		    "operator '@'");
	if (s->each->array->kind == EX_INDEX)
		sema_expr_children(s->each->array, check_value, c);
	else if (s->each->array->kind != EX_IDENT)
		check_expr(c, s->each->array, true);
	*vec_add(c->x->a, &c->each) = s->each;
	c->loops++;
	check_stmt(s->then, c);
	c->loops--;
	c->each.n--;
}

static void check_stmt(struct stmt *s, void *arg)
{
	struct check *c = arg;
	bool loop = s->kind == ST_WHILE || s->kind == ST_FOR;

	check_jump(c, s);
	if (s->kind == ST_FOREACH) {
		check_foreach(c, s);
		return;
	}
	if (s->init)
		check_expr(c, s->init, false);
	if (s->step)
		check_expr(c, s->step, false);
	if (s->e && s->kind == ST_DELETE) {
		if (s->e->sym)
			check_modified(c, s->e->sym, &s->e->place, s->e->name);
		if (s->e->kind == EX_INDEX)
			sema_expr_children(s->e, check_value, c);
	} else if (s->e) {
		check_expr(c, s->e, s->kind != ST_EXPR);
	}
	c->loops += loop;
	sema_stmt_children(s, NULL, check_stmt, c);
	c->loops -= loop;
}

/* Of .counter points the handler never runs. */
static bool is_counter(const struct handler *h)
{
	return h->sites.n && h->sites.v[0]->counter;
}

/* The N handlers from x->handlers.v[I] do nothing. */
static void elide_idle(struct sema *x, size_t i, size_t n)
{
	const struct place *p = &x->handlers.v[i]->h->place;

	for (size_t k = 0; k < n; k++)
		x->handlers.v[i + k]->h->idle = true;
	diag_warn(x->d, "idle-probe", p, "side-effect-free probe is elided: keyword 'probe' at %s",
		  place_str(x->a, p));
}

/*
 * Probes whose handlers do nothing anywhere; handlers of one declaration follow each other.  One with a condition
 * is left, as SystemTap does.
 */
static void find_idle(struct sema *x)
{
	for (size_t i = 0, n; i < x->handlers.n; i += n) {
		const struct place *p = &x->handlers.v[i]->h->place;
		bool idle = true;

		for (n = 0; i + n < x->handlers.n; n++) {
			const struct body *b = x->handlers.v[i + n];
			const struct place *q = &b->h->place;

			if (q->src != p->src || q->off != p->off)
				break;
			idle &= !b->cut && !b->h->held && stmt_is_idle(b->top) && !is_counter(b->h);
		}
		if (idle)
			elide_idle(x, i, n);
	}
}

/* A site that there is no room for makes arming fail; other tracers may have taken some of it, too. */
static void warn_scarce(struct sema *x)
{
	for (const struct family *const *f = families; *f; f++) {
		const struct site *last = NULL;
		size_t n = 0;

		vec_each(&x->p->sites, i)
			if (x->p->sites.v[i]->family == *f && !x->p->sites.v[i]->handler->idle) {
				last = x->p->sites.v[i];
				n++;
			}
		if ((*f)->most && n > (*f)->most)
			diag_warn(x->d, "scarce", &last->place, "%zu %s are asked for, and the processor has %u: "
				  "the script will not start", n, (*f)->most_name, (*f)->most);
	}
}

/* ---- the program ---- */

static void check_body(struct sema *x, struct body *b)
{
	struct check c = { .x = x, .b = b };

	if (!b->top)
		return;
	check_stmt(b->top, &c);
	privilege_check(x, b);
	if (!x->r.listing)
		unset_locals(x, b);
}

bool check_program(struct sema *x)
{
	unsigned errors = x->d->errors;

	vec_each(&x->handlers, i)
		check_body(x, x->handlers.v[i]);
	vec_each(&x->functions, i)
		if (x->functions.v[i]->used)
			check_body(x, x->functions.v[i]);
	if (!x->r.listing && x->d->errors == errors) {
		unset_globals(x);
		if (!x->s->opt.unoptimized)
			find_idle(x);
		warn_scarce(x);
	}
	return x->d->errors == errors;
}
