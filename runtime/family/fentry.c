// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes at patchable function entries: one ftrace_ops over all of them.  Kprobes there ride ftrace
 * too, but each is armed by a walk over all patchable places of the kernel, so thousands take
 * minutes; here it is one walk.  That the addresses may be probed at all is for the kprobe family to
 * know; those that are no entries are found out here.
 *
 * Full registers, as at a breakpoint on the entry; not called where RCU does not watch, nor for
 * functions that a handler itself calls (ftrace's recursion guard drops those before we could count).
 */
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "core/core.h"
#include "family/fentry.h"

#ifdef STP_HAVE_FENTRY

static struct stp_fentry *entries;	/* sorted by address; the same one may be there twice */
static uint32_t nentries;
static bool registered;

/* The first entry at IP; ftrace calls us for no other address. */
static nokprobe_inline uint32_t find(unsigned long ip)
{
	uint32_t low = 0, high = nentries;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (entries[mid].ip < ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static __kprobes void hit_entries(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);
	unsigned long old_ip;
	uint32_t i;

	if (!regs || stp_session_state() != STP_STATE_RUNNING)
		return;
	old_ip = instruction_pointer(regs);
	instruction_pointer_set(regs, ip);
	for (i = find(ip); i < nentries && entries[i].ip == ip; i++) {
		struct stp_hit h = { .probe = entries[i].probe, .state = STP_STATE_RUNNING, .regs = regs };

		stp_run(&h);
	}
	instruction_pointer_set(regs, old_ip);
}

/* PERMANENT: kernel.ftrace_enabled cannot be switched off under us. */
static struct ftrace_ops ops = {
	.func = hit_entries,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_RCU | FTRACE_OPS_FL_PERMANENT,
};

static int compare_entries(const void *a, const void *b)
{
	const struct stp_fentry *x = a, *y = b;

	if (x->ip != y->ip)
		return x->ip < y->ip ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

#ifdef CONFIG_X86_64
/* The call of ftrace is the first instruction, or behind endbr64 or what is left of one (asm/ibt.h). */
unsigned long stp_fentry_ip(unsigned long addr)
{
	enum { ENDBR64 = 0xfa1e0ff3, POISON = 0x001f0f66 };
	uint64_t word;

	if (stp_try_load(addr, 4, false, &word) && (word == ENDBR64 || word == POISON))
		return addr + 4;
	return addr;
}
#else
/* Not known: ask the kernel. */
unsigned long stp_fentry_ip(unsigned long addr) { return 0; }
#endif

/* With so many entries that ftrace does not know there is no point in looking for them one by one. */
enum { MAX_CALLS = 4096 };

/*
 * Those from FIRST to END, marking what is refused.  One wrong address makes ftrace refuse all of a
 * call, so then it is both halves.
 */
static int add_filter(const unsigned long *ips, uint32_t first, uint32_t end, uint32_t *calls)
{
	uint32_t middle = first + (end - first) / 2, i;
	int err = -EINVAL;

	if (++*calls <= MAX_CALLS && !fatal_signal_pending(current))
		err = ftrace_set_filter_ips(&ops, (unsigned long *)ips + first, end - first, 0, 0);
	cond_resched();
	if (!err || err != -EINVAL)
		return err;
	if (end - first == 1 || *calls > MAX_CALLS || fatal_signal_pending(current)) {
		for (i = first; i < end; i++)
			entries[i].refused = true;
		return 0;
	}
	return add_filter(ips, first, middle, calls) ?: add_filter(ips, middle, end, calls);
}

static int set_filter(void)
{
	unsigned long *ips = kvmalloc_array(nentries, sizeof(*ips), GFP_KERNEL);
	uint32_t i, calls = 0;
	int err;

	if (!ips)
		return -ENOMEM;
	for (i = 0; i < nentries; i++)
		ips[i] = entries[i].ip;
	err = add_filter(ips, 0, nentries, &calls);
	kvfree(ips);
	return err;
}

static void release(void)
{
	ftrace_free_filter(&ops);
	kvfree(entries);
	entries = NULL;
	nentries = 0;
	registered = false;
}

static int failed(int err, char *why, size_t size)
{
	if (err == -EBUSY)
		snprintf(why, size, "ftrace is switched off: sysctl kernel.ftrace_enabled=1 (rc %d)", err);
	else
		snprintf(why, size, "%u function entries cannot be armed through ftrace (rc %d)", nentries, err);
	release();
	return err;
}

int stp_fentry_prepare(struct stp_fentry *list, uint32_t n, char *why, size_t size)
{
	int err;

	entries = list;
	nentries = n;
	sort(entries, nentries, sizeof(*entries), compare_entries, NULL);
	err = set_filter();
	return err ? failed(err, why, size) : 0;
}

/* An empty filter would mean all functions there are. */
int stp_fentry_arm(char *why, size_t size)
{
	uint32_t i;
	int err;

	for (i = 0; i < nentries && entries[i].refused; i++)
		;
	if (i == nentries) {
		release();
		return 0;
	}
	err = register_ftrace_function(&ops);
	if (err)
		return failed(err, why, size);
	registered = true;
	return 0;
}

/*
 * The list stays as it is, handlers read it; the filter alone shrinks.  An empty filter would mean
 * all functions there are, so with the last entry the whole goes.
 */
void stp_fentry_forget(bool (*gone)(unsigned long ip, void *data), void *data)
{
	unsigned long *ips;
	uint32_t i, n = 0, kept = 0;

	if (!entries)
		return;
	ips = kvmalloc_array(nentries, sizeof(*ips), GFP_KERNEL);
	for (i = 0; i < nentries; i++) {
		bool first = !i || entries[i].ip != entries[i - 1].ip;

		if (entries[i].gone || entries[i].refused)
			continue;
		entries[i].gone = gone(entries[i].ip, data);
		if (!entries[i].gone)
			kept++;
		else if (ips && first)
			ips[n++] = entries[i].ip;
	}
	if (!kept || !ips)
		stp_fentry_disarm();
	else if (n)
		ftrace_set_filter_ips(&ops, ips, n, 1, 0);
	kvfree(ips);
}

void stp_fentry_disarm(void)
{
	if (!entries)
		return;
	/* Waits until nobody is in hit_entries() or in the trampoline to it. */
	if (registered)
		unregister_ftrace_function(&ops);
	release();
}

#endif
