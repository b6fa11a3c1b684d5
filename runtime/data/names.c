// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers of the kernel's interfaces as the names that programs use for them, from tables of the tapset.
 * Portable, callable in any context.
 */
#include "data/format.h"

static void add_name(char *to, uint32_t size, const char *name)
{
	if (*to)
		stp_strcat(to, "|", size);
	stp_strcat(to, name, size);
}

void stp_flags_str(char *to, uint32_t size, uint64_t value, const struct stp_name *names, uint32_t n)
{
	char rest[20];
	uint32_t i;

	stp_strcpy(to, "", size);
	for (i = 0; i < n; i++) {
		if (!names[i].value ? *to || value : (value & names[i].value) != names[i].value)
			continue;
		add_name(to, size, names[i].name);
		value &= ~names[i].value;
	}
	if (value || !*to) {
		stp_text_number(rest, sizeof(rest), "%#x", (int64_t)value);
		add_name(to, size, rest);
	}
}

void stp_value_str(char *to, uint32_t size, int64_t value, const struct stp_name *names, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n && (int64_t)names[i].value != value; i++)
		;
	if (i < n)
		stp_strcpy(to, names[i].name, size);
	else
		stp_text_number(to, size, "0x%x",
				value < 0 && value >= -0x80000000LL ? (int64_t)(uint32_t)value : value);
}
