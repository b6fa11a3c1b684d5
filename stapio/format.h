/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records to the bytes that people see. */
#ifndef STAPIO_FORMAT_H
#define STAPIO_FORMAT_H

#include "stapio/stream.h"

struct format {
	char *text;			/* NUL terminated */
	char *args;			/* nargs letters 'n' or 's' */
	uint32_t nargs;
};

struct formats {
	struct format *v;
	uint32_t n;
};

/* Parses the bytes of the `formats` file; false: they are not what the kernel writes, or no memory. */
bool formats_init(struct formats *ret, const unsigned char *data, size_t len);
void formats_deinit(struct formats *f);

/* A growing buffer of bytes. */
struct bytes {
	char *v;
	size_t len, cap;
};
bool bytes_room(struct bytes *b, size_t n);	/* at least N more; false: out of memory */

/* Appends what a PRINTF record's PAYLOAD says; false when it does not fit its format, or no memory. */
bool format_printf(struct bytes *out, const struct formats *f, const unsigned char *payload, size_t len);

#endif
