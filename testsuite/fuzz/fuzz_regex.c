// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first line is a pattern, the rest what it is held against: compiling ends, and a match is the
 * same when asked twice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "regex/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = memchr(data, '\n', size);
	size_t cut = nl ? (size_t)(nl - data) : size, where = 0;
	const char *why = NULL, *text = (const char *)data + cut + !!nl;
	struct regex r = { 0 };
	struct arena a;

	if (cut > 64 || memchr(data, '\0', cut))
		return 0;
	arena_init(&a, "fuzz");
	if (!regex_compile(&a, (const char *)data, cut, &r, &why, &where)) {
		if (!why || where > cut)
			abort();
	} else {
		size_t n = size - cut - !!nl;
		bool got = regex_match(&r, text, n);

		if (got != regex_match(&r, text, n))
			abort();
	}
	arena_deinit(&a);
	return 0;
}
