/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing text buffer, always NUL-terminated; used to build generated C, dumps and messages.
 * A zeroed buffer is valid and empty: text points at "" only after the first call to buf_text().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *p;	/* owned, may be NULL while empty */
	size_t n;	/* length without the NUL */
	size_t cap;
};

void buf_deinit(struct buf *b);
void buf_clear(struct buf *b);
const char *buf_text(struct buf *b);
void buf_add(struct buf *b, const char *s, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);

/* Append S as the inside of a C (and script) string literal: quotes, backslashes, control bytes
 * escaped so that no byte sequence can be read as a trigraph, an octal escape run or a format. */
void buf_escape(struct buf *b, const char *s, size_t n);

/* A whole file into B; false and errno on failure. */
bool buf_read_file(struct buf *b, const char *path);

#endif
