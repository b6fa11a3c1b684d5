// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv6 addresses as text, by RFC 5952: groups in hex without leading zeroes, "::" for the first of the longest
 * runs of two or more zero groups, the last four bytes of a mapped IPv4 address in dotted form.
 */
#include "data/format.h"

struct ip6_run { int first, length; };

static struct ip6_run longest_run(const uint32_t *group)
{
	struct ip6_run best = { -1, 1 };
	int i, n;

	for (i = 0; i < 8; i++) {
		for (n = 0; i + n < 8 && !group[i + n]; n++)
			;
		if (n > best.length)
			best = (struct ip6_run){ i, n };
		i += n ? n - 1 : 0;
	}
	return best;
}

static void add_number(char *to, uint32_t size, const char *format, uint32_t n)
{
	char text[12];

	stp_text_number(text, sizeof(text), format, n);
	stp_strcat(to, text, size);
}

static void add_ip4(char *to, uint32_t size, uint32_t high, uint32_t low)
{
	add_number(to, size, "%d.", high >> 8);
	add_number(to, size, "%d.", high & 255);
	add_number(to, size, "%d.", low >> 8);
	add_number(to, size, "%d", low & 255);
}

/* HIGH and LOW: the 16 bytes as they lie in memory. */
void stp_ip6_str(char *to, uint32_t size, uint64_t high, uint64_t low)
{
	uint32_t group[8];
	struct ip6_run run;
	int i;

	for (i = 0; i < 8; i++)
		group[i] = __builtin_bswap16((uint16_t)((i < 4 ? high : low) >> (i & 3) * 16));
	run = longest_run(group);
	stp_strcpy(to, "", size);
	for (i = 0; i < 8; i++) {
		if (i == run.first) {
			stp_strcat(to, "::", size);
			i += run.length - 1;
		} else if (i == 6 && run.first == 0 && run.length == 5 && group[5] == 0xffff) {
			stp_strcat(to, ":", size);
			add_ip4(to, size, group[6], group[7]);
			break;
		} else {
			add_number(to, size, i && i != run.first + run.length ? ":%x" : "%x", group[i]);
		}
	}
}
