/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What scripts ask of aggregates: which results, with which histogram and bit shift.  All questions to one aggregate
 * agree in these, and they are literal numbers.
 */
#include "sema/elaborate.h"

#include <string.h>

static const struct { const char *name; enum stat_op op; } stat_names[] = {
	{ "count", STAT_COUNT }, { "sum", STAT_SUM }, { "min", STAT_MIN }, { "max", STAT_MAX },
	{ "avg", STAT_AVG }, { "variance", STAT_VARIANCE }, { "hist_log", STAT_HIST_LOG },
	{ "hist_linear", STAT_HIST_LINEAR },
};

enum stat_op aggregate_op(const char *name)
{
	for (size_t i = 0; i < sizeof(stat_names) / sizeof(stat_names[0]); i++)
		if (!strcmp(stat_names[i].name, name))
			return stat_names[i].op;
	return STAT_COUNT;
}

/* Of a linear histogram with the two outside ones: the runtime's STP_HIST_MAXBUCKETS. */
enum { MAX_BUCKETS = 100000 };

static bool constant(const struct expr *e, int64_t *n)
{
	if (e->kind != EX_NUMBER)
		return false;
	*n = e->number;
	return true;
}

static void bad_histogram(struct sema *x, const struct expr *e, const struct place *other, const char *what)
{
	if (x->report)
		diag_error2(x->d, DIAG_SEMANTIC, "histogram", &e->place, other, "@%s: %s: operator '@%s' at %s",
			    e->name, what, e->name, place_str(x->a, &e->place));
}

static void set_histogram(struct sema *x, const struct expr *e, struct gvar *v, enum stat_op op)
{
	struct global *g = &v->g;
	int64_t low = 0, high = 0, width = 0;
	enum hist_kind kind = op == STAT_HIST_LOG ? HIST_LOG : HIST_LINEAR;

	if (kind == HIST_LINEAR) {
		if (e->args.n != 3 || !constant(e->args.v[0], &low) || !constant(e->args.v[1], &high) ||
		    !constant(e->args.v[2], &width)) {
			bad_histogram(x, e, NULL, "needs a low end, a high end and a width, all literal numbers");
			return;
		}
		if (width <= 0 || high <= low) {
			bad_histogram(x, e, NULL, "the width must be positive and the high end above the low one");
			return;
		}
		if (((uint64_t)high - (uint64_t)low) / (uint64_t)width > MAX_BUCKETS - 3) {
			bad_histogram(x, e, NULL, "more than 100000 buckets, use a larger width");
			return;
		}
	}
	if (g->hist == HIST_NONE) {
		v->hist_at = e->place;
		g->hist = kind;
		g->hist_low = low;
		g->hist_high = high;
		g->hist_width = width;
	} else if (g->hist != kind || g->hist_low != low || g->hist_high != high ||
		   g->hist_width != width) {
		bad_histogram(x, e, &v->hist_at, "another histogram is asked of the same aggregate elsewhere");
	}
}

/* One shift for all results of an aggregate: samples are kept by it.  Where none is given it is taken over. */
static void set_variance(struct sema *x, const struct expr *e, struct global *g)
{
	const struct expr *arg = e->args.n ? e->args.v[0] : NULL;
	int64_t shift = 0;

	if (!arg)
		return;
	if (!constant(arg, &shift) || shift < 0 || shift > 62) {
		if (x->report && arg->kind != EX_STRING)	/* of the wrong type: told already */
			diag_error(x->d, DIAG_SEMANTIC, "variance-shift", &arg->place,
				   "the bit shift of @variance must be a literal number from 0 to 62: %s at %s",
				   sema_token(x, arg), place_str(x->a, &arg->place));
		return;
	}
	if (g->variance_at && g->variance_shift != shift && x->report)
		diag_error2(x->d, DIAG_SEMANTIC, "variance-shift", &e->place, g->variance_at,
			    "another bit shift is used with the same aggregate: operator '@variance' at %s",
			    place_str(x->a, &e->place));
	if (!g->variance_at) {
		g->variance_shift = (int)shift;
		g->variance_at = &e->place;
	}
}

void aggregate_ask(struct sema *x, const struct expr *e, struct gvar *v, enum stat_op op)
{
	v->g.stat_ops |= 1u << op;
	if (op == STAT_HIST_LOG || op == STAT_HIST_LINEAR)
		set_histogram(x, e, v, op);
	if (op == STAT_VARIANCE)
		set_variance(x, e, &v->g);
}
