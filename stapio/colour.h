/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with coloured first words. */
#ifndef STAPIO_COLOUR_H
#define STAPIO_COLOUR_H

#include <stdbool.h>
#include <stddef.h>

/* WHEN is never, always or auto (NULL too): at a terminal, but not one that is dumb. */
bool colour_wanted(const char *when);
/* TEXT to stderr; with COLOUR, ERROR or WARNING at its beginning as $SYSTEMTAP_COLORS says. */
void colour_line(bool colour, const char *text, size_t len);

#endif
