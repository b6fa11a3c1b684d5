/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The right side of `=~`: a POSIX extended regular expression as a table automaton over bytes,
 * so that matching in a probe is one look-up a byte, without memory, recursion or a budget.
 *
 * struct regex answers whether a string matches anywhere; struct regex_capture where, and what the
 * groups matched, with a look-up and a few moves of registers a byte for each position that is tried.
 */
#ifndef REGEX_REGEX_H
#define REGEX_REGEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define REGEX_STATES_MAX 2000

#define REGEX_ACCEPT	1	/* matched, whatever follows */
#define REGEX_ACCEPT_END 2	/* matched if the string ends here */
#define REGEX_DEAD	4	/* cannot match any more */

struct regex {
	unsigned groups;		/* number of ( ) pairs */
	unsigned nclasses;
	unsigned char class_of[256];	/* byte to class; bytes of one class are alike */
	unsigned nstates;		/* state 0 is the start */
	uint16_t *next;			/* [state * nclasses + class] */
	unsigned char *flags;		/* REGEX_*, one per state */
};

/*
 * Compile the N bytes of PATTERN.  False: *WHY says what is wrong, *WHERE at which byte.
 * Syntax: regex(7) without collating elements and back references; \w \W \s \S as egrep has them.
 * `.` is any byte: a character of UTF-8 is as many as it has.
 */
bool regex_compile(struct arena *a, const char *pattern, size_t n, struct regex *ret,
		   const char **why, size_t *where);

#define REGEX_NOWHERE	0xffff		/* for a state: no match any more */
#define REGEX_NONE	0xffffffffu	/* for moves: this is no match */
#define REGEX_HERE	255		/* for a register: the position itself */
#define REGEX_UNSET	254		/* the group did not take part */

struct regex_capture {
	unsigned groups;
	unsigned nclasses, nstates, nmoves, maxregs;
	unsigned char class_of[256];
	unsigned start[2], start_move[2];	/* state to begin with: at position 0, elsewhere */
	uint16_t *next;			/* [state * nclasses + class], REGEX_NOWHERE */
	uint32_t *move;			/* the same: where in moves[] it is said where each register of
					 * the next state comes from */
	uint32_t *accept, *accept_end;	/* by state: where in moves[] the tags of the match are, in the
					 * middle and at the end of the string; REGEX_NONE */
	unsigned char *nregs;		/* by state */
	unsigned char *moves;		/* registers, REGEX_HERE, REGEX_UNSET */
};

/* Of a pattern that regex_compile() takes; false: *WHY says what makes it too large. */
bool regex_capture_compile(struct arena *a, const char *pattern, size_t n, struct regex_capture *ret,
			   const char **why);
/* POS: begin and end of the match and of each group, -1 for a group that did not take part. */
bool regex_capture_match(const struct regex_capture *r, const char *s, size_t n, int *pos);

/* Does S match?  What the loop in the runtime does, for constant folding and tests. */
bool regex_match(const struct regex *r, const char *s, size_t n);

#endif
