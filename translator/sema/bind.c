/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names to what they mean.  A name is, in this order: a parameter, a global of the same script, a
 * local of the body that was met before, a global of another script of the user (not for tapsets,
 * whose names are their own), a global of the library, or a new local.  Calls are function.c's.
 *
 * Assumes that fold.c has been over the body.  Types are not looked at.
 */
#include "sema/elaborate.h"

#include <string.h>

/* ---- scripts ---- */

struct script *sema_script_of(struct sema *x, const struct source *src)
{
	vec_each(&x->s->scripts, i)
		if (x->s->scripts.v[i]->src == src)
			return x->s->scripts.v[i];
	return x->s->library ? library_script_of(x->s->library, src) : NULL;
}

/* A script that something of was used: its C text and its own probes belong to the program. */
void sema_reach(struct sema *x, struct script *script)
{
	if (!script)
		return;
	vec_each(&x->reached, i)
		if (x->reached.v[i] == script)
			return;
	*vec_add(x->a, &x->reached) = script;
	vec_each(&script->embeds, i) {
		*vec_add(x->a, &x->p->embeds) = script->embeds.v[i];
		if (!script->src->shipped)
			x->p->kernel_headers = true;
	}
}

const char *sema_unique_name(struct sema *x, const char *prefix, const char *name)
{
	const char *r = arena_printf(x->a, "%s%s", prefix, name);

	for (unsigned n = 2; strmap_has(&x->cnames, r); n++)
		r = arena_printf(x->a, "%s%s__%u", prefix, name, n);
	strmap_put(&x->cnames, r, x);
	return r;
}

/* ---- globals ---- */

static bool literal_number(const struct expr *e, int64_t *n)
{
	if (e->kind == EX_NUMBER) {
		*n = e->number;
		return true;
	}
	if (e->kind != EX_UNARY || e->op != TOK_MINUS || e->a->kind != EX_NUMBER)
		return false;
	*n = (int64_t)-(uint64_t)e->a->number;
	return true;
}

/* Global number I of SCRIPT. */
static struct gvar *get_global(struct sema *x, struct script *script, size_t i)
{
	struct global_decl *decl = script->globals.v[i];
	struct gvar **made = &names_of(x, script)->globals_made[i], *v = *made;

	if (v)
		return v;
	v = *made = arena_new(x->a, struct gvar);
	v->sym.global = &v->g;
	v->g.name = decl->name;
	v->g.cname = sema_unique_name(x, "g_", decl->name);
	v->g.decl = decl;
	v->g.is_array = decl->array;
	v->g.maxentries = decl->size;
	v->g.wrap = decl->wrap;
	if (decl->init) {
		v->g.has_init = true;
		v->sym.typed = decl->init->place;
		v->g.type = decl->init->kind == EX_STRING ? T_STRING : T_LONG;
		if (decl->init->kind == EX_STRING)
			v->g.init_text = decl->init->text;
		else if (!literal_number(decl->init, &v->g.init_number))
			diag_error(x->d, DIAG_SEMANTIC, "global-init", &decl->init->place,
				   "only literals allowed to initialize a global: identifier '%s' at %s",
				   decl->name, place_str(x->a, &decl->place));
	}
	*vec_add(x->a, &x->globals) = v;
	sema_reach(x, script);
	return v;
}

static struct gvar *global_in(struct sema *x, struct script *s, const char *name, bool own)
{
	size_t i = names_global(names_of(x, s), name);

	return i && (own || !s->globals.v[i - 1]->private_scope) ? get_global(x, s, i - 1) : NULL;
}

static struct gvar *global_elsewhere(struct body *b, const char *name)
{
	struct sema *x = b->x;
	struct global_decl *d;
	struct gvar *v;

	if (!b->script->src->tapset)
		vec_each(&x->s->scripts, i) {
			v = global_in(x, x->s->scripts.v[i], name, false);
			if (v)
				return v;
		}
	d = x->s->library ? library_global(x->s->library, name) : NULL;
	if (!d || d->private_scope)
		return NULL;
	return global_in(x, sema_script_of(x, d->place.src), name, false);
}

/* ---- locals ---- */

static struct symbol *find_local(struct body *b, const char *name, bool params_only)
{
	vec_each(&b->locals, i)
		if (!strcmp(b->locals.v[i]->local->name, name) &&
		    (!params_only || b->locals.v[i]->local->param))
			return b->locals.v[i];
	return NULL;
}

struct symbol *bind_new_local(struct body *b, const char *name, const struct place *p)
{
	struct symbol *s = arena_new(b->x->a, struct symbol);

	s->local = arena_new(b->x->a, struct local);
	s->local->name = name;
	s->local->cname = arena_printf(b->x->a, "l_%s", name);
	s->local->place = *p;
	*vec_add(b->x->a, &b->locals) = s;
	return s;
}

static struct symbol *lookup(struct body *b, const char *name, const struct place *p)
{
	struct symbol *s = find_local(b, name, true);
	struct gvar *v;

	if (s)
		return s;
	v = global_in(b->x, b->script, name, true);
	if (v)
		return &v->sym;
	s = find_local(b, name, false);
	if (s)
		return s;
	v = global_elsewhere(b, name);
	return v ? &v->sym : bind_new_local(b, name, p);
}

static void similar_global(const struct script *s, const char *name, const char **best,
			   unsigned *limit)
{
	vec_each(&s->globals, i) {
		unsigned d = str_distance(s->globals.v[i]->name, name, *limit);

		if (d < *limit || (d == *limit && !*best)) {
			*limit = d;
			*best = s->globals.v[i]->name;
		}
	}
}

struct gvar *bind_array_name(struct body *b, const char *name, const struct place *p)
{
	struct sema *x = b->x;
	struct symbol *s = find_local(b, name, true);
	struct gvar *v = s ? NULL : global_in(x, b->script, name, true);
	unsigned limit = 2;
	const char *near = NULL;

	if (!v && !s)
		v = global_elsewhere(b, name);
	if (v)
		return v;
	if (s || find_local(b, name, false)) {
		diag_error(x->d, DIAG_SEMANTIC, "local-array", p,
			   "unresolved global array %s, it is used as a local scalar before: identifier '%s' at %s",
			   name, name, place_str(x->a, p));
		return NULL;
	}
	similar_global(b->script, name, &near, &limit);
	diag_error(x->d, DIAG_SEMANTIC, "unresolved-array", p,
		   "unresolved global array %s, missing global declaration?%s%s%s: identifier '%s' at %s",
		   name, near ? " (similar: " : "", near ? near : "", near ? ")" : "", name,
		   place_str(x->a, p));
	return NULL;
}

/* N keys, 0 for a scalar; the first use decides. */
static void use_arity(struct sema *x, struct gvar *v, size_t n, const struct place *p)
{
	if (n > MAX_KEYS) {
		diag_error(x->d, DIAG_SEMANTIC, "too-many-keys", p, "array '%s' has more than %d keys",
			   v->g.name, MAX_KEYS);
		return;
	}
	if (n && v->g.decl->init) {
		diag_error2(x->d, DIAG_SEMANTIC, "array-as-scalar", p, &v->g.decl->place,
			    "'%s' has an initial value, so it is no array: identifier '%s' at %s", v->g.name, v->g.name,
			    place_str(x->a, p));
		return;
	}
	if (!n && v->g.decl->wrap) {
		diag_error2(x->d, DIAG_SEMANTIC, "array-as-scalar", p, &v->g.decl->place,
			    "'%s' wraps ('%%'), so it is an array: identifier '%s' at %s", v->g.name, v->g.name,
			    place_str(x->a, p));
		return;
	}
	if (!n && v->g.decl->array) {
		diag_error2(x->d, DIAG_SEMANTIC, "array-as-scalar", p, &v->g.decl->place,
			    "array '%s' is used as a scalar: identifier '%s' at %s", v->g.name, v->g.name,
			    place_str(x->a, p));
		return;
	}
	if (!v->arity_known) {
		v->arity_known = true;
		v->arity_at = *p;
		v->g.nkeys = (unsigned)n;
		v->g.is_array = n > 0;
		return;
	}
	if (v->g.nkeys == n)
		return;
	if (!n || !v->g.nkeys)
		diag_error2(x->d, DIAG_SEMANTIC, "array-as-scalar", p, &v->arity_at,
			    "'%s' is used as %s here and as %s there: identifier '%s' at %s", v->g.name,
			    n ? "an array" : "a scalar", n ? "a scalar" : "an array", v->g.name,
			    place_str(x->a, p));
	else
		diag_error2(x->d, DIAG_SEMANTIC, "array-arity", p, &v->arity_at,
			    "inconsistent arity (%zu vs %u): identifier '%s' at %s", n, v->g.nkeys,
			    v->g.name, place_str(x->a, p));
}

/* ---- bodies ---- */

static void bind_child(struct expr *e, void *b)
{
	bind_expr(b, e, ((struct body *)b)->script);
}

/* local[index], where no array has that name: a step through what the local may point at. */
static bool bind_pointer_index(struct body *b, struct expr *e)
{
	struct target_error *f;
	struct expr *local;
	struct target *t;

	if (e->kind != EX_INDEX || e->args.n != 1 || !e->args.v[0])
		return false;
	if (!find_local(b, e->name, true) &&
	    (global_in(b->x, b->script, e->name, true) || !find_local(b, e->name, false)))
		return false;
	local = arena_memdup(b->x->a, e, sizeof(*e));
	local->kind = EX_IDENT;
	memset(&local->args, 0, sizeof(local->args));
	t = arena_new(b->x->a, struct target);
	t->kind = TG_AUTO;
	t->operand = local;
	*vec_add(b->x->a, &t->acc) = (struct accessor){ .kind = AC_INDEX, .index = e->args.v[0],
							.place = e->place };
	memset(&e->args, 0, sizeof(e->args));
	e->kind = EX_TARGET;
	e->target = t;
	sema_expr_children(e, bind_child, b);
	target_resolve(b, e, false);
	f = target_failure(e);
	if (f && f->waiting) {
		f->tag = "local-array";
		f->text = arena_printf(b->x->a, "unresolved global array %s, it is used as a local scalar "
				       "before", local->name);
	}
	return true;
}

static void bind_array(struct body *b, struct expr *e)
{
	struct gvar *v;

	if (bind_pointer_index(b, e))
		return;
	v = bind_array_name(b, e->name, &e->place);
	e->sym = v ? &v->sym : NULL;
	if (v)
		use_arity(b->x, v, e->args.n, &e->place);
	sema_expr_children(e, bind_child, b);
}

static void bind_scalar(struct body *b, struct expr *e)
{
	struct symbol *s = lookup(b, e->name, &e->place);

	e->sym = s;
	if (s->global)
		use_arity(b->x, sema_gvar(s), 0, &e->place);
}

static void bind_target(struct body *b, struct expr *e)
{
	struct access *acc = e->info;

	if (!acc) {
		sema_expr_children(e, bind_child, b);
		return;
	}
	vec_each(&acc->operands, i)
		bind_child(acc->operands.v[i], b);
}

static void find_local_in_entry(struct expr *e, void *arg)
{
	struct body *b = arg;

	if (sema_is_local(e))
		diag_error(b->x->d, DIAG_SEMANTIC, "local-at-entry", &e->place,
			   "local variable '%s' has no value at function entry: identifier '%s' at %s",
			   e->name, e->name, place_str(b->x->a, &e->place));
}

static void bind_entry(struct body *b, struct expr *e)
{
	if (!b->site) {		/* a function; what is called is made anew for each site */
		bind_child(e->a, b);
		return;
	}
	if (!b->site->is_return) {
		diag_error(b->x->d, DIAG_SEMANTIC, "entry-outside-return", &e->place,
			   "@entry is only valid in .return probes: operator '@entry' at %s",
			   place_str(b->x->a, &e->place));
		return;
	}
	bind_child(e->a, b);
	sema_each_expr(e->a, find_local_in_entry, b);
}

static void bind_counter(struct body *b, struct expr *e)
{
	struct script *script = b->script;

	if (!counter_read(b, e))
		return;
	e->sym = bind_call(b, e);
	b->script = script;
}

bool bind_expr(struct body *b, struct expr *e, struct script *script)
{
	unsigned errors = b->x->d->errors;

	b->script = script;
	switch (e->kind) {
	case EX_IDENT:
		bind_scalar(b, e);
		break;
	case EX_INDEX: case EX_IN:
		bind_array(b, e);
		break;
	case EX_CALL:
		e->sym = bind_call(b, e);
		b->script = script;	/* binding a function does not change this, but be plain */
		sema_expr_children(e, bind_child, b);
		break;
	case EX_TARGET:
		bind_target(b, e);
		break;
	case EX_ENTRY:
		bind_entry(b, e);
		break;
	case EX_PERF:
		bind_counter(b, e);
		break;
	default:
		sema_expr_children(e, bind_child, b);
	}
	return b->x->d->errors == errors;
}

/* The array or aggregate that a foreach walks; arity from its variables. */
static void bind_foreach(struct body *b, struct foreach *f)
{
	struct sema *x = b->x;
	struct expr *arr = f->array;

	if (arr->kind == EX_IDENT) {
		struct gvar *v = bind_array_name(b, arr->name, &arr->place);

		arr->sym = v ? &v->sym : NULL;
		if (v)
			use_arity(x, v, f->vars.n, &arr->place);
	} else {
		bind_child(arr, b);
		if (arr->kind == EX_INDEX && arr->sym && arr->args.n != f->vars.n)
			use_arity(x, sema_gvar(arr->sym), f->vars.n, &arr->place);
	}
	vec_each(&f->vars, i) {
		bind_scalar(b, f->vars.v[i]);
		*vec_add(x->a, &f->syms) = f->vars.v[i]->sym;
	}
	if (f->value)
		f->value_sym = lookup(b, f->value, &f->value_place);
	if (f->limit)
		bind_child(f->limit, b);
}

/* ---- foreach (v = [k] in arr): v is arr[k], which is how @count(v) comes to have an aggregate ---- */

struct loop_value { struct body *b; struct foreach *f; };

/* In the operators of statistics V becomes ARR[K]. */
static void element_for_value(struct expr *e, void *arg)
{
	struct loop_value *v = arg;
	struct foreach *f = v->f;
	struct expr *a = e->a;

	if (e->kind == EX_IDENT && !strcmp(e->name, f->value))
		f->value_read = true;
	if (e->kind == EX_STAT && a->kind == EX_IDENT && !strcmp(a->name, f->value)) {
		*a = (struct expr){ .kind = EX_INDEX, .place = a->place, .name = f->array->name, .height = 2 };
		vec_each(&f->vars, i)
			*vec_add(v->b->x->a, &a->args) = ast_clone_expr(v->b->x->a, f->vars.v[i]);
	}
	sema_expr_children(e, element_for_value, v);
}

static void elements_for_value(struct stmt *s, void *arg)
{
	struct loop_value *v = arg;

	if (s->kind == ST_FOREACH && s->each->value && s->each != v->f && !strcmp(s->each->value, v->f->value))
		return;
	sema_stmt_children(s, element_for_value, elements_for_value, v);
}

static void bind_loop_value(struct body *b, struct stmt *s)
{
	struct loop_value v = { b, s->each };

	if (s->each->value && s->each->array->kind != EX_STAT)
		elements_for_value(s->then, &v);
}

/* `delete x` is right for scalars and whole arrays. */
static void bind_delete(struct body *b, struct expr *e)
{
	if (e->kind == EX_IDENT)
		e->sym = lookup(b, e->name, &e->place);
	else
		bind_child(e, b);
}

static void bind_below(struct stmt *s, void *b)
{
	bind_stmt(b, s, ((struct body *)b)->script);
}

bool bind_stmt(struct body *b, struct stmt *s, struct script *script)
{
	unsigned errors = b->x->d->errors;

	b->script = script;
	if (s->kind == ST_FOREACH) {
		bind_foreach(b, s->each);
		bind_loop_value(b, s);
		sema_stmt_children(s, NULL, bind_below, b);
	} else if (s->kind == ST_DELETE) {
		bind_delete(b, s->e);
	} else {
		if (s->kind == ST_TRY && s->catch_var)
			s->sym = lookup(b, s->catch_var, &s->catch_place);
		sema_stmt_children(s, bind_child, bind_below, b);
	}
	return b->x->d->errors == errors;
}
