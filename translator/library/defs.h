/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the room: which files of the search path define a name, kept from run to run. */
#ifndef LIBRARY_DEFS_H
#define LIBRARY_DEFS_H

#include <stdint.h>

#include "library/search.h"

/* Numbers of files in the search path, ascending. */
struct def_files { uint32_t *v; size_t n, cap; };

struct defs {
	const char *path;		/* of the kept file; NULL: not to be kept */
	const char *key;		/* of the files it stands for */
	struct strmap map;		/* kind and name -> struct def_files */
	bool known;			/* the map came from the kept file */
};

/* Take what DIR has for exactly these FILES as they are now, read under ENV and CONFIG (a file, or NULL). */
void defs_load(struct defs *n, struct arena *a, const char *dir, const char *config,
		const struct tapset_files *files, const struct pp_env *env);
/* KIND is f(unction), g(lobal), a (alias, by its first word) or b (alias, by its first two, or the only one). */
void defs_add(struct defs *n, struct arena *a, char kind, const char *name, size_t file);
const struct def_files *defs_find(const struct defs *n, struct arena *a, char kind, const char *name);
void defs_save(struct defs *n);
void defs_deinit(struct defs *n);

#endif
