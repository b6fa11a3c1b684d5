// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Histograms: which bucket a value falls in, and the table that print() makes of them.
 *
 * Buckets of @hist_log are powers of two on both sides of zero: 64 holds 0, 65 holds 1, 66 holds
 * 2 and 3...; 63 holds -1, 62 holds -2 and -3.  Those of @hist_linear(v, low, high, width): 0 is
 * what is below low, the last what is above the bucket that holds high, which is as wide as the others.
 * The table is laid out as in the language reference, 8.4: bars of at most 50 columns, counts to the right,
 * an empty line at the end, up to HIST_ELISION (2) empty buckets around those that are not, and `~` for what
 * is left out between them; a negative one leaves out none.
 */
#include "data/format.h"
#include "data/map.h"

enum { BAR = 50, LABEL = 24 };

uint32_t stp_hist_bucket(const struct stp_map *m, int64_t v)
{
	const struct stp_global *g = m->global;
	uint64_t i;

	if (g->hist == STP_HIST_LOG)
		return stp_hist_log_bucket(v);
	if (v < g->hist_low)
		return 0;
	i = ((uint64_t)v - (uint64_t)g->hist_low) / (uint64_t)g->hist_width;
	return i < m->nbuckets - 2 ? 1 + (uint32_t)i : m->nbuckets - 1;
}

int64_t stp_hist_bound(const struct stp_map *m, uint32_t i)
{
	const struct stp_global *g = m->global;

	if (g->hist == STP_HIST_LOG) {
		if (i == STP_HIST_LOG_ZERO)
			return 0;
		if (i > STP_HIST_LOG_ZERO)
			return (int64_t)(1ull << (i - STP_HIST_LOG_ZERO - 1));
		return (int64_t)-(1ull << (STP_HIST_LOG_ZERO - 1 - i));
	}
	if (i == 0)
		return g->hist_low;
	if (i == m->nbuckets - 1)
		return g->hist_high;
	return (int64_t)((uint64_t)g->hist_low + (uint64_t)(i - 1) * (uint64_t)g->hist_width);
}

static bool is_outside(const struct stp_map *m, uint32_t i)
{
	return m->global->hist == STP_HIST_LINEAR && (i == 0 || i == m->nbuckets - 1);
}

static int label(const struct stp_map *m, uint32_t i, char *to)
{
	union stp_val v = { .n = stp_hist_bound(m, i) };
	const char *text = !is_outside(m, i) ? "%d" : i ? ">%d" : "<%d";

	return stp_format(to, LABEL, text, &v, 1, NULL);
}

struct table {
	const struct stp_map *map;
	const struct stp_stat *stat;
	uint32_t first, last;		/* rows that may be shown */
	uint32_t shown;			/* empty buckets at each end of a run of them */
	int label_width, edge;		/* columns: of the labels; from the bar's start to the count's end */
	int64_t unit;			/* samples that one column of a bar stands for */
	/* where lines go */
	struct stp_context *c;
	char *to;			/* NULL: printed */
};

/* From SHOWN before the first bucket in use to as many after the last; outside ones when in use. */
static void find_rows(struct table *t)
{
	const int64_t *bucket = t->stat->bucket;
	uint32_t n = t->map->nbuckets, low = 0, high = n - 1, a = 0, b = n - 1;

	while (a < b && !bucket[a])
		a++;
	while (b > a && !bucket[b])
		b--;
	if (is_outside(t->map, 0) && !bucket[0])
		low = 1;
	if (is_outside(t->map, n - 1) && !bucket[n - 1])
		high = n - 2;
	t->first = a < low + t->shown ? low : a - t->shown;
	t->last = b + t->shown > high ? high : b + t->shown;
}

static int digits(int64_t n)
{
	int r = 1;

	for (; n >= 10; n /= 10)
		r++;
	return r;
}

static void find_widths(struct table *t)
{
	const int64_t *bucket = t->stat->bucket;
	int64_t most = 1;
	char text[LABEL];
	uint32_t i;
	int n;

	for (i = t->first; i <= t->last; i++)
		if (bucket[i] > most)
			most = bucket[i];
	t->unit = (most + BAR - 1) / BAR;
	t->edge = BAR + 1 + digits(most);
	t->label_width = 5;			/* "value" */
	for (i = t->first; i <= t->last; i++) {
		n = label(t->map, i, text);
		if (n > t->label_width)
			t->label_width = n;
	}
}

static void emit(struct table *t, const char *line)
{
	if (t->to)
		stp_strcat(t->to, line, t->map->stringlen);
	else
		stp_print(t->c, line);
}

static void emit_row(struct table *t, uint32_t i)
{
	static const char bar[BAR + 1] = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
	int64_t n = t->stat->bucket[i], length = n / t->unit;
	char text[LABEL], line[2 * LABEL + 2 * BAR];
	union stp_val v[6] = { { .n = t->label_width }, { .s = text }, { .n = length }, { .s = bar },
			       { .n = t->edge - length }, { .n = n } };

	label(t->map, i, text);
	stp_format(line, sizeof(line), "%*s |%.*s%*d\n", v, 6, NULL);
	emit(t, line);
}

static void emit_heading(struct table *t)
{
	union stp_val v[2] = { { .n = t->label_width }, { .s = "value" } };
	char line[LABEL + 2 * BAR];

	stp_format(line, sizeof(line),
		   "%*s |-------------------------------------------------- count\n", v, 2, NULL);
	emit(t, line);
}

static void emit_tilde(struct table *t)
{
	union stp_val v[2] = { { .n = t->label_width + 2 }, { .s = "~" } };
	char line[2 * LABEL];

	stp_format(line, sizeof(line), "%*s\n", v, 2, NULL);
	emit(t, line);
}

/* The rows; of a run of more than 2 * shown empty ones its ends and a `~`. */
static void emit_table(struct table *t)
{
	const int64_t *bucket = t->stat->bucket;
	uint32_t i, k, end;

	emit_heading(t);
	for (i = t->first; i <= t->last; i = end) {
		end = i + 1;
		if (bucket[i]) {
			emit_row(t, i);
			continue;
		}
		while (end <= t->last && !bucket[end])
			end++;
		for (k = i; k < end; k++) {
			if (end - i > 2 * t->shown && k == i + t->shown) {
				emit_tilde(t);
				k = end - t->shown;
			}
			if (k < end)
				emit_row(t, k);
		}
	}
	emit(t, "\n");
}

static void make_table(struct stp_context *c, struct stp_map *m, const union stp_val *key, char *to)
{
	struct table t = { .map = m, .stat = stp_stat_find(m, key), .c = c, .to = to };
	int32_t shown = stp_unit.hist_elision;

	t.shown = shown < 0 || (uint32_t)shown > m->nbuckets ? m->nbuckets : (uint32_t)shown;
	if (to)
		*to = 0;
	if (!t.stat) {
		stp_error(c, "empty aggregate");
		return;
	}
	if (!m->nbuckets || (!to && stp_hist_record(c, m, t.stat, key)))
		return;
	find_rows(&t);
	find_widths(&t);
	emit_table(&t);
}

void stp_print_hist(struct stp_context *c, struct stp_map *m, const union stp_val *key)
{
	make_table(c, m, key, NULL);
}

void stp_sprint_hist(struct stp_context *c, struct stp_map *m, const union stp_val *key, char *to)
{
	make_table(c, m, key, to);
}

int64_t stp_stat_nbuckets(struct stp_map *m)
{
	return m->nbuckets;
}

int64_t stp_stat_bucket(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t i)
{
	const struct stp_stat *s = stp_stat_find(m, key);

	if (i < 0 || i >= m->nbuckets) {
		stp_error(c, "histogram index %lld out of range: 0 to %u", (long long)i, m->nbuckets - 1);
		return 0;
	}
	return s ? s->bucket[i] : 0;
}
