/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside ir/: the state of lowering and what its files offer each other. */
#ifndef IR_LOWER_H
#define IR_LOWER_H

#include "base/strmap.h"
#include "ir/ir.h"
#include "syntax/syntax.h"

enum { LOWER_NREGS = 32 };

struct lower {
	struct arena *a;
	struct diag *d;
	const struct program *p;
	struct ir_program *out;
	struct strmap *fmts;		/* text to struct ir_fmt */
	bool failed;			/* an error was reported */
	/* the body being lowered */
	struct ir_body *body;
	struct local *const *locals;
	struct ir_var **vars;		/* of locals, by position */
	size_t nlocals;
	struct ir_list *list;		/* where statements go */
	VEC(struct ir_var *) pool;	/* string temporaries; the first pool_used are in use */
	size_t pool_used;
	unsigned ntemps;
	unsigned try_depth;		/* inside so many try blocks: places keep their value on errors */
	unsigned chain;			/* functions being lowered, each for a call in the one before */
	unsigned iter_depth;		/* inside so many foreach loops */
	const struct stmt *held;	/* of the handler: IR_HELD comes before it */
	struct ir_var *ret;		/* string functions: the result */
	struct ir_var *regs[LOWER_NREGS];	/* holding registers that were read on every path to here */
	struct ir_list passed_on;	/* calls of the next overload, with this function's parameters */
};

/* Around statements that may not run: what they keep for later is forgotten. */
struct lower_path { struct ir_list *list; struct ir_var *regs[LOWER_NREGS]; };
struct lower_path lower_fork(struct lower *l, struct ir_list *to);	/* statements go to TO */
void lower_join(struct lower *l, const struct lower_path *p);

/* Report; what PLACE needs is not done by this translator. */
void lower_refuse(struct lower *l, const struct place *p, const char *what);

struct ir *lower_emit(struct lower *l, struct ir *n);		/* append to the current list */
struct ir *lower_stmt_node(struct lower *l, enum ir_op op);	/* append a new statement */
struct ir *lower_temp(struct lower *l, enum type type);		/* VAR node of a fresh temporary */
struct ir *lower_spill(struct lower *l, struct ir *v);		/* the value it has now, in a temporary */
void lower_set(struct lower *l, struct ir *dst, struct ir *v);	/* emit dst = v unless they are the same */
bool lower_reads(const struct ir *e, const struct ir *dst);	/* E reads the variable or global DST */
bool lower_same(const struct ir *a, const struct ir *b);	/* both the same variable, global or slot */

/* "operator '/' at FILE:LINE:COL" for the token at P. */
const char *lower_where(struct lower *l, const struct place *p);

struct ir_function *lower_function(struct lower *l, const struct function *f);
struct ir_function *lower_c_piece(struct lower *l, const char *text, const struct place *p,
				  enum type ret, bool expr);
struct ir *lower_symbol(struct lower *l, const struct symbol *s, const struct place *p);

/* expr.c.  Values of ES, evaluated from left to right; NULL for NULL. */
void lower_values(struct lower *l, struct expr *const *es, size_t n, struct ir **ret);
struct ir *lower_value(struct lower *l, struct expr *e);
/* DST = value of E.  DST keeps its value while E is evaluated. */
void lower_into(struct lower *l, struct ir *dst, struct expr *e);
/* The value of E; computed in DST (may be NULL) when that is possible and right. */
struct ir *lower_to(struct lower *l, struct expr *e, struct ir *dst);
void lower_effect(struct lower *l, struct expr *e);		/* value not wanted */
struct ir *lower_truth(struct lower *l, struct ir *v);		/* 0 or 1 */
/* X op Y by the token of a binary operator; emits what can fail. */
struct ir *lower_arith(struct lower *l, int tok, struct ir *x, struct ir *y, const struct place *p);
/* The place an operation may store into: DST when it reads none of ARGS and errors permit, else a temporary. */
struct ir *lower_place_for(struct lower *l, enum type type, struct ir *dst, struct ir *const *args,
			   size_t nargs);
/* The array or aggregate and keys of an EX_IDENT or EX_INDEX into N (global and args). */
void lower_element(struct lower *l, struct ir *n, struct expr *e);

/* lower_assign.c */
struct ir *lower_assign(struct lower *l, struct expr *e, bool want);
struct ir *lower_incdec(struct lower *l, struct expr *e, bool want);
/* lower_target.c */
struct ir *lower_target(struct lower *l, struct expr *e, struct ir *dst);
struct ir *lower_access(struct lower *l, const struct access *x, const char *where, struct ir *dst);
struct ir **lower_target_operands(struct lower *l, const struct expr *e);	/* NULL: refused */
struct ir *lower_target_read(struct lower *l, const struct expr *e, struct ir **operands);
void lower_target_store(struct lower *l, const struct expr *e, struct ir **operands, struct ir *v);
struct ir *lower_sprint(struct lower *l, struct ir *dst, const char *fmt, size_t len, struct ir *const *args,
			size_t n, const char *where);
/* lower_enum.c */
struct ir *lower_enum_name(struct lower *l, const struct ctype *t, struct ir *value, const char *where, struct ir *dst);
/* lower_print.c */
struct ir *lower_print(struct lower *l, struct expr *e, struct ir *dst, bool want);
struct ir_fmt *lower_fmt(struct lower *l, const char *text, size_t len, struct expr *const *e, size_t n);
/* lower_stmt.c */
void lower_stmt(struct lower *l, struct stmt *s);

#endif
