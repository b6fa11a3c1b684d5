/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Returns of functions whose entries fentry.c is called for: what the function that kprobes would call at the
 * entry does (pre_handler_kretprobe(), rethook_hook(), arch_rethook_prepare() in kernels 6.1 to 6.12), in line and
 * with nothing in between, on the pool that register_kretprobe() made.  stp_rethook_learn() sees whether this
 * kernel does it that way; where it does not, the kernel's function is called.
 */
#ifndef FAMILY_RETHOOK_H
#define FAMILY_RETHOOK_H

#include <linux/kprobes.h>
#include <linux/llist.h>
#include <linux/sched.h>
#include "family/kprobe.h"

#if defined(CONFIG_KRETPROBE_ON_RETHOOK) && defined(CONFIG_X86_64)
#include <linux/rethook.h>

/* What stands on the stack in place of a return address; 0: not learned. */
extern unsigned long stp_rethook_trampoline;

/* Process context, before anything is armed.  RP is registered and disabled. */
void stp_rethook_learn(struct kretprobe *rp);

#if __has_include(<linux/objpool.h>)
static nokprobe_inline struct rethook_node *stp_rethook_get(struct rethook *rh)
{
	return objpool_pop(&rh->pool);
}

static nokprobe_inline void stp_rethook_put(struct rethook_node *node)
{
	objpool_push(node, &node->rethook->pool);
}
#else
static nokprobe_inline struct rethook_node *stp_rethook_get(struct rethook *rh)
{
	struct freelist_node *node = freelist_try_get(&rh->pool);

	return node ? container_of(node, struct rethook_node, freelist) : NULL;
}

static nokprobe_inline void stp_rethook_put(struct rethook_node *node)
{
	freelist_add(&node->freelist, &node->rethook->pool);
}
#endif

/* At the entry of a function, with preemption off and RCU watching; REGS have the stack pointer. */
static nokprobe_inline void stp_rethook_enter(struct kretprobe *rp, struct pt_regs *regs)
{
	unsigned long *top = (unsigned long *)regs->sp;
	struct rethook_node *node;

	if (unlikely(!stp_rethook_trampoline)) {
		rp->kp.pre_handler(&rp->kp, regs);
		return;
	}
	node = stp_rethook_get(rp->rh);
	if (unlikely(!node)) {
		rp->nmissed++;
		return;
	}
	if (rp->entry_handler && stp_kretprobe_entry(container_of(node, struct kretprobe_instance, node), regs)) {
		stp_rethook_put(node);
		return;
	}
	node->ret_addr = *top;
	node->frame = (unsigned long)top;
	*top = stp_rethook_trampoline;
	__llist_add(&node->llist, &current->rethooks);
}

#else
static inline void stp_rethook_learn(struct kretprobe *rp) { }
static nokprobe_inline void stp_rethook_enter(struct kretprobe *rp, struct pt_regs *regs)
{
	rp->kp.pre_handler(&rp->kp, regs);
}
#endif

#endif
