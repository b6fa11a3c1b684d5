// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probe points that the language has and this translator has not: the first word of each, and what to do
 * instead.  Only for messages about points that nothing matches.
 */
#include "family/family.h"

#include <string.h>

static const char *const user[] = { "java", "python2", "python3", "stap", "stapio", "staprun", NULL };

/* Words behind process(...) that the language has. */
static bool is_absent_part(const struct point *p)
{
	static const char *const parts[] = { "insn", "callee", "callees", NULL };

	for (size_t i = 1; i < p->comp.n; i++)
		for (const char *const *w = parts; *w; w++)
			if (!strcmp(*w, p->comp.v[i].name))
				return true;
	return false;
}

const char *family_absent(const struct point *p)
{
	const char *word = p->comp.v[0].name;

	for (const char *const *w = user; *w; w++)
		if (!strcmp(*w, word))
			return "probes of what runs in this program are not supported yet; "
			       "process(\"PATH\").function, .mark and .syscall probe the program itself";
	if (!strcmp(word, "process") && is_absent_part(p))
		return "this part of process probes is not supported yet; .function, .statement, .mark, .plt, .begin, "
		       ".end, .thread and .syscall are";
	if (!strcmp(word, "input"))
		return "probes of the standard input are not supported yet; procfs(\"NAME\").write takes text "
		       "while the script runs, $1 and -G NAME=VALUE before";
	return NULL;
}
