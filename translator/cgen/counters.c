// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Globals that hits do nothing with but add to, numbers, aggregates and arrays: each CPU has a part of its own,
 * so a hit takes no lock and shares no cache line.  Who reads or sets them runs alone (begin, end and error
 * probes) or seldom (procfs probes, timers but the fast ones) and then stops the hits that add; before it does
 * anything, the runtime puts the parts together (struct stp_global, `counter` and `part`; core/gate.h).  Those
 * that run seldom and do nothing but add to what hits add to are like hits.
 *
 * A function that is reached both ways has one text for both, so what it mentions stays an ordinary global.  So does
 * what a handler of hits and of begin, end or error probes mentions, and what is saved where a function is entered.
 */
#include "cgen/emit.h"
#include "family/family.h"

enum who { HITS, SELDOM, ALONE, EITHER, LOOK };

struct tally {
	struct cgen *g;
	unsigned mark;
	enum who who;			/* runs the bodies that are walked; LOOK: they are counted alone */
	unsigned *mentions, *adds;	/* by HITS, by global; those of one add to a number are two mentions */
	bool *seldom;			/* SELDOM ones mention it */
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

static void see_body(struct tally *t, struct ir_body *b)
{
	if (t->who == HITS || t->who == EITHER)
		b->adds = true;
	else if (t->who != LOOK && b->adds)
		ir_walk(&b->list, forbid, t);
	if (t->who != LOOK && t->who != ALONE)
		b->on_hits = true;
	ir_walk(&b->list, see, t);
}

static void see_function(struct tally *t, struct ir_function *f)
{
	for (; f && f->mark != t->mark; f = f->next) {
		f->mark = t->mark;
		if (f->src)
			vec_each(&f->src->c_globals, i)
				t->no[f->src->c_globals.v[i]->index] = true;
		if (f->body)
			see_body(t, f->body);
	}
}

static void see(struct ir *n, bool dst, void *arg)
{
	struct tally *t = arg;

	if (n->op == IR_CALL)
		see_function(t, n->fn);
	if (n->global && t->who != ALONE && t->who != LOOK)
		t->g->hit_globals[n->global->index] = true;
	if (n->global && t->who == SELDOM)
		t->seldom[n->global->index] = true;
	if (t->who == EITHER)
		forbid(n, dst, t);
	if (t->who != HITS && t->who != LOOK)
		return;
	if (n->global)
		t->mentions[n->global->index]++;
	if (is_add(n))
		t->adds[n->dst->global->index]++;
	else if (is_element_add(n))
		t->adds[n->global->index]++;
}

static unsigned marks = 3u << 30;	/* differs from those of others who mark functions */

/* All that is mentioned of V is adding to it. */
static bool only_adds(const struct tally *t, const struct global *v)
{
	unsigned each = v->type == T_LONG && !v->nkeys ? 2 : 1;

	return t->mentions[v->index] == each * t->adds[v->index];
}

static void start_tally(struct tally *t, struct cgen *g)
{
	size_t n = g->p->src->globals.n + 1;

	*t = (struct tally){ .g = g };
	t->mentions = arena_array(g->a, unsigned, n);
	t->adds = arena_array(g->a, unsigned, n);
	t->seldom = arena_array(g->a, bool, n);
	t->no = arena_array(g->a, bool, n);
}

/* Does H, which runs seldom, read or set what HITS do nothing with but add to? */
static bool stops_hits(struct cgen *g, const struct ir_handler *h, const struct tally *hits)
{
	const struct program *p = g->p->src;
	struct tally own;
	bool ret = false;

	start_tally(&own, g);
	own.mark = marks++;
	own.who = LOOK;
	see_body(&own, h->body);
	vec_each(&p->globals, i) {
		const struct global *v = p->globals.v[i];

		ret |= hits->adds[i] && only_adds(hits, v) && !only_adds(&own, v);
	}
	return ret;
}

/* The context of those that run alone has no parts. */
static enum who who_runs(const struct ir_handler *h, bool *alone)
{
	bool hits = false, seldom = false;

	vec_each(&h->src->sites, i) {
		const struct site *s = h->src->sites.v[i];

		if (!cgen_site_armed(s))
			continue;
		if (s->family->flags & FAMILY_ALONE)
			*alone = true;
		else if (s->rare)
			seldom = true;
		else
			hits = true;
	}
	if (hits)
		return *alone ? EITHER : HITS;
	return seldom ? SELDOM : ALONE;
}

/* The handlers that RUNS has as WHOSE. */
static void see_handlers(struct tally *t, const enum who *runs, enum who whose, enum who who)
{
	t->mark = marks++;
	t->who = who;
	vec_each(&t->g->handlers, i) {
		const struct ir_handler *h = t->g->handlers.v[i];

		if (runs[i] == whose)
			see_body(t, h->body);
		if (who == EITHER && h->entry)
			see_body(t, h->entry);
	}
}

/* By handler in use. */
static enum who *find_who_runs(struct cgen *g)
{
	enum who *runs = arena_array(g->a, enum who, g->handlers.n + 1);
	bool *alone = arena_array(g->a, bool, g->handlers.n + 1);
	struct tally hits;

	vec_each(&g->handlers, i)
		runs[i] = who_runs(g->handlers.v[i], &alone[i]);
	start_tally(&hits, g);
	see_handlers(&hits, runs, HITS, LOOK);
	vec_each(&g->handlers, i)
		if (runs[i] == SELDOM && !alone[i] && !stops_hits(g, g->handlers.v[i], &hits))
			runs[i] = HITS;
	return runs;
}

/* The variance depends on the order of what is added; elements of others must stay where they are. */
static bool has_parts(const struct global *v)
{
	if (v->type == T_STATS)
		return !v->wrap && !(v->stat_ops & 1 << STAT_VARIANCE);
	return v->type == T_LONG && v->nkeys && !v->wrap;
}

static void choose(struct cgen *g, const struct tally *t, const struct global *v)
{
	unsigned i = v->index;

	if (t->no[i] || !t->adds[i] || !only_adds(t, v))
		return;
	if (v->type == T_LONG && !v->nkeys)
		g->counter[i] = ++g->ncounters;
	else if (has_parts(v))
		g->part[i] = ++g->nparts;
	else
		return;
	g->gates[i] = 1u << (t->seldom[i] ? i % CGEN_GATE_ALONE : CGEN_GATE_ALONE);
}

void cgen_find_counters(struct cgen *g)
{
	const struct program *p = g->p->src;
	size_t n = p->globals.n + 1;
	enum who *runs = find_who_runs(g);
	struct tally t;

	g->counter = arena_array(g->a, unsigned, n);
	g->part = arena_array(g->a, unsigned, n);
	g->gates = arena_array(g->a, unsigned, n);
	g->hit_globals = arena_array(g->a, bool, n);
	start_tally(&t, g);
	see_handlers(&t, runs, EITHER, EITHER);
	see_handlers(&t, runs, HITS, HITS);
	see_handlers(&t, runs, SELDOM, SELDOM);
	see_handlers(&t, runs, ALONE, ALONE);
	vec_each(&p->globals, i)
		choose(g, &t, p->globals.v[i]);
}
