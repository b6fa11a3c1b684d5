/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data room as core sees it: everything a script's globals need, made and returned at once. */
#ifndef DATA_DATA_H
#define DATA_DATA_H

#include "stp.h"

/* Maps of stp_unit.globals and the state of tokenize().  May sleep.  0 or -errno with nothing left behind. */
int stp_data_init(void);
void stp_data_exit(void);

/* tokenize(): STRINGLEN bytes for each processor.  For stp_data_init() and the unit test. */
int stp_tokens_init(uint32_t stringlen);
void stp_tokens_exit(void);

#endif
