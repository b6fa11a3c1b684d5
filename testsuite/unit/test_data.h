/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks that count and print, and the world around the data room, shared by the files of
 * test_data.
 */
#ifndef TEST_DATA_H
#define TEST_DATA_H

#include "stp.h"

/* "ok NAME" or "not ok NAME: wanted ..., got ...". */
void want_text(const char *name, const char *want, const char *got);
void want_number(const char *name, int64_t want, int64_t got);
extern int failed;

extern struct stp_context ctx;
void forget_error(void);		/* of ctx */
extern char printed[65536];		/* what stp_print() was given since it was last emptied */
extern int fail_allocation;		/* the Nth from now fails, from 1; 0: none */
extern int allocations;			/* not yet returned */
extern int this_cpu;
extern int texts_cut;			/* times that stp_text_was_cut() was called */

enum { STRINGLEN = 64 };		/* MAXSTRINGLEN of the tests' maps */
struct stp_map *make(struct stp_global *g);	/* with 8 elements unless it says otherwise */

void test_format(void);
void test_text(void);
void test_names(void);
void test_map(void);
void test_stat(void);

#endif
