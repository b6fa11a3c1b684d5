// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes on instructions and on returns of kernel functions, by kprobes and kretprobes: rows of
 * link-time addresses or symbols to armed probes, all or none, but for rows that are optional.
 *
 * Entries of functions are armed all at once by fentry.c.  That an address is one, and is not in the
 * kernel's blacklist, the translator knows of most rows from the image that runs (the build-id is
 * checked); for the rest the kernel is asked by registering a disabled kprobe, which takes it a walk
 * through all its jump labels and more.  Where ftrace does not agree that a row is an entry, the row is
 * asked about like the rest.
 *
 * Handlers see regs->ip at the address of the probe, whichever way it was hit; at a function's
 * entry the stack pointer is at the return address.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core/core.h"
#include "core/hit.h"
#include "core/report.h"
#include "family/caller.h"
#include "family/fentry.h"
#include "transport/transport.h"

/* Optional rows that fail are warned of one by one up to this many, then counted. */
#define MAX_WARNINGS 10

struct armed {
	struct kretprobe rp;		/* rp.kp alone for probes that are no return probes */
	const struct stp_row_kprobe *row;
	char *symbol;			/* "module:symbol", owned */
	bool armed;			/* registered with kprobes */
	bool entry;			/* fentry.c has it */
	bool waits;			/* its module is not loaded */
	bool off;			/* disabled: its condition does not hold */
};

static struct armed *probes;		/* as many as rows */
static void **batch;			/* as many, for disarming, which must not fail */
static uint32_t missed_told;
static DEFINE_MUTEX(rows_mutex);	/* what is armed while the session runs: modules that come and go, conditions */

/* ---- hits ---- */

static __kprobes int hit(struct kprobe *kp, struct pt_regs *regs)
{
	struct armed *p = container_of(kp, struct armed, rp.kp);
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

static nokprobe_inline struct armed *armed_of(struct kretprobe_instance *ri)
{
	return container_of(get_kretprobe(ri), struct armed, rp);
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

static __kprobes int hit_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct armed *p = armed_of(ri);
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

static __kprobes int hit_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct stp_probe *probe = armed_of(ri)->row->probe;
	unsigned long ip = instruction_pointer(regs), flags;
	struct stp_cpu *s = stp_enter(probe, &flags);

	if (!s)
		return 0;
	s->c.regs = (struct stp_regs *)regs;
	s->c.saved = probe->nsaved ? (int64_t *)ri->data : NULL;
	s->c.return_address = (unsigned long)get_kretprobe_retaddr(ri);
	instruction_pointer_set(regs, s->c.return_address);
	stp_run_inline(s, probe);
	instruction_pointer_set(regs, ip);
	s->c.saved = NULL;
	s->c.return_address = 0;
	stp_leave(s, flags);
	return 0;
}

/* ---- where ---- */

/* Fills kp.addr or kp.symbol_name and offset: -errno and `why` when there is neither. */
static int locate(struct armed *p, char *why, size_t size)
{
	const struct stp_row_kprobe *row = p->row;
	struct kprobe *kp = &p->rp.kp;

	if (row->absolute) {
		kp->addr = (kprobe_opcode_t *)(unsigned long)row->address;
		return 0;
	}
	if (row->address || !row->symbol) {
		uint64_t addr = stp_reloc(row->module, row->section, row->address);

		if (addr) {
			kp->addr = (kprobe_opcode_t *)(unsigned long)addr;
			return 0;
		}
	}
	if (!row->symbol) {
		if (row->module)
			snprintf(why, size, "module %s has no section %s in memory%s", row->module,
				 row->section ? row->section : "", row->section &&
				 strstarts(row->section, ".init") ? ": it is gone once the module is loaded" :
				 "");
		else
			snprintf(why, size, "the kernel's place in memory is not known");
		return -ENOENT;
	}
	kp->symbol_name = row->symbol;
	kp->offset = row->offset;
	if (row->module) {
		p->symbol = kasprintf(GFP_KERNEL, "%s:%s", row->module, row->symbol);
		if (!p->symbol) {
			snprintf(why, size, "no memory");
			return -ENOMEM;
		}
		kp->symbol_name = p->symbol;
	}
	return 0;
}

/*
 * Calls of one function that may be in flight at a time; sleeping ones add up, so it is more than
 * kernel/kprobes.c takes, as long as there are not so many probes that memory matters.
 */
static int default_maxactive(void)
{
	int cpus = num_possible_cpus();

	return stp_unit.nkprobe > 200 ? max(16, 2 * cpus) : max(32, 8 * cpus);
}

static int register_return(struct armed *p)
{
	const struct stp_probe *probe = p->row->probe;

	p->rp.handler = hit_return;
	p->rp.entry_handler = probe->entry || p->row->ncallers ? hit_entry : NULL;
	p->rp.data_size = (size_t)probe->nsaved * 8;
	p->rp.maxactive = p->row->maxactive ?: stp_unit.kretactive ?: default_maxactive();
	return register_kretprobe(&p->rp);
}

/*
 * To see whether a probe could be a jump, kprobes decode all of the function around it (can_optimize() in
 * arch/x86/kernel/kprobes/opt.c), up to where the symbol table has its end: of a module's last function
 * that is the end of the module's pages, whose filler may decode to an instruction that goes on behind
 * them, which is an oops.  Only the call of ftrace is spared that.
 */
static bool ends_with_pages(const struct armed *p)
{
	const struct stp_row_kprobe *row = p->row;
	unsigned long addr = (unsigned long)p->rp.kp.addr, offset, size;
	char text[KSYM_SYMBOL_LEN], *at;

	if (!addr && row->module && row->symbol)
		addr = stp_module_symbol(row->module, row->symbol) + row->offset;
	if (!addr)
		return false;
	sprint_symbol(text, addr);		/* NAME+0xOFFSET/0xSIZE [MODULE] */
	at = strrchr(text, '+');
	return at && strchr(at, '[') && sscanf(at, "+0x%lx/0x%lx", &offset, &size) == 2 &&
	       PAGE_ALIGNED(addr - offset + size) && !stp_fentry_is_call(addr);
}

/* Disabled while not all rows have been seen. */
static int register_either(struct armed *p, bool enabled)
{
	struct kprobe *kp = &p->rp.kp;
	int err;

	kp->pre_handler = hit;
	kp->flags = enabled ? 0 : KPROBE_FLAG_DISABLED;
	if (ends_with_pages(p))
		return -ERANGE;
	err = p->row->is_return ? register_return(p) : register_kprobe(kp);
	p->armed = err == 0;
#ifdef STP_HAVE_FENTRY
	p->entry = !enabled && !err && (kp->flags & KPROBE_FLAG_FTRACE) && !p->row->ncallers;
#endif
	return err;
}

static void explain(const struct armed *p, int err, char *why, size_t size)
{
	switch (err) {
	case -ENOENT:
		snprintf(why, size, "no such function in the running kernel (rc %d)", err);
		break;
	case -E2BIG:
		snprintf(why, size, "values saved at entry take %zu bytes, 4096 is the most (rc %d)",
			 p->rp.data_size, err);
		break;
	case -ERANGE:
		snprintf(why, size, "the last function of a module cannot be probed safely: kprobes may read "
			 "past the end of its code (rc %d)", err);
		break;
	default:
		snprintf(why, size, "registration error (rc %d)", err);
	}
}

/* ---- the two steps of each row: 0 or -errno and why ---- */

/* Text of initialisation is there while its module is loaded, and not after. */
static bool must_wait(const struct stp_row_kprobe *row)
{
	if (!row->module || row->absolute)
		return false;
	if (stp_module_loaded(row->module) != STP_MODULE_LOADED)
		return true;
	return row->section && strstarts(row->section, ".init.text") &&
	       !stp_reloc(row->module, row->section, row->address);
}

/* Registers it, disabled, and learns whether it is an entry. */
static int ask(struct armed *p, char *why, size_t size)
{
	int err = register_either(p, false);

	if (err)
		explain(p, err, why, size);
	return err;
}

static int place_row(struct armed *p, char *why, size_t size)
{
	const struct stp_row_kprobe *row = p->row;
	unsigned long ip = 0;
	int err;

	p->waits = must_wait(row);
	if (p->waits)
		return 0;
	err = locate(p, why, size);
	if (err)
		return err;
	if (row->is_return && p->rp.kp.addr && !row->patchable)
		return 0;			/* no entry: there is nothing to be learned */
	if (row->patchable && !row->ncallers && !row->is_return && p->rp.kp.addr)
		ip = stp_fentry_ip((unsigned long)p->rp.kp.addr);
	if (!ip)
		return ask(p, why, size);
	p->rp.kp.addr = (kprobe_opcode_t *)ip;
	p->entry = true;
	return 0;
}

/* What is no entry, and not failed before. */
static int enable_row(struct armed *p, char *why, size_t size)
{
	int err;

	if (p->waits || p->entry)
		return 0;
	if (p->armed)
		err = enable_kprobe(&p->rp.kp);
	else if (p->row->is_return && p->rp.kp.addr && !p->row->patchable)
		err = register_either(p, true);
	else
		return 0;
	if (err)
		explain(p, err, why, size);
	return err;
}

/* ---- disarming ---- */

/* Registered ones of one kind, in one batch: one wait for all of them.  MODULE NULL: of all. */
static void unregister_kind(bool is_return, bool entries_only, const char *module)
{
	uint32_t i, n = 0;

	for (i = 0; i < stp_unit.nkprobe; i++) {
		struct armed *p = &probes[i];

		if (!p->armed || p->row->is_return != is_return || (entries_only && !p->entry) ||
		    (module && (!p->row->module || strcmp(p->row->module, module))))
			continue;
		batch[n++] = is_return ? (void *)&p->rp : (void *)&p->rp.kp;
		p->armed = false;
	}
	if (n == 0)
		return;
	if (is_return)
		unregister_kretprobes((struct kretprobe **)batch, n);
	else
		unregister_kprobes((struct kprobe **)batch, n);
}

static void unregister_all(void)
{
	uint32_t i;

	stp_fentry_disarm();
	unregister_kind(true, false, NULL);
	unregister_kind(false, false, NULL);
	for (i = 0; i < stp_unit.nkprobe; i++)
		kfree(probes[i].symbol);
	kvfree(probes);
	kvfree(batch);
	probes = NULL;
}

/* Calls that found no free instance.  Those of one function are told with what would have helped. */
static void count_missed(struct armed *p)
{
	char line[400];

	stp_count(STP_COUNT_SKIPPED_REENTRY, p->rp.kp.nmissed);
	if (stp_reports)
		stp_report_missed(p->row->probe, STP_COUNT_SKIPPED_REENTRY, p->rp.kp.nmissed);
	p->rp.kp.nmissed = 0;
	if (!p->row->is_return || !p->rp.nmissed)
		return;
	stp_count(STP_COUNT_SKIPPED_MISSED, p->rp.nmissed);
	if (stp_reports)
		stp_report_missed(p->row->probe, STP_COUNT_SKIPPED_MISSED, p->rp.nmissed);
	if (missed_told++ < MAX_WARNINGS) {
		snprintf(line, sizeof(line), "WARNING: probe %s: %d returns were not seen: more than %d "
			 "calls at a time; try .maxactive(N) or -DKRETACTIVE=N", p->row->probe->pp,
			 p->rp.nmissed, p->rp.maxactive);
		stp_transport_oob(line);
	}
	p->rp.nmissed = 0;
}

/* ---- arming ---- */

static void warn_row(const struct stp_row_kprobe *row, const char *why, uint32_t nth)
{
	char line[400];

	if (nth > MAX_WARNINGS)
		return;
	snprintf(line, sizeof(line), "WARNING: probe %s: %s", row->probe->pp, why);
	stp_transport_oob(line);
}

static int one_row(struct armed *p, int (*step)(struct armed *p, char *why, size_t size), uint32_t *failed,
		   char *why, size_t size)
{
	char reason[160];
	int err = step(p, reason, sizeof(reason));

	if (err && !p->row->optional) {
		snprintf(why, size, "probe %s: %s", p->row->probe->pp, reason);
		return err;
	}
	if (err)
		warn_row(p->row, reason, ++*failed);
	cond_resched();
	return 0;
}

/* STEP for each row.  Failures of optional ones are counted in *failed. */
static int each_row(int (*step)(struct armed *p, char *why, size_t size), uint32_t *failed, char *why,
		    size_t size)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < stp_unit.nkprobe && !err; i++) {
		if (fatal_signal_pending(current)) {
			snprintf(why, size, "interrupted");
			return -EINTR;
		}
		err = one_row(&probes[i], step, failed, why, size);
	}
	return err;
}

static struct stp_fentry *list_entries(uint32_t *ret_n)
{
	struct stp_fentry *list;
	uint32_t i, n = 0;

	for (i = 0; i < stp_unit.nkprobe; i++)
		n += probes[i].entry;
	*ret_n = n;
	list = n ? kvcalloc(n + 1, sizeof(*list), GFP_KERNEL) : NULL;
	for (i = 0, n = 0; list && i < stp_unit.nkprobe; i++) {
		struct armed *p = &probes[i];
		bool is_return = p->row->is_return;

		if (!p->entry)
			continue;
		list[n++] = (struct stp_fentry) {
			.ip = (unsigned long)p->rp.kp.addr,
			.probe = p->row->probe,
			.rp = is_return ? &p->rp : NULL,
			.order = i,
			.all_regs = p->row->probe->all_regs,
			.rcu = is_return || !p->row->probe->plain,
		};
	}
	return list;
}

/* Hands function entries over to fentry.c; those it does not take become kprobes if they can. */
static int arm_entries(uint32_t *failed, char *why, size_t size)
{
	struct stp_fentry *list;
	uint32_t i, n;
	int err;

	list = list_entries(&n);
	if (n == 0)
		return 0;
	if (!list) {
		snprintf(why, size, "no memory for %u function entries", n);
		return -ENOMEM;
	}
	unregister_kind(false, true, NULL);
	err = stp_fentry_prepare(list, n, why, size);
	for (i = 0; i < n && !err; i++) {
		struct armed *p = &probes[list[i].order];

		if (!list[i].refused)
			continue;
		if (!p->armed)
			err = one_row(p, ask, failed, why, size);
		p->entry = false;
	}
	return err ?: stp_fentry_arm(why, size);
}

/* One line for all that wait, with the first module. */
static void tell_waiting(void)
{
	const char *first = NULL;
	uint32_t i, n = 0;
	bool others = false;
	char line[160];

	for (i = 0; i < stp_unit.nkprobe; i++) {
		const struct stp_row_kprobe *row = probes[i].row;

		if (!probes[i].waits || stp_module_loaded(row->module) == STP_MODULE_LOADED)
			continue;
		first = first ?: row->module;
		others |= strcmp(first, row->module) != 0;
		n++;
	}
	if (!n)
		return;
	snprintf(line, sizeof(line), "WARNING: %u probe%s will be armed when %s %s loaded", n,
		 n > 1 ? "s" : "", first, others ? "and other modules are" : "is");
	stp_transport_oob(line);
}

/*
 * Entries before the rest: ftrace copies the kernel's trampoline code for them, which must not
 * have our breakpoints in it.
 */
static int arm_all(char *why, size_t size)
{
	uint32_t failed = 0;
	char line[120];
	int err = each_row(place_row, &failed, why, size);

	if (!err)
		err = arm_entries(&failed, why, size);
	if (!err)
		err = each_row(enable_row, &failed, why, size);
	if (!err)
		tell_waiting();
	if (!err && failed > MAX_WARNINGS) {
		snprintf(line, sizeof(line), "WARNING: %u more probes could not be armed", failed - MAX_WARNINGS);
		stp_transport_oob(line);
	}
	return err;
}

static int kprobe_arm(char *why, size_t size)
{
	uint32_t i;
	int err;

	if (!stp_unit.nkprobe)
		return 0;
	probes = kvcalloc(stp_unit.nkprobe, sizeof(*probes), GFP_KERNEL);
	batch = kvcalloc(stp_unit.nkprobe, sizeof(*batch), GFP_KERNEL);
	if (!probes || !batch) {
		kvfree(probes);
		kvfree(batch);
		probes = NULL;
		snprintf(why, size, "no memory for %u probes", stp_unit.nkprobe);
		return -ENOMEM;
	}
	for (i = 0; i < stp_unit.nkprobe; i++)
		probes[i].row = &stp_unit.kprobe[i];
	stp_caller_init();
	err = arm_all(why, size);
	if (err)
		unregister_all();
	return err;
}

static void kprobe_disarm(void)
{
	uint32_t i;

	if (!probes)
		return;
	for (i = 0; i < stp_unit.nkprobe; i++)
		count_missed(&probes[i]);
	unregister_all();
}

/* ---- modules ---- */

static bool is_in(const struct armed *p, const struct module *m)
{
	return p->row->module && !p->row->absolute && !strcmp(p->row->module, m->name);
}

static int rearm_row(struct armed *p, char *why, size_t size)
{
	int err;

	kfree(p->symbol);
	*p = (struct armed){ .row = p->row };
	err = locate(p, why, size);
	if (err)
		return err;
	err = register_either(p, true);
	if (err)
		explain(p, err, why, size);
	return err;
}

/* Its code has not run yet. */
static void kprobe_module_coming(struct module *m)
{
	uint32_t i, failed = 0;
	char reason[160];

	mutex_lock(&rows_mutex);
	for (i = 0; probes && i < stp_unit.nkprobe; i++) {
		if (!is_in(&probes[i], m) || probes[i].armed || probes[i].entry)
			continue;
		if (rearm_row(&probes[i], reason, sizeof(reason)))
			warn_row(probes[i].row, reason, ++failed);
	}
	mutex_unlock(&rows_mutex);
	stp_conditions_look();
}

static bool is_going(unsigned long ip, void *m)
{
	return within_module(ip, m);
}

static void kprobe_module_going(struct module *m)
{
	uint32_t i;

	if (!probes)
		return;
	mutex_lock(&rows_mutex);
	stp_fentry_forget(is_going, m);
	for (i = 0; i < stp_unit.nkprobe; i++)
		if (is_in(&probes[i], m))
			count_missed(&probes[i]);
	unregister_kind(true, false, m->name);
	unregister_kind(false, false, m->name);
	for (i = 0; i < stp_unit.nkprobe; i++)
		if (is_in(&probes[i], m)) {
			probes[i].entry = false;
			probes[i].waits = true;
		}
	mutex_unlock(&rows_mutex);
}

/* ---- conditions ---- */

static void follow_row(struct armed *p)
{
	bool off = stp_probe_is_off(p->row->probe);
	int err;

	if (!p->armed || p->entry || off == p->off)
		return;
	if (p->row->is_return)
		err = off ? disable_kretprobe(&p->rp) : enable_kretprobe(&p->rp);
	else
		err = off ? disable_kprobe(&p->rp.kp) : enable_kprobe(&p->rp.kp);
	if (!err)
		p->off = off;
	else if (!off)
		warn_row(p->row, "its condition holds, but it could not be armed again", 1);
	cond_resched();
}

static void kprobe_follow(void)
{
	uint32_t i;

	mutex_lock(&rows_mutex);
	if (probes)
		stp_fentry_follow();
	for (i = 0; probes && i < stp_unit.nkprobe && stp_session_state() == STP_STATE_RUNNING; i++)
		follow_row(&probes[i]);
	mutex_unlock(&rows_mutex);
}

const struct stp_family stp_family_kprobe = {
	.name = "kprobe",
	.arm = kprobe_arm,
	.follow = kprobe_follow,
	.disarm = kprobe_disarm,
	.module_coming = kprobe_module_coming,
	.module_going = kprobe_module_going,
};
