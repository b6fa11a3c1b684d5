/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of sema/ share.  One struct sema lives for one pass 2; a struct body for each
 * handler and function while it is worked on:
 *
 *	points.c   probe declarations -> expansions: sites, and the stretches of script that run there;
 *	           point_shape.c and point_sight.c for what a point fits, point_unknown.c for what fits nothing
 *	handler.c  expansions -> handlers: clones, shared between sites whose accesses agree
 *	renamed.c  what older kernels called it
 *	fold.c     @defined, @choose_defined and branches that never run, calling
 *	target.c   target variables -> accesses: target_start.c for where they begin, datum.c for the
 *	           steps, pretty.c for texts, target_text.c for $$vars, target_failure.c for why not
 *	called.c   target variables that are functions of the tapset
 *	bind.c     names -> locals, globals, functions
 *	function.c functions, pulled in from the library as they are called
 *	elide.c    drops assignments nobody reads, so that what they needed need not exist
 *	collect.c  what is still reachable -> the lists of the program; errors kept back so far
 *	infer.c    types, to a fixed point, then the mismatches; format.c for printf directives,
 *	           aggregate.c for what is asked of aggregates
 *	check.c    what is wrong although the types are right
 *	autocast.c what numbers of the script point at, for -> and [] on them
 *	display.c  end probes that show globals nobody reads
 *	entry.c    values that return probes take at function entry -> slots
 */
#ifndef SEMA_ELABORATE_H
#define SEMA_ELABORATE_H

#include "family/family.h"
#include "library/library.h"
#include "session/names.h"
#include "program/program.h"
#include "sema/sema.h"

struct part {			/* a stretch of script in a handler */
	struct stmt *body;		/* as parsed */
	struct script *script;		/* whose private names it sees */
};

struct condition {		/* of a probe point */
	struct expr *e;
	struct script *script;
};

struct expansion {		/* sites that run the same parts */
	struct probe_decl *decl;
	VEC(struct part) parts;			/* in order of running */
	VEC(struct condition) conditions;	/* outermost first */
	struct site_list sites;
	bool alias;				/* came through an alias */
};

struct form;			/* point_shape.c: a family's point form, taken apart */

/* A global that something refers to. */
struct gvar {
	struct symbol sym;		/* first: a struct symbol of a global is in its gvar */
	struct global g;
	struct place arity_at;		/* the use that told scalar from array */
	bool arity_known;
	struct place hist_at;		/* the first histogram of it */
	bool used;			/* collect.c: still referred to */
};

/* A handler has no fn; a function that names target variables is made for each handler it is called from. */
struct body {
	struct sema *x;
	struct function *fn;
	struct handler *h;		/* NULL in functions without target variables */
	struct site *site;		/* the same */
	struct pointing returns;	/* autocast.c */
	struct body *same;		/* functions: made of the same declaration for another handler */
	struct stmt *own;		/* handlers: the probe's part as parsed, without what aliases add */
	struct script *script;		/* of the part being bound */
	VEC(struct symbol *) locals;
	struct stmt *top;
	bool in_entry;			/* below an @entry */
	unsigned in_defined;		/* below so many @defined */
	const struct name_fact *renamed;	/* renamed.c: a fact that was not applied to this target */
	bool cut;			/* fold.c: not all that is written is left: not called idle */
	bool used;			/* collect.c */
	unsigned walk;			/* check.c: visited in this walk */
};

/* names.c: what a script declares.  Numbers are 1 + the place in the script's list, 0 for none. */
struct names {
	const struct script *script;
	struct strmap functions, globals;	/* name -> number of the first */
	size_t *next;				/* by function: the next of the same name */
	struct body **bodies;			/* by function: bodies made of it, linked by `same` */
	struct gvar **globals_made;		/* by global */
};

struct sema {
	struct session *s;
	struct arena *a;
	struct diag *d;
	struct resolver r;
	struct program *p;
	VEC(struct form *) forms;
	VEC(struct names *) names;
	VEC(struct script *) reached;		/* scripts whose probes count */
	VEC(struct expansion *) expansions;
	VEC(struct gvar *) globals;
	VEC(struct body *) functions;
	size_t ncontextual;			/* of them made for a handler */
	VEC(struct body *) handlers;
	VEC(struct expr *) counters;		/* names that @perf reads, EX_STRING */
	struct strmap cnames;			/* taken names of the generated unit */
	struct strmap said;			/* errors that are told once per place */
	struct strmap contextual;		/* function.c: does a declaration name target variables? */
	bool multiply;				/* points.c: the aliases of a probe lead too far */
	struct strmap fittings;			/* points.c: what points with wildcards fit, struct fitting */
	struct strmap aliases;			/* names.c: those of the user's scripts, struct alias_names */
	bool aliases_read;
	unsigned walk;
	bool changed, defaulted, report;	/* infer.c */
};

/* Why a target variable cannot be had; kept in expr.sym until it is known that it is needed. */
struct target_error {
	const char *tag, *text;
	const char *hint;
	struct place place;
	bool store;			/* it was to be written */
	const struct site *site;	/* an unknown variable: where, and its name */
	const char *name;
	bool waiting;			/* what the operand points at may be found by autocast.c */
};

/* ---- walk.c ---- */
void sema_expr_children(struct expr *e, void (*fn)(struct expr *, void *), void *arg);
/* Expressions that S itself holds, and statements directly below it; either FN may be NULL. */
void sema_stmt_children(struct stmt *s, void (*efn)(struct expr *, void *),
			void (*sfn)(struct stmt *, void *), void *arg);
/* FN for every expression below (and E itself), children after parents. */
void sema_each_expr(struct expr *e, void (*fn)(struct expr *, void *), void *arg);
void sema_each_in_stmt(struct stmt *s, void (*fn)(struct expr *, void *), void *arg);
/* Was an error with this KEY, which has its place, told before?  It counts as told from now on. */
bool sema_told(struct sema *x, const char *key);
/* "identifier 'x'", "number '5'", "operator '+'" as messages name things. */
const char *sema_token(struct sema *x, const struct expr *e);
/* Name of S in messages without its place: the place of the operator when there is one. */
const struct place *sema_place(const struct expr *e);
bool sema_is_local(const struct expr *e);	/* EX_IDENT bound to a local */
struct gvar *sema_gvar(const struct symbol *s);	/* NULL for locals */

/* ---- points.c ---- */
/* Expand PROBE of SCRIPT into x->expansions; false after a reported error. */
bool points_expand(struct sema *x, struct probe_decl *probe, struct script *script);

/* ---- handler.c ---- */
bool handlers_make(struct sema *x, struct expansion *e);

/* ---- called.c: variables that functions of the tapset stand for; false: it is none ---- */
bool called_read(struct body *b, struct expr *e);
bool called_write(struct body *b, struct expr *e);	/* EX_ASSIGN, EX_INCDEC */

/* ---- counter.c ---- */
bool counter_read(struct body *b, struct expr *e);	/* EX_PERF, which becomes an EX_CALL */
bool counters_check(struct sema *x);

/* ---- fold.c, target.c, target_start.c, target_failure.c ---- */
void fold_stmt(struct body *b, struct stmt *s);
void fold_expr(struct body *b, struct expr *e);
/* E is to be evaluated at b's site: 1, 0, or -1 while it waits for autocast.c. */
int fold_is_defined(struct body *b, struct expr *e);
void target_resolve(struct body *b, struct expr *e, bool store);
void target_operation(struct body *b, struct expr *e);	/* EX_CONTEXTOP */
struct target_error *target_fail(struct body *b, struct expr *e, const char *tag, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/*
 * FIND in the first of the modules "a:b:c" that has it; NULL: the site's own, or the kernel.  *USER is set when that
 * was "<header.h>".
 */
struct dbg_object;
bool target_search(struct body *b, struct expr *e, const char *modules,
		   bool (*find)(struct dbg_object *, void *), void *arg, bool *user);
const char *target_searched(const struct body *b, const char *modules);	/* its name, for messages */
struct lx *target_operand(struct body *b, struct access *acc, struct expr *e);

/* ---- enumerator.c ---- */
bool enum_resolve(struct body *b, struct expr *e, int64_t *ret);	/* TG_ENUM */
void enum_resolve_name(struct body *b, struct expr *e);			/* TG_ENUMNAME */
void enum_print(struct buf *b, const struct access *a);
bool sema_in_program(const struct body *b);	/* the site is in a program, not in the kernel */
bool target_is_saved(const struct expr *e);	/* EX_TARGET to be taken at function entry */
struct target_error *target_failure(const struct expr *e);
void target_explain(struct sema *x, struct target_error *f);	/* adds what there is instead */
void access_print(struct buf *b, const struct access *a);

enum { MAX_PARTS = 32 };	/* values in one formatted text: what the runtime's printf takes */

/* A value of the probed program on its way through -> and []. */
struct datum {
	struct ctype *type;
	bool in_memory;			/* lx is its address, else its value */
	struct lx *lx;
	const struct location *pieces;	/* LOC_PIECES, then lx is NULL */
	const struct location *pointer;	/* LOC_POINTER, then lx is NULL */
	uint64_t piece_offset;
	unsigned bits, bit_offset;	/* bitfield */
	bool user;
};
uint64_t datum_size(struct ctype *t);

/* ---- renamed.c: names that older kernels had ---- */
/* AT[i] is before accessor i; FAILED was not found.  The accessor to go on with from *D; 0: no fact helps. */
size_t renamed_member(struct body *b, struct expr *e, const struct datum *at, size_t failed,
		      struct datum *d);
/* D is no number; a member of it may be. */
bool renamed_number(struct body *b, struct expr *e, struct datum *d);
/* $NAME, which is not here or is FOUND but may have been another thing: what it is now. */
struct renamed {
	const char *var, *path;		/* $var, and the way from it */
	struct ctype *type;		/* of the value there, NULL: as found */
};
bool renamed_param(struct body *b, struct expr *e, const char *name, const struct site_var *found,
		   struct renamed *ret);
bool renamed_walk(struct body *b, struct datum *d, const struct renamed *how);
const char *renamed_type(struct body *b, struct expr *e, const char *text);	/* NULL: no other name */

/* Steps; NULL when all is well, else a text that says why not. */
const char *datum_member(struct body *b, struct datum *d, const char *name, const char **similar);
const char *datum_index(struct body *b, struct datum *d, struct lx *index);
const char *datum_number(struct body *b, struct datum *d, struct lx **ret);
/* Follow a pointer: what it points at. */
const char *datum_deref(struct body *b, struct datum *d);
/* Text of D with LEVELS levels of members appended to the format of ACC. */
void pretty_datum(struct body *b, struct buf *fmt, struct access *acc, struct datum d,
		  unsigned levels);

/* ---- names.c ---- */
struct names *names_of(struct sema *x, struct script *script);
size_t names_function(const struct names *n, const char *name);
size_t names_global(const struct names *n, const char *name);
struct body **names_body(struct sema *x, struct script *script, const struct function_decl *decl);
struct alias_name { struct alias_decl *alias; struct script *script; const struct point *name; };
struct alias_names { struct alias_name *v; size_t n, cap; };	/* VEC(struct alias_name) */
/* The aliases of the user's scripts: struct alias_names by the first word of the name. */
const struct strmap *names_aliases(struct sema *x);
void names_deinit(struct sema *x);

/* ---- bind.c, function.c ---- */
bool bind_stmt(struct body *b, struct stmt *s, struct script *script);
bool bind_expr(struct body *b, struct expr *e, struct script *script);
/* For a name that is not known in B yet; the array NAME or NULL after a reported error. */
struct symbol *bind_new_local(struct body *b, const char *name, const struct place *p);
struct gvar *bind_array_name(struct body *b, const char *name, const struct place *p);
/* The function that EX_CALL E means, NULL after a reported error. */
struct function *bind_call(struct body *b, struct expr *e);
bool bind_all_functions(struct sema *x);
struct body *sema_body_of(const struct function *f);
/* Does a call of NAME in SCRIPT reach target variables of the probe it is made from? */
bool sema_call_is_contextual(struct sema *x, const char *name, size_t nargs, struct script *script);
void sema_reach(struct sema *x, struct script *script);
struct script *sema_script_of(struct sema *x, const struct source *src);
bool sema_has_function(struct sema *x, const char *name, size_t nargs, struct script *script);
const char *sema_unique_name(struct sema *x, const char *prefix, const char *name);

/* ---- elide.c, autocast.c, collect.c, infer.c, format.c, check.c, entry.c ---- */
void elide_body(struct body *b);
struct pointing autocast_of(const struct expr *e);	/* what E's value points at */
void autocast_program(struct sema *x);
void autocast_carry(struct sema *x);	/* only what values of variables point at */
bool stmt_is_pure(struct stmt *s);	/* of a function: it may assign to its locals */
bool stmt_is_idle(struct stmt *s);	/* it assigns nothing */
bool expr_is_pure(struct expr *e);
bool collect_program(struct sema *x);
void collect_handler(struct sema *x, struct body *b);
bool infer_program(struct sema *x);
bool infer_more(struct sema *x);	/* of handlers that were collected since; they are right */
bool display_globals(struct sema *x);
/* aggregate.c: the result that @NAME() gives; and E asks it of V, whose arguments have types */
enum stat_op aggregate_op(const char *name);
void aggregate_ask(struct sema *x, const struct expr *e, struct gvar *v, enum stat_op op);
void infer_format(struct sema *x, struct expr *e, void (*arg)(struct sema *, struct expr *, enum type));
bool check_program(struct sema *x);
/* privilege.c: false after a reported error, where --privilege=stapusr forbids it */
bool privilege_point(struct sema *x, const struct family *f, const struct point *p);
bool privilege_function(struct sema *x, const struct function_decl *decl);	/* embedded C */
void privilege_check(struct sema *x, struct body *b);		/* what a body reads */
/* unset.c */
bool unset_sets(struct body *b, struct symbol *s);	/* whether something in B sets that local */
void unset_locals(struct sema *x, struct body *b);
void unset_globals(struct sema *x);
void entry_slots(struct sema *x, struct body *b);

#endif
