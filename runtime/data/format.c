// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * printf directives to bytes, as stap(1) "printf, sprintf" and the language reference, 9.2, give
 * them: d i u x X o p s c b m M %.  Every number is 64 bits wide.  As in SystemTap `#` gives 0 its prefix too.
 *
 * Portable: compiled into the kernel runtime and into stapio.  In the kernel it runs in handlers:
 * it allocates nothing, calls nothing, and its loops are bounded by STP_FMT_MAXWIDTH, the lengths
 * of its strings and of the text.  Memory is read through the caller's function alone.
 */
#include "data/format.h"

struct out {
	char *to;
	uint32_t size;
	uint32_t len;		/* what was asked for, also past the end */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->to[o->len] = c;
	if (o->len < 0x7fffffff)
		o->len++;
}

static void pad(struct out *o, char c, int32_t n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_bytes(struct out *o, const char *s, uint32_t n)
{
	while (n--)
		put(o, *s++);
}

/* Bytes in a field: WIDTH or the number itself, blanks on the side that FLAGS tell. */
static void put_field(struct out *o, const struct stp_directive *d, const char *s, uint32_t n)
{
	int32_t room = d->width - (int32_t)n;

	if (!(d->flags & STP_FMT_LEFT))
		pad(o, ' ', room);
	put_bytes(o, s, n);
	if (d->flags & STP_FMT_LEFT)
		pad(o, ' ', room);
}

static const char *parse_number(const char *p, int32_t *ret)
{
	int32_t n = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		if (n <= STP_FMT_MAXWIDTH)
			n = n * 10 + (*p - '0');
	*ret = n > STP_FMT_MAXWIDTH ? STP_FMT_MAXWIDTH : n;
	return p;
}

static uint32_t flag_of(char c)
{
	switch (c) {
	case '-': return STP_FMT_LEFT;
	case '+': return STP_FMT_PLUS;
	case ' ': return STP_FMT_SPACE;
	case '#': return STP_FMT_ALT;
	case '0': return STP_FMT_ZERO;
	default: return 0;
	}
}

const char *stp_directive_parse(const char *p, struct stp_directive *d)
{
	d->start = p++;
	d->flags = 0;
	d->width = d->precision = -1;
	d->star_width = d->star_precision = false;
	for (; flag_of(*p); p++)
		d->flags |= flag_of(*p);
	if (*p == '*') {
		d->star_width = true;
		p++;
	} else if (*p >= '1' && *p <= '9') {
		p = parse_number(p, &d->width);
	}
	if (*p == '.') {
		p++;
		if (*p == '*') {
			d->star_precision = true;
			p++;
		} else {
			p = parse_number(p, &d->precision);
		}
	}
	while (*p == 'l' || *p == 'h' || *p == 'L')
		p++;
	d->conv = *p;
	return *p ? p + 1 : p;
}

bool stp_directive_valid(const struct stp_directive *d)
{
	const char *known = "diuxXopscbmM%";

	if (!d->conv)
		return false;
	while (*known && *known != d->conv)
		known++;
	if (!*known)
		return false;
	if (d->conv == 'b')
		return !d->star_width && (d->width == -1 || d->width == 1 || d->width == 2 ||
					  d->width == 4 || d->width == 8);
	return true;
}

bool stp_format_reads_memory(const char *text)
{
	struct stp_directive d;

	while (*text) {
		if (*text != '%') {
			text++;
			continue;
		}
		text = stp_directive_parse(text, &d);
		if (d.conv == 'm' || d.conv == 'M')
			return true;
	}
	return false;
}

/* Digits of V in BASE, last first; returns how many (0 for 0). */
static uint32_t digits_of(char *to, uint64_t v, uint32_t base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	uint32_t n = 0;

	for (; v; v /= base)
		to[n++] = set[v % base];
	return n;
}

static void put_number(struct out *o, const struct stp_directive *d, int64_t value)
{
	bool is_signed = d->conv == 'd' || d->conv == 'i', hex = d->conv == 'x' || d->conv == 'X' ||
		d->conv == 'p';
	uint64_t v = is_signed && value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint32_t n, nprefix = 0;
	int32_t zeros = 0, room;
	char digits[24], prefix[3];

	n = digits_of(digits, v, hex ? 16 : d->conv == 'o' ? 8 : 10, d->conv == 'X');
	if (is_signed && value < 0)
		prefix[nprefix++] = '-';
	else if (is_signed && (d->flags & (STP_FMT_PLUS | STP_FMT_SPACE)))
		prefix[nprefix++] = d->flags & STP_FMT_PLUS ? '+' : ' ';
	if (d->conv == 'p' || (!is_signed && d->conv != 'u' && (d->flags & STP_FMT_ALT))) {
		prefix[nprefix++] = '0';
		if (hex)
			prefix[nprefix++] = d->conv == 'X' ? 'X' : 'x';
	}
	if (d->precision >= 0)
		zeros = d->precision - (int32_t)n;
	else if (!n)
		zeros = 1;
	if (zeros < 0)
		zeros = 0;
	room = d->width - (int32_t)(nprefix + n) - zeros;
	if (room > 0 && d->precision < 0 && (d->flags & STP_FMT_ZERO) && !(d->flags & STP_FMT_LEFT)) {
		zeros += room;
		room = 0;
	}
	if (!(d->flags & STP_FMT_LEFT))
		pad(o, ' ', room);
	put_bytes(o, prefix, nprefix);
	pad(o, '0', zeros);
	while (n)
		put(o, digits[--n]);
	if (d->flags & STP_FMT_LEFT)
		pad(o, ' ', room);
}

static void put_string(struct out *o, const struct stp_directive *d, const char *s)
{
	uint32_t n = 0, max = d->precision >= 0 ? (uint32_t)d->precision : 0x7fffffff;

	if (!s)
		s = "";
	while (n < max && s[n])
		n++;
	put_field(o, d, s, n);
}

uint32_t stp_escape(char *to, unsigned char c, char quote)
{
	static const char names[] = "abtnvfr";	/* 7 to 13 */

	if (c >= 32 && c < 127 && c != (unsigned char)quote && c != '\\') {
		to[0] = (char)c;
		return 1;
	}
	to[0] = '\\';
	if (c >= 32 && c < 127) {
		to[1] = (char)c;
		return 2;
	}
	if (c >= 7 && c <= 13) {
		to[1] = names[c - 7];
		return 2;
	}
	to[1] = (char)('0' + (c >> 6));
	to[2] = (char)('0' + (c >> 3 & 7));
	to[3] = (char)('0' + (c & 7));
	return 4;
}

static void put_char(struct out *o, const struct stp_directive *d, int64_t value)
{
	char text[5];
	uint32_t n = 1;

	if (d->flags & STP_FMT_ALT)
		n = stp_escape(text, (unsigned char)value, '\'');
	else
		text[0] = (char)value;
	put_field(o, d, text, n);
}

/* Raw bytes of the value in the machine's order (both kernels' machines are little-endian). */
static void put_binary(struct out *o, const struct stp_directive *d, int64_t value)
{
	uint32_t i, n = d->width > 0 && d->width < 8 ? (uint32_t)d->width : 8;

	for (i = 0; i < n; i++)
		put(o, (char)((uint64_t)value >> 8 * i));
}

/* %m: precision bytes as they are, %M: as hex digits; within the field's width. */
static bool put_memory(struct out *o, const struct stp_directive *d, uint64_t addr,
		       struct stp_format_memory *memory)
{
	uint32_t n = d->precision >= 0 ? (uint32_t)d->precision : 1, i, chunk, k;
	int32_t room = d->width - (int32_t)(d->conv == 'M' ? 2 * n : n);
	unsigned char part[64];

	if (!(d->flags & STP_FMT_LEFT))
		pad(o, ' ', room);
	for (i = 0; i < n; i += chunk) {
		chunk = n - i < sizeof(part) ? n - i : (uint32_t)sizeof(part);
		if (!memory || !memory->copy(part, addr + i, chunk)) {
			if (memory)
				memory->fault = addr + i;
			return false;
		}
		for (k = 0; k < chunk; k++) {
			if (d->conv == 'm') {
				put(o, (char)part[k]);
				continue;
			}
			put(o, "0123456789abcdef"[part[k] >> 4]);
			put(o, "0123456789abcdef"[part[k] & 15]);
		}
	}
	if (d->flags & STP_FMT_LEFT)
		pad(o, ' ', room);
	return true;
}

struct values {
	const union stp_val *v;
	uint32_t n;
};

static union stp_val next_value(struct values *a, bool string)
{
	union stp_val none = { .n = 0 };

	if (string)
		none.s = "";
	if (!a->n)
		return none;
	a->n--;
	return *a->v++;
}

/* Take the values of `*`: a negative width means left, a negative precision means none. */
static void take_stars(struct stp_directive *d, struct values *a)
{
	int64_t n;

	if (d->star_width) {
		n = next_value(a, false).n;
		if (n < 0) {
			d->flags |= STP_FMT_LEFT;
			n = n < -STP_FMT_MAXWIDTH ? STP_FMT_MAXWIDTH : -n;
		}
		d->width = (int32_t)(n > STP_FMT_MAXWIDTH ? STP_FMT_MAXWIDTH : n);
	}
	if (d->star_precision) {
		n = next_value(a, false).n;
		d->precision = (int32_t)(n > STP_FMT_MAXWIDTH ? STP_FMT_MAXWIDTH : n < 0 ? -1 : n);
	}
}

static bool put_directive(struct out *o, struct stp_directive *d, const char *end, struct values *a,
			  struct stp_format_memory *memory)
{
	take_stars(d, a);
	switch (d->conv) {
	case 'd': case 'i': case 'u': case 'x': case 'X': case 'o': case 'p':
		put_number(o, d, next_value(a, false).n);
		return true;
	case 's':
		put_string(o, d, next_value(a, true).s);
		return true;
	case 'c':
		put_char(o, d, next_value(a, false).n);
		return true;
	case 'b':
		put_binary(o, d, next_value(a, false).n);
		return true;
	case 'm': case 'M':
		return put_memory(o, d, (uint64_t)next_value(a, false).n, memory);
	case '%':
		put(o, '%');
		return true;
	default:	/* refused by the translator; shown as it stands */
		put_bytes(o, d->start, (uint32_t)(end - d->start));
		return true;
	}
}

int stp_format(char *to, uint32_t size, const char *text, const union stp_val *args, uint32_t nargs,
	       struct stp_format_memory *memory)
{
	struct out o = { to, size, 0 };
	struct values a = { args, nargs };
	struct stp_directive d;
	bool good = true;

	while (*text && good) {
		if (*text != '%') {
			put(&o, *text++);
			continue;
		}
		text = stp_directive_parse(text, &d);
		good = put_directive(&o, &d, text, &a, memory);
	}
	if (size)
		to[o.len < size ? o.len : size - 1] = 0;
	return good ? (int)o.len : -1;
}
