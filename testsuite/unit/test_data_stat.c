// SPDX-License-Identifier: GPL-2.0-or-later
/* Aggregates and histograms, against the printed examples of stap(1) and the language reference. */
#include <stdio.h>
#include <string.h>

#include "data/map.h"
#include "test_data.h"

static const uint8_t keys_n[] = { STP_LONG };

static void add(struct stp_map *m, int64_t v, int times)
{
	while (times--)
		stp_stat_add(&ctx, m, NULL, v);
}

static int64_t get(struct stp_map *m, enum stp_stat_op op)
{
	return stp_stat_get(&ctx, m, NULL, op);
}

static void test_scalar(void)
{
	struct stp_global g = { .name = "s", .type = STP_STATS };
	struct stp_map *m = make(&g);

	want_number("empty count", 0, get(m, STP_COUNT));
	want_number("empty sum", 0, get(m, STP_SUM));
	want_number("no error", 1, !ctx.error);
	get(m, STP_MIN);
	want_text("empty min", "empty aggregate", ctx.error_text);
	forget_error();
	add(m, 5, 1);
	add(m, -3, 2);
	want_number("count", 3, get(m, STP_COUNT));
	want_number("sum", -1, get(m, STP_SUM));
	want_number("min", -3, get(m, STP_MIN));
	want_number("max", 5, get(m, STP_MAX));
	want_number("avg", 0, get(m, STP_AVG));
	stp_map_del(&ctx, m, NULL);
	want_number("deleted", 0, get(m, STP_COUNT));
	add(m, -10, 1);
	want_number("max after deletion", -10, get(m, STP_MAX));
	stp_map_clear(&ctx, m);
	add(m, INT64_MAX, 2);
	want_number("sum wraps", -2, get(m, STP_SUM));
	stp_map_destroy(&g);
}

/* What two have counted apart is what one would have counted. */
static void test_take(void)
{
	struct stp_global g = { .name = "whole", .type = STP_STATS, .hist = 1 }, h = g;
	struct stp_map *whole = make(&g), *part = make(&h);
	struct stp_stat *to = (struct stp_stat *)stp_element_value(whole, stp_map_element(whole, 0));
	struct stp_stat *from = (struct stp_stat *)stp_element_value(part, stp_map_element(part, 0));

	stp_stat_take(whole, to, from);
	want_number("nothing of nothing", 0, get(whole, STP_COUNT));
	add(part, -7, 2);
	stp_stat_take(whole, to, from);
	want_number("all of it", -14, get(whole, STP_SUM));
	want_number("max of the first", -7, get(whole, STP_MAX));
	want_number("the part is empty", 0, get(part, STP_COUNT));
	add(part, 100, 3);
	add(whole, 5, 1);
	stp_stat_take(whole, to, from);
	want_number("count of both", 6, get(whole, STP_COUNT));
	want_number("min of both", -7, get(whole, STP_MIN));
	want_number("max of both", 100, get(whole, STP_MAX));
	want_number("bucket of both", 3, stp_stat_bucket(&ctx, whole, NULL, STP_HIST_LOG_ZERO + 7));
	stp_map_destroy(&g);
	stp_map_destroy(&h);
}

static void test_variance(void)
{
	struct stp_global g = { .name = "v", .type = STP_STATS, .stat_ops = 1 << STP_VARIANCE };
	struct stp_map *m = make(&g);

	for (int i = 1; i <= 5; i++)
		add(m, i, 1);
	want_number("@variance of 1..5, stap(1)", 12, get(m, STP_VARIANCE));
	stp_map_destroy(&g);
	g.variance_shift = 1;
	m = make(&g);
	add(m, 1, 1);
	want_number("of one value", 0, get(m, STP_VARIANCE));
	for (int i = 2; i <= 5; i++)
		add(m, i, 1);
	want_number("@variance of 1..5 with a shift of 1, stap(1)", 2, get(m, STP_VARIANCE));
	stp_map_destroy(&g);
	g.variance_shift = 20;
	m = make(&g);
	for (int i = 0; i < 1000; i++)
		add(m, i % 2 ? 10 : 30, 1);
	want_number("exact enough with a shift of 20", 100, get(m, STP_VARIANCE));
	stp_map_destroy(&g);
}

static void test_array(void)
{
	struct stp_global g = { .name = "a", .type = STP_STATS, .nkeys = 1, .keys = keys_n };
	struct stp_map *m = make(&g);
	struct stp_iter it;
	union stp_val k;
	char line[64] = "";
	static const enum stp_stat_op ops[] = { STP_COUNT, STP_SUM, STP_MIN, STP_MAX, STP_AVG };

	for (k.n = 1; k.n <= 3; k.n++)		/* 1: 3 times 10; 2: 2 times 40; 3: once 5 */
		for (int i = k.n; i <= 3; i++)
			stp_stat_add(&ctx, m, &k, k.n == 1 ? 10 : k.n == 2 ? 40 : 5);
	for (size_t i = 0; i < 5; i++) {
		stp_iter_begin(&ctx, &it, m, STP_SORT_VALUE, -1, ops[i], -1, NULL, NULL);
		while (stp_iter_next(&ctx, &it))
			sprintf(line + strlen(line), "%d", (int)stp_iter_key(&it, 0));
		stp_iter_end(&ctx, &it);
		strcat(line, " ");
	}
	want_text("sorted by count, sum, min, max, avg", "123 213 213 213 213 ", line);
	k.n = 2;
	want_number("sum of an element", 80, stp_stat_get(&ctx, m, &k, STP_SUM));
	k.n = 9;
	stp_stat_get(&ctx, m, &k, STP_AVG);
	want_text("avg of a missing element", "empty aggregate", ctx.error_text);
	stp_map_destroy(&g);
}

static const char *table(struct stp_map *m)
{
	printed[0] = 0;
	stp_print_hist(&ctx, m, NULL);
	return printed;
}

#define HEAD "value |-------------------------------------------------- count\n"
#define AT50 "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
#define AT49 "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
#define __50 "                                                  "

/* Language reference, 8.4.1. */
static void test_linear(void)
{
	struct stp_global g = { .name = "h", .type = STP_STATS, .hist = STP_HIST_LINEAR, .hist_low = 0,
				.hist_high = 10240, .hist_width = 200 };
	struct stp_map *m = make(&g);
	char text[STRINGLEN];

	add(m, 0, 650);
	add(m, 199, 1000);
	add(m, 200, 8);
	add(m, 1599, 1);
	want_text("@hist_linear of the language reference", HEAD
		  "    0 |" AT50 " 1650\n"
		  "  200 |" __50 "    8\n"
		  "  400 |" __50 "    0\n"
		  "  600 |" __50 "    0\n"
		  "      ~\n"
		  " 1000 |" __50 "    0\n"
		  " 1200 |" __50 "    0\n"
		  " 1400 |" __50 "    1\n"
		  " 1600 |" __50 "    0\n"
		  " 1800 |" __50 "    0\n\n", table(m));
	stp_sprint_hist(&ctx, m, NULL, text);
	want_number("as text it is cut", STRINGLEN - 1, (int64_t)strlen(text));
	want_number("buckets", 54, stp_stat_nbuckets(m));
	want_number("bucket of 200", 8, stp_stat_bucket(&ctx, m, NULL, 2));
	stp_stat_bucket(&ctx, m, NULL, 54);
	want_text("no such bucket", "histogram index 54 out of range: 0 to 53", ctx.error_text);
	stp_map_destroy(&g);
}

static void test_outside(void)
{
	struct stp_global g = { .name = "h", .type = STP_STATS, .hist = STP_HIST_LINEAR, .hist_low = -10,
				.hist_high = 10, .hist_width = 10 };
	struct stp_map *m = make(&g);

	add(m, -11, 1);
	add(m, INT64_MIN, 1);
	add(m, 10, 3);
	add(m, 19, 1);
	add(m, 20, 1);
	add(m, INT64_MAX, 3);
	want_text("below and above", HEAD
		  " <-10 |@@                                                 2\n"
		  "  -10 |" __50 " 0\n"
		  "    0 |" __50 " 0\n"
		  "   10 |@@@@                                               4\n"
		  "  >10 |@@@@                                               4\n\n", table(m));
	stp_map_destroy(&g);
	g.hist_width = 0;
	want_number("no width", -22, stp_map_create(&g, 8, STRINGLEN));
	g.hist_width = 1;
	g.hist_low = INT64_MIN;
	want_number("too many buckets", -22, stp_map_create(&g, 8, STRINGLEN));
}

/* Language reference, 8.4.2. */
static void test_log(void)
{
	struct stp_global g = { .name = "h", .type = STP_STATS, .hist = STP_HIST_LOG };
	struct stp_map *m = make(&g);

	add(m, 32, 254);
	add(m, 127, 3);
	add(m, 200, 2);
	add(m, 256, 2);
	add(m, 1023, 4);
	add(m, 1024, 16689);
	want_text("@hist_log of the language reference", HEAD
		  "    8 |" __50 "     0\n"
		  "   16 |" __50 "     0\n"
		  "   32 |" __50 "   254\n"
		  "   64 |" __50 "     3\n"
		  "  128 |" __50 "     2\n"
		  "  256 |" __50 "     2\n"
		  "  512 |" __50 "     4\n"
		  " 1024 |" AT49 "  16689\n"
		  " 2048 |" __50 "     0\n"
		  " 4096 |" __50 "     0\n\n", table(m));
	stp_map_destroy(&g);
	m = make(&g);
	add(m, 0, 1);
	add(m, -1, 1);
	add(m, -3, 2);
	add(m, INT64_MIN, 1);
	add(m, INT64_MAX, 1);
	want_number("bucket of 0", 1, stp_stat_bucket(&ctx, m, NULL, 64));
	want_number("bucket of -1", 1, stp_stat_bucket(&ctx, m, NULL, 63));
	want_number("bucket of -3", 2, stp_stat_bucket(&ctx, m, NULL, 62));
	want_number("first bucket", 1, stp_stat_bucket(&ctx, m, NULL, 0));
	want_number("last bucket", 1, stp_stat_bucket(&ctx, m, NULL, 127));
	want_number("all lines", 17, ({ int n = 0; for (const char *p = table(m); *p; p++) n += *p == '\n'; n; }));
	want_number("the widest label", 1, strstr(printed, "\n-9223372036854775808 |@") != NULL);
	stp_map_destroy(&g);
	m = make(&g);
	table(m);
	want_text("nothing to show", "empty aggregate", ctx.error_text);
	stp_map_destroy(&g);
}

/* Counts of many digits never touch the bars. */
static void test_wide(void)
{
	struct stp_global g = { .name = "h", .type = STP_STATS, .hist = STP_HIST_LOG };
	struct stp_map *m = make(&g);

	add(m, 1, 150000);
	add(m, 2, 75000);
	want_text("six digits", HEAD
		  "   -1 |" __50 "      0\n"
		  "    0 |" __50 "      0\n"
		  "    1 |" AT50 " 150000\n"
		  "    2 |@@@@@@@@@@@@@@@@@@@@@@@@@                           75000\n"
		  "    4 |" __50 "      0\n"
		  "    8 |" __50 "      0\n\n", table(m));
	stp_map_destroy(&g);
}

void test_stat(void)
{
	test_scalar();
	test_take();
	test_variance();
	test_array();
	test_linear();
	test_outside();
	test_log();
	test_wide();
}
