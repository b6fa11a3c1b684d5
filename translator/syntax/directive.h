/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directives of a printf format. */
#ifndef SYNTAX_DIRECTIVE_H
#define SYNTAX_DIRECTIVE_H

#include "syntax/ast.h"

struct directive {
	size_t at, len;		/* in the format */
	unsigned width;		/* 0: none, or in an argument */
	char spec;
	unsigned stars;		/* numbers that it takes besides */
};

/*
 * The directive of TEXT, N bytes, at *P, which is behind its %; *P is moved past it.  False: it is
 * none that we know.
 */
bool directive_parse(const char *text, size_t *p, size_t n, struct directive *d);
/* Where it stands in the literal FMT; the whole literal where that is not known. */
struct place directive_place(const struct expr *fmt, const struct directive *d);

#endif
