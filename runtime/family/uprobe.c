// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes on instructions of programs and shared libraries, and on returns of their functions, by the kernel's
 * uprobes: rows of a file and an offset to armed probes, all or none, but for rows that are optional.
 *
 * A uprobe is on the file, so every process that has it mapped hits it, those that come later too; which
 * of them are meant is looked at with each hit.  The kernel calls the handlers in the context of the task,
 * with interrupts on and may sleep there; ours run as all others do, with interrupts off.  What it waits
 * for when a uprobe is unregistered are handlers, which end, and nothing else.
 *
 * Handlers see regs->ip at the probe, and c->bias as what the file's link-time addresses are off by.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uprobes.h>
#include "core/core.h"
#include "core/hit.h"
#include "core/report.h"
#include "family/entered.h"
#include "family/perf.h"
#include "family/process.h"
#include "transport/transport.h"

#if defined(CONFIG_UPROBES) && defined(CONFIG_X86_64)

struct armed_uprobe {
	struct uprobe_consumer consumer;
	const struct stp_row_uprobe *row;
	struct file *file, *exe;	/* exe: of row->exe, or NULL */
	struct inode *inode;		/* that it is registered with: `file` may come to have another */
	struct uprobe *uprobe;		/* where registering gives one */
	const struct stp_program *program;	/* of row->path, when its symbols are known */
	struct stp_entered *entered;	/* return probes that save something */
	bool armed;
	bool off;			/* its condition does not hold, which is why it is not armed */
};

static struct armed_uprobe *uprobes;	/* as many as rows */

/* ---- hits ---- */

static __kprobes bool is_meant(const struct armed_uprobe *p)
{
	const struct stp_row_uprobe *row = p->row;

	if (row->pid && task_tgid_nr(current) != row->pid)
		return false;
	if (p->exe && !stp_runs(current, file_inode(p->exe)))
		return false;
	return (!row->of_target || stp_in_target(current)) && !stp_is_hidden(current);
}

/* Does a call of the function at AT, in memory, that returns to ADDR count? */
static __kprobes bool returns_there(const struct stp_row_uprobe *row, unsigned long at, uint64_t addr)
{
	uint32_t i;

	for (i = 0; i < row->ncallers; i++)
		if (row->callers[i] + (at - row->address) == addr)
			return true;
	return !row->ncallers;
}

/* At the entry, where the kernel has not changed the return address yet. */
static __kprobes bool called_so(const struct stp_row_uprobe *row, struct pt_regs *regs)
{
	uint64_t addr;

	return !row->ncallers || (stp_try_load(regs->sp, sizeof(long), true, &addr) &&
				  returns_there(row, instruction_pointer(regs), addr));
}

static nokprobe_inline void fill_context(struct stp_cpu *s, const struct armed_uprobe *p, struct pt_regs *regs,
					 unsigned long at)
{
	s->c.regs = (struct stp_regs *)regs;
	s->c.user_regs = true;
	s->c.bias = at - p->row->address;
	s->c.program = p->program;
	s->c.in_task = true;
	s->c.at_entry = p->row->at_entry && at == instruction_pointer(regs);
}

static nokprobe_inline void empty_context(struct stp_cpu *s)
{
	s->c.user_regs = false;
	s->c.bias = 0;
	s->c.program = NULL;
	s->c.in_task = false;
	s->c.at_entry = false;
	s->c.saved = NULL;
	s->c.return_address = 0;
}

/* Of a hit that counts; stp_leave() ends it.  Counters that it reads are made before. */
static nokprobe_inline struct stp_cpu *enter_uprobe(const struct armed_uprobe *p, unsigned long *flags)
{
	if (p->row->probe->counts)
		stp_perf_attach();
	return stp_enter(p->row->probe, flags);
}

/* At the probed place itself; NULL: the hit does not count. */
static nokprobe_inline struct stp_cpu *enter_place(const struct armed_uprobe *p, struct pt_regs *regs,
						   unsigned long *flags)
{
	return is_meant(p) && called_so(p->row, regs) ? enter_uprobe(p, flags) : NULL;
}

static __kprobes int uprobe_hit(struct uprobe_consumer *consumer, struct pt_regs *regs)
{
	struct armed_uprobe *p = container_of(consumer, struct armed_uprobe, consumer);
	unsigned long flags;
	struct stp_cpu *s = enter_place(p, regs, &flags);

	if (!s)
		return 0;
	fill_context(s, p, regs, instruction_pointer(regs));
	stp_run(s, p->row->probe);
	empty_context(s);
	stp_leave(s, flags);
	return 0;
}

/* The return address is what the stack pointer points at. */
static __kprobes int uprobe_entry(struct uprobe_consumer *consumer, struct pt_regs *regs)
{
	struct armed_uprobe *p = container_of(consumer, struct armed_uprobe, consumer);
	unsigned long flags;
	struct stp_cpu *s = enter_place(p, regs, &flags);
	struct stp_call *call;

	if (!s)
		return 0;
	call = stp_call_enter(p->entered, regs->sp);
	if (call) {
		fill_context(s, p, regs, instruction_pointer(regs));
		s->c.saved = call->saved;
		if (stp_run_entry(s, p->row->probe))
			stp_call_kept(call);
		else
			stp_call_done(call);
		empty_context(s);
	}
	stp_leave(s, flags);
	return 0;
}

/* False: there was no entry that belongs to it, so the return does not count. */
static __kprobes bool take_call(struct armed_uprobe *p, struct pt_regs *regs, struct stp_call **ret)
{
	bool lost;

	*ret = NULL;
	if (!p->entered)
		return true;
	*ret = stp_call_find(p->entered, regs->sp - sizeof(long), &lost);
	if (!*ret && lost) {
		stp_count(STP_COUNT_SKIPPED_MISSED, 1);
		if (stp_reports)
			stp_report_missed(p->row->probe, STP_COUNT_SKIPPED_MISSED, 1);
	}
	return *ret;
}

static __kprobes int uprobe_return(struct uprobe_consumer *consumer, unsigned long func, struct pt_regs *regs)
{
	struct armed_uprobe *p = container_of(consumer, struct armed_uprobe, consumer);
	struct stp_call *call;
	unsigned long flags;
	struct stp_cpu *s;

	if (!is_meant(p) || !returns_there(p->row, func, instruction_pointer(regs)))
		return 0;
	s = enter_uprobe(p, &flags);
	if (!s)
		return 0;
	if (take_call(p, regs, &call)) {
		fill_context(s, p, regs, func);
		s->c.saved = call ? call->saved : NULL;
		s->c.return_address = instruction_pointer(regs);
		stp_run(s, p->row->probe);
		empty_context(s);
		if (call)
			stp_call_done(call);
	}
	stp_leave(s, flags);
	return 0;
}

/* ---- the two ways to register: by handle (6.12), by place ---- */

typedef struct uprobe *register_by_handle(struct inode *, loff_t, loff_t, struct uprobe_consumer *);
typedef int register_by_place(struct inode *, loff_t, struct uprobe_consumer *);

#define HAVE_HANDLES __builtin_types_compatible_p(typeof(uprobe_register), register_by_handle)
#define HAVE_PLACES __builtin_types_compatible_p(typeof(uprobe_register), register_by_place)
/* Since 6.13 handlers are given more. */
#define PLAIN_HANDLERS __builtin_types_compatible_p(typeof(((struct uprobe_consumer *)0)->handler), \
						    typeof(&uprobe_hit))

/* The kernel's functions under names with one prototype each; those that it has not are not called. */
register_by_handle stp_uprobe_by_handle asm("uprobe_register");
void stp_uprobe_drop(struct uprobe *, struct uprobe_consumer *) asm("uprobe_unregister_nosync");
void stp_uprobe_wait(void) asm("uprobe_unregister_sync");
register_by_place stp_uprobe_by_place asm("uprobe_register");
int stp_uprobe_counted(struct inode *, loff_t, loff_t, struct uprobe_consumer *) asm("uprobe_register_refctr");
void stp_uprobe_remove(struct inode *, loff_t, struct uprobe_consumer *) asm("uprobe_unregister");

static int register_row(struct armed_uprobe *p)
{
	const struct stp_row_uprobe *row = p->row;

	if (HAVE_HANDLES) {
		p->uprobe = stp_uprobe_by_handle(p->inode, row->offset, row->semaphore, &p->consumer);
		return PTR_ERR_OR_ZERO(p->uprobe);
	}
	if (row->semaphore)
		return stp_uprobe_counted(p->inode, row->offset, row->semaphore, &p->consumer);
	return stp_uprobe_by_place(p->inode, row->offset, &p->consumer);
}

/* Handlers may still run until wait_for_hits(). */
static void unregister_row(struct armed_uprobe *p)
{
	if (HAVE_HANDLES)
		stp_uprobe_drop(p->uprobe, &p->consumer);
	else
		stp_uprobe_remove(p->inode, p->row->offset, &p->consumer);
}

static void wait_for_hits(void)
{
	if (HAVE_HANDLES)
		stp_uprobe_wait();
}

/* ---- files ---- */

static int check_build_id(const struct armed_uprobe *p, char *why, size_t size)
{
	const struct stp_row_uprobe *row = p->row;
	size_t n = row->build_id ? strlen(row->build_id) / 2 : 0;
	loff_t at = row->build_id_at;
	char hex[2 * 64 + 1];
	u8 id[64];

	if (!n || n > sizeof(id))
		return 0;
	if (kernel_read(p->file, id, n, &at) == n) {
		bin2hex(hex, id, n);
		hex[2 * n] = '\0';
		if (!strcmp(hex, row->build_id))
			return 0;
	}
	snprintf(why, size, "%s is not the file that the script was translated for (build-id %s): translate it again",
		 row->path, row->build_id);
	return -EXDEV;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Rows of one file follow each other, and share it. */
static int find_files(uint32_t i, char *why, size_t size)
{
	struct armed_uprobe *p = &uprobes[i], *before = i ? p - 1 : NULL;
	const struct stp_row_uprobe *row = p->row;

	if (before && before->armed && same_text(before->row->path, row->path) &&
	    same_text(before->row->exe, row->exe)) {
		p->file = get_file(before->file);
		p->exe = before->exe ? get_file(before->exe) : NULL;
		return 0;
	}
	p->file = stp_open_program(row->path, why, size);
	if (!p->file)
		return -ENOENT;
	if (row->exe) {
		p->exe = stp_open_program(row->exe, why, size);
		if (!p->exe)
			return -ENOENT;
	}
	return check_build_id(p, why, size);
}

/* ---- arming ---- */

/* Files with symbols: what cannot be opened has none then. */
static void open_programs(void)
{
	char why[300];
	uint32_t i;

	for (i = 0; i < stp_unit.nprograms; i++)
		stp_unit.programs[i].state->file = stp_open_program(stp_unit.programs[i].path, why, sizeof(why));
}

static void close_programs(void)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nprograms; i++) {
		struct stp_program_state *state = stp_unit.programs[i].state;

		if (state->file)
			fput(state->file);
		state->file = NULL;
	}
}

static void release(struct armed_uprobe *p)
{
	if (p->file)
		fput(p->file);
	if (p->exe)
		fput(p->exe);
	iput(p->inode);
	stp_entered_free(p->entered);
	p->file = p->exe = NULL;
	p->inode = NULL;
	p->entered = NULL;
}

static void uprobe_disarm(void)
{
	uint32_t i;

	if (!uprobes)
		return;
	for (i = 0; i < stp_unit.nuprobe; i++) {
		if (uprobes[i].armed)
			unregister_row(&uprobes[i]);
		cond_resched();
	}
	wait_for_hits();
	for (i = 0; i < stp_unit.nuprobe; i++)
		release(&uprobes[i]);
	kvfree(uprobes);
	uprobes = NULL;
	close_programs();
}

/* Probes that are disarmed have no handler that runs when this goes on to arm others. */
static void disarm_those_off(void)
{
	bool any = false;
	uint32_t i;

	for (i = 0; i < stp_unit.nuprobe; i++) {
		struct armed_uprobe *p = &uprobes[i];

		if (!p->armed || !stp_probe_is_off(p->row->probe))
			continue;
		unregister_row(p);
		p->armed = false;
		p->off = any = true;
		cond_resched();
	}
	if (any)
		wait_for_hits();
}

static void uprobe_follow(void)
{
	char line[300];
	uint32_t i;

	if (!uprobes)
		return;
	disarm_those_off();
	for (i = 0; i < stp_unit.nuprobe; i++) {
		struct armed_uprobe *p = &uprobes[i];
		int err;

		if (!p->off || stp_probe_is_off(p->row->probe))
			continue;
		p->off = false;
		err = register_row(p);
		p->armed = !err;
		if (err) {
			snprintf(line, sizeof(line), "WARNING: probe %s could not be armed again (rc %d)",
				 p->row->probe->pp, err);
			stp_transport_oob(line);
		}
		cond_resched();
	}
}

static const struct stp_program *program_at(const char *path)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nprograms; i++)
		if (!strcmp(stp_unit.programs[i].path, path))
			return &stp_unit.programs[i];
	return NULL;
}

static int arm_uprobe(uint32_t i, char *why, size_t size)
{
	struct armed_uprobe *p = &uprobes[i];
	const struct stp_probe *probe;
	int err;

	p->row = &stp_unit.uprobe[i];
	p->program = program_at(p->row->path);
	probe = p->row->probe;
	err = find_files(i, why, size);
	if (err)
		return err;
	if (p->row->is_return) {
		p->consumer.ret_handler = (void *)uprobe_return;
		if (probe->entry) {
			p->consumer.handler = (void *)uprobe_entry;
			p->entered = stp_entered_new(probe->nsaved);
			snprintf(why, size, "no memory");
			if (!p->entered)
				return -ENOMEM;
		}
	} else {
		p->consumer.handler = (void *)uprobe_hit;
	}
	p->inode = igrab(d_real_inode(p->file->f_path.dentry));
	err = p->inode ? register_row(p) : -ENOENT;
	p->armed = !err;
	if (err)
		snprintf(why, size, "registration error (rc %d)%s", err, err == -ENOTSUPP || err == -EINVAL ?
			 ": this instruction cannot be probed" : "");
	return err;
}

static int uprobe_arm(char *why, size_t size)
{
	char reason[300], line[400];
	uint32_t i, failed = 0;
	int err = 0;

	if (!stp_unit.nuprobe)
		return 0;
	if (!PLAIN_HANDLERS || !(HAVE_HANDLES || HAVE_PLACES)) {
		snprintf(why, size, "uprobes of this kernel are not known");
		return -ENOSYS;
	}
	uprobes = kvcalloc(stp_unit.nuprobe, sizeof(*uprobes), GFP_KERNEL);
	if (!uprobes) {
		snprintf(why, size, "no memory for %u probes of programs", stp_unit.nuprobe);
		return -ENOMEM;
	}
	open_programs();
	for (i = 0; i < stp_unit.nuprobe && !err; i++) {
		err = fatal_signal_pending(current) ? -EINTR : arm_uprobe(i, reason, sizeof(reason));
		if (!err)
			continue;
		if (err == -EINTR || !stp_unit.uprobe[i].optional) {
			snprintf(why, size, "probe %s: %s", stp_unit.uprobe[i].probe->pp,
				 err == -EINTR ? "interrupted" : reason);
			break;
		}
		snprintf(line, sizeof(line), "WARNING: probe %s: %s", stp_unit.uprobe[i].probe->pp, reason);
		if (++failed <= MAX_WARNINGS)
			stp_transport_oob(line);
		err = 0;
		cond_resched();
	}
	if (!err && failed > MAX_WARNINGS) {
		snprintf(line, sizeof(line), "WARNING: %u more probes of programs could not be armed",
			 failed - MAX_WARNINGS);
		stp_transport_oob(line);
	}
	if (err)
		uprobe_disarm();
	return err;
}
#else
static int uprobe_arm(char *why, size_t size)
{
	return stp_family_absent(stp_unit.nuprobe, "uprobes", why, size);
}

static void uprobe_follow(void) { }
static void uprobe_disarm(void) { }
#endif

const struct stp_family stp_family_uprobe = {
	.name = "uprobe",
	.arm = uprobe_arm,
	.follow = uprobe_follow,
	.disarm = uprobe_disarm,
};
