/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key under which a run's inputs are known. */
#ifndef INPUTS_H
#define INPUTS_H

#include "session/session.h"

/* 64 hex digits; NULL when there is no key (no kernel headers). */
const char *inputs_key(struct session *s);

#endif
