// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How this kernel hooks a return, learned by letting it hook one that never comes: on a stack that is no stack,
 * with interrupts off, and taken back.  Only what looks exactly as rethook.h does it counts.
 */
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include "family/rethook.h"

#if defined(CONFIG_KRETPROBE_ON_RETHOOK) && defined(CONFIG_X86_64)

unsigned long stp_rethook_trampoline;

static bool is_as_expected(const struct rethook_node *node, const struct kretprobe *rp, const unsigned long *stack,
			   unsigned long was)
{
	return node->rethook == rp->rh && node->frame == (unsigned long)stack && node->ret_addr == was &&
	       stack[0] != was;
}

void stp_rethook_learn(struct kretprobe *rp)
{
	unsigned long stack[2] = { _THIS_IP_ }, was = stack[0], flags;
	struct pt_regs regs = { .sp = (unsigned long)stack };
	kretprobe_handler_t entry_handler = rp->entry_handler;
	struct llist_node *before, *first;
	struct rethook_node *node;

	rp->entry_handler = NULL;
	local_irq_save(flags);
	before = current->rethooks.first;
	rp->kp.pre_handler(&rp->kp, &regs);
	first = current->rethooks.first;
	current->rethooks.first = before;	/* whatever was learned: the stack is none */
	if (first != before && first->next == before) {
		node = container_of(first, struct rethook_node, llist);
		stp_rethook_trampoline = is_as_expected(node, rp, stack, was) ? stack[0] : 0;
		stp_rethook_put(node);
	}
	local_irq_restore(flags);
	rp->entry_handler = entry_handler;
	rp->nmissed = 0;
}

#endif
