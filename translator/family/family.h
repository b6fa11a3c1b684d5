/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a probe family is to the rest of the translator: this table, and nothing else.  sema knows
 * families only through here; a new family is translator/family/X.c, runtime/family/X.c and a
 * folder of tests.  never.c is the smallest complete example.
 */
#ifndef FAMILY_FAMILY_H
#define FAMILY_FAMILY_H

#include "program/site.h"
#include "syntax/ast.h"

struct session;

enum point_arg { ARG_NONE, ARG_NUMBER, ARG_STRING };

/*
 * One form of probe point: words separated by dots, arguments by type in parentheses, `*` never
 * appears.  "kernel.function(string).call", "timer.ms(number).randomize(number)".
 */
struct point_form {
	const char *pattern;
	int kind;		/* handed back in point_match */
	const char *help;	/* one line for --dump-probe-types and documentation */
};

struct point_match {
	const struct point_form *form;
	const struct point *point;	/* as written, wildcards in words already expanded to the form's */
	/* Arguments by number of their component from 0: of kernel.function("x") it is str[1]. */
	const char *str[8];		/* NULL where none */
	int64_t num[8];
	bool has_arg[8];
	struct place arg_place[8];
	const char *pn;			/* what pn() says */
};

/* What resolve() is given: where to allocate, whom to tell, which kernel. */
struct resolver {
	struct session *s;
	struct arena *a;
	struct diag *d;
	bool optional;		/* point has `?` or a wildcard alternative: finding nothing is no error */
	bool listing;		/* -l / -L */
	bool explaining;	/* --explain-probe: vars() gives what cannot be had too */
};

enum family_flags {
	FAMILY_DEBUGINFO = 1,		/* needs DWARF or BTF of its target */
	FAMILY_USER = 2,		/* addresses are user space */
	FAMILY_UNPRIVILEGED = 8,	/* users of the group stapusr may use it */
	FAMILY_INTERRUPTIBLE = 4,	/* handlers run in task context, once: begin, end, error, procfs */
	FAMILY_COUNTERS = 32,		/* handlers run in the thread that @perf() tells of */
	FAMILY_ALONE = 16,		/* while one of its handlers runs, no other does: begin, end, error */
};

struct buf;

/*
 * A variable that is no data of the probed program: functions of the tapset give and take it.  NULL
 * where that cannot be done; without `append`, what is added to is got, added to and set.
 */
struct called_var {
	const char *get, *set, *append;
	const char *type;		/* for listings */
	bool guru;			/* setting it needs guru mode */
};

struct family {
	const char *name;			/* "kprobe": also names runtime/family/NAME.c */
	const struct point_form *forms;		/* ends with a NULL pattern */
	unsigned flags;
	unsigned most;				/* sites that the processor has room for; 0: any number */
	const char *most_name;			/* what it has them in, as messages say it */
	/*
	 * Append the sites that MATCH stands for.  False after a reported error.  Finding nothing
	 * is an error to report here (with "similar" names) unless r->optional.
	 */
	bool (*resolve)(struct resolver *r, const struct point_match *match, struct site_list *out);
	/*
	 * Variable NAME (without `$`; "return" for $return) at SITE; at_entry: in a return probe, as
	 * of function entry.  True and *ret, or false when there is no such name (sema reports, with
	 * the nearest of vars()).  A known name that cannot be had is true with ret->loc.kind LOC_NONE.
	 * NULL member: the family has no target variables.
	 */
	bool (*var)(struct resolver *r, const struct site *s, const char *name, bool at_entry,
		    struct site_var *ret);
	/* All names at SITE in order of declaration: parameters first. */
	size_t (*vars)(struct resolver *r, const struct site *s, struct site_var **ret);
	/* Is NAME at SITE such a variable?  NULL member: there is none.  Asked before var(). */
	bool (*called)(const struct site *s, const char *name, struct called_var *ret);
	/* --explain-probe: lines about SITE and its variables.  NULL: the variables alone are shown. */
	void (*explain)(struct resolver *r, const struct site *s, struct buf *out);
	/* The nearest place where variable NAME, which cannot be had at SITE, can be; NULL: none. */
	const char *(*nearest)(struct resolver *r, const struct site *s, const char *name);
	/*
	 * Rows of const data for the generated unit.  For each site: the members that runtime's
	 * struct stp_row_NAME declares, besides `.probe`, as designated initialisers, e.g.
	 * ".interval = 1000000, .kind = 2".  cgen prints the rest of the row.
	 * NULL member: nothing is ever armed; sema checks the handlers and then drops them.
	 */
	void (*row)(struct buf *out, const struct site *s);
};

extern const struct family *const families[];	/* ends with NULL; family/registry.c */

/* Why no family has the point P, and what to do instead; NULL when nothing special is known of it. */
const char *family_absent(const struct point *p);

#endif
