// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perf.type(T).config(C)[.process[("PATH")]][.sample(N) | .hz(N) | .counter("NAME")]: each time the kernel's perf event
 * T, C has counted N times, or N times a second, on every CPU or in the threads of processes that run PATH.  With
 * .counter nothing runs; the count is what @perf("NAME") reads in probes of programs (sema/counter.c).
 *
 * Each point is one site, or one for each program that PATH stands for.  T and C are handed to the kernel as they
 * are; tapset/linux/perf.stp has names for the usual ones.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "family/uprobe.h"

enum { SAMPLE, HZ, COUNTER };

#define PERF_FORMS(p, whose) \
	{ p, SAMPLE, "each 1000000 counts of a perf event " whose }, \
	{ p ".sample(number)", SAMPLE, "each N counts of a perf event " whose }, \
	{ p ".hz(number)", HZ, "N times a second, by a perf event " whose }, \
	{ p ".counter(string)", COUNTER, "a perf event " whose ", counted for @perf in probes of programs" }

static const struct point_form forms[] = {
	PERF_FORMS("perf.type(number).config(number)", "on every CPU"),
	PERF_FORMS("perf.type(number).config(number).process", "in the program of -c or -x"),
	PERF_FORMS("perf.type(number).config(number).process(string)", "in a program"),
	{ NULL },
};

/* How often a counter runs its handler when nothing is said; how often at most: the kernel has a lower limit. */
enum { DEFAULT_PERIOD = 1000000, MOST_HZ = 10000, LEAST_PERIOD = 1 };

/* PERF_TYPE_TRACEPOINT */
enum { TRACEPOINTS = 2 };

/* Components: perf, type, config, then these. */
enum { TYPE = 1, CONFIG, REST };

static bool names_process(const struct point_match *m)
{
	return m->point->comp.n > REST && !strcmp(m->point->comp.v[REST].name, "process");
}

/* What is in all sites of the point.  AT: the component of .sample, .hz or .counter, if there is one. */
static bool fill(struct resolver *r, const struct point_match *m, unsigned at, struct site *s)
{
	s->kind = m->form->kind;
	s->order = m->num[TYPE];
	s->randomize = m->num[CONFIG];
	s->pn = m->pn;
	s->place = m->point->place;
	s->counter = s->kind == COUNTER ? m->str[at] : NULL;
	if (s->kind == COUNTER)
		return true;
	s->interval = m->has_arg[at] ? m->num[at] : DEFAULT_PERIOD;
	if (s->interval >= LEAST_PERIOD && (s->kind != HZ || s->interval <= MOST_HZ))
		return true;
	return diag_error(r->d, DIAG_SEMANTIC, "perf-range", &m->arg_place[at],
			  s->kind == HZ ? "hz(%" PRId64 ") must be from 1 to %d" :
			  "sample(%" PRId64 ") must be at least %d", s->interval,
			  s->kind == HZ ? MOST_HZ : LEAST_PERIOD);
}

/* The kernel may take locks of uprobes to open one, which the hit that asks for a counter holds. */
static bool refuse_tracepoint(struct resolver *r, const struct point_match *m)
{
	return diag_error(r->d, DIAG_SEMANTIC, "perf-range", &m->arg_place[TYPE], "tracepoints (type 2) are no events "
			  "of a program here; kernel.trace(\"NAME\") probes them, and pid() tells whose they are");
}

static const char *text(struct resolver *r, const struct point_match *m, unsigned at, const struct site *s)
{
	struct buf pp = { 0 };
	const char *ret;

	buf_printf(&pp, "perf.type(%" PRId64 ").config(%" PRId64 ")", s->order, s->randomize);
	if (s->exe)
		buf_printf(&pp, ".process(\"%s\")", s->exe);
	if (s->counter)
		buf_printf(&pp, ".counter(\"%s\")", s->counter);
	else if (m->has_arg[at])
		buf_printf(&pp, ".%s(%" PRId64 ")", s->kind == HZ ? "hz" : "sample", s->interval);
	ret = arena_strdup(r->a, buf_text(&pp));
	buf_deinit(&pp);
	return ret;
}

/* M with the program as program_choose() looks for it: first. */
static struct point_match of_program(const struct point_match *m)
{
	struct point_match ret = *m;

	ret.str[0] = m->str[REST];
	ret.has_arg[0] = m->has_arg[REST];
	ret.arg_place[0] = m->arg_place[REST];
	return ret;
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site all = { 0 }, *s;
	struct program_choice c = { 0 };
	struct point_match p = of_program(m);
	bool process = names_process(m);
	unsigned at = process ? REST + 1 : REST, unused;

	if (process && m->num[TYPE] == TRACEPOINTS)
		return refuse_tracepoint(r, m);
	if (!fill(r, m, at, &all) || (process && !program_choose(r, &p, &c, &unused)))
		return false;
	all.of_target = c.of_target;
	for (size_t i = 0; i < (process ? c.paths.n : 1); i++) {
		s = arena_memdup(r->a, &all, sizeof(all));
		s->exe = process ? c.paths.v[i] : NULL;
		s->pp = text(r, m, at, s);
		*vec_add(r->a, out) = s;
	}
	return true;
}

static void row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".type = %" PRId64 ", .config = (uint64_t)%" PRId64 "LL", s->order, s->randomize);
	if (s->counter) {
		buf_puts(out, ", .counter = \"");
		buf_escape(out, s->counter, strlen(s->counter));
		buf_puts(out, "\"");
	} else {
		buf_printf(out, ", .%s = %" PRId64, s->kind == HZ ? "hz" : "period", s->interval);
	}
	program_row_who(out, s);
}

const struct family family_perf = {
	.name = "perf",
	.forms = forms,
	.resolve = resolve,
	.row = row,
};
