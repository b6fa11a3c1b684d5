// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Histograms as records, for a stapio that writes JSON: the name of the variable, the keys of the
 * element, and the buckets that are not empty.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "core/core.h"
#include "channel.h"
#include "data/map.h"

/* As print.c lays a string out for stapio. */
static u32 string_size(const char *s)
{
	return ALIGN(4 + strlen(s) + 1, 8);
}

static char *put_text(char *to, const char *s)
{
	u32 len = strlen(s), size = string_size(s);

	*(u32 *)to = len;
	memcpy(to + 4, s, len);
	memset(to + 4 + len, 0, size - 4 - len);
	return to + size;
}

static u32 keys_size(const struct stp_global *g, const union stp_val *key)
{
	u32 i, size = 0;

	for (i = 0; i < g->nkeys; i++)
		size += g->keys[i] == STP_STRING ? string_size(key[i].s) : 8;
	return size;
}

static char *put_keys(char *to, struct stp_wire_hist *h, const struct stp_global *g, const union stp_val *key)
{
	u32 i;

	h->nkeys = g->nkeys;
	for (i = 0; i < g->nkeys; i++) {
		if (g->keys[i] == STP_STRING) {
			h->keys |= 1u << i;
			to = put_text(to, key[i].s);
		} else {
			*(s64 *)to = key[i].n;
			to += 8;
		}
	}
	return to;
}

static void put_buckets(char *to, const struct stp_map *m, const struct stp_stat *s)
{
	struct stp_wire_bucket *b = (void *)to;
	bool linear = m->global->hist == STP_HIST_LINEAR;
	u32 i;

	for (i = 0; i < m->nbuckets; i++) {
		if (!s->bucket[i])
			continue;
		b->bound = stp_hist_bound(m, i);
		b->count = s->bucket[i];
		b->where = !linear ? STP_BUCKET_FROM : i == 0 ? STP_BUCKET_BELOW :
			   i == m->nbuckets - 1 ? STP_BUCKET_ABOVE : STP_BUCKET_FROM;
		b->pad = 0;
		b++;
	}
}

bool stp_hist_record(struct stp_context *c, const struct stp_map *m, const struct stp_stat *s,
		     const union stp_val *key)
{
	struct stp_wire_hist *h;
	struct stp_record *r;
	u32 i, n = 0, size;
	char *to;

	if (!READ_ONCE(stp_session.json))
		return false;
	for (i = 0; i < m->nbuckets; i++)
		n += s->bucket[i] != 0;
	size = sizeof(*h) + string_size(m->global->name) + keys_size(m->global, key) +
	       n * sizeof(struct stp_wire_bucket);
	if (n > 2000 || size > STP_RECORD_MAX / 2)
		return false;		/* it goes as text */
	r = stp_channel_reserve(c, STP_REC_HIST, size);
	if (!r)
		return true;
	h = (void *)(r + 1);
	memset(h, 0, sizeof(*h));
	h->nbuckets = n;
	h->linear = m->global->hist == STP_HIST_LINEAR;
	to = put_text((char *)(h + 1), m->global->name);
	to = put_keys(to, h, m->global, key);
	put_buckets(to, m, s);
	stp_channel_commit(c);
	return true;
}
