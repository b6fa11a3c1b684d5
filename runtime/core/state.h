/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the session.  It only moves forward, but for a start that failed:
 * IDLE, STARTING, RUNNING, EXITING or ERROR, STOPPING unless ERROR, STOPPED.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <linux/atomic.h>
#include "core/core.h"

extern atomic_t stp_state;

/*
 * A handler ends the session: from STARTING or RUNNING to TO (EXITING or ERROR), to ERROR also from
 * EXITING and STOPPING.  False when the session had ended so, or worse, before.
 */
static nokprobe_inline bool stp_state_end(enum stp_state to)
{
	int old = atomic_read(&stp_state);

	for (;;) {
		bool may = old == STP_STATE_STARTING || old == STP_STATE_RUNNING ||
			   (to == STP_STATE_ERROR && (old == STP_STATE_EXITING || old == STP_STATE_STOPPING));

		if (!may)
			return false;
		if (atomic_try_cmpxchg(&stp_state, &old, to))
			return true;
	}
}

#endif
