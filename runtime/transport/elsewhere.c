// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines that do not go to stapio: the kernel's trace buffer (/sys/kernel/tracing/trace) and its log.
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include "transport.h"

typedef int put_sized(unsigned long, const char *, int);
typedef int put_plain(unsigned long, const char *);

/* trace_printk() would have the kernel say at loading that this is a debugging kernel; writing a plain
 * string does not.  Newer kernels take its length themselves. */
void stp_ftrace(const char *s)
{
#ifdef CONFIG_TRACING
	if (__builtin_types_compatible_p(typeof(__trace_puts), put_sized))
		((put_sized *)(void *)__trace_puts)(_THIS_IP_, s, strlen(s));
	else
		((put_plain *)(void *)__trace_puts)(_THIS_IP_, s);
#endif
}

void stp_printk(int64_t level, const char *s)
{
	printk("%c%c%s\n", KERN_SOH_ASCII, (int)('0' + clamp_t(int64_t, level, 0, 7)), s);
}
