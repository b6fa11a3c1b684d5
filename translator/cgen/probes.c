// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lock tables and probes.  One struct stp_probe per site; the sites of a handler share its locks.
 */
#include <string.h>

#include "cgen/emit.h"
#include "family/family.h"

/* ---- locks ---- */

/* Globals that some handler writes: the others need no lock. */
static bool *ever_written(struct cgen *g)
{
	size_t n = g->p->src->globals.n + 1;
	bool *read = arena_array(g->a, bool, n), *written = arena_array(g->a, bool, n);

	vec_each(&g->handlers, i) {
		ir_globals_used(g->p, g->handlers.v[i]->body, read, written);
		if (g->handlers.v[i]->entry)
			ir_globals_used(g->p, g->handlers.v[i]->entry, read, written);
	}
	return written;
}

static void lock_row(struct cgen *g, const struct ir_handler *h, unsigned *n, const char *row)
{
	if (!(*n)++)
		cgen_line(g, "static const struct stp_lock_need locks_%u[] = {", h->src->index);
	cgen_line(g, "\t{ %s },", row);
}

/* One row for all that is kept in parts.  Who adds needs none of those that are read when nothing is added. */
static void gates_row(struct cgen *g, const struct ir_handler *h, unsigned *n, const bool *read, const bool *written)
{
	const struct program *p = g->p->src;
	const struct global *first = NULL;
	unsigned gates = 0;

	vec_each(&p->globals, i) {
		unsigned gate = read[i] || written[i] ? g->gates[i] : 0;

		if (h->body->adds)
			gate &= ~(1u << CGEN_GATE_ALONE);
		if (gate && !first)
			first = p->globals.v[i];
		gates |= gate;
	}
	if (gates)
		lock_row(g, h, n, arena_printf(g->a, "&%s, %s, 0x%xu", first->cname,
					       h->body->adds ? "STP_ADD" : "STP_STOP", gates));
}

static unsigned lock_table(struct cgen *g, const struct ir_handler *h, const bool *ever)
{
	const struct program *p = g->p->src;
	bool *read = arena_array(g->a, bool, p->globals.n + 1);
	bool *written = arena_array(g->a, bool, p->globals.n + 1);
	unsigned n = 0;

	ir_globals_used(g->p, h->body, read, written);
	if (h->entry)
		ir_globals_used(g->p, h->entry, read, written);
	gates_row(g, h, &n, read, written);
	vec_each(&p->globals, i)
		if (!g->gates[i] && (written[i] || (read[i] && ever[i])))
			lock_row(g, h, &n, arena_printf(g->a, "&%s, %s", p->globals.v[i]->cname,
							written[i] ? "STP_WRITE" : "STP_READ"));
	if (n)
		cgen_line(g, "};");
	return n;
}

/* ---- probes ---- */

static void note_global(struct ir *n, bool dst, void *arg)
{
	(void)dst;
	*(bool *)arg |= n->global || (n->op == IR_CALL && (n->fn->body || (n->fn->src && n->fn->src->c_globals.n)));
}

/* Calls of script functions are taken for uses. */
static bool uses_globals(const struct ir_body *b)
{
	bool ret = false;

	ir_walk(&b->list, note_global, &ret);
	return ret;
}

/* What the records of all sites of a handler say. */
struct handler_facts {
	const struct ir_handler *h;
	unsigned nlocks;
	bool entry_locks, plain, counts;
	bool changes;			/* it writes what conditions of probe points read */
	bool all_regs[2];		/* of the handler; of what runs at the entry for a return probe */
};

static bool changes_conditions(struct cgen *g, const struct ir_handler *h)
{
	const struct program *p = g->p->src;
	bool *read = arena_array(g->a, bool, p->globals.n + 1);
	bool *written = arena_array(g->a, bool, p->globals.n + 1);
	bool changes = false;

	if (!g->conditions)
		return false;
	ir_globals_used(g->p, h->body, read, written);
	vec_each(&p->globals, i)
		changes |= written[i] && p->globals.v[i]->conditional;
	return changes;
}

static struct handler_facts facts_of(struct cgen *g, const struct ir_handler *h, const bool *ever)
{
	struct handler_facts f = { .h = h, .nlocks = lock_table(g, h, ever) };

	f.changes = changes_conditions(g, h);
	f.entry_locks = h->entry && f.nlocks && uses_globals(h->entry);
	f.plain = !cgen_needs_kernel(h);
	f.counts = cgen_needs_counters(h);
	f.all_regs[0] = cgen_needs_all_regs(h->body);
	f.all_regs[1] = cgen_needs_all_regs(h->entry);
	return f;
}

static void probe_record(struct cgen *g, size_t index, const struct handler_facts *f)
{
	const struct site *s = g->sites.v[index];
	const struct ir_handler *h = f->h;
	struct buf b = { 0 };

	buf_puts(&b, ".pp = ");
	cgen_string(g, &b, s->pp, strlen(s->pp));
	cgen_member(g, &b, "pn", s->aliased ? s->pn : s->pp);
	cgen_member(g, &b, "func", s->func);
	buf_printf(&b, ", .handler = %s%s", h->body->cname, f->changes ? "_changes" : "");
	if (h->src->held)
		buf_puts(&b, ", .conditional = true");
	if (h->entry)
		buf_printf(&b, ", .entry = %s, .nsaved = %u", h->entry->cname, h->nsaved);
	if (f->entry_locks)
		buf_puts(&b, ", .entry_locks = true");
	if (f->nlocks)
		buf_printf(&b, ", .locks = locks_%u, .nlocks = %u", h->src->index, f->nlocks);
	if (s->family->flags & FAMILY_INTERRUPTIBLE)
		buf_puts(&b, ", .interruptible = true");
	if (f->all_regs[s->is_return])
		buf_puts(&b, ", .all_regs = true");
	if (f->counts)
		buf_puts(&b, ", .counts = true");
	if (f->plain)
		buf_puts(&b, ", .plain = true");
	buf_printf(&b, ", .index = %zu", index);
	if (g->s->opt.timing || g->s->opt.keep_going)
		cgen_member(g, &b, "place", place_str(g->a, &s->place));
	cgen_line(g, "\t{ %s },", buf_text(&b));
	buf_deinit(&b);
}

void cgen_probes(struct cgen *g)
{
	/* by handler->index */
	struct handler_facts *facts = arena_array(g->a, struct handler_facts, g->p->src->handlers.n + 1);
	const bool *ever = ever_written(g);

	vec_each(&g->handlers, i)
		g->conditions |= g->handlers.v[i]->src->held != NULL;
	vec_each(&g->handlers, i) {
		const struct ir_handler *h = g->handlers.v[i];

		facts[h->src->index] = facts_of(g, h, ever);
		if (facts[h->src->index].changes)
			cgen_line(g, "static void %s_changes(struct stp_context *c) { %s(c); stp_changed(c); }",
				  h->body->cname, h->body->cname);
	}
	if (!g->sites.n)
		return;
	cgen_line(g, "%s", "");
	cgen_line(g, "static const struct stp_probe probes[%zu] = {", g->sites.n);
	vec_each(&g->sites, i)
		probe_record(g, i, &facts[g->sites.v[i]->handler->index]);
	cgen_line(g, "};");
	cgen_line(g, "static const struct stp_probe *const probe_table[] = {");
	vec_each(&g->sites, i)
		cgen_line(g, "\t&probes[%zu],", i);
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}
