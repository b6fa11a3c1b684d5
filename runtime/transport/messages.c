// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines for stderr from any context, waiting for the reader of the control file.  Slots are claimed
 * by compare-and-exchange, so an NMI may post in the middle of anybody's post; a ticket gives the
 * order.  When all slots are taken a line is dropped and counted.
 */
#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "messages.h"

enum { SLOT_FREE, SLOT_WRITING, SLOT_READY };

struct slot {
	atomic_t state;
	u32 len;
	u64 ticket;
	char text[STP_OOB_MAX];
};

static struct slot slots[64];
static atomic64_t tickets, dropped;
DECLARE_WAIT_QUEUE_HEAD(stp_control_wait);

static void wake_control(struct irq_work *work)
{
	wake_up_interruptible(&stp_control_wait);
}
static struct irq_work wake_work;

void stp_messages_wake(void)
{
	irq_work_queue(&wake_work);
}

void stp_transport_oob(const char *text)
{
	u32 i, len = strnlen(text, STP_OOB_MAX - 1);

	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		struct slot *s = &slots[i];

		if (atomic_cmpxchg(&s->state, SLOT_FREE, SLOT_WRITING) != SLOT_FREE)
			continue;
		s->ticket = atomic64_inc_return(&tickets);
		memcpy(s->text, text, len);
		s->text[len] = '\n';
		s->len = len + 1;
		atomic_set_release(&s->state, SLOT_READY);
		stp_messages_wake();
		return;
	}
	atomic64_inc(&dropped);
}

static struct slot *oldest(void)
{
	struct slot *ret = NULL;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(slots); i++)
		if (atomic_read_acquire(&slots[i].state) == SLOT_READY &&
		    (!ret || slots[i].ticket < ret->ticket))
			ret = &slots[i];
	return ret;
}

bool stp_messages_waiting(void)
{
	return oldest() != NULL;
}

u32 stp_messages_take(char *to)
{
	struct slot *s = oldest();
	u32 len;

	if (!s)
		return 0;
	len = s->len;
	memcpy(to, s->text, len);
	atomic_set_release(&s->state, SLOT_FREE);
	return len;
}

u64 stp_messages_dropped(void)
{
	return atomic64_read(&dropped);
}

void stp_messages_init(void)
{
	init_irq_work(&wake_work, wake_control);
}

void stp_messages_exit(void)
{
	irq_work_sync(&wake_work);
}
