// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The environment of the current process, as the program's own memory has it: strings NAME=VALUE one
 * after the other, which the process may have overwritten, so nothing is believed about them.
 * Called in any context; no page is waited for.
 */
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "core/core.h"
#include "core/hit.h"

enum { MOST_BYTES = 65536, PIECE = 64 };

/* A window of memory that moves along. */
struct reader {
	u64 at, end;			/* of what has not been looked at */
	u32 have, pos;
	char piece[PIECE];
};

/* The next byte, or -1. */
static int next(struct reader *r)
{
	if (r->pos == r->have) {
		/* Not over the end of a page: the next one may not be there. */
		u64 n = min3((u64)PIECE, r->end - r->at, PAGE_SIZE - (r->at & (PAGE_SIZE - 1)));

		if (!n || !stp_try_copy(r->piece, r->at, n, true))
			return -1;
		r->at += n;
		r->have = n;
		r->pos = 0;
	}
	return (unsigned char)r->piece[r->pos++];
}

/* The value up to its NUL. */
static void take_bytes(struct reader *r, char *to, u32 size)
{
	u32 n = 0;
	int ch;

	while (n + 1 < size && (ch = next(r)) > 0)
		to[n++] = ch;
	to[n] = 0;
}

void stp_env_var(const char *name, char *to, uint32_t size)
{
	struct mm_struct *mm = current->flags & PF_KTHREAD || stp_memory_is_foreign() ? NULL : current->mm;
	struct reader r = { .have = 0 };
	const char *p = name;
	bool same = true;
	int ch;

	stp_strcpy(to, "", size);
	if (!mm || !*name)
		return;
	r.at = READ_ONCE(mm->env_start);
	r.end = READ_ONCE(mm->env_end);
	if (r.end < r.at)
		return;
	r.end = min(r.end, r.at + MOST_BYTES);
	while ((ch = next(&r)) >= 0) {
		if (same && ch == '=' && !*p) {
			take_bytes(&r, to, size);
			return;
		}
		same = same && ch == *p && ch;
		p += same;
		if (!ch) {
			p = name;
			same = true;
		}
	}
}
