/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pattern to an automaton that tells what its groups matched: states are lists of places in order of
 * preference, each with registers that hold where its tags were passed; a step moves registers.
 *
 * The match is the leftmost and longest, as POSIX wants it; within it an alternative that is written
 * first and a repetition that goes on are preferred.  Matching begins at one position: who runs the
 * tables tries the positions one after the other.  Registers are numbered in the order of their first
 * use, so that states that differ in nothing else are one.
 */
#include "regex/regex.h"
#include "regex/nfa.h"

#include <string.h>

#define MOVES_MAX 300000
#define REGS_MAX 250	/* of one state */

/* A place with the sources of its tags: registers of a state, or one of the two. */
#define AT_HERE REGEX_HERE
#define UNSET REGEX_UNSET

struct config { int place; unsigned char *tag; };

struct tstate {
	VEC(struct config) v;
	unsigned nregs;
};

struct tbuilder {
	struct arena *a;
	struct places p;
	int start;
	unsigned ntags;
	VEC(struct tstate) states;
	VEC(unsigned char) moves;
	unsigned *mark, marked;
	struct tstate next;		/* being made: tags by the registers of the state before */
	const char *why;
};

struct frame_at { int place; unsigned char *tag; };

/* Everything reached from PLACE without a byte, most preferred first, into b->next. */
static void follow(struct tbuilder *b, int place, const unsigned char *tag, bool at_start, bool at_end)
{
	VEC(struct frame_at) stack = { 0 };

	*vec_add(b->a, &stack) = (struct frame_at){ place, arena_memdup(b->a, tag, b->ntags + 1) };
	while (stack.n) {
		struct frame_at f = stack.v[--stack.n];
		const struct place_node *pl = &b->p.v.v[f.place];

		if (b->mark[f.place] == b->marked)
			continue;
		b->mark[f.place] = b->marked;
		switch (pl->kind) {
		case PL_SPLIT:
			*vec_add(b->a, &stack) = (struct frame_at){ pl->y, f.tag };
			*vec_add(b->a, &stack) = (struct frame_at){ pl->x, f.tag };
			break;
		case PL_TAG:
			f.tag = arena_memdup(b->a, f.tag, b->ntags + 1);
			f.tag[pl->y] = AT_HERE;
			*vec_add(b->a, &stack) = (struct frame_at){ pl->x, f.tag };
			break;
		case PL_START:
			if (at_start)
				*vec_add(b->a, &stack) = (struct frame_at){ pl->x, f.tag };
			break;
		default:
			*vec_add(b->a, &b->next.v) = (struct config){ f.place, f.tag };
			if (pl->kind == PL_END && at_end)
				*vec_add(b->a, &stack) = (struct frame_at){ pl->x, f.tag };
		}
	}
}

static void begin(struct tbuilder *b)
{
	b->marked++;
	memset(&b->next, 0, sizeof(b->next));
}

static unsigned add_moves(struct tbuilder *b, const unsigned char *v, unsigned n)
{
	unsigned at = (unsigned)b->moves.n;

	for (unsigned i = 0; i < n; i++)
		*vec_add(b->a, &b->moves) = v[i];
	if (b->moves.n > MOVES_MAX)
		b->why = "regular expression too complex: its groups need too many states";
	return at;
}

/* Number the registers of b->next; where each comes from goes to SOURCE. */
static void number_registers(struct tbuilder *b, unsigned char *source)
{
	struct tstate *s = &b->next;

	s->nregs = 0;
	vec_each(&s->v, i) {
		struct config *c = &s->v.v[i];

		c->tag = arena_memdup(b->a, c->tag, b->ntags + 1);
		for (unsigned t = 0; t < b->ntags; t++) {
			unsigned r = 0;

			if (c->tag[t] == UNSET)
				continue;
			while (r < s->nregs && source[r] != c->tag[t])
				r++;
			if (r == s->nregs && r < REGS_MAX)
				source[s->nregs++] = c->tag[t];
			else if (r == s->nregs)
				b->why = "regular expression too complex: too many groups at a time";
			c->tag[t] = (unsigned char)r;
		}
	}
}

static bool same_state(const struct tbuilder *b, const struct tstate *x, const struct tstate *y)
{
	if (x->v.n != y->v.n || x->nregs != y->nregs)
		return false;
	vec_each(&x->v, i)
		if (x->v.v[i].place != y->v.v[i].place ||
		    memcmp(x->v.v[i].tag, y->v.v[i].tag, b->ntags))
			return false;
	return true;
}

/* The state of b->next, and the moves into it. */
static uint16_t intern(struct tbuilder *b, unsigned *moves)
{
	unsigned char source[REGS_MAX];

	*moves = 0;
	if (!b->next.v.n)
		return REGEX_NOWHERE;
	number_registers(b, source);
	if (b->why)
		return REGEX_NOWHERE;
	*moves = add_moves(b, source, b->next.nregs);
	for (size_t i = 1; i < b->states.n; i++)	/* state 0 alone stands at the start of the string */
		if (same_state(b, &b->states.v[i], &b->next))
			return (uint16_t)i;
	if (b->states.n >= REGEX_STATES_MAX)
		b->why = "regular expression too complex: its groups need too many states";
	else
		*vec_add(b->a, &b->states) = b->next;
	return (uint16_t)(b->states.n - 1);
}

static uint16_t begin_state(struct tbuilder *b, bool at_start, unsigned *moves)
{
	unsigned char *none = arena_alloc(b->a, b->ntags + 1);

	memset(none, UNSET, b->ntags + 1);
	begin(b);
	follow(b, b->start, none, at_start, false);
	return intern(b, moves);
}

static uint16_t step(struct tbuilder *b, size_t state, unsigned c, unsigned *moves)
{
	const struct tstate s = b->states.v[state];

	begin(b);
	vec_each(&s.v, i) {
		const struct place_node *pl = &b->p.v.v[s.v.v[i].place];

		if (pl->kind == PL_SET && set_has(pl->set, c))
			follow(b, pl->x, s.v.v[i].tag, false, false);
	}
	return intern(b, moves);
}

/* Where the tags of a match in STATE are found; REGEX_NONE when it is no match. */
static unsigned accept_moves(struct tbuilder *b, size_t state, bool at_end, bool at_start)
{
	const struct tstate s = b->states.v[state];

	begin(b);
	vec_each(&s.v, i) {
		size_t before = b->next.v.n;

		follow(b, s.v.v[i].place, s.v.v[i].tag, at_start, at_end);
		for (size_t k = before; k < b->next.v.n; k++)
			if (b->p.v.v[b->next.v.v[k].place].kind == PL_MATCH)
				return add_moves(b, b->next.v.v[k].tag, b->ntags);
	}
	return REGEX_NONE;
}

static void fill(struct tbuilder *b, struct regex_capture *r)
{
	VEC(uint16_t) next = { 0 };
	VEC(uint32_t) move = { 0 }, accept = { 0 }, accept_end = { 0 };
	VEC(unsigned char) nregs = { 0 };
	unsigned char sample[256] = { 0 };

	for (unsigned c = 256; c--;)
		sample[r->class_of[c]] = (unsigned char)c;
	for (size_t i = 0; i < b->states.n && !b->why; i++) {
		for (unsigned k = 0; k < r->nclasses && !b->why; k++) {
			unsigned moves;

			*vec_add(b->a, &next) = step(b, i, sample[k], &moves);
			*vec_add(b->a, &move) = moves;
		}
		*vec_add(b->a, &accept) = accept_moves(b, i, false, false);
		*vec_add(b->a, &accept_end) = accept_moves(b, i, true, i == 0);
		*vec_add(b->a, &nregs) = (unsigned char)b->states.v[i].nregs;
		if (b->states.v[i].nregs > r->maxregs)
			r->maxregs = b->states.v[i].nregs;
	}
	r->nstates = (unsigned)b->states.n;
	r->next = next.v;
	r->move = move.v;
	r->accept = accept.v;
	r->accept_end = accept_end.v;
	r->nregs = nregs.v;
	r->moves = b->moves.v;
	r->nmoves = (unsigned)b->moves.n;
}

bool regex_capture_compile(struct arena *a, const char *pattern, size_t n, struct regex_capture *ret,
			   const char **why)
{
	struct rx_parser p = { .a = a, .s = pattern, .n = n };
	struct tbuilder b = { .a = a, .p = { .a = a, .tags = true } };
	struct regex_capture r = { 0 };
	const struct node *tree = rx_parse(&p);

	*why = p.why;
	if (!tree)
		return false;
	b.ntags = p.groups * 2;
	b.start = places_make(&b.p, tree);
	*why = b.p.why;
	if (b.start < 0)
		return false;
	b.mark = arena_array(a, unsigned, b.p.v.n);
	r.groups = p.groups;
	r.nclasses = places_classes(&b.p, r.class_of);
	r.start[0] = begin_state(&b, true, &r.start_move[0]);
	if (r.start[0] == REGEX_NOWHERE)	/* it matches nothing: keep the number */
		*vec_add(a, &b.states) = (struct tstate){ 0 };
	r.start[1] = begin_state(&b, false, &r.start_move[1]);
	fill(&b, &r);
	*why = b.why;
	if (b.why)
		return false;
	*ret = r;
	return true;
}

/* ---- running it, as the runtime does ---- */

struct run {
	const struct regex_capture *r;
	int *regs, *other, *pos;
	int from;
};

static void move(struct run *m, unsigned moves, unsigned n, int here)
{
	int *old = m->regs;

	for (unsigned i = 0; i < n; i++) {
		unsigned char s = m->r->moves[moves + i];

		m->other[i] = s == REGEX_HERE ? here : s == REGEX_UNSET ? -1 : old[s];
	}
	m->regs = m->other;
	m->other = old;
}

static bool take(struct run *m, unsigned moves, int here)
{
	if (moves == REGEX_NONE)
		return false;
	m->pos[0] = m->from;
	m->pos[1] = here;
	for (unsigned i = 0; i < m->r->groups * 2; i++) {
		unsigned char s = m->r->moves[moves + i];

		m->pos[2 + i] = s == REGEX_HERE ? here : s == REGEX_UNSET ? -1 : m->regs[s];
	}
	return true;
}

static bool run_from(struct run *m, const char *s, size_t n)
{
	const struct regex_capture *r = m->r;
	unsigned state = r->start[m->from != 0];
	bool found = false;
	size_t i = (size_t)m->from;

	if (state == REGEX_NOWHERE)
		return false;
	move(m, r->start_move[m->from != 0], r->nregs[state], m->from);
	for (;; i++) {
		unsigned k;

		found |= take(m, i == n ? r->accept_end[state] : r->accept[state], (int)i);
		if (i == n)
			return found;
		k = state * r->nclasses + r->class_of[(unsigned char)s[i]];
		if (r->next[k] == REGEX_NOWHERE)
			return found;
		state = r->next[k];
		move(m, r->move[k], r->nregs[state], (int)i + 1);
	}
}

bool regex_capture_match(const struct regex_capture *r, const char *s, size_t n, int *pos)
{
	int one[REGS_MAX], two[REGS_MAX];
	struct run m = { .r = r, .regs = one, .other = two, .pos = pos };

	for (m.from = 0; m.from <= (int)n; m.from++)
		if (run_from(&m, s, n))
			return true;
	return false;
}
