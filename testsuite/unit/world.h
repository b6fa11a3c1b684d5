/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A world for test scripts: world.c defines dbg_*() and families[]. */
#ifndef UNIT_WORLD_H
#define UNIT_WORLD_H

void world_init(void);

#endif
