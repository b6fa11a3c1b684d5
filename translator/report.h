/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of -v. */
#ifndef REPORT_H
#define REPORT_H

#include <sys/resource.h>
#include <time.h>

#include "session/session.h"

/* When a pass began. */
struct report_clock {
	struct timespec real;
	struct rusage self, children;
};

void report_start(struct report_clock *c);
/* The line of pass NUMBER (1 to 4) that began at C; nothing without -v. */
void report_pass(struct session *s, int number, const struct report_clock *c);
/* ONE for 1, else MANY. */
const char *plural(size_t n, const char *one, const char *many);

#endif
