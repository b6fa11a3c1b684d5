/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stap --fmt: scripts laid out in one way. */
#ifndef SYNTAX_FORMAT_H
#define SYNTAX_FORMAT_H

#include "syntax/syntax.h"

/* SRC with indentation and blanks made uniform, comments kept; false after a reported error. */
bool script_format(struct buf *out, struct arena *a, struct diag *d, const struct source *src);

#endif
