/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is freed all at once.
 *
 * A pass takes an arena, allocates what it makes from it, and never frees single objects; the
 * owner destroys the arena when the product of the pass is no longer needed.  Allocation cannot
 * fail from the caller's view: when malloc() does, the program says so and exits with status 1.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	const char *name;		/* shown by --stats */
	struct arena_block *blocks;	/* newest first; owned */
	size_t used;			/* bytes handed out */
};

void arena_init(struct arena *a, const char *name);
void arena_deinit(struct arena *a);

/* SIZE bytes, zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
#define arena_new(a, type)	((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n)	((type *)arena_alloc((a), sizeof(type) * (n)))

void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);

/* Allocation that never returns NULL, for what outlives arenas; free() it. */
void *xmalloc(size_t n);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);

#endif
