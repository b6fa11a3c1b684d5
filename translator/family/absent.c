// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probe points that the language has and this translator has not: the first word of each, and what to do
 * instead.  Only for messages about points that nothing matches.
 */
#include "family/family.h"

#include <string.h>

static const char *const user[] = { "process", "java", "python2", "python3", "stap", "stapio", "staprun", NULL };

const char *family_absent(const struct point *p)
{
	const char *word = p->comp.v[0].name;

	for (const char *const *w = user; *w; w++)
		if (!strcmp(*w, word))
			return "probes of user-space programs are not supported yet; what programs ask of the "
			       "kernel is in syscall.*, kprocess.*, signal.*, vm.* and scheduler.*";
	if (!strcmp(word, "input"))
		return "probes of the standard input are not supported yet; procfs(\"NAME\").write takes text "
		       "while the script runs, $1 and -G NAME=VALUE before";
	if (!strcmp(word, "kernel") && p->comp.n > 1 && !strcmp(p->comp.v[1].name, "data"))
		return "hardware breakpoints are not supported yet; probe the functions that write the variable";
	return NULL;
}
