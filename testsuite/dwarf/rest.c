// SPDX-License-Identifier: GPL-2.0-or-later
/* A second unit: it knows struct opaque as a declaration only, and has a twin of a static. */
#include "shapes.h"

int entrance(shape_t *s);

static int shapes_hidden[2] = { 7, 8 };
struct opaque *rest_pointer;
extern long shapes_linked;	/* a symbol has its place, as jiffies in the kernel's linker script: see shapes.c */

__attribute__((noinline)) int external(int x)
{
	return shapes_hidden[x & 1];
}

int main(int argc, char **argv)
{
	static shape_t s;

	return (int)shapes_linked + entrance(&s) + (rest_pointer != 0) + argc + !argv;
}
