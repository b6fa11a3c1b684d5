// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * begin, end and error probes, in the order of their numbers and, among equals, of the script.
 * Nothing to arm: the session calls stp_been_run() in process context.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "core/core.h"

static const struct stp_row_been **rows;

static int compare_rows(const void *a, const void *b)
{
	const struct stp_row_been *x = *(const struct stp_row_been *const *)a;
	const struct stp_row_been *y = *(const struct stp_row_been *const *)b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int been_arm(char *why, size_t size)
{
	uint32_t i;

	if (!stp_unit.nbeen)
		return 0;
	rows = kvcalloc(stp_unit.nbeen, sizeof(*rows), GFP_KERNEL);
	if (!rows) {
		snprintf(why, size, "no memory for %u begin and end probes", stp_unit.nbeen);
		return -ENOMEM;
	}
	for (i = 0; i < stp_unit.nbeen; i++)
		rows[i] = &stp_unit.been[i];
	sort(rows, stp_unit.nbeen, sizeof(*rows), compare_rows, NULL);
	return 0;
}

/* The end probes are yet to come. */
static void been_disarm(void)
{
	if (stp_session_state() != STP_STATE_STARTING)
		return;
	kvfree(rows);
	rows = NULL;
}

void stp_been_run(enum stp_been_kind kind, enum stp_state state)
{
	uint32_t i;

	for (i = 0; rows && i < stp_unit.nbeen; i++) {
		if (rows[i]->kind == kind)
			stp_run_sleeping(rows[i]->probe, state);
	}
	if (kind == STP_ERROR) {
		kvfree(rows);
		rows = NULL;
	}
}

const struct stp_family stp_family_been = {
	.name = "been",
	.arm = been_arm,
	.disarm = been_disarm,
};
