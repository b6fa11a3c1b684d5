/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of bulk mode, one per CPU: sets of bytes, each what one handler run printed (or a part of
 * it), in order of time.  stap-merge joins the files.
 */
#ifndef STAPIO_BULK_H
#define STAPIO_BULK_H

#include <stdint.h>

#define BULK_MAGIC 0x4b4c4253u		/* "SBLK" */
#define BULK_SET_MAX (64u << 20)

struct bulk_head {
	uint32_t magic;
	uint32_t cpu;
	uint32_t len;			/* of the bytes that follow */
	uint32_t pad;
	uint64_t time;			/* ns, CLOCK_MONOTONIC */
};

#endif
