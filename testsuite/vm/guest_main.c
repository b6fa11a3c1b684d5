/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stap-guest: the guest alone, without a script. Runs a command, or without one a shell, in a
 * disposable guest; the test suite boots once per kernel through this and runs a shell script
 * there. A guest that failed is exit status 125, apart from what commands return.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "run/guest.h"

static const char usage[] =
	"usage: stap-guest [-k KERNEL] [-c CPUS] [-m MB] [-a WORDS] [-s DIR] [-b BOOT-SECONDS]"
	" [-t HANG-SECONDS] [-v] [-i] [-K] [-S] [COMMAND ARG...]\n"
	"  -k release or its beginning     -a more words for the kernel's command line\n"
	"  -s directory to share read-write -i one nanosecond per instruction\n"
	"  -K no KVM                       -S kernel warnings are failures\n";

int main(int argc, char **argv)
{
	struct guest_options options = { 0 };
	int opt, status;

	while ((opt = getopt(argc, argv, "+k:c:m:a:s:b:t:viKS")) != -1) {
		switch (opt) {
		case 'k':
			options.kver = optarg;
			break;
		case 'c':
			options.cpus = strtoul(optarg, NULL, 10);
			break;
		case 'm':
			options.mem_mb = strtoul(optarg, NULL, 10);
			break;
		case 'a':
			options.append = optarg;
			break;
		case 's':
			options.share = optarg;
			break;
		case 'b':
			options.boot_limit_s = strtoul(optarg, NULL, 10);
			break;
		case 't':
			options.hang_limit_s = strtoul(optarg, NULL, 10);
			break;
		case 'v':
			options.verbose++;
			break;
		case 'i':
			options.icount = true;
			break;
		case 'K':
			options.no_kvm = true;
			break;
		case 'S':
			options.strict = true;
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	status = optind < argc ? guest_run(&options, argv + optind) : guest_shell(&options);
	return status < 0 ? 125 : status;
}
