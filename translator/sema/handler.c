/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expansions to handlers.  A body that names target variables is cloned and bound for each site, and
 * the clones that came out alike are one handler again: a wildcard over a thousand functions with
 * $$name or the same first argument register makes few bodies, not a thousand.
 */
#include "sema/elaborate.h"

#include <string.h>

struct dependence { struct sema *x; struct script *script; bool found; };

static void needs_site(struct expr *e, void *arg)
{
	struct dependence *d = arg;

	switch (e->kind) {
	case EX_TARGET: case EX_DEFINED: case EX_CHOOSE: case EX_ENTRY: case EX_CONTEXTOP: case EX_PERF:
		d->found = true;
		break;
	case EX_CALL:
		d->found = d->found || sema_call_is_contextual(d->x, e->name, e->args.n, d->script);
		break;
	default:
		break;
	}
}

static bool depends_on_site(struct sema *x, const struct expansion *e)
{
	struct dependence d = { .x = x };

	vec_each(&e->parts, i) {
		d.script = e->parts.v[i].script;
		sema_each_in_stmt(e->parts.v[i].body, needs_site, &d);
	}
	return d.found;
}

/* What a condition may not do, as the end of a sentence; NULL: E is allowed. */
static const char *against_condition(const struct expr *e)
{
	switch (e->kind) {
	case EX_TARGET:
		return e->target->kind == TG_ENUMNAME ? NULL : "reference target variable";
	case EX_ENTRY:
		return "reference target variable";
	case EX_CALL:
		return "reference function";
	case EX_EMBEDDED:
		return "hold C";
	case EX_ASSIGN:
	case EX_INCDEC:
		return "modify any variables";
	case EX_PRINT:
		return strncmp(e->name, "sprint", 6) ? "print" : NULL;
	default:
		return sema_is_local(e) ? "reference undeclared global" : NULL;
	}
}

/* A condition is looked at outside of hits as well: globals are all it can know (stapprobes(3stap)). */
static void check_condition(struct expr *e, void *arg)
{
	struct body *b = arg;
	const char *why = against_condition(e);
	const struct place *p = sema_place(e);

	if (!why)
		return;
	diag_error(b->x->d, DIAG_SEMANTIC, "condition-name", p, "probe condition must not %s: %s at %s", why,
		   sema_token(b->x, e), place_str(b->x->a, p));
	if (e->kind == EX_CALL || e->kind == EX_TARGET)
		diag_hint(b->x->d, "at the start of the handler anything can be asked: if (!(condition)) next");
}

/* What a condition reads. */
static void mark_condition(struct expr *e, void *arg)
{
	const struct symbol *sym = e->sym;

	(void)arg;
	if ((e->kind == EX_IDENT || e->kind == EX_INDEX || e->kind == EX_IN) && sym && sym->global)
		sym->global->conditional = true;
}

static struct stmt *new_stmt(struct sema *x, enum stmt_kind kind, struct place place)
{
	struct stmt *s = arena_new(x->a, struct stmt);

	s->kind = kind;
	s->place = place;
	return s;
}

/* One clone of all parts at SITE, inside its conditions, in one scope. */
static struct body *make_body(struct sema *x, const struct expansion *e, struct site *site)
{
	struct body *b = arena_new(x->a, struct body);
	struct stmt *top = new_stmt(x, ST_BLOCK, e->decl->place);
	unsigned errors = x->d->errors;

	b->x = x;
	b->site = site;
	b->h = arena_new(x->a, struct handler);
	b->h->place = e->decl->place;
	b->top = top;
	b->own = e->decl->body;
	for (size_t i = 0; i < e->conditions.n; i++) {
		struct stmt *s = new_stmt(x, ST_IF, e->conditions.v[i].e->place);

		s->e = ast_clone_expr(x->a, e->conditions.v[i].e);
		s->then = new_stmt(x, ST_BLOCK, e->decl->place);
		b->script = e->conditions.v[i].script;
		fold_expr(b, s->e);
		bind_expr(b, s->e, e->conditions.v[i].script);
		sema_each_expr(s->e, check_condition, b);
		sema_each_expr(s->e, mark_condition, NULL);
		b->h->held = s->then;
		*vec_add(x->a, &top->body) = s;
		top = s->then;
	}
	vec_each(&e->parts, i) {
		struct stmt *s = ast_clone_stmt(x->a, e->parts.v[i].body);

		b->script = e->parts.v[i].script;
		fold_stmt(b, s);
		bind_stmt(b, s, e->parts.v[i].script);
		*vec_add(x->a, &top->body) = s;
	}
	if (x->d->errors != errors)
		return NULL;
	elide_body(b);
	return b;
}

static void print_access(struct expr *e, void *arg)
{
	if ((e->kind != EX_TARGET && e->kind != EX_CONTEXTOP) || !e->info)
		return;
	buf_puts(arg, target_is_saved(e) ? "\nsaved " : "\n");
	access_print(arg, e->info);
	/* for a cast, what its operand came to is printed when the walk gets there */
}

/* Text that is the same for clones that do the same. */
static const char *key_of(struct sema *x, struct body *b)
{
	struct buf key = { 0 };
	const char *r;

	ast_print_stmt(&key, b->top, 0);
	sema_each_in_stmt(b->top, print_access, &key);
	r = arena_strdup(x->a, buf_text(&key));
	buf_deinit(&key);
	return r;
}

static void failed(struct expr *e, void *arg)
{
	if (target_failure(e))
		*(bool *)arg = true;
}

static void adopt(struct sema *x, struct body *b, struct site *site)
{
	site->handler = b->h;
	*vec_add(x->a, &b->h->sites) = site;
}

bool handlers_make(struct sema *x, struct expansion *e)
{
	struct strmap same = { 0 };
	struct body *b = NULL;
	bool depends = depends_on_site(x, e);

	vec_each(&e->sites, i) {
		struct site *site = e->sites.v[i];
		struct body *other;
		const char *key;
		size_t contextual;
		bool bad = false;

		*vec_add(x->a, &x->p->sites) = site;
		if (b && !depends) {
			adopt(x, b, site);
			continue;
		}
		contextual = x->ncontextual;
		b = make_body(x, e, site);
		if (!b)
			break;		/* the other sites would say the same */
		sema_each_in_stmt(b->top, failed, &bad);
		bad = bad || x->ncontextual != contextual;
		key = depends && !bad ? key_of(x, b) : NULL;
		other = key ? strmap_get(&same, key) : NULL;
		if (other) {
			adopt(x, other, site);
			continue;
		}
		if (key)
			strmap_put(&same, key, b);
		*vec_add(x->a, &x->handlers) = b;
		adopt(x, b, site);
	}
	strmap_deinit(&same);
	return b || !e->sites.n;
}
