/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the string functions of the tapset stand on.  Included by stp.h only.
 * TO has SIZE bytes with the NUL; results are cut to that and always terminated.  TO may not be
 * one of the other arguments, unless said so.
 */
#ifndef STP_TEXT_H
#define STP_TEXT_H

/* LENGTH bytes from byte START; "" when START is negative or past the end. */
void stp_substr(char *to, uint32_t size, const char *s, int64_t start, int64_t length);
int64_t stp_strpos(const char *s, const char *sub);	/* where SUB is first found in S, or -1 */
/* Blanks, sign, digits in BASE 2 to 36 (0: by the prefix 0x or 0; 16 takes a 0x); stops at the first other.
 * 0 for any other base. */
int64_t stp_strtol(const char *s, int64_t base);
/* S with every FIND replaced by BY, left to right; as it is when FIND is "". */
void stp_str_replace(char *to, uint32_t size, const char *s, const char *find, const char *by);
/*
 * The first non-empty token of INPUT, or, when that is "", the next one of the last input that was
 * given in the same context (each processor's handlers, and those that may sleep).
 */
void stp_tokenize(struct stp_context *c, char *to, uint32_t size, const char *input, const char *delim);

/*
 * S with unprintable bytes as C escapes.  The result has at most MAX characters (0: what fits);
 * QUOTED puts it in double quotes, with ... behind them when S did not fit.
 */
void stp_text_str(char *to, uint32_t size, const char *s, int64_t max, bool quoted);
/*
 * The same, quoted, for a string in memory of the kernel or the user: at most INLEN of its bytes
 * (...: there were more), or exactly INLEN bytes when BUFFER.  When it cannot be read TO gets the
 * address as 0x... without quotes, and the result is false.
 */
bool stp_quote_memory(char *to, uint32_t size, uint64_t addr, bool user, int64_t inlen, int64_t outlen,
		      bool buffer);
/* What stands between the quotes, of at most INLEN bytes of the string at ADDR; "" and false when it cannot be read. */
bool stp_escape_memory(char *to, uint32_t size, uint64_t addr, bool user, int64_t inlen);

/* The UTF-16 (WIDTH 2) or UTF-32 (4) string at ADDR as UTF-8; TO holds what came before a fault or a bad unit. */
enum stp_utf_result { STP_UTF_OK, STP_UTF_FAULT, STP_UTF_INVALID };
enum stp_utf_result stp_utf_string(char *to, uint32_t size, uint64_t addr, bool user, uint32_t width);

/*
 * "A|B|0x40": the flags in VALUE by their names, whose order is that of the table; bits without one in hex; a
 * name of 0 when no bit is set.  stp_value_str: the name of VALUE, or VALUE in hex.
 */
struct stp_name { uint64_t value; const char *name; };
void stp_flags_str(char *to, uint32_t size, uint64_t value, const struct stp_name *names, uint32_t n);
void stp_value_str(char *to, uint32_t size, int64_t value, const struct stp_name *names, uint32_t n);

/* "::1": the IPv6 address whose 16 bytes HIGH and LOW have as they lie in memory. */
void stp_ip6_str(char *to, uint32_t size, uint64_t high, uint64_t low);

/* "Thu Jan  1 00:00:00 1970", UTC; false outside of what 32 bits of seconds reach. */
bool stp_ctime(char *to, uint32_t size, int64_t seconds);
/* "ENOENT" for 2, "E#3333" for what is no Linux error. */
void stp_errno_str(char *to, uint32_t size, int64_t err);
/* sprintf() of the runtime for C in the tapset: directives of data/format.h, N numbers, no strings. */
void stp_text_number(char *to, uint32_t size, const char *fmt, int64_t n);

#endif
