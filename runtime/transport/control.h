/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control file and what it keeps.  Inside the transport only. */
#ifndef STP_TRANSPORT_CONTROL_H
#define STP_TRANSPORT_CONTROL_H

#include <linux/fs.h>

extern const struct file_operations stp_control_fops;

void stp_control_init(void);
/* Files are gone already: stops a session that goes on detached, waits for deferred work. */
void stp_control_exit(void);

#endif
