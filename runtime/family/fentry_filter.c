// SPDX-License-Identifier: GPL-2.0-or-later
/* What ftrace takes: where its call is in a function, and which of the addresses it knows. */
#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "core/core.h"
#include "family/fentry_set.h"

#ifdef STP_HAVE_FENTRY

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

/* The call itself, or the five-byte NOP in its place. */
bool stp_fentry_is_call(unsigned long addr)
{
	static const u8 nop[5] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	u8 code[5];

	return stp_try_copy(code, stp_fentry_ip(addr), sizeof(code), false) &&
	       (code[0] == 0xe8 || !memcmp(code, nop, sizeof(nop)));
}
#else
unsigned long stp_fentry_ip(unsigned long addr) { return 0; }
bool stp_fentry_is_call(unsigned long addr) { return false; }
#endif

/* With so many addresses that ftrace does not know there is no point in looking for them one by one. */
enum { MAX_CALLS = 4096 };

struct filter {
	struct stp_fentry_set *set;
	unsigned long *ips;
	uint32_t *first;		/* index of the first entry of each */
	uint32_t n, calls;
};

static void refuse_entry(const struct filter *f, uint32_t i)
{
	uint32_t k = f->first[i];

	do
		stp_fentries[k++].refused = true;
	while (k < stp_nfentries && !stp_fentry_is_first(k));
}

/* Those from FROM to END.  One wrong address makes ftrace refuse all of a call, so then it is both halves. */
static int add_filter(struct filter *f, uint32_t from, uint32_t end)
{
	uint32_t middle = from + (end - from) / 2;
	int err = -EINVAL;

	if (++f->calls <= MAX_CALLS && !fatal_signal_pending(current))
		err = ftrace_set_filter_ips(&f->set->ops, f->ips + from, end - from, 0, 0);
	cond_resched();
	if (!err)
		f->set->n += end - from;
	if (err != -EINVAL)
		return err;
	if (end - from > 1 && f->calls <= MAX_CALLS && !fatal_signal_pending(current))
		return add_filter(f, from, middle) ?: add_filter(f, middle, end);
	for (; from < end; from++)
		refuse_entry(f, from);
	return 0;
}

int stp_fentry_fill(struct stp_fentry_set *set)
{
	struct filter f = { .set = set };
	uint32_t i;
	int err = -ENOMEM;

	set->n = 0;
	f.ips = kvmalloc_array(stp_nfentries, sizeof(*f.ips), GFP_KERNEL);
	f.first = kvmalloc_array(stp_nfentries, sizeof(*f.first), GFP_KERNEL);
	for (i = 0; f.ips && f.first && i < stp_nfentries; i++)
		if (stp_fentry_is_first(i) && stp_fentries[i].all_regs == set->all_regs) {
			f.first[f.n] = i;
			f.ips[f.n++] = stp_fentries[i].ip;
		}
	if (f.ips && f.first)
		err = f.n ? add_filter(&f, 0, f.n) : 0;
	kvfree(f.ips);
	kvfree(f.first);
	return err;
}

#endif
