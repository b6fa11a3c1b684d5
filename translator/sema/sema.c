/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pass 2 from end to end; elaborate.h lists the steps.  Each step goes on over everything it can
 * before it fails, so that one run shows several errors; the next step starts only without any.
 */
#include "sema/elaborate.h"

static void sema_init(struct sema *x, struct session *s, bool listing)
{
	*x = (struct sema){ .s = s, .a = &s->arena, .d = &s->diag };
	x->r = (struct resolver){ .s = s, .a = &s->arena, .d = &s->diag, .listing = listing };
	x->p = arena_new(x->a, struct program);
	x->p->name_values = x->s->opt.json;
}

static void sema_deinit(struct sema *x)
{
	strmap_deinit(&x->cnames);
	strmap_deinit(&x->said);
	strmap_deinit(&x->contextual);
	strmap_deinit(&x->fittings);
	names_deinit(x);
}

/* Probes of the user's scripts, and of library scripts as they are reached. */
static bool expand_probes(struct sema *x, size_t *next)
{
	bool ok = true;

	for (; *next < x->reached.n; ++*next) {
		struct script *s = x->reached.v[*next];

		vec_each(&s->probes, i)
			ok &= points_expand(x, s->probes.v[i], s);
	}
	return ok;
}

/* Expanding reaches scripts through aliases, binding through functions and globals. */
static bool make_handlers(struct sema *x)
{
	size_t next = 0, done = 0;
	bool ok = true;

	vec_each(&x->s->scripts, i)
		sema_reach(x, x->s->scripts.v[i]);
	do {
		ok &= expand_probes(x, &next);
		for (; done < x->expansions.n; done++)
			ok &= handlers_make(x, x->expansions.v[done]);
		ok &= bind_all_functions(x);
	} while (next < x->reached.n);
	return ok;
}

/* One namespace for the globals of the user's scripts. */
static bool check_globals(struct sema *x)
{
	struct strmap seen = { 0 };
	bool ok = true;

	vec_each(&x->s->scripts, i)
		vec_each(&x->s->scripts.v[i]->globals, j) {
			struct global_decl *d = x->s->scripts.v[i]->globals.v[j];
			struct global_decl *old = strmap_get(&seen, d->name);

			if (old && (old->place.src == d->place.src ||
				    (!old->private_scope && !d->private_scope)))
				ok = diag_error2(x->d, DIAG_SEMANTIC, "duplicate-global", &d->place,
						 &old->place, "conflicting global variables: identifier '%s' at %s",
						 d->name, place_str(x->a, &d->place));
			else
				strmap_put(&seen, d->name, d);
		}
	strmap_deinit(&seen);
	return ok;
}

static bool check_alias_name(struct sema *x, const struct point *name)
{
	bool ok = true;

	vec_each(&name->comp, i) {
		const struct component *c = &name->comp.v[i];

		if (c->arg)
			ok = diag_error(x->d, DIAG_SEMANTIC, "alias-argument", &c->place,
					"the name of an alias takes no argument: identifier '%s' at %s", c->name,
					place_str(x->a, &c->place));
	}
	return ok;
}

static bool check_aliases(struct sema *x)
{
	bool ok = true;

	vec_each(&x->s->scripts, i) {
		const struct script *s = x->s->scripts.v[i];

		vec_each(&s->aliases, j)
			vec_each(&s->aliases.v[j]->names, k)
				ok &= check_alias_name(x, s->aliases.v[j]->names.v[k]);
	}
	return ok;
}

static bool is_armed(const struct site *s)
{
	return s->family->row && !s->handler->idle;
}

static bool check_probes(struct sema *x)
{
	vec_each(&x->p->sites, i)
		if (!x->p->sites.v[i]->handler->idle)
			return true;
	return diag_error(x->d, DIAG_SEMANTIC, "no-probes", NULL, "no probes found");
}

/* Sites of idle handlers, and those of families without rows, which were there to have their handlers checked. */
static void drop_unarmed(struct sema *x)
{
	struct program *p = x->p;
	size_t n = 0, m = 0;

	vec_each(&p->sites, i)
		if (is_armed(p->sites.v[i]))
			p->sites.v[n++] = p->sites.v[i];
	p->sites.n = n;
	vec_each(&p->handlers, i) {
		struct handler *h = p->handlers.v[i];

		n = 0;
		vec_each(&h->sites, j)
			if (is_armed(h->sites.v[j]))
				h->sites.v[n++] = h->sites.v[j];
		h->sites.n = n;
		if (!n)
			continue;
		h->index = (unsigned)m;
		p->handlers.v[m++] = h;
	}
	p->handlers.n = m;
}

bool sema_run(struct session *s)
{
	struct sema x;
	bool ok;

	sema_init(&x, s, false);
	ok = check_globals(&x);
	ok &= check_aliases(&x);
	ok &= make_handlers(&x);
	ok &= counters_check(&x);
	if (ok)
		autocast_program(&x);
	if (ok && !x.p->sites.n)
		ok = diag_error(x.d, DIAG_SEMANTIC, "no-probes", NULL, "no probes found");
	ok = ok && collect_program(&x) && infer_program(&x) && check_program(&x);
	/* with -W a warning is an error */
	ok = ok && !x.d->errors && check_probes(&x);
	if (ok && !s->opt.no_display)
		ok = display_globals(&x);
	if (ok) {
		vec_each(&x.handlers, i)
			entry_slots(&x, x.handlers.v[i]);
		vec_each(&x.functions, i)
			if (x.functions.v[i]->h && x.functions.v[i]->used)
				entry_slots(&x, x.functions.v[i]);
		drop_unarmed(&x);
		s->program = x.p;
	}
	sema_deinit(&x);
	return ok;
}
