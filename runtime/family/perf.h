/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of CPUs (perf.c), of threads (perf_task.c), and who reads them. */
#ifndef FAMILY_PERF_H
#define FAMILY_PERF_H

#include "core/core.h"

struct perf_event;
struct task_struct;

/*
 * A counter of ROW on CPU, or with CPU -1 of TASK; counting at once unless it waits for an exec or for
 * perf_event_enable().  An ERR_PTR() when there is none.  May sleep.
 */
enum stp_perf_begin { STP_PERF_NOW, STP_PERF_LATER, STP_PERF_ON_EXEC };
struct perf_event *stp_perf_create(const struct stp_row_perf *row, int cpu, struct task_struct *task,
				   enum stp_perf_begin begin);
/* The line in WHY for an error of the above; returns ERR. */
int stp_perf_explain(const struct stp_row_perf *row, int err, char *why, size_t size);

/* ---- perf_task.c: rows with a program ---- */
int stp_perf_tasks_arm(char *why, size_t size);
void stp_perf_tasks_go(void);
void stp_perf_tasks_follow(void);
void stp_perf_tasks_disarm(void);
/* Is the running thread, at an overflow of ROW, still one that is meant? */
bool stp_perf_is_meant(const struct stp_row_perf *row);
/* The running thread's counter of row I, NULL: it has none.  With interrupts off. */
struct perf_event *stp_perf_of_current(uint32_t i);
/* Before a handler reads counters: the running thread has them from here on.  May sleep. */
void stp_perf_attach(void);

#endif
