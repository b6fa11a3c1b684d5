/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the kprobe family share, and uprobe.c with them; kprobe.c is the family. */
#ifndef FAMILY_KPROBE_H
#define FAMILY_KPROBE_H

#include "base/strmap.h"
#include "family/debuginfo.h"

enum kprobe_kind {
	KP_FUNCTION, KP_CALL, KP_INLINE, KP_RETURN, KP_EXPORTED,
	KP_LABEL, KP_CALLEE, KP_CALLEE_CALL, KP_CALLEE_RETURN, KP_CALLEES,
	KP_STATEMENT, KP_NEAREST, KP_ABSOLUTE,
	KP_BARE, KP_BARE_RETURN,
	KP_MARK, KP_PLT, KP_PLT_RETURN,
};

enum { KPROBE_MAX_DEPTH = 16, KPROBE_MAX_CALLEES = 50000 };	/* of .callees(N) */

/* Places that a wildcard passed over, by reason. */
struct kprobe_skipped { const char *why; size_t n; };

/* One resolution: a pattern in one object. */
struct kprobe_search {
	struct resolver *r;
	const struct point_match *m;
	struct dbg_object *o;
	struct site_list *out;
	unsigned at;			/* component of the point that has the pattern */
	const char *base;		/* the components before it, resolved; NULL: the kernel or a module */
	const struct site_file *file;	/* programs: of `o` */
	uint64_t mapped;		/* programs: link-time address of what a process has at an address */
	struct pattern pattern;
	const struct place *place;	/* of the pattern */
	struct strmap places;		/* that have a site */
	const struct dbg_func *refused;	/* one that cannot be probed */
	const char *why;
	VEC(struct kprobe_skipped) skipped;
	size_t functions;		/* that the pattern named before labels and callees were looked for */
	const struct dbg_callee *jumped;	/* a callee that leaves no return address */
};

static inline bool kprobe_is_return(int kind)
{
	return kind == KP_RETURN || kind == KP_BARE_RETURN || kind == KP_CALLEE_RETURN || kind == KP_PLT_RETURN;
}

/* kprobe_search.c */
unsigned kprobe_which(int kind);
/* A site at ADDR of F, unless it cannot be probed or is taken; PP is its whole text. */
struct site *kprobe_add_site(struct kprobe_search *s, struct dbg_func *f, uint64_t addr,
			     const char *section, const char *pp);
const char *kprobe_what(const struct kprobe_search *s);	/* "the kernel", "module x", "/usr/bin/x" */
/* "kernel.function("NAME@FILE:LINE")". */
const char *kprobe_base_text(struct kprobe_search *s, const struct dbg_func *f, unsigned line);
bool kprobe_search_object(struct kprobe_search *s);

/* kprobe.c: the family's vars, and its var where there is debuginfo */
bool kprobe_var(struct resolver *r, const struct site *s, const char *name, struct site_var *ret);
size_t kprobe_vars(struct resolver *r, const struct site *s, struct site_var **ret);

/* kprobe_explain.c: the family's explain and nearest; one of its lines */
void kprobe_explain_var(struct resolver *r, struct buf *b, const struct site *s, const struct site_var *v);
void kprobe_explain(struct resolver *r, const struct site *s, struct buf *b);
const char *kprobe_nearest(struct resolver *r, const struct site *s, const char *name);

/* kprobe_part.c: what is inside the functions that the pattern names */
void kprobe_add_labels(struct kprobe_search *s, struct dbg_func *f);
void kprobe_add_callees(struct kprobe_search *s, struct dbg_func *f);

/* kprobe_absent.c: why nothing was found; always an error, unless the point is optional */
bool kprobe_report_nothing(struct kprobe_search *s);
/* With -v: what wildcards passed over. */
void kprobe_report_skipped(const struct kprobe_search *s);

#endif
