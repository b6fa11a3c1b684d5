// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel module that breaks the guest in the way that its parameter says, for guest.test.sh. */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

static char *what = "";
module_param(what, charp, 0);

static int spin(void *unused)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
	return 0;
}

static void hang(void)
{
	struct task_struct *task;
	int cpu;

	for_each_online_cpu(cpu) {
		task = kthread_create(spin, NULL, "spin/%d", cpu);
		if (IS_ERR(task))
			continue;
		kthread_bind(task, cpu);
		wake_up_process(task);
	}
}

static int __init breakage_init(void)
{
	volatile int *nowhere = (int *)8;

	if (!strcmp(what, "oops"))
		*nowhere = 1;
	if (!strcmp(what, "warn"))
		WARN(1, "a test of warnings\n");
	if (!strcmp(what, "hang"))
		hang();
	return 0;
}
module_init(breakage_init);

MODULE_LICENSE("GPL");
