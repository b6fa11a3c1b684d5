// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What kprobes and kretprobes call: from a hit to the handler of its row.
 *
 * Handlers see regs->ip at the address of the probe, whichever way it was hit; at a function's
 * entry the stack pointer is at the return address.
 */
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#include "core/core.h"
#include "core/hit.h"
#include "family/caller.h"
#include "family/kprobe.h"

__kprobes int stp_kprobe_hit(struct kprobe *kp, struct pt_regs *regs)
{
	struct stp_kprobe *p = container_of(kp, struct stp_kprobe, rp.kp);
	unsigned long ip = instruction_pointer(regs), flags;
	struct stp_cpu *s;

	if (p->row->ncallers && !stp_caller_fits(p->row, (unsigned long)kp->addr, regs))
		return 0;
	s = stp_enter(p->row->probe, &flags);
	if (!s)
		return 0;
	/* It is one instruction further, or wherever ftrace has it; kprobes want it back as it was. */
	instruction_pointer_set(regs, (unsigned long)kp->addr);
	s->c.regs = (struct stp_regs *)regs;
	stp_run(s, p->row->probe);
	instruction_pointer_set(regs, ip);
	stp_leave(s, flags);
	return 0;
}

static nokprobe_inline struct stp_kprobe *armed_of(struct kretprobe_instance *ri)
{
	return container_of(get_kretprobe(ri), struct stp_kprobe, rp);
}

/* Saves what the handler wants of the entry.  0: the return will be seen too. */
static nokprobe_inline int run_entry(struct stp_cpu *s, const struct stp_probe *probe, struct kretprobe_instance *ri,
				     struct pt_regs *regs)
{
	bool ran;

	memset(ri->data, 0, (size_t)probe->nsaved * 8);
	s->c.regs = (struct stp_regs *)regs;
	s->c.saved = (int64_t *)ri->data;
	ran = stp_run_entry(s, probe);
	s->c.saved = NULL;
	return ran ? 0 : 1;
}

__kprobes int stp_kretprobe_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct stp_kprobe *p = armed_of(ri);
	const struct stp_row_kprobe *row = p->row;
	unsigned long flags;
	struct stp_cpu *s;
	int ret;

	if (p->entry)		/* fentry.c holds the context */
		return run_entry(raw_cpu_ptr(stp_cpus), row->probe, ri, regs);
	if (row->ncallers && !stp_caller_fits(row, (unsigned long)p->rp.kp.addr, regs))
		return 1;
	if (!row->probe->entry)
		return 0;
	s = stp_enter(row->probe, &flags);
	if (!s)
		return 1;
	ret = run_entry(s, row->probe, ri, regs);
	stp_leave(s, flags);
	return ret;
}

static nokprobe_inline void run_return(struct stp_cpu *s, const struct stp_kprobe *p, struct kretprobe_instance *ri,
				       struct pt_regs *regs, unsigned long to)
{
	const struct stp_probe *probe = p->row->probe;

	s->c.regs = (struct stp_regs *)regs;
	s->c.saved = probe->nsaved ? (int64_t *)ri->data : NULL;
	s->c.return_address = to;
	s->c.returning = (unsigned long)p->rp.kp.addr;
	stp_run_inline(s, probe);
	s->c.saved = NULL;
	s->c.return_address = 0;
}

__kprobes int stp_kretprobe_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct stp_kprobe *p = armed_of(ri);
	unsigned long ip = instruction_pointer(regs), to = (unsigned long)get_kretprobe_retaddr(ri), flags;
	struct stp_cpu *s = stp_enter(p->row->probe, &flags);

	if (!s)
		return 0;
	instruction_pointer_set(regs, to);
	run_return(s, p, ri, regs, to);
	instruction_pointer_set(regs, ip);
	stp_leave(s, flags);
	return 0;
}

#ifdef CONFIG_KRETPROBE_ON_RETHOOK
/* The trampoline has set the instruction pointer to where the function returns to. */
static nokprobe_inline void hit_return(struct rethook_node *node, void *rp, struct pt_regs *regs)
{
	const struct stp_kprobe *p = container_of((struct kretprobe *)rp, struct stp_kprobe, rp);
	unsigned long flags;
	struct stp_cpu *s = stp_enter(p->row->probe, &flags);

	if (!s)
		return;
	run_return(s, p, container_of(node, struct kretprobe_instance, node), regs, instruction_pointer(regs));
	stp_leave(s, flags);
}

typedef void old_rethook_handler(struct rethook_node *, void *, struct pt_regs *);		/* to 6.5 */
typedef void new_rethook_handler(struct rethook_node *, void *, unsigned long, struct pt_regs *);

static __kprobes void old_return(struct rethook_node *node, void *rp, struct pt_regs *regs)
{
	hit_return(node, rp, regs);
}

static __kprobes void new_return(struct rethook_node *node, void *rp, unsigned long to, struct pt_regs *regs)
{
	hit_return(node, rp, regs);
}

/* In place of kretprobe_rethook_handler(), which keeps kprobes from nesting; a CPU's context does that here. */
void stp_kretprobe_shorten(struct kretprobe *rp)
{
	rethook_handler_t handler = _Generic((rethook_handler_t)NULL,
		old_rethook_handler *: old_return,
		new_rethook_handler *: new_return);

	rcu_assign_pointer(rp->rh->handler, handler);
}
#else
void stp_kretprobe_shorten(struct kretprobe *rp) { }
#endif
