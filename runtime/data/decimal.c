// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Doubles from and to decimal digits, exact and rounded once, by integers of 1152 bits.  Portable, callable in any
 * context; loops are bounded by the exponents there are.
 */
#include "data/data.h"
#include "data/float.h"
#include "data/float_parts.h"

/* ---- large numbers ---- */

enum { WORDS = 36 };		/* 1152 bits: 2^1024 and 2^-1074 each fit */

static void big_mul_add(uint32_t *v, uint32_t by, uint32_t carry)
{
	int i;

	for (i = 0; i < WORDS; i++) {
		uint64_t p = (uint64_t)v[i] * by + carry;

		v[i] = (uint32_t)p;
		carry = (uint32_t)(p >> 32);
	}
}

/* What goes out at the top. */
static uint32_t big_mul(uint32_t *v, uint32_t by)
{
	uint32_t carry = 0;
	int i;

	for (i = 0; i < WORDS; i++) {
		uint64_t p = (uint64_t)v[i] * by + carry;

		v[i] = (uint32_t)p;
		carry = (uint32_t)(p >> 32);
	}
	return carry;
}

static bool big_zero(const uint32_t *v)
{
	int i;

	for (i = 0; i < WORDS; i++)
		if (v[i])
			return false;
	return true;
}

static int big_top(const uint32_t *v)		/* number of the first bit, -1: none */
{
	int i;

	for (i = WORDS * 32 - 1; i >= 0 && !(v[i / 32] >> (i % 32) & 1); i--)
		;
	return i;
}

static bool big_less(const uint32_t *a, const uint32_t *b)
{
	int i;

	for (i = WORDS - 1; i > 0 && a[i] == b[i]; i--)
		;
	return a[i] < b[i];
}

static void big_sub(uint32_t *a, const uint32_t *b)
{
	uint32_t borrow = 0;
	int i;

	for (i = 0; i < WORDS; i++) {
		uint64_t d = (uint64_t)a[i] - b[i] - borrow;

		a[i] = (uint32_t)d;
		borrow = d >> 63;
	}
}

static void big_shift(uint32_t *v, int n)	/* to the left */
{
	int words = n / 32, bits = n % 32, i;

	for (i = WORDS - 1; i >= 0; i--) {
		uint64_t high = i >= words ? v[i - words] : 0, low = i > words ? v[i - words - 1] : 0;

		v[i] = (uint32_t)((high << 32 | low) >> (32 - bits));
	}
}

/* The 63 bits from bit TOP on downwards, and whether there are others. */
static uint64_t big_head(const uint32_t *v, int top)
{
	uint64_t m = 0;
	bool sticky = false;
	int i;

	for (i = top; i >= 0; i--) {
		bool bit = v[i / 32] >> (i % 32) & 1;

		if (top - i <= TOP)
			m = m << 1 | bit;
		else
			sticky |= bit;
	}
	return (top < TOP ? m << (TOP - top) : m) | sticky;
}

/* ---- from decimal ---- */

/* digits * 10^exp10, exactly rounded.  MORE: there were digits behind these. */
static int64_t from_decimal(bool sign, uint64_t digits, bool more, int32_t exp10)
{
	uint32_t a[WORDS] = { (uint32_t)digits, (uint32_t)(digits >> 32) }, b[WORDS] = { 1 };
	uint64_t q = 0;
	int top, i;

	if (!digits || exp10 < -345)
		return zero(sign);
	if (exp10 > 310)
		return infinity(sign);
	for (i = 0; i < exp10; i++)
		big_mul_add(a, 10, 0);
	if (exp10 >= 0) {
		top = big_top(a);
		return stp_fp_together(sign, top, big_head(a, top) | more);
	}
	for (i = 0; i < -exp10; i++)
		big_mul_add(b, 10, 0);
	/* both with their first bit in one place: the quotient is within 1/2 and 2 */
	top = big_top(a) - big_top(b);
	big_shift(top < 0 ? a : b, top < 0 ? -top : top);
	if (big_less(a, b)) {
		big_shift(a, 1);
		top--;
	}
	for (i = 0; i <= TOP; i++) {
		q <<= 1;
		if (!big_less(a, b)) {
			big_sub(a, b);
			q |= 1;
		}
		big_shift(a, 1);
	}
	return stp_fp_together(sign, top, q | !big_zero(a) | more);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool word_at(const char *s, const char *word)
{
	for (; *word; word++, s++)
		if ((*s | 0x20) != *word)
			return false;
	return true;
}

static int32_t parse_exponent(const char *s)
{
	bool negative = *s == '-';
	int32_t n = 0;

	s += *s == '-' || *s == '+';
	for (; is_digit(*s) && n < 100000; s++)
		n = n * 10 + (*s - '0');
	return negative ? -n : n;
}

int64_t stp_fp_parse(const char *s)
{
	uint64_t digits = 0;
	int32_t exp10 = 0;
	bool negative, point = false, more = false;

	while (*s == ' ' || *s == '\t' || *s == '\n')
		s++;
	negative = *s == '-';
	s += *s == '-' || *s == '+';
	if (word_at(s, "inf"))
		return infinity(negative);
	if (word_at(s, "nan"))
		return (int64_t)NOT_A_NUMBER;
	for (; is_digit(*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
		} else if (digits >= 1000000000000000000ULL) {	/* 19 digits are enough */
			more |= *s != '0';
			exp10 += !point;
		} else {
			digits = digits * 10 + (uint64_t)(*s - '0');
			exp10 -= point;
		}
	}
	if (*s == 'e' || *s == 'E')
		exp10 += parse_exponent(s + 1);
	return from_decimal(negative, digits, more, exp10);
}

/* ---- to decimal ---- */

struct decimal {
	char *to;
	uint32_t size, n;	/* characters so far; size has room for the NUL */
};

static void put_decimal(struct decimal *d, char c)
{
	if (d->n + 1 < d->size)
		d->to[d->n++] = c;
}

/* V's digits: 2^1024 has 309. */
static void put_whole(struct decimal *d, uint32_t *v)
{
	char digits[320];
	int n = 0, i;

	do {
		uint64_t rest = 0;

		for (i = WORDS - 1; i >= 0; i--) {
			rest = rest << 32 | v[i];
			v[i] = (uint32_t)(rest / 10);
			rest %= 10;
		}
		digits[n++] = (char)('0' + rest);
	} while (!big_zero(v) && n < (int)sizeof(digits));
	while (n)
		put_decimal(d, digits[--n]);
}

/* One more in the last place; a digit in front when all were 9. */
static void round_last(struct decimal *d, uint32_t first)
{
	uint32_t i = d->n;

	while (i > first) {
		char *c = &d->to[--i];

		if (*c == '.')
			continue;
		if (*c != '9') {
			++*c;
			return;
		}
		*c = '0';
	}
	put_decimal(d, '0');
	for (i = d->n - 1; i > first; i--)
		d->to[i] = d->to[i - 1];
	d->to[first] = '1';
}

static void put_word(struct decimal *d, const char *s)
{
	while (*s)
		put_decimal(d, *s++);
	d->to[d->n] = '\0';
}

void stp_fp_print(char *to, uint32_t size, int64_t a, int64_t precision)
{
	struct float_parts p = stp_fp_apart(a);
	struct decimal d = { to, size, 0 };
	uint32_t whole[WORDS] = { 0 }, part[WORDS] = { 0 }, first, last = 0;
	uint64_t m = p.m >> 10;		/* 53 bits: value is m * 2^(exp - 52) */
	int i;

	if (p.sign && !p.nan)
		put_decimal(&d, '-');
	first = d.n;
	if (p.nan || p.inf) {
		put_word(&d, p.nan ? "nan" : "inf");
		return;
	}
	for (i = 0; i < 53 && !p.zero; i++) {
		int bit = p.exp - 52 + i;	/* of weight 2^bit */

		if (!(m >> i & 1))
			continue;
		if (bit >= 0)
			whole[bit / 32] |= 1u << (bit % 32);
		else
			part[(WORDS * 32 + bit) / 32] |= 1u << ((WORDS * 32 + bit) % 32);
	}
	last = whole[0];
	put_whole(&d, whole);
	if (precision > 0)
		put_decimal(&d, '.');
	for (; precision > 0 && d.n + 1 < size; precision--) {
		last = big_mul(part, 10);
		put_decimal(&d, (char)('0' + last));
	}
	/* the rest against one half, ties to even */
	if (precision <= 0 && part[WORDS - 1] >> 31) {
		part[WORDS - 1] &= 0x7fffffff;
		if (!big_zero(part) || (last & 1))
			round_last(&d, first);
	}
	d.to[d.n] = '\0';
}
