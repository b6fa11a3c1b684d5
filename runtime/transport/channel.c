// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rings of records between handlers and stapio: each has one writer at a time and one reader, and
 * two counters that only grow.  The writer may be in any context, NMI included; it never waits
 * (but for handlers that may sleep), and what finds no room is counted and told in the stream.
 *
 * Not relay files: relay_file_read() shows bytes that are reserved and not yet written, and takes
 * sub-buffer switches of other CPUs apart without barriers (kernel/relay.c, 6.1 and 6.12).  Here
 * the reader sees nothing before the release store of `head`, sees a record as soon as it is
 * committed, and nothing has to be flushed at the end.
 */
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "core/report.h"
#include "channel.h"

/* Handlers that may sleep wait for the reader, they need no large ring. */
#define SLEEPING_RING (1u << 20)
/* A handler that may sleep gives up when the reader took nothing for so long. */
#define WAIT_LIMIT (60 * HZ)

u32 stp_ring_size;
u32 stp_nchannels;
struct stp_channel **stp_channels;
static int hotplug_state;

/* ---- writing ---- */

/* Where the ring stands after a record of SIZE bytes that starts at POS, filler included. */
static u64 position_after(const struct stp_channel *ch, u64 pos, u32 size)
{
	u32 left = ch->size - (pos & (ch->size - 1));

	return pos + (left < size ? left : 0) + size;
}

/* Lays a record out at *POS, after filler if it would cross the end of the ring. */
static struct stp_record *place(struct stp_channel *ch, u64 *pos, u32 size, u32 type, u32 probe)
{
	u32 offset = *pos & (ch->size - 1);
	u32 left = ch->size - offset;
	struct stp_record *r = (struct stp_record *)(ch->data + offset);

	*pos = position_after(ch, *pos, size);
	if (left < size) {
		r->size = left;		/* may be 8: no more than size and type are there */
		r->type = STP_REC_PAD;
		r->pad = 0;
		r->probe = 0;
		r = (struct stp_record *)ch->data;
	}
	*(u64 *)((u8 *)r + size - 8) = 0;	/* the padding; the ring's memory was not cleared */
	r->size = size;
	r->type = type;
	r->pad = 0;
	r->probe = probe;
	r->time = ch->time;
	return r;
}

/* Nobody reads: the oldest records give way.  Always successful, a ring holds several of the largest. */
static bool make_room(struct stp_channel *ch, u64 end, u32 usable)
{
	u64 tail = ch->tail;

	while (end - tail > usable)
		tail += ((const struct stp_record *)(ch->data + (tail & (ch->size - 1))))->size;
	WRITE_ONCE(ch->tail, tail);
	return true;
}

/*
 * Where nobody reads, a quarter is kept free: who comes back needs some time to begin, and what is written
 * meanwhile must not leave a hole behind what was kept.
 */
static bool has_room(struct stp_channel *ch, u64 end, u32 type)
{
	u32 usable = type == STP_REC_ERROR ? ch->size : ch->size - STP_ERROR_RESERVE;

	if (READ_ONCE(ch->overwrite))
		return make_room(ch, end, usable - ch->size / 4);
	return end - smp_load_acquire(&ch->tail) <= usable;
}

/*
 * False when the reader is gone, this task is being killed or exits (it may be the reader: the
 * control file is closed before the others), or nothing moves for WAIT_LIMIT; then there is no
 * further wait until something does.
 */
static bool wait_for_room(struct stp_channel *ch, u64 end, u32 type)
{
	u64 seen;
	long left;

	if (current->flags & PF_EXITING || ch->gave_up == READ_ONCE(ch->tail) + 1)
		return false;
	do {
		seen = READ_ONCE(ch->tail);
		left = wait_event_killable_timeout(ch->writable,
						   has_room(ch, end, type) || !test_bit(0, &ch->opened) ||
						   READ_ONCE(ch->tail) != seen, WAIT_LIMIT);
		if (has_room(ch, end, type))
			return true;
	} while (left > 0 && test_bit(0, &ch->opened));
	ch->gave_up = seen + 1;
	return false;
}

void stp_transport_done(struct stp_context *c)
{
	struct stp_channel *ch = c->out;

	c->out = NULL;
	smp_store_release(&ch->busy, 0);
}

static void count_lost(struct stp_channel *ch, u32 size)
{
	u64 needed;

	if (stp_reports)
		stp_report_lost();
	ch->lost_since++;
	ch->lost_records++;
	ch->lost_bytes += size;
	ch->lost_burst += size;
	needed = ch->head - READ_ONCE(ch->tail) + ch->lost_burst + STP_ERROR_RESERVE;
	if (needed > ch->needed)
		ch->needed = needed;
}

struct stp_record *stp_channel_reserve_slowly(struct stp_context *c, struct stp_channel *ch, u32 type, u32 payload,
					      u32 size)
{
	u64 pos = ch->head, end = pos;
	struct stp_record *r;

	if (payload > STP_RECORD_MAX - sizeof(struct stp_record)) {
		stp_error(c, "%u bytes are too much to be printed at once, the most is %u", payload,
			  STP_RECORD_MAX - (u32)sizeof(struct stp_record));
		return NULL;
	}
	if (ch->lost_since)
		end = position_after(ch, end, sizeof(struct stp_record) + 8);
	end = position_after(ch, end, size);
	if (!ch->data || (!has_room(ch, end, type) && !(c->may_sleep && wait_for_room(ch, end, type)))) {
		count_lost(ch, size);
		return NULL;
	}
	if (ch->lost_burst && end - READ_ONCE(ch->tail) < ch->size / 2)
		ch->lost_burst = 0;	/* the reader has caught up */
	if (ch->lost_since) {
		r = place(ch, &pos, sizeof(*r) + 8, STP_REC_LOST, STP_PROBE_NONE);
		*(u64 *)(r + 1) = ch->lost_since;
	}
	r = place(ch, &pos, size, type, stp_channel_probe(c));
	r->pad = size - sizeof(*r) - payload;
	ch->reserved = pos;
	return r;
}

struct stp_record *stp_channel_reserve(struct stp_context *c, u32 type, u32 payload)
{
	return stp_channel_take(c, type, payload);
}

void stp_channel_cut(struct stp_context *c, struct stp_record *r, u32 payload)
{
	struct stp_channel *ch = c->out;
	u32 size = ALIGN(sizeof(*r) + payload, 8);

	ch->reserved -= r->size - size;
	r->size = size;
	r->pad = size - sizeof(*r) - payload;
	memset((u8 *)(r + 1) + payload, 0, r->pad);
}

void stp_channel_wake(struct stp_channel *ch)
{
	WRITE_ONCE(ch->wake_armed, 0);
	irq_work_queue(&ch->wake_work);		/* we may be under a run queue lock */
}

void stp_channel_commit(struct stp_context *c)
{
	stp_channel_show(c->out);
}

static void wake_reader(struct irq_work *work)
{
	wake_up_interruptible(&container_of(work, struct stp_channel, wake_work)->readable);
}

/* ---- reading ---- */

/* Bytes of whole records from POS to HEAD, of SIZE at most, that lie one after the other. */
static size_t records_at(const struct stp_channel *ch, u64 pos, u64 head, size_t size)
{
	size_t n = 0;

	while (pos + n != head) {
		const struct stp_record *r = (const void *)(ch->data + ((pos + n) & (ch->size - 1)));

		if (r->type == STP_REC_PAD || n + r->size > size)
			break;
		n += r->size;
		if (!((pos + n) & (ch->size - 1)))
			break;
	}
	return n;
}

static ssize_t copy_out(struct stp_channel *ch, u64 head, char __user *to, size_t size)
{
	size_t done = 0;

	while (ch->tail != head) {
		const struct stp_record *r = (const void *)(ch->data + (ch->tail & (ch->size - 1)));
		size_t n = records_at(ch, ch->tail, head, size - done);

		if (!n && r->type != STP_REC_PAD)
			return done ? done : -EINVAL;
		if (n && copy_to_user(to + done, r, n))
			return -EFAULT;
		done += n;
		smp_store_release(&ch->tail, ch->tail + (n ? n : r->size));
	}
	return done;
}

/*
 * The mark promises that what is written later has a time of NOW or more.  True when the channel
 * is seen not busy after the clock was read (stp_channel_open_run()), and everything that was committed
 * before has been copied: `head` is read after `busy`.
 */
ssize_t stp_channel_read(struct stp_channel *ch, char __user *to, size_t size)
{
	struct stp_record mark = { .size = sizeof(mark), .type = STP_REC_MARK };
	ssize_t done = 0;
	u32 busy, tries = 0;
	u64 head;

	mutex_lock(&ch->read_lock);
	if (ch->closed) {
		mutex_unlock(&ch->read_lock);
		return 0;
	}
	do {
		mark.time = ktime_get_mono_fast_ns();
		smp_mb();
		busy = smp_load_acquire(&ch->busy);
		if (busy)
			cpu_relax();
	} while (busy && ch->index != stp_nchannels - 1 && ++tries < 200);
	head = smp_load_acquire(&ch->head);
	if (ch->tail != head)
		done = copy_out(ch, head, to, size);
	if (done >= 0 && ch->tail == head && !busy && size - done >= sizeof(mark)) {
		if (copy_to_user(to + done, &mark, sizeof(mark)))
			done = done ? done : -EFAULT;
		else
			done += sizeof(mark);
	}
	mutex_unlock(&ch->read_lock);
	wake_up(&ch->writable);
	return done;
}

static void close_to_readers(bool closed)
{
	u32 i;

	for (i = 0; i < stp_nchannels; i++) {
		mutex_lock(&stp_channels[i]->read_lock);
		stp_channels[i]->closed = closed;
		mutex_unlock(&stp_channels[i]->read_lock);
	}
}

void stp_channels_overwrite(bool on)
{
	u32 i;

	if (on)
		close_to_readers(true);
	for (i = 0; i < stp_nchannels; i++)
		WRITE_ONCE(stp_channels[i]->overwrite, on);
	if (on)
		return;
	/* Handlers that saw the old value run with interrupts off: after this none moves `tail`. */
	synchronize_rcu();
	close_to_readers(false);
}

/* ---- life ---- */

static int give_memory(struct stp_channel *ch, int node)
{
	u8 *data;

	if (ch->data)
		return 0;
	data = vmalloc_node(ch->size, node);	/* not cleared: nothing is read that was not written */
	if (!data)
		return -ENOMEM;
	smp_store_release(&ch->data, data);
	return 0;
}

static int prepare_cpu(unsigned int cpu)
{
	return give_memory(stp_channels[cpu], cpu_to_node(cpu));
}

static struct stp_channel *channel_create(u32 index)
{
	struct stp_channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

	if (!ch)
		return NULL;
	ch->index = index;
	ch->size = index == stp_nchannels - 1 ? min(stp_ring_size, SLEEPING_RING) : stp_ring_size;
	mutex_init(&ch->read_lock);
	init_waitqueue_head(&ch->readable);
	init_waitqueue_head(&ch->writable);
	init_irq_work(&ch->wake_work, wake_reader);
	return ch;
}

/* Where no hotplug state is left (the kernel has about 20), every possible CPU gets its ring. */
static int give_memory_to_cpus(void)
{
	int cpu, rc = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "stp:rings", prepare_cpu, NULL);

	if (rc > 0) {
		hotplug_state = rc;
		return 0;
	}
	if (rc != -ENOSPC)
		return rc;
	for_each_possible_cpu(cpu) {
		rc = prepare_cpu(cpu);
		if (rc)
			return rc;
	}
	return 0;
}

int stp_channels_init(u32 ring_size)
{
	u32 i;
	int rc;

	stp_ring_size = ring_size;
	stp_nchannels = nr_cpu_ids + 1;
	if ((u64)ring_size * (num_online_cpus() + 1) / PAGE_SIZE > si_mem_available() / 2)
		return -ENOMEM;
	stp_channels = kcalloc(stp_nchannels, sizeof(*stp_channels), GFP_KERNEL);
	if (!stp_channels)
		return -ENOMEM;
	for (i = 0; i < stp_nchannels; i++) {
		stp_channels[i] = channel_create(i);
		if (!stp_channels[i])
			goto nomem;
	}
	rc = give_memory(stp_channels[stp_nchannels - 1], NUMA_NO_NODE);
	if (!rc)
		rc = give_memory_to_cpus();
	if (!rc)
		return 0;
	stp_channels_exit();
	return rc;
nomem:
	stp_channels_exit();
	return -ENOMEM;
}

void stp_channels_exit(void)
{
	u32 i;

	if (hotplug_state)
		cpuhp_remove_state_nocalls(hotplug_state);
	hotplug_state = 0;
	for (i = 0; stp_channels && i < stp_nchannels; i++) {
		struct stp_channel *ch = stp_channels[i];

		if (!ch)
			continue;
		irq_work_sync(&ch->wake_work);
		vfree(ch->data);
		kfree(ch);
	}
	kfree(stp_channels);
	stp_channels = NULL;
}
