/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random handlers with what they must print; the same ones for the same number. */
#ifndef RANDOM_CASES_H
#define RANDOM_CASES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

void random_case(struct arena *a, uint32_t number, const char **body, const char **want);

#endif
