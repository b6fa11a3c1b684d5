// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perf.type(T).config(C)[.sample(N) | .hz(N)]: on every CPU when the kernel's perf event T, C has counted
 * N times, or N times a second.  Each point is one site.  T and C are handed to the kernel as they are;
 * tapset/perf.stp has names for the usual ones.  Counters of single processes are refused by
 * name.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "family/family.h"

enum { SAMPLE, HZ, PROCESS };

static const struct point_form forms[] = {
	{ "perf.type(number).config(number)", SAMPLE, "on every CPU each 1000000 counts of a perf event" },
	{ "perf.type(number).config(number).sample(number)", SAMPLE, "on every CPU each N counts of a perf event" },
	{ "perf.type(number).config(number).hz(number)", HZ, "on every CPU N times a second, by a perf event" },
	{ "perf.type(number).config(number).process", PROCESS, "not yet: counters of processes" },
	{ "perf.type(number).config(number).process(string)", PROCESS, "not yet: counters of processes" },
	{ "perf.type(number).config(number).counter(string)", PROCESS, "not yet: counters of processes" },
	{ "perf.type(number).config(number).process.counter(string)", PROCESS, "not yet: counters of processes" },
	{ "perf.type(number).config(number).process(string).counter(string)", PROCESS,
	  "not yet: counters of processes" },
	{ NULL },
};

/* How often a counter runs its handler when nothing is said; how often at most: the kernel has a lower limit. */
enum { DEFAULT_PERIOD = 1000000, MOST_HZ = 10000, LEAST_PERIOD = 1 };

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);
	struct buf pp = { 0 };

	if (m->form->kind == PROCESS)
		return diag_error(r->d, DIAG_SEMANTIC, "not-supported", &m->point->comp.v[3].place,
				  "perf counters of single processes are not supported yet; without .process and "
				  ".counter the probe counts on every CPU, and pid() tells whose hit it is");
	s->kind = m->form->kind;
	s->interval = m->has_arg[3] ? m->num[3] : DEFAULT_PERIOD;
	if (s->interval < LEAST_PERIOD || (s->kind == HZ && s->interval > MOST_HZ))
		return diag_error(r->d, DIAG_SEMANTIC, "perf-range", &m->arg_place[3],
				  s->kind == HZ ? "hz(%" PRId64 ") must be from 1 to %d" :
				  "sample(%" PRId64 ") must be at least %d", s->interval,
				  s->kind == HZ ? MOST_HZ : LEAST_PERIOD);
	s->order = m->num[1];
	s->randomize = m->num[2];
	buf_printf(&pp, "perf.type(%" PRId64 ").config(%" PRId64 ")", s->order, s->randomize);
	if (m->has_arg[3])
		buf_printf(&pp, ".%s(%" PRId64 ")", s->kind == HZ ? "hz" : "sample", s->interval);
	s->pp = arena_strdup(r->a, buf_text(&pp));
	buf_deinit(&pp);
	s->pn = m->pn;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return true;
}

static void row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".type = %" PRId64 ", .config = (uint64_t)%" PRId64 "LL, .%s = %" PRId64, s->order,
		   s->randomize, s->kind == HZ ? "hz" : "period", s->interval);
}

const struct family family_perf = {
	.name = "perf",
	.forms = forms,
	.resolve = resolve,
	.row = row,
};
