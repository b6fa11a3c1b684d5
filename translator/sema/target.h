/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of target variables share: target.c is the way in. */
#ifndef SEMA_TARGET_H
#define SEMA_TARGET_H

#include "sema/elaborate.h"

/* ---- target.c ---- */
/* E is resolved; SAVED: it is taken at function entry. */
void target_done(struct expr *e, struct access *acc, enum type type, bool saved);

/* ---- target_start.c ---- */
/* What E's way begins with; *SAVE: it must be taken at function entry.  False after target_fail(). */
bool target_start(struct body *b, struct expr *e, struct access *acc, struct datum *d, bool *save);
bool target_datum(struct body *b, struct expr *e, const struct site_var *v, struct datum *d);
bool target_has_vars(struct body *b, struct expr *e);
const char *target_site_text(const struct body *b);
struct ctype *target_pointer_to(struct body *b, struct ctype *t);

/* ---- target_text.c ---- */
/* $$vars and the like; false: E is no text of the site. */
bool target_text(struct body *b, struct expr *e);

#endif
