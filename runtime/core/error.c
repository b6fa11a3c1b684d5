// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors that a handler sets in its context, and the arithmetic that can make one.  Only the first
 * error of a handler counts; it is printed when the handler has been left (core/run.c).  Called
 * from handlers: may not print, allocate or sleep.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include "core/core.h"

__kprobes void stp_error(struct stp_context *c, const char *fmt, ...)
{
	va_list args;

	if (c->error)
		return;
	va_start(args, fmt);
	vscnprintf(c->error_text, sizeof(c->error_text), fmt, args);
	va_end(args);
	c->error = c->error_text;
}

__kprobes void stp_error_actions(struct stp_context *c)
{
	stp_error(c, "MAXACTION exceeded");
}

__kprobes void stp_error_nesting(struct stp_context *c)
{
	stp_error(c, "MAXNESTING exceeded");
}

__kprobes void stp_error_stack(struct stp_context *c)
{
	stp_error(c, "functions call each other too deep for the kernel's stack (%u calls)", c->nesting);
}

/* In both, a quotient of MIN / -1 would trap on x86; in 64-bit arithmetic that wraps it is MIN. */
__kprobes int64_t stp_div(struct stp_context *c, int64_t a, int64_t b)
{
	if (unlikely(b == 0)) {
		stp_error(c, "division by 0");
		return 0;
	}
	if (unlikely(b == -1))
		return (int64_t)(0 - (uint64_t)a);
	return div64_s64(a, b);
}

__kprobes int64_t stp_mod(struct stp_context *c, int64_t a, int64_t b)
{
	if (unlikely(b == 0)) {
		stp_error(c, "division by 0");
		return 0;
	}
	if (unlikely(b == -1))
		return 0;
	return a - b * div64_s64(a, b);
}
