// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading and unloading: every room's init in order, and all of them undone in reverse after a
 * failure or at unloading.  Loading arms nothing and runs no handler; that is the session's start.
 *
 * Unloading is refused by the kernel (-EBUSY) while a session runs, which holds a reference to the
 * module; the session ends at the latest when the control file is closed, so it is never stuck.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include "core/core.h"
#include "core/report.h"
#include "data/data.h"
#include "transport/transport.h"

static int __init stp_init(void)
{
	int err;

	if (stp_unit.version != STP_ABI_VERSION) {
		pr_err("%s: made for version %u of the stap runtime, this is %u: translate the script again\n",
		       THIS_MODULE->name, stp_unit.version, STP_ABI_VERSION);
		return -EINVAL;
	}
	err = stp_contexts_init();
	if (err)
		return err;
	err = stp_report_init();
	if (err)
		goto no_report;
	err = stp_conditions_init();
	if (err)
		goto no_conditions;
	err = stp_data_init();
	if (err)
		goto no_data;
	err = stp_parts_init();
	if (err)
		goto no_parts;
	if (stp_unit.init)
		stp_unit.init();
	err = stp_transport_init();
	if (err)
		goto no_transport;
	return 0;

no_transport:
	stp_parts_exit();
no_parts:
	stp_data_exit();
no_data:
	stp_conditions_exit();
no_conditions:
	stp_report_exit();
no_report:
	stp_contexts_exit();
	return err;
}

static void __exit stp_cleanup(void)
{
	/* Nothing to stop: the module could not be unloaded with a session running. */
	stp_transport_exit();
	stp_parts_exit();
	stp_data_exit();
	stp_reloc_exit();
	stp_conditions_exit();
	stp_report_exit();
	stp_contexts_exit();
}

module_init(stp_init);
module_exit(stp_cleanup);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("stap script");
