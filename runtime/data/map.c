// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Associative arrays: a hash table over elements that are all there from the start, threaded in
 * order of insertion.  Aggregates are arrays whose value is a struct stp_stat; a scalar aggregate is
 * an array without keys and with one element.
 *
 * Portable (the unit test builds it in user space).  Handlers call it with the global's lock held:
 * it allocates nothing but in create, and every loop is bounded by the number of elements.
 */
#include "data/map.h"
#include "data/memory.h"

enum { ENOMEM_ = 12, EINVAL_ = 22 };

static uint32_t align8(uint32_t n)
{
	return (n + 7) & ~7u;
}

/* ---- making ---- */

static int count_buckets(struct stp_map *m, const struct stp_global *g)
{
	uint64_t span;

	if (g->hist == STP_HIST_LOG)
		m->nbuckets = STP_HIST_LOG_BUCKETS;
	if (g->hist != STP_HIST_LINEAR)
		return 0;
	if (g->hist_width <= 0 || g->hist_high < g->hist_low)
		return -EINVAL_;
	span = ((uint64_t)g->hist_high - (uint64_t)g->hist_low) / (uint64_t)g->hist_width;
	if (span + 3 > STP_HIST_MAXBUCKETS)
		return -EINVAL_;
	m->nbuckets = (uint32_t)span + 3;
	return 0;
}

/* Offsets of keys and value in an element. */
static int lay_out(struct stp_map *m, const struct stp_global *g)
{
	uint32_t at = 0, i;
	int bad;

	if (g->nkeys > STP_MAP_MAXKEYS || m->stringlen < 2 || m->stringlen > 1 << 20)
		return -EINVAL_;
	bad = count_buckets(m, g);
	if (bad)
		return bad;
	m->nkeys = g->nkeys;
	for (i = 0; i < g->nkeys; i++) {
		m->strings |= g->keys[i] == STP_STRING ? 1u << i : 0;
		m->key_at[i] = at;
		at += g->keys[i] == STP_STRING ? align8(m->stringlen) : 8;
	}
	m->value_at = at;
	if (g->type == STP_STATS)
		at += (uint32_t)sizeof(struct stp_stat) + 8 * m->nbuckets;
	else
		at += g->type == STP_STRING ? align8(m->stringlen) : 8;
	m->stride = (uint32_t)sizeof(struct stp_element) + at;
	return 0;
}

static void reset(struct stp_map *m)
{
	uint32_t i;

	for (i = 0; i <= m->mask; i++)
		m->heads[i] = STP_MAP_NONE;
	for (i = 0; i < m->max; i++) {
		struct stp_element *e = stp_map_element(m, i);

		e->seq = 0;
		e->chain = i + 1 < m->max ? i + 1 : STP_MAP_NONE;
	}
	m->free = 0;
	m->first = m->last = STP_MAP_NONE;
	m->used = 0;
}

/* Readers on all processors may iterate at once, and handlers nest a few loops. */
static uint32_t count_orders(const struct stp_map *m)
{
	uint32_t n = stp_memory_cpus();

	return m->global->nkeys ? (n > 60 ? 64 : n + 4) : 0;
}

static void destroy(struct stp_map *m)
{
	stp_memory_put(m->orders);
	stp_memory_put(m->heads);
	stp_memory_put(m->elements);
	stp_memory_put(m);
}

static int allocate(struct stp_map *m)
{
	uint32_t heads = 1;

	while (heads < m->max)
		heads *= 2;
	m->mask = heads - 1;
	m->norders = count_orders(m);
	m->order_size = align8((uint32_t)sizeof(struct stp_order) + 4 * m->max);
	m->elements = stp_memory_get((size_t)m->max * m->stride);
	m->heads = stp_memory_get((size_t)heads * sizeof(*m->heads));
	if (m->norders)
		m->orders = stp_memory_get((size_t)m->norders * m->order_size);
	return m->elements && m->heads && (m->orders || !m->norders) ? 0 : -ENOMEM_;
}

int stp_map_create(struct stp_global *g, uint32_t maxentries, uint32_t stringlen)
{
	struct stp_map *m = stp_memory_get(sizeof(*m));
	int bad;

	if (!m)
		return -ENOMEM_;
	m->global = g;
	m->stringlen = stringlen;
	m->max = g->nkeys ? (g->maxentries ? g->maxentries : maxentries) : 1;
	bad = !m->max || m->max > 1u << 28 ? -EINVAL_ : lay_out(m, g);
	if (!bad)
		bad = allocate(m);
	if (bad) {
		destroy(m);
		return bad;
	}
	reset(m);
	g->map = m;
	return 0;
}

void stp_map_destroy(struct stp_global *g)
{
	if (g->map)
		destroy(g->map);
	g->map = NULL;
}

/* ---- keys ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 32;
}

static uint32_t hash_keys(const struct stp_map *m, const union stp_val *key)
{
	uint64_t h = 0;
	uint32_t i, k;

	for (i = 0; i < m->nkeys; i++) {
		const unsigned char *s;

		if (!(m->strings & 1u << i)) {
			h = mix(h, (uint64_t)key[i].n);
			continue;
		}
		s = (const unsigned char *)key[i].s;
		for (k = 0; s[k] && k + 1 < m->stringlen; k++)
			h = (h ^ s[k]) * 0x100000001b3ull;
		h = mix(h, k);
	}
	return (uint32_t)h;
}

/* Equal when both are cut to what an element holds. */
static bool same_text(const char *stored, const char *s, uint32_t stringlen)
{
	uint32_t k;

	for (k = 0; k + 1 < stringlen; k++) {
		if (stored[k] != s[k])
			return false;
		if (!s[k])
			return true;
	}
	return true;
}

bool stp_element_matches(const struct stp_map *m, const struct stp_element *e, const union stp_val *key,
			 const bool *any)
{
	uint32_t i;

	for (i = 0; i < m->global->nkeys; i++) {
		if (any && any[i])
			continue;
		if (m->global->keys[i] == STP_STRING) {
			if (!same_text(stp_element_text(m, e, i), key[i].s, m->stringlen))
				return false;
		} else if (*stp_element_number(m, e, i) != key[i].n) {
			return false;
		}
	}
	return true;
}

/* The same without exemptions. */
static inline bool same_keys(const struct stp_map *m, const struct stp_element *e, const union stp_val *key)
{
	const char *data = (const char *)e->data;
	uint32_t i;

	for (i = 0; i < m->nkeys; i++) {
		const char *at = data + m->key_at[i];

		if (m->strings & 1u << i) {
			if (!same_text(at, key[i].s, m->stringlen))
				return false;
		} else if (*(const int64_t *)at != key[i].n) {
			return false;
		}
	}
	return true;
}

/* Handlers often ask for one element several times in a row, and for that of the one before them. */
static inline struct stp_element *find_again(const struct stp_map *m, const union stp_val *key)
{
	struct stp_element *e = stp_map_element(m, *(const volatile uint32_t *)&m->hint);

	return e->seq && same_keys(m, e, key) ? e : NULL;
}

/* Readers that share the lock all write it: any value is good. */
static inline void remember(const struct stp_map *m, uint32_t i)
{
	*(volatile uint32_t *)&((struct stp_map *)(uintptr_t)m)->hint = i;
}

static struct stp_element *find_hashed(const struct stp_map *m, const union stp_val *key, uint32_t hash)
{
	uint32_t i;

	for (i = m->heads[hash & m->mask]; i != STP_MAP_NONE; i = stp_map_element(m, i)->chain) {
		struct stp_element *e = stp_map_element(m, i);

		if (e->hash == hash && same_keys(m, e, key)) {
			remember(m, i);
			return e;
		}
	}
	return NULL;
}

struct stp_element *stp_map_find(const struct stp_map *m, const union stp_val *key)
{
	struct stp_element *e;

	if (!m->used)
		return NULL;
	e = find_again(m, key);
	return e ? e : find_hashed(m, key, hash_keys(m, key));
}

/* ---- inserting and removing ---- */

static uint32_t index_of(const struct stp_map *m, const struct stp_element *e)
{
	return (uint32_t)((size_t)((const char *)e - m->elements) / m->stride);
}

static void unchain(struct stp_map *m, const struct stp_element *e, uint32_t at)
{
	uint32_t *link = &m->heads[e->hash & m->mask];

	while (*link != at)
		link = &stp_map_element(m, *link)->chain;
	*link = e->chain;
}

static void remove_element(struct stp_map *m, struct stp_element *e)
{
	uint32_t at = index_of(m, e);

	unchain(m, e, at);
	if (e->prev != STP_MAP_NONE)
		stp_map_element(m, e->prev)->next = e->next;
	else
		m->first = e->next;
	if (e->next != STP_MAP_NONE)
		stp_map_element(m, e->next)->prev = e->prev;
	else
		m->last = e->prev;
	e->seq = 0;
	e->chain = m->free;
	m->free = at;
	m->used--;
}

static void clear_value(const struct stp_map *m, struct stp_element *e)
{
	void *value = stp_element_value(m, e);

	if (m->global->type == STP_STRING)
		*(char *)value = 0;
	else if (m->global->type == STP_LONG)
		*(int64_t *)value = 0;
	else
		__builtin_memset(value, 0, m->stride - sizeof(*e) - m->value_at);
}

static void set_keys(const struct stp_map *m, struct stp_element *e, const union stp_val *key)
{
	uint32_t i;

	for (i = 0; i < m->nkeys; i++) {
		char *to = (char *)e->data + m->key_at[i];

		if (m->strings & 1u << i)
			stp_strcpy(to, key[i].s, m->stringlen);
		else
			*(int64_t *)to = key[i].n;
	}
}

static struct stp_element *insert(struct stp_map *m, const union stp_val *key, uint32_t hash)
{
	uint32_t at = m->free, *head = &m->heads[hash & m->mask];
	struct stp_element *e = stp_map_element(m, at);

	m->free = e->chain;
	set_keys(m, e, key);
	clear_value(m, e);
	e->hash = hash;
	e->chain = *head;
	*head = at;
	e->next = STP_MAP_NONE;
	e->prev = m->last;
	if (m->last != STP_MAP_NONE)
		stp_map_element(m, m->last)->next = at;
	else
		m->first = at;
	m->last = at;
	e->seq = ++m->seq;
	m->used++;
	remember(m, at);
	return e;
}

struct stp_element *stp_map_need(struct stp_context *c, struct stp_map *m, const union stp_val *key)
{
	struct stp_element *e = find_again(m, key);
	uint32_t hash;

	if (e)
		return e;
	hash = hash_keys(m, key);
	e = find_hashed(m, key, hash);
	if (e)
		return e;
	if (m->free == STP_MAP_NONE) {
		if (!m->global->wrap && m->drop) {
			m->refused++;
			return NULL;
		}
		if (!m->global->wrap) {
			stp_error(c, "Array overflow, check MAXMAPENTRIES");
			return NULL;
		}
		remove_element(m, stp_map_element(m, m->first));
	}
	return insert(m, key, hash);
}

/* ---- what handlers call; see stp.h ---- */

int64_t stp_map_get(struct stp_context *c, struct stp_map *m, const union stp_val *key)
{
	const struct stp_element *e = stp_map_find(m, key);

	(void)c;
	return e ? *(int64_t *)stp_element_value(m, e) : 0;
}

void stp_map_get_str(struct stp_context *c, struct stp_map *m, const union stp_val *key, char *to)
{
	const struct stp_element *e = stp_map_find(m, key);

	(void)c;
	stp_strcpy(to, e ? stp_element_value(m, e) : "", m->stringlen);
}

bool stp_map_has(struct stp_context *c, struct stp_map *m, const union stp_val *key)
{
	(void)c;
	return stp_map_find(m, key) != NULL;
}

void stp_map_set(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t v)
{
	struct stp_element *e = stp_map_need(c, m, key);

	if (e)
		*(int64_t *)stp_element_value(m, e) = v;
}

void stp_map_set_str(struct stp_context *c, struct stp_map *m, const union stp_val *key, const char *v)
{
	struct stp_element *e = stp_map_need(c, m, key);

	if (e)
		stp_strcpy(stp_element_value(m, e), v, m->stringlen);
}

int64_t stp_map_add(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t by)
{
	struct stp_element *e = stp_map_need(c, m, key);
	int64_t *value;

	if (!e)
		return 0;
	value = stp_element_value(m, e);
	*value = (int64_t)((uint64_t)*value + (uint64_t)by);
	return *value;
}

void stp_map_del(struct stp_context *c, struct stp_map *m, const union stp_val *key)
{
	struct stp_element *e = stp_map_find(m, key);

	(void)c;
	if (e)
		remove_element(m, e);
}

void stp_map_clear(struct stp_context *c, struct stp_map *m)
{
	(void)c;
	if (m->used)
		reset(m);
}

bool stp_map_has_slice(struct stp_context *c, struct stp_map *m, const union stp_val *key, const bool *any)
{
	uint32_t i;

	(void)c;
	for (i = m->first; i != STP_MAP_NONE; i = stp_map_element(m, i)->next)
		if (stp_element_matches(m, stp_map_element(m, i), key, any))
			return true;
	return false;
}

void stp_map_del_slice(struct stp_context *c, struct stp_map *m, const union stp_val *key, const bool *any)
{
	uint32_t i, next;

	(void)c;
	for (i = m->first; i != STP_MAP_NONE; i = next) {
		struct stp_element *e = stp_map_element(m, i);

		next = e->next;
		if (stp_element_matches(m, e, key, any))
			remove_element(m, e);
	}
}
