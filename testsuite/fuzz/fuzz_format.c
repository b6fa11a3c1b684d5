// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any text as a printf format, with eight values, into buffers of any size: never writes past the
 * end, never looks behind the text, says the same length whatever room there is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool copy(void *to, uint64_t addr, uint32_t n)
{
	if (addr % 3 == 0)
		return false;
	memset(to, (int)addr, n);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union stp_val v[8];
	struct stp_format_memory memory = { .copy = copy };
	char *text, *to;
	uint32_t room;
	int whole, part;

	if (size < 10 || size > 4096)
		return 0;
	text = malloc(size - 8);
	memcpy(text, data + 9, size - 9);
	text[size - 9] = '\0';
	room = data[8];
	for (int i = 0; i < 8; i++)
		v[i].n = (int64_t)(int8_t)data[i] * (i & 1 ? 1 : 0x100000001);
	/* Which are strings is the format's to say; sema has checked that before. */
	for (const char *p = text, *next = p; (p = strchr(next, '%'));) {
		struct stp_directive d;

		next = stp_directive_parse(p, &d);
		if (next <= p || next > text + strlen(text))
			abort();
		if (d.conv == 's')
			goto out;
	}
	to = malloc(room + 1u);
	whole = stp_format(to, room, text, v, 8, &memory);
	if (whole >= 0 && room && strlen(to) >= room)
		abort();
	part = stp_format(to, room / 2, text, v, 8, &memory);
	if (part != whole)
		abort();
	free(to);
out:
	free(text);
	return 0;
}
