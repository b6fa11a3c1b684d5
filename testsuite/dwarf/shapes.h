/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types that both the subjects and the test that reads their DWARF include. */
#ifndef SHAPES_H
#define SHAPES_H

struct bits {
	unsigned a : 3;
	unsigned b : 7;
	int c : 11;
	unsigned long long d : 40;
	char tail;
};

enum colour { RED = 1, GREEN = -5, BLUE = 1000 };

struct point { int x, y; };
struct wide { long a, b; };
struct large { long v[5]; };

union either { long number; char text[8]; };

struct shape {
	char name[12];
	struct {
		int inner_a;
		union { short inner_b; unsigned char inner_c[2]; };
	};
	struct point corner[2][3];
	const struct shape *next;
	int (*area)(struct shape *, long);
	enum colour colour;
	volatile unsigned char flag;
	union either either;
	_Bool ready;
	struct opaque *opaque;
	unsigned flexible[];
};

typedef struct shape shape_t;

#endif
