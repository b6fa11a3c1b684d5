// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A row and the kernel: where its address is now, whether a probe may be there, whether ftrace has an entry
 * there.
 *
 * That an address is an entry, and is not in the kernel's blacklist, the translator knows of most rows from
 * the image that runs (the build-id is checked); for the rest the kernel is asked by registering a disabled
 * kprobe.  That takes it a walk through all its jump labels, and decoding the whole function to see whether
 * the probe could be a jump, so it comes before anything is armed: these are functions that may be probed too.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core/core.h"
#include "family/fentry.h"
#include "family/kprobe.h"

/* Fills kp.addr or kp.symbol_name and offset: -errno and `why` when there is neither. */
int stp_kprobe_locate(struct stp_kprobe *p, char *why, size_t size)
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

static int register_return(struct stp_kprobe *p)
{
	const struct stp_probe *probe = p->row->probe;
	int err;

	p->rp.handler = stp_kretprobe_return;
	p->rp.entry_handler = probe->entry || p->row->ncallers ? stp_kretprobe_entry : NULL;
	p->rp.data_size = (size_t)probe->nsaved * 8;
	p->rp.maxactive = p->row->maxactive ?: stp_unit.kretactive ?: default_maxactive();
	err = register_kretprobe(&p->rp);
	if (!err)
		stp_kretprobe_shorten(&p->rp);
	return err;
}

/*
 * To see whether a probe could be a jump, kprobes decode all of the function around it (can_optimize() in
 * arch/x86/kernel/kprobes/opt.c), up to where the symbol table has its end: of a module's last function
 * that is the end of the module's pages, whose filler may decode to an instruction that goes on behind
 * them, which is an oops.  Only the call of ftrace is spared that.
 */
static bool ends_with_pages(const struct stp_kprobe *p)
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
int stp_kprobe_register(struct stp_kprobe *p, bool enabled)
{
	struct kprobe *kp = &p->rp.kp;
	int err;

	kp->pre_handler = stp_kprobe_hit;
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

void stp_kprobe_explain(const struct stp_kprobe *p, int err, char *why, size_t size)
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
int stp_kprobe_ask(struct stp_kprobe *p, char *why, size_t size)
{
	int err = stp_kprobe_register(p, false);

	if (err)
		stp_kprobe_explain(p, err, why, size);
	return err;
}

int stp_kprobe_place(struct stp_kprobe *p, char *why, size_t size)
{
	const struct stp_row_kprobe *row = p->row;
	unsigned long ip = 0;
	int err;

	p->waits = must_wait(row);
	if (p->waits)
		return 0;
	err = stp_kprobe_locate(p, why, size);
	if (err)
		return err;
	if (row->patchable && !row->ncallers && !row->is_return && p->rp.kp.addr)
		ip = stp_fentry_ip((unsigned long)p->rp.kp.addr);
	if (!ip)
		return stp_kprobe_ask(p, why, size);
	p->rp.kp.addr = (kprobe_opcode_t *)ip;
	p->entry = true;
	return 0;
}

/* What is no entry, and not failed before. */
int stp_kprobe_enable(struct stp_kprobe *p, char *why, size_t size)
{
	int err = p->armed && !p->entry ? enable_kprobe(&p->rp.kp) : 0;

	if (err)
		stp_kprobe_explain(p, err, why, size);
	return err;
}
