// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of handlers at function entries, which of the two sets of ftrace an address is in, and the way in which it
 * is hit.  Process context, before anything is armed.
 */
#include <linux/sort.h>
#include "core/core.h"
#include "family/fentry_set.h"

#ifdef STP_HAVE_FENTRY

/* A return probe that runs nothing at the entry. */
static bool is_quiet(const struct stp_fentry *e)
{
	return e->rp && !e->rp->entry_handler;
}

/* The quiet ones of an address come last: nobody sees their order. */
static int compare_entries(const void *a, const void *b)
{
	const struct stp_fentry *x = a, *y = b;

	if (x->ip != y->ip)
		return x->ip < y->ip ? -1 : 1;
	if (is_quiet(x) != is_quiet(y))
		return is_quiet(x) ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Of the first one of an address. */
static enum stp_fentry_way way_of(uint32_t i)
{
	const struct stp_fentry *e = &stp_fentries[i];
	uint32_t n = 1;

	while (!stp_fentry_is_first(i + n))
		n++;
	if (n == 1 && !e->rp)
		return STP_FENTRY_ONE;
	if (n == 1 && is_quiet(e))
		return STP_FENTRY_RETURN;
	return n == 2 && !e->rp && is_quiet(e + 1) ? STP_FENTRY_BOTH : STP_FENTRY_SEVERAL;
}

/* One address is in one set, or its handlers would not run in order. */
static void share_sets(void)
{
	uint32_t i, first = 0;

	for (i = 0; i < stp_nfentries; i++) {
		if (stp_fentry_is_first(i))
			first = i;
#ifndef STP_FENTRY_ARGUMENTS
		stp_fentries[i].all_regs = true;
#endif
		stp_fentries[first].all_regs |= stp_fentries[i].all_regs;
		stp_fentries[first].rcu |= stp_fentries[i].rcu;
	}
	for (i = 0; i < stp_nfentries; i++)
		if (stp_fentry_is_first(i))
			stp_fentries[i].way = way_of(i);
		else
			stp_fentries[i].all_regs = stp_fentries[i - 1].all_regs;
}

void stp_fentry_sort(void)
{
	sort(stp_fentries, stp_nfentries, sizeof(*stp_fentries), compare_entries, NULL);
	share_sets();
}

#endif
