/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A double taken apart into sign, exponent and a fraction whose first bit is bit 62, which leaves ten bits to round
 * by; bits lost below are kept as one sticky bit.  For float.c and decimal.c.
 */
#ifndef STP_FLOAT_PARTS_H
#define STP_FLOAT_PARTS_H

#include "data/data.h"

#define SIGN (1ULL << 63)
#define FRACTION ((1ULL << 52) - 1)
#define INFINITY_BITS (0x7ffULL << 52)
#define NOT_A_NUMBER (INFINITY_BITS | 1ULL << 51)
#define TOP 62			/* where the first bit of a fraction is */

struct float_parts {
	bool sign;
	bool zero, inf, nan;
	int32_t exp;		/* value: m * 2^(exp - TOP) */
	uint64_t m;
};

static inline int64_t zero(bool sign)
{
	return (int64_t)(sign ? SIGN : 0);
}

static inline int64_t infinity(bool sign)
{
	return (int64_t)(INFINITY_BITS | (sign ? SIGN : 0));
}

struct float_parts stp_fp_apart(int64_t a);
/* The first bit of M is TOP, or M is 0. */
int64_t stp_fp_together(bool sign, int32_t exp, uint64_t m);

#endif
