/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map from string to pointer that remembers the order of insertion: walking it gives the same
 * order in every run, which generated code depends on.
 */
#ifndef BASE_STRMAP_H
#define BASE_STRMAP_H

#include <stdbool.h>
#include <stddef.h>

struct strmap_entry {
	const char *key;	/* not owned: must outlive the map */
	void *value;
};

struct strmap_slot { unsigned i, hash; };	/* e[i - 1], 0 = free; the hash of its key */

struct strmap {
	struct strmap_entry *e;	/* in order of insertion; owned */
	size_t n, cap;
	struct strmap_slot *index;	/* open addressing over e[]; owned */
	size_t nindex;
};

void strmap_deinit(struct strmap *m);
void *strmap_get(const struct strmap *m, const char *key);	/* NULL when absent */
bool strmap_has(const struct strmap *m, const char *key);
/* Set KEY to VALUE; returns the former value or NULL. */
void *strmap_put(struct strmap *m, const char *key, void *value);

/* Edit distance between A and B (insert, delete, replace, swap each cost 1), capped at LIMIT + 1. */
unsigned str_distance(const char *a, const char *b, unsigned limit);

/* fnmatch-like: `*` any run, `?` one, `[...]` a class; no special meaning of `/` or `.`. */
bool str_glob(const char *pattern, const char *s);
bool str_is_glob(const char *s);

#endif
