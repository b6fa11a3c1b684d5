/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test module's tracepoint. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM stap_kmod

#if !defined(STAP_KMOD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define STAP_KMOD_TRACE_H

#include <linux/tracepoint.h>

struct kt_outer;

TRACE_EVENT(stap_kmod_event,
	TP_PROTO(int number, const char *text, struct kt_outer *outer),
	TP_ARGS(number, text, outer),
	TP_STRUCT__entry(
		__field(int, number)
		__field(void *, outer)
	),
	TP_fast_assign(
		__entry->number = number;
		__entry->outer = outer;
	),
	TP_printk("number=%d outer=%p", __entry->number, __entry->outer)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE stap_kmod_trace
#include <trace/define_trace.h>
