/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the room: the tree that parse.c makes of a pattern, which dfa.c turns into tables. */
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

enum node_kind { RX_SET, RX_SEQ, RX_ALT, RX_REPEAT, RX_START, RX_END };

struct node {
	enum node_kind kind;
	struct byte_set set;		/* RX_SET */
	VEC(struct node *) kids;	/* RX_SEQ, RX_ALT; RX_REPEAT: one */
	int min, max;			/* RX_REPEAT; max -1 = no end */
};

struct rx_parser {
	struct arena *a;
	const char *s;
	size_t n, i;
	unsigned depth, groups;
	const char *why;		/* set by the first error */
};

/* The whole pattern; NULL with p->why and p->i at the place. */
struct node *rx_parse(struct rx_parser *p);

#endif
