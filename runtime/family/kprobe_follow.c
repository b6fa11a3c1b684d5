// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rows while the session runs: those of modules that come and go, and those whose condition changes.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core/core.h"
#include "core/state.h"
#include "family/fentry.h"
#include "family/kprobe.h"

static DEFINE_MUTEX(rows_mutex);

/* ---- modules ---- */

static bool is_in(const struct stp_kprobe *p, const struct module *m)
{
	return p->row->module && !p->row->absolute && !strcmp(p->row->module, m->name);
}

static int rearm_row(struct stp_kprobe *p, char *why, size_t size)
{
	int err;

	kfree(p->symbol);
	*p = (struct stp_kprobe){ .row = p->row };
	err = stp_kprobe_locate(p, why, size);
	if (err)
		return err;
	err = stp_kprobe_register(p, true);
	if (err)
		stp_kprobe_explain(p, err, why, size);
	return err;
}

/* Its code has not run yet. */
void stp_kprobe_module_coming(struct module *m)
{
	uint32_t i, failed = 0;
	char reason[160];

	mutex_lock(&rows_mutex);
	for (i = stp_kprobes ? stp_unit.nkprobe : 0; i-- > 0; ) {	/* as arming does */
		if (!is_in(&stp_kprobes[i], m) || stp_kprobes[i].armed || stp_kprobes[i].entry)
			continue;
		if (rearm_row(&stp_kprobes[i], reason, sizeof(reason)))
			stp_kprobe_warn(stp_kprobes[i].row, reason, ++failed);
	}
	mutex_unlock(&rows_mutex);
	stp_conditions_look();
}

static bool is_going(unsigned long ip, void *m)
{
	return within_module(ip, m);
}

void stp_kprobe_module_going(struct module *m)
{
	uint32_t i;

	if (!stp_kprobes)
		return;
	mutex_lock(&rows_mutex);
	stp_fentry_forget(is_going, m);
	for (i = 0; i < stp_unit.nkprobe; i++)
		if (is_in(&stp_kprobes[i], m))
			stp_kprobe_count_missed(&stp_kprobes[i]);
	stp_kprobe_unregister(true, false, m->name);
	stp_kprobe_unregister(false, false, m->name);
	for (i = 0; i < stp_unit.nkprobe; i++)
		if (is_in(&stp_kprobes[i], m)) {
			stp_kprobes[i].entry = false;
			stp_kprobes[i].waits = true;
		}
	mutex_unlock(&rows_mutex);
}

/* ---- conditions ---- */

static void follow_row(struct stp_kprobe *p)
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
		stp_kprobe_warn(p->row, "its condition holds, but it could not be armed again", 1);
	cond_resched();
}

void stp_kprobe_follow(void)
{
	uint32_t i;

	mutex_lock(&rows_mutex);
	if (stp_kprobes)
		stp_fentry_follow();
	for (i = 0; stp_kprobes && i < stp_unit.nkprobe && stp_session_state() == STP_STATE_RUNNING; i++)
		follow_row(&stp_kprobes[i]);
	mutex_unlock(&rows_mutex);
}
