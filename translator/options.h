/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line; options.def is its table. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "session/session.h"

/* Read ARGV into s->opt.  -1: go on; otherwise the exit status (after --help, or a reported error). */
int options_parse(struct session *s, int argc, char **argv);

#endif
