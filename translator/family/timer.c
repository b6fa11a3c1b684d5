/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timer.UNIT(N)[.randomize(M)], timer.hz(N), timer.jiffies(N), timer.profile[.freq.hz(N)].  Each point is one
 * site whose interval is in nanoseconds, or in jiffies for jiffies timers.  Intervals that would
 * keep a CPU busy with nothing but the timer are refused here, before anything is built.
 */
#include "base/buf.h"
#include "family/family.h"
#include "session/session.h"

#include <inttypes.h>
#include <string.h>

enum unit { UNIT_NS, UNIT_US, UNIT_MS, UNIT_S, UNIT_HZ, UNIT_JIFFIES, UNIT_PROFILE, UNIT_FREQ };

static const struct point_form forms[] = {
	{ "timer.ns(number)", UNIT_NS, "every N nanoseconds" },
	{ "timer.ns(number).randomize(number)", UNIT_NS, "every N nanoseconds, give or take M" },
	{ "timer.nsec(number)", UNIT_NS, "every N nanoseconds" },
	{ "timer.nsec(number).randomize(number)", UNIT_NS, "every N nanoseconds, give or take M" },
	{ "timer.us(number)", UNIT_US, "every N microseconds" },
	{ "timer.us(number).randomize(number)", UNIT_US, "every N microseconds, give or take M" },
	{ "timer.usec(number)", UNIT_US, "every N microseconds" },
	{ "timer.usec(number).randomize(number)", UNIT_US, "every N microseconds, give or take M" },
	{ "timer.ms(number)", UNIT_MS, "every N milliseconds" },
	{ "timer.ms(number).randomize(number)", UNIT_MS, "every N milliseconds, give or take M" },
	{ "timer.msec(number)", UNIT_MS, "every N milliseconds" },
	{ "timer.msec(number).randomize(number)", UNIT_MS, "every N milliseconds, give or take M" },
	{ "timer.s(number)", UNIT_S, "every N seconds" },
	{ "timer.s(number).randomize(number)", UNIT_S, "every N seconds, give or take M" },
	{ "timer.sec(number)", UNIT_S, "every N seconds" },
	{ "timer.sec(number).randomize(number)", UNIT_S, "every N seconds, give or take M" },
	{ "timer.hz(number)", UNIT_HZ, "N times a second" },
	{ "timer.jiffies(number)", UNIT_JIFFIES, "every N ticks of the kernel" },
	{ "timer.jiffies(number).randomize(number)", UNIT_JIFFIES,
	  "every N ticks of the kernel, give or take M" },
	{ "timer.profile", UNIT_PROFILE, "on every CPU at every tick of the kernel" },
	{ "timer.profile.tick", UNIT_PROFILE, "on every CPU at every tick of the kernel" },
	{ "timer.profile.freq.hz(number)", UNIT_FREQ, "on every CPU N times a second" },
	{ NULL },
};

/* Most that N may be: jiffies as the manual has it, times so that nanoseconds fit with room. */
static const struct { const char *word; int64_t ns, max; } units[] = {
	[UNIT_NS] = { "ns", 1, 1000000000000000 },
	[UNIT_US] = { "us", 1000, 1000000000000 },
	[UNIT_MS] = { "ms", 1000000, 1000000000 },
	[UNIT_S] = { "s", 1000000000, 1000000 },
	[UNIT_HZ] = { "hz", 0, 1000000 },
	[UNIT_JIFFIES] = { "jiffies", 1, 1000000 },
	[UNIT_PROFILE] = { "profile", 0, 0 },
	[UNIT_FREQ] = { "profile.freq.hz", 0, 1000000 },
};

enum { MIN_NS = 100000, MIN_NS_GURU = 1000 };

/* Arguments come by component: timer is 0, the unit 1, randomize 2; of timer.profile.freq.hz the last is 3. */
static bool set_interval(struct resolver *r, const struct point_match *m, struct site *s)
{
	enum unit u = s->kind;
	unsigned at = u == UNIT_FREQ ? 3 : 1;
	int64_t n = m->num[at], least = r->s->opt.guru ? MIN_NS_GURU : MIN_NS;

	if (n < 1 || n > units[u].max)
		return diag_error(r->d, DIAG_SEMANTIC, "timer-range", &m->arg_place[at],
				  "timer.%s(%" PRId64 "): interval must be between 1 and %" PRId64,
				  units[u].word, n, units[u].max);
	s->interval = u == UNIT_HZ || u == UNIT_FREQ ? 1000000000 / n : n * units[u].ns;
	if (u != UNIT_JIFFIES && s->interval < least)
		return diag_error(r->d, DIAG_SEMANTIC, "timer-short", &m->arg_place[at],
				  "timer.%s(%" PRId64 "): an interval of %" PRId64
				  " ns is too short, the least is %" PRId64 " ns%s", units[u].word, n,
				  s->interval, least, r->s->opt.guru ? "" : " (1000 ns with -g)");
	if (!m->has_arg[2])
		return true;
	if (m->num[2] < 0 || m->num[2] >= n)
		return diag_error(r->d, DIAG_SEMANTIC, "timer-randomize", &m->arg_place[2],
				  "randomize(%" PRId64 ") must be from 0 to less than the interval %"
				  PRId64, m->num[2], n);
	s->randomize = m->num[2] * units[u].ns;
	return true;
}

static bool is_rare(const struct site *s)
{
	return s->kind == UNIT_JIFFIES || (s->kind < UNIT_PROFILE && s->interval >= units[UNIT_MS].ns);
}

/* Profiling tells of the processes of others. */
static bool allowed(struct resolver *r, const struct point_match *m)
{
	if (!session_unprivileged(r->s) || (m->form->kind != UNIT_PROFILE && m->form->kind != UNIT_FREQ))
		return true;
	return diag_error(r->d, DIAG_SEMANTIC, "privilege", &m->point->place,
			  "while resolving probe point: probe point '%s' is not allowed for --privilege=stapusr",
			  m->pn);
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);
	struct buf pp = { 0 };

	s->kind = m->form->kind;
	if (!allowed(r, m))
		return false;
	if (s->kind != UNIT_PROFILE && !set_interval(r, m, s))
		return false;
	s->rare = is_rare(s);
	vec_each(&m->point->comp, i) {
		buf_printf(&pp, "%s%s", i ? "." : "", m->point->comp.v[i].name);
		if (m->has_arg[i])
			buf_printf(&pp, "(%" PRId64 ")", m->num[i]);
	}
	s->pp = arena_strdup(r->a, buf_text(&pp));
	buf_deinit(&pp);
	s->pn = m->pn;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return true;
}

static void row(struct buf *out, const struct site *s)
{
	const char *kind = s->kind == UNIT_PROFILE || s->kind == UNIT_FREQ ? "STP_TIMER_PROFILE" :
			   s->kind == UNIT_JIFFIES ? "STP_TIMER_JIFFIES" : "STP_TIMER_NS";

	buf_printf(out, ".kind = %s, .interval = %" PRId64 "LL, .randomize = %" PRId64 "LL", kind,
		   s->interval, s->randomize);
}

const struct family family_timer = {
	.name = "timer",
	.flags = FAMILY_UNPRIVILEGED,
	.forms = forms,
	.resolve = resolve,
	.row = row,
};
