// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * printf records to text: the module's format table says which values follow, runtime/data/format.c
 * (the code that the kernel uses for sprintf) prints them.  A record is checked against its format
 * before a value is used; strings stay where they are, the kernel has put a NUL behind each.
 */
#include <stdlib.h>
#include <string.h>
#include "data/format.h"
#include "stapio/format.h"

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
	return d->text && d->args && strlen(d->args) == d->nargs && strspn(d->args, "ns") == d->nargs;
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
		free(f->v[i].text);
		free(f->v[i].args);
		free(f->v[i].names);
	}
	free(f->v);
	memset(f, 0, sizeof(*f));
}

bool bytes_room(struct bytes *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 4096;
	char *p;

	while (cap - b->len < n)
		cap *= 2;
	if (cap == b->cap)
		return true;
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

static bool append(struct bytes *out, const struct format *d, const union stp_val *v)
{
	int n;

	if (!bytes_room(out, 512))
		return false;
	n = stp_format(out->v + out->len, out->cap - out->len, d->text, v, d->nargs, NULL);
	if (n < 0)
		return false;
	if ((size_t)n >= out->cap - out->len) {
		if (!bytes_room(out, (size_t)n + 1))
			return false;
		n = stp_format(out->v + out->len, out->cap - out->len, d->text, v, d->nargs, NULL);
	}
	out->len += n;
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

bool format_printf(struct bytes *out, const struct formats *f, const unsigned char *payload, size_t len)
{
	union stp_val v[FORMAT_MAXARGS];
	const struct format *d = format_values(f, payload, len, v, FORMAT_MAXARGS);

	return d && append(out, d, v);
}
