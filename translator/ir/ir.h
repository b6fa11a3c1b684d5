/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program as typed trees of values and lists of statements, between sema's AST and C text.
 *
 * Values (class E of ops.def) have no effect, cannot fail and may be evaluated any number of times;
 * all that can fail or has an effect is a statement with an optional destination.  So the order of
 * evaluation is the order of the statements, and C's own freedom never shows.
 *
 * ir_lower() makes it, ir_verify() checks it, opt/ rewrites it in place, cgen/ prints it as C.
 */
#ifndef IR_IR_H
#define IR_IR_H

#include "base/buf.h"
#include "program/program.h"
#include "regex/regex.h"

enum ir_op {
#define OP(id, name, class, result, operands, flags) IR_##id,
#include "ir/ops.def"
#undef OP
	IR_NOPS
};

enum ir_flags {
	IR_FAIL = 1,		/* may set c->error: `where` is set */
	IR_MAP = 2,		/* `global` is an array or aggregate, args[] its keys */
	IR_SLICE = 4,		/* a key may be NULL: any */
	IR_WHOLE = 8,		/* `global` is an array or aggregate, without keys */
	IR_WRITES = 16,		/* changes `global` */
	IR_ARGS = 32,		/* args[] are those of `fn` or `fmt` */
	IR_LIST = 64,		/* holds statement lists */
	IR_OPT_DST = 128,
	IR_OK_VAR = 256,	/* `ok` is set to 0 when it cannot be done */
};

struct ir_op_info {
	const char *name;
	char class;		/* 'E', 'S' */
	char result;
	const char *operands;
	unsigned flags;
};
extern const struct ir_op_info ir_ops[IR_NOPS];

struct ir;
struct ir_list { struct ir **v; size_t n, cap; };	/* VEC(struct ir *) */

enum ir_var_kind {
	IV_LOCAL,		/* the script's: starts as 0 or "" */
	IV_PARAM,
	IV_TEMP,		/* assigned before it is read, on every path */
	IV_RET,			/* string result: the caller's buffer */
};

struct ir_var {
	const char *cname;	/* l_NAME, t_N */
	enum type type;		/* T_LONG: C local; T_STRING: in the frame */
	enum ir_var_kind kind;
	bool assigned;		/* a string parameter that is not assigned stays the caller's text */
	/* set by ir_count_vars(): */
	unsigned reads, writes;
	struct ir *only;	/* the statement that writes it, when there is one write */
};

struct ir_fmt {
	const char *text;	/* directives as in the script */
	size_t len;
	const char *args;	/* 'n' or 's' per value */
	const char *names;	/* what the script has for each value, a '\1' behind it; "": not kept */
	unsigned used;		/* cgen: 1 + its number in the unit */
};

struct ir_regex {
	const char *pattern;
	struct regex tables;
	struct regex_capture *capture;	/* NULL: nobody asks what the groups matched */
};

/* One node; ops.def tells which members an op uses. */
struct ir {
	enum ir_op op;
	enum type type;			/* E: T_LONG or T_STRING; S: T_VOID */
	struct ir *arg[3];
	struct ir *dst;			/* VAR, GLOBAL or SAVED */
	struct ir_list args;		/* keys, call or print arguments */
	int64_t imm;			/* NUM: value; ARG, REG, STOREREG, SAVED, ITERKEY: number; SPEND: count;
					 * ADDR: link-time address; STATGET: enum stat_op */
	const char *text;		/* STR: bytes (len of them); ADDR: module or NULL */
	size_t len;
	const char *section;		/* ADDR: the address is relative to it; NULL: to the module */
	unsigned size, bits;		/* LOAD, STORE: bytes; EXTEND: bits; TRYSTR: size is the room, 0 = all */
	bool is_signed, user;
	struct ir_var *var, *ok;
	const struct global *global;
	struct ir_function *fn;
	struct ir_fmt *fmt;
	struct ir_regex *regex;
	/* LOOP: pre, then arg[0], body, step.  FOREACH: body.  IF: body, other.  TRY: body, other. */
	struct ir_list pre, body, step, other;
	unsigned iter;			/* FOREACH, ITERKEY, ITERVAL: iterator of the frame */
	int sort, dir, stat_op;		/* FOREACH: as stp_iter_begin() has them */
	const char *where;		/* "operator '/' at FILE:LINE:COL" */
};

enum ir_body_kind { IB_HANDLER, IB_ENTRY, IB_FUNCTION };

struct ir_body {
	enum ir_body_kind kind;
	const char *cname;		/* probe_N, entry_N, fn_NAME */
	VEC(struct ir_var *) vars;	/* parameters first */
	struct ir_list list;
	unsigned niters;
	struct ir_function *fn;		/* IB_FUNCTION */
	bool on_hits;			/* cgen: it may run while others do */
	bool adds;			/* cgen: to the parts of its CPU, where globals have them */
};

struct ir_function {
	const struct function *src;	/* NULL: a piece of C inside a body */
	const char *cname;
	enum type ret;
	unsigned nparams;
	struct ir_body *body;		/* NULL: C */
	const char *c_text;		/* C: body, or expression when c_expr */
	bool c_expr;
	struct place c_place;
	struct ir_function *next;	/* C: where STAP_NEXT goes on, NULL: nowhere */
	bool pure, recursive;
	bool kernel_headers;			/* C that may use the kernel's: it goes to the second unit */
	/* Effects, with those of all it calls; indexed by global. */
	bool lowered;			/* false while its own body is being lowered: effects unknown */
	bool *writes;			/* nglobals entries */
	unsigned mark;			/* for walks */
	unsigned depth;			/* cgen: 1 + calls below it */
};

struct ir_handler {
	const struct handler *src;
	struct ir_body *body, *entry;	/* entry: NULL without saved values */
	unsigned nsaved;		/* slots */
};

struct ir_program {
	const struct program *src;
	VEC(struct ir_function *) functions;	/* those in use, in order of the program, pieces of C last */
	VEC(struct ir_handler *) handlers;
	VEC(struct ir_fmt *) fmts;
	VEC(struct ir_regex *) regexes;
	unsigned maxstringlen;		/* bytes of a text with its NUL, set by -D; 0: 512 */
};

/* NULL after reported errors (what the language has and this translator does not do yet). */
struct ir_program *ir_lower(struct arena *a, struct diag *d, const struct program *p);

/* Check every node against ops.def, types of places and arguments, and that temporaries are
 * assigned first.  NULL when right, else what is wrong (in the arena). */
const char *ir_verify(struct arena *a, const struct ir_program *p);

void ir_print(struct buf *b, const struct ir_program *p);	/* --dump=ir, --dump=opt */
void ir_print_expr(struct buf *b, const struct ir *e);

/* ---- building and walking, for lower and opt ---- */
struct ir *ir_new(struct arena *a, enum ir_op op, enum type type);
struct ir *ir_num(struct arena *a, int64_t v);
struct ir *ir_str(struct arena *a, const char *s, size_t n);
struct ir *ir_var(struct arena *a, struct ir_var *v);
struct ir *ir_bin(struct arena *a, enum ir_op op, struct ir *x, struct ir *y);
struct ir *ir_un(struct arena *a, enum ir_op op, struct ir *x);

/* FN for every node below and in LIST: statements in order, their operands, destinations and
 * nested lists.  `dst` tells that the node is a destination. */
void ir_walk(const struct ir_list *list, void (*fn)(struct ir *, bool dst, void *), void *arg);
void ir_walk_node(struct ir *n, void (*fn)(struct ir *, bool dst, void *), void *arg);

/* Globals read and written by BODY and all it calls; arrays of nglobals entries, set to true only. */
void ir_globals_used(const struct ir_program *p, const struct ir_body *body, bool *read, bool *written);

/* Recount reads and writes of the variables of BODY. */
void ir_count_vars(struct ir_body *body);

/* Letters of the values a format consumes: "ns" for "%*d"... in A. */
const char *ir_fmt_args(struct arena *a, const char *text, size_t len);
bool ir_fmt_reads_memory(const struct ir_fmt *f);	/* %m, %M */

#endif
