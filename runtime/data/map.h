/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrays and aggregates at run time: making them, and the inside that the files of this room
 * share.  What handlers call is declared in stp.h.
 *
 * All memory is taken by stp_map_create(): `max` elements of one size, each with its keys and its
 * value in place.  A string takes the unit's MAXSTRINGLEN, so an array that is declared for N
 * elements really holds N, whatever their keys are (2048 elements, one string: 1 MB).
 *
 * Locking is the caller's: the core holds the global's lock.  Several readers may iterate at once.
 */
#ifndef DATA_MAP_H
#define DATA_MAP_H

#include "stp.h"

/*
 * Make g->map for an array or an aggregate.  MAXENTRIES and STRINGLEN (bytes, with the NUL) are
 * the unit's; g->maxentries overrides the first.  May sleep.  0, or -ENOMEM, or -EINVAL when the
 * description makes no sense (more than STP_MAP_MAXKEYS keys, histogram without width...).
 */
int stp_map_create(struct stp_global *g, uint32_t maxentries, uint32_t stringlen);
void stp_map_destroy(struct stp_global *g);	/* also of one that was never made */

/* ---- inside ---- */

enum { STP_MAP_MAXKEYS = 32, STP_MAP_NONE = 0xffffffffu >> 1 };
enum { STP_HIST_NONE, STP_HIST_LOG, STP_HIST_LINEAR };	/* stp_global.hist */
enum { STP_HIST_MAXBUCKETS = 100000 };

/* An order of elements that one foreach walks: next[i] follows element i. */
struct stp_order {
	struct stp_context *owner;	/* NULL: free */
	uint64_t owner_run;		/* c->run of the handler that took it */
	uint64_t newest;		/* elements inserted later are passed over */
	uint32_t at;
	uint32_t next[];
};

struct stp_map {
	struct stp_element *hint;	/* where units look for it: stp_map_hint() */
	const struct stp_global *global;
	uint32_t max, used;
	uint32_t stringlen;
	uint32_t nkeys, strings;	/* of the global; bit I: key I is a string */
	uint32_t numbers;	/* keys, if none is a string */
	uint32_t nbuckets;	/* of the histogram */
	uint32_t stride, value_at, value_size;	/* the latter of numbers and statistics */
	uint32_t key_at[STP_MAP_MAXKEYS];	/* bytes from element->data */
	uint64_t seq;
	uint32_t first, last, free;
	uint32_t mask;		/* hash buckets - 1 */
	bool variance;		/* somebody asks for it */
	bool drop;		/* a key that finds no room is no error, but counted */
	uint64_t refused;	/* so often */
	uint32_t *heads;
	char *elements;
	uint32_t norders, order_size;
	char *orders;
};

static inline struct stp_element *stp_map_element(const struct stp_map *m, uint32_t i)
{
	return (struct stp_element *)(m->elements + (size_t)i * m->stride);
}

static inline uint32_t stp_map_index(const struct stp_map *m, const struct stp_element *e)
{
	return (uint32_t)((size_t)((const char *)e - m->elements) / m->stride);
}

static inline const int64_t *stp_element_number(const struct stp_map *m, const struct stp_element *e,
						uint32_t key)
{
	return (const int64_t *)((const char *)e->data + m->key_at[key]);
}

static inline const char *stp_element_text(const struct stp_map *m, const struct stp_element *e,
					   uint32_t key)
{
	return (const char *)e->data + m->key_at[key];
}

static inline void *stp_element_value(const struct stp_map *m, const struct stp_element *e)
{
	return (char *)e->data + m->value_at;
}

/* The element of KEY or NULL. */
struct stp_element *stp_map_find(const struct stp_map *m, const union stp_val *key);
/* Its index, or STP_MAP_NONE, for those without the lock: writes nothing, not even what was found last. */
uint32_t stp_map_look(const struct stp_map *m, const union stp_val *key);
/* The same, made with a cleared value when missing; NULL and an error, unless `drop`, when the array is full. */
struct stp_element *stp_map_need(struct stp_context *c, struct stp_map *m, const union stp_val *key);
/* True when the keys of E match, where ANY (may be NULL) does not exempt them. */
bool stp_element_matches(const struct stp_map *m, const struct stp_element *e, const union stp_val *key,
			 const bool *any);
/* A result of the aggregate without checking that it is not empty. */
int64_t stp_stat_result(const struct stp_map *m, const struct stp_stat *s, enum stp_stat_op op);
/* What FROM counted is TO's then, but for the variance, which depends on the order. */
void stp_stat_take(const struct stp_map *m, struct stp_stat *to, struct stp_stat *from);
/* The statistics of KEY; NULL when nothing was added yet. */
const struct stp_stat *stp_stat_find(const struct stp_map *m, const union stp_val *key);
/* Histograms: the bucket that V falls in; the text of bucket I's lower bound ("<0", "16", ">90"). */
uint32_t stp_hist_bucket(const struct stp_map *m, int64_t v);
/* The least value of bucket I; for negative ones of @hist_log the greatest; the limit of those outside. */
int64_t stp_hist_bound(const struct stp_map *m, uint32_t i);
/* The transport's: writes the histogram as a record when the reader wants that; false: it is to be printed. */
bool stp_hist_record(struct stp_context *c, const struct stp_map *m, const struct stp_stat *s,
		     const union stp_val *key);

#endif
