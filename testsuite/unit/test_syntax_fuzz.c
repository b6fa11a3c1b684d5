/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzz target over mutated test scripts (SEEDS): the same mutations in every run, as many as the first
 * argument says, from the seed the second gives.  A crash or a text that does not print as itself aborts; the
 * input is then left in the file fuzz-input of the current folder.
 */
#include "testsuite/unit/syntax_setup.h"

#include <glob.h>

#ifndef SEEDS
#define SEEDS "parse[ok]*"
#endif
#ifndef ROUNDS
#define ROUNDS 20000
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t seed;
static const struct buf *current;

void __asan_on_error(void);

void __asan_on_error(void)
{
	FILE *f = fopen("fuzz-input", "w");

	if (f && current)
		fwrite(current->p, 1, current->n, f);
	if (f)
		fclose(f);
}

static size_t below(size_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return n ? (seed >> 8) % n : 0;
}

static struct buf *seeds;
static size_t nseeds;

static void read_seeds(void)
{
	glob_t g;

	if (glob(SRCDIR "/testsuite/" SEEDS "/*.stp", 0, NULL, &g))
		return;
	seeds = calloc(g.gl_pathc, sizeof(*seeds));
	for (size_t i = 0; i < g.gl_pathc; i++)
		if (buf_read_file(&seeds[nseeds], g.gl_pathv[i]) && seeds[nseeds].n)
			nseeds++;
	globfree(&g);
}

/* A piece of a seed in place of, or in front of, a piece of B; or single bytes changed. */
static void mutate(struct buf *b)
{
	static const char bytes[] = "\0%(){}[]@$\"\\?:;.,-+*/<>=!~&|^#'\n\xff" "az09_";
	const struct buf *other = &seeds[below(nseeds)];
	size_t at = below(b->n), cut = below(3) ? 0 : below(b->n - at), from = below(other->n);
	size_t len = below(other->n - from < 40 ? other->n - from : 40);
	struct buf r = { 0 };

	buf_add(&r, b->p, at);
	if (below(2))
		buf_add(&r, other->p + from, len);
	else
		buf_putc(&r, bytes[below(sizeof(bytes) - 1)]);
	buf_add(&r, b->p + at + cut, b->n - at - cut);
	buf_deinit(b);
	*b = r;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;

	seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;

	read_seeds();
	if (!nseeds) {
		printf("not ok fuzz: no seeds below %s\n", SRCDIR);
		return 1;
	}
	for (size_t i = 0; i < rounds; i++) {
		const struct buf *from = &seeds[i % nseeds];
		struct buf b = { 0 };

		buf_add(&b, from->p, from->n);
		for (size_t n = below(6); n--;)
			mutate(&b);
		current = &b;
		LLVMFuzzerTestOneInput((const uint8_t *)b.p, b.n);
		buf_deinit(&b);
	}
	for (size_t i = 0; i < nseeds; i++)
		buf_deinit(&seeds[i]);
	free(seeds);
	printf("ok %zu mutated scripts\n", rounds);
	return failures > 0;
}
