/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the families that probe programs share. */
#ifndef FAMILY_UPROBE_H
#define FAMILY_UPROBE_H

#include "family/debuginfo.h"

/* Which processes a point that begins with `process` means, and which files. */
struct program_choice {
	const char *base;		/* "process" or "process(2)": what the point is shown as where no path is */
	int64_t pid;			/* 0: not by pid */
	bool of_target;			/* the target's and its descendants' */
	const char *exe;		/* with .library(): the program that has to run */
	VEC(const char *) paths;	/* files with code to probe, links resolved */
};

/*
 * The beginning of M: process, process(PID) or process(PATH), and .library(PATH) behind it.  *AT becomes the
 * number of the component behind that.  False after a reported error; no paths in an optional point that
 * names nothing.
 */
bool program_choose(struct resolver *r, const struct point_match *m, struct program_choice *ret, unsigned *at);
/* The files that PATH names: a path, or a name to be found in $PATH, with wildcards or without. */
void program_paths(struct resolver *r, const char *path, struct program_choice *ret);
/* The file that process PID has at ADDR in its memory, NULL: none; *OFFSET: where in the file that is. */
const char *program_mapped(struct resolver *r, int64_t pid, uint64_t addr, uint64_t *offset);
/* "process("PATH")", or with .library("PATH") behind it. */
const char *program_text(struct resolver *r, const struct program_choice *c, const char *path);
/* The object of one of the paths, NULL after a reported error or in an optional point. */
struct dbg_object *program_object(struct resolver *r, const char *path, const struct place *place);
const struct site_file *program_file(struct resolver *r, struct dbg_object *o);
/* X is at link-time address x->address of O; false when that is not in the file. */
bool program_place(struct site *x, const struct program_choice *c, struct dbg_object *o,
		   const struct site_file *file);
/* Reports that nothing is PATH, unless the point is optional. */
bool program_missing(struct resolver *r, const struct point_match *m, const char *path);
/* The members of rows that say which processes; where, and which. */
void program_row_who(struct buf *out, const struct site *s);
void program_row(struct buf *out, const struct site *s);

#endif
