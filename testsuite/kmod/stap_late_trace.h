/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracepoint of stap_late.c. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM stap_late

#if !defined(STAP_LATE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define STAP_LATE_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(stap_late_event,
	TP_PROTO(int number),
	TP_ARGS(number),
	TP_STRUCT__entry(
		__field(int, number)
	),
	TP_fast_assign(
		__entry->number = number;
	),
	TP_printk("number=%d", __entry->number)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE stap_late_trace
#include <trace/define_trace.h>
