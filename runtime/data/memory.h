/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the data room needs from the world around it; memory.c gives it in the kernel, the unit
 * test gives its own.  Called only while a module starts and ends, never from a handler.
 */
#ifndef DATA_MEMORY_H
#define DATA_MEMORY_H

#include "stp.h"

/* SIZE cleared bytes, aligned to 8; NULL when there are none. */
void *stp_memory_get(size_t size);
void stp_memory_put(void *p);		/* NULL is fine */
uint32_t stp_memory_cpus(void);		/* numbers of processors that may run handlers are below it */

#endif
