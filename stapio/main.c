// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stapio: shows what a loaded module prints.  Started by staprun, which opened the module's files;
 * stapio itself runs with the rights of the invoking user and opens nothing but output files.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stapio/colour.h"
#include "stapio/session.h"

static bool parse_fds(const char *text, struct options *o)
{
	return sscanf(text, "%d,%d,%d,%d,%d,%d,%u", &o->control, &o->formats, &o->probes, &o->alive, &o->notify,
		      &o->first_trace, &o->nstreams) == 7 && o->nstreams > 0 && o->nstreams < 65536;
}

static void parse_size(const char *text, struct options *o)
{
	char *end;

	o->size_limit = strtoull(text, &end, 10) << 20;
	if (*end == ',')
		o->keep = strtoul(end + 1, NULL, 10);
}

static void parse_remote(const char *text, struct options *o)
{
	char *end;

	o->remote_id = strtoll(text, &end, 10);
	if (*end == ':')
		o->remote_uri = end + 1;
}

int main(int argc, char **argv)
{
	struct options o = { .remote_id = -1, .period_ms = 50 };
	const char *colour = NULL;
	bool fds = false;
	int c;

	while ((c = getopt(argc, argv, "F:c:x:N:r:o:S:T:C:bjwADv")) != -1) {
		switch (c) {
		case 'F': fds = parse_fds(optarg, &o); break;
		case 'c': o.command = optarg; break;
		case 'x': o.target = atoll(optarg); break;
		case 'N': o.namespaces = atoll(optarg); break;
		case 'r': parse_remote(optarg, &o); break;
		case 'T': o.period_ms = atoi(optarg); break;
		case 'C': colour = optarg; break;
		case 'j': o.json = true; break;
		case 'o': o.file = optarg; break;
		case 'S': parse_size(optarg, &o); break;
		case 'b': o.bulk = true; break;
		case 'w': o.no_warnings = true; break;
		case 'A': o.attach = true; break;
		case 'D': o.background = true; break;
		case 'v': o.verbose++; break;
		default: return 1;
		}
	}
	if (!fds || optind + 1 != argc) {
		fprintf(stderr, "ERROR: stapio is started by staprun; run staprun MODULE\n");
		return 1;
	}
	if (o.file && !strcmp(o.file, "-"))
		o.file = NULL;
	o.colour = colour_wanted(colour);
	o.module = argv[optind];
	return session_run(&o);
}
