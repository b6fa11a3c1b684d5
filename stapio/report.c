// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reports at the end of a session: hits and cycles of each probe (stap -t, in SystemTap's layout), and what was
 * skipped, cut, lost and refused (--keep-going).  Messages come from the kernel and are believed but for the ends of
 * their strings.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stapio/json.h"
#include "stapio/report.h"

static void *more(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : realloc(v, (n ? 2 * n : 1) * size);	/* room for the next power of two */
}

/* V with a message of SIZE bytes behind its N, zeroes where PAYLOAD is shorter; NULL: V is as it was. */
static void *append(void *v, size_t n, size_t size, const char *payload, size_t len)
{
	char *m;

	v = more(v, n, size);
	if (!v)
		return NULL;
	m = (char *)v + n * size;
	memset(m, 0, size);
	memcpy(m, payload, len < size ? len : size);
	return v;
}

bool report_probe(struct report *r, const char *payload, size_t len)
{
	struct stp_msg_probe *v = append(r->probes, r->nprobes, sizeof(*v), payload, len), *m;

	if (!v)
		return false;
	r->probes = v;
	m = &v[r->nprobes++];
	memset(m->texts + sizeof(m->texts) - 3, 0, 3);
	return true;
}

bool report_array(struct report *r, const char *payload, size_t len)
{
	struct stp_msg_array *v = append(r->arrays, r->narrays, sizeof(*v), payload, len), *m;

	if (!v)
		return false;
	r->arrays = v;
	m = &v[r->narrays++];
	m->name[sizeof(m->name) - 1] = 0;
	return true;
}

void report_deinit(struct report *r)
{
	free(r->probes);
	free(r->arrays);
	memset(r, 0, sizeof(*r));
}

static __attribute__((format(printf, 2, 3))) bool addf(struct bytes *b, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	if (!bytes_room(b, n))
		return false;
	memcpy(b->v + b->len, text, n);
	b->len += n;
	return true;
}

static const char *point(const struct stp_msg_probe *m) { return m->texts; }
static const char *place(const struct stp_msg_probe *m) { return point(m) + strlen(point(m)) + 1; }
static const char *written(const struct stp_msg_probe *m) { return place(m) + strlen(place(m)) + 1; }

bool report_timing(struct bytes *out, const struct report *r)
{
	bool ok = true, any = false;
	size_t i;

	for (i = 0; ok && i < r->nprobes; i++) {
		const struct stp_msg_probe *m = &r->probes[i];

		if (!(m->flags & STP_REPORT_TIMING) || !m->hits)
			continue;
		if (!any)
			ok = addf(out, "----- probe hit report: \n");
		any = true;
		ok = ok && addf(out, "%s, (%s), hits: %" PRIu64 ", cycles: %" PRIu64 "min/%" PRIu64 "avg/%" PRIu64
				"max, from: %s, index: %u\n", point(m), place(m), m->hits, m->least,
				m->cycles / m->hits, m->most, written(m), m->index);
	}
	return ok;
}

bool report_kept_going(struct bytes *out, const struct report *r)
{
	bool ok = true, any = false;
	size_t i;

	for (i = 0; ok && i < r->nprobes; i++) {
		const struct stp_msg_probe *m = &r->probes[i];

		if (!(m->flags & STP_REPORT_KEPT_GOING))
			continue;
		if (!any)
			ok = addf(out, "%10s %8s %8s %8s %8s %8s %8s %8s %8s  %s\n", "hits", "errors", "lock",
				  "reentry", "stack", "missed", "off", "cut", "lost", "probe");
		any = true;
		ok = ok && addf(out, "%10" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64
				" %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  %s (%s)%s\n", m->hits, m->errors,
				m->skipped_lock, m->skipped_reentry, m->skipped_stack, m->skipped_missed_return,
				m->skipped_off, m->cut, m->lost, point(m), place(m),
				m->flags & STP_REPORT_OFF ? ": took too much time and was turned off" : "");
	}
	for (i = 0; ok && i < r->narrays; i++) {
		const struct stp_msg_array *m = &r->arrays[i];

		if (!i)
			ok = addf(out, "%10s %8s %8s  %s\n", "elements", "refused", "lock", "array");
		ok = ok && addf(out, "%10u %8" PRIu64 " %8" PRIu64 "  %s\n", m->elements, m->refused, m->contended,
				m->name);
	}
	return ok;
}

static bool add_probe(struct bytes *out, const struct stp_msg_probe *m)
{
	bool ok = addf(out, "{\"report\":{\"probe\":") && json_string(out, point(m)) &&
		  addf(out, ",\"place\":") && json_string(out, place(m)) && addf(out, ",\"from\":") &&
		  json_string(out, written(m)) && addf(out, ",\"hits\":%" PRIu64 ",\"errors\":%" PRIu64
		  ",\"cycles\":{\"min\":%" PRIu64 ",\"avg\":%" PRIu64 ",\"max\":%" PRIu64 "}", m->hits, m->errors,
		  m->least, m->hits ? m->cycles / m->hits : 0, m->most);

	return ok && addf(out, ",\"skipped\":{\"lock\":%" PRIu64 ",\"reentry\":%" PRIu64 ",\"stack\":%" PRIu64
			  ",\"missed_return\":%" PRIu64 ",\"off\":%" PRIu64 "},\"cut\":%" PRIu64
			  ",\"lost\":%" PRIu64 ",\"off\":%s}}\n", m->skipped_lock, m->skipped_reentry, m->skipped_stack,
			  m->skipped_missed_return, m->skipped_off, m->cut, m->lost,
			  m->flags & STP_REPORT_OFF ? "true" : "false");
}

bool report_json(struct bytes *out, const struct report *r)
{
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < r->nprobes; i++)
		ok = add_probe(out, &r->probes[i]);
	for (i = 0; ok && i < r->narrays; i++) {
		const struct stp_msg_array *m = &r->arrays[i];

		ok = addf(out, "{\"report\":{\"array\":") && json_string(out, m->name) &&
		     addf(out, ",\"elements\":%u,\"refused\":%" PRIu64 ",\"contended\":%" PRIu64 "}}\n", m->elements,
			  m->refused, m->contended);
	}
	return ok;
}
