/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings of records.  Inside the transport only. */
#ifndef STP_TRANSPORT_CHANNEL_H
#define STP_TRANSPORT_CHANNEL_H

#include <linux/types.h>
#include <linux/wait.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include "transport.h"

struct stp_channel {
	/* Written by the one handler that prints here. */
	u64 head ____cacheline_aligned;	/* bytes committed since ever; release */
	u64 reserved;			/* head after the record being filled is committed */
	u64 time;			/* of the open run; never goes back */
	u64 lost_since;			/* records without room since the last LOST record */
	u64 lost_records, lost_bytes;
	u64 lost_burst;			/* bytes lost since the ring was last half empty */
	u64 needed;			/* bytes of a ring that would have held all so far */
	bool overwrite;			/* `closed`: the writer moves `tail`, the oldest records go */
	u32 busy;			/* a run has records open */
	u64 gave_up;			/* the last wait for room was in vain with tail - 1 here; 0: it was not */
	u32 index;

	/* Written by the reader, under read_lock; always between two records. */
	u64 tail ____cacheline_aligned;	/* bytes handed out since ever; release */
	struct mutex read_lock;
	bool closed;			/* there is nothing to read: `tail` is the writer's */
	unsigned long opened;		/* bit 0: the trace file has its one opener */

	u32 size;			/* power of 2 */
	u8 *data;			/* `size` bytes, or NULL: the CPU was never online */
	u32 wake_armed;			/* someone polls: wake when a quarter is full */
	struct irq_work wake_work;
	wait_queue_head_t readable, writable;
};

extern u32 stp_ring_size;		/* of the CPUs' rings; power of 2 */
extern u32 stp_nchannels;
extern struct stp_channel **stp_channels;	/* last one: handlers that may sleep */

/* Rings of RING_SIZE bytes for all CPUs online now and later; 0 or -errno. */
int stp_channels_init(u32 ring_size);
void stp_channels_exit(void);
/* From now on, until told otherwise, there is no reader and new records take the place of old ones.
 * Process context; not while a handler that may sleep runs. */
void stp_channels_overwrite(bool on);

/*
 * Room for a record with PAYLOAD bytes in the channel of C's run, which this opens; NULL and
 * counted as lost when there is none.  The header is filled; commit before the next reserve.
 */
struct stp_record *stp_channel_reserve(struct stp_context *c, u32 type, u32 payload);
void stp_channel_commit(struct stp_context *c);
/* Before the commit: the record needs only PAYLOAD bytes of what was reserved. */
void stp_channel_cut(struct stp_context *c, struct stp_record *r, u32 payload);
/* Bytes that TO got, whole records; 0: nothing new; -EFAULT; -EINVAL: the next record is larger. */
ssize_t stp_channel_read(struct stp_channel *ch, char __user *to, size_t size);
static inline bool stp_channel_quarter_full(const struct stp_channel *ch)
{
	return READ_ONCE(ch->head) - READ_ONCE(ch->tail) >= ch->size / 4;
}

/* ---- the same in line, for those who print most ---- */

/* Only STP_REC_ERROR may use the last bytes of a ring. */
#define STP_ERROR_RESERVE 4096u

/* Whatever the short way cannot do. */
struct stp_record *stp_channel_reserve_slowly(struct stp_context *c, struct stp_channel *ch, u32 type, u32 payload,
					      u32 size);
void stp_channel_wake(struct stp_channel *ch);

static inline u32 stp_channel_probe(const struct stp_context *c)
{
	return c->probe ? min_t(u32, c->probe->index, STP_PROBE_NONE) : STP_PROBE_NONE;
}

/*
 * From here until stp_transport_done() no read of this channel ends with a mark.  The barrier is
 * the writer's half: a reader that saw !busy took its clock before we take ours.
 */
static __always_inline struct stp_channel *stp_channel_open_run(struct stp_context *c)
{
	u32 i = c->may_sleep ? stp_nchannels - 1 : raw_smp_processor_id();
	struct stp_channel *ch = stp_channels[i];

	WRITE_ONCE(ch->busy, 1);
	smp_mb();
	/*
	 * The clock must be readable in NMI and under the timekeeper's lock, and comparable between
	 * CPUs; local_clock() is not where the TSC is unstable.  It may step back by nanoseconds
	 * in an NMI that interrupts a clock update (ktime_get_mono_fast_ns() in timekeeping.c).
	 */
	ch->time = max_t(u64, ch->time, ktime_get_mono_fast_ns());
	c->out = ch;
	return ch;
}

/* stp_channel_reserve(). */
static __always_inline struct stp_record *stp_channel_take(struct stp_context *c, u32 type, u32 payload)
{
	struct stp_channel *ch = c->out ?: stp_channel_open_run(c);
	u32 size = ALIGN(sizeof(struct stp_record) + payload, 8);
	u64 head = ch->head;
	u32 offset = head & (ch->size - 1);
	struct stp_record *r;

	/* Room without filler, nothing lost of late, and somebody reads. */
	if (unlikely(!ch->data || (ch->lost_since | ch->lost_burst | ch->overwrite) || size < payload ||
		     ch->size - offset < size || size > STP_RECORD_MAX ||
		     head + size - smp_load_acquire(&ch->tail) > ch->size - STP_ERROR_RESERVE))
		return stp_channel_reserve_slowly(c, ch, type, payload, size);
	r = (struct stp_record *)(ch->data + offset);
	*(u64 *)((u8 *)r + size - 8) = 0;	/* the padding */
	r->size = size;
	r->type = type;
	r->pad = size - sizeof(*r) - payload;
	r->probe = stp_channel_probe(c);
	r->time = ch->time;
	ch->reserved = head + size;
	return r;
}

/* stp_channel_commit(), of the channel of the run. */
static __always_inline void stp_channel_show(struct stp_channel *ch)
{
	smp_store_release(&ch->head, ch->reserved);
	ch->lost_since = 0;			/* a LOST record went before this one */
	if (READ_ONCE(ch->wake_armed) && stp_channel_quarter_full(ch))
		stp_channel_wake(ch);
}

/* print.c: looks at the formats of the unit; 0 or -ENOMEM. */
int stp_print_init(void);
void stp_print_exit(void);

#endif
