// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What print, printf, log and warnings of handlers write into the ring.  printf writes its raw
 * arguments and leaves the formatting to stapio, except %m and %M, which read memory that only
 * the probe can see.  Nothing here allocates or waits, but for the room that stp_channel_reserve()
 * waits for in handlers that may sleep.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include "channel.h"
#include "data/format.h"

static void write_text(struct stp_context *c, u32 type, const char *s, u32 len, const char *tail)
{
	u32 more = strlen(tail);
	struct stp_record *r;
	char *to;

	if (len + more > STP_RECORD_MAX - sizeof(*r))
		len = STP_RECORD_MAX - sizeof(*r) - more;
	r = stp_channel_reserve(c, type, len + more);
	if (!r)
		return;
	to = (char *)(r + 1);
	memcpy(to, s, len);
	memcpy(to + len, tail, more);
	stp_channel_commit(c);
}

void stp_print(struct stp_context *c, const char *s)
{
	u32 n, len = strlen(s);

	for (; len; s += n, len -= n) {
		n = min_t(u32, len, STP_RECORD_MAX - sizeof(struct stp_record));
		write_text(c, STP_REC_TEXT, s, n, "");
	}
}

void stp_log(struct stp_context *c, const char *s)
{
	write_text(c, STP_REC_TEXT, s, strlen(s), "\n");
}

void stp_system(struct stp_context *c, const char *command)
{
	u32 len = strlen(command);

	if (len)
		write_text(c, STP_REC_SYSTEM, command, len, "");
}

void stp_switch_file(struct stp_context *c)
{
	if (stp_channel_reserve(c, STP_REC_SWITCH, 0))
		stp_channel_commit(c);
}

/* Formats straight into the ring: LEN bytes as vsnprintf() counts them. */
static void write_vformat(struct stp_context *c, u32 type, const char *fmt, va_list ap, const char *tail,
			  u32 limit)
{
	u32 more = strlen(tail);
	struct stp_record *r;
	va_list count;
	int len;

	va_copy(count, ap);
	len = vsnprintf(NULL, 0, fmt, count);
	va_end(count);
	if (len <= 0)
		return;
	len = min3(len, (int)limit, (int)(STP_RECORD_MAX - sizeof(*r) - 1 - more));
	r = stp_channel_reserve(c, type, len + 1 + more);	/* one for vsnprintf()'s NUL */
	if (!r)
		return;
	vsnprintf((char *)(r + 1), len + 1, fmt, ap);
	/* The byte of the NUL becomes padding: the record may get smaller by it, never larger. */
	memcpy((char *)(r + 1) + len, tail, more);
	stp_channel_cut(c, r, len + more);
	stp_channel_commit(c);
}

void stp_transport_line(struct stp_context *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_vformat(c, STP_REC_ERROR, fmt, ap, "\n", 4000);
	va_end(ap);
}

void stp_cprintf(struct stp_context *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_vformat(c, STP_REC_TEXT, fmt, ap, "", stp_unit.maxstringlen - 1);
	va_end(ap);
}

/* ---- printf ---- */

static unsigned long *formats_here;	/* a bit for each format that reads memory */

int stp_print_init(void)
{
	u32 i;

	formats_here = bitmap_zalloc(stp_unit.nfmts + 1, GFP_KERNEL);
	if (!formats_here)
		return -ENOMEM;
	for (i = 0; i < stp_unit.nfmts; i++)
		if (stp_format_reads_memory(stp_unit.fmts[i]->text))
			__set_bit(stp_unit.fmts[i]->id, formats_here);
	return 0;
}

void stp_print_exit(void)
{
	bitmap_free(formats_here);
	formats_here = NULL;
}

static bool copy_memory(void *to, uint64_t addr, uint32_t size)
{
	return stp_try_copy(to, addr, size, false);
}

/* %m, %M: the length is known after formatting, so the room is asked for what it can be at most. */
static void printf_here(struct stp_context *c, const struct stp_fmt *f, const union stp_val *args)
{
	struct stp_format_memory memory = { .copy = copy_memory };
	u32 room = STP_RECORD_MAX / 4;
	struct stp_record *r = stp_channel_reserve(c, STP_REC_TEXT, room);
	int len;

	if (!r)
		return;
	len = stp_format((char *)(r + 1), room, f->text, args, f->nargs, &memory);
	if (len < 0) {
		stp_error(c, "read fault [man error::fault] at 0x%llx", (unsigned long long)memory.fault);
		return;		/* not committed: the next record takes its place */
	}
	stp_channel_cut(c, r, min_t(u32, len, room - 1));
	stp_channel_commit(c);
}

__kprobes char *stp_printf_begin(struct stp_context *c, const struct stp_fmt *f, uint32_t size)
{
	struct stp_record *r = stp_channel_take(c, STP_REC_PRINTF, 8 + size);

	if (unlikely(!r))
		return NULL;
	*(u64 *)(r + 1) = f->id;	/* a u32, and a u32 of zero */
	return (char *)(r + 1) + 8;
}

__kprobes void stp_printf_end(struct stp_context *c)
{
	stp_channel_show(c->out);
}

void stp_printf(struct stp_context *c, const struct stp_fmt *f, const union stp_val *args)
{
	u32 i, nargs = f->nargs, size = 8 * nargs;
	char *to;

	if (unlikely(test_bit(f->id, formats_here))) {
		printf_here(c, f, args);
		return;
	}
	for (i = 0; i < nargs; i++)
		if (f->args[i] == 's')
			size += stp_put_text_size(stp_text_length(args[i].s)) - 8;
	to = stp_printf_begin(c, f, size);
	if (!to)
		return;
	for (i = 0; i < nargs; i++)
		to = f->args[i] == 's' ? stp_put_text(to, args[i].s, stp_text_length(args[i].s)) :
					 stp_put_number(to, args[i].n);
	stp_printf_end(c);
}
