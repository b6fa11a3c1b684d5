/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What families that look into the kernel's debuginfo have in common. */
#ifndef FAMILY_DEBUGINFO_H
#define FAMILY_DEBUGINFO_H

#include "dbginfo/dbginfo.h"
#include "family/family.h"
#include "session/names.h"

/* The session's debuginfo, opened when first asked for. */
struct dbginfo *family_dbginfo(struct resolver *r);

/*
 * The kernel (MODULE NULL) or a module.  NULL when there is no debuginfo: reported at PLACE, with
 * what was looked for and the package that has it, unless the point is optional.
 */
struct dbg_object *family_object(struct resolver *r, const char *module, const struct place *place);

/*
 * "while resolving probe point: identifier 'WORD' at PLACE: ...": SystemTap's words for a point that
 * cannot be resolved.  PLACE is that of the argument, WORD the first of the point.
 */
bool family_unresolved(struct resolver *r, const struct point_match *m, const struct place *place,
		       const char *tag, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * The facts of the table of changed names about OLD, as names_next(); none with --strict-names, and
 * none for optional points, whose alternatives are the script's own.
 */
const struct name_fact *family_renamed(struct resolver *r, enum name_kind kind, const char *old,
				       size_t *next);
/* " (function 'x' is 'y' since Linux R)" for messages with --strict-names, else "". */
const char *family_renamed_text(struct resolver *r, enum name_kind kind, const char *old);

/* A lines part of a pattern: from .. to; 0, 0 = all of them. */
struct line_range { unsigned from, to; };

/* NAME[@FILE[:LINES|+LINE]] taken apart (stapprobes, "PATTERN"). */
struct pattern {
	const char *name;
	const char *file;			/* NULL: any */
	VEC(struct line_range) lines;		/* empty: none given */
	bool relative;				/* counted from the line of the declaration */
};
bool pattern_parse(struct resolver *r, const struct point_match *m, const char *text,
		   const struct place *place, struct pattern *ret);
bool pattern_has_line(const struct pattern *p, unsigned line);

#endif
