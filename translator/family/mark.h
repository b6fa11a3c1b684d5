/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places that a program tells of itself; for uprobe.c. */
#ifndef FAMILY_MARK_H
#define FAMILY_MARK_H

#include "family/kprobe.h"
#include "family/uprobe.h"

/* Sites in s->o, with s->file. */
void mark_search(struct kprobe_search *s, const struct program_choice *c);
void plt_search(struct kprobe_search *s, const struct program_choice *c);
/* Nothing was found: an error, unless the point is optional. */
bool mark_report_nothing(struct kprobe_search *s);
bool plt_report_nothing(struct kprobe_search *s);

bool mark_var(struct resolver *r, const struct site *s, const char *name, struct site_var *ret);
size_t mark_vars(struct resolver *r, const struct site *s, struct site_var **ret);
void mark_explain(struct resolver *r, const struct site *s, struct buf *out);

#endif
