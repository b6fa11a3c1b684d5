/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUBJECTS_SUBJECT_H
#define SUBJECTS_SUBJECT_H

long lib_add(long a, long b);
long lib_calls(void);

#endif
