// SPDX-License-Identifier: GPL-2.0-or-later
/* The data room of the runtime, in user space: formats, strings, maps, aggregates, histograms. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "test_data.h"

int failed;

void want_text(const char *name, const char *want, const char *got)
{
	if (!strcmp(want, got)) {
		printf("ok %s\n", name);
		return;
	}
	printf("not ok %s: wanted \"%s\", got \"%s\"\n", name, want, got);
	failed = 1;
}

void want_number(const char *name, int64_t want, int64_t got)
{
	if (want == got) {
		printf("ok %s\n", name);
		return;
	}
	printf("not ok %s: wanted %" PRId64 ", got %" PRId64 "\n", name, want, got);
	failed = 1;
}

int main(void)
{
	test_format();
	return failed;
}
