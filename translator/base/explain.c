/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The catalogue of messages: diag.def by tag.  Must not decide when a message is given.
 */
#include "base/diag.h"
#include "base/strmap.h"

#include <string.h>

static const struct {
	const char *tag, *means, *mend;
} table[] = {
#define DIAG(tag, means, mend) { tag, means, mend },
#include "base/diag.def"
#undef DIAG
};

enum { NTAGS = sizeof(table) / sizeof(table[0]) };

bool diag_has_tag(const char *tag)
{
	for (int i = 0; i < NTAGS; i++)
		if (!strcmp(table[i].tag, tag))
			return true;
	return false;
}

static void list(FILE *out)
{
	for (int i = 0; i < NTAGS; i++)
		fprintf(out, "%-24s %.*s\n", table[i].tag, (int)strcspn(table[i].means, ".:;\n"), table[i].means);
}

bool diag_explain(FILE *out, const char *tag)
{
	const char *near = NULL;
	unsigned best = 4;

	if (!strcmp(tag, "list")) {
		list(out);
		return true;
	}
	for (int i = 0; i < NTAGS; i++) {
		unsigned far = str_distance(tag, table[i].tag, best);

		if (!far) {
			fprintf(out, "%s\n\n%s\n\nWhat to do:\n%s\n", tag, table[i].means, table[i].mend);
			return true;
		}
		if (far < best) {
			best = far;
			near = table[i].tag;
		}
	}
	fprintf(stderr, "ERROR: there is no message '%s'%s%s%s; stap --explain=list shows all\n", tag,
		near ? " (similar: " : "", near ? near : "", near ? ")" : "");
	return false;
}
