// SPDX-License-Identifier: GPL-2.0-or-later
/* See bind.h.  Names that cannot be bound stay without a symbol, which lowering reports. */
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "family/family.h"
#include "syntax/syntax.h"

struct binder {
	struct arena *a;
	struct program *p;
	VEC(struct symbol *) globals;
	VEC(struct symbol *) locals;	/* of the body that is bound */
};

static enum type type_of_name(const char *name)
{
	return name[0] == 's' ? T_STRING : name[0] == 'x' ? T_STATS : T_LONG;
}

static enum type type_of(const struct expr *e)
{
	const char *name = e->name ? e->name : "";

	switch (e->kind) {
	case EX_STRING:
		return T_STRING;
	case EX_IDENT: case EX_INDEX: case EX_CALL:
		return type_of_name(name);
	case EX_PRINT:
		return name[0] == 's' ? T_STRING : T_LONG;
	case EX_COND:
		return type_of(e->b);
	case EX_ASSIGN:
		return type_of(e->a);
	case EX_BINARY:
		return e->op == TOK_DOT ? T_STRING : T_LONG;
	case EX_TARGET:
		return e->target->name[1] == 's' ? T_STRING : T_LONG;
	default:
		return T_LONG;
	}
}

static struct symbol *find_symbol(struct binder *b, const char *name)
{
	struct symbol *s;

	for (size_t i = 0; i < b->locals.n; i++)
		if (!strcmp(b->locals.v[i]->local->name, name))
			return b->locals.v[i];
	for (size_t i = 0; i < b->globals.n; i++)
		if (!strcmp(b->globals.v[i]->global->name, name))
			return b->globals.v[i];
	s = arena_new(b->a, struct symbol);
	s->local = arena_new(b->a, struct local);
	s->local->name = name;
	s->local->cname = arena_printf(b->a, "l_%s", name);
	s->local->type = type_of_name(name) == T_STRING ? T_STRING : T_LONG;
	s->local->index = (unsigned)b->locals.n;
	*vec_add(b->a, &b->locals) = s;
	return s;
}

static void bind_array(struct symbol *s, const struct expr *index)
{
	struct global *g = s->global;

	if (!g || g->nkeys)
		return;
	g->is_array = true;
	g->nkeys = (unsigned)index->args.n;
	for (size_t i = 0; i < index->args.n; i++)
		g->keys[i] = index->args.v[i] ? type_of(index->args.v[i]) : T_LONG;
}

/* Loads at addresses that are arguments. */
static void bind_target(struct binder *b, struct expr *e)
{
	struct access *x = arena_new(b->a, struct access);
	const char *name = e->target->name + 1;
	unsigned n = (unsigned)strtoul(name + (strchr("aesbw", name[0]) != NULL), NULL, 10);
	struct access_part *part;

	x->place = e->place;
	x->value = lx_arg(b->a, n);
	if (name[0] == 'e')
		x->value = lx_load(b->a, x->value, 4, true, false);
	if (name[0] == 'w' || name[0] == 'b') {
		x->store_addr = x->value;
		x->store_size = 1;
		x->value = lx_load(b->a, x->value, 1, false, false);
	}
	if (name[0] == 'b') {
		x->store_bits = 4;
		x->store_shift = 2;
		x->value = lx_extend(b->a, lx_bin(b->a, LX_SHR, x->value, lx_const(b->a, 2)), 4, false);
	}
	if (name[0] == 's') {
		x->kind = ACCESS_FORMAT;
		x->format = "%s/%d%%";
		part = vec_add(b->a, &x->parts);
		*part = (struct access_part){ .value = x->value, .string = true, .max = 8 };
		part = vec_add(b->a, &x->parts);
		*part = (struct access_part){ .value = lx_load(b->a, x->value, 1, false, false) };
	}
	e->info = x;
}

static bool bind_expr(struct expr *e, void *arg)
{
	struct binder *b = arg;

	e->type = type_of(e);
	switch (e->kind) {
	case EX_IDENT:
		e->sym = find_symbol(b, e->name);
		break;
	case EX_INDEX:
	case EX_IN:
		e->sym = find_symbol(b, e->name);
		bind_array(e->sym, e);
		break;
	case EX_CALL:
		vec_each(&b->p->functions, i)
			if (!strcmp(b->p->functions.v[i]->name, e->name) &&
			    b->p->functions.v[i]->nparams == e->args.n) {
				e->sym = b->p->functions.v[i];
				break;
			}
		break;
	case EX_TARGET:
		bind_target(b, e);
		break;
	default:
		break;
	}
	return true;
}

static bool bind_stmt(struct stmt *s, void *arg)
{
	struct binder *b = arg;

	if (s->kind == ST_TRY && s->catch_var)
		s->sym = find_symbol(b, s->catch_var);
	if (s->kind == ST_FOREACH && s->each->value)
		s->each->value_sym = find_symbol(b, s->each->value);
	if (s->kind == ST_FOREACH) {
		vec_each(&s->each->vars, i)
			*vec_add(b->a, &s->each->syms) = find_symbol(b, s->each->vars.v[i]->name);
		if (s->each->array->kind == EX_IDENT) {
			struct symbol *sym = find_symbol(b, s->each->array->name);

			for (size_t i = 0; sym->global && !sym->global->is_array && i < s->each->vars.n; i++) {
				sym->global->keys[sym->global->nkeys++] = type_of(s->each->vars.v[i]);
				sym->global->is_array = i + 1 == s->each->vars.n;
			}
		}
	}
	return true;
}

static struct stmt *bind_body(struct binder *b, const struct stmt *body)
{
	struct stmt *clone = ast_clone_stmt(b->a, body);

	ast_walk_stmt(clone, bind_expr, bind_stmt, b);
	return clone;
}

static void bind_global(struct binder *b, const struct global_decl *d)
{
	struct symbol *s = arena_new(b->a, struct symbol);
	struct global *g = arena_new(b->a, struct global);

	s->global = g;
	g->name = d->name;
	g->cname = arena_printf(b->a, "g_%s", d->name);
	g->decl = d;
	g->type = type_of_name(d->name);
	g->index = (unsigned)b->globals.n;
	g->maxentries = d->size;
	g->stat_ops = 0x3f;
	g->hist = g->type == T_STATS ? HIST_LOG : HIST_NONE;
	g->has_init = d->init != NULL;
	g->init_number = d->init ? d->init->number : 0;
	g->init_text = d->init ? d->init->text : NULL;
	*vec_add(b->a, &b->globals) = s;
	*vec_add(b->a, &b->p->globals) = g;
}

static void declare_function(struct binder *b, const struct function_decl *d)
{
	struct function *f = arena_new(b->a, struct function);

	f->name = d->name;
	f->cname = arena_printf(b->a, "fn_%s_%zu", d->name, b->p->functions.n);
	f->decl = d;
	f->ret = d->ret == T_UNKNOWN ? type_of_name(d->name) : d->ret;
	f->nparams = (unsigned)d->params.n;
	f->c_body = d->c_body;
	f->index = (unsigned)b->p->functions.n;
	vec_each(&b->p->functions, i)
		if (!strcmp(b->p->functions.v[i]->name, d->name) && b->p->functions.v[i]->nparams == f->nparams)
			b->p->functions.v[i]->overload = f;
	*vec_add(b->a, &b->p->functions) = f;
}

static void bind_function(struct binder *b, struct function *f)
{
	b->locals.n = 0;
	for (unsigned i = 0; i < f->nparams; i++)
		find_symbol(b, f->decl->params.v[i].name)->local->param = true;
	if (f->decl->body)
		f->body = bind_body(b, f->decl->body);
	vec_each(&b->locals, i)
		*vec_add(b->a, &f->locals) = b->locals.v[i]->local;
}

static void begin_row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".kind = STP_BEGIN, .order = %d", (int)s->order);
}

static const struct family begin_family = { .name = "been", .flags = FAMILY_INTERRUPTIBLE, .row = begin_row };

static void bind_probe(struct binder *b, const struct probe_decl *d)
{
	struct handler *h = arena_new(b->a, struct handler);
	struct site *s = arena_new(b->a, struct site);

	b->locals.n = 0;
	h->index = (unsigned)b->p->handlers.n;
	h->body = bind_body(b, d->body);
	h->place = d->place;
	vec_each(&b->locals, i)
		*vec_add(b->a, &h->locals) = b->locals.v[i]->local;
	s->family = &begin_family;
	s->pp = s->pn = "begin";
	s->order = h->index;
	s->handler = h;
	*vec_add(b->a, &h->sites) = s;
	*vec_add(b->a, &b->p->sites) = s;
	*vec_add(b->a, &b->p->handlers) = h;
}

struct program *bind_script(struct arena *a, struct script *s)
{
	struct binder b = { .a = a, .p = arena_new(a, struct program) };

	vec_each(&s->globals, i)
		bind_global(&b, s->globals.v[i]);
	vec_each(&s->functions, i)
		declare_function(&b, s->functions.v[i]);
	vec_each(&b.p->functions, i)
		bind_function(&b, b.p->functions.v[i]);
	vec_each(&s->probes, i)
		bind_probe(&b, s->probes.v[i]);
	return b.p;
}
