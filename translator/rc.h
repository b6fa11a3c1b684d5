/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rc file: options as on a command line, over as many lines as one likes. */
#ifndef RC_H
#define RC_H

#include "base/arena.h"

/*
 * TEXT to words as the shell splits it: quotes '...' and "...", backslash, and # before a word starts
 * a comment.  Returns argc and *ARGV with "stap" as word 0 and a NULL behind, in A; -1: a quote is open.
 */
int rc_words(struct arena *a, const char *text, char ***argv);

#endif
