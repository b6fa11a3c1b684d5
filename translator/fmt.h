/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stap --fmt. */
#ifndef FMT_H
#define FMT_H

#include "session/session.h"

int fmt_run(struct session *s);		/* the exit status */

#endif
