/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * begin, end and error: the start and the stop of the run.  Each point is one site; the runtime runs
 * them by kind and rising sequence number.  They have no registers and no target variables.
 */
#include "base/buf.h"
#include "family/family.h"

#include <inttypes.h>

enum been_kind { BEEN_BEGIN, BEEN_END, BEEN_ERROR };

static const struct point_form forms[] = {
	{ "begin", BEEN_BEGIN, "when the run starts" },
	{ "begin(number)", BEEN_BEGIN, "when the run starts, in order of the numbers" },
	{ "end", BEEN_END, "when the run ends without an error" },
	{ "end(number)", BEEN_END, "when the run ends without an error, in order of the numbers" },
	{ "error", BEEN_ERROR, "when the run ends after an error" },
	{ "error(number)", BEEN_ERROR, "when the run ends after an error, in order of the numbers" },
	{ NULL },
};

static const char *const words[] = {
	[BEEN_BEGIN] = "begin", [BEEN_END] = "end", [BEEN_ERROR] = "error",
};

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);
	const char *word = words[m->form->kind];

	s->kind = m->form->kind;
	s->order = m->has_arg[0] ? m->num[0] : 0;
	s->pp = m->has_arg[0] ? arena_printf(r->a, "%s(%" PRId64 ")", word, s->order) : word;
	s->pn = m->pn;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return true;
}

static void row(struct buf *out, const struct site *s)
{
	static const char *const kinds[] = {
		[BEEN_BEGIN] = "STP_BEGIN", [BEEN_END] = "STP_END", [BEEN_ERROR] = "STP_ERROR",
	};

	buf_printf(out, ".kind = %s, .order = %" PRId64 "LL", kinds[s->kind], s->order);
}

const struct family family_been = {
	.name = "been",
	.forms = forms,
	.flags = FAMILY_INTERRUPTIBLE | FAMILY_UNPRIVILEGED | FAMILY_ALONE,
	.resolve = resolve,
	.row = row,
};
