// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What =~ matched: the automaton of translator/regex/capture.c run from one position after the other,
 * once the plain one has said that there is a match.  At most size * size / 2 steps, each a look-up and
 * a few moves; nothing is allocated.
 */
#include "data/data.h"

struct run {
	const struct stp_regex_capture *r;
	struct stp_match *m;
	int32_t *regs, *other;
	int32_t from;
};

static void move(struct run *x, uint32_t moves, uint32_t n, int32_t here)
{
	int32_t *old = x->regs;
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint8_t s = x->r->moves[moves + i];

		x->other[i] = s == STP_REGEX_HERE ? here : s == STP_REGEX_UNSET ? -1 : old[s];
	}
	x->regs = x->other;
	x->other = old;
}

static bool take(struct run *x, uint32_t moves, int32_t here)
{
	uint32_t i;

	if (moves == STP_REGEX_NONE)
		return false;
	x->m->pos[0] = x->from;
	x->m->pos[1] = here;
	for (i = 0; i < x->r->groups * 2; i++) {
		uint8_t s = x->r->moves[moves + i];

		x->m->pos[2 + i] = s == STP_REGEX_HERE ? here : s == STP_REGEX_UNSET ? -1 : x->regs[s];
	}
	return true;
}

/* The longest match that begins at x->from. */
static bool run_from(struct run *x, const char *s)
{
	const struct stp_regex_capture *r = x->r;
	uint32_t state = r->start[x->from != 0], k;
	int32_t i = x->from;
	bool found = false;

	if (state == STP_REGEX_NOWHERE)
		return false;
	move(x, r->start_move[x->from != 0], r->nregs[state], i);
	for (;; i++) {
		found |= take(x, s[i] ? r->accept[state] : r->accept_end[state], i);
		if (!s[i])
			return found;
		k = state * r->nclasses + r->class_of[(unsigned char)s[i]];
		if (r->next[k] == STP_REGEX_NOWHERE)
			return found;
		state = r->next[k];
		move(x, r->move[k], r->nregs[state], i + 1);
	}
}

bool stp_regex_capture(struct stp_match *m, const struct stp_regex_capture *r, const char *s)
{
	struct run x = { .r = r, .m = m, .regs = m->regs[0], .other = m->regs[1] };

	m->matched = stp_regex_match(r->plain, s);
	if (!m->matched)
		return false;
	m->groups = r->groups;
	stp_strcpy(m->text, s, m->size);
	while (!run_from(&x, s) && s[x.from])
		x.from++;
	return true;
}

static struct stp_match *last_match(struct stp_context *c, const char *who)
{
	if (c->match && c->match->matched)
		return c->match;
	stp_error(c, "%s() without a match: the last =~ of this handler failed, or there was none", who);
	return NULL;
}

void stp_matched(struct stp_context *c, int64_t n, char *to, uint32_t size)
{
	const struct stp_match *m = last_match(c, "matched");

	to[0] = '\0';
	if (!m)
		return;
	if (n < 0 || n > m->groups) {
		stp_error(c, "matched(%lld): the last regular expression has %u groups", (long long)n, m->groups);
		return;
	}
	if (m->pos[2 * n] >= 0 && m->pos[2 * n + 1] >= 0)
		stp_substr(to, size, m->text, m->pos[2 * n], m->pos[2 * n + 1] - m->pos[2 * n]);
}

int64_t stp_ngroups(struct stp_context *c)
{
	const struct stp_match *m = last_match(c, "ngroups");

	return m ? (int64_t)m->groups + 1 : 0;
}
