/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debuginfo of kernels, modules and programs, DWARF or else BTF: the only room that includes
 * libdw and libelf.
 * It answers in terms of program/: types, locations, plain addresses.  It returns results and
 * errors as values with a text; it prints nothing.
 *
 * A `dbg_object` is one ELF image: vmlinux, a module's .ko.debug, a program or shared library.
 */
#ifndef DBGINFO_DBGINFO_H
#define DBGINFO_DBGINFO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "program/ctype.h"
#include "program/loc.h"
#include "program/site.h"

struct dbginfo;
struct dbg_object;

/* RELEASE is a kernel release, or the path of a build tree (as stap -r).  Always succeeds; objects
 * are looked for when asked for. */
struct dbginfo *dbginfo_open(struct arena *a, const char *release);
void dbginfo_close(struct dbginfo *d);
/* Before the first object is asked for: DWARF, and where there is none BTF (this is so from the start), or
 * one of them alone. */
enum dbg_kind { DBG_AUTO, DBG_DWARF, DBG_BTF };
void dbginfo_choose(struct dbginfo *d, enum dbg_kind kind);
/* Whom to tell how far the first, slow look into a large object is; 100 is its end. */
void dbginfo_progress(struct dbginfo *d, void (*progress)(const char *what, unsigned percent));
/* Places of variables are not going to be used from now on, only whether there are any. */
void dbginfo_only_list(struct dbginfo *d);
/* All but the last, unless *D is there already; returns *D. */
struct dbginfo *dbginfo_want(struct dbginfo **d, struct arena *a, const char *release, enum dbg_kind kind,
			     void (*progress)(const char *what, unsigned percent));
/* The files of the index, below $SYSTEMTAP_DIR/index, that were read or written so far. */
size_t dbginfo_files(const struct dbginfo *d, const char *const **ret);

/*
 * The kernel (MODULE NULL) or one module.  NULL when debuginfo is missing or damaged; *why then
 * says what was looked for and which package has it.
 * Places, as Debian and Fedora lay them out: /usr/lib/debug/boot/vmlinux-R,
 * /usr/lib/debug/lib/modules/R/vmlinux, /lib/modules/R/build/vmlinux, /boot/vmlinux-R,
 * /usr/lib/debug/.build-id/..; modules under /usr/lib/debug/lib/modules/R and /lib/modules/R/updates,
 * /lib/modules/R/extra (a module that carries its own DWARF); "MODULE" may also be a path to a .ko, or to a
 * program or shared library, which may be without debuginfo: then its symbols alone are known.
 * $SYSTEMTAP_DEBUGINFO_PATH is in place of /usr/lib/debug.
 */
struct dbg_object *dbg_object(struct dbginfo *d, const char *module, const char **why);
struct dbg_object *dbg_opened(struct dbginfo *d, const char *module);	/* if it was asked for before */
const char *dbg_path(const struct dbg_object *o);
const char *dbg_build_id(const struct dbg_object *o);		/* hex or NULL */
const char *dbg_module_name(const struct dbg_object *o);	/* as loaded: "snd_hda_intel"; NULL: kernel */
/* NULL for an object with DWARF; else what cannot be asked of it, and how to get it. */
const char *dbg_lacks(const struct dbg_object *o);
bool dbg_symbol(struct dbg_object *o, const char *name, uint64_t *addr);	/* ELF symbol table */
/* Is the function NAME for others to call: of the kernel for modules, of a program by its dynamic symbols? */
bool dbg_is_exported(struct dbg_object *o, const char *name);
/* A program or shared library, whose module name is its path. */
bool dbg_is_program(const struct dbg_object *o);
/* PATH with links resolved, when it is a linked ELF file; else NULL. */
const char *dbg_program_path(struct arena *a, const char *path);
/* Programs: where in the file the byte at link-time address ADDR is; where its build-id is. */
bool dbg_file_offset(struct dbg_object *o, uint64_t addr, uint64_t *ret);
bool dbg_link_address(struct dbg_object *o, uint64_t offset, uint64_t *ret);	/* the reverse */
bool dbg_build_id_offset(struct dbg_object *o, uint64_t *ret);
/* Programs: the (first) part of the file that is loaded as code. */
bool dbg_text_segment(struct dbg_object *o, uint64_t *addr, uint64_t *offset, uint64_t *size);
/* Programs: the shared libraries it is linked with, and these with others; paths with links resolved, the
 * names that they are linked by. */
struct dbg_library { const char *path, *name; };
size_t dbg_libraries(struct dbg_object *o, struct arena *a, struct dbg_library **ret);
/* Programs: one symbol for each function, by rising address. */
struct dbg_symbol { const char *name; uint64_t addr, size; };
size_t dbg_symbols(struct dbg_object *o, struct arena *a, struct dbg_symbol **ret);
/* The entries of its procedure linkage table, by the functions they call. */
size_t dbg_plt(struct dbg_object *o, struct arena *a, struct dbg_symbol **ret);
/* Marks of sys/sdt.h; semaphore: the address of a counter of tracers, 0: it has none. */
struct dbg_mark { const char *provider, *name, *args; uint64_t addr, semaphore; };
size_t dbg_marks(struct dbg_object *o, struct arena *a, struct dbg_mark **ret);
/* How many symbols have that name; place and size of the first. */
size_t dbg_symbols_named(struct dbg_object *o, const char *name, uint64_t *addr, uint64_t *size);
/* For each section of a module that is loaded with it, a symbol that no other is named like. */
struct dbg_anchor { const char *section, *symbol; uint64_t offset; };
size_t dbg_anchors(struct dbg_object *o, struct arena *a, struct dbg_anchor **ret);
/* Modules that variables were placed in so far, each once. */
size_t dbg_used_modules(struct dbginfo *d, struct arena *a, const char *const **ret);
/* Names of the installed modules matching GLOB, sorted. */
size_t dbg_modules(struct dbginfo *d, struct arena *a, const char *glob, const char *const **ret);

/* One place in code that a function's name stands for: an out-of-line body or an inlined instance. */
struct dbg_func {
	const char *name;
	const char *linkage;		/* ELF symbol of the body, may have .isra.0 and the like; NULL inlined */
	const char *file;		/* of the declaration, without the build prefix: "fs/read_write.c" */
	unsigned line;
	bool is_inline;
	uint64_t entry;			/* link-time address; modules: inside `section` */
	uint64_t after_prologue;	/* first address where parameters have their locations */
	const char *section;		/* modules; NULL for the kernel */
	bool by_symbol;			/* no address is known: armed by the name in `linkage` */
	bool patchable;			/* `entry` is a call to __fentry__ */
	bool probeable;			/* not in the kprobe blacklist, noinstr, .init after boot, entry text */
	const char *why_not;
	bool noreturn;
	struct dbg_object *object;
	uint64_t die;			/* offset of the DIE; the scope for variables */
};
/* Does a file fit a pattern?  Whole path components from the end, wildcards allowed. */
bool dbg_file_matches(const char *file, const char *pattern);
struct dbg_func_list { struct dbg_func **v; size_t n, cap; };

/* DBG_ONCE: one of each name, file and line, of those that can be probed; enough for a list of names. */
enum dbg_which { DBG_BODIES = 1, DBG_INLINES = 2, DBG_ONCE = 4 };

/*
 * Functions whose name matches NAME (wildcards allowed) and whose declaration is in a file matching
 * FILE (NULL = any; SystemTap's rule: whole path components from the end, wildcards allowed), on
 * line LINE (0 = any).  Sorted by file, line, name, address.
 */
void dbg_functions(struct dbg_object *o, struct arena *a, const char *name, const char *file,
		   unsigned line, unsigned which, struct dbg_func_list *ret);
/* Nearest known function names to NAME, best first, at most MAX. */
size_t dbg_similar_functions(struct dbg_object *o, const char *name, const char **ret, size_t max);

/* Addresses of FILE:LINE (statement probes): each is_stmt row, of the units that hold one of OF (NULL: of all). */
struct dbg_line { const char *file; unsigned line; uint64_t addr; const char *section; };
size_t dbg_lines(struct dbg_object *o, struct arena *a, const char *file, unsigned line,
		 const struct dbg_func_list *of, struct dbg_line **ret);

/*
 * All lines and inlined calls of O's code as a struct stp_line_map (runtime/linemap.h), added to RET.  False
 * when O has no DWARF.
 */
bool dbg_line_map(struct dbg_object *o, struct buf *ret);

/* Why the kernel lets no probe be at ADDR; NULL when nothing speaks against it. */
const char *dbg_why_not(struct dbg_object *o, uint64_t addr, const char *section);

/* The innermost scope at ADDR (function or inlined instance); NULL when no function covers it. */
struct dbg_func *dbg_scope_at(struct dbg_object *o, struct arena *a, uint64_t addr, const char *section);
/*
 * The scope at the row's address whose line it is: code of a call that is inlined begins where the line of its
 * caller does.  Of those that are declared in the row's file before it the last; else the innermost.
 */
struct dbg_func *dbg_scope_of_line(struct dbg_object *o, struct arena *a, const struct dbg_line *row);

/* The start of the statement that the instruction at ADDR belongs to, by the line table. */
bool dbg_statement_at(struct dbg_object *o, uint64_t addr, const char *section, uint64_t *ret);

/* Labels of F whose name matches GLOB and that have code. */
struct dbg_label { const char *name; unsigned line; uint64_t addr; const char *section; };
struct dbg_label_list { struct dbg_label *v; size_t n, cap; };
void dbg_labels(struct dbg_func *f, struct arena *a, const char *glob, struct dbg_label_list *ret);

/*
 * Functions that F calls by name and that match GLOB, or that are inlined in it.  `returns`: where
 * the calls return to; none when inlined.  `tail`: jumped to at F's end, which leaves no trace of F.
 */
struct dbg_return_place { uint64_t addr; const char *section; };
struct dbg_callee {
	struct dbg_func *func;
	VEC(struct dbg_return_place) returns;
	bool tail;
};
struct dbg_callee_list { struct dbg_callee *v; size_t n, cap; };
void dbg_callees(struct dbg_func *f, struct arena *a, const char *glob, struct dbg_callee_list *ret);

/*
 * Variables visible at PC in the scope of F: parameters in order, then locals (inner blocks
 * included), then file statics when asked by name.  NAME NULL = parameters and locals.
 * The location is valid at exactly PC; entry values are usable when pc == f->entry.
 */
size_t dbg_vars(struct dbg_func *f, struct arena *a, uint64_t pc, const char *name,
		struct site_var **ret);
/* Where in F, other than at PC, the variable NAME can be had: the nearest place behind PC, else before. */
bool dbg_lives(struct dbg_func *f, struct arena *a, uint64_t pc, const char *name, struct dbg_line *ret);
/* Type and place of the value F returns (System V ABI); ret->loc.kind LOC_NONE with why for void. */
bool dbg_return(struct dbg_func *f, struct arena *a, struct site_var *ret);

/* Type by its C name: "struct file", "file" (struct tried first), "size_t", "enum x"; pointers "struct file *".
 * Searches the whole object.  NULL when unknown. */
struct ctype *dbg_type(struct dbg_object *o, const char *name);
/* The value of the enumerator NAME of any enum of O; false when there is none. */
bool dbg_enumerator(struct dbg_object *o, const char *name, int64_t *ret);
const char *dbg_similar_enumerator(struct dbg_object *o, const char *name);	/* or NULL */
/* Global variable NAME, optionally "name@file" (statics). */
bool dbg_global(struct dbg_object *o, struct arena *a, const char *name, struct site_var *ret);

/* Tracepoints: names matching GLOB ("sched_switch"), and the types of the arguments after the data
 * pointer, from the prototype of __traceiter_NAME (6.1 and 6.12). */
struct dbg_tracepoint {
	const char *name, *system;	/* system: from the header it is defined in, may be NULL */
	const char *const *arg_names;
	struct ctype **arg_types;
	unsigned nargs;
};
size_t dbg_tracepoints(struct dbg_object *o, struct arena *a, const char *glob,
		       struct dbg_tracepoint **ret);
/* The parameters of the system call NAME ("openat"), in order, types as written; false when the image does
 * not tell. */
struct dbg_syscall { const char *name[6], *type[6]; unsigned nargs; };
bool dbg_syscall(struct dbg_object *o, struct arena *a, const char *name, struct dbg_syscall *ret);
/* Tracepoints of the installed modules whose name matches GLOB; dbg_tracepoints() of the module tells
 * their arguments. */
struct dbg_modtrace { const char *module, *name; };
size_t dbg_module_tracepoints(struct dbginfo *d, struct arena *a, const char *glob,
			      struct dbg_modtrace **ret);
/* The names alone, sorted: much cheaper for all of them. */
size_t dbg_tracepoint_names(struct dbg_object *o, struct arena *a, const char *glob,
			    const char *const **ret);

#endif
