/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runtime/data/float.c and decimal.c against the machine's own floating point, on patterns of all kinds. */
#include <fenv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stp.h"
#include "data/float.h"

static int failures;
static uint64_t state = 88172645463325252ull;

static uint64_t random64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static double as_double(int64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static int64_t as_bits(double d)
{
	int64_t bits;

	memcpy(&bits, &d, sizeof(d));
	return bits;
}

/* Often near each other, near the ends of the range, or special. */
static int64_t pattern(int64_t near)
{
	static const uint64_t special[] = {
		0, 1, 1ull << 63, 0x7ffull << 52, 0xfffull << 52, 0x7ff8ull << 48, 0x3ffull << 52,
		0x000fffffffffffffull, 0x0010000000000000ull, 0x7fefffffffffffffull, 0x43e0000000000000ull,
	};
	uint64_t r = random64();

	switch (r % 6) {
	case 0: return (int64_t)special[r / 6 % (sizeof(special) / sizeof(*special))];
	case 1: return near ^ (int64_t)(r >> 40);
	case 2: return near ^ (int64_t)(r << 63);
	case 3: return as_bits((double)(int64_t)(random64() >> (r / 6 % 64)));
	default: return (int64_t)random64();
	}
}

static void check(const char *what, int64_t a, int64_t b, int64_t got, double want)
{
	if (got == as_bits(want) || (isnan(as_double(got)) && isnan(want)))
		return;
	if (failures++ < 20)
		printf("not ok fp_%s: %a and %a: wanted %a, got %a\n", what, as_double(a), as_double(b), want,
		       as_double(got));
}

static void check_long(const char *what, int64_t a, int64_t got, int64_t want)
{
	if (got == want)
		return;
	if (failures++ < 20)
		printf("not ok fp_%s: %a: wanted %" PRId64 ", got %" PRId64 "\n", what, as_double(a), want, got);
}

static int64_t rounded(double d, int mode)
{
	double r = mode == STP_FP_ZERO ? trunc(d) : mode == STP_FP_DOWN ? floor(d) : mode == STP_FP_UP ? ceil(d) :
		   mode == STP_FP_AWAY ? round(d) : rint(d);

	if (isnan(d))
		return 0;
	return r >= 0x1p63 ? INT64_MAX : r < -0x1p63 ? INT64_MIN : (int64_t)r;
}

static void check_text(int64_t a)
{
	char got[512], want[1200];
	unsigned precision = (unsigned)(random64() % 40);

	if (isnan(as_double(a)))
		return;
	stp_fp_print(got, sizeof(got), a, precision);
	snprintf(want, sizeof(want), "%.*f", (int)precision, as_double(a));
	if (strcmp(got, want) && failures++ < 20)
		printf("not ok fp_to_string: wanted %s, got %s\n", want, got);
	snprintf(want, sizeof(want), "%.*e", (int)(random64() % 25), as_double(a));
	check("parse", a, 0, stp_fp_parse(want), strtod(want, NULL));
}

static void check_pair(int64_t a, int64_t b)
{
	double x = as_double(a), y = as_double(b);
	uint32_t single = (uint32_t)random64();
	float f;

	memcpy(&f, &single, sizeof(f));
	check("add", a, b, stp_fp_add(a, b), x + y);
	check("sub", a, b, stp_fp_sub(a, b), x - y);
	check("mul", a, b, stp_fp_mul(a, b), x * y);
	check("div", a, b, stp_fp_div(a, b), x / y);
	if (remainder(x, y) != 0)	/* the C library's zero has a wrong sign with small divisors */
		check("rem", a, b, stp_fp_rem(a, b), remainder(x, y));
	else
		check("rem", a, b, stp_fp_rem(a, b), x < 0 ? -0.0 : x == 0 ? x : 0.0);
	check("sqrt", a, 0, stp_fp_sqrt(a), sqrt(x));
	check("from_long", a, 0, stp_fp_from_long(a), (double)a);
	check("from_single", single, 0, stp_fp_from_single(single), (double)f);
	check_long("eq", a, stp_fp_eq(a, b), x == y);
	check_long("lt", a, stp_fp_lt(a, b), x < y);
	check_long("le", a, stp_fp_le(a, b), x <= y);
	for (int mode = STP_FP_EVEN; mode <= STP_FP_AWAY; mode++)
		check_long("to_long", a, stp_fp_to_long(a, mode), rounded(x, mode));
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	int64_t last = as_bits(1.5);

	for (unsigned long i = 0; i < rounds; i++) {
		int64_t a = pattern(last), b = pattern(a);

		check_pair(a, b);
		if (i % 16 == 0)
			check_text(a);
		last = b;
	}
	check_text(as_bits(0.5));
	check_text(as_bits(9.9999999));
	check_text(as_bits(1e308));
	printf("%sok floating point by integers\n", failures ? "not " : "");
	return failures > 0;
}
