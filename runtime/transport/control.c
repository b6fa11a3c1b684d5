// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control file: commands of stapio to the session, messages of the session to stapio.  One
 * opener; when it is gone the session stops, whatever it died of, so the module can always be
 * unloaded.  (The open file holds the module, so nothing here outlives it.)
 *
 * Start and stop run here, in the writer's context: begin and end probes may sleep, see stapio as
 * the current process, and can be ended by killing it.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "core/core.h"
#include "core/report.h"
#include "data/map.h"
#include "channel.h"
#include "control.h"
#include "messages.h"

/* Kinds of messages that wait, as bits of `pending`; sent in this order, OOB lines after READY. */
enum { READY, FAILED, STARTED, EXIT, LOST, PROBES, ARRAYS, STOPPED };

static DEFINE_MUTEX(session_mutex);	/* start, stop, and what follows */
static enum stp_ready_state state;
static bool detached;
static char start_error[256];
static struct stp_msg_stopped totals;
static u32 lost_at;				/* channel to be looked at next for LOST; under read_mutex */
static u32 probe_at, array_at;			/* the same for PROBES and ARRAYS */

static DEFINE_MUTEX(read_mutex);
static unsigned long pending;
static unsigned long opened;		/* bit 0 */
static atomic_t exit_requested;

static void post(int kind)
{
	set_bit(kind, &pending);
	stp_messages_wake();
}

void stp_transport_request_exit(void)
{
	if (atomic_cmpxchg(&exit_requested, 0, 1) == 0)
		post(EXIT);
}

/* ---- messages ---- */

union payload {
	struct stp_msg_ready ready;
	struct stp_msg_stopped stopped;
	struct stp_msg_lost lost;
	struct stp_msg_probe probe;
	struct stp_msg_array array;
	char text[STP_OOB_MAX + 8];
};

static u32 fill_ready(struct stp_msg_ready *r)
{
	r->wire_version = STP_WIRE_VERSION;
	r->nchannels = stp_nchannels;
	r->ring_size = stp_ring_size;
	r->state = READ_ONCE(state);
	r->flags = stp_unit.bulk ? STP_READY_BULK : 0;
	strscpy(r->release, stp_unit.kernel_release ?: "", sizeof(r->release));
	strscpy(r->build_id, stp_unit.kernel_build_id ?: "", sizeof(r->build_id));
	return sizeof(*r);
}

/* The next channel that lost something; 0 after the last one. */
static u32 fill_lost(struct stp_msg_lost *l)
{
	while (lost_at < stp_nchannels) {
		const struct stp_channel *ch = stp_channels[lost_at++];

		if (!ch->lost_records)
			continue;
		l->channel = ch->index;
		l->records = ch->lost_records;
		l->bytes = ch->lost_bytes;
		l->needed = ch->needed;
		return sizeof(*l);
	}
	clear_bit(LOST, &pending);
	return 0;
}

/* Appends S, cut to N bytes with its NUL; where the next text goes. */
static char *add_text(char *to, const char *s, size_t n)
{
	strscpy(to, s ?: "", n);
	return to + strlen(to) + 1;
}

/* The next probe that was hit or skipped; 0 after the last one. */
static u32 fill_probe(struct stp_msg_probe *m)
{
	const struct stp_probe *p;
	struct stp_tally t;
	bool off;

	while (stp_report_tally(probe_at, &t, &off)) {
		p = stp_unit.probes[probe_at];
		m->index = probe_at++;
		m->flags = (stp_unit.timing ? STP_REPORT_TIMING : 0) | (off ? STP_REPORT_OFF : 0) |
			   (stp_unit.keep_going ? STP_REPORT_KEPT_GOING : 0);
		m->hits = t.hits;
		m->errors = t.errors;
		m->cycles = t.cycles;
		m->least = t.least;
		m->most = t.most;
		m->skipped_lock = t.skipped[STP_COUNT_SKIPPED_LOCK];
		m->skipped_reentry = t.skipped[STP_COUNT_SKIPPED_REENTRY];
		m->skipped_stack = t.skipped[STP_COUNT_SKIPPED_STACK];
		m->skipped_missed_return = t.skipped[STP_COUNT_SKIPPED_MISSED];
		m->skipped_off = t.off;
		m->cut = t.cut;
		m->lost = t.lost;
		if (!(m->hits | m->skipped_lock | m->skipped_reentry | m->skipped_stack | m->skipped_missed_return))
			continue;
		add_text(add_text(add_text(m->texts, p->pp, 200), p->place, 100), p->pn, 100);
		return sizeof(*m);
	}
	clear_bit(PROBES, &pending);
	return 0;
}

static u32 fill_array(struct stp_msg_array *m)
{
	while (stp_unit.keep_going && array_at < stp_unit.nglobals) {
		const struct stp_global *g = stp_unit.globals[array_at++];

		if (!g->map || !g->nkeys)
			continue;
		m->refused = g->map->refused;
		m->contended = g->contended;
		m->elements = g->map->max;
		strscpy(m->name, g->name, sizeof(m->name));
		return sizeof(*m);
	}
	clear_bit(ARRAYS, &pending);
	return 0;
}

/* The next message; false when there is none.  P is zero. */
static bool next_message(struct stp_msg *m, union payload *p)
{
	u32 len = 0;

	if (test_and_clear_bit(READY, &pending)) {
		m->type = STP_MSG_READY;
		len = fill_ready(&p->ready);
	} else if ((len = stp_messages_take(p->text))) {
		m->type = STP_MSG_OOB;
	} else if (test_and_clear_bit(FAILED, &pending)) {
		m->type = STP_MSG_START_FAILED;
		len = strscpy(p->text, start_error, sizeof(start_error));
	} else if (test_and_clear_bit(STARTED, &pending)) {
		m->type = STP_MSG_STARTED;
	} else if (test_and_clear_bit(EXIT, &pending)) {
		m->type = STP_MSG_EXIT;
	} else if (test_bit(LOST, &pending) && (len = fill_lost(&p->lost))) {
		m->type = STP_MSG_LOST;
	} else if (test_bit(PROBES, &pending) && (len = fill_probe(&p->probe))) {
		m->type = STP_MSG_PROBE;
	} else if (test_bit(ARRAYS, &pending) && (len = fill_array(&p->array))) {
		m->type = STP_MSG_ARRAY;
	} else if (test_and_clear_bit(STOPPED, &pending)) {
		m->type = STP_MSG_STOPPED;
		p->stopped = totals;
		len = sizeof(p->stopped);
	} else {
		return false;
	}
	m->size = sizeof(*m) + ALIGN(len, 8);
	return true;
}

static ssize_t control_read(struct file *f, char __user *to, size_t size, loff_t *pos)
{
	struct {
		struct stp_msg m;
		union payload p;
	} out;
	size_t done = 0;
	ssize_t rc = 0;

	if (size < sizeof(out))
		return -EINVAL;
	mutex_lock(&read_mutex);
	while (size - done >= sizeof(out)) {
		memset(&out, 0, sizeof(out));
		if (!next_message(&out.m, &out.p))
			break;
		if (copy_to_user(to + done, &out, out.m.size)) {
			rc = -EFAULT;
			break;
		}
		done += out.m.size;
		if (out.m.type == STP_MSG_READY)
			break;
	}
	mutex_unlock(&read_mutex);
	return done ? done : rc ? rc : -EAGAIN;
}

static __poll_t control_poll(struct file *f, poll_table *wait)
{
	poll_wait(f, &stp_control_wait, wait);
	return READ_ONCE(pending) || stp_messages_waiting() ? EPOLLIN | EPOLLRDNORM : 0;
}

/* ---- commands ---- */

static void add_lost(struct stp_msg_stopped *t)
{
	u32 i;

	for (i = 0; i < stp_nchannels; i++) {
		t->lost_records += stp_channels[i]->lost_records;
		t->lost_bytes += stp_channels[i]->lost_bytes;
	}
	t->lost_messages = stp_messages_dropped();
}

static void post_results(void)
{
	set_bit(LOST, &pending);
	set_bit(PROBES, &pending);
	set_bit(ARRAYS, &pending);
}

/* Under session_mutex. */
static void stop_session(void)
{
	if (state == STP_READY_STOPPED)
		return;
	stp_session_stop();
	memset(&totals, 0, sizeof(totals));
	stp_session_counters(&totals);
	totals.lost_records = totals.lost_bytes = 0;
	add_lost(&totals);
	WRITE_ONCE(state, STP_READY_STOPPED);
	post_results();
	post(STOPPED);
}

/* Under session_mutex. */
static int attach_session(void)
{
	if (state != STP_READY_RUNNING)
		return -EINVAL;
	if (detached)
		stp_channels_overwrite(false);
	detached = false;
	return 0;
}

/* Under session_mutex. */
static int detach_session(void)
{
	if (state != STP_READY_RUNNING)
		return -EINVAL;
	if (!detached)
		stp_channels_overwrite(true);
	detached = true;
	return 0;
}

static void take_start(struct stp_cmd_start *cmd)
{
	cmd->remote_uri[sizeof(cmd->remote_uri) - 1] = 0;
	stp_session.remote_id = cmd->remote_id;
	stp_session.namespaces_pid = cmd->namespaces_pid;
	strscpy(stp_session.remote_uri, cmd->remote_uri, sizeof(stp_session.remote_uri));
}

/* Under session_mutex. */
static int start_session(struct stp_cmd_start *cmd)
{
	int rc;

	if (cmd->flags & ~(STP_START_DETACHED | STP_START_ATTACHED | STP_START_JSON))
		return -EINVAL;
	WRITE_ONCE(stp_session.json, cmd->flags & STP_START_JSON);
	if (cmd->flags & STP_START_ATTACHED)
		return attach_session();
	if (state != STP_READY_LOADED)
		return -EBUSY;
	start_error[0] = 0;
	take_start(cmd);
	if (cmd->flags & STP_START_DETACHED)
		stp_channels_overwrite(true);
	rc = stp_session_start(cmd->target_pid, cmd->stapio_pid, start_error, sizeof(start_error));
	if (rc) {
		stp_channels_overwrite(false);
		post(FAILED);
		return rc;
	}
	detached = cmd->flags & STP_START_DETACHED;
	WRITE_ONCE(state, STP_READY_RUNNING);
	post(STARTED);
	return 0;
}

static int add_reloc(struct stp_cmd_reloc *r)
{
	r->module[sizeof(r->module) - 1] = 0;
	r->section[sizeof(r->section) - 1] = 0;
	return stp_session_reloc(r);
}

static int set_variable(struct stp_cmd_set *set)
{
	set->name[sizeof(set->name) - 1] = 0;
	set->value[sizeof(set->value) - 1] = 0;
	return stp_session_set(set->name, set->value);
}

union command {
	struct stp_cmd_start start;
	struct stp_cmd_reloc reloc;
	struct stp_cmd_set set;
};

static int run_command(u32 type, union command *cmd)
{
	int rc = 0;

	mutex_lock(&session_mutex);
	switch (type) {
	case STP_CMD_START:
		rc = start_session(&cmd->start);
		break;
	case STP_CMD_STOP:
		stop_session();
		break;
	case STP_CMD_RELOC:
		rc = add_reloc(&cmd->reloc);
		break;
	case STP_CMD_SET:
		rc = set_variable(&cmd->set);
		break;
	case STP_CMD_DETACH:
		rc = detach_session();
		break;
	}
	mutex_unlock(&session_mutex);
	return rc;
}

static ssize_t control_write(struct file *f, const char __user *from, size_t size, loff_t *pos)
{
	static const u32 payload[] = {
		[STP_CMD_START] = sizeof(struct stp_cmd_start),
		[STP_CMD_STOP] = 0,
		[STP_CMD_RELOC] = sizeof(struct stp_cmd_reloc),
		[STP_CMD_SET] = sizeof(struct stp_cmd_set),
		[STP_CMD_DETACH] = 0,
	};
	struct stp_cmd head;
	union command *cmd;
	int rc;

	if (size < sizeof(head))
		return -EINVAL;
	if (copy_from_user(&head, from, sizeof(head)))
		return -EFAULT;
	if (head.type < STP_CMD_START || head.type >= ARRAY_SIZE(payload) || head.size != size ||
	    size != sizeof(head) + payload[head.type])
		return -EINVAL;
	cmd = memdup_user(from + sizeof(head), payload[head.type]);
	if (IS_ERR(cmd))
		return PTR_ERR(cmd);
	rc = run_command(head.type, cmd);
	kfree(cmd);
	return rc ? rc : size;
}

/* ---- opener ---- */

static int control_open(struct inode *inode, struct file *f)
{
	if (test_and_set_bit(0, &opened))
		return -EBUSY;
	mutex_lock(&session_mutex);
	WRITE_ONCE(pending, BIT(READY));
	smp_mb();	/* a request to exit that this overwrites is seen below */
	if (state == STP_READY_RUNNING)
		set_bit(STARTED, &pending);
	if (atomic_read(&exit_requested))
		set_bit(EXIT, &pending);
	lost_at = probe_at = array_at = 0;
	if (state == STP_READY_STOPPED) {
		post_results();
		set_bit(STOPPED, &pending);
	}
	mutex_unlock(&session_mutex);
	return stream_open(inode, f);	/* no lock on the position: reads go on during a long write */
}

static int control_release(struct inode *inode, struct file *f)
{
	clear_bit(0, &opened);
	mutex_lock(&session_mutex);
	if (!detached && state == STP_READY_RUNNING)
		stop_session();
	mutex_unlock(&session_mutex);
	return 0;
}

const struct file_operations stp_control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.release = control_release,
	.read = control_read,
	.write = control_write,
	.poll = control_poll,
};

void stp_control_init(void)
{
	stp_messages_init();
}

void stp_control_exit(void)
{
	mutex_lock(&session_mutex);
	if (state == STP_READY_RUNNING)
		stop_session();
	mutex_unlock(&session_mutex);
	stp_messages_exit();
}
