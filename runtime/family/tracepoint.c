// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel tracepoints: the function that the translator made for each row is registered with the
 * tracepoint of its name.  Those of modules come and go with them; a row whose module is loaded
 * later is armed then.
 *
 * The unit's function runs with the arguments and calls stp_tracepoint_hit().
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include "core/core.h"
#include "transport/transport.h"

struct registered {
	struct tracepoint *tp;	/* NULL: not armed */
	struct module *module;	/* that the tracepoint lives in, NULL = kernel */
	bool off;		/* not registered: its condition does not hold */
};

static struct registered *armed;	/* as many as rows */
static DEFINE_MUTEX(armed_mutex);	/* while the session runs: modules that come and go, conditions */

static int arm_row(uint32_t i, struct tracepoint *tp, struct module *module)
{
	const struct stp_row_tracepoint *row = &stp_unit.tracepoint[i];
	int err = tracepoint_probe_register(tp, row->func, (void *)row->probe);

	if (!err) {
		armed[i] = (struct registered){ .tp = tp, .module = module };
	}
	return err;
}

static void disarm_row(uint32_t i)
{
	const struct stp_row_tracepoint *row = &stp_unit.tracepoint[i];

	if (armed[i].tp && !armed[i].off)
		tracepoint_probe_unregister(armed[i].tp, row->func, (void *)row->probe);
	armed[i].tp = NULL;
}

static void disarm_all(void)
{
	uint32_t i;

	for (i = 0; i < stp_unit.ntracepoint; i++)
		disarm_row(i);
	tracepoint_synchronize_unregister();
	kvfree(armed);
	armed = NULL;
}

/* ---- tracepoints of the kernel ---- */

struct search {
	int err;
	uint32_t row;		/* that failed */
};

static void see_tracepoint(struct tracepoint *tp, void *priv)
{
	struct search *s = priv;
	uint32_t i;

	for (i = 0; i < stp_unit.ntracepoint && !s->err; i++) {
		if (stp_unit.tracepoint[i].module || strcmp(stp_unit.tracepoint[i].name, tp->name) != 0)
			continue;
		s->err = arm_row(i, tp, NULL);
		s->row = i;
	}
}

/* ---- tracepoints of modules ---- */

#ifdef CONFIG_MODULES
static void module_coming(struct module *m)
{
	unsigned int t;
	uint32_t i;

	for (t = 0; t < m->num_tracepoints; t++) {
		struct tracepoint *tp = tracepoint_ptr_deref(&m->tracepoints_ptrs[t]);

		for (i = 0; i < stp_unit.ntracepoint; i++) {
			const struct stp_row_tracepoint *row = &stp_unit.tracepoint[i];
			char line[160];

			if (armed[i].tp || strcmp(row->name, tp->name) != 0 ||
			    (row->module && strcmp(row->module, m->name) != 0))
				continue;
			if (!arm_row(i, tp, m))
				continue;
			snprintf(line, sizeof(line), "WARNING: probe %s could not be armed in module %s",
				 row->probe->pp, m->name);
			stp_transport_oob(line);
		}
	}
}

static void module_going(struct module *m)
{
	uint32_t i;

	for (i = 0; i < stp_unit.ntracepoint; i++)
		if (armed[i].tp && armed[i].module == m)
			disarm_row(i);
}

static int module_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct tp_module *m = data;

	mutex_lock(&armed_mutex);
	if (event == MODULE_STATE_COMING)
		module_coming(m->mod);
	else if (event == MODULE_STATE_GOING)
		module_going(m->mod);
	mutex_unlock(&armed_mutex);
	if (event == MODULE_STATE_COMING)
		stp_conditions_look();
	return NOTIFY_OK;
}

static struct notifier_block module_notifier = { .notifier_call = module_event };

/* Calls module_event() for the modules that are there already. */
static int watch_modules(void) { return register_tracepoint_module_notifier(&module_notifier); }
static void unwatch_modules(void) { unregister_tracepoint_module_notifier(&module_notifier); }
#else
static int watch_modules(void) { return 0; }
static void unwatch_modules(void) { }
#endif

/* Rows that nobody has: 0 when all of them wait for a module. */
static int check_rest(char *why, size_t size)
{
	uint32_t i, waiting = 0;
	const char *module = NULL;
	bool others = false;
	char line[160];

	for (i = 0; i < stp_unit.ntracepoint; i++) {
		const struct stp_row_tracepoint *row = &stp_unit.tracepoint[i];

		if (armed[i].tp)
			continue;
		if (row->module && stp_module_loaded(row->module) != STP_MODULE_LOADED) {
			module = module ?: row->module;
			others |= strcmp(module, row->module) != 0;
			waiting++;
			continue;
		}
		snprintf(why, size, "probe %s: no tracepoint \"%s\" in the kernel or a loaded module",
			 row->probe->pp, row->name);
		return -ENOENT;
	}
	if (waiting) {
		snprintf(line, sizeof(line), "WARNING: %u tracepoint%s will be armed when %s %s loaded", waiting,
			 waiting > 1 ? "s" : "", module, others ? "and other modules are" : "is");
		stp_transport_oob(line);
	}
	return 0;
}

static int tracepoint_arm(char *why, size_t size)
{
	struct search s = { .err = 0 };

	if (!stp_unit.ntracepoint)
		return 0;
	armed = kvcalloc(stp_unit.ntracepoint, sizeof(*armed), GFP_KERNEL);
	if (!armed) {
		snprintf(why, size, "no memory for %u tracepoints", stp_unit.ntracepoint);
		return -ENOMEM;
	}
	for_each_kernel_tracepoint(see_tracepoint, &s);
	if (s.err) {
		snprintf(why, size, "probe %s registration error (rc %d)",
			 stp_unit.tracepoint[s.row].probe->pp, s.err);
		disarm_all();
		return s.err;
	}
	s.err = watch_modules();
	if (s.err) {
		snprintf(why, size, "tracepoints of modules cannot be watched (rc %d)", s.err);
		disarm_all();
		return s.err;
	}
	s.err = check_rest(why, size);
	if (s.err) {
		unwatch_modules();
		disarm_all();
	}
	return s.err;
}

static void follow_tracepoint(uint32_t i)
{
	const struct stp_row_tracepoint *row = &stp_unit.tracepoint[i];
	bool off = stp_probe_is_off(row->probe);
	char line[200];
	int err;

	if (!armed[i].tp || armed[i].off == off)
		return;
	if (off)
		err = tracepoint_probe_unregister(armed[i].tp, row->func, (void *)row->probe);
	else
		err = tracepoint_probe_register(armed[i].tp, row->func, (void *)row->probe);
	if (!err) {
		armed[i].off = off;
	} else if (!off) {
		snprintf(line, sizeof(line), "WARNING: probe %s could not be armed again (rc %d)", row->probe->pp, err);
		stp_transport_oob(line);
	}
}

static void tracepoint_follow(void)
{
	uint32_t i;

	mutex_lock(&armed_mutex);
	for (i = 0; armed && i < stp_unit.ntracepoint; i++)
		follow_tracepoint(i);
	mutex_unlock(&armed_mutex);
}

static void tracepoint_disarm(void)
{
	if (!armed)
		return;
	unwatch_modules();
	disarm_all();
}

const struct stp_family stp_family_tracepoint = {
	.name = "tracepoint",
	.arm = tracepoint_arm,
	.follow = tracepoint_follow,
	.disarm = tracepoint_disarm,
};
