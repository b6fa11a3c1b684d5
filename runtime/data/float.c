// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arithmetic on doubles with integers.  Portable, callable in any context; the longest loop, of the remainder, runs
 * some 2100 times.
 */
#include "data/data.h"
#include "data/float.h"
#include "data/float_parts.h"

static uint64_t shift_sticky(uint64_t m, uint32_t n)
{
	if (!n)
		return m;
	if (n > 63)
		return m != 0;
	return m >> n | ((m << (64 - n)) != 0);
}

static void normalize(struct float_parts *p)
{
	while (p->m && !(p->m >> TOP)) {
		p->m <<= 1;
		p->exp--;
	}
	p->zero = !p->m;
}

struct float_parts stp_fp_apart(int64_t a)
{
	uint64_t u = (uint64_t)a;
	struct float_parts p = { .sign = u >> 63, .exp = (int32_t)(u >> 52 & 0x7ff), .m = u & FRACTION };

	if (p.exp == 0x7ff) {
		p.nan = p.m != 0;
		p.inf = !p.nan;
		return p;
	}
	if (p.exp)
		p.m |= 1ULL << 52;
	else
		p.exp = 1;
	p.exp -= 1023;
	p.m <<= TOP - 52;
	normalize(&p);
	return p;
}

int64_t stp_fp_together(bool sign, int32_t exp, uint64_t m)
{
	uint64_t low;

	exp += 1023;
	if (!m)
		return zero(sign);
	if (exp >= 0x7ff)
		return infinity(sign);
	if (exp <= 0) {
		m = shift_sticky(m, (uint32_t)(1 - exp));
		exp = 0;
	}
	low = m & 0x3ff;
	m >>= 10;
	if (low > 0x200 || (low == 0x200 && (m & 1)))
		m++;
	if (exp)	/* the carry of rounding goes into the exponent by itself */
		m += ((uint64_t)exp << 52) - (1ULL << 52);
	return (int64_t)(m | (sign ? SIGN : 0));
}

static int64_t add(struct float_parts a, struct float_parts b)
{
	struct float_parts t;

	if (a.inf || b.inf)
		return a.inf && b.inf && a.sign != b.sign ? (int64_t)NOT_A_NUMBER :
		       infinity(a.inf ? a.sign : b.sign);
	if (a.zero && b.zero)
		return zero(a.sign && b.sign);
	if (a.zero || (!b.zero && (b.exp > a.exp || (b.exp == a.exp && b.m > a.m)))) {
		t = a;
		a = b;
		b = t;
	}
	b.m = b.zero ? 0 : shift_sticky(b.m, (uint32_t)(a.exp - b.exp));
	if (a.sign != b.sign) {
		a.m -= b.m;
		normalize(&a);
		return a.zero ? zero(false) : stp_fp_together(a.sign, a.exp, a.m);
	}
	a.m += b.m;
	if (a.m >> 63) {
		a.m = shift_sticky(a.m, 1);
		a.exp++;
	}
	return stp_fp_together(a.sign, a.exp, a.m);
}

int64_t stp_fp_add(int64_t a, int64_t b)
{
	struct float_parts x = stp_fp_apart(a), y = stp_fp_apart(b);

	return x.nan || y.nan ? (int64_t)NOT_A_NUMBER : add(x, y);
}

int64_t stp_fp_sub(int64_t a, int64_t b)
{
	return stp_fp_add(a, (int64_t)((uint64_t)b ^ SIGN));
}

int64_t stp_fp_mul(int64_t a, int64_t b)
{
	struct float_parts x = stp_fp_apart(a), y = stp_fp_apart(b);
	bool sign = x.sign != y.sign;
	unsigned __int128 p;
	uint64_t m;

	if (x.nan || y.nan || (x.inf && y.zero) || (x.zero && y.inf))
		return (int64_t)NOT_A_NUMBER;
	if (x.inf || y.inf)
		return infinity(sign);
	if (x.zero || y.zero)
		return zero(sign);
	p = (unsigned __int128)x.m * y.m;		/* first bit: 124 or 125 */
	m = (uint64_t)(p >> TOP) | ((uint64_t)p << 2 != 0);
	if (m >> 63)
		return stp_fp_together(sign, x.exp + y.exp + 1, shift_sticky(m, 1));
	return stp_fp_together(sign, x.exp + y.exp, m);
}

int64_t stp_fp_div(int64_t a, int64_t b)
{
	struct float_parts x = stp_fp_apart(a), y = stp_fp_apart(b);
	bool sign = x.sign != y.sign;
	uint64_t q = 0;
	int i;

	if (x.nan || y.nan || (x.inf && y.inf) || (x.zero && y.zero))
		return (int64_t)NOT_A_NUMBER;
	if (x.inf || y.zero)
		return infinity(sign);
	if (x.zero || y.inf)
		return zero(sign);
	if (x.m < y.m) {
		x.m <<= 1;
		x.exp--;
	}
	for (i = 0; i <= TOP; i++) {
		q <<= 1;
		if (x.m >= y.m) {
			x.m -= y.m;
			q |= 1;
		}
		x.m <<= 1;
	}
	return stp_fp_together(sign, x.exp - y.exp, q | (x.m != 0));
}

int64_t stp_fp_rem(int64_t a, int64_t b)
{
	struct float_parts x = stp_fp_apart(a), y = stp_fp_apart(b);
	bool odd = false;
	int32_t n = x.exp - y.exp;

	if (x.nan || y.nan || x.inf || y.zero)
		return (int64_t)NOT_A_NUMBER;
	if (x.zero || y.inf || n < -1)
		return a;
	if (n == -1) {		/* less than b, perhaps more than half of it */
		x.m >>= 1;	/* ten bits are free */
	} else {
		for (; ; n--) {
			odd = x.m >= y.m;
			if (odd)
				x.m -= y.m;
			if (!n)
				break;
			x.m <<= 1;
		}
	}
	x.exp = y.exp;
	if (x.m > y.m - x.m || (x.m == y.m - x.m && odd)) {
		x.m = y.m - x.m;
		x.sign = !x.sign;
	}
	normalize(&x);
	return x.zero ? zero(a < 0) : stp_fp_together(x.sign, x.exp, x.m);
}

int64_t stp_fp_sqrt(int64_t a)
{
	struct float_parts x = stp_fp_apart(a);
	uint64_t root = 0, rest = 0, m;
	int i;

	if (x.nan || (x.sign && !x.zero))
		return (int64_t)NOT_A_NUMBER;
	if (x.zero || x.inf)
		return a;
	m = x.m << (x.exp & 1);		/* two bits in front of the point, 62 behind it */
	for (i = 0; i < 55; i++) {
		rest = rest << 2 | m >> 62;
		m <<= 2;
		root <<= 1;
		if (rest > 2 * root) {
			rest -= 2 * root + 1;
			root |= 1;
		}
	}
	return stp_fp_together(false, (x.exp - (x.exp & 1)) / 2, root << 8 | (rest || m));
}

/* ---- comparing ---- */

static bool is_nan(int64_t a)
{
	return ((uint64_t)a & ~SIGN) > INFINITY_BITS;
}

/* As integers that are in the order of the numbers; both zeros are 0. */
static int64_t in_order(int64_t a)
{
	return a < 0 ? -(int64_t)((uint64_t)a & ~SIGN) : a;
}

bool stp_fp_eq(int64_t a, int64_t b)
{
	return !is_nan(a) && !is_nan(b) && in_order(a) == in_order(b);
}

bool stp_fp_lt(int64_t a, int64_t b)
{
	return !is_nan(a) && !is_nan(b) && in_order(a) < in_order(b);
}

bool stp_fp_le(int64_t a, int64_t b)
{
	return !is_nan(a) && !is_nan(b) && in_order(a) <= in_order(b);
}

/* ---- from and to integers ---- */

int64_t stp_fp_from_long(int64_t n)
{
	struct float_parts p = { .sign = n < 0, .exp = TOP, .m = n < 0 ? -(uint64_t)n : (uint64_t)n };

	if (p.m >> 63)		/* INT64_MIN */
		return stp_fp_together(true, TOP + 1, p.m >> 1);
	normalize(&p);
	return stp_fp_together(p.sign, p.exp, p.m);
}

int64_t stp_fp_from_single(int64_t bits)
{
	uint32_t u = (uint32_t)bits;
	struct float_parts p = { .sign = u >> 31, .exp = (int32_t)(u >> 23 & 0xff), .m = u & 0x7fffff };

	if (p.exp == 0xff)
		return p.m ? (int64_t)NOT_A_NUMBER : infinity(p.sign);
	if (p.exp)
		p.m |= 1 << 23;
	else
		p.exp = 1;
	p.exp -= 127;
	p.m <<= TOP - 23;
	normalize(&p);
	return p.zero ? zero(p.sign) : stp_fp_together(p.sign, p.exp, p.m);
}

static bool rounds_up(const struct float_parts *p, uint64_t whole, uint64_t rest, uint64_t half, int64_t round)
{
	switch (round) {
	case STP_FP_ZERO:	return false;
	case STP_FP_DOWN:	return p->sign && rest;
	case STP_FP_UP:		return !p->sign && rest;
	case STP_FP_AWAY:	return rest >= half;
	case STP_FP_ODD:	return rest && !(whole & 1);
	default:		return rest > half || (rest == half && (whole & 1));
	}
}

int64_t stp_fp_to_long(int64_t a, int64_t round)
{
	struct float_parts p = stp_fp_apart(a);
	uint64_t whole, rest = 0, half = 1ULL << 63;

	if (p.nan || p.zero)
		return 0;
	if (p.inf || p.exp > TOP)
		return p.sign ? (int64_t)SIGN : (int64_t)(SIGN - 1);
	if (p.exp == TOP) {
		whole = p.m;
	} else if (p.exp < -1) {	/* below a quarter */
		whole = 0;
		rest = 1;
	} else {
		whole = p.m >> (TOP - p.exp);
		rest = p.m << (64 - (TOP - p.exp));
	}
	whole += rounds_up(&p, whole, rest, half, round);
	return p.sign ? -(int64_t)whole : (int64_t)whole;
}
