/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The right side of `=~`: a POSIX extended regular expression as a table automaton over bytes,
 * so that matching in a probe is one look-up a byte, without memory, recursion or a budget.
 *
 * Answers whether a string matches anywhere; where, and what the groups matched, it does not.
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

/* Does S match?  What the loop in the runtime does, for constant folding and tests. */
bool regex_match(const struct regex *r, const char *s, size_t n);

#endif
