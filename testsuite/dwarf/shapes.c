// SPDX-License-Identifier: GPL-2.0-or-later
/* The subject: built with and without optimisation, linked and as a relocatable "module". */
#include "shapes.h"

struct opaque { int inside; };

long shapes_total;
struct bits shapes_bits;
static int shapes_hidden[4];
static const char *const shapes_word = "word";

int external(int x);

static inline __attribute__((always_inline)) int twice(int inlined_arg)
{
	int doubled = inlined_arg * 2;

	return external(doubled) + doubled;
}

__attribute__((noinline)) int six(int a, long b, char *c, struct shape *d, unsigned char e, short f,
				  long on_stack)
{
	return external(a + b + c[0] + d->colour + e + f + on_stack);
}

__attribute__((noinline)) long by_value(struct point p, struct wide w, struct large l)
{
	return external(p.x + p.y) + w.a + w.b + l.v[4];
}

__attribute__((noinline)) struct wide pair(long x) { return (struct wide){ x, external(x) }; }
__attribute__((noinline)) struct large big(long x) { return (struct large){ { x, external(x) } }; }
__attribute__((noinline)) double real(double x) { return x * external(1); }
__attribute__((noinline)) void nothing(void) { external(0); }

__attribute__((noinline)) int caller(int count)
{
	int sum = 0;

	for (int i = 0; i < count; i++) {
		int block = external(i);

		sum += twice(block) + shapes_hidden[i & 3];
	}
	shapes_total += sum + shapes_word[count];
	shapes_hidden[count & 3] = sum;
	return sum + twice(sum);
}

__attribute__((noinline, section(".text.other"))) int elsewhere(shape_t *s)
{
	return external(s->corner[1][2].y) + s->ready;
}

int entrance(shape_t *s)
{
	struct point p = { 1, 2 };
	struct wide w = { 3, 4 };
	struct large l = { { 5 } };

	nothing();
	return six(1, 2, s->name, s, 3, 4, 5) + by_value(p, w, l) + pair(1).a + big(2).v[1] +
	       (int)real(1.5) + caller(3) + elsewhere(s) + s->opaque->inside;
}

/* A symbol that no unit defines in its DWARF; rest.c declares it. */
asm(".globl shapes_linked\n\t.set shapes_linked, shapes_total");
