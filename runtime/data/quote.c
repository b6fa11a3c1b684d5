// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text that people can read of bytes they cannot: C escapes, double quotes, ... for what did not
 * fit.  Portable, callable in any context.  Memory is read in small parts straight into the
 * result, so no second buffer is needed.
 */
#include "data/format.h"

struct quote {
	char *to;
	uint32_t max;		/* characters that fit, without the NUL */
	uint32_t len;
	uint32_t fit;		/* the last length that leaves room for the end of a cut text */
	bool quoted, cut;
};

static const char *ending(const struct quote *q, bool cut)
{
	return !q->quoted ? "" : cut ? "\"..." : "\"";
}

/* SIZE bytes at TO, of which OUTLEN (0: all) may be used. */
static struct quote quote_begin(char *to, uint32_t size, int64_t outlen, bool quoted)
{
	struct quote q = { .to = to, .max = size - 1, .quoted = quoted };

	if (quoted && outlen > 0 && outlen < 5)
		outlen = 5;
	if (outlen > 0 && outlen < q.max)
		q.max = (uint32_t)outlen;
	if (quoted)
		q.to[q.len++] = '"';
	q.fit = q.len;
	return q;
}

static void quote_byte(struct quote *q, unsigned char c)
{
	char text[5];
	uint32_t n = stp_escape(text, c, '"'), i;

	if (q->cut)
		return;
	if (q->len + n + stp_strlen(ending(q, false)) > q->max) {
		q->cut = true;
		return;
	}
	for (i = 0; i < n; i++)
		q->to[q->len++] = text[i];
	if (q->len + stp_strlen(ending(q, true)) <= q->max)
		q->fit = q->len;
}

/* MORE: there was input that was not even tried. */
static void quote_end(struct quote *q, bool more)
{
	bool cut = q->cut || more;
	const char *s;

	if (cut)
		q->len = q->fit;
	for (s = ending(q, cut); *s; s++)
		q->to[q->len++] = *s;
	q->to[q->len] = 0;
}

void stp_text_str(char *to, uint32_t size, const char *s, int64_t max, bool quoted)
{
	struct quote q;

	if (size < 8)
		return;
	q = quote_begin(to, size, max, quoted);
	while (*s && !q.cut)
		quote_byte(&q, (unsigned char)*s++);
	quote_end(&q, false);
}

void stp_text_number(char *to, uint32_t size, const char *fmt, int64_t n)
{
	union stp_val v = { .n = n };

	stp_format(to, size, fmt, &v, 1, NULL);
}

/* The next part: bytes read, or -1.  *last: the string ends in it. */
static int64_t read_part(char *part, uint32_t n, uint64_t addr, bool user, bool buffer, bool *last)
{
	int64_t got;

	if (buffer)
		return stp_try_copy(part, addr, n, user) ? (int64_t)n : -1;
	got = stp_try_string(addr, user, part, n + 1);
	*last = got < (int64_t)n;
	return got;
}

static bool more_follows(uint64_t addr, bool user)
{
	char c[2];

	return stp_try_string(addr, user, c, 2) > 0;
}

/*
 * Adds what is at ADDR, as stp_quote_memory() has it.  Returns the bytes read, or -1; *last: they are all of the
 * string.
 */
static int64_t quote_read(struct quote *q, uint64_t addr, bool user, int64_t inlen, bool buffer, bool *last)
{
	int64_t done = 0, got, i;
	char part[65];

	while (done < inlen && !*last && !q->cut) {
		int64_t n = inlen - done < 64 ? inlen - done : 64;

		got = read_part(part, (uint32_t)n, addr + (uint64_t)done, user, buffer, last);
		if (got < 0)
			return -1;
		for (i = 0; i < got && !q->cut; i++)
			quote_byte(q, (unsigned char)part[i]);
		done += got;
	}
	return done;
}

bool stp_quote_memory(char *to, uint32_t size, uint64_t addr, bool user, int64_t inlen, int64_t outlen,
		      bool buffer)
{
	bool last = false;
	struct quote q;
	int64_t done;

	if (size < 24)
		return false;
	q = quote_begin(to, size, outlen, true);
	done = quote_read(&q, addr, user, inlen, buffer, &last);
	if (done < 0) {
		stp_text_number(to, size, "0x%x", (int64_t)addr);
		return false;
	}
	quote_end(&q, !buffer && !last && !q.cut && more_follows(addr + (uint64_t)done, user));
	return true;
}

bool stp_escape_memory(char *to, uint32_t size, uint64_t addr, bool user, int64_t inlen)
{
	struct quote q = quote_begin(to, size, 0, false);
	bool last = false;

	if (quote_read(&q, addr, user, inlen, false, &last) < 0) {
		to[0] = 0;
		return false;
	}
	quote_end(&q, false);
	return true;
}
