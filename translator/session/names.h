/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that kernels changed: the table tapset/linux/renamed.def, one fact a line.  Scripts live
 * longer than kernels; where a name is not found and the table knows its successor, that is used
 * and a warning says so.
 */
#ifndef SESSION_NAMES_H
#define SESSION_NAMES_H

#include "session/session.h"

enum name_kind { NAME_FUNCTION, NAME_PARAM, NAME_MEMBER, NAME_NUMBER, NAME_TYPE, NAME_TRACEPOINT,
		 NAME_POINT };

struct name_fact {
	enum name_kind kind;
	const char *subject;	/* NAME_PARAM: function or "trace:NAME"; NAME_MEMBER: struct; else NULL */
	const char *old;	/* name, or a path with dots */
	const char *now;	/* the same; see the head of the table */
	const char *release;	/* first kernel that has it */
	unsigned line;
};

/*
 * The facts of S about OLD of KIND and SUBJECT in the order of the table: the first for *AT 0, NULL
 * behind the last.  A fact with a wildcard comes with the wildcard filled in.  For NAME_MEMBER OLD
 * is NULL and all facts of the struct come.
 */
const struct name_fact *names_next(struct session *s, enum name_kind kind, const char *subject,
				   const char *old, size_t *at);

/* The warning that F was applied, at P. */
void names_tell(struct session *s, const struct place *p, const struct name_fact *f);
/* "'OLD' is 'NEW' since Linux R", in the session's arena. */
const char *names_text(struct session *s, const struct name_fact *f);

#endif
