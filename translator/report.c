/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What -v says after each pass: what it made, the memory in use and the time it took, in SystemTap's
 * words.  Times count finished children too (compilers); what is cut off of a millisecond in one pass is in the next.
 */
#include "report.h"
#include "build/build.h"
#include "library/library.h"
#include "program/program.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Microseconds of processor time, and on the clock. */
struct times { int64_t user, sys, real; };

static int64_t began;			/* on the clock */
static struct times told;		/* since then, in whole milliseconds */

static int64_t us(struct timeval t)
{
	return t.tv_sec * 1000000ll + t.tv_usec;
}

static struct times now(void)
{
	struct rusage self, children;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return (struct times){ us(self.ru_utime) + us(children.ru_utime), us(self.ru_stime) + us(children.ru_stime),
			       t.tv_sec * 1000000ll + t.tv_nsec / 1000 };
}

void report_begin(void)
{
	began = now().real;
}

/* Milliseconds of AT that were not told before. */
static long untold(int64_t *told_us, int64_t at)
{
	long ms = (at - *told_us) / 1000;

	*told_us += ms * 1000;
	return ms;
}

static void clock_print(void)
{
	struct times n = now();
	long virt = 0, res = 0, shr = 0, data = 0, kb = sysconf(_SC_PAGESIZE) / 1024;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f) {
		if (fscanf(f, "%ld %ld %ld %*d %*d %ld", &virt, &res, &shr, &data) != 4)
			virt = res = shr = data = 0;
		fclose(f);
	}
	fprintf(stderr, " using %ldvirt/%ldres/%ldshr/%lddata kb, in %ldusr/%ldsys/%ldreal ms.\n",
		virt * kb, res * kb, shr * kb, data * kb, untold(&told.user, n.user), untold(&told.sys, n.sys),
		untold(&told.real, n.real - began));
}

const char *plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* What pass NUMBER did, in SystemTap's words. */
void report_pass(struct session *s, int number)
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
	clock_print();
}
