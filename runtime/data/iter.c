// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * foreach: walks the elements that were there when the loop began, in an order fixed then.
 *
 * The order is a list of element numbers in one of the map's prepared `struct stp_order`s, so loops
 * nest, readers on other processors loop too, and the body may delete and insert: what was
 * deleted, or reused for a newer element, is seen by its sequence number and passed over.
 * Sorting merges that list in place, bottom up: no recursion, no memory, ties stay in order of
 * insertion.
 */
#include "data/map.h"

struct sorting {
	const struct stp_map *map;
	int column, dir;
	enum stp_stat_op op;
};

static int compare_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_values(const struct sorting *s, const struct stp_element *a, const struct stp_element *b)
{
	const struct stp_map *m = s->map;
	const void *x = stp_element_value(m, a), *y = stp_element_value(m, b);

	switch (m->global->type) {
	case STP_STRING:
		return stp_strcmp(x, y);
	case STP_STATS:
		return compare_numbers(stp_stat_result(m, x, s->op), stp_stat_result(m, y, s->op));
	default:
		return compare_numbers(*(const int64_t *)x, *(const int64_t *)y);
	}
}

static int compare(const struct sorting *s, uint32_t i, uint32_t j)
{
	const struct stp_map *m = s->map;
	const struct stp_element *a = stp_map_element(m, i), *b = stp_map_element(m, j);
	uint32_t column = (uint32_t)s->column;
	int r;

	if (s->column == STP_SORT_VALUE)
		r = compare_values(s, a, b);
	else if (m->global->keys[column] == STP_STRING)
		r = stp_strcmp(stp_element_text(m, a, column), stp_element_text(m, b, column));
	else
		r = compare_numbers(*stp_element_number(m, a, column), *stp_element_number(m, b, column));
	return s->dir < 0 ? -r : r;
}

/* Lists A and B as one; of equals, A's come first. */
static uint32_t merge(const struct sorting *s, uint32_t *next, uint32_t a, uint32_t b)
{
	uint32_t head = STP_MAP_NONE, *tail = &head;

	while (a != STP_MAP_NONE && b != STP_MAP_NONE) {
		uint32_t *least = compare(s, b, a) < 0 ? &b : &a;

		*tail = *least;
		tail = &next[*least];
		*least = *tail;
	}
	*tail = a != STP_MAP_NONE ? a : b;
	return head;
}

/* bin[k] holds a sorted list of 2^k elements that come before those of the bins below it. */
static uint32_t sort(const struct sorting *s, uint32_t *next, uint32_t list)
{
	uint32_t bin[32], nbins = 0, k, one, result = STP_MAP_NONE;

	while (list != STP_MAP_NONE) {
		one = list;
		list = next[one];
		next[one] = STP_MAP_NONE;
		for (k = 0; k < nbins && bin[k] != STP_MAP_NONE; k++) {
			one = merge(s, next, bin[k], one);
			bin[k] = STP_MAP_NONE;
		}
		if (k == nbins)
			nbins++;
		bin[k] = one;
	}
	for (k = 0; k < nbins; k++)
		if (bin[k] != STP_MAP_NONE)
			result = merge(s, next, bin[k], result);
	return result;
}

/*
 * A free order, or one that an earlier run of a handler in this context left behind (a handler
 * that ends on an error inside a loop); NULL when all are in use.
 */
static struct stp_order *take_order(struct stp_context *c, struct stp_map *m)
{
	uint32_t i;

	for (i = 0; i < m->norders; i++) {
		struct stp_order *o = (struct stp_order *)(m->orders + (size_t)i * m->order_size);
		struct stp_context *owner = __atomic_load_n(&o->owner, __ATOMIC_RELAXED);

		if (owner == c && o->owner_run != c->run) {
			o->owner_run = c->run;
			return o;
		}
		if (!owner && __atomic_compare_exchange_n(&o->owner, &owner, c, false,
							  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
			o->owner_run = c->run;
			return o;
		}
	}
	return NULL;
}

/* The elements of the slice, in order of insertion. */
static uint32_t collect(const struct stp_map *m, uint32_t *next, const union stp_val *key, const bool *any)
{
	uint32_t head = STP_MAP_NONE, *tail = &head, i;

	for (i = m->first; i != STP_MAP_NONE; i = stp_map_element(m, i)->next) {
		if (any && !stp_element_matches(m, stp_map_element(m, i), key, any))
			continue;
		*tail = i;
		tail = &next[i];
	}
	*tail = STP_MAP_NONE;
	return head;
}

void stp_iter_begin(struct stp_context *c, struct stp_iter *it, struct stp_map *m, int sort_by, int dir,
		    enum stp_stat_op op, int64_t limit, const union stp_val *key, const bool *any)
{
	struct sorting s = { m, sort_by, dir, op };
	struct stp_order *o;

	it->map = m;
	it->element = NULL;
	it->priv = NULL;
	it->left = limit;
	if (!m->used || !limit)
		return;
	o = take_order(c, m);
	if (!o) {
		stp_error(c, "too many foreach loops at once over '%s'", m->global->name);
		return;
	}
	o->newest = m->seq;
	o->at = collect(m, o->next, key, any);
	if (sort_by != STP_SORT_NONE)
		o->at = sort(&s, o->next, o->at);
	it->priv = o;
}

bool stp_iter_next(struct stp_context *c, struct stp_iter *it)
{
	struct stp_order *o = it->priv;

	(void)c;
	if (!o || !it->left)
		return false;
	while (o->at != STP_MAP_NONE) {
		struct stp_element *e = stp_map_element(it->map, o->at);

		o->at = o->next[o->at];
		if (!e->seq || e->seq > o->newest)
			continue;
		it->element = e;
		if (it->left > 0)
			it->left--;
		return true;
	}
	return false;
}

void stp_iter_end(struct stp_context *c, struct stp_iter *it)
{
	struct stp_order *o = it->priv;

	(void)c;
	if (o)
		__atomic_store_n(&o->owner, NULL, __ATOMIC_RELEASE);
	it->priv = NULL;
}

int64_t stp_iter_key(const struct stp_iter *it, uint32_t i)
{
	return *stp_element_number(it->map, it->element, i);
}

void stp_iter_key_str(const struct stp_iter *it, uint32_t i, char *to)
{
	stp_strcpy(to, stp_element_text(it->map, it->element, i), it->map->stringlen);
}

int64_t stp_iter_value(struct stp_context *c, const struct stp_iter *it)
{
	(void)c;
	return *(int64_t *)stp_element_value(it->map, it->element);
}

void stp_iter_value_str(struct stp_context *c, const struct stp_iter *it, char *to)
{
	(void)c;
	stp_strcpy(to, stp_element_value(it->map, it->element), it->map->stringlen);
}
