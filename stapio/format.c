// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * printf records to text: the module's format table says which values follow.  A format is taken apart once;
 * numbers and strings without flags are printed here, from the record to the output in one go, what is left
 * by runtime/data/format.c (the code that the kernel uses for sprintf).  A value is used only after it has been
 * seen to lie in its record; strings stay where they are, the kernel has put a NUL behind each.
 */
#include <stdlib.h>
#include <string.h>
#include "data/format.h"
#include "stapio/format.h"

/* ---- formats taken apart ---- */

/* Bytes that a number may take with its sign, and those that copying a string may write too many. */
enum { MOST_DIGITS = 20, SPILL = 8 };

static bool add_text(struct format *d, const char *s, size_t n)
{
	struct piece *p = &d->pieces[d->npieces - 1];
	char *text = realloc(p->after, p->len + n);

	if (!text)
		return false;
	memcpy(text + p->len, s, n);
	p->after = text;
	p->len += n;
	d->room += n;
	return true;
}

static enum piece_kind kind_of(const struct stp_directive *v)
{
	if (v->flags || v->width >= 0 || v->precision >= 0 || v->star_width || v->star_precision)
		return PIECE_OTHER;
	switch (v->conv) {
	case 'd': case 'i': return PIECE_SIGNED;
	case 'u': return PIECE_UNSIGNED;
	case 'x': return PIECE_HEX;
	case 's': return PIECE_STRING;
	default: return PIECE_OTHER;
	}
}

static bool add_directive(struct format *d, const struct stp_directive *v, size_t len, uint32_t *value)
{
	struct piece *p = &d->pieces[d->npieces++];
	uint32_t stars = v->star_width + v->star_precision, i;

	p->kind = kind_of(v);
	p->nvalues = stars + 1;
	d->room += MOST_DIGITS;
	if (p->nvalues > d->nargs - *value)
		return false;
	for (i = 0; i < stars; i++)
		if (d->args[(*value)++] != 'n')
			return false;
	if (d->args[(*value)++] != (v->conv == 's' ? 's' : 'n'))
		return false;
	if (p->kind == PIECE_OTHER)
		p->directive = strndup(v->start, len);
	return p->kind != PIECE_OTHER || p->directive;
}

static void drop_pieces(struct format *d)
{
	uint32_t i;

	for (i = 0; d->pieces && i < d->npieces; i++) {
		free(d->pieces[i].after);
		free(d->pieces[i].directive);
	}
	free(d->pieces);
	d->pieces = NULL;
	d->npieces = 0;
}

/* Where the values are not those that the text asks for, or memory is short, the text stays in one. */
static void take_apart(struct format *d)
{
	const char *p = d->text;
	uint32_t value = 0;
	bool ok;

	d->pieces = calloc(strlen(p) + 1, sizeof(*d->pieces));
	d->npieces = 1;
	d->room = SPILL;
	ok = d->pieces && d->nargs <= FORMAT_MAXARGS;
	while (ok && *p) {
		size_t plain = strcspn(p, "%");
		struct stp_directive v;
		const char *end;

		if (plain) {
			ok = add_text(d, p, plain);
			p += plain;
			continue;
		}
		end = stp_directive_parse(p, &v);
		if (v.conv == '%')
			ok = !v.star_width && !v.star_precision && add_text(d, "%", 1);
		else
			ok = stp_directive_valid(&v) && add_directive(d, &v, end - p, &value);
		p = end;
	}
	if (!ok || value != d->nargs)
		drop_pieces(d);
}

/* ---- the table ---- */

static bool add_format(struct formats *f, const struct stp_wire_fmt *w, const unsigned char *body)
{
	struct format *d = &f->v[w->id];

	if (d->text)
		return false;
	d->text = strndup((const char *)body, w->text_len);
	d->args = strndup((const char *)body + w->text_len, w->nargs);
	d->nargs = w->nargs;
	if (w->names_len) {
		const char *names = (const char *)body + w->text_len + w->nargs;
		uint32_t i, n = 0;

		for (i = 0; i < w->names_len; i++)
			n += !names[i];
		d->names = malloc(w->names_len);
		if (!d->names || n != d->nargs || names[w->names_len - 1])
			return false;
		memcpy(d->names, names, w->names_len);
	}
	if (!d->text || !d->args || strlen(d->args) != d->nargs || strspn(d->args, "ns") != d->nargs)
		return false;
	take_apart(d);
	return true;
}

bool formats_init(struct formats *ret, const unsigned char *data, size_t len)
{
	struct stp_wire_fmt w;
	size_t at;

	memset(ret, 0, sizeof(*ret));
	for (at = 0; at < len; at += w.size) {
		if (len - at < sizeof(w))
			return false;
		memcpy(&w, data + at, sizeof(w));
		if (w.size % 4 || w.size > len - at || w.names_len > STP_RECORD_MAX ||
		    w.size < sizeof(w) + w.text_len + w.nargs + w.names_len)
			return false;
		ret->n++;
	}
	ret->v = calloc(ret->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return false;
	for (at = 0; at < len; at += w.size) {
		memcpy(&w, data + at, sizeof(w));
		if (w.id >= ret->n || !add_format(ret, &w, data + at + sizeof(w))) {
			formats_deinit(ret);
			return false;
		}
	}
	return true;
}

void formats_deinit(struct formats *f)
{
	uint32_t i;

	for (i = 0; f->v && i < f->n; i++) {
		drop_pieces(&f->v[i]);
		free(f->v[i].text);
		free(f->v[i].args);
		free(f->v[i].names);
	}
	free(f->v);
	memset(f, 0, sizeof(*f));
}

bool bytes_grow(struct bytes *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 4096;
	char *p;

	while (cap - b->len <= n)
		cap *= 2;
	p = realloc(b->v, cap);
	if (!p)
		return false;
	b->v = p;
	b->cap = cap;
	return true;
}

const char *format_string(const unsigned char *payload, size_t len, size_t *at)
{
	const char *s;
	uint32_t n;
	size_t size;

	if (*at > len || len - *at < 8)
		return NULL;
	memcpy(&n, payload + *at, 4);
	size = ((size_t)4 + n + 1 + 7) & ~(size_t)7;
	if (size > len - *at)
		return NULL;
	s = (const char *)payload + *at + 4;
	if (s[n])
		return NULL;
	*at += size;
	return s;
}

static bool take_values(const struct format *d, const unsigned char *payload, size_t len, union stp_val *v)
{
	size_t at = 8;
	uint32_t i;

	for (i = 0; i < d->nargs; i++) {
		if (d->args[i] == 's') {
			v[i].s = format_string(payload, len, &at);
			if (!v[i].s)
				return false;
		} else {
			if (len - at < 8)
				return false;
			memcpy(&v[i].n, payload + at, 8);
			at += 8;
		}
	}
	return at == len;
}

static bool append(struct bytes *out, const char *text, const union stp_val *v, uint32_t n)
{
	int len;

	if (!bytes_room(out, 512))
		return false;
	len = stp_format(out->v + out->len, out->cap - out->len, text, v, n, NULL);
	if (len < 0)
		return false;
	if ((size_t)len >= out->cap - out->len) {
		if (!bytes_room(out, (size_t)len + 1))
			return false;
		len = stp_format(out->v + out->len, out->cap - out->len, text, v, n, NULL);
	}
	out->len += len;
	return true;
}

const struct format *format_values(const struct formats *f, const unsigned char *payload, size_t len,
				   union stp_val *v, uint32_t most)
{
	uint32_t id;

	if (len < 8)
		return NULL;
	memcpy(&id, payload, 4);
	if (id >= f->n || f->v[id].nargs > most)
		return NULL;
	return take_values(&f->v[id], payload, len, v) ? &f->v[id] : NULL;
}

/* ---- pieces to text ---- */

static inline char *put_unsigned(char *to, uint64_t v)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
		"4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798"
		"99";
	uint64_t power = 10;
	char *end, *p;
	int n = 1;

	if (v < 10) {
		*to = (char)('0' + v);
		return to + 1;
	}
	while (n < MOST_DIGITS - 1 && v >= power) {
		power *= 10;
		n++;
	}
	n += v >= power && n == MOST_DIGITS - 1;
	for (end = p = to + n; v >= 100; v /= 100) {
		p -= 2;
		memcpy(p, pairs + v % 100 * 2, 2);
	}
	if (v >= 10)
		memcpy(p - 2, pairs + v * 2, 2);
	else
		p[-1] = (char)('0' + v);
	return end;
}

static inline char *put_signed(char *to, int64_t v)
{
	if (v < 0)
		*to++ = '-';
	return put_unsigned(to, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

static char *put_hex(char *to, uint64_t v)
{
	int shift = v ? (63 - __builtin_clzll(v)) & ~3 : 0;

	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[v >> shift & 15];
	return to;
}

/* The values of a directive that is printed by the text; false: they are not in the record. */
static bool put_other(struct bytes *out, const struct piece *p, const char *args, const unsigned char *payload,
		      size_t len, size_t *at)
{
	union stp_val v[3];
	uint32_t i;

	for (i = 0; i < p->nvalues; i++) {
		if (args[i] == 's') {
			v[i].s = format_string(payload, len, at);
			if (!v[i].s)
				return false;
		} else {
			if (len - *at < 8)
				return false;
			memcpy(&v[i].n, payload + *at, 8);
			*at += 8;
		}
	}
	return append(out, p->directive, v, p->nvalues);
}

/* The string at AT of a record that ends at LEN; NULL when it is not one.  It may write SPILL bytes more. */
static inline char *put_string(char *to, const unsigned char *payload, size_t len, size_t *at)
{
	const unsigned char *from = payload + *at + 4;
	uint32_t n, i;
	size_t size;

	if (len - *at < 8)
		return NULL;
	memcpy(&n, payload + *at, 4);
	size = ((size_t)4 + n + 1 + 7) & ~(size_t)7;
	if (size > len - *at || from[n])
		return NULL;
	*at += size;
	if (n > 32) {
		memcpy(to, from, n);
		return to + n;
	}
	for (i = 0; i < n; i += 4)
		memcpy(to + i, from + i, 4);
	return to + n;
}

static bool put_pieces(struct bytes *out, const struct format *d, const unsigned char *payload, size_t len)
{
	const struct piece *p, *end = d->pieces + d->npieces;
	const char *args = d->args;
	char *to = out->v + out->len;
	size_t at = 8;
	int64_t n = 0;

	for (p = d->pieces; p < end; p++) {
		if (p->kind >= PIECE_SIGNED && p->kind <= PIECE_HEX) {
			if (len - at < 8)
				return false;
			memcpy(&n, payload + at, 8);
			at += 8;
			args++;
			to = p->kind == PIECE_SIGNED ? put_signed(to, n) :
			     p->kind == PIECE_UNSIGNED ? put_unsigned(to, n) : put_hex(to, n);
		} else if (p->kind == PIECE_STRING) {
			to = put_string(to, payload, len, &at);
			if (!to)
				return false;
			args++;
		} else if (p->kind == PIECE_OTHER) {
			out->len = to - out->v;
			if (!put_other(out, p, args, payload, len, &at) || !bytes_room(out, d->room + len))
				return false;
			to = out->v + out->len;
			args += p->nvalues;
		}
		if (p->len == 1)
			*to++ = *p->after;
		else if (p->len) {
			memcpy(to, p->after, p->len);
			to += p->len;
		}
	}
	out->len = to - out->v;
	return at == len;
}

bool format_printf(struct bytes *out, const struct formats *f, const unsigned char *payload, size_t len)
{
	union stp_val v[FORMAT_MAXARGS];
	const struct format *d;
	size_t start = out->len;
	uint32_t id;

	if (len < 8)
		return false;
	memcpy(&id, payload, 4);
	if (id < f->n && f->v[id].pieces) {
		d = &f->v[id];
		if (bytes_room(out, d->room + len) && put_pieces(out, d, payload, len))
			return true;
		out->len = start;
		return false;
	}
	d = format_values(f, payload, len, v, FORMAT_MAXARGS);
	return d && append(out, d->text, v, d->nargs);
}
