/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places in source text and the messages that point at them.
 *
 * The function that detects an error reports it, once; callers only propagate a false result.
 * Wording and shape follow SystemTap where people or scripts rely on it:
 *
 *	parse error: expected statement
 *	        saw: operator ')' at <input>:1:15
 *	     source: probe begin { ) }
 *	                           ^
 *	semantic error: unresolved function 'foo': identifier 'foo' at t.stp:3:9
 *	        source: x = foo(1)
 *	                    ^
 *	WARNING: ...
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"

/* One text that was read: script, -e argument, tapset file, macro body. */
enum { SOURCE_PARTS = 64 };

struct source {
	const char *name;	/* as shown: "<input>", "foo.stp", path of a tapset file */
	const char *text;	/* NUL-terminated, `size` bytes before it */
	size_t size;
	bool tapset;		/* part of a tapset library: embedded C allowed, private scope */
	bool shipped;		/* part of the product's own tapset: its C knows stp.h alone */
	bool guru;		/* -g given and this is user script */
	struct { uint32_t off, line; } memo;	/* of place_line_col(): start of a line, lines before it */
};

/* A stretch of a source.  Zeroed: nowhere.  Small enough to be passed by value. */
struct place {
	const struct source *src;
	uint32_t off, len;		/* bytes */
	const struct place *via;	/* the use this came through: macro call or alias use; or NULL */
};

void place_line_col(const struct place *p, unsigned *line, unsigned *col);	/* both from 1 */
/* "NAME:LINE:COL" in the arena; "<unknown>" for nowhere. */
const char *place_str(struct arena *a, const struct place *p);

enum diag_kind { DIAG_PARSE, DIAG_SEMANTIC, DIAG_ERROR, DIAG_WARNING };

enum diag_colour { DIAG_COL_ERROR, DIAG_COL_WARNING, DIAG_COL_SOURCE, DIAG_COL_CARET, DIAG_COL_TOKEN, DIAG_NCOLOURS };

/* The receiver of messages; one per session. */
struct diag {
	FILE *out;		/* stderr, or a memory stream in tests */
	bool colour;
	char sgr[DIAG_NCOLOURS][24];	/* "\033[01;31m"; set when colour is */
	bool no_warnings;	/* -w */
	bool werror;		/* -W */
	bool show_tags;		/* "[TAG]" behind the first line of a message */
	unsigned errors, warnings;
	struct arena arena;	/* texts of messages already shown: the same one is not repeated */
	void *seen;
};

void diag_init(struct diag *d, FILE *out);
void diag_deinit(struct diag *d);
/* Colours from now on: SPEC is $SYSTEMTAP_COLORS, "error=01;31:caret=01"; NULL: stap(1)'s own.  Off when
 * it is empty or wrong. */
void diag_set_colours(struct diag *d, const char *spec);
/* As D shows its messages; for messages that are kept back. */
void diag_like(struct diag *ret, const struct diag *d);

/*
 * Report.  TAG is the stable name of the message kind ("unresolved-function"), P may be NULL.
 * The format is printf's.  Returns false so that `return diag_error(...)` propagates.
 */
bool diag_error(struct diag *d, enum diag_kind kind, const char *tag, const struct place *p,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same with a second place, shown after the first with its own line and caret. */
bool diag_error2(struct diag *d, enum diag_kind kind, const char *tag, const struct place *p,
		 const struct place *other, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void diag_warn(struct diag *d, const char *tag, const struct place *p, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* An indented continuation line under the last message: hints, "similar: ...", what to do next. */
void diag_hint(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* On a terminal, a line on standard error that WHAT is done by PERCENT; 100 removes it. */
void diag_progress(const char *what, unsigned percent);
/* diag.def: is TAG in it; print what it says (of "list": all tags).  False after a message. */
bool diag_has_tag(const char *tag);
bool diag_explain(FILE *out, const char *tag);

#endif
