// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The records of a .BTF section: checked once, numbered, and found by name.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/btf.h"

enum { MAGIC = 0xeb9f, VERSION = 1, HEAD = 24, MAX_TYPES = 1 << 24 };

uint32_t btf_word(const unsigned char *p, size_t i)
{
	uint32_t v;

	memcpy(&v, p + 4 * i, sizeof(v));
	return v;
}

/* Bytes behind the head of a record; -1 for a kind that is not known. */
static long rest_size(unsigned kind, uint32_t vlen)
{
	switch (kind) {
	case BTF_PTR: case BTF_FWD: case BTF_TYPEDEF: case BTF_VOLATILE: case BTF_CONST:
	case BTF_RESTRICT: case BTF_FUNC: case BTF_FLOAT: case BTF_TYPE_TAG:
		return 0;
	case BTF_INT: case BTF_VAR: case BTF_DECL_TAG:
		return 4;
	case BTF_ARRAY:
		return 12;
	case BTF_STRUCT: case BTF_UNION: case BTF_DATASEC: case BTF_ENUM64:
		return 12L * vlen;
	case BTF_ENUM: case BTF_FUNC_PROTO:
		return 8L * vlen;
	}
	return -1;
}

static unsigned kind_of(uint32_t info)
{
	return info >> 24 & 0x1f;
}

/* Number the records of N bytes at b->types. */
static bool number(struct btf *b, size_t n)
{
	size_t cap = n / 40 + 16;

	b->at = xmalloc(cap * sizeof(*b->at));
	for (size_t at = 0; at < n; b->n++) {
		uint32_t info;
		long rest;

		if (n - at < 12 || b->n >= MAX_TYPES)
			return false;
		info = btf_word(b->types + at, 1);
		rest = rest_size(kind_of(info), info & 0xffff);
		if (rest < 0 || (size_t)rest > n - at - 12)
			return false;
		if (b->n == cap)
			b->at = xrealloc(b->at, (cap *= 2) * sizeof(*b->at));
		b->at[b->n] = at;
		if ((kind_of(info) == BTF_ENUM || kind_of(info) == BTF_ENUM64) && info >> 31)
			b->signs_enums = true;
		at += 12 + rest;
	}
	return true;
}

static uint32_t hash_name(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h ^ h >> 15;
}

static void hash_names(struct btf *b)
{
	for (b->nbucket = 64; b->nbucket < b->n; b->nbucket *= 2)
		;
	b->bucket = xmalloc(b->nbucket * sizeof(*b->bucket));
	memset(b->bucket, 0, b->nbucket * sizeof(*b->bucket));
	b->next = xmalloc(((size_t)b->n + 1) * sizeof(*b->next));
	for (uint32_t i = b->n; i-- > 0; ) {	/* backwards: chains go up */
		const char *name = btf_string(b, btf_word(b->types + b->at[i], 0));
		uint32_t *head = &b->bucket[hash_name(name) & (b->nbucket - 1)];

		if (!*name)
			continue;
		b->next[i] = *head;
		*head = i + 1;
	}
}

static const char *check_head(const unsigned char *p, size_t n)
{
	uint64_t head, type_end, str_end;

	if (n < HEAD)
		return "it is cut short";
	if ((p[0] | p[1] << 8) != MAGIC)
		return "it does not begin as BTF of this byte order does";
	if (p[2] != VERSION)
		return "its version is not known";
	head = btf_word(p, 1);
	type_end = head + btf_word(p, 2) + btf_word(p, 3);
	str_end = head + btf_word(p, 4) + btf_word(p, 5);
	if (head < HEAD || type_end > n || str_end > n)
		return "it is cut short";
	if (!btf_word(p, 5) || p[str_end - 1])
		return "its strings do not end";
	return NULL;
}

struct btf *btf_open(const void *section, size_t n, const struct btf *base, const char **what)
{
	const unsigned char *p = section;
	struct btf *b;

	*what = check_head(p, n);
	if (*what)
		return NULL;
	b = xmalloc(sizeof(*b));
	*b = (struct btf){ .base = base, .first = 1 };
	if (base) {
		b->first = base->first + base->n;
		b->first_string = base->first_string + base->nstrings;
		b->signs_enums = base->signs_enums;
	}
	b->types = p + btf_word(p, 1) + btf_word(p, 2);
	b->strings = (const char *)p + btf_word(p, 1) + btf_word(p, 4);
	b->nstrings = btf_word(p, 5);
	if (number(b, btf_word(p, 3))) {
		hash_names(b);
		return b;
	}
	*what = "a type in it is damaged or of an unknown kind";
	btf_close(b);
	return NULL;
}

void btf_close(struct btf *b)
{
	if (!b)
		return;
	free(b->at);
	free(b->bucket);
	free(b->next);
	free(b->owned);
	free(b);
}

const char *btf_string(const struct btf *b, uint32_t off)
{
	while (b && off < b->first_string)
		b = b->base;
	return b && off - b->first_string < b->nstrings ? b->strings + (off - b->first_string) : "";
}

bool btf_type(const struct btf *b, uint32_t id, struct btf_type *ret)
{
	const struct btf *own = b;
	const unsigned char *p;
	uint32_t info;

	while (own && id < own->first)
		own = own->base;
	if (!own || !id || id - own->first >= own->n)
		return false;
	p = own->types + own->at[id - own->first];
	info = btf_word(p, 1);
	*ret = (struct btf_type){ .name = btf_string(own, btf_word(p, 0)), .kind = kind_of(info),
				  .flag = info >> 31, .vlen = info & 0xffff, .size = btf_word(p, 2),
				  .rest = p + 12 };
	return true;
}

uint32_t btf_find(const struct btf *b, const char *name, uint32_t kinds, uint32_t after)
{
	for (; b; b = b->base) {
		uint32_t i = b->bucket[hash_name(name) & (b->nbucket - 1)];

		for (; i; i = b->next[i - 1]) {
			const unsigned char *p = b->types + b->at[i - 1];

			/* Own ones first, then the base's, each going up: AFTER may be in either. */
			if (after && (after < b->first || i - 1 + b->first <= after))
				continue;
			if (kinds & BTF_BIT(kind_of(btf_word(p, 1))) &&
			    !strcmp(btf_string(b, btf_word(p, 0)), name))
				return i - 1 + b->first;
		}
		if (after >= b->first)
			after = 0;
	}
	return 0;
}
