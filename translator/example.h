/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STAP_EXAMPLE_H
#define STAP_EXAMPLE_H

#include "session/session.h"

/* --example: the file NAME, or NAME.stp, below the folder of examples; NULL after a reported error. */
const char *example_find(struct session *s, const char *name);

#endif
