/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ordered string maps, edit distance, wildcards; see strmap.h. */
#include "base/strmap.h"
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;	/* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

void strmap_deinit(struct strmap *m)
{
	free(m->e);
	free(m->index);
	*m = (struct strmap){ 0 };
}

/* Slot of KEY, whose hash is H, in the index: its own, or the free one it would take. */
static struct strmap_slot *slot_of(const struct strmap *m, const char *key, uint32_t h)
{
	size_t i = h & (m->nindex - 1);

	while (m->index[i].i && (m->index[i].hash != h || strcmp(m->e[m->index[i].i - 1].key, key)))
		i = (i + 1) & (m->nindex - 1);
	return &m->index[i];
}

static struct strmap_entry *find(const struct strmap *m, const char *key, uint32_t h)
{
	unsigned i = m->n ? slot_of(m, key, h)->i : 0;

	return i ? &m->e[i - 1] : NULL;
}

void *strmap_get(const struct strmap *m, const char *key)
{
	struct strmap_entry *e = m->n ? find(m, key, hash(key)) : NULL;

	return e ? e->value : NULL;
}

bool strmap_has(const struct strmap *m, const char *key)
{
	return m->n && find(m, key, hash(key));
}

static void grow(struct strmap *m)
{
	struct strmap_slot *old = m->index;
	size_t nold = m->nindex;

	m->cap = m->cap ? m->cap * 2 : 16;
	m->e = xrealloc(m->e, m->cap * sizeof(*m->e));
	m->nindex = m->cap * 2;
	m->index = xmalloc(m->nindex * sizeof(*m->index));
	memset(m->index, 0, m->nindex * sizeof(*m->index));
	for (size_t i = 0; i < nold; i++) {
		size_t to = old[i].hash & (m->nindex - 1);

		if (!old[i].i)
			continue;
		while (m->index[to].i)
			to = (to + 1) & (m->nindex - 1);
		m->index[to] = old[i];
	}
	free(old);
}

void *strmap_put(struct strmap *m, const char *key, void *value)
{
	uint32_t h = hash(key);
	struct strmap_entry *e = find(m, key, h);
	void *old;

	if (e) {
		old = e->value;
		e->value = value;
		return old;
	}
	if (m->n == m->cap)
		grow(m);
	*slot_of(m, key, h) = (struct strmap_slot){ (unsigned)m->n + 1, h };
	m->e[m->n++] = (struct strmap_entry){ key, value };
	return NULL;
}

/* Optimal string alignment over three rows. */
unsigned str_distance(const char *a, const char *b, unsigned limit)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned row[3][129], *pp = row[0], *p = row[1], *c = row[2], *t, best;

	if (n > 128 || m > 128 || (n > m ? n - m : m - n) > limit)
		return limit + 1;
	for (size_t j = 0; j <= m; j++)
		p[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		c[0] = best = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned d = p[j - 1] + (a[i - 1] != b[j - 1]);

			if (p[j] + 1 < d)
				d = p[j] + 1;
			if (c[j - 1] + 1 < d)
				d = c[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    pp[j - 2] + 1 < d)
				d = pp[j - 2] + 1;
			c[j] = d;
			if (d < best)
				best = d;
		}
		if (best > limit)
			return limit + 1;
		t = pp;
		pp = p;
		p = c;
		c = t;
	}
	return p[m] > limit ? limit + 1 : p[m];
}

bool str_is_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* One class "[...]" at *P against C; *P is left behind the class.  An unclosed one is literal. */
static bool match_class(const char **p, char c)
{
	const char *s = *p + 1;
	bool negate = *s == '!' || *s == '^', hit = false;

	if (negate)
		s++;
	for (bool first = true; *s && (first || *s != ']'); first = false) {
		unsigned char lo = (unsigned char)*s++, hi = lo;

		if (s[0] == '-' && s[1] && s[1] != ']') {
			hi = (unsigned char)s[1];
			s += 2;
		}
		if ((unsigned char)c >= lo && (unsigned char)c <= hi)
			hit = true;
	}
	if (!*s) {
		(*p)++;
		return c == '[';
	}
	*p = s + 1;
	return hit != negate;
}

/* Linear with one point of return: the last `*`. */
bool str_glob(const char *pattern, const char *s)
{
	const char *p = pattern, *star = NULL, *back = NULL;

	while (*s) {
		bool ok;

		if (*p == '*') {
			star = ++p;
			back = s;
			continue;
		}
		if (*p == '?') {
			ok = true;
			p++;
		} else if (*p == '[') {
			ok = match_class(&p, *s);
		} else {
			ok = *p == *s;
			p += ok;
		}
		if (ok) {
			s++;
			continue;
		}
		if (!star)
			return false;
		p = star;
		s = ++back;
	}
	while (*p == '*')
		p++;
	return !*p;
}
