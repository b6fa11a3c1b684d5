/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared library of subject.c. */
#include "subject.h"

static long calls = 40;

static __attribute__((noinline, noclone)) long add(long a, long b)
{
	__asm__ volatile("");
	return a + b;
}

__attribute__((noinline)) long lib_add(long a, long b)
{
	calls++;
	return add(a, b) + 1;
}

long lib_calls(void)
{
	return calls;
}
