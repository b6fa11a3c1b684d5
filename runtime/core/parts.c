// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Globals that hits do nothing with but add to.  Of numbers each CPU has its own.  Of aggregates and arrays keys are
 * shared by all CPUs and each CPU has values of its own.  So a hit takes no lock and shares no cache line that is
 * written.
 *
 * While hits add, elements are made and never go, which is why they are looked up without the lock; it is taken
 * to make one, and waits for nobody.  A CPU's values come in chunks of about a page, which a work item makes when they
 * are first asked for; until then it adds to the element's own value, with the lock.  Handlers that do anything else
 * stop those that add (core/gate.h), then the parts are put together: they find, and may change or delete, what a
 * single number or array would have.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
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
static struct stp_element no_element;	/* in use it never is */

/* ---- layout ---- */

static uint32_t shift_of(const struct stp_map *m)
{
	return m->value_size >= CHUNK_BYTES ? 0 : ilog2(CHUNK_BYTES / m->value_size);
}

/* Cache lines that are the CPU's alone, one at least. */
static void *own_memory(size_t size, int cpu)
{
	return kvzalloc_node(ALIGN(size ?: 1, SMP_CACHE_BYTES), GFP_KERNEL, cpu_to_node(cpu));
}

static void *new_chunk(const struct stp_map *m, int cpu)
{
	return own_memory((size_t)min(m->max, 1u << shift_of(m)) * m->value_size, cpu);
}

/* NULL: there is no memory for it yet. */
static nokprobe_inline void *part_value(const struct stp_part *p, const struct stp_map *m, uint32_t i)
{
	char *chunk = smp_load_acquire(&p->chunks[i >> p->shift]);

	return likely(chunk) ? chunk + (size_t)(i & ((1u << p->shift) - 1)) * m->value_size : NULL;
}

/* The ones behind were never added to. */
static nokprobe_inline uint32_t elements_wanted(const struct stp_part *p, const struct stp_map *m)
{
	return min_t(uint64_t, m->max, (uint64_t)READ_ONCE(p->wanted) << p->shift);
}

static __kprobes void each_part_of(const struct stp_global *g,
				   void (*visit)(struct stp_part *p, struct stp_map *m, int cpu))
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct stp_part *parts = per_cpu_ptr(stp_cpus, cpu)->c.parts;

		if (parts)
			visit(&parts[g->part - 1], g->map, cpu);
	}
}

/* The parts that there are.  Process context. */
static void each_part(void (*visit)(struct stp_part *p, struct stp_map *m, int cpu))
{
	uint32_t i;

	for (i = 0; i < stp_unit.nglobals; i++)
		if (stp_unit.globals[i]->part)
			each_part_of(stp_unit.globals[i], visit);
}

/* ---- hits ---- */

static nokprobe_inline void set_wanted(struct stp_part *p, const struct stp_map *m, uint32_t wanted)
{
	WRITE_ONCE(p->wanted, min(wanted, p->nchunks));
	p->enough = p->wanted == p->nchunks ? m->max : (p->wanted - 1) << p->shift;
}

/* Elements are used in order of their numbers, so the next chunk is soon asked for, too. */
static nokprobe_inline void want_chunk(struct stp_part *p, const struct stp_map *m, uint32_t chunk)
{
	if (p->wanted >= min(chunk + 2, p->nchunks))
		return;
	set_wanted(p, m, chunk + 2);
	irq_work_queue(&chunk_kick);	/* we may be under a run queue lock */
}

static nokprobe_inline void add_to_value(const struct stp_map *m, void *value, int64_t v)
{
	if (m->global->type == STP_STATS)
		stp_stat_sample(m, value, v);
	else
		*(uint64_t *)value += (uint64_t)v;
}

/* The lock is not held while waiting for anything, so it may be taken behind others, and with gates passed. */
static nokprobe_inline bool lock_global(struct stp_context *c, const struct stp_lock_need *need)
{
	if (stp_try_lock(c, need) || stp_lock_one_slowly(c, need))
		return true;
	stp_skip(c, STP_COUNT_SKIPPED_LOCK);
	return false;
}

/* From here on what is added to is element I.  False: there is no memory for it yet. */
static nokprobe_inline bool take_up(struct stp_part *p, const struct stp_map *m, uint32_t i)
{
	void *value = part_value(p, m, i);

	if (unlikely(!value))
		return false;
	p->touched[i / 64] |= 1ull << i % 64;
	p->element = stp_map_element(m, i);
	p->value = value;
	return true;
}

/* One that is new, or in a chunk that may not be there. */
static __kprobes noinline bool find_slowly(struct stp_context *c, struct stp_global *g, const union stp_val *key,
					   int64_t v, uint32_t i)
{
	const struct stp_lock_need need = { g, STP_WRITE };
	struct stp_part *p = &c->parts[g->part - 1];
	struct stp_map *m = g->map;

	if (i == STP_MAP_NONE) {
		struct stp_element *e;

		if (!lock_global(c, &need))
			return false;
		e = stp_map_need(c, m, key);
		stp_unlock(c, &need);
		if (!e)
			return false;
		i = stp_map_index(m, e);
	}
	want_chunk(p, m, i >> p->shift);
	if (take_up(p, m, i))
		return true;
	if (lock_global(c, &need)) {
		add_to_value(m, stp_element_value(m, stp_map_element(m, i)), v);
		stp_unlock(c, &need);
	}
	return false;
}

__kprobes bool stp_part_find(struct stp_context *c, struct stp_global *g, const union stp_val *key, int64_t v)
{
	struct stp_part *p = &c->parts[g->part - 1];
	uint32_t i = stp_map_look(g->map, key);

	if (likely(i < p->enough && take_up(p, g->map, i)))
		return true;
	return find_slowly(c, g, key, v, i);
}

/* ---- putting together ---- */

static nokprobe_inline void take_value(const struct stp_map *m, struct stp_element *e, void *value)
{
	if (m->global->type == STP_STATS) {
		stp_stat_take(m, stp_element_value(m, e), value);
	} else {
		*(uint64_t *)stp_element_value(m, e) += *(uint64_t *)value;
		*(uint64_t *)value = 0;
	}
}

static nokprobe_inline void take_touched(struct stp_part *p, struct stp_map *m, uint32_t word)
{
	uint64_t bits = p->touched[word];

	if (!bits)
		return;
	p->touched[word] = 0;
	for (; bits; bits &= bits - 1) {
		uint32_t i = 64 * word + __builtin_ctzll(bits);

		take_value(m, stp_map_element(m, i), part_value(p, m, i));
	}
}

/* What is added next is looked up anew, and so touched. */
static __kprobes void take_part(struct stp_part *p, struct stp_map *m, int cpu)
{
	uint32_t i, n = elements_wanted(p, m);

	if (!m->nkeys) {
		take_value(m, stp_map_element(m, 0), p->value);
		return;
	}
	for (i = 0; i < DIV_ROUND_UP(n, 64); i++)
		take_touched(p, m, i);
	p->element = &no_element;
}

static __kprobes void take_counters(struct stp_global *g)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		int64_t *part = &per_cpu_ptr(stp_cpus, cpu)->c.counters[g->counter - 1];

		g->number = (int64_t)((uint64_t)g->number + (uint64_t)*part);
		*part = 0;
	}
}

__kprobes void stp_parts_gather(uint32_t gates)
{
	uint32_t i;

	for (i = 0; i < stp_unit.nglobals; i++) {
		struct stp_global *g = stp_unit.globals[i];

		if (!(g->gates & gates))
			continue;
		if (g->counter)
			take_counters(g);
		else
			each_part_of(g, take_part);
	}
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

static int init_part(struct stp_part *p, const struct stp_map *m, int cpu)
{
	p->shift = shift_of(m);
	p->nchunks = DIV_ROUND_UP(m->max, 1u << p->shift);
	p->chunks = own_memory((size_t)p->nchunks * sizeof(*p->chunks), cpu);
	p->touched = own_memory(DIV_ROUND_UP(m->max, 64) * sizeof(*p->touched), cpu);
	if (!p->chunks || !p->touched)
		return -ENOMEM;
	set_wanted(p, m, 1);
	p->chunks[0] = new_chunk(m, cpu);
	p->element = &no_element;
	p->value = p->chunks[0];
	return p->value ? 0 : -ENOMEM;
}

static int init_cpu(struct stp_context *c, int cpu)
{
	uint32_t i;
	int err = 0;

	c->parts = own_memory(stp_unit.nparts * sizeof(*c->parts), cpu);
	c->counters = own_memory(stp_unit.ncounters * sizeof(*c->counters), cpu);
	if (!c->parts || !c->counters)
		return -ENOMEM;
	for (i = 0; i < stp_unit.nglobals && !err; i++) {
		const struct stp_global *g = stp_unit.globals[i];

		if (g->part)
			err = init_part(&c->parts[g->part - 1], g->map, cpu);
	}
	return err;
}

static bool has_any(void)
{
	return stp_unit.nparts || stp_unit.ncounters;
}

int stp_parts_init(void)
{
	int cpu, err = 0;

	if (!has_any())
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

	for (i = 0; p->chunks && i < p->nchunks; i++)
		kvfree(p->chunks[i]);
	kvfree(p->chunks);
	kvfree(p->touched);
}

void stp_parts_exit(void)
{
	int cpu;

	if (!has_any())
		return;
	irq_work_sync(&chunk_kick);
	cancel_work_sync(&chunk_work);
	each_part(exit_part);
	for_each_possible_cpu(cpu) {
		struct stp_context *c = &per_cpu_ptr(stp_cpus, cpu)->c;

		kvfree(c->parts);
		kvfree(c->counters);
		c->parts = NULL;
		c->counters = NULL;
	}
}
