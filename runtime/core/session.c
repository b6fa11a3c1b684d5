// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One session per loaded module: start arms all families or none and runs the begin probes, stop
 * disarms them, waits until no handler runs and runs the end or error probes.  Process context;
 * the transport calls it for the control file.
 *
 * Arming comes before the begin probes, with hits dropped until they are through: what a begin
 * probe prints is then true (all is armed), and a start that fails has printed nothing.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include "core/core.h"
#include "core/state.h"
#include "transport/transport.h"

extern const struct stp_family stp_family_been, stp_family_timer, stp_family_kprobe, stp_family_tracepoint,
	stp_family_procfs, stp_family_netfilter, stp_family_perf, stp_family_hwbkpt,
	stp_family_uprobe, stp_family_process;

const struct stp_family *const stp_families[] = {
	&stp_family_been,
	&stp_family_tracepoint,
	&stp_family_procfs,
	&stp_family_netfilter,
	&stp_family_perf,
	&stp_family_hwbkpt,
	&stp_family_kprobe,
	&stp_family_uprobe,
	&stp_family_process,
	&stp_family_timer,
	NULL
};

struct stp_session stp_session = { .remote_id = -1 };
atomic_t stp_state = ATOMIC_INIT(STP_STATE_IDLE);
static DEFINE_MUTEX(session_mutex);

__kprobes enum stp_state stp_session_state(void)
{
	return atomic_read(&stp_state);
}

/* The first n families, last first; then no handler runs anywhere. */
static void disarm(unsigned int n)
{
	stp_modules_stop();
	while (n-- > 0)
		stp_families[n]->disarm();
	synchronize_rcu();
	stp_contexts_drain();
}

static unsigned int nfamilies(void)
{
	return ARRAY_SIZE(stp_families) - 1;
}

static int arm(char *why, size_t size)
{
	int err = stp_modules_start(why, size);
	unsigned int i;

	if (err)
		return err;
	for (i = 0; i < nfamilies(); i++) {
		err = stp_families[i]->arm(why, size);
		if (err) {
			disarm(i);
			return err;
		}
	}
	stp_modules_watch();
	return 0;
}

static int start_locked(char *why, size_t size)
{
	unsigned int i;
	int err;

	if (atomic_cmpxchg(&stp_state, STP_STATE_IDLE, STP_STATE_STARTING) != STP_STATE_IDLE) {
		snprintf(why, size, "the script was started before: unload the module and load it again");
		return -EBUSY;
	}
	snprintf(why, size, "cannot start the script");
	err = arm(why, size);
	if (err) {
		atomic_set(&stp_state, STP_STATE_IDLE);
		return err;
	}
	/* The caller is a file operation of this module, so there is a reference already. */
	__module_get(THIS_MODULE);
	stp_been_run(STP_BEGIN, STP_STATE_STARTING);
	/* Unless a begin probe called exit() or failed. */
	if (atomic_cmpxchg(&stp_state, STP_STATE_STARTING, STP_STATE_RUNNING) != STP_STATE_STARTING)
		return 0;
	for (i = 0; i < nfamilies(); i++)
		if (stp_families[i]->go)
			stp_families[i]->go();
	stp_conditions_start();
	return 0;
}

int stp_session_start(int64_t target_pid, int64_t stapio_pid, char *why, size_t size)
{
	int err;

	mutex_lock(&session_mutex);
	if (stp_session_state() == STP_STATE_IDLE) {
		stp_session.target_pid = target_pid;
		stp_session.stapio_pid = stapio_pid;
		stp_session.user = current_uid();
	}
	err = start_locked(why, size);
	mutex_unlock(&session_mutex);
	return err;
}

/* From RUNNING or EXITING; an ERROR stays one. */
static void state_stopping(void)
{
	int old = atomic_read(&stp_state);

	while (old != STP_STATE_ERROR && !atomic_try_cmpxchg(&stp_state, &old, STP_STATE_STOPPING))
		;
}

static void stop_locked(void)
{
	enum stp_state state = stp_session_state();

	if (state == STP_STATE_IDLE || state == STP_STATE_STOPPED)
		return;
	state_stopping();
	stp_conditions_stop();
	disarm(nfamilies());
	/* An error in an end probe makes the rest of them error probes. */
	stp_been_run(STP_END, STP_STATE_STOPPING);
	stp_been_run(STP_ERROR, STP_STATE_ERROR);
	atomic_set(&stp_state, STP_STATE_STOPPED);
	module_put(THIS_MODULE);
}

void stp_session_stop(void)
{
	mutex_lock(&session_mutex);
	stop_locked();
	mutex_unlock(&session_mutex);
}

void stp_session_counters(struct stp_msg_stopped *ret)
{
	ret->errors = stp_counted(STP_COUNT_ERRORS);
	ret->skipped_lock = stp_counted(STP_COUNT_SKIPPED_LOCK);
	ret->skipped_reentry = stp_counted(STP_COUNT_SKIPPED_REENTRY);
	ret->skipped_stack = stp_counted(STP_COUNT_SKIPPED_STACK);
	ret->skipped_missed_return = stp_counted(STP_COUNT_SKIPPED_MISSED);
	ret->skipped = ret->skipped_lock + ret->skipped_reentry + ret->skipped_stack +
		       ret->skipped_missed_return;
	ret->exit_code = ret->errors && !stp_unit.suppress_handler_errors;
}

int stp_session_reloc(const struct stp_cmd_reloc *r)
{
	int err = -EBUSY;

	mutex_lock(&session_mutex);
	/* Handlers read the table without a lock, so it does not change any more after a start. */
	if (stp_session_state() == STP_STATE_IDLE)
		err = stp_reloc_add(r);
	mutex_unlock(&session_mutex);
	return err;
}

static int set_global(struct stp_global *g, const char *value)
{
	long long n;

	if (g->nkeys || g->type == STP_STATS)
		return -EISDIR;
	if (g->type == STP_STRING) {
		if (strlen(value) >= stp_unit.maxstringlen)
			return -E2BIG;
		strcpy(g->text, value);
		return 0;
	}
	if (kstrtoll(value, 0, &n) && kstrtoull(value, 0, (unsigned long long *)&n))
		return -EINVAL;
	g->number = n;
	return 0;
}

int stp_session_set(const char *name, const char *value)
{
	int err = -ENOENT;
	uint32_t i;

	mutex_lock(&session_mutex);
	if (stp_session_state() != STP_STATE_IDLE)
		err = -EBUSY;
	for (i = 0; i < stp_unit.nglobals && err == -ENOENT; i++)
		if (!strcmp(stp_unit.globals[i]->name, name))
			err = set_global(stp_unit.globals[i], value);
	mutex_unlock(&session_mutex);
	return err;
}

const char *stp_session_module(uint32_t n)
{
	return n < stp_unit.nmodules ? stp_unit.modules[n].name : NULL;
}
