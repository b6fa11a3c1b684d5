/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of a pattern to Thompson's automaton: places with at most two ways on.  The first way of a
 * split is the one a repetition or alternative prefers, which capture.c goes by.  Sizes are bounded.
 */
#include "regex/nfa.h"

#include <string.h>

#define PLACES_MAX 4000
#define WORK_MAX 100000

static int place_add(struct places *p, enum place_kind kind, const struct byte_set *set, int x, int y)
{
	if (p->v.n >= PLACES_MAX)
		p->why = "regular expression too large";
	if (p->why)
		return 0;
	*vec_add(p->a, &p->v) = (struct place_node){ kind, set, x, y };
	return (int)p->v.n - 1;
}

static int emit(struct places *p, const struct node *n, int next);

static int emit_repeat(struct places *p, const struct node *n, int next)
{
	const struct node *kid = n->kids.v[0];
	int at = next, body;

	if (n->max < 0) {
		at = place_add(p, PL_SPLIT, NULL, next, next);
		body = emit(p, kid, at);
		if (!p->why)
			p->v.v[at].x = body;
	}
	for (int i = n->min; i < n->max && !p->why; i++)
		at = place_add(p, PL_SPLIT, NULL, emit(p, kid, at), next);
	for (int i = 0; i < n->min && !p->why; i++)
		at = emit(p, kid, at);
	return at;
}

static int emit_group(struct places *p, const struct node *n, int next)
{
	int tag = (int)n->group * 2 - 2;

	if (!p->tags)
		return emit(p, n->kids.v[0], next);
	next = place_add(p, PL_TAG, NULL, next, tag + 1);
	return place_add(p, PL_TAG, NULL, emit(p, n->kids.v[0], next), tag);
}

/* Places for N in front of the place NEXT; returns the first. */
static int emit(struct places *p, const struct node *n, int next)
{
	int at = next;

	if (++p->work > WORK_MAX)	/* ((){255}){255}: places do not count these */
		p->why = "regular expression too large";
	if (p->why)
		return 0;
	switch (n->kind) {
	case RX_SET: return place_add(p, PL_SET, &n->set, next, 0);
	case RX_START: return place_add(p, PL_START, NULL, next, 0);
	case RX_END: return place_add(p, PL_END, NULL, next, 0);
	case RX_REPEAT: return emit_repeat(p, n, next);
	case RX_GROUP: return emit_group(p, n, next);
	case RX_SEQ:
		for (size_t i = n->kids.n; i--;)
			at = emit(p, n->kids.v[i], at);
		return at;
	case RX_ALT:
		at = emit(p, n->kids.v[n->kids.n - 1], next);
		for (size_t i = n->kids.n - 1; i--;)
			at = place_add(p, PL_SPLIT, NULL, emit(p, n->kids.v[i], next), at);
		return at;
	}
	return at;
}

int places_make(struct places *p, const struct node *tree)
{
	int start = emit(p, tree, place_add(p, PL_MATCH, NULL, 0, 0));

	return p->why ? -1 : start;
}

unsigned places_classes(const struct places *p, unsigned char *class_of)
{
	unsigned n = 1;

	memset(class_of, 0, 256);
	for (size_t i = 0; i < p->v.n && n < 256; i++) {
		int split[256];			/* class of those of a class that are in the set */
		bool others[256] = { false };	/* a class has bytes that are not */

		if (p->v.v[i].kind != PL_SET)
			continue;
		memset(split, -1, sizeof(split));
		for (unsigned c = 0; c < 256; c++)
			others[class_of[c]] |= !set_has(p->v.v[i].set, c);
		for (unsigned c = 0; c < 256; c++) {
			unsigned old = class_of[c];

			if (!set_has(p->v.v[i].set, c) || !others[old])
				continue;
			if (split[old] < 0)
				split[old] = (int)n++;
			class_of[c] = (unsigned char)split[old];
		}
	}
	return n;
}
