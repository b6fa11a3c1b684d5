// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records as lines of JSON: "time" (ns of the monotonic clock), "cpu" and "probe", then what the record
 * holds: "text" as it would have been printed with "fields" of a printf by the text of its arguments, a
 * "histogram", an "error" or "warning", how many records were "lost".  Bytes that are no UTF-8 are written as
 * the characters of the same number.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/format.h"
#include "stapio/json.h"

bool json_init(struct json *j, const struct formats *formats, char *names, size_t len)
{
	size_t at;

	memset(j, 0, sizeof(*j));
	j->formats = formats;
	j->names = names;
	j->probes = calloc(len + 1, sizeof(*j->probes));
	if (!j->probes)
		return false;
	for (at = 0; at < len && memchr(names + at, 0, len - at); at += strlen(names + at) + 1)
		j->probes[j->nprobes++] = names + at;
	return true;
}

void json_deinit(struct json *j)
{
	free(j->probes);
	free(j->names);
	memset(j, 0, sizeof(*j));
}

/* ---- pieces; each false when there is no memory ---- */

static bool add(struct bytes *b, const char *s, size_t n)
{
	if (!bytes_room(b, n))
		return false;
	memcpy(b->v + b->len, s, n);
	b->len += n;
	return true;
}

static __attribute__((format(printf, 2, 3))) bool addf(struct bytes *b, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return add(b, text, n < (int)sizeof(text) ? n : (int)sizeof(text) - 1);
}

/* Bytes of the UTF-8 character at S, 0: it is not one (RFC 3629). */
static size_t utf8(const unsigned char *s, size_t n)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 :
		     s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
	size_t i;

	if (!len || len > n)
		return 0;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

static bool add_string(struct bytes *b, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	bool ok = add(b, "\"", 1);
	size_t i, len;

	for (i = 0; ok && i < n; i += len) {
		len = utf8(s + i, n - i);
		if (s[i] == '"' || s[i] == '\\')
			ok = addf(b, "\\%c", s[i]);
		else if (s[i] == '\n')
			ok = add(b, "\\n", 2);
		else if (s[i] == '\t')
			ok = add(b, "\\t", 2);
		else if (!len || s[i] < 0x20 || s[i] == 0x7f)
			ok = addf(b, "\\u%04x", s[i]);
		else
			ok = add(b, text + i, len);
		if (!len)
			len = 1;
	}
	return ok && add(b, "\"", 1);
}

bool json_string(struct bytes *out, const char *text)
{
	return add_string(out, text, strlen(text));
}

static bool add_value(struct bytes *b, char type, const union stp_val *v)
{
	return type == 's' ? add_string(b, v->s, strlen(v->s)) : addf(b, "%" PRId64, (int64_t)v->n);
}

/* ---- records ---- */

/* Of two arguments with one text the second is TEXT#2. */
static bool add_name(struct bytes *b, const struct format *d, uint32_t i)
{
	const char *p = d->names, *name = NULL;
	char numbered[512];
	uint32_t j, same = 1;

	if (!p)
		return addf(b, "\"arg%u\"", i + 1);
	for (j = 0; j < i; j++)
		p += strlen(p) + 1;
	name = p;
	for (p = d->names, j = 0; j < i; j++, p += strlen(p) + 1)
		same += !strcmp(p, name);
	if (same == 1)
		return add_string(b, name, strlen(name));
	snprintf(numbered, sizeof(numbered), "%.490s#%u", name, same);
	return add_string(b, numbered, strlen(numbered));
}

static bool add_printf(struct bytes *b, const struct json *j, const struct record *r)
{
	union stp_val v[FORMAT_MAXARGS];
	const struct format *d = format_values(j->formats, r->payload, r->len, v, FORMAT_MAXARGS);
	struct bytes text = { 0 };
	uint32_t i;
	bool ok;

	ok = d && format_printf(&text, j->formats, r->payload, r->len) && add(b, ",\"text\":", 8) &&
	     add_string(b, text.v, text.len) && add(b, ",\"fields\":{", 11);
	for (i = 0; ok && i < d->nargs; i++)
		ok = (!i || add(b, ",", 1)) && add_name(b, d, i) && add(b, ":", 1) && add_value(b, d->args[i], &v[i]);
	free(text.v);
	return ok && add(b, "}", 1);
}

static bool add_keys(struct bytes *b, const struct record *r, const struct stp_wire_hist *h, size_t *at)
{
	union stp_val v;
	uint32_t i;
	bool ok = true;

	for (i = 0; ok && i < h->nkeys; i++) {
		char type = h->keys & (1u << i) ? 's' : 'n';

		if (type == 's') {
			v.s = format_string(r->payload, r->len, at);
			if (!v.s)
				return false;
		} else {
			if (*at > r->len || r->len - *at < 8)
				return false;
			memcpy(&v.n, r->payload + *at, 8);
			*at += 8;
		}
		ok = add(b, i ? "," : ",\"keys\":[", i ? 1 : 9) && add_value(b, type, &v);
	}
	return ok && (!h->nkeys || add(b, "]", 1));
}

static bool add_histogram(struct bytes *b, const struct record *r)
{
	struct stp_wire_hist h;
	struct stp_wire_bucket k;
	size_t at = sizeof(h);
	const char *name;
	uint32_t i;
	bool ok;

	if (r->len < sizeof(h))
		return false;
	memcpy(&h, r->payload, sizeof(h));
	name = format_string(r->payload, r->len, &at);
	ok = name && h.nkeys <= 32 && add(b, ",\"histogram\":{\"of\":", 19) && add_string(b, name, strlen(name)) &&
	     add_keys(b, r, &h, &at) && addf(b, ",\"kind\":\"%s\",\"buckets\":[", h.linear ? "linear" : "log");
	for (i = 0; ok && i < h.nbuckets; i++, at += sizeof(k)) {
		if (at > r->len || r->len - at < sizeof(k))
			return false;
		memcpy(&k, r->payload + at, sizeof(k));
		ok = addf(b, "%s{\"%s\":%" PRId64 ",\"count\":%" PRId64 "}", i ? "," : "",
			  k.where == STP_BUCKET_BELOW ? "below" : k.where == STP_BUCKET_ABOVE ? "above" : "from",
			  (int64_t)k.bound, (int64_t)k.count);
	}
	return ok && add(b, "]}", 2);
}

static bool add_line(struct bytes *b, const struct record *r)
{
	const char *s = (const char *)r->payload;
	size_t n = r->len, skip = 0;
	const char *key = ",\"error\":";

	if (n && s[n - 1] == '\n')
		n--;
	if (n > 7 && !memcmp(s, "ERROR: ", 7)) {
		skip = 7;
	} else if (n > 9 && !memcmp(s, "WARNING: ", 9)) {
		key = ",\"warning\":";
		skip = 9;
	}
	return add(b, key, strlen(key)) && add_string(b, s + skip, n - skip);
}

static bool add_payload(struct bytes *b, const struct json *j, const struct record *r)
{
	uint64_t lost;

	switch (r->type) {
	case STP_REC_TEXT:
		return add(b, ",\"text\":", 8) && add_string(b, (const char *)r->payload, r->len);
	case STP_REC_PRINTF:
		return add_printf(b, j, r);
	case STP_REC_HIST:
		return add_histogram(b, r);
	case STP_REC_ERROR:
		return add_line(b, r);
	case STP_REC_LOST:
		memcpy(&lost, r->payload, sizeof(lost));
		return addf(b, ",\"lost\":%" PRIu64, lost);
	default:
		return true;
	}
}

bool json_record(struct bytes *out, const struct json *j, int cpu, const struct record *r)
{
	size_t start = out->len;
	bool ok = addf(out, "{\"time\":%" PRIu64, r->time) &&
		  (cpu < 0 ? add(out, ",\"cpu\":null", 11) : addf(out, ",\"cpu\":%d", cpu));

	if (r->probe < j->nprobes)
		ok = ok && add(out, ",\"probe\":", 9) &&
		     add_string(out, j->probes[r->probe], strlen(j->probes[r->probe]));
	ok = ok && add_payload(out, j, r) && add(out, "}\n", 2);
	if (!ok)
		out->len = start;
	return ok;
}

bool json_end(struct bytes *out, const struct stp_msg_stopped *t)
{
	return addf(out, "{\"end\":{\"errors\":%" PRIu64 ",\"skipped\":{\"lock\":%" PRIu64 ",\"reentry\":%" PRIu64
		    ",\"stack\":%" PRIu64 ",\"missed_return\":%" PRIu64 "}", t->errors, t->skipped_lock,
		    t->skipped_reentry, t->skipped_stack, t->skipped_missed_return) &&
	       addf(out, ",\"lost\":{\"records\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"messages\":%" PRIu64
		    "},\"status\":%u}}\n", t->lost_records, t->lost_bytes, t->lost_messages, t->exit_code);
}
