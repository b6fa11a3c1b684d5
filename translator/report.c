/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What -v says after each pass: what it made, the memory in use and the time it took, in SystemTap's
 * words.  Times count finished children too (compilers).  Changes nothing.
 */
#include "report.h"
#include "build/build.h"
#include "library/library.h"
#include "program/program.h"

#include <unistd.h>

void report_start(struct report_clock *c)
{
	clock_gettime(CLOCK_MONOTONIC, &c->real);
	getrusage(RUSAGE_SELF, &c->self);
	getrusage(RUSAGE_CHILDREN, &c->children);
}

static long ms(struct timeval a, struct timeval b)
{
	return (b.tv_sec - a.tv_sec) * 1000 + (b.tv_usec - a.tv_usec) / 1000;
}

static void clock_print(const struct report_clock *c)
{
	struct report_clock n;
	long virt = 0, res = 0, shr = 0, data = 0, kb = sysconf(_SC_PAGESIZE) / 1024;
	FILE *f = fopen("/proc/self/statm", "re");

	report_start(&n);
	if (f) {
		if (fscanf(f, "%ld %ld %ld %*d %*d %ld", &virt, &res, &shr, &data) != 4)
			virt = res = shr = data = 0;
		fclose(f);
	}
	fprintf(stderr, " using %ldvirt/%ldres/%ldshr/%lddata kb, in %ldusr/%ldsys/%ldreal ms.\n",
		virt * kb, res * kb, shr * kb, data * kb,
		ms(c->self.ru_utime, n.self.ru_utime) + ms(c->children.ru_utime, n.children.ru_utime),
		ms(c->self.ru_stime, n.self.ru_stime) + ms(c->children.ru_stime, n.children.ru_stime),
		(n.real.tv_sec - c->real.tv_sec) * 1000 + (n.real.tv_nsec - c->real.tv_nsec) / 1000000);
}

const char *plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* What pass NUMBER did, in SystemTap's words. */
void report_pass(struct session *s, int number, const struct report_clock *c)
{
	const struct program *p = s->program;

	if (!session_verbose(s, number))
		return;
	switch (number) {
	case 1:
		fprintf(stderr, "Pass 1: parsed user script and %zu library %s", library_nscripts(s->library),
			plural(library_nscripts(s->library), "script", "scripts"));
		break;
	case 2:
		fprintf(stderr, "Pass 2: analyzed script: %zu %s, %zu %s, %zu %s, %zu %s", p->sites.n,
			plural(p->sites.n, "probe", "probes"), p->functions.n,
			plural(p->functions.n, "function", "functions"), p->embeds.n,
			plural(p->embeds.n, "embed", "embeds"), p->globals.n,
			plural(p->globals.n, "global", "globals"));
		break;
	case 3:
		fprintf(stderr, "Pass 3: translated to C into \"%s\"",
			s->opt.last_pass > 3 ? build_unit_path(s) : "<stdout>");
		break;
	case 4:
		if (s->cached) {
			fprintf(stderr, "Pass 4: using cached %s\n", s->cached);
			return;
		}
		fprintf(stderr, "Pass 4: compiled C into \"%s.ko\"", s->module_name);
		break;
	}
	clock_print(c);
}
