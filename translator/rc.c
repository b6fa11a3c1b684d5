/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rc file's text to words.  Must not know what the words mean. */
#include "rc.h"

#include "base/buf.h"
#include "base/vec.h"

#include <string.h>

/* The word at *P into B; false when a quote is open. */
static bool word(const char **p, struct buf *b)
{
	char quote = 0;

	for (; **p && (quote || !strchr(" \t\r\n", **p)); ++*p) {
		if (**p == quote)
			quote = 0;
		else if (!quote && (**p == '"' || **p == '\''))
			quote = **p;
		else if (**p == '\\' && quote != '\'' && (*p)[1])
			buf_putc(b, *++*p);
		else
			buf_putc(b, **p);
	}
	return !quote;
}

int rc_words(struct arena *a, const char *text, char ***argv)
{
	VEC(char *) words = { 0 };
	bool ok = true;

	*vec_add(a, &words) = arena_strdup(a, "stap");
	for (;;) {
		struct buf b = { 0 };

		text += strspn(text, " \t\r\n");
		if (*text == '#') {
			text += strcspn(text, "\n");
			continue;
		}
		if (!*text || !ok)
			break;
		ok = word(&text, &b);
		*vec_add(a, &words) = arena_strdup(a, buf_text(&b));
		buf_deinit(&b);
	}
	*vec_add(a, &words) = NULL;
	*argv = words.v;
	return ok ? (int)words.n - 1 : -1;
}
