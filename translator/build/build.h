/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pass 4: the text of a unit to a loadable module, by the kernel's own build system.
 *
 * The runtime is built once per kernel through kbuild (recipe.c); its object and the commands kbuild
 * used are kept in the cache and replayed for each unit (replay.c), with the versions of further
 * kernel symbols taken from Module.symvers.  Where the commands cannot be replayed, and with
 * --kbuild, the whole module goes through kbuild (kbuild.c).
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H

#include "base/buf.h"
#include "session/session.h"

/* Write s->unit to the temporary folder and compile it.  True and s->module_path; false after a
 * reported error. */
bool build_module(struct session *s);
/* A copy of s->module_path that is signed with the key of s->opt.sign comes in its place. */
bool build_sign(struct session *s);
/* Build and keep the runtime of s->kernel if it is not there yet. */
bool build_runtime(struct session *s);
/* Identity of everything besides the unit's text that decides the module's bytes: runtime sources,
 * kernel, the way of building.  64 hex digits; NULL after a reported error. */
const char *build_key(struct session *s);
/* Other files go into the module, too: headers that C of the script's own includes.  It is not to be kept then. */
bool build_reads_files(struct session *s);
/* Path of the unit's C in the temporary folder, as messages show it. */
const char *build_unit_path(struct session *s);

/*
 * An object file whose debuginfo has the types of a header: "kernel<linux/sched.h>" compiled as the
 * kernel's own, "<time.h>" as a program's.  NULL: *WHY tells the compiler's first complaint.
 */
const char *build_header_types(struct session *s, const char *spec, const char **why);

/* ---- inside the room ---- */

/* How kbuild made the template module, with @D@ for the folder, @N@ for the module's name @R@
 * for where the kept objects are and @I@ for the runtime's headers. */
struct recipe {
	const char *folder;		/* of the kept objects: @R@ */
	const char *cwd;		/* where the commands ran */
	const char *compile;		/* @D@/@N@_src.c to @D@/@N@_src.o, objtool included */
	const char *link;		/* that and @R@/runtime.o to @D@/@N@.o */
	const char *compile_mod;	/* @D@/@N@.mod.c to @D@/@N@.mod.o */
	const char *mod_s;		/* the template's .mod.c as assembly, with @N@ and @Z@ (bytes to fill after */
					/* the module's name); NULL: .mod.c has to be compiled */
	const char *link_ko;		/* both and what else belongs there to @D@/@N@.ko */
	const char *mod_c;		/* text of the template's .mod.c */
};

/* include/linux/moduleparam.h: MODULE_NAME_LEN, room for a name in struct module and of a version. */
enum { BUILD_NAME_LEN = 64 - 8 };

enum { BUILD_TEMPLATE_MAX_OBJECTS = 256 };

/* The recipe for s->kernel, from the cache or made now; NULL: it cannot be had (reported when
 * compiling the runtime failed, silent when only the commands were not understood). */
const struct recipe *recipe_get(struct session *s);
/* Name of the unit with kernel headers, apart from "_src.c": the same in every module, so its object fits all. */
#define BUILD_KERNEL_UNIT "stap_c"

/* Module by replay; false after a reported error; *unfit set when kbuild should do it instead. */
bool replay_module(struct session *s, const struct recipe *r, bool *unfit);
/* TEXT of a recipe for the unit NAME in the temporary folder: placeholders to values. */
const char *replay_fill(struct session *s, const struct recipe *r, const char *text, const char *name);
bool replay_shell(struct session *s, const struct recipe *r, const char *command, struct buf *out);
/* Module by kbuild from the folder made by kbuild_folder(). */
bool kbuild_module(struct session *s);

/* A folder in which `make -C KERNEL M=DIR` builds NAME: runtime sources, Kbuild; the unit NAME_src.c
 * is the caller's. */
bool kbuild_folder(struct session *s, const char *dir, const char *name);
/* Run kbuild there; its output in OUT, progress on a terminal saying WHAT.  make's exit status. */
int kbuild_make(struct session *s, const char *dir, const char *what, struct buf *out);
/* Warn when OUT, of kbuild_make(), tells of a compiler of another major version than the kernel's. */
void kbuild_warn_compiler(struct session *s, const char *out);
/* Say why compiling failed, from the tools' output. */
void build_report(struct session *s, struct buf *out);

/* Names of the undefined symbols of a relocatable ELF64 file.  False with errno when unreadable. */
bool elf_undefined(struct arena *a, const char *path, const char ***names, size_t *n);

#endif
