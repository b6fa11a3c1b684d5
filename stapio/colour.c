// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Colours of messages: $SYSTEMTAP_COLORS is key=SGR:key=SGR..., of which `error` and `warning` matter
 * here; without it the defaults that stap(1) documents.  Empty or wrong, there are no colours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "stapio/colour.h"

bool colour_wanted(const char *when)
{
	const char *term = getenv("TERM");

	if (when && strcmp(when, "auto"))
		return !strcmp(when, "always");
	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb");
}

/* The value of KEY, *LEN bytes; NULL: none. */
static const char *value_of(const char *colours, const char *key, size_t *len)
{
	size_t n = strlen(key);
	const char *p = colours;

	while (*p) {
		*len = strcspn(p, ":");
		if (*len > n && !strncmp(p, key, n) && p[n] == '=') {
			*len -= n + 1;
			return strspn(p + n + 1, "0123456789;") == *len ? p + n + 1 : NULL;
		}
		p += *len + (p[*len] == ':');
	}
	return NULL;
}

void colour_line(bool colour, const char *text, size_t len)
{
	static const struct { const char *word, *key; } rows[] = { { "ERROR", "error" }, { "WARNING", "warning" } };
	const char *colours = getenv("SYSTEMTAP_COLORS"), *sgr;
	size_t i, n, sgr_len;

	if (!colours)
		colours = "error=01;31:warning=00;33";
	for (i = 0; colour && i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i].word);
		if (len <= n || memcmp(text, rows[i].word, n) || text[n] != ':')
			continue;
		sgr = value_of(colours, rows[i].key, &sgr_len);
		if (!sgr)
			break;
		fprintf(stderr, "\033[%.*sm%.*s\033[m\033[K", (int)sgr_len, sgr, (int)n, text);
		text += n;
		len -= n;
		break;
	}
	fwrite(text, 1, len, stderr);
}
