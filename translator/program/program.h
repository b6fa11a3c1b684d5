/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program after elaboration and type inference: what will be armed, what runs there, and all
 * functions and globals those reach.  sema makes it, ir lowers it.  Bodies are clones owned by the
 * program, with the `sema` fields of every node filled.
 */
#ifndef PROGRAM_PROGRAM_H
#define PROGRAM_PROGRAM_H

#include "program/site.h"
#include "syntax/ast.h"

enum hist_kind { HIST_NONE, HIST_LOG, HIST_LINEAR };

enum { MAX_KEYS = 32 };		/* dimensions of an array */

struct global {
	const char *name;		/* as written; made unique in `cname` */
	const char *cname;		/* g_NAME */
	const struct global_decl *decl;
	enum type type;			/* T_LONG, T_STRING, T_STATS */
	unsigned nkeys;			/* 0: scalar */
	enum type keys[MAX_KEYS];
	bool is_array;
	int64_t maxentries;		/* 0: MAXMAPENTRIES */
	bool wrap;
	/* Statistics: which results are asked for anywhere. */
	enum hist_kind hist;
	int64_t hist_low, hist_high, hist_width;
	unsigned stat_ops;		/* bit per enum stat_op */
	int variance_shift;
	const struct place *variance_at;	/* the use that gave it */
	bool read, written;		/* anywhere in the program */
	bool conditional;		/* the condition of some probe point reads it */
	bool untyped;			/* nothing told the type of it or of a key, so it is long */
	bool has_init;
	int64_t init_number;
	const char *init_text;
	unsigned index;
};

enum stat_op { STAT_COUNT, STAT_SUM, STAT_MIN, STAT_MAX, STAT_AVG, STAT_VARIANCE, STAT_HIST_LOG,
	       STAT_HIST_LINEAR };

struct local {
	const char *name;
	const char *cname;		/* l_NAME, made unique inside its function */
	enum type type;
	bool param;
	bool untyped;			/* nothing told its type, so it is long */
	struct place place;		/* where first seen */
	unsigned index;			/* in its function's or handler's list */
};

struct access;

struct function {
	const char *name;
	const char *cname;		/* fn_NAME, unique */
	const struct function_decl *decl;
	enum type ret;			/* T_VOID when nothing is returned */
	VEC(struct local *) locals;	/* parameters first */
	unsigned nparams;
	struct stmt *body;		/* NULL: embedded C */
	const char *c_body;
	bool kernel_headers;		/* kernel headers come with it: the user's C, or pragma:kernel */
	bool pure;			/* no effect but its value */
	bool recursive;			/* on a cycle of calls */
	bool untyped;			/* nothing told the type of what it returns, so it is long */
	struct function *overload;	/* where `next` goes on: same name and arity, lower priority; or NULL */
	VEC(struct global *) c_globals;	/* what the C text names in pragma:read and pragma:write */
	void *sema;			/* its struct body */
	unsigned index;
};

/*
 * What the `sym` and `info` fields of clones point to:
 *	sym, struct symbol:	EX_IDENT, EX_INDEX, EX_IN (the array); foreach->syms.v[], value_sym;
 *				the catch variable of ST_TRY; ST_DELETE has it in its expression
 *	sym, struct function:	EX_CALL
 *	info, struct access:	EX_TARGET, EX_ENTRY, EX_CONTEXTOP
 * EX_STAT, EX_HISTIDX and foreach over them have it in the EX_IDENT or EX_INDEX below.  EX_DEFINED
 * and EX_CHOOSE are gone: sema replaces them by what they stand for.
 */
/* What a number of the script is the address of, as far as debuginfo says it. */
struct pointing {
	struct ctype *type;		/* the pointer's own type; NULL: not known */
	const char *name;		/* instead of it: the type pointed at, looked up when wanted */
	bool user;			/* an address of user space */
};

struct symbol {
	struct local *local;		/* one of the two */
	struct global *global;
	struct pointing points;		/* of its value; of all elements of an array */
	struct place typed;		/* the use that decided the type, for messages */
	bool told;			/* infer.c: a message was given about its type */
};

/* The body run at one or more sites. */
struct handler {
	struct stmt *body;
	VEC(struct local *) locals;
	VEC(struct site *) sites;
	/*
	 * Return probes: values to be taken at function entry, in slots of 8 bytes; a string takes
	 * MAXSTRINGLEN / 8 of them, rounded up.  Each is an access (struct access) evaluated at entry
	 * and stored in its slots; an @entry(expression) is LX_SCRIPT 0 with the expression as operand.
	 */
	VEC(struct access *) saved;
	unsigned index;			/* probe_N */
	bool idle;			/* does nothing, so its sites are left out; sema */
	const struct stmt *held;	/* what runs when the conditions of its point hold; NULL: there are none */
	struct place place;
};

/*
 * The resolved form of a target variable, @cast, @var: what an EX_TARGET's `info` points to.
 * Operands are script expressions that LX_SCRIPT nodes refer to by number (array indexes, the
 * pointer of @cast).
 */
enum access_kind {
	ACCESS_NUMBER,		/* value */
	ACCESS_FORMAT,		/* a string made by `format` over `parts` ($x$, $$parms, char arrays) */
	ACCESS_SAVED,		/* string saved at entry in slot `slot` */
	ACCESS_ENUM,		/* the name that `value` has among the enumerators of `type`, else the number */
};

/* One argument of an ACCESS_FORMAT.  A part that cannot be read prints as `?`, as the manual has it. */
struct access_part {
	struct lx *value;
	bool string;			/* value is the address of NUL-terminated characters */
	unsigned max;			/* string: at most so many bytes, 0 = MAXSTRINGLEN */
	bool user;
};

struct access {
	enum access_kind kind;
	struct lx *value;
	VEC(struct expr *) operands;
	const char *format;		/* printf directives of the runtime: %d %u %p %s */
	VEC(struct access_part) parts;
	unsigned slot, nslots;		/* when saved at entry */
	struct ctype *type;		/* of the final value, for hints */
	/* assignment in guru mode */
	struct lx *store_addr;		/* NULL: not assignable */
	unsigned store_size, store_bits, store_shift;
	int store_reg;			/* instead of an address: 1 + the register's DWARF number */
	bool user;
	struct place place;
};

/* A module that probes or data of the program are in; a symbol for each of its sections. */
struct used_anchor { const char *section, *symbol; uint64_t offset; };
struct used_module {
	const char *name, *build_id;
	VEC(struct used_anchor) anchors;
	bool optional;			/* no site in it has to be armed */
};

/* Symbols of a program or shared library, by rising address, and where the file has the code they are in. */
struct used_symbol { const char *name; uint64_t addr, size; };
struct used_file {
	const char *path;
	const struct used_symbol *symbols;
	size_t nsymbols;
	uint64_t text, text_offset, text_size;	/* link-time address, offset in the file, bytes */
};

struct program {
	VEC(struct global *) globals;
	VEC(struct function *) functions;
	VEC(struct handler *) handlers;
	VEC(struct site *) sites;	/* in order of arming */
	VEC(struct embed_decl *) embeds;	/* top-level C of the scripts that were reached, in order */
	bool kernel_headers;		/* user-written C anywhere */
	bool uses_matches;		/* matched() and its like: what =~ matched has to be kept */
	VEC(struct used_module) modules;
	VEC(struct used_file) files;	/* whose symbols go into the module */
	bool name_values;		/* formats keep what the script has for each value (--json) */
	bool uses_symbols;		/* functions with pragma:usymbols: names of program code are asked for */
	bool uses_lines;		/* functions with pragma:lines: the map of source lines goes into the module */
};

#endif
