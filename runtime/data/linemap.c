// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader of line maps.  Portable; any context; never reads beyond the map, whatever its rows say. */
#include "linemap.h"

static const struct stp_line_block *blocks(const struct stp_line_map *m)
{
	return (const struct stp_line_block *)(m + 1);
}

static const uint32_t *files(const struct stp_line_map *m)
{
	return (const uint32_t *)(blocks(m) + m->nblock);
}

static const struct stp_line_node *nodes(const struct stp_line_map *m)
{
	return (const struct stp_line_node *)(files(m) + m->nfile);
}

static const char *strings(const struct stp_line_map *m)
{
	return (const char *)(nodes(m) + m->nnode);
}

static const unsigned char *rows(const struct stp_line_map *m)
{
	return (const unsigned char *)strings(m) + m->nstring;
}

static uint32_t number(const unsigned char **p, const unsigned char *end)
{
	uint32_t n = 0, shift = 0;

	while (*p < end && shift < 32) {
		uint32_t byte = *(*p)++;

		n |= (byte & 127) << shift;
		if (!(byte & 128))
			break;
		shift += 7;
	}
	return n;
}

bool stp_line_find(const struct stp_line_map *m, uint32_t addr, struct stp_line_place *ret)
{
	const unsigned char *p, *end = rows(m) + m->nrow;
	uint32_t low = 0, high = m->nblock, at, i;
	bool known = false;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (blocks(m)[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || blocks(m)[low - 1].at > m->nrow)
		return false;
	at = blocks(m)[low - 1].addr;
	p = rows(m) + blocks(m)[low - 1].at;
	ret->file = ret->line = ret->node = 0;
	for (i = 0; i < STP_LINE_BLOCK && p < end; i++) {
		uint32_t flags = *p++, n = flags & STP_LINE_DISTANCE;

		at += n == STP_LINE_DISTANCE ? number(&p, end) : n;
		if (at > addr)
			break;
		if (flags & STP_LINE_LINE) {
			n = number(&p, end);
			ret->line += n >> 1 ^ -(n & 1);
		}
		if (flags & STP_LINE_FILE)
			ret->file = number(&p, end);
		if (flags & STP_LINE_NODE)
			ret->node = number(&p, end);
		known = !(flags & STP_LINE_NONE);
	}
	return known;
}

const char *stp_line_file(const struct stp_line_map *m, uint32_t file)
{
	return file < m->nfile && files(m)[file] < m->nstring ? strings(m) + files(m)[file] : "";
}

const struct stp_line_node *stp_line_node(const struct stp_line_map *m, uint32_t node)
{
	return node && node < m->nnode ? &nodes(m)[node] : NULL;
}

const char *stp_line_name(const struct stp_line_map *m, const struct stp_line_node *n)
{
	return n->name < m->nstring ? strings(m) + n->name : "";
}
