// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes and returns what the globals of the script and its string functions need. */
#include "data/data.h"
#include "data/map.h"

static bool needs_map(const struct stp_global *g)
{
	return g->nkeys || g->type == STP_STATS;
}

int stp_data_init(void)
{
	uint32_t i;
	int bad = stp_tokens_init(stp_unit.maxstringlen);

	for (i = 0; i < stp_unit.nglobals && !bad; i++)
		if (needs_map(stp_unit.globals[i]))
			bad = stp_map_create(stp_unit.globals[i], stp_unit.maxmapentries,
					     stp_unit.maxstringlen);
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
