/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines waiting for the control file's reader.  Inside the transport only. */
#ifndef STP_TRANSPORT_MESSAGES_H
#define STP_TRANSPORT_MESSAGES_H

#include <linux/types.h>
#include <linux/wait.h>
#include "transport.h"

enum { STP_OOB_MAX = 500 };	/* longer lines are cut */

extern wait_queue_head_t stp_control_wait;

void stp_messages_init(void);
void stp_messages_exit(void);
void stp_messages_wake(void);		/* any context: wakes who polls the control file */
bool stp_messages_waiting(void);
/* The oldest line to TO (STP_OOB_MAX bytes), newline included, no NUL; its length, 0 when there is none.
 * One reader at a time. */
u32 stp_messages_take(char *to);
u64 stp_messages_dropped(void);

#endif
