/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The places of a pattern to tables: the sets of places that can be reached together, one state each.
 *
 * A search from every position is the same automaton with the start added to each set.  Whether a
 * set accepts at the end of the string only is worked out apart, by going through `$` as well.
 * Sizes are bounded: a pattern that needs more is refused, which is better than a table that
 * fills the kernel.
 */
#include "regex/regex.h"
#include "regex/nfa.h"

#include <stdlib.h>
#include <string.h>

struct state { int *v; size_t n; };	/* sorted places: PL_SET, PL_END, PL_MATCH only */

struct builder {
	struct arena *a;
	struct places p;
	int start;			/* place where a match may begin */
	VEC(struct state) states;
	unsigned *hash;			/* 2 * REGEX_STATES_MAX; state + 1 */
	VEC(int) stack, set;		/* to be looked at; found */
	unsigned *mark, marked;		/* per place: seen in set number `marked` */
	const char *why;
};

/* ---- sets of places ---- */

static void push(struct builder *b, int at)
{
	if (b->mark[at] == b->marked)
		return;
	b->mark[at] = b->marked;
	*vec_add(b->a, &b->stack) = at;
}

static void new_set(struct builder *b)
{
	b->marked++;
	b->set.n = 0;
}

/* Everything that is reached from the stack without a byte, into b->set. */
static void close_set(struct builder *b, bool at_start, bool at_end)
{
	while (b->stack.n) {
		int at = b->stack.v[--b->stack.n];
		const struct place_node *pl = &b->p.v.v[at];

		if (pl->kind == PL_SPLIT)
			push(b, pl->y);
		if (pl->kind == PL_SPLIT || (pl->kind == PL_START && at_start) ||
		    (pl->kind == PL_END && at_end))
			push(b, pl->x);
		if (pl->kind != PL_SPLIT && pl->kind != PL_START)
			*vec_add(b->a, &b->set) = at;
	}
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static bool has_match(const struct builder *b, const int *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b->p.v.v[v[i]].kind == PL_MATCH)
			return true;
	return false;
}

static int state_add(struct builder *b)
{
	struct state s = { .n = b->set.n };

	if (b->states.n >= REGEX_STATES_MAX)
		return -1;
	s.v = arena_memdup(b->a, b->set.v, s.n * sizeof(*s.v));
	*vec_add(b->a, &b->states) = s;
	return (int)b->states.n - 1;
}

/* The state of b->set, new or known; -1 when there are too many. */
static int intern(struct builder *b)
{
	unsigned h = 2166136261u;

	if (b->set.n)
		qsort(b->set.v, b->set.n, sizeof(*b->set.v), by_number);
	for (size_t i = 0; i < b->set.n; i++)
		h = (h ^ (unsigned)b->set.v[i]) * 16777619u;
	for (;; h++) {
		unsigned *slot = &b->hash[h % (2 * REGEX_STATES_MAX)];
		const struct state *old = *slot ? &b->states.v[*slot - 1] : NULL;
		int added;

		if (!old) {
			added = state_add(b);
			if (added >= 0)
				*slot = (unsigned)added + 1;
			return added;
		}
		if (old->n == b->set.n && !memcmp(old->v, b->set.v, old->n * sizeof(*old->v)))
			return (int)*slot - 1;
	}
}

/* State 0 alone stands at the start of the string. */
static unsigned char state_flags(struct builder *b, size_t i)
{
	const struct state *s = &b->states.v[i];
	unsigned char flags = has_match(b, s->v, s->n) ? REGEX_ACCEPT : 0;

	new_set(b);
	for (size_t k = 0; k < s->n; k++)
		push(b, s->v[k]);
	close_set(b, i == 0, true);
	return flags | (has_match(b, b->set.v, b->set.n) ? REGEX_ACCEPT_END : 0) |
	       (s->n ? 0 : REGEX_DEAD);
}

/* The state behind state I and a byte like C. */
static int step(struct builder *b, size_t i, unsigned c)
{
	const struct state s = b->states.v[i];

	if (has_match(b, s.v, s.n))	/* nobody goes on from here */
		return (int)i;
	new_set(b);
	for (size_t k = 0; k < s.n; k++) {
		const struct place_node *pl = &b->p.v.v[s.v[k]];

		if (pl->kind == PL_SET && set_has(pl->set, c))
			push(b, pl->x);
	}
	push(b, b->start);
	close_set(b, false, false);
	return intern(b);
}

/* ---- tables ---- */

static bool fill_tables(struct builder *b, struct regex *r)
{
	VEC(uint16_t) next = { 0 };
	unsigned char sample[256] = { 0 };
	int to;

	for (unsigned c = 256; c--;)
		sample[r->class_of[c]] = (unsigned char)c;
	for (size_t i = 0; i < b->states.n; i++)
		for (unsigned k = 0; k < r->nclasses; k++) {
			to = step(b, i, sample[k]);
			if (to < 0) {
				b->why = "regular expression too complex: it needs too many states";
				return false;
			}
			*vec_add(b->a, &next) = (uint16_t)to;
		}
	r->next = next.v;
	r->nstates = (unsigned)b->states.n;
	r->flags = arena_alloc(b->a, r->nstates);
	for (size_t i = 0; i < b->states.n; i++)
		r->flags[i] = state_flags(b, i);
	return true;
}

static bool build(struct builder *b, const struct node *tree, struct regex *r)
{
	b->start = places_make(&b->p, tree);
	b->why = b->p.why;
	if (b->why)
		return false;
	b->mark = arena_array(b->a, unsigned, b->p.v.n);
	b->hash = arena_array(b->a, unsigned, 2 * REGEX_STATES_MAX);
	r->nclasses = places_classes(&b->p, r->class_of);
	new_set(b);
	push(b, b->start);
	close_set(b, true, false);
	state_add(b);		/* known to nobody: no later set is this state */
	return fill_tables(b, r);
}

bool regex_compile(struct arena *a, const char *pattern, size_t n, struct regex *ret,
		   const char **why, size_t *where)
{
	struct rx_parser p = { .a = a, .s = pattern, .n = n };
	struct regex r = { 0 };
	struct builder b = { .a = a, .p = { .a = a } };
	const struct node *tree = rx_parse(&p);

	*why = p.why;
	*where = p.i;
	if (!tree)
		return false;
	r.groups = p.groups;
	if (!build(&b, tree, &r)) {
		*why = b.why;
		*where = 0;
		return false;
	}
	*ret = r;
	return true;
}

bool regex_match(const struct regex *r, const char *s, size_t n)
{
	unsigned state = 0;

	for (size_t i = 0; i < n; i++) {
		if (r->flags[state] & (REGEX_ACCEPT | REGEX_DEAD))
			return r->flags[state] & REGEX_ACCEPT;
		state = r->next[state * r->nclasses + r->class_of[(unsigned char)s[i]]];
	}
	return r->flags[state] & (REGEX_ACCEPT | REGEX_ACCEPT_END);
}
