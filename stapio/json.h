/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as JSON, an object per line. */
#ifndef STAPIO_JSON_H
#define STAPIO_JSON_H

#include "stapio/format.h"

struct json {
	const struct formats *formats;
	char *names;			/* of the script's probes, one after the other */
	const char **probes;		/* the same by index */
	uint32_t nprobes;
};

/* NAMES, LEN bytes each string of which ends with a NUL, belongs to J now.  False: out of memory. */
bool json_init(struct json *j, const struct formats *formats, char *names, size_t len);
void json_deinit(struct json *j);

/* Appends a record that came from CPU, -1: it is not known; false when it does not fit its format, or no memory. */
bool json_record(struct bytes *out, const struct json *j, int cpu, const struct record *r);
/* Appends TEXT in quotes; false: out of memory. */
bool json_string(struct bytes *out, const char *text);
/* The last line: how the session went. */
bool json_end(struct bytes *out, const struct stp_msg_stopped *t);

#endif
