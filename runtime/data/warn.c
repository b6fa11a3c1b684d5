// SPDX-License-Identifier: GPL-2.0-or-later
/* warn(): a line for the standard error of stap, in order with the script's output. */
#include <linux/printk.h>
#include "core/core.h"
#include "transport/transport.h"

void stp_warn(struct stp_context *c, const char *fmt, ...)
{
	struct va_format text;
	va_list args;

	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	stp_transport_line(c, "WARNING: %pV", &text);
	va_end(args);
}
