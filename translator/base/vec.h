/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growable arrays inside an arena.
 *
 *	VEC(struct foo *) foos;            declares { struct foo **v; size_t n, cap; }
 *	*vec_add(a, &foos) = f;            appends one zeroed element
 *	vec_each(&foos, i)  foos.v[i] ...
 *
 * A zeroed vector is empty.  Growing leaves the old storage in the arena.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC(type) struct { type *v; size_t n, cap; }

void vec_grow(struct arena *a, void **v, size_t *cap, size_t n, size_t elem);

#define vec_add(a, vec)								\
	(((vec)->n == (vec)->cap ?						\
	  vec_grow((a), (void **)&(vec)->v, &(vec)->cap, (vec)->n, sizeof(*(vec)->v)) : (void)0),	\
	 &(vec)->v[(vec)->n++])

#define vec_each(vec, i) for (size_t i = 0; i < (vec)->n; i++)

#endif
