/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printf directives: parsing one, and formatting values to bytes.  The same code runs in the
 * kernel (sprintf, printf of memory) and in stapio (printf records), so both print alike.
 */
#ifndef DATA_FORMAT_H
#define DATA_FORMAT_H

#include "stp.h"

enum {
	STP_FMT_LEFT = 1,	/* - */
	STP_FMT_PLUS = 2,	/* + */
	STP_FMT_SPACE = 4,	/* blank */
	STP_FMT_ALT = 8,	/* # */
	STP_FMT_ZERO = 16,	/* 0 */
};

/* Widths and precisions above this are cut to it: a `*` may not keep a handler busy for seconds. */
enum { STP_FMT_MAXWIDTH = 8192 };

/* One directive: %[flags][width][.precision][length]conversion. */
struct stp_directive {
	const char *start;	/* the % */
	uint32_t flags;
	int32_t width;		/* -1: none; meaningless when star_width */
	int32_t precision;	/* -1: none; meaningless when star_precision */
	bool star_width, star_precision;
	char conv;		/* one of "diuxXopscbmM%", or what else stands there (0: the text ends) */
};

/*
 * Parse the directive whose % is at P; returns the first byte after it.  Never passes the NUL.
 * d->conv tells whether it is one of SystemTap's: see stp_directive_valid().
 */
const char *stp_directive_parse(const char *p, struct stp_directive *d);

/* True when the conversion is known and %b has a width of 1, 2, 4, 8 or none. */
bool stp_directive_valid(const struct stp_directive *d);

/* True when TEXT reads memory (%m, %M), which can only be done in the probe itself. */
bool stp_format_reads_memory(const char *text);

/* Where %m and %M get memory from. */
struct stp_format_memory {
	/* Copy SIZE bytes at ADDR to TO; false when they cannot be read. */
	bool (*copy)(void *to, uint64_t addr, uint32_t size);
	uint64_t fault;		/* set to the address that could not be read */
};

/*
 * Format ARGS by TEXT into TO, SIZE bytes with the final NUL (always written when SIZE > 0).
 * Returns the length that all of it has, without the NUL and not cut; the bytes may hold NULs
 * (%c, %b, %m), so a caller that prints must go by the length.  -1 when %m or %M could not read
 * memory (or MEMORY is NULL): TO then holds what came before, and memory->fault the address.
 * Missing values print as 0 or "".  Numbers and addresses are 64 bits whatever the length letter.
 */
int stp_format(char *to, uint32_t size, const char *text, const union stp_val *args, uint32_t nargs,
	       struct stp_format_memory *memory);

/*
 * The C escape of byte C into TO (at least 5 bytes): itself when printable, else \a \b \t \n \v \f
 * \r or three octal digits; \ and QUOTE are escaped too.  Returns the length; no NUL.
 */
uint32_t stp_escape(char *to, unsigned char c, char quote);

#endif
