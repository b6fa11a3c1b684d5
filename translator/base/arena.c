/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arenas and growable arrays: blocks of zeroed memory, filled from the front, freed together.  They grow
 * with the arena, so that a large one costs few page faults.  Objects larger than a block get one of
 * their own.  Must not be asked to free single objects.
 */
#include "base/arena.h"
#include "base/vec.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 * 1024, LARGEST_BLOCK = 4 << 20, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;	/* bytes of data[] */
	_Alignas(ALIGN) char data[];
};

static void out_of_memory(void)
{
	fputs("ERROR: out of memory\n", stderr);
	exit(1);
}

void *xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (!p)
		out_of_memory();
	return p;
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xmalloc(n), s, n);
}

void arena_init(struct arena *a, const char *name)
{
	*a = (struct arena){ .name = name };
}

void arena_deinit(struct arena *a)
{
	struct arena_block *b = a->blocks;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	a->blocks = NULL;
	a->used = 0;
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b;

	if (size > SIZE_MAX - sizeof(*b))
		out_of_memory();
	b = calloc(1, sizeof(*b) + size);	/* large ones come zeroed from the kernel, for nothing */
	if (!b)
		out_of_memory();
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	void *p;

	if (size > SIZE_MAX - ALIGN)
		out_of_memory();
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!b || b->size - b->used < size) {
		if (b && size > BLOCK / 4) {	/* keep filling the current block afterwards */
			struct arena_block *own = block_new(size);

			own->next = b->next;
			b->next = own;
			b = own;
		} else {
			size_t grown = a->used / 4 < LARGEST_BLOCK ? a->used / 4 : LARGEST_BLOCK;

			b = block_new(size > BLOCK || grown > BLOCK ? size + grown : BLOCK);
			b->next = a->blocks;
			a->blocks = b;
		}
	}
	p = b->data + b->used;
	b->used += size;
	a->used += size;
	return p;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *q = arena_alloc(a, n);

	return n ? memcpy(q, p, n) : q;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		out_of_memory();
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void vec_grow(struct arena *a, void **v, size_t *cap, size_t n, size_t elem)
{
	size_t want = *cap ? *cap * 2 : 8;
	void *p = arena_alloc(a, want * elem);

	if (n)
		memcpy(p, *v, n * elem);
	*v = p;
	*cap = want;
}
