// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stap-merge: joins the files of bulk mode into one, in order of time.  Of two sets of the same time
 * that of the file which had the last one comes first, so that what one handler printed stays
 * together.  Nothing is believed about the files.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stapio/bulk.h"

struct input {
	const char *name;
	FILE *f;			/* NULL: at its end */
	struct bulk_head next;
};

static int status;

static void wrong(const char *name, const char *what)
{
	fprintf(stderr, "stap-merge: %s: %s\n", name, what);
	status = 1;
}

static void finish(struct input *in)
{
	fclose(in->f);
	in->f = NULL;
}

/* The next set's head. */
static void advance(struct input *in)
{
	size_t n = fread(&in->next, 1, sizeof(in->next), in->f);

	if (n == sizeof(in->next) && in->next.magic == BULK_MAGIC && in->next.len <= BULK_SET_MAX)
		return;
	if (ferror(in->f))
		wrong(in->name, strerror(errno));
	else if (n && n < sizeof(in->next))
		wrong(in->name, "ends in the middle of a set");
	else if (n)
		wrong(in->name, "is not a file of stap -b, or it is damaged");
	finish(in);
}

static struct input *oldest(struct input *v, int n, struct input *last)
{
	struct input *ret = last && last->f ? last : NULL;

	for (int i = 0; i < n; i++)
		if (v[i].f && (!ret || v[i].next.time < ret->next.time))
			ret = &v[i];
	return ret;
}

/* False when the output cannot be written. */
static bool copy_set(struct input *in, FILE *out)
{
	char buf[65536];
	uint32_t left = in->next.len;

	while (left) {
		size_t want = left < sizeof(buf) ? left : sizeof(buf), n = fread(buf, 1, want, in->f);

		if (fwrite(buf, 1, n, out) != n)
			return false;
		left -= n;
		if (n < want) {
			wrong(in->name, "ends in the middle of a set");
			finish(in);
			return true;
		}
	}
	advance(in);
	return true;
}

static int merge(struct input *v, int n, FILE *out, bool verbose)
{
	struct input *in = NULL;
	unsigned long long sequence = 0;

	while ((in = oldest(v, n, in))) {
		if (verbose)
			fprintf(out, "[%u,%llu,%u]\n", in->next.cpu, sequence, in->next.len);
		sequence++;
		if (!copy_set(in, out))
			break;
	}
	if (ferror(out) || fclose(out)) {
		fprintf(stderr, "stap-merge: cannot write the output: %s\n", strerror(errno));
		status = 1;
	}
	return status;
}

static int usage(FILE *to)
{
	fputs("Usage: stap-merge [-v] [-o OUTPUT] FILE...\n"
	      "Joins the files of stap -b in order of time.\n"
	      "  -o OUTPUT  write there, not to standard output\n"
	      "  -v         before each set of data: [cpu,number,bytes]\n", to);
	return to == stderr;
}

int main(int argc, char **argv)
{
	FILE *out = stdout;
	const char *name = NULL;
	bool verbose = false;
	struct input *v;
	int c, n;

	while ((c = getopt(argc, argv, "vo:h")) != -1) {
		switch (c) {
		case 'v': verbose = true; break;
		case 'o': name = optarg; break;
		case 'h': return usage(stdout);
		default: return usage(stderr);
		}
	}
	n = argc - optind;
	if (!n)
		return usage(stderr);
	v = calloc(n, sizeof(*v));
	if (!v)
		return 1;
	for (int i = 0; i < n; i++) {
		v[i].name = argv[optind + i];
		v[i].f = fopen(v[i].name, "re");
		if (!v[i].f)
			wrong(v[i].name, strerror(errno));
		else
			advance(&v[i]);
	}
	if (name && !(out = fopen(name, "we"))) {
		wrong(name, strerror(errno));
		free(v);
		return 1;
	}
	merge(v, n, out, verbose);
	free(v);
	return status;
}
