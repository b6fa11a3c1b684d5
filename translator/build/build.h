/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pass 4: the text of a unit to a loadable module, by the kernel's own build system.
 *
 * The runtime is built once per kernel through kbuild; its objects and the commands kbuild used
 * are kept in the cache and replayed for units that include stp.h alone.  Units with the user's C,
 * and kernels whose commands cannot be replayed, go through kbuild with the kept objects.
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H

#include "session/session.h"

/* True and s->module_path (inside s->tmpdir); false after a reported error. */
bool build_module(struct session *s);
/* Build and keep the runtime of s->kernel if it is not there yet. */
bool build_runtime(struct session *s);
/* Identity of everything besides the unit's text that decides the module's bytes. */
const char *build_key(struct session *s);

#endif
