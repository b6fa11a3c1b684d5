// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probe points that the language has and this translator has not, and what to do instead.  Only for messages
 * about points that nothing matches.
 */
#include "family/family.h"

#include <string.h>

static const char *const pythons[] = { "python2", "python3", NULL };
/* Of the tapset reference: marks in SystemTap's own programs. */
static const char *const own[] = { "stap", "stapio", "staprun", NULL };

static bool is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word))
		words++;
	return *words;
}

/* process(...).insn: every single instruction, which takes a tracer that stops the process. */
static bool is_stepping(const struct point *p)
{
	for (size_t i = 1; i < p->comp.n; i++)
		if (!strcmp(p->comp.v[i].name, "insn"))
			return true;
	return false;
}

const char *family_absent(const struct point *p)
{
	const char *word = p->comp.v[0].name;

	if (!strcmp(word, "java"))
		return "methods of Java are not supported; its virtual machine has marks for them when java is run "
		       "with -XX:+ExtendedDTraceProbes: process(\"PATH/libjvm.so\").mark(\"method__entry\")";
	if (is_one_of(word, pythons))
		return "functions of Python are not supported; an interpreter that was built with marks has them, "
		       "process(\"python3\").mark(\"function__entry\"): $arg1 to $arg3 are file, function and line";
	if (is_one_of(word, own))
		return "these are marks inside SystemTap's own programs, which these are not; stap -v tells of each "
		       "pass, --dump=STAGE what it made, and process(\"PATH\").function probes any program";
	if (!strcmp(word, "process") && is_stepping(p))
		return "single steps of a process (.insn) are not supported: each would stop it; probe the places that "
		       "matter by .statement(\"FUNCTION@FILE:*\"), all lines of a function";
	if (!strcmp(word, "input"))
		return "probes of the standard input are not supported yet; procfs(\"NAME\").write takes text "
		       "while the script runs, $1 and -G NAME=VALUE before";
	return NULL;
}
