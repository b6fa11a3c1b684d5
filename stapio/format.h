/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records to the bytes that people see. */
#ifndef STAPIO_FORMAT_H
#define STAPIO_FORMAT_H

#include "stapio/stream.h"

enum piece_kind { PIECE_NONE, PIECE_SIGNED, PIECE_UNSIGNED, PIECE_HEX, PIECE_STRING, PIECE_OTHER };

/* A directive and the text up to the next one. */
struct piece {
	enum piece_kind kind;		/* NONE: before the first; OTHER: with flags, width and the like */
	uint32_t len;			/* of `after` */
	char *after;
	uint32_t nvalues;		/* OTHER: that it takes */
	char *directive;		/* OTHER: NUL terminated */
};

struct format {
	char *text;			/* NUL terminated */
	char *args;			/* nargs letters 'n' or 's' */
	uint32_t nargs;
	char *names;			/* what the script has for each, one after the other; NULL */
	struct piece *pieces;		/* the text taken apart, and that suits the values; NULL: it does not */
	uint32_t npieces;
	size_t room;			/* the most bytes of all pieces but STRING and OTHER */
};

enum { FORMAT_MAXARGS = 128 };		/* more than the language has */

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
bool bytes_grow(struct bytes *b, size_t n);
/* Room for at least N more; false: out of memory. */
static inline bool bytes_room(struct bytes *b, size_t n)
{
	return b->cap - b->len > n || bytes_grow(b, n);
}

union stp_val;
/* The format of a PRINTF record and its values, of which V has room for MOST; strings stay in PAYLOAD.
 * NULL when they do not fit each other. */
const struct format *format_values(const struct formats *f, const unsigned char *payload, size_t len,
				   union stp_val *v, uint32_t most);
/* The string at *AT of PAYLOAD, which is moved behind it; NULL when it is not one. */
const char *format_string(const unsigned char *payload, size_t len, size_t *at);

/* Appends what a PRINTF record's PAYLOAD says; false when it does not fit its format, or no memory. */
bool format_printf(struct bytes *out, const struct formats *f, const unsigned char *payload, size_t len);

#endif
