/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pass 5: hand the module to staprun, here or in a guest. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "session/session.h"

/* Exit status of the run: staprun's, 1 when it could not be started. */
int run_module(struct session *s);

#endif
