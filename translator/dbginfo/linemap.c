// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All of the kernel's code as a map from addresses to lines and inlined calls, in the form that
 * runtime/data/linemap.h describes: the index has the rows, the ranges of inlined bodies come from their DIEs.
 *
 * Rows of all units are put in order by sequences; a sweep over the nested ranges tells the innermost inlined
 * call at each address; both are merged.
 */
#include <stdlib.h>
#include <string.h>

#include "linemap.h"
#include "dbginfo/private.h"

struct sequence { uint64_t start; const unsigned char *p; uint32_t unit; };
struct range { uint64_t lo, hi; uint32_t die, name, file, line; };
struct change { uint64_t addr; uint32_t node; };	/* the innermost inlined call from ADDR on */

struct map {
	struct dbg_object *o;
	const struct index *ix;
	VEC(struct sequence) sequences;
	VEC(struct range) ranges;
	VEC(struct change) changes;
	VEC(struct stp_line_node) nodes;
	VEC(uint32_t) files;			/* offsets in the index's pool */
	VEC(struct stp_line_block) blocks;
	struct umap file_of, string_of;		/* offset in the pool -> number, offset in `strings` + 1 */
	uint32_t *hash;				/* of nodes */
	size_t nhash;
	struct buf strings, rows;
	struct arena a;
	/* what was written last */
	uint64_t base, addr;
	struct stp_line_place last;
	bool none;
	unsigned in_block;
};

static uint32_t string_at(struct map *m, uint32_t name)
{
	uintptr_t at = (uintptr_t)umap_get(&m->string_of, name + 1ull);

	if (!at) {
		const char *s = ix_str(m->ix, name);

		at = m->strings.n + 1;
		umap_put(&m->string_of, name + 1ull, (void *)at);
		buf_add(&m->strings, s, strlen(s) + 1);
	}
	return at - 1;
}

static uint32_t file_number(struct map *m, uint32_t name)
{
	uintptr_t n = (uintptr_t)umap_get(&m->file_of, name + 1ull);

	if (!n) {
		*vec_add(&m->a, &m->files) = name;
		n = m->files.n;
		umap_put(&m->file_of, name + 1ull, (void *)n);
	}
	return n - 1;
}

/* ---- inlined calls ---- */

static size_t slot_of(const struct map *m, const struct stp_line_node *n)
{
	uint64_t h = (n->parent * 0x9e3779b97f4a7c15ull ^ n->name) * 0x9e3779b97f4a7c15ull;

	h = (h ^ n->file) * 0x9e3779b97f4a7c15ull ^ n->line;
	for (h = h * 0x9e3779b97f4a7c15ull >> 20; ; h++) {
		uint32_t i = m->hash[h & (m->nhash - 1)];

		if (!i || !memcmp(&m->nodes.v[i], n, sizeof(*n)))
			return h & (m->nhash - 1);
	}
}

static uint32_t node_number(struct map *m, const struct stp_line_node *n)
{
	uint32_t *slot = &m->hash[slot_of(m, n)];

	if (!*slot) {
		*slot = m->nodes.n;
		*vec_add(&m->a, &m->nodes) = *n;
	}
	return *slot;
}

static void add_ranges(struct map *m, const struct ix_func *f)
{
	struct range r = { .die = f->die, .name = f->name };
	Dwarf_Addr lo, hi, base;
	const struct ix_unit *u;
	ptrdiff_t next = 0;
	Dwarf_Die die;
	uint64_t file;

	if (!die_at(m->o, f->die, &die))
		return;
	u = index_unit(m->ix, f->die);
	file = die_int(&die, DW_AT_call_file, 0);
	r.file = u && file < u->n ? m->ix->file[u->first + file] : 0;
	r.line = die_int(&die, DW_AT_call_line, 0);
	while ((next = dwarf_ranges(&die, next, &base, &lo, &hi)) > 0) {
		if (lo >= hi)
			continue;
		r.lo = lo;
		r.hi = hi;
		*vec_add(&m->a, &m->ranges) = r;
	}
}

/* Outer ones first. */
static int by_range(const void *x, const void *y)
{
	const struct range *a = x, *b = y;

	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi > b->hi ? -1 : 1;
	return (a->die > b->die) - (a->die < b->die);
}

static void change_to(struct map *m, uint64_t addr, uint32_t node)
{
	size_t n = m->changes.n;

	if (n && m->changes.v[n - 1].addr == addr)
		m->changes.v[n - 1].node = node;
	else
		*vec_add(&m->a, &m->changes) = (struct change){ addr, node };
}

static void sweep(struct map *m)
{
	struct { uint64_t hi; uint32_t node; } open[MAX_DIE_DEPTH];
	size_t depth = 0;

	m->nhash = 1 << 12;
	while (m->nhash < 2 * m->ranges.n + 2)
		m->nhash *= 2;
	m->hash = xmalloc(m->nhash * sizeof(*m->hash));
	memset(m->hash, 0, m->nhash * sizeof(*m->hash));
	if (m->ranges.n)
		qsort(m->ranges.v, m->ranges.n, sizeof(*m->ranges.v), by_range);
	*vec_add(&m->a, &m->nodes) = (struct stp_line_node){ 0 };
	vec_each(&m->ranges, i) {
		const struct range *r = &m->ranges.v[i];
		struct stp_line_node n = { .name = string_at(m, r->name), .file = file_number(m, r->file),
					   .line = r->line };

		for (; depth && open[depth - 1].hi <= r->lo; depth--)
			change_to(m, open[depth - 1].hi, depth > 1 ? open[depth - 2].node : 0);
		if (depth == MAX_DIE_DEPTH)
			continue;
		n.parent = depth ? open[depth - 1].node : 0;
		open[depth].hi = r->hi;
		open[depth].node = node_number(m, &n);
		change_to(m, r->lo, open[depth++].node);
	}
	for (; depth; depth--)
		change_to(m, open[depth - 1].hi, depth > 1 ? open[depth - 2].node : 0);
}

/* ---- rows ---- */

static void list_sequences(struct map *m)
{
	for (size_t i = 0; i < m->ix->nunit; i++) {
		const unsigned char *last = NULL;
		struct row_reader r;

		if (!rows_first(m->ix, &m->ix->unit[i], &r))
			continue;
		while (row_next(&r)) {
			if (r.sequence != last && r.row.addr)
				*vec_add(&m->a, &m->sequences) = (struct sequence){ r.row.addr, r.sequence, i };
			last = r.sequence;
		}
	}
}

static int by_start(const void *x, const void *y)
{
	const struct sequence *a = x, *b = y;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->unit > b->unit) - (a->unit < b->unit);
}

static void put(struct map *m, uint64_t addr, struct stp_line_place p, bool none)
{
	struct stp_line_place *last = &m->last;
	uint32_t distance, d;
	unsigned flags;

	if (!m->base)
		m->base = addr;
	if (addr - m->base > UINT32_MAX || (m->blocks.n && none == m->none &&
	    (none || !memcmp(&p, last, sizeof(p)))))
		return;
	if (none)
		p = (struct stp_line_place){ 0 };
	if (!m->blocks.n || m->in_block == STP_LINE_BLOCK) {
		*vec_add(&m->a, &m->blocks) = (struct stp_line_block){ addr - m->base, m->rows.n };
		*last = (struct stp_line_place){ 0 };
		m->in_block = 0;
		m->addr = addr;
	}
	distance = addr - m->addr;
	flags = (distance < STP_LINE_DISTANCE ? distance : STP_LINE_DISTANCE) |
		(p.line != last->line ? STP_LINE_LINE : 0) | (p.file != last->file ? STP_LINE_FILE : 0) |
		(p.node != last->node ? STP_LINE_NODE : 0) | (none ? STP_LINE_NONE : 0);
	buf_putc(&m->rows, (char)flags);
	if (distance >= STP_LINE_DISTANCE)
		row_number(&m->rows, distance);
	d = p.line - last->line;
	if (d)
		row_number(&m->rows, d << 1 ^ -(d >> 31));
	if (p.file != last->file)
		row_number(&m->rows, p.file);
	if (p.node != last->node)
		row_number(&m->rows, p.node);
	*last = p;
	m->none = none;
	m->addr = addr;
	m->in_block++;
}

/* The rows of one sequence with the inlined calls that begin or end between them; *AT moves on in the changes. */
static void put_sequence(struct map *m, const struct sequence *s, size_t *at, uint64_t *done)
{
	const struct ix_unit *u = &m->ix->unit[s->unit];
	struct stp_line_place p = { 0 };
	bool first = true;
	struct row_reader r;

	if (s->start < *done || !rows_first(m->ix, u, &r))
		return;
	r.p = s->p;
	while (row_next(&r)) {
		const struct change *c = m->changes.v;

		for (; *at < m->changes.n && c[*at].addr <= r.row.addr; ++*at) {
			p.node = c[*at].node;
			if (!first && c[*at].addr < r.row.addr)
				put(m, c[*at].addr, p, false);
		}
		if (first)
			p.node = *at ? c[*at - 1].node : 0;
		first = false;
		*done = r.row.addr;
		if (r.row.end) {
			put(m, r.row.addr, p, true);
			return;
		}
		p.line = r.row.line;
		p.file = file_number(m, r.row.file < u->n ? m->ix->file[u->first + r.row.file] : 0);
		put(m, r.row.addr, p, false);
	}
}

/* ---- the whole ---- */

static void write_out(struct map *m, struct buf *ret)
{
	struct stp_line_map head = { .base = m->base, .nblock = m->blocks.n, .nfile = m->files.n,
				     .nnode = m->nodes.n, .nrow = m->rows.n };
	uint32_t *name = arena_array(&m->a, uint32_t, m->files.n + 1);

	vec_each(&m->files, i)
		name[i] = string_at(m, m->files.v[i]);
	while (m->strings.n % 4)
		buf_putc(&m->strings, 0);
	head.nstring = m->strings.n;
	buf_add(ret, (char *)&head, sizeof(head));
	buf_add(ret, (char *)m->blocks.v, m->blocks.n * sizeof(*m->blocks.v));
	buf_add(ret, (char *)name, m->files.n * sizeof(*name));
	buf_add(ret, (char *)m->nodes.v, m->nodes.n * sizeof(*m->nodes.v));
	buf_add(ret, m->strings.p, m->strings.n);
	buf_add(ret, m->rows.p, m->rows.n);
}

bool dbg_line_map(struct dbg_object *o, struct buf *ret)
{
	struct map m = { .o = o, .ix = o->btf ? NULL : index_of(o) };
	uint64_t done = 0;
	size_t at = 0;

	if (!m.ix || !m.ix->nrow || !obj_open(o))
		return false;
	arena_init(&m.a, "line map");
	buf_putc(&m.strings, 0);
	for (size_t i = 0; i < m.ix->nfunc; i++)
		if (m.ix->func[i].flags & IX_INLINE)
			add_ranges(&m, &m.ix->func[i]);
	sweep(&m);
	list_sequences(&m);
	if (m.sequences.n)
		qsort(m.sequences.v, m.sequences.n, sizeof(*m.sequences.v), by_start);
	vec_each(&m.sequences, i)
		put_sequence(&m, &m.sequences.v[i], &at, &done);
	write_out(&m, ret);
	free(m.hash);
	umap_deinit(&m.file_of);
	umap_deinit(&m.string_of);
	buf_deinit(&m.strings);
	buf_deinit(&m.rows);
	arena_deinit(&m.a);
	return true;
}
