/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stp_error() of programs that stand in for the kernel: the first one of a context is kept.  Included once in each. */
#ifndef MOCK_ERROR_H
#define MOCK_ERROR_H

#include <stdarg.h>
#include <stdio.h>

#include "stp.h"

void stp_error(struct stp_context *c, const char *fmt, ...)
{
	va_list ap;

	if (c->error)
		return;
	va_start(ap, fmt);
	vsnprintf(c->error_text, sizeof(c->error_text), fmt, ap);
	va_end(ap);
	c->error = c->error_text;
}

#endif
