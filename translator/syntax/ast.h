/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The script as written: what the parser makes and the printer prints back as legal script.
 *
 * Nodes live in the arena of the parse and are not changed after it.  sema/ clones the bodies it
 * works on (ast_clone_*), so the fields marked "sema" are zero here and filled in the clones only.
 * Target variables, casts and probe points are syntax here: the parser knows no probe family.
 */
#ifndef SYNTAX_AST_H
#define SYNTAX_AST_H

#include "base/diag.h"
#include "base/vec.h"

enum type {
	T_UNKNOWN,	/* not inferred yet */
	T_LONG,		/* signed 64 bits */
	T_STRING,	/* MAXSTRINGLEN bytes with the NUL */
	T_STATS,	/* aggregate: the target of <<<, the argument of @count and friends */
	T_VOID,		/* result of a function that returns nothing */
};

/* ---- expressions ---- */

enum expr_kind {
	EX_NUMBER,	/* number */
	EX_STRING,	/* text (unescaped bytes, text_len) */
	EX_IDENT,	/* name: scalar local or global, or an array named as `x in ARR` / function argument */
	EX_INDEX,	/* name[args]: array element; a NULL arg is `*` (slice) */
	EX_CALL,	/* name(args): function */
	EX_PRINT,	/* print family: name is print, println, printd, printdln, printf, sprint, sprintf,
			 * sprintln, sprintd, sprintdln...; for *printf args[0] is the format literal */
	EX_UNARY,	/* op a: - ! ~ + */
	EX_BINARY,	/* a op b: arithmetic, shifts, comparisons, bit operations, `.` */
	EX_LOGICAL,	/* a && b, a || b */
	EX_ASSIGN,	/* a op b: = += -= *= /= %= &= |= ^= <<= >>= .= <<< */
	EX_INCDEC,	/* ++ or --; prefix tells which side */
	EX_COND,	/* a ? b : c */
	EX_IN,		/* [args] in name; with NULL args `*` */
	EX_REGEX,	/* a =~ b, a !~ b: b is a string literal */
	EX_STAT,	/* @name(a[, args]): count sum min max avg variance hist_log hist_linear */
	EX_HISTIDX,	/* @hist_log(x)[i]: a is the EX_STAT, b the index */
	EX_TARGET,	/* $name, $$name, @cast(...), @var(...), @entry, then accessors; see struct target */
	EX_DEFINED,	/* @defined(a) */
	EX_CHOOSE,	/* @choose_defined(a, b) */
	EX_ENTRY,	/* @entry(a) */
	EX_PERF,	/* @perf("name"): text */
	EX_CONST,	/* @const("C expression"): text; guru or tapset only */
	EX_EMBEDDED,	/* %{ C expression %}: text */
	EX_CONTEXTOP,	/* @kregister @uregister @kderef @uderef (name), args */
	EX_PROBEWRITE,	/* @probewrite(name) */
};

enum accessor_kind { AC_MEMBER, AC_INDEX };	/* ->name or .name, [expr] */

struct accessor {
	enum accessor_kind kind;
	const char *name;
	struct expr *index;
	struct place place;
};

enum target_kind {
	TG_VAR, TG_CAST, TG_ATVAR,
	TG_ENUM,	/* @enum("NAME"): its value */
	TG_ENUMNAME,	/* @enumname("type", operand): the name of a value */
	TG_AUTO,	/* operand->member: the type is the one the operand's value is known to point at */
};

/* $name->a[i]->b$ and its relatives: all that debuginfo is asked for. */
struct target {
	enum target_kind kind;
	const char *name;	/* TG_VAR: "$count", "$$parms"; TG_ATVAR: may carry "@file"; TG_ENUM: enumerator */
	struct expr *operand;	/* TG_CAST, TG_AUTO: the pointer value; TG_ENUMNAME: the value */
	const char *type;	/* TG_CAST, TG_ENUMNAME: type text as given */
	const char *module;	/* as given; NULL = the kernel (or the probe's own module) */
	bool addressof;		/* & in front */
	unsigned pretty;	/* trailing $ : 1, $$ : 2 */
	VEC(struct accessor) acc;
	/* sema, in clones only */
	bool store;		/* it is assigned to */
	const struct pointing *known;	/* TG_AUTO: what the operand points at, once that was found */
};

/*
 * No path from a declaration down to a leaf crosses more than this many statements, nor more than
 * this many expressions: recursion over a tree needs no check of its own.
 */
#define AST_DEPTH_MAX 1000

struct expr {
	enum expr_kind kind;
	struct place place;	/* whole expression for compounds, the token for leaves */
	struct place oper;	/* the operator token, where there is one */
	int op;			/* TOK_* of the operator (tokens.def) */
	bool prefix;		/* EX_INCDEC */
	bool paren;		/* was written in parentheses (printer, and `x > y` in print) */
	int64_t number;
	const char *text;
	size_t text_len;
	const char *name;
	struct expr *a, *b, *c;
	VEC(struct expr *) args;
	struct target *target;
	unsigned height;	/* levels of nodes below and including it, at most AST_DEPTH_MAX */
	/* sema, in clones only */
	enum type type;
	void *sym;		/* struct symbol, struct function...: by kind */
	void *info;		/* resolved access, print plan...: by kind */
};

/* ---- statements ---- */

enum stmt_kind {
	ST_BLOCK,	/* body */
	ST_EXPR,	/* e */
	ST_IF,		/* e, then, other (may be NULL) */
	ST_WHILE,	/* e, then */
	ST_FOR,		/* init, e, step (each may be NULL), then */
	ST_FOREACH,	/* see struct foreach */
	ST_BREAK, ST_CONTINUE, ST_NEXT,
	ST_RETURN,	/* e may be NULL */
	ST_DELETE,	/* e: EX_IDENT or EX_INDEX */
	ST_TRY,		/* then, catch_var (may be NULL), other */
	ST_EMBEDDED,	/* text: %{ ... %} as a statement */
	ST_NULL,	/* ; */
};

struct foreach {
	const char *value;		/* foreach (v = [a,b] in arr), or NULL */
	struct place value_place;
	VEC(struct expr *) vars;	/* EX_IDENT each: loop variables */
	struct expr *array;		/* EX_IDENT, EX_INDEX (slice) or EX_STAT (histogram buckets) */
	int sort_column;		/* 0 = none, 1.. = key, -1 = by value */
	int sort_dir;			/* +1 ascending, -1 descending, 0 none */
	const char *sort_stat;		/* "count"... for @count(arr)-, else NULL (value: sort by @count) */
	struct expr *limit;		/* or NULL */
	/* sema */
	VEC(void *) syms;
	void *value_sym;
	bool value_read;		/* outside of @count(value) and its like */
};

struct stmt {
	enum stmt_kind kind;
	struct place place;
	struct expr *e, *init, *step;
	struct stmt *then, *other;
	VEC(struct stmt *) body;
	struct foreach *each;
	const char *catch_var;
	struct place catch_place;
	const char *text;
	void *sym;		/* sema: catch variable */
};

/* ---- declarations ---- */

struct component {		/* one word of a probe point: function("x") */
	const char *name;	/* may hold wildcards */
	struct expr *arg;	/* EX_NUMBER, EX_STRING or NULL */
	struct place place;
};

struct point {
	VEC(struct component) comp;
	bool optional;		/* ? */
	bool sufficient;	/* !, which is optional too */
	struct expr *condition;	/* if (expr) */
	struct place place;
};

struct probe_decl {
	VEC(struct point *) points;
	struct stmt *body;
	struct place place;	/* the word `probe` */
};

struct alias_decl {
	VEC(struct point *) names;	/* left of = */
	bool epilogue;			/* += */
	VEC(struct point *) points;	/* right of = */
	struct stmt *body;
	struct stmt *epilogue_body;	/* `= points { body }, { epilogue }`; or NULL */
	struct place place;
};

struct param {
	const char *name;
	enum type type;		/* T_UNKNOWN when not annotated */
	struct place place;
};

struct function_decl {
	const char *name;
	VEC(struct param) params;
	enum type ret;		/* T_UNKNOWN when not annotated */
	struct stmt *body;	/* NULL for embedded C */
	const char *c_body;	/* %{ text %} */
	struct place c_place;
	bool private_scope;
	int64_t priority;	/* :N; default 0 in a user's script, 1 in a tapset file */
	bool has_priority;	/* it was written */
	struct place place;	/* the name */
};

struct global_decl {
	const char *name;
	bool array;		/* declared with [N] */
	int64_t size;		/* N, 0 = default */
	bool wrap;		/* name% */
	struct expr *init;	/* literal or NULL */
	bool private_scope;
	struct place place;
};

struct embed_decl {		/* %{ ... %} at top level */
	const char *text;
	struct place place;
};

enum decl_kind { DECL_PROBE, DECL_ALIAS, DECL_FUNCTION, DECL_GLOBAL, DECL_EMBED };

struct decl {			/* everything in source order, for printing */
	enum decl_kind kind;
	void *p;
};

struct script {
	const struct source *src;
	VEC(struct decl) decls;
	VEC(struct probe_decl *) probes;
	VEC(struct alias_decl *) aliases;
	VEC(struct function_decl *) functions;
	VEC(struct global_decl *) globals;
	VEC(struct embed_decl *) embeds;
};

struct expr *ast_clone_expr(struct arena *a, const struct expr *e);
struct stmt *ast_clone_stmt(struct arena *a, const struct stmt *s);

/* Walk every expression below; return false from FN to stop descending below that node. */
void ast_walk_expr(struct expr *e, bool (*fn)(struct expr *, void *), void *arg);
void ast_walk_stmt(struct stmt *s, bool (*efn)(struct expr *, void *),
		   bool (*sfn)(struct stmt *, void *), void *arg);

const char *type_name(enum type t);	/* "long", "string", "stats", "unknown", "void" */

#endif
