/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the room: the files of the search path, in order.
 */
#ifndef LIBRARY_SEARCH_H
#define LIBRARY_SEARCH_H

#include "library/library.h"

struct tapset_file {
	const char *path;
	bool macros;		/* .stpm, else .stp */
	bool include;		/* below a directory given with -I */
};

struct tapset_files { struct tapset_file *v; size_t n, cap; };

/* Append the files of DIR and of those of its subdirectories that fit ENV's kernel. */
void search_dir(struct arena *a, struct diag *d, const char *dir, bool include,
		const struct pp_env *env, struct tapset_files *out);

#endif
