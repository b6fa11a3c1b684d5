/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside cgen/: the state of printing a unit and what its files offer each other. */
#ifndef CGEN_EMIT_H
#define CGEN_EMIT_H

#include "cgen/cgen.h"
#include "program/site.h"

struct cgen {
	struct arena *a;			/* scratch, gone when the unit is printed */
	const struct ir_program *p;
	const struct session *s;
	struct buf *out;			/* where text goes now */
	struct buf *kernel;			/* functions of the unit with kernel headers */
	bool *shared;				/* globals by index: C of that unit uses them */
	unsigned maxstringlen;
	unsigned maxnesting;			/* calls the frame stack has room for */
	VEC(const struct ir_fmt *) fmts;	/* formats in use, by id */
	VEC(const struct ir_regex *) regexes;	/* in use, by number */
	VEC(const struct ir_body *) frames;	/* bodies that have a frame */
	VEC(struct ir_function *) functions;		/* functions in use, in the program's order */
	VEC(const struct ir_handler *) handlers;	/* handlers in use */
	VEC(const struct site *) sites;		/* sites that are armed: index = probe */
	bool conditions;			/* there are probe points with a condition */
	/* counters.c */
	unsigned *counter, ncounters;		/* by global: its number from 1, 0: it is none */
	unsigned *part, nparts;			/* the same of aggregates and arrays */
	unsigned *gates;			/* by global that has parts: its bit */
	bool *hit_globals;			/* by global: bodies with on_hits mention it */
	/* the body being printed */
	const struct ir_body *body;
	bool on_hits;				/* it may run while others do */
	bool adds;				/* its counters and parts are this CPU's */
	unsigned depth;				/* indentation */
	bool frame, recursive;			/* it has a frame; it counts nesting */
	bool out_used;				/* something went to `out` */
	unsigned labels;			/* made so far */
	unsigned catch_label;			/* innermost try: errors go to catch_N; 0: out */
	bool catch_used;
	unsigned next_label;			/* innermost loop with a step: `continue` is next_N; 0: plain */
};

/* cgen.c */
void cgen_line(struct cgen *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cgen_string(struct cgen *g, struct buf *b, const char *s, size_t len);	/* literal with quotes */
/* ", .MEMBER = literal" when there is an S */
void cgen_member(struct cgen *g, struct buf *b, const char *member, const char *s);
const char *cgen_define(const struct cgen *g, const char *name, const char *otherwise);
bool cgen_site_armed(const struct site *s);

/* expr.c: value E appended to B, as an operand that needs no parentheses around it. */
void cgen_expr(struct cgen *g, struct buf *b, const struct ir *e);
void cgen_truth(struct cgen *g, struct buf *b, const struct ir *e);	/* for if (...), without the parentheses */
/* The lvalue of a number, the char array of a string. */
void cgen_dst(struct cgen *g, struct buf *b, const struct ir *dst);
unsigned cgen_regex_id(struct cgen *g, const struct ir_regex *r);	/* its number in the unit */
const char *cgen_text(struct cgen *g, const struct ir *e);		/* cgen_expr() in scratch */
const char *cgen_dst_text(struct cgen *g, const struct ir *dst);

/* stmt.c */
void cgen_list(struct cgen *g, const struct ir_list *list);
bool cgen_fn_fails(const struct ir_function *f);
/* map.c */
bool cgen_map_stmt(struct cgen *g, const struct ir *n);		/* false: none of its ops */
void cgen_foreach(struct cgen *g, const struct ir *n);
void cgen_map_helpers(struct cgen *g, const struct global *v);
void cgen_values(struct cgen *g, const struct ir_list *args);	/* const union stp_val v[] = {...}; */
void cgen_check(struct cgen *g);				/* leave when c->error */
void cgen_leave(struct cgen *g, const char *cond, bool error);	/* if (cond) leave */
void cgen_place(struct cgen *g, const struct ir *n);		/* c->place = ... */
/* body.c */
void cgen_body(struct cgen *g, const struct ir_body *b);
void cgen_prototype(struct cgen *g, struct buf *b, const struct ir_function *f);
bool cgen_has_cleanup(const struct cgen *g);
/* embed.c */
void cgen_c_function(struct cgen *g, const struct ir_function *f);
void cgen_embeds(struct cgen *g, bool kernel);		/* texts outside functions, of one unit */
void cgen_c_macros(struct cgen *g, bool kernel);
void cgen_inner_names(struct cgen *g, const char *text, bool define);	/* around a user's */
void cgen_find_shared(struct cgen *g);
void cgen_shared(struct cgen *g);			/* declarations of what the other unit has */
/* counters.c */
/* Who is read by begin, end and error probes alone has this bit, and others have another one. */
enum { CGEN_GATE_ALONE = 31 };
void cgen_find_counters(struct cgen *g);
/* needs.c */
bool cgen_needs_all_regs(const struct ir_body *b);	/* more than arguments come in; NULL: no */
bool cgen_needs_kernel(const struct ir_handler *h);	/* handler or entry reads memory, prints or calls C */
bool cgen_needs_counters(const struct ir_handler *h);
/* regex.c */
void cgen_regexes(struct cgen *g);
void cgen_match_struct(struct cgen *g);
/* data.c */
void cgen_formats(struct cgen *g);
void cgen_globals(struct cgen *g);
/* probes.c */
void cgen_probes(struct cgen *g);
/* rows.c */
void cgen_rows(struct cgen *g);
enum { CGEN_FAMILIES = 64 };	/* more than there are */
/* Families of the armed sites, each once, in order, and how many sites each has. */
size_t cgen_families(const struct cgen *g, const struct family **ret, size_t *counts);
/* unit.c */
void cgen_unit_record(struct cgen *g);

#endif
