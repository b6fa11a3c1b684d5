// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variables that are read and never set.  Where their use tells what they are, they are 0 or "", and it is
 * worth a warning; where nothing does, their type is unresolved, which is an error (stap(1), PROCESSING).
 *
 * Of the user's scripts alone; after infer.c, on what is left of the bodies.
 */
#include "sema/elaborate.h"

#include <string.h>

struct sets { struct symbol *s; bool set, walks, read; };	/* walks: set by a foreach */

static void find_set(struct expr *e, void *arg)
{
	struct sets *f = arg;

	f->read |= e->kind == EX_IDENT && e->sym == f->s;
	if ((e->kind == EX_ASSIGN || e->kind == EX_INCDEC) && e->a->kind == EX_IDENT && e->a->sym == f->s)
		f->set = true;
}

static void find_set_expr(struct expr *e, void *arg)
{
	sema_each_expr(e, find_set, arg);
}

static void find_set_stmt(struct stmt *s, void *arg)
{
	struct sets *f = arg;

	if (s->kind == ST_EXPR && s->e->kind == EX_IDENT)	/* `x;` does nothing with it */
		return;
	if (s->kind == ST_TRY && s->sym == f->s)
		f->set = true;
	if (s->each) {
		f->walks |= s->each->value_sym == f->s;
		vec_each(&s->each->syms, i)
			f->walks |= s->each->syms.v[i] == f->s;
	}
	sema_stmt_children(s, find_set_expr, find_set_stmt, f);
}

bool unset_sets(struct body *b, struct symbol *s)
{
	struct sets f = { .s = s };

	find_set_stmt(b->top, &f);
	return f.set || f.walks;
}

/* Words of other languages that are plain names here. */
static void hint_unset(struct sema *x, const char *name)
{
	static const char *const types[] = { "int", "char", "unsigned", "float", "double", "bool", "var", "let", "auto",
					     "void", "local", "my" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(name, types[i]))
			diag_hint(x->d, "variables are not declared: their types are found by what is assigned to "
				  "them");
	if (!strcmp(name, "true") || !strcmp(name, "True") || !strcmp(name, "TRUE"))
		diag_hint(x->d, "there is no such word: 1, or any number but 0, is true");
	if (!strcmp(name, "false") || !strcmp(name, "null") || !strcmp(name, "NULL") || !strcmp(name, "nil"))
		diag_hint(x->d, "there is no such word: it has the value of an unset variable, 0 or \"\"");
}

/* Another variable of B, or of the scripts, whose name is nearly NAME. */
static const char *similar(struct sema *x, const struct body *b, const char *name)
{
	unsigned best = strlen(name) > 5 ? 3 : 2;
	const char *near = NULL;

	if (strlen(name) < 3)
		return NULL;
	vec_each(&b->locals, i) {
		const char *other = b->locals.v[i]->local->name;
		unsigned d = str_distance(name, other, best - 1);

		if (d && d < best) {
			best = d;
			near = other;
		}
	}
	vec_each(&x->globals, i) {
		unsigned d = str_distance(name, x->globals.v[i]->g.name, best - 1);

		if (d && d < best && !x->globals.v[i]->g.decl->place.src->tapset) {
			best = d;
			near = x->globals.v[i]->g.name;
		}
	}
	return near;
}

static const char *nothing(bool set)
{
	return set ? "nothing tells the type of" : "nothing is assigned to";
}

static void tell_local(struct sema *x, struct body *b, const struct local *l, const struct sets *f)
{
	/* none for a name that came from an argument or a macro */
	struct script *own = sema_script_of(x, l->place.src);
	const char *near = similar(x, b, l->name);

	if (l->untyped && f->read)
		diag_error(x->d, DIAG_SEMANTIC, "unresolved-type", &l->place,
			   "unresolved type: %s '%s': identifier '%s' at %s", nothing(f->set), l->name, l->name,
			   place_str(x->a, &l->place));
	else
		diag_warn(x->d, "never-assigned", &l->place,
			  "never-assigned local variable '%s': identifier '%s' at %s", l->name, l->name,
			  place_str(x->a, &l->place));
	if (sema_has_function(x, l->name, 0, own ? own : b->script))
		diag_hint(x->d, "to call the function write %s()", l->name);
	else if (near)
		diag_hint(x->d, "did you mean '%s'?", near);
	else
		hint_unset(x, l->name);
}

void unset_locals(struct sema *x, struct body *b)
{
	bool errors = x->d->errors;	/* what is assigned may have no type because of them */

	vec_each(&b->locals, i) {
		struct sets f = { .s = b->locals.v[i] };
		const struct local *l = f.s->local;

		if (l->param || !l->place.src || l->place.src->tapset)
			continue;
		/* elided ones are no longer in the list of the handler or function */
		if (b->fn ? l->index >= b->fn->locals.n || b->fn->locals.v[l->index] != l :
			    l->index >= b->h->locals.n || b->h->locals.v[l->index] != l)
			continue;
		find_set_stmt(b->top, &f);
		if (!f.walks && (!f.set || (l->untyped && f.read && !errors)))
			tell_local(x, b, l, &f);
	}
}

/* -G NAME=VALUE sets it when the module is loaded. */
static bool is_given(struct sema *x, const char *name)
{
	size_t n = strlen(name);

	vec_each(&x->s->opt.set, i)
		if (!strncmp(x->s->opt.set.v[i], name, n) && x->s->opt.set.v[i][n] == '=')
			return true;
	return false;
}

void unset_globals(struct sema *x)
{
	vec_each(&x->p->globals, i) {
		const struct global *g = x->p->globals.v[i];
		const struct place *p = &g->decl->place;

		if (g->has_init || !(g->read || g->written) || p->src->tapset)
			continue;
		if (g->untyped && !is_given(x, g->name))
			diag_error(x->d, DIAG_SEMANTIC, "unresolved-type", p,
				   "unresolved type: %s the global '%s': identifier '%s' at %s",
				   nothing(g->written), g->name, g->name, place_str(x->a, p));
		else if (!g->written)
			diag_warn(x->d, "never-assigned", p,
				  "never-assigned global variable '%s': identifier '%s' at %s", g->name, g->name,
				  place_str(x->a, p));
	}
}
