// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data room of the runtime, in user space: formats, strings, maps, aggregates, histograms.
 * This file is the kernel around it: memory that can fail, errors, output, the script's unit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/map.h"
#include "data/memory.h"
#include "mock_error.h"
#include "test_data.h"

int failed;
struct stp_context ctx;
char printed[65536];
int fail_allocation, allocations, this_cpu, texts_cut;
const struct stp_unit stp_unit = { .hist_elision = 2 };

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

/* ---- the world ---- */

void *stp_memory_get(size_t size)
{
	if (fail_allocation && !--fail_allocation)
		return NULL;
	allocations++;
	return calloc(1, size);
}

void stp_memory_put(void *p)
{
	allocations -= p != NULL;
	free(p);
}

uint32_t stp_memory_cpus(void)
{
	return 2;
}

int64_t stp_cpu(void)
{
	return this_cpu;
}

void forget_error(void)
{
	ctx.error = NULL;
	ctx.error_text[0] = 0;
}

bool stp_hist_record(struct stp_context *c, const struct stp_map *m, const struct stp_stat *s,
		     const union stp_val *key)
{
	(void)c, (void)m, (void)s, (void)key;
	return false;
}

void stp_print(struct stp_context *c, const char *s)
{
	(void)c;
	stp_strcat(printed, s, sizeof(printed));
}

/* Addresses below a page cannot be read, as in a kernel. */
bool stp_try_copy(void *to, uint64_t addr, uint32_t size, bool user)
{
	(void)user;
	if (addr < 4096)
		return false;
	memcpy(to, (void *)(uintptr_t)addr, size);
	return true;
}

int64_t stp_try_string(uint64_t addr, bool user, char *to, uint32_t max)
{
	(void)user;
	if (addr < 4096)
		return -1;
	stp_strcpy(to, (const char *)(uintptr_t)addr, max);
	return stp_strlen(to);
}

struct stp_map *make(struct stp_global *g)
{
	int bad = stp_map_create(g, 8, STRINGLEN);

	if (bad) {
		printf("not ok map of %s: error %d\n", g->name, bad);
		exit(1);
	}
	forget_error();
	return g->map;
}

void stp_text_was_cut(void)
{
	texts_cut++;
}

int main(void)
{
	test_format();
	test_text();
	test_names();
	test_map();
	test_stat();
	want_number("all memory was returned", 0, allocations);
	return failed;
}
