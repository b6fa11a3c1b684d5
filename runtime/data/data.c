// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes and returns what the globals of the script and its string functions need. */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "data/data.h"
#include "data/map.h"

static bool needs_map(const struct stp_global *g)
{
	return g->nkeys || g->type == STP_STATS;
}

static int make(struct stp_global *g)
{
	int bad = stp_map_create(g, stp_unit.maxmapentries, stp_unit.maxstringlen);

	if (bad == -ENOMEM)
		pr_err("%s: no memory for '%s' with %u elements: declare it as %s[N],"
		       " or lower MAXMAPENTRIES or MAXSTRINGLEN\n",
		       THIS_MODULE->name, g->name, g->maxentries ?: stp_unit.maxmapentries, g->name);
	else if (bad)
		pr_err("%s: '%s' cannot be made: too many keys, or its histogram has no buckets or more than %d\n",
		       THIS_MODULE->name, g->name, STP_HIST_MAXBUCKETS);
	else
		g->map->drop = stp_unit.keep_going;
	return bad;
}

int stp_data_init(void)
{
	uint32_t i;
	int bad = stp_tokens_init(stp_unit.maxstringlen);

	for (i = 0; i < stp_unit.nglobals && !bad; i++)
		if (needs_map(stp_unit.globals[i]))
			bad = make(stp_unit.globals[i]);
	if (bad)
		stp_data_exit();
	return bad;
}

void stp_data_exit(void)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nglobals; i++)
		stp_map_destroy(stp_unit.globals[i]);
	stp_tokens_exit();
}
