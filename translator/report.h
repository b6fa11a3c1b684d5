/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of -v. */
#ifndef REPORT_H
#define REPORT_H

#include "session/session.h"

/* The first pass begins: first thing of all, so that the times of all passes add up to the run's. */
void report_begin(void);
/* The line of pass NUMBER (1 to 4), which ends here and the next one begins; nothing is printed without -v. */
void report_pass(struct session *s, int number);
/* ONE for 1, else MANY. */
const char *plural(size_t n, const char *one, const char *many);

#endif
