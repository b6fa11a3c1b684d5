// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arithmetic on doubles with integers.  A number is taken apart into sign, exponent and a fraction whose
 * first bit is bit 62, which leaves ten bits to round by; bits lost below are kept as one sticky bit.
 * Portable, callable in any context; the longest loop, of the remainder, runs some 2100 times.
 */
#include "data/data.h"
#include "data/float.h"

#define SIGN (1ULL << 63)
#define FRACTION ((1ULL << 52) - 1)
#define INFINITY_BITS (0x7ffULL << 52)
#define NOT_A_NUMBER (INFINITY_BITS | 1ULL << 51)
#define TOP 62			/* where the first bit of a fraction is */

struct parts {
	bool sign;
	bool zero, inf, nan;
	int32_t exp;		/* value: m * 2^(exp - TOP) */
	uint64_t m;
};

static uint64_t shift_sticky(uint64_t m, uint32_t n)
{
	if (!n)
		return m;
	if (n > 63)
		return m != 0;
	return m >> n | ((m << (64 - n)) != 0);
}

static void normalize(struct parts *p)
{
	while (p->m && !(p->m >> TOP)) {
		p->m <<= 1;
		p->exp--;
	}
	p->zero = !p->m;
}

static struct parts take_apart(int64_t a)
{
	uint64_t u = (uint64_t)a;
	struct parts p = { .sign = u >> 63, .exp = (int32_t)(u >> 52 & 0x7ff), .m = u & FRACTION };

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

static int64_t zero(bool sign)
{
	return (int64_t)(sign ? SIGN : 0);
}

static int64_t infinity(bool sign)
{
	return (int64_t)(INFINITY_BITS | (sign ? SIGN : 0));
}

/* The first bit of M is TOP, or M is 0. */
static int64_t put_together(bool sign, int32_t exp, uint64_t m)
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

static int64_t add(struct parts a, struct parts b)
{
	struct parts t;

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
		return a.zero ? zero(false) : put_together(a.sign, a.exp, a.m);
	}
	a.m += b.m;
	if (a.m >> 63) {
		a.m = shift_sticky(a.m, 1);
		a.exp++;
	}
	return put_together(a.sign, a.exp, a.m);
}

int64_t stp_fp_add(int64_t a, int64_t b)
{
	struct parts x = take_apart(a), y = take_apart(b);

	return x.nan || y.nan ? (int64_t)NOT_A_NUMBER : add(x, y);
}

int64_t stp_fp_sub(int64_t a, int64_t b)
{
	return stp_fp_add(a, (int64_t)((uint64_t)b ^ SIGN));
}

int64_t stp_fp_mul(int64_t a, int64_t b)
{
	struct parts x = take_apart(a), y = take_apart(b);
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
		return put_together(sign, x.exp + y.exp + 1, shift_sticky(m, 1));
	return put_together(sign, x.exp + y.exp, m);
}

int64_t stp_fp_div(int64_t a, int64_t b)
{
	struct parts x = take_apart(a), y = take_apart(b);
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
	return put_together(sign, x.exp - y.exp, q | (x.m != 0));
}

int64_t stp_fp_rem(int64_t a, int64_t b)
{
	struct parts x = take_apart(a), y = take_apart(b);
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
	return x.zero ? zero(a < 0) : put_together(x.sign, x.exp, x.m);
}

int64_t stp_fp_sqrt(int64_t a)
{
	struct parts x = take_apart(a);
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
	return put_together(false, (x.exp - (x.exp & 1)) / 2, root << 8 | (rest || m));
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
	struct parts p = { .sign = n < 0, .exp = TOP, .m = n < 0 ? -(uint64_t)n : (uint64_t)n };

	if (p.m >> 63)		/* INT64_MIN */
		return put_together(true, TOP + 1, p.m >> 1);
	normalize(&p);
	return put_together(p.sign, p.exp, p.m);
}

int64_t stp_fp_from_single(int64_t bits)
{
	uint32_t u = (uint32_t)bits;
	struct parts p = { .sign = u >> 31, .exp = (int32_t)(u >> 23 & 0xff), .m = u & 0x7fffff };

	if (p.exp == 0xff)
		return p.m ? (int64_t)NOT_A_NUMBER : infinity(p.sign);
	if (p.exp)
		p.m |= 1 << 23;
	else
		p.exp = 1;
	p.exp -= 127;
	p.m <<= TOP - 23;
	normalize(&p);
	return p.zero ? zero(p.sign) : put_together(p.sign, p.exp, p.m);
}

static bool rounds_up(const struct parts *p, uint64_t whole, uint64_t rest, uint64_t half, int64_t round)
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
	struct parts p = take_apart(a);
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

/* ---- large numbers, for decimal digits ---- */

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
		return put_together(sign, top, big_head(a, top) | more);
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
	return put_together(sign, top, q | !big_zero(a) | more);
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
	struct parts p = take_apart(a);
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
