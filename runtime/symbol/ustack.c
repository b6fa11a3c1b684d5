// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The user stack of the current task, by its frame pointers: the address it was at in user mode,
 * then the return addresses that the chain of saved frame pointers leads to.  Code built without
 * frame pointers shows its own address and whatever of the chain it left intact; nothing here can
 * tell the difference.  Memory that is not there ends the walk.
 */
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include "core/core.h"
#include "data/format.h"

enum { MOST_FRAMES = 64 };

/* Registers of user mode: the probe's own when it was hit there, else those at the entry into the kernel. */
static const struct pt_regs *user_mode_regs(struct stp_context *c)
{
	const struct pt_regs *regs = (const struct pt_regs *)c->regs;

	if (stp_is_hidden(current))
		return NULL;
	if (regs && user_mode((struct pt_regs *)regs))
		return regs;
	if (current->flags & PF_KTHREAD)
		return NULL;
	regs = task_pt_regs(current);
	return user_mode((struct pt_regs *)regs) ? regs : NULL;
}

int64_t stp_uaddr(struct stp_context *c)
{
	const struct pt_regs *regs = user_mode_regs(c);

	return regs ? (int64_t)regs->ip : 0;
}

/* Up to MOST addresses from IP on; each frame holds its caller's frame pointer and return address. */
static uint32_t walk_frames(uint64_t ip, uint64_t fp, uint64_t *frames, uint32_t most)
{
	uint64_t word[2], last = 0;
	uint32_t n = 0;

	if (!ip || !most)
		return 0;
	frames[n++] = ip;
	while (n < most && fp > last && !(fp & 7) && stp_try_copy(word, fp, sizeof(word), true) && word[1]) {
		frames[n++] = word[1];
		last = fp;
		fp = word[0];
	}
	return n;
}

static uint32_t user_frames(struct stp_context *c, uint64_t *frames)
{
	const struct pt_regs *regs = user_mode_regs(c);
	uint32_t most = min_t(uint32_t, stp_unit.maxbacktrace, MOST_FRAMES);
	uint64_t caller;

	if (!regs)
		return 0;
	/* The frame pointer is the caller's still. */
	if (c->at_entry && most > 1 && stp_try_copy(&caller, regs->sp, sizeof(caller), true)) {
		frames[0] = regs->ip;
		return 1 + walk_frames(caller, regs->bp, frames + 1, most - 1);
	}
	return walk_frames(regs->ip, regs->bp, frames, most);
}

/* As many whole words as TO has room for. */
static void put_frames(char *to, uint32_t size, const uint64_t *frames, uint32_t n)
{
	char word[24];
	uint32_t i, used = 0, len;

	stp_strcpy(to, "", size);
	for (i = 0; i < n; i++) {
		len = (uint32_t)scnprintf(word, sizeof(word), "%s0x%llx", i ? " " : "",
					  (unsigned long long)frames[i]);
		if (used + len + 1 > size)
			break;
		stp_strcpy(to + used, word, size - used);
		used += len;
	}
}

void stp_ubacktrace(struct stp_context *c, char *to, uint32_t size)
{
	uint64_t frames[MOST_FRAMES];

	put_frames(to, size, frames, user_frames(c, frames));
}

void stp_ubacktrace_from(uint64_t ip, uint64_t fp, char *to, uint32_t size)
{
	uint64_t frames[MOST_FRAMES];

	put_frames(to, size, frames, walk_frames(ip, fp, frames, min_t(uint32_t, stp_unit.maxbacktrace, MOST_FRAMES)));
}

void stp_ucallers(struct stp_context *c, char *to, uint32_t size, int64_t n)
{
	uint64_t frames[MOST_FRAMES];
	uint32_t have = user_frames(c, frames);

	have = have ? have - 1 : 0;
	put_frames(to, size, frames + 1, n < 0 || n > have ? have : (uint32_t)n);
}

uint64_t stp_ustack_at(struct stp_context *c, int64_t n)
{
	uint64_t frames[MOST_FRAMES];

	return n >= 0 && n < user_frames(c, frames) ? frames[n] : 0;
}
