/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes out assignments to locals that nobody reads, expressions that do nothing, and the statements that are
 * left around nothing.  Aliases of tapsets offer many variables and a probe uses few: what the others would need is
 * neither read at run time nor has to exist.  What an assignment does besides stays; what is taken out is not
 * checked.  -u keeps everything; so does listing, which shows the variables.
 *
 * Works on bound clones, in place.  A function is pure when its only effect is its value.
 */
#include "sema/elaborate.h"

#include <string.h>

/* ---- purity ---- */

struct purity { bool pure, locals_free; };

static void check_pure(struct expr *e, void *arg)
{
	struct purity *p = arg;
	const struct function *f = e->sym;

	switch (e->kind) {
	case EX_ASSIGN: case EX_INCDEC:
		if (!p->locals_free || !sema_is_local(e->a))
			p->pure = false;
		break;
	case EX_PRINT:
		if (strncmp(e->name, "sprint", 6))
			p->pure = false;
		break;
	case EX_CALL:
		if (!f || !f->pure || f->overload)
			p->pure = false;
		break;
	case EX_REGEX:		/* matched() tells of the last one */
		p->pure = false;
		break;
	case EX_EMBEDDED:
		if (!strstr(e->text, "/* pure */"))
			p->pure = false;
		break;
	default:
		break;
	}
}

bool expr_is_pure(struct expr *e)
{
	struct purity p = { true, false };

	sema_each_expr(e, check_pure, &p);
	return p.pure;
}

static void check_pure_expr(struct expr *e, void *p)
{
	sema_each_expr(e, check_pure, p);
}

static void check_pure_stmt(struct stmt *s, void *arg)
{
	struct purity *p = arg;

	if (s->kind == ST_EMBEDDED || s->kind == ST_DELETE || s->kind == ST_NEXT)
		p->pure = false;
	if (!p->locals_free && (s->kind == ST_BREAK || s->kind == ST_CONTINUE))
		p->pure = false;	/* SystemTap takes no such loop for idle */
	sema_stmt_children(s, check_pure_expr, check_pure_stmt, p);
}

bool stmt_is_pure(struct stmt *s)
{
	struct purity p = { true, true };

	check_pure_stmt(s, &p);
	return p.pure;
}

bool stmt_is_idle(struct stmt *s)
{
	struct purity p = { true, false };

	check_pure_stmt(s, &p);
	return p.pure;
}

/* ---- reads ---- */

struct elide {
	struct body *b;
	unsigned *reads;		/* by local->index */
	bool changed;
};

static void count(struct expr *e, void *arg);

/* Without looking at what it held: `x += 1` and `x++` read it. */
static bool sets_local(const struct expr *e)
{
	return e->kind == EX_ASSIGN && e->op == TOK_ASSIGN && sema_is_local(e->a);
}

/* E's own value is not used. */
static void count_effect(struct expr *e, void *arg)
{
	if (sets_local(e))
		count(e->b, arg);
	else
		count(e, arg);
}

static void count(struct expr *e, void *arg)
{
	struct elide *w = arg;
	const struct access *acc = e->info;

	if (sema_is_local(e)) {
		w->reads[((struct symbol *)e->sym)->local->index]++;
		return;
	}
	if (sets_local(e)) {
		count(e->b, arg);
		return;
	}
	if (e->kind == EX_TARGET && acc) {
		vec_each(&acc->operands, i)
			count(acc->operands.v[i], arg);
		return;
	}
	sema_expr_children(e, count, arg);
}

static void count_stmt(struct stmt *s, void *arg)
{
	if (s->init)
		count_effect(s->init, arg);
	if (s->step)
		count_effect(s->step, arg);
	if (s->e && s->kind == ST_EXPR)
		count_effect(s->e, arg);
	else if (s->e)
		count(s->e, arg);
	if (s->each) {
		if (s->each->array->kind != EX_IDENT)
			count(s->each->array, arg);
		if (s->each->limit)
			count(s->each->limit, arg);
	}
	sema_stmt_children(s, NULL, count_stmt, arg);
}

/* ---- rewriting ---- */

static bool is_unread(const struct elide *w, const struct symbol *s)
{
	return !s || (s->local && !s->local->param && !w->reads[s->local->index]);
}

static bool is_dead(const struct elide *w, const struct expr *lhs)
{
	return sema_is_local(lhs) && is_unread(w, lhs->sym);
}

static void tell(struct elide *w, const struct expr *assignment)
{
	const struct local *l = ((struct symbol *)assignment->a->sym)->local;
	const struct place *p = sema_place(assignment);
	struct sema *x = w->b->x;

	w->changed = true;
	if (l->place.src && !l->place.src->tapset &&
	    !sema_told(x, arena_printf(x->a, "unused %s", place_str(x->a, &l->place))))
		diag_warn(x->d, "unused-variable", p, "Eliding assignment to '%s': %s at %s", l->name,
			  sema_token(x, assignment), place_str(x->a, p));
}

static void rewrite(struct expr *e, void *arg)
{
	struct elide *w = arg;

	if (sets_local(e) && is_dead(w, e->a)) {
		tell(w, e);
		*e = *e->b;
		rewrite(e, arg);
		return;
	}
	if (e->kind == EX_TARGET) {
		const struct access *acc = e->info;

		for (size_t i = 0; acc && i < acc->operands.n; i++)
			rewrite(acc->operands.v[i], arg);
		return;
	}
	sema_expr_children(e, rewrite, arg);
}

/* What is left of E whose value is not used; NULL for nothing. */
static struct expr *rewrite_effect(struct elide *w, struct expr *e)
{
	if (sets_local(e) && is_dead(w, e->a)) {
		tell(w, e);
		if (expr_is_pure(e->b))
			return NULL;
		return rewrite_effect(w, e->b);
	}
	rewrite(e, w);
	return e;
}

/*
 * Take out a statement that computes what nobody looks at; where the user wrote it, a call, an assignment or a
 * print was meant.  `x;` of a local that is set nowhere stays for unset.c, which knows what to say of it.
 */
static void drop_idle(struct stmt *s, void *arg)
{
	struct elide *w = arg;
	struct sema *x = w->b->x;
	struct expr *e = s->e;

	if (s->kind != ST_EXPR) {
		sema_stmt_children(s, NULL, drop_idle, arg);
		return;
	}
	if (!expr_is_pure(e) || (sema_is_local(e) && !unset_sets(w->b, e->sym)))
		return;
	if (e->place.src && !e->place.src->tapset)
		diag_warn(x->d, "idle-expression", sema_place(e), "Eliding side-effect-free expression: %s at %s",
			  sema_token(x, e), place_str(x->a, sema_place(e)));
	s->kind = ST_NULL;
	s->e = NULL;
}

/* Braces around nothing, or less. */
static bool is_empty(const struct stmt *s)
{
	bool empty = s->kind == ST_NULL || s->kind == ST_BLOCK;

	for (size_t i = 0; empty && i < s->body.n; i++)
		empty = is_empty(s->body.v[i]);
	return empty;
}

/* Whether nobody asks for what a foreach sets. */
static bool keys_unread(const struct elide *w, const struct foreach *each)
{
	bool unread = is_unread(w, each->value_sym);

	vec_each(&each->syms, i)
		unread &= is_unread(w, each->syms.v[i]);
	return unread;
}

/* Statements around nothing.  Not `for`, whose variable is set, if only for itself: SystemTap runs it, too. */
static bool does_nothing(const struct elide *w, struct stmt *s)
{
	switch (s->kind) {
	case ST_IF: return is_empty(s->then) && (!s->other || is_empty(s->other)) && expr_is_pure(s->e);
	case ST_WHILE: return is_empty(s->then) && expr_is_pure(s->e);
	case ST_FOREACH: return is_empty(s->then) && stmt_is_idle(s) && keys_unread(w, s->each);
	case ST_TRY: return is_empty(s->then);
	default: return false;
	}
}

static void rewrite_stmt(struct stmt *s, void *arg)
{
	struct elide *w = arg;

	if (s->kind == ST_EXPR) {
		s->e = rewrite_effect(w, s->e);
		if (!s->e)
			s->kind = ST_NULL;
		return;
	}
	if (s->init)
		s->init = rewrite_effect(w, s->init);
	if (s->step)
		s->step = rewrite_effect(w, s->step);
	if (s->e)
		rewrite(s->e, w);
	if (s->each && s->each->limit)
		rewrite(s->each->limit, w);
	sema_stmt_children(s, NULL, rewrite_stmt, arg);
	if (does_nothing(w, s))
		*s = (struct stmt){ .kind = ST_NULL, .place = s->place };
}

void elide_body(struct body *b)
{
	struct elide w = { .b = b };
	struct sema *x = b->x;
	/* conditions of points stay: that they hold is looked at outside of the handler, too */
	struct stmt *top = b->h && b->h->held ? (struct stmt *)b->h->held : b->top;

	if (x->s->opt.unoptimized || x->r.listing)
		return;
	w.reads = arena_array(x->a, unsigned, b->locals.n);
	vec_each(&b->locals, i)
		b->locals.v[i]->local->index = (unsigned)i;
	do {
		w.changed = false;
		drop_idle(top, &w);
		memset(w.reads, 0, b->locals.n * sizeof(*w.reads));
		count_stmt(top, &w);
		rewrite_stmt(top, &w);
	} while (w.changed);
}
