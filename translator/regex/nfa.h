/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the room: the tree that parse.c makes of a pattern, the places that places.c makes of the
 * tree (Thompson's automaton), which dfa.c and capture.c turn into tables.
 */
#ifndef REGEX_NFA_H
#define REGEX_NFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct byte_set { uint32_t w[8]; };

static inline bool set_has(const struct byte_set *s, unsigned c)
{
	return s->w[c / 32] >> (c % 32) & 1;
}

enum node_kind { RX_SET, RX_SEQ, RX_ALT, RX_REPEAT, RX_START, RX_END, RX_GROUP };

struct node {
	enum node_kind kind;
	struct byte_set set;		/* RX_SET */
	VEC(struct node *) kids;	/* RX_SEQ, RX_ALT; RX_REPEAT: one */
	int min, max;			/* RX_REPEAT; max -1 = no end */
	unsigned group;			/* RX_GROUP: its number, from 1; one kid */
};

struct rx_parser {
	struct arena *a;
	const char *s;
	size_t n, i;
	unsigned depth, groups;
	const char *why;		/* set by the first error */
};

enum place_kind { PL_SET, PL_SPLIT, PL_START, PL_END, PL_TAG, PL_MATCH };

struct place_node {
	enum place_kind kind;
	const struct byte_set *set;
	int x, y;			/* next; PL_SPLIT: the second choice is y; PL_TAG: its number is y */
};

struct places {
	struct arena *a;
	bool tags;			/* groups begin with tag 2g - 2 and end with 2g - 1 */
	VEC(struct place_node) v;	/* the first is PL_MATCH */
	unsigned work;			/* nodes emitted, copies too */
	const char *why;		/* set by the first error */
};

/* Fill P from TREE; returns the place to begin with, or -1 with p->why. */
int places_make(struct places *p, const struct node *tree);
/* Bytes that no set of the pattern tells apart share a class; returns how many there are. */
unsigned places_classes(const struct places *p, unsigned char *class_of);

/* The whole pattern; NULL with p->why and p->i at the place. */
struct node *rx_parse(struct rx_parser *p);

#endif
