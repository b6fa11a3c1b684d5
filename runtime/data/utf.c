// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strings of UTF-16 and UTF-32 in probed memory, native byte order, to UTF-8.  A string ends with a
 * zero unit; what has no room in the result is cut between characters.
 */
#include "data/format.h"

/* One unit of WIDTH bytes, or -1. */
static int64_t unit_at(uint64_t addr, uint32_t width, bool user)
{
	union { uint16_t u16; uint32_t u32; } unit;

	if (!stp_try_copy(&unit, addr, width, user))
		return -1;
	return width == 2 ? unit.u16 : unit.u32;
}

/* The UTF-8 of CODE at TO, which has room for 4; 0 when there is no such character. */
static uint32_t put_utf8(char *to, uint32_t code)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	uint32_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4, i;

	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	for (i = n; i > 1; i--, code >>= 6)
		to[i - 1] = (char)(0x80 | (code & 0x3f));
	to[0] = (char)(lead[n] | code);
	return n;
}

enum stp_utf_result stp_utf_string(char *to, uint32_t size, uint64_t addr, bool user, uint32_t width)
{
	uint32_t used = 0, n, i;
	int64_t unit, low;
	char utf8[4];

	to[0] = '\0';
	for (;;) {
		unit = unit_at(addr, width, user);
		if (unit < 0)
			return STP_UTF_FAULT;
		if (!unit)
			break;
		addr += width;
		if (width == 2 && unit >= 0xd800 && unit < 0xdc00) {
			low = unit_at(addr, width, user);
			if (low < 0)
				return STP_UTF_FAULT;
			if (low < 0xdc00 || low > 0xdfff)
				return STP_UTF_INVALID;
			unit = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
			addr += width;
		}
		n = put_utf8(utf8, (uint32_t)unit);
		if (!n)
			return STP_UTF_INVALID;
		if (used + n >= size)
			break;
		for (i = 0; i < n; i++)
			to[used++] = utf8[i];
		to[used] = '\0';
	}
	return STP_UTF_OK;
}
