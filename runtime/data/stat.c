// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Aggregates: `<<<` adds a sample, @count and its relatives read results.
 *
 * The variance follows stap(1), "STATISTICS": Welford's running mean and squares in integers,
 * scaled by 2^variance_shift, then set against the true mean when read; its printed examples
 * (1..5 gives 12 unshifted, 2 with a shift of 1) are what integers make of it.  All sums wrap.
 */
#include "data/map.h"

static int64_t wrap_add(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static int64_t wrap_sub(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }
static int64_t wrap_mul(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }
static int64_t scale(int64_t v, uint32_t shift) { return (int64_t)((uint64_t)v << shift); }

static void add_variance(const struct stp_global *g, struct stp_stat *s, int64_t v)
{
	int64_t scaled = scale(v, g->variance_shift), delta = wrap_sub(scaled, s->mean);

	s->mean = wrap_add(s->mean, delta / s->count);
	s->m2 = wrap_add(s->m2, wrap_mul(delta, wrap_sub(scaled, s->mean)));
}

static int64_t variance(const struct stp_global *g, const struct stp_stat *s)
{
	int64_t mean, off, between, within;

	if (s->count < 2)
		return 0;
	mean = scale(s->sum, g->variance_shift) / s->count;
	off = wrap_sub(s->mean, mean);
	between = wrap_mul(s->count, wrap_mul(off, off));
	within = wrap_mul(s->count - 1, s->m2 / (s->count - 1));
	return (wrap_add(between, within) / (s->count - 1)) >> (g->variance_shift < 32 ? 2 * g->variance_shift : 63);
}

void stp_stat_sample(const struct stp_map *m, struct stp_stat *s, int64_t v)
{
	stp_stat_add_plain(s, v, ~0u);
	if (stp_unlikely(m->variance))
		add_variance(m->global, s, v);
	if (m->nbuckets)
		s->bucket[stp_hist_bucket(m, v)]++;
}

void stp_stat_add(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t v)
{
	struct stp_element *e = stp_map_need(c, m, key);

	if (e)
		stp_stat_sample(m, stp_element_value(m, e), v);
}

void stp_stat_take(const struct stp_map *m, struct stp_stat *to, struct stp_stat *from)
{
	uint32_t i;

	if (!from->count)
		return;
	if (!to->count || from->min < to->min)
		to->min = from->min;
	if (!to->count || from->max > to->max)
		to->max = from->max;
	to->count = wrap_add(to->count, from->count);
	to->sum = wrap_add(to->sum, from->sum);
	for (i = 0; i < m->nbuckets; i++)
		to->bucket[i] = wrap_add(to->bucket[i], from->bucket[i]);
	__builtin_memset(from, 0, m->value_size);
}

int64_t stp_stat_result(const struct stp_map *m, const struct stp_stat *s, enum stp_stat_op op)
{
	switch (op) {
	case STP_COUNT: return s->count;
	case STP_SUM: return s->sum;
	case STP_MIN: return s->min;
	case STP_MAX: return s->max;
	case STP_AVG: return s->count ? s->sum / s->count : 0;
	case STP_VARIANCE: return variance(m->global, s);
	}
	return 0;
}

const struct stp_stat *stp_stat_find(const struct stp_map *m, const union stp_val *key)
{
	const struct stp_element *e = stp_map_find(m, key);
	const struct stp_stat *s = e ? stp_element_value(m, e) : NULL;

	return s && s->count ? s : NULL;
}

int64_t stp_stat_get(struct stp_context *c, struct stp_map *m, const union stp_val *key, enum stp_stat_op op)
{
	const struct stp_stat *s = stp_stat_find(m, key);

	if (s)
		return stp_stat_result(m, s, op);
	if (op != STP_COUNT && op != STP_SUM)
		stp_error(c, "empty aggregate");
	return 0;
}
