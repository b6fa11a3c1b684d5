/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the session counted for each probe and array, as text or JSON at the end. */
#ifndef STAPIO_REPORT_H
#define STAPIO_REPORT_H

#include "stapio/format.h"

struct report {
	struct stp_msg_probe *probes;
	struct stp_msg_array *arrays;
	size_t nprobes, narrays;
};

/* Take a message's PAYLOAD, LEN bytes; false: out of memory. */
bool report_probe(struct report *r, const char *payload, size_t len);
bool report_array(struct report *r, const char *payload, size_t len);
void report_deinit(struct report *r);

/* Append to OUT: what stap -t prints; the table of --keep-going; both as lines of JSON.  Nothing when there is
 * nothing to tell.  False: out of memory. */
bool report_timing(struct bytes *out, const struct report *r);
bool report_kept_going(struct bytes *out, const struct report *r);
bool report_json(struct bytes *out, const struct report *r);

#endif
