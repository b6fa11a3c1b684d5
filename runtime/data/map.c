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
	m->variance = (g->stat_ops & 1 << STP_VARIANCE) != 0;
	for (i = 0; i < g->nkeys; i++) {
		m->strings |= g->keys[i] == STP_STRING ? 1u << i : 0;
		m->key_at[i] = at;
		at += g->keys[i] == STP_STRING ? align8(m->stringlen) : 8;
	}
	m->numbers = m->strings ? 0 : m->nkeys;
	m->value_at = at;
	m->value_size = 8;
	if (g->type == STP_STATS)
		m->value_size = (uint32_t)sizeof(struct stp_stat) + 8 * m->nbuckets;
	m->stride = (uint32_t)sizeof(struct stp_element) + at +
		    (g->type == STP_STRING ? align8(m->stringlen) : m->value_size);
	return 0;
}

static stp_always_inline struct stp_element *insert(uint32_t *head, struct stp_map *m, const union stp_val *key,
						    uint32_t n, uint32_t hash, bool clear);

/* A scalar has its one element from the start. */
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
	m->hint = stp_map_element(m, 0);
	m->first = m->last = STP_MAP_NONE;
	m->used = 0;
	if (!m->nkeys)
		insert(m->heads, m, NULL, 0, 0, true);
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

static inline uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 32;
}

/* The same for a text whatever its alignment, of which WORDS count at most. */
STP_READS_WORDS uint64_t mix_text(uint64_t h, const char *s, uint32_t words)
{
	const uint64_t *w = (const uint64_t *)s;
	uint64_t nul, word;
	uint32_t n;

	if (stp_likely(stp_in_words(s, s))) {
		for (; words && !(nul = stp_word_nul(*w)); words--)
			h = mix(h, *w++);
		return words ? mix(h, *w & stp_word_upto(nul)) : h;
	}
	for (; words; words--) {
		for (word = n = 0; n < 8 && *s; n++)
			word |= (uint64_t)(unsigned char)*s++ << 8 * n;
		h = mix(h, word);
		if (n < 8)
			break;
	}
	return h;
}

static __attribute__((__noinline__)) uint32_t hash_mixed(const struct stp_map *m, const union stp_val *key)
{
	uint64_t h = 0;
	uint32_t i;

	for (i = 0; i < m->nkeys; i++)
		h = m->strings >> i & 1 ? mix_text(h, key[i].s, (m->stringlen - 1) / 8) :
					  mix(h, (uint64_t)key[i].n);
	return (uint32_t)h;
}

/*
 * Arrays whose keys are numbers alone have nothing but loops on their way, and what most have, one number, not
 * even these: N is then the constant 1.  0: some are strings.
 */
static stp_always_inline uint32_t hash_keys(const struct stp_map *m, const union stp_val *key, uint32_t n)
{
	uint64_t h = 0;
	uint32_t i;

	if (!n)
		return hash_mixed(m, key);
	for (i = 0; i < n; i++)
		h = mix(h, (uint64_t)key[i].n);
	return (uint32_t)h;
}

/* STORED may be all that found room of a longer text, which C of the script can have. */
static bool same_stored(const struct stp_map *m, const char *stored, const char *s)
{
	uint32_t i = 0;

	if (stp_likely(stp_same_text(stored, s)))
		return true;
	while (i < m->stringlen - 1 && stored[i] && stored[i] == s[i])
		i++;
	return i == m->stringlen - 1;
}

bool stp_element_matches(const struct stp_map *m, const struct stp_element *e, const union stp_val *key,
			 const bool *any)
{
	uint32_t i;

	for (i = 0; i < m->nkeys; i++) {
		const char *at = (const char *)e->data + m->key_at[i];

		if (any && any[i])
			continue;
		if (m->strings >> i & 1) {
			if (!same_stored(m, at, key[i].s))
				return false;
		} else if (*(const int64_t *)at != key[i].n) {
			return false;
		}
	}
	return true;
}

/* The same without exemptions, and faster for N numbers. */
static stp_always_inline bool has_keys(const struct stp_map *m, const struct stp_element *e, const union stp_val *key,
				       uint32_t n)
{
	uint32_t i;

	if (!n)
		return stp_element_matches(m, e, key, NULL);
	for (i = 0; i < n; i++)
		if ((int64_t)e->data[i] != key[i].n)
			return false;
	return true;
}

/* Readers that share the lock all write it: any value is good. */
static inline void remember(const struct stp_map *m, struct stp_element *e)
{
	*(struct stp_element *volatile *)&((struct stp_map *)(uintptr_t)m)->hint = e;
}

static inline uint32_t *head_of(const struct stp_map *m, uint32_t hash)
{
	return &m->heads[hash & m->mask];
}

/* The index, or STP_MAP_NONE. */
static stp_always_inline uint32_t look_behind(const uint32_t *head, const struct stp_map *m,
					      const union stp_val *key, uint32_t n, uint32_t hash)
{
	uint32_t i = __atomic_load_n(head, __ATOMIC_ACQUIRE);

	for (; i != STP_MAP_NONE; i = stp_map_element(m, i)->chain) {
		struct stp_element *e = stp_map_element(m, i);

		if (e->hash == hash && has_keys(m, e, key, n))
			break;
	}
	return i;
}

static stp_always_inline struct stp_element *find_behind(const uint32_t *head, const struct stp_map *m,
							 const union stp_val *key, uint32_t n, uint32_t hash)
{
	uint32_t i = look_behind(head, m, key, n, hash);

	if (i == STP_MAP_NONE)
		return NULL;
	remember(m, stp_map_element(m, i));
	return stp_map_element(m, i);
}

static stp_always_inline uint32_t look(const struct stp_map *m, const union stp_val *key, uint32_t n)
{
	uint32_t hash = hash_keys(m, key, n);

	return look_behind(head_of(m, hash), m, key, n, hash);
}

uint32_t stp_map_look(const struct stp_map *m, const union stp_val *key)
{
	return stp_likely(m->numbers == 1) ? look(m, key, 1) : look(m, key, m->numbers);
}

static stp_always_inline struct stp_element *find(const struct stp_map *m, const union stp_val *key, uint32_t n)
{
	uint32_t hash = hash_keys(m, key, n);

	return find_behind(head_of(m, hash), m, key, n, hash);
}

struct stp_element *stp_map_find(const struct stp_map *m, const union stp_val *key)
{
	return stp_likely(m->numbers == 1) ? find(m, key, 1) : find(m, key, m->numbers);
}

/* ---- inserting and removing ---- */

/* Of one that is in use: its neighbour knows. */
static uint32_t index_of(const struct stp_map *m, const struct stp_element *e)
{
	return e->prev == STP_MAP_NONE ? m->first : stp_map_element(m, e->prev)->next;
}

static void unchain(struct stp_map *m, const struct stp_element *e, uint32_t at)
{
	uint32_t *link = head_of(m, e->hash);

	while (*link != at)
		link = &stp_map_element(m, *link)->chain;
	*link = e->chain;
}

static inline void clear_value(const struct stp_map *m, struct stp_element *e)
{
	int64_t *value = stp_element_value(m, e);

	*value = 0;
	if (m->value_size > 8)
		__builtin_memset(value, 0, m->value_size);
}

void stp_map_remove(struct stp_map *m, struct stp_element *e)
{
	uint32_t at;

	if (!m->nkeys) {
		clear_value(m, e);
		return;
	}
	at = index_of(m, e);
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

static __attribute__((__noinline__)) void set_mixed_keys(const struct stp_map *m, struct stp_element *e,
							  const union stp_val *key)
{
	uint32_t i;

	for (i = 0; i < m->nkeys; i++) {
		char *to = (char *)e->data + m->key_at[i];

		if (m->strings >> i & 1)
			stp_strcpy(to, key[i].s, m->stringlen);
		else
			*(int64_t *)to = key[i].n;
	}
}

static stp_always_inline void set_keys(const struct stp_map *m, struct stp_element *e, const union stp_val *key,
				       uint32_t n)
{
	uint32_t i;

	if (!n) {
		set_mixed_keys(m, e, key);
		return;
	}
	for (i = 0; i < n; i++)
		e->data[i] = (uint64_t)key[i].n;
}

static stp_always_inline struct stp_element *insert(uint32_t *head, struct stp_map *m, const union stp_val *key,
						    uint32_t n, uint32_t hash, bool clear)
{
	uint32_t at = m->free;
	struct stp_element *e = stp_map_element(m, at);

	m->free = e->chain;
	set_keys(m, e, key, n);
	if (clear)
		clear_value(m, e);
	e->hash = hash;
	e->chain = *head;
	__atomic_store_n(head, at, __ATOMIC_RELEASE);	/* some look it up without the lock: core/parts.c */
	e->next = STP_MAP_NONE;
	e->prev = m->last;
	if (m->last != STP_MAP_NONE)
		stp_map_element(m, m->last)->next = at;
	else
		m->first = at;
	m->last = at;
	__atomic_store_n(&e->seq, ++m->seq, __ATOMIC_RELEASE);
	m->used++;
	remember(m, e);
	return e;
}

/* For one more element.  False, and told or counted: there is none. */
static __attribute__((__noinline__)) bool room_for_one(struct stp_context *c, struct stp_map *m)
{
	if (m->global->wrap) {
		stp_map_remove(m, stp_map_element(m, m->first));
		return true;
	}
	if (m->drop)
		m->refused++;
	else if (m->global->maxentries)
		stp_error(c, "Array overflow, check size limit (%u)", m->global->maxentries);
	else
		stp_error(c, "Array overflow, check MAXMAPENTRIES");
	return false;
}

/* CLEAR: its value is not going to be set. */
static stp_always_inline struct stp_element *need(struct stp_context *c, struct stp_map *m, const union stp_val *key,
						  uint32_t n, bool clear)
{
	uint32_t hash = hash_keys(m, key, n), *head = head_of(m, hash);
	struct stp_element *e = find_behind(head, m, key, n, hash);

	if (e)
		return e;
	if (stp_unlikely(m->free == STP_MAP_NONE) && !room_for_one(c, m))
		return NULL;
	return insert(head, m, key, n, hash, clear);
}

static __attribute__((__noinline__)) struct stp_element *need_any(struct stp_context *c, struct stp_map *m,
								   const union stp_val *key)
{
	return need(c, m, key, m->numbers, true);
}

struct stp_element *stp_map_need(struct stp_context *c, struct stp_map *m, const union stp_val *key)
{
	return stp_likely(m->numbers == 1) ? need(c, m, key, 1, true) : need_any(c, m, key);
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
	struct stp_element *e = stp_likely(m->numbers == 1) ? need(c, m, key, 1, false) : need_any(c, m, key);

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
	uint64_t *value;

	if (!e)
		return 0;
	value = stp_element_value(m, e);
	return (int64_t)(*value += (uint64_t)by);
}

void stp_map_del(struct stp_context *c, struct stp_map *m, const union stp_val *key)
{
	struct stp_element *e = stp_map_find(m, key);

	(void)c;
	if (e)
		stp_map_remove(m, e);
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
			stp_map_remove(m, e);
	}
}
