/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the product and its library offer to scripts, by s->opt.dump_what. */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <stdio.h>

#include "session/session.h"

void catalogue_print(struct session *s, FILE *out);

#endif
