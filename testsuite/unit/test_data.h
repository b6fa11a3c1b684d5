/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks that count and print, shared by the files of test_data. */
#ifndef TEST_DATA_H
#define TEST_DATA_H

#include <stdbool.h>
#include <stdint.h>

/* "ok NAME" or "not ok NAME: wanted ..., got ...". */
void want_text(const char *name, const char *want, const char *got);
void want_number(const char *name, int64_t want, int64_t got);
extern int failed;

void test_format(void);
void test_text(void);
void test_map(void);
void test_stat(void);
void test_hist(void);
void test_iter(void);

#endif
