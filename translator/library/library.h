/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tapset library: finds the functions, aliases, globals and macros that a script refers to
 * in the files of its search path.  Knows search paths and file names; knows no probe family.
 *
 * Search order, as SystemTap has it: -I directories in order, then the installed tapset; in each
 * the arch/ and kernel version subdirectories (VERSION/ARCH, VERSION, ARCH, plain; "6.1", "6")
 * come before the directory's own files.  linux/ below it holds what is for the kernel runtime.
 */
#ifndef LIBRARY_LIBRARY_H
#define LIBRARY_LIBRARY_H

#include "syntax/syntax.h"

struct library;

/*
 * Open over DIRS, the first NINCLUDE of which were given with -I: errors in their files are shown
 * in full, a file of the others that has errors is named in a warning; both are passed over.
 * Macros (.stpm) are read into env->macros (made when NULL) now, so call this before the user's
 * script is parsed; scripts are read when first needed.  Everything lives in A; ENV must stay.
 */
struct library *library_open(struct arena *a, struct diag *d, const char *const *dirs, size_t ndirs,
			     size_t ninclude, struct pp_env *env);

/* Remember in DIR which file defines which name, so that later runs read only files they need.  CONFIG:
 * the file with the kernel's configuration, or NULL. */
void library_index(struct library *l, const char *dir, const char *config);

/* Give back what is not in the arena; the declarations stay with the arena. */
void library_close(struct library *l);

/* Result lists are owned by the library, in order of search; empty when nothing is known. */
struct function_list { struct function_decl **v; size_t n; };
struct alias_list { struct alias_decl **v; size_t n; };

/* Every overload of the first file that defines NAME. */
struct function_list library_functions(struct library *l, const char *name);
/* Aliases whose name begins with FIRST and, when there is one, SECOND; NULL or a wildcard: any.  A FIRST that holds a
 * wildcard: all aliases.  Of the same full name those of all files, but for a file that comes behind one of the same
 * name.  None that is private. */
struct alias_list library_aliases(struct library *l, const char *first, const char *second);
struct global_decl *library_global(struct library *l, const char *name);
/* The script a declaration came from: its embeds and private names belong to it. */
struct script *library_script_of(struct library *l, const struct source *src);
/* The known name nearest to NAME for "did you mean", NULL if none is near. */
const char *library_similar(struct library *l, const char *name);
/* Every tapset script parsed so far, in order (for --dump-functions, --dump-probe-aliases). */
void library_load_all(struct library *l);
size_t library_nscripts(const struct library *l);
struct script *library_script(const struct library *l, size_t i);

#endif
