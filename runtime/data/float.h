/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IEEE 754 doubles as 64-bit patterns, worked on with integers: the kernel does not touch floating
 * point registers.  Results are rounded to nearest, ties to even; a quiet NaN stands for what is no number.
 */
#ifndef STP_FLOAT_H
#define STP_FLOAT_H

int64_t stp_fp_add(int64_t a, int64_t b);
int64_t stp_fp_sub(int64_t a, int64_t b);
int64_t stp_fp_mul(int64_t a, int64_t b);
int64_t stp_fp_div(int64_t a, int64_t b);
int64_t stp_fp_rem(int64_t a, int64_t b);	/* a - b * (a / b rounded to nearest) */
int64_t stp_fp_sqrt(int64_t a);
/* NaN is neither equal to, nor below, anything. */
bool stp_fp_eq(int64_t a, int64_t b);
bool stp_fp_lt(int64_t a, int64_t b);
bool stp_fp_le(int64_t a, int64_t b);
int64_t stp_fp_from_long(int64_t n);
int64_t stp_fp_from_single(int64_t bits);	/* of the low 32 bits, a float */

enum stp_fp_round { STP_FP_EVEN, STP_FP_ZERO, STP_FP_DOWN, STP_FP_UP, STP_FP_AWAY, STP_FP_ODD = 6 };
/* Out of range: the nearest that fits; NaN: 0. */
int64_t stp_fp_to_long(int64_t a, int64_t round);

/* -12.5e-3, inf, nan; what follows the number is passed over, 0 when there is none. */
int64_t stp_fp_parse(const char *s);
/* With PRECISION digits behind the point, exact up to there and rounded. */
void stp_fp_print(char *to, uint32_t size, int64_t a, int64_t precision);

#endif
