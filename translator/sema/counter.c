// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * @perf("NAME"): the counter that a perf probe point with .counter("NAME") declares, read in probes of programs.
 * It becomes a call of the tapset's function; whether some point declares NAME is known when all are found.
 */
#include "sema/elaborate.h"

#include <string.h>

bool counter_read(struct body *b, struct expr *e)
{
	struct expr *name;

	if (!b->site)		/* a function; it is made anew for each site */
		return false;
	if (!(b->site->family->flags & FAMILY_COUNTERS)) {
		diag_error(b->x->d, DIAG_SEMANTIC, "perf-outside", &e->place,
			   "@perf(\"%s\") is only valid in probes of programs: process.function, .statement, "
			   ".mark, .plt", e->text);
		return false;
	}
	name = arena_new(b->x->a, struct expr);
	*name = (struct expr){ .kind = EX_STRING, .place = e->place, .text = e->text, .text_len = strlen(e->text),
			       .height = 1 };
	*vec_add(b->x->a, &b->x->counters) = name;
	*e = (struct expr){ .kind = EX_CALL, .place = e->place, .name = "__perf_count", .height = 2 };
	*vec_add(b->x->a, &e->args) = name;
	return true;
}

static bool is_declared(const struct sema *x, const char *name)
{
	vec_each(&x->p->sites, i) {
		const char *has = x->p->sites.v[i]->counter;

		if (has && !strcmp(has, name))
			return true;
	}
	return false;
}

bool counters_check(struct sema *x)
{
	bool ok = true;

	vec_each(&x->counters, i) {
		const struct expr *e = x->counters.v[i];

		if (!is_declared(x, e->text))
			ok = diag_error(x->d, DIAG_SEMANTIC, "no-counter", &e->place,
					"no perf counter '%s': declare it with probe "
					"perf.type(N).config(M).process(\"PATH\").counter(\"%s\") { }", e->text,
					e->text);
	}
	return ok;
}
