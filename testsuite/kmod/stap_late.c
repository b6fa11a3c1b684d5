// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module that tests load, unload and load again while probes for it are armed.  Everything it does
 * happens in its initialisation: an init function, an ordinary one, a return, an inlined one, a
 * per-CPU variable, a static one and a tracepoint, each with known values.
 */
#include <linux/module.h>
#include <linux/percpu.h>

#define CREATE_TRACE_POINTS
#include "stap_late_trace.h"

static DEFINE_PER_CPU(long, late_percpu) = 77;
static int late_static = 4242;

noinline int late_plain(int v)
{
	barrier();
	return v + late_static;
}

static __always_inline int late_inlined(int v)
{
	int r = v ^ 5;

	barrier();
	return r;
}

static noinline int __init late_setup(int v)
{
	int r = late_plain(v) + late_inlined(v);

	this_cpu_add(late_percpu, r);
	trace_stap_late_event(r);
	return r;
}

static int __init stap_late_init(void)
{
	return late_setup(3) == 0 ? -EINVAL : 0;
}

static void __exit stap_late_exit(void)
{
	late_static += late_plain(-1);
}

module_init(stap_late_init);
module_exit(stap_late_exit);
MODULE_DESCRIPTION("is loaded while probes wait for it");
MODULE_LICENSE("GPL");
