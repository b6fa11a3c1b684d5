// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Accesses to kernel memory: a watchpoint (hardware breakpoint) on each CPU that is online when the session
 * starts, for each row.  Handlers run behind the instruction that did the access, wherever that was: in NMIs,
 * with interrupts off, in other handlers, where they are skipped and counted.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/init_task.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "core/core.h"
#include "core/hit.h"

#ifdef CONFIG_HAVE_HW_BREAKPOINT
static struct perf_event *__percpu **watchpoints;	/* as many as rows; NULL: not armed */

static __kprobes void accessed(struct perf_event *event, struct perf_sample_data *data, struct pt_regs *regs)
{
	const struct stp_row_hwbkpt *row = event->overflow_handler_context;

	stp_run_interrupted(row->probe, regs);
}

static void switch_watch(uint32_t i, bool on)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct perf_event *e = *per_cpu_ptr(watchpoints[i], cpu);	/* NULL where it was not online */

		if (e && on)
			perf_event_enable(e);
		else if (e)
			perf_event_disable(e);
	}
}

static void hwbkpt_disarm(void)
{
	uint32_t i;

	if (!watchpoints)
		return;
	for (i = 0; i < stp_unit.nhwbkpt; i++)
		if (watchpoints[i])
			unregister_wide_hw_breakpoint(watchpoints[i]);
	kfree(watchpoints);
	watchpoints = NULL;
}

/* The kernel asks who starts the session for rights that loading the module needed already. */
static struct perf_event *__percpu *register_watch(struct perf_event_attr *attr, const struct stp_row_hwbkpt *row)
{
	struct cred *cred = prepare_kernel_cred(&init_task);
	struct perf_event *__percpu *events;
	const struct cred *old;

	if (!cred)
		return (void __percpu __force *)ERR_PTR(-ENOMEM);
	old = override_creds(cred);
	events = register_wide_hw_breakpoint(attr, accessed, (void *)row);
	revert_creds(old);
	put_cred(cred);
	return events;
}

static void explain_watch(const struct stp_row_hwbkpt *row, uint64_t addr, int err, char *why, size_t size)
{
	int n = scnprintf(why, size, "probe %s registration error (rc %d)", row->probe->pp, err);

	if (err == -ENOSPC)
		snprintf(why + n, size - n, ": fewer than %u of the processor's %d watchpoints are free",
			 stp_unit.nhwbkpt, hw_breakpoint_slots(TYPE_DATA));
	else if (err == -EINVAL)
		snprintf(why + n, size - n, ": the kernel lets no watchpoint be at %#llx", addr);
}

static int arm_watch(uint32_t i, char *why, size_t size)
{
	const struct stp_row_hwbkpt *row = &stp_unit.hwbkpt[i];
	uint64_t addr = row->absolute ? row->address : stp_reloc(NULL, NULL, row->address);
	struct perf_event *__percpu *events = (void __percpu __force *)ERR_PTR(-EINVAL);
	struct perf_event_attr attr;

	if (addr >= TASK_SIZE_MAX) {
		hw_breakpoint_init(&attr);
		attr.bp_addr = addr;
		attr.bp_len = row->length;
		attr.bp_type = row->reads ? HW_BREAKPOINT_RW : HW_BREAKPOINT_W;
		attr.disabled = 1;
		events = register_watch(&attr, row);
	}
	if (IS_ERR((void __force *)events)) {
		explain_watch(row, addr, PTR_ERR((void __force *)events), why, size);
		return PTR_ERR((void __force *)events);
	}
	watchpoints[i] = events;
	return 0;
}

static int hwbkpt_arm(char *why, size_t size)
{
	uint32_t i;
	int err = 0;

	if (!stp_unit.nhwbkpt)
		return 0;
	snprintf(why, size, "no memory for %u watchpoints", stp_unit.nhwbkpt);
	watchpoints = kcalloc(stp_unit.nhwbkpt, sizeof(*watchpoints), GFP_KERNEL);
	if (!watchpoints)
		return -ENOMEM;
	for (i = 0; !err && i < stp_unit.nhwbkpt; i++)
		err = arm_watch(i, why, size);
	if (err)
		hwbkpt_disarm();
	return err;
}

static void hwbkpt_go(void)
{
	uint32_t i;

	for (i = 0; watchpoints && i < stp_unit.nhwbkpt; i++)
		switch_watch(i, true);
}

/* Does nothing to what is as it should be. */
static void hwbkpt_follow(void)
{
	uint32_t i;

	for (i = 0; watchpoints && i < stp_unit.nhwbkpt; i++)
		if (stp_unit.hwbkpt[i].probe->conditional)
			switch_watch(i, !stp_probe_is_off(stp_unit.hwbkpt[i].probe));
}
#else
static int hwbkpt_arm(char *why, size_t size)
{
	return stp_family_absent(stp_unit.nhwbkpt, "hardware breakpoints", why, size);
}

static void hwbkpt_go(void) { }
static void hwbkpt_follow(void) { }
static void hwbkpt_disarm(void) { }
#endif

const struct stp_family stp_family_hwbkpt = {
	.name = "hwbkpt",
	.arm = hwbkpt_arm,
	.go = hwbkpt_go,
	.follow = hwbkpt_follow,
	.disarm = hwbkpt_disarm,
};
