// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Globals that hits do nothing with but add to, numbers, aggregates and arrays: each CPU has a part of its own,
 * so a hit takes no lock and shares no cache line.  Who reads or sets them runs alone (begin, end and error
 * probes); before it does, the runtime puts the parts together (struct stp_global, `counter` and `part`).
 *
 * A function that is reached both ways has one text for both, so what it mentions stays an ordinary global.
 */
#include "cgen/emit.h"
#include "family/family.h"

struct tally {
	struct cgen *g;
	unsigned mark;
	bool alone;			/* the bodies that are walked run alone */
	unsigned *mentions, *adds;	/* by global; those of one add to a number are two mentions */
	bool *no;			/* cannot be a counter */
};

/* a[k] += x, s <<< x: nobody asks for the result. */
static bool is_element_add(const struct ir *n)
{
	return n->op == IR_STATADD || (n->op == IR_MAPADD && !n->dst);
}

/* g = g + x, g = g - x, g = x + g. */
static bool is_add(const struct ir *n)
{
	const struct ir *v = n->arg[0];
	const struct global *g = n->op == IR_SET && n->dst->op == IR_GLOBAL ? n->dst->global : NULL;

	if (!g || (v->op != IR_ADD && v->op != IR_SUB))
		return false;
	return (v->arg[0]->op == IR_GLOBAL && v->arg[0]->global == g) ||
	       (v->op == IR_ADD && v->arg[1]->op == IR_GLOBAL && v->arg[1]->global == g);
}

static void see(struct ir *n, bool dst, void *arg);

static void forbid(struct ir *n, bool dst, void *arg)
{
	struct tally *t = arg;

	(void)dst;
	if (n->global)
		t->no[n->global->index] = true;
}

static void see_function(struct tally *t, struct ir_function *f)
{
	for (; f && f->mark != t->mark; f = f->next) {
		f->mark = t->mark;
		if (f->src)
			vec_each(&f->src->c_globals, i)
				t->no[f->src->c_globals.v[i]->index] = true;
		if (!f->body)
			continue;
		if (!t->alone)
			f->body->on_hits = true;
		else if (f->body->on_hits)
			ir_walk(&f->body->list, forbid, t);
		ir_walk(&f->body->list, see, t);
	}
}

static void see(struct ir *n, bool dst, void *arg)
{
	struct tally *t = arg;

	(void)dst;
	if (n->op == IR_CALL)
		see_function(t, n->fn);
	if (t->alone)
		return;
	if (n->global)
		t->mentions[n->global->index]++;
	if (is_add(n))
		t->adds[n->dst->global->index]++;
	else if (is_element_add(n))
		t->adds[n->global->index]++;
}

static bool runs_alone(const struct ir_handler *h)
{
	vec_each(&h->src->sites, i)
		if (cgen_site_armed(h->src->sites.v[i]) && !(h->src->sites.v[i]->family->flags & FAMILY_ALONE))
			return false;
	return true;
}

static void see_handlers(struct tally *t, bool alone)
{
	static unsigned marks = 3u << 30;	/* differs from those of others who mark functions */

	t->mark = marks++;
	t->alone = alone;
	vec_each(&t->g->handlers, i) {
		const struct ir_handler *h = t->g->handlers.v[i];

		if (runs_alone(h) != alone)
			continue;
		if (!alone)
			h->body->on_hits = true;
		ir_walk(&h->body->list, see, t);
		if (h->entry)
			ir_walk(&h->entry->list, see, t);
	}
}

/* The variance depends on the order of what is added; elements of others must stay where they are. */
static bool has_parts(const struct global *v)
{
	if (v->type == T_STATS)
		return !v->wrap && !(v->stat_ops & 1 << STAT_VARIANCE);
	return v->type == T_LONG && v->nkeys && !v->wrap;
}

void cgen_find_counters(struct cgen *g)
{
	const struct program *p = g->p->src;
	size_t n = p->globals.n + 1;
	struct tally t = { .g = g };

	t.mentions = arena_array(g->a, unsigned, n);
	t.adds = arena_array(g->a, unsigned, n);
	t.no = arena_array(g->a, bool, n);
	g->counter = arena_array(g->a, unsigned, n);
	g->part = arena_array(g->a, unsigned, n);
	g->hit_globals = arena_array(g->a, bool, n);
	see_handlers(&t, false);
	see_handlers(&t, true);
	vec_each(&p->globals, i) {
		const struct global *v = p->globals.v[i];

		g->hit_globals[i] = t.mentions[i] != 0;
		if (t.no[i] || !t.adds[i])
			continue;
		if (v->type == T_LONG && !v->nkeys && t.mentions[i] == 2 * t.adds[i])
			g->counter[i] = ++g->ncounters;
		else if (has_parts(v) && t.mentions[i] == t.adds[i])
			g->part[i] = ++g->nparts;
	}
}
