// SPDX-License-Identifier: GPL-2.0-or-later
/* Arrays: values, limits, deletion, and foreach in every order, also while its body changes the array. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/map.h"
#include "test_data.h"

#define N(x) { .n = (x) }
#define S(x) { .s = x }

static const uint8_t keys_n[] = { STP_LONG }, keys_s[] = { STP_STRING }, keys_ns[] = { STP_LONG, STP_STRING };

static void test_values(void)
{
	struct stp_global g = { .name = "a", .type = STP_LONG, .nkeys = 2, .keys = keys_ns };
	struct stp_map *m = make(&g);
	union stp_val k[2] = { N(1), S("one") }, other[2] = { N(1), S("two") };

	want_number("missing is 0", 0, stp_map_get(&ctx, m, k));
	want_number("missing is not in", 0, stp_map_has(&ctx, m, k));
	stp_map_set(&ctx, m, k, 7);
	want_number("set", 7, stp_map_get(&ctx, m, k));
	want_number("other key", 0, stp_map_get(&ctx, m, other));
	want_number("in", 1, stp_map_has(&ctx, m, k));
	want_number("add", 10, stp_map_add(&ctx, m, k, 3));
	want_number("add to missing", -2, stp_map_add(&ctx, m, other, -2));
	want_number("add wraps", INT64_MIN, (stp_map_set(&ctx, m, k, INT64_MAX), stp_map_add(&ctx, m, k, 1)));
	stp_map_del(&ctx, m, k);
	want_number("deleted", 0, stp_map_has(&ctx, m, k));
	want_number("the other stays", -2, stp_map_get(&ctx, m, other));
	stp_map_del(&ctx, m, k);
	stp_map_clear(&ctx, m);
	want_number("cleared", 0, stp_map_has(&ctx, m, other));
	want_number("no error so far", 1, !ctx.error);
	stp_map_destroy(&g);
	stp_map_destroy(&g);
}

static void test_strings(void)
{
	struct stp_global g = { .name = "a", .type = STP_STRING, .nkeys = 1, .keys = keys_s };
	struct stp_map *m = make(&g);
	char big[200], same[200], to[STRINGLEN], key[] = "key";
	union stp_val k = S(key);

	stp_map_get_str(&ctx, m, &k, to);
	want_text("missing is empty", "", to);
	stp_map_set_str(&ctx, m, &k, "value");
	key[0] = 'x';
	k.s = "key";
	stp_map_get_str(&ctx, m, &k, to);
	want_text("the key was copied", "value", to);
	memset(big, 'b', sizeof(big));
	big[199] = 0;
	memcpy(same, big, sizeof(same));
	same[100] = 'c';
	k.s = big;
	stp_map_set_str(&ctx, m, &k, big);
	k.s = same;
	stp_map_get_str(&ctx, m, &k, to);
	want_number("keys and values are cut", STRINGLEN - 1, (int64_t)strlen(to));
	stp_map_set_str(&ctx, m, &k, "");
	stp_map_get_str(&ctx, m, &k, to);
	want_text("empty", "", to);
	want_number("but there", 1, stp_map_has(&ctx, m, &k));
	stp_map_destroy(&g);
}

static void test_full(void)
{
	struct stp_global g = { .name = "full", .type = STP_LONG, .nkeys = 1, .keys = keys_n, .maxentries = 3 };
	struct stp_map *m = make(&g);
	union stp_val k;

	for (k.n = 0; k.n < 3; k.n++)
		stp_map_set(&ctx, m, &k, k.n);
	want_number("full is no error", 1, !ctx.error);
	stp_map_set(&ctx, m, &k, 3);
	want_text("one more is", "Array overflow, check size limit (3)", ctx.error_text);
	forget_error();
	m->drop = true;
	stp_map_set(&ctx, m, &k, 3);
	stp_map_add(&ctx, m, &k, 3);
	want_number("unless keys may be dropped", 1, !ctx.error && !stp_map_has(&ctx, m, &k));
	want_number("which is counted", 2, (int64_t)m->refused);
	m->drop = false;
	k.n = 1;
	stp_map_del(&ctx, m, &k);
	k.n = 3;
	stp_map_set(&ctx, m, &k, 33);
	want_number("room after a deletion", 33, stp_map_get(&ctx, m, &k));
	want_number("without error", 1, !ctx.error);
	stp_map_destroy(&g);
	g.wrap = true;
	m = make(&g);
	for (k.n = 0; k.n < 5; k.n++)
		stp_map_set(&ctx, m, &k, k.n);
	k.n = 1;
	want_number("wrap: the oldest is gone", 0, stp_map_has(&ctx, m, &k));
	k.n = 2;
	want_number("wrap: the others stay", 1, stp_map_has(&ctx, m, &k));
	want_number("wrap: no error", 1, !ctx.error);
	stp_map_destroy(&g);
}

/* The element that was found last is looked at first. */
static void test_found_again(void)
{
	struct stp_global g = { .name = "again", .type = STP_LONG, .nkeys = 2, .keys = keys_ns };
	struct stp_map *m = make(&g);
	union stp_val a[2] = { N(1), S("x") }, b[2] = { N(1), S("xy") };

	want_number("nothing to be found again", 0, stp_map_has(&ctx, m, a));
	stp_map_set(&ctx, m, a, 1);
	want_number("found again", 1, stp_map_get(&ctx, m, a));
	want_number("not a longer key", 0, stp_map_has(&ctx, m, b));
	stp_map_del(&ctx, m, a);
	want_number("not what is deleted", 0, stp_map_has(&ctx, m, a));
	stp_map_set(&ctx, m, b, 2);
	want_number("not what was in its place", 0, stp_map_has(&ctx, m, a));
	stp_map_set(&ctx, m, a, 3);
	want_number("the one before last", 2, stp_map_get(&ctx, m, b));
	stp_map_clear(&ctx, m);
	want_number("nor after all were deleted", 0, stp_map_has(&ctx, m, b));
	stp_map_destroy(&g);
}

static void test_slices(void)
{
	struct stp_global g = { .name = "a", .type = STP_LONG, .nkeys = 2, .keys = keys_ns };
	struct stp_map *m = make(&g);
	union stp_val k[2] = { N(1), S("x") };
	static const bool any_first[] = { true, false }, any_second[] = { false, true };

	stp_map_set(&ctx, m, k, 1);
	k[0].n = 2;
	stp_map_set(&ctx, m, k, 2);
	k[1].s = "y";
	stp_map_set(&ctx, m, k, 3);
	want_number("[2, *] in", 1, stp_map_has_slice(&ctx, m, k, any_second));
	want_number("[*, y] in", 1, stp_map_has_slice(&ctx, m, k, any_first));
	stp_map_del_slice(&ctx, m, k, any_second);
	want_number("[*, y] deleted with [2, *]", 0, stp_map_has_slice(&ctx, m, k, any_first));
	k[1].s = "x";
	want_number("[*, x] still in", 1, stp_map_has_slice(&ctx, m, k, any_first));
	stp_map_destroy(&g);
}

/* ---- foreach ---- */

static char line[256];

/* The values in the order of the loop. */
static const char *walk(struct stp_map *m, int sort, int dir, int64_t limit)
{
	struct stp_iter it;
	size_t n = 0;

	line[0] = 0;
	for (stp_iter_begin(&ctx, &it, m, sort, dir, STP_COUNT, limit, NULL, NULL); stp_iter_next(&ctx, &it);)
		n += snprintf(line + n, sizeof(line) - n, "%d ", (int)stp_iter_value(&ctx, &it));
	stp_iter_end(&ctx, &it);
	return line;
}

static struct stp_map *fill(struct stp_global *g)
{
	static const struct { int64_t n; const char *s; int64_t v; } rows[] = {
		{ 3, "c", 1 }, { 1, "b", 2 }, { 2, "b", 3 }, { 1, "a", 4 }, { 3, "a", 2 },
	};
	struct stp_map *m = make(g);

	for (size_t i = 0; i < 5; i++)
		stp_map_set(&ctx, m, (union stp_val[]){ N(rows[i].n), S(rows[i].s) }, rows[i].v);
	return m;
}

static void test_order(void)
{
	struct stp_global g = { .name = "a", .type = STP_LONG, .nkeys = 2, .keys = keys_ns };
	struct stp_map *m = fill(&g);
	struct stp_iter it;
	union stp_val k[2] = { N(0), S("a") };
	static const bool any[] = { true, false };
	char to[STRINGLEN];

	want_text("order of insertion", "1 2 3 4 2 ", walk(m, STP_SORT_NONE, 1, -1));
	want_text("by first key", "2 4 3 1 2 ", walk(m, 0, 1, -1));
	want_text("by first key, down", "1 2 3 2 4 ", walk(m, 0, -1, -1));
	want_text("by second key", "4 2 2 3 1 ", walk(m, 1, 1, -1));
	want_text("by value", "1 2 2 3 4 ", walk(m, STP_SORT_VALUE, 1, -1));
	want_text("by value, down, limit 2", "4 3 ", walk(m, STP_SORT_VALUE, -1, 2));
	want_text("limit 0", "", walk(m, STP_SORT_NONE, 1, 0));
	want_text("insertion again", "1 2 3 4 2 ", walk(m, STP_SORT_NONE, 1, -1));
	stp_iter_begin(&ctx, &it, m, STP_SORT_NONE, 1, STP_COUNT, -1, k, any);
	want_number("slice: first", 1, stp_iter_next(&ctx, &it));
	want_number("slice: key", 1, stp_iter_key(&it, 0));
	stp_iter_key_str(&it, 1, to);
	want_text("slice: text key", "a", to);
	want_number("slice: second", 1, stp_iter_next(&ctx, &it));
	want_number("slice: key of second", 3, stp_iter_key(&it, 0));
	want_number("slice: end", 0, stp_iter_next(&ctx, &it));
	stp_iter_end(&ctx, &it);
	stp_map_destroy(&g);
}

static void test_changes(void)
{
	struct stp_global g = { .name = "a", .type = STP_LONG, .nkeys = 1, .keys = keys_n };
	struct stp_map *m = make(&g);
	struct stp_iter it, inner;
	union stp_val k;
	int n = 0, pairs = 0;

	for (k.n = 0; k.n < 6; k.n++)
		stp_map_set(&ctx, m, &k, k.n);
	for (stp_iter_begin(&ctx, &it, m, 0, -1, STP_COUNT, -1, NULL, NULL); stp_iter_next(&ctx, &it); n++) {
		k.n = stp_iter_key(&it, 0);
		stp_map_del(&ctx, m, &k);		/* this one */
		k.n--;
		stp_map_del(&ctx, m, &k);		/* the next one */
		k.n = 100 + n;
		stp_map_set(&ctx, m, &k, 1);		/* a new one, in the same place */
	}
	stp_iter_end(&ctx, &it);
	want_number("deleted and new ones are passed over", 3, n);
	n = 0;
	for (stp_iter_begin(&ctx, &it, m, 0, 1, STP_COUNT, -1, NULL, NULL); stp_iter_next(&ctx, &it); n++) {
		for (stp_iter_begin(&ctx, &inner, m, 0, -1, STP_COUNT, -1, NULL, NULL); stp_iter_next(&ctx, &inner);)
			pairs += stp_iter_key(&inner, 0) != stp_iter_key(&it, 0);
		stp_iter_end(&ctx, &inner);
	}
	stp_iter_end(&ctx, &it);
	want_number("nested loops, outer", 3, n);
	want_number("nested loops, pairs", 6, pairs);
	for (stp_iter_begin(&ctx, &it, m, 0, 1, STP_COUNT, -1, NULL, NULL); stp_iter_next(&ctx, &it);)
		stp_map_clear(&ctx, m);
	stp_iter_end(&ctx, &it);
	want_number("cleared in the loop", 0, m->used);
	want_number("no error", 1, !ctx.error);
	stp_map_destroy(&g);
}

/* Orders that were not given back (an error ended the handler) are found again. */
static void test_lost_orders(void)
{
	struct stp_global g = { .name = "a", .type = STP_LONG, .nkeys = 1, .keys = keys_n };
	struct stp_map *m = make(&g);
	struct stp_iter it;
	union stp_val k = N(1);
	uint32_t i;

	stp_map_set(&ctx, m, &k, 1);
	for (i = 0; i <= m->norders; i++)
		stp_iter_begin(&ctx, &it, m, STP_SORT_NONE, 1, STP_COUNT, -1, NULL, NULL);
	want_text("too many at once", "too many foreach loops at once over 'a'", ctx.error_text);
	want_number("and no element", 0, stp_iter_next(&ctx, &it));
	stp_iter_end(&ctx, &it);
	forget_error();
	ctx.run++;
	stp_iter_begin(&ctx, &it, m, STP_SORT_NONE, 1, STP_COUNT, -1, NULL, NULL);
	want_number("free again in the next handler", 1, stp_iter_next(&ctx, &it));
	want_number("without error", 1, !ctx.error);
	stp_iter_end(&ctx, &it);
	stp_map_destroy(&g);
}

/* ---- against a model ---- */

enum { KEYS = 97, SIZE = 64 };

static void check_against(struct stp_map *m, const int64_t *model, int *bad)
{
	struct stp_iter it;
	int64_t last = INT64_MIN;
	int seen = 0, n = 0;

	for (int i = 0; i < KEYS; i++)
		n += model[i] != 0;
	for (stp_iter_begin(&ctx, &it, m, STP_SORT_VALUE, 1, STP_COUNT, -1, NULL, NULL); stp_iter_next(&ctx, &it);) {
		int64_t k = stp_iter_key(&it, 0), v = stp_iter_value(&ctx, &it);

		*bad += model[k] != v || v < last;
		last = v;
		seen++;
	}
	stp_iter_end(&ctx, &it);
	*bad += seen != n || m->used != (uint32_t)n;
}

static void test_model(void)
{
	struct stp_global g = { .name = "m", .type = STP_LONG, .nkeys = 1, .keys = keys_n, .maxentries = SIZE };
	struct stp_map *m = make(&g);
	int64_t model[KEYS] = { 0 };
	int bad = 0, n = 0;
	union stp_val k;

	srand(1);
	for (int step = 0; step < 20000; step++) {
		int64_t v = rand() % 1000 + 1;

		k.n = rand() % KEYS;
		if (rand() % 2 && (model[k.n] || n < SIZE)) {
			n += !model[k.n];
			model[k.n] = v;
			stp_map_set(&ctx, m, &k, v);
		} else {
			n -= model[k.n] != 0;
			model[k.n] = 0;
			stp_map_del(&ctx, m, &k);
		}
		bad += stp_map_get(&ctx, m, &k) != model[k.n];
		if (step % 100 == 0)
			check_against(m, model, &bad);
	}
	want_number("20000 random steps: differences", 0, bad);
	want_number("no error", 1, !ctx.error);
	stp_map_destroy(&g);
}

static void test_making(void)
{
	struct stp_global g = { .name = "a", .type = STP_LONG, .nkeys = 1, .keys = keys_n };
	int n, before = allocations, result;

	for (n = 1;; n++) {
		fail_allocation = n;
		result = stp_map_create(&g, 8, STRINGLEN);
		fail_allocation = 0;
		if (!result)
			break;
		want_number("no memory is an error", -12, result);
		want_number("nothing is left behind", before, allocations);
		want_number("and no map", 1, !g.map);
	}
	want_number("allocations of a map", 5, n);
	stp_map_destroy(&g);
	g.maxentries = 0;
	want_number("no elements", -22, stp_map_create(&g, 0, STRINGLEN));
	g.nkeys = 33;
	want_number("too many keys", -22, stp_map_create(&g, 8, STRINGLEN));
	want_number("nothing is left behind", before, allocations);
}

void test_map(void)
{
	test_values();
	test_strings();
	test_full();
	test_found_again();
	test_slices();
	test_order();
	test_changes();
	test_lost_orders();
	test_model();
	test_making();
}
