// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Aggregates and arrays that hits do nothing with but add to, and that begin, end and error probes alone read: keys are
 * shared by all CPUs, each CPU has values of its own, so a hit takes no lock and shares no cache line that is written.
 *
 * While hits run elements are made and never go, which is why they are looked up without the lock; it is taken
 * to make one.  A CPU's values come in chunks of about a page, which a work item makes when they are first asked
 * for; until then it adds to the element's own value, with the lock.  Before a handler that may read all parts
 * are put together.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "core/core.h"
#include "core/hit.h"
#include "data/map.h"

enum { CHUNK_BYTES = 4096 };

static void make_chunks(struct work_struct *work);
static DECLARE_WORK(chunk_work, make_chunks);

static void kicked_for_chunks(struct irq_work *work)
{
	schedule_work(&chunk_work);
}

static DEFINE_IRQ_WORK(chunk_kick, kicked_for_chunks);

/* ---- layout ---- */

/* Values of a chunk, a power of two. */
static uint32_t values_of_chunk(const struct stp_map *m)
{
	return m->value_size >= CHUNK_BYTES ? 1 : rounddown_pow_of_two(CHUNK_BYTES / m->value_size);
}

static uint32_t chunks_of(const struct stp_map *m)
{
	return DIV_ROUND_UP(m->max, values_of_chunk(m));
}

static void *new_chunk(const struct stp_map *m, int cpu)
{
	return kvzalloc_node((size_t)min(m->max, values_of_chunk(m)) * m->value_size, GFP_KERNEL, cpu_to_node(cpu));
}

/* NULL: there is no memory for it yet. */
static nokprobe_inline void *part_value(const struct stp_part *p, const struct stp_map *m, uint32_t i)
{
	uint32_t n = values_of_chunk(m);
	char *chunk = smp_load_acquire(&p->chunks[i / n]);

	return chunk ? chunk + (size_t)(i & (n - 1)) * m->value_size : NULL;
}

/* The parts that there are.  Process context. */
static void each_part(void (*visit)(struct stp_part *p, struct stp_map *m, int cpu))
{
	uint32_t i;
	int cpu;

	for (i = 0; i < stp_unit.nglobals; i++) {
		const struct stp_global *g = stp_unit.globals[i];

		if (!g->part)
			continue;
		for_each_possible_cpu(cpu) {
			struct stp_part *parts = per_cpu_ptr(stp_cpus, cpu)->c.parts;

			if (parts)
				visit(&parts[g->part - 1], g->map, cpu);
		}
	}
}

/* ---- hits ---- */

/* Elements are used in order of their numbers, so the next chunk is soon asked for, too. */
static nokprobe_inline void want_chunk(struct stp_part *p, const struct stp_map *m, uint32_t chunk)
{
	uint32_t wanted = min(chunk + 2, chunks_of(m));

	if (READ_ONCE(p->wanted) >= wanted)
		return;
	WRITE_ONCE(p->wanted, wanted);
	irq_work_queue(&chunk_kick);	/* we may be under a run queue lock */
}

static nokprobe_inline void add_to_value(const struct stp_map *m, void *value, int64_t v)
{
	if (m->global->type == STP_STATS)
		stp_stat_sample(m, value, v);
	else
		*(uint64_t *)value += (uint64_t)v;
}

/* The lock is not held while waiting for anything, so it may be taken behind others. */
static nokprobe_inline bool lock_global(struct stp_context *c, const struct stp_lock_need *need)
{
	if (stp_try_lock(need) || stp_lock_one_slowly(c, need))
		return true;
	stp_skip(c, STP_COUNT_SKIPPED_LOCK);
	return false;
}

__kprobes void stp_part_add(struct stp_context *c, struct stp_global *g, const union stp_val *key, int64_t v)
{
	const struct stp_lock_need need = { g, true };
	struct stp_part *p = &c->parts[g->part - 1];
	struct stp_map *m = g->map;
	struct stp_element *e = stp_map_find(m, key);
	void *value;
	uint32_t i;

	if (!e) {
		if (!lock_global(c, &need))
			return;
		e = stp_map_need(c, m, key);
		stp_unlock(&need);
		if (!e)
			return;
	}
	i = stp_map_index(m, e);
	want_chunk(p, m, i / values_of_chunk(m));
	value = part_value(p, m, i);
	if (value) {
		p->element = e;
		p->value = value;
		add_to_value(m, value, v);
	} else if (lock_global(c, &need)) {
		add_to_value(m, stp_element_value(m, e), v);
		stp_unlock(&need);
	}
}

/* ---- putting together ---- */

static void take_value(const struct stp_map *m, struct stp_element *e, void *value)
{
	if (m->global->type == STP_STATS) {
		stp_stat_take(m, stp_element_value(m, e), value);
	} else {
		*(uint64_t *)stp_element_value(m, e) += *(uint64_t *)value;
		*(uint64_t *)value = 0;
	}
}

static void take_part(struct stp_part *p, struct stp_map *m, int cpu)
{
	uint32_t i;

	for (i = 0; i < m->max; i++) {
		void *value = part_value(p, m, i);

		if (!value)
			i |= values_of_chunk(m) - 1;
		else if (stp_map_element(m, i)->seq)
			take_value(m, stp_map_element(m, i), value);
	}
}

/* No handler runs but the one that is about to. */
void stp_parts_gather(void)
{
	each_part(take_part);
}

/* ---- memory ---- */

static void make_chunks_of(struct stp_part *p, struct stp_map *m, int cpu)
{
	uint32_t i, n = READ_ONCE(p->wanted);

	for (i = 0; i < n; i++)
		if (!p->chunks[i])
			smp_store_release(&p->chunks[i], new_chunk(m, cpu));
}

static void make_chunks(struct work_struct *work)
{
	each_part(make_chunks_of);
}

/* So that `element` and `value` belong together from the start. */
static int init_part(struct stp_part *p, const struct stp_map *m, int cpu)
{
	p->chunks = kvcalloc(chunks_of(m), sizeof(*p->chunks), GFP_KERNEL);
	if (!p->chunks)
		return -ENOMEM;
	p->wanted = 1;
	p->chunks[0] = new_chunk(m, cpu);
	p->element = stp_map_element(m, 0);
	p->value = p->chunks[0];
	return p->value ? 0 : -ENOMEM;
}

static int init_cpu(struct stp_context *c, int cpu)
{
	uint32_t i;
	int err = 0;

	c->parts = kvcalloc(stp_unit.nparts, sizeof(*c->parts), GFP_KERNEL);
	if (!c->parts)
		return -ENOMEM;
	for (i = 0; i < stp_unit.nglobals && !err; i++) {
		const struct stp_global *g = stp_unit.globals[i];

		if (g->part)
			err = init_part(&c->parts[g->part - 1], g->map, cpu);
	}
	return err;
}

int stp_parts_init(void)
{
	int cpu, err = 0;

	if (!stp_unit.nparts)
		return 0;
	for_each_possible_cpu(cpu)
		if (!err)
			err = init_cpu(&per_cpu_ptr(stp_cpus, cpu)->c, cpu);
	if (err)
		stp_parts_exit();
	return err;
}

static void exit_part(struct stp_part *p, struct stp_map *m, int cpu)
{
	uint32_t i;

	for (i = 0; p->chunks && i < chunks_of(m); i++)
		kvfree(p->chunks[i]);
	kvfree(p->chunks);
}

void stp_parts_exit(void)
{
	int cpu;

	if (!stp_unit.nparts)
		return;
	irq_work_sync(&chunk_kick);
	cancel_work_sync(&chunk_work);
	each_part(exit_part);
	for_each_possible_cpu(cpu) {
		struct stp_context *c = &per_cpu_ptr(stp_cpus, cpu)->c;

		kvfree(c->parts);
		c->parts = NULL;
	}
}
