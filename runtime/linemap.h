/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of the kernel to lines of source, as the translator puts them into a module: written by
 * translator/dbginfo/linemap.c, read by data/linemap.c.  All of it in the machine's byte order.
 */
#ifndef STP_LINEMAP_H
#define STP_LINEMAP_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#endif

/* Head; behind it blocks, files, nodes, NUL-terminated strings (padded to 4 bytes), rows. */
struct stp_line_map {
	uint64_t base;			/* link-time address that the others count from */
	uint32_t nblock, nfile, nnode;
	uint32_t nstring, nrow;		/* bytes */
	uint32_t pad;
};
/* Rows from AT on, the first of them at address ADDR; sorted by address. */
struct stp_line_block { uint32_t addr, at; };
/* An inlined call: of what, in which node (0: in the function itself), written where. */
struct stp_line_node { uint32_t parent, name, file, line; };

/*
 * A row holds from its address to the next one's.  A byte: distance to the row before (all bits set: a
 * number follows) and what has changed; then the changes, lines folded (0, -1, 1, -2 are 0, 1, 2, 3).
 * Numbers have seven bits to a byte, low ones first, the eighth set when more follow.
 */
enum {
	STP_LINE_DISTANCE = 15,
	STP_LINE_LINE = 16,		/* the difference follows */
	STP_LINE_FILE = 32,		/* its number follows */
	STP_LINE_NODE = 64,		/* its number follows */
	STP_LINE_NONE = 128,		/* no code here */
	STP_LINE_BLOCK = 64,		/* rows in a block */
};

struct stp_line_place { uint32_t file, line, node; };

/* ADDR counts from the base.  False when nothing is known of it. */
bool stp_line_find(const struct stp_line_map *m, uint32_t addr, struct stp_line_place *ret);
const char *stp_line_file(const struct stp_line_map *m, uint32_t file);
const struct stp_line_node *stp_line_node(const struct stp_line_map *m, uint32_t node);	/* NULL: 0, or none */
const char *stp_line_name(const struct stp_line_map *m, const struct stp_line_node *n);
/* symbol/lines.c: of an address of the running kernel, by the unit's map. */
bool stp_line_of(uint64_t addr, struct stp_line_place *ret);

#endif
