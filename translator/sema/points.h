/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of probe points share: points.c is the way in. */
#ifndef SEMA_POINTS_H
#define SEMA_POINTS_H

#include "sema/elaborate.h"

enum { MAX_COMP = 8 };

struct shape_comp {
	const char *name;
	enum point_arg arg;
	const struct expr *value;	/* aliases: the literal their own name carries */
};

struct form {
	const struct family *family;
	const struct point_form *pf;
	struct shape_comp comp[MAX_COMP];
	unsigned n;
};

struct shape { const struct shape_comp *comp; size_t n; };

/* One use on the way from the probe to a family: outermost has up == NULL. */
struct use {
	const struct point *point;
	struct script *script;		/* where the point is written */
	struct alias_decl *alias;	/* what it uses; NULL while it is not known */
	struct script *alias_script;
	const struct use *up;
	const char *pn;
	bool optional;
};

/* An alias in sight and the script it is written in. */
struct seen_alias {
	struct alias_decl *alias;
	struct script *script;
	const struct point *name;
	struct shape shape;
};
struct seen_list { struct seen_alias *v; size_t n, cap; };

/* What a whole point fits; deepest as point_fits() has it. */
struct fit_alias { const struct seen_alias *alias; size_t used; };
struct fit_form { const struct form *form; size_t used; };
struct fitting {
	struct seen_list seen;		/* the aliases it was held against */
	VEC(struct fit_alias) aliases;
	VEC(struct fit_form) forms;
	size_t deepest;
};

/* ---- point_shape.c ---- */
/* The forms of all families, once. */
void forms_parse(struct sema *x);
struct shape shape_of_alias(struct sema *x, const struct point *name);
bool point_word_fits(const struct component *c, const struct shape_comp *s);
/*
 * Do the components of P from PI on fit those of SH from SI on?  WHOLE: both to their ends, else SH
 * may end first and *USED tells where in P.  *DEEPEST: how many components of P fitted at best.
 */
bool point_fits(const struct point *p, size_t pi, struct shape sh, size_t si, bool whole,
		size_t *used, size_t *deepest);
bool point_has_wildcard(const struct point *p);

/* ---- points.c ---- */
const char *point_text(struct sema *x, const struct point *p);

/* ---- point_sight.c ---- */
/* Aliases that a point of SCRIPT whose words begin with FIRST and SECOND (NULL: there is none) may mean: its own, the
 * users', then the library's.  The second word is for the library to read less: others may be among them. */
void aliases_in_sight(struct sema *x, struct script *script, const char *first, const char *second,
		      struct seen_list *l);

/* ---- point_unknown.c: errors; false after they are reported ---- */
/* Aliases multiply, and each way to a place is not worth a message: was P's told? */
bool unknown_told(struct sema *x, const struct point *p);
/* Nothing fits more of U's point than its first DEPTH components. */
bool unknown_point(struct sema *x, const struct use *u, size_t depth);
/* U names something, but all of that is optional and not here. */
bool unknown_here(struct sema *x, const struct use *u);
bool unknown_loop(struct sema *x, const struct point *p);

#endif
