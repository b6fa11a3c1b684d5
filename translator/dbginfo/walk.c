// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The walk: every name of an object that can be asked for, made in one pass over its units.
 *
 * Kept are functions that have code (out-of-line bodies and inlined instances, each under the name
 * of its origin, with the place of the declaration), the first definition of each type name and of each
 * enumerator, variables of file scope that have a location, or a declaration and a symbol (those that the linker
 * script or assembly makes), the files of each unit, and ELF symbols.  Names are
 * interned.  Large objects are walked by several threads, each with a handle of its own on the file
 * (libdw's may not be shared) that takes the next unit from one list; what they found is joined and
 * then sorted, so the result does not depend on who found it.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dbginfo/private.h"

enum { MAX_WALKERS = 8, WORTH_THREADS = 16 << 20 /* bytes of .debug_info */ };

struct builder {
	struct dbg_object *o;
	struct index *ix;
	size_t cap_func, cap_type, cap_var, cap_pool, cap_unit, cap_file;
	uint32_t *hash;			/* offsets in the pool, 0 = free */
	size_t nhash, nnames;
	struct buf row;
	struct umap by_pointer;		/* text that stays where it is -> offset in the pool */
	struct umap types;		/* name and tag that are there already */
	struct umap enums;		/* those whose enumerators are; see enum_key() */
	struct umap declared;		/* names of variables whose declaration was seen */
};

/* Shared by the walkers of one object. */
struct walk {
	Dwarf_Off *unit;		/* offsets of unit DIEs */
	size_t n, cap;
	atomic_size_t next;
	void (*progress)(const char *what, unsigned percent);
	const char *what;
};

struct walker {
	struct walk *w;
	struct builder b;
	pthread_t thread;
	bool first;			/* runs in the caller, and says how far it is */
};

/* ---- names ---- */

static uint32_t hash_text(const char *s, size_t *n)
{
	uint32_t h = 2166136261u;
	const char *p = s;

	for (; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	*n = p - s;
	return h;
}

static void grow_hash(struct builder *b)
{
	uint32_t *old = b->hash;
	size_t nold = b->nhash, n;

	b->nhash = nold ? nold * 2 : 1 << 16;
	b->hash = xmalloc(b->nhash * sizeof(*b->hash));
	memset(b->hash, 0, b->nhash * sizeof(*b->hash));
	for (size_t i = 0; i < nold; i++) {
		size_t j;

		if (!old[i])
			continue;
		j = hash_text(b->ix->pool + old[i], &n) & (b->nhash - 1);
		while (b->hash[j])
			j = (j + 1) & (b->nhash - 1);
		b->hash[j] = old[i];
	}
	free(old);
}

static void *grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 1024;
	return xrealloc(v, *cap * size);
}

static uint32_t intern_text(struct builder *b, const char *s)
{
	size_t n, j;
	uint32_t h;

	if (b->nnames * 2 >= b->nhash)
		grow_hash(b);
	h = hash_text(s, &n);
	for (j = h & (b->nhash - 1); b->hash[j]; j = (j + 1) & (b->nhash - 1))
		if (!strcmp(b->ix->pool + b->hash[j], s))
			return b->hash[j];
	while (b->ix->npool + n + 1 > b->cap_pool)
		b->ix->pool = grow(b->ix->pool, b->cap_pool, &b->cap_pool, 1);
	b->hash[j] = b->ix->npool;
	memcpy(b->ix->pool + b->ix->npool, s, n + 1);
	b->ix->npool += n + 1;
	b->nnames++;
	return b->hash[j];
}

/* STABLE: the text stays at its address as long as the builder lives. */
static uint32_t intern(struct builder *b, const char *s, bool stable)
{
	uint32_t off;

	if (!s || !*s)
		return 0;
	off = stable ? (uintptr_t)umap_get(&b->by_pointer, (uintptr_t)s) : 0;
	if (off)
		return off;
	off = intern_text(b, s);
	if (stable)
		umap_put(&b->by_pointer, (uintptr_t)s, (void *)(uintptr_t)off);
	return off;
}

/* Strings that several units share have one address in .debug_str, so most hashing can be saved. */
static uint32_t intern_dwarf(struct builder *b, const char *s)
{
	const struct bytes *str = &b->o->str;

	return intern(b, s, str->p && (uintptr_t)s - (uintptr_t)str->p < str->n);
}

/* ---- one unit ---- */

static void add_func(struct builder *b, Dwarf_Die *die)
{
	struct index *ix = b->ix;
	struct dbg_func f = {0};
	struct ix_func *x;
	uint64_t entry, after;

	if (!func_fill(b->o, die, &f) || !obj_dwarf(b->o, f.section, f.entry, &entry))
		return;
	ix->func = grow(ix->func, ix->nfunc, &b->cap_func, sizeof(*ix->func));
	x = &ix->func[ix->nfunc++];
	after = f.after_prologue - f.entry;
	*x = (struct ix_func){
		.name = intern_dwarf(b, f.name),
		.file = intern(b, f.file, true),
		.line = f.line,
		.die = f.die,
		.why = intern(b, f.why_not, true),
		.flags = (f.is_inline ? IX_INLINE : 0) | (f.patchable ? IX_PATCHABLE : 0) |
			 (f.noreturn ? IX_NORETURN : 0),
		.entry = entry,
	};
	if (after < 1u << (32 - IX_AFTER_SHIFT))
		x->flags |= (uint32_t)after << IX_AFTER_SHIFT;
	if (f.linkage)
		x->linkage = !strcmp(f.linkage, f.name) ? x->name : intern(b, f.linkage, true);
}

static void add_type(struct builder *b, Dwarf_Die *die, uint32_t tag)
{
	struct index *ix = b->ix;
	const char *name = dwarf_diename(die);
	struct ix_type *t;
	uint32_t off;
	uint64_t key;

	if (!name || !*name || dwarf_hasattr(die, DW_AT_declaration))
		return;
	off = intern_dwarf(b, name);
	key = (uint64_t)off << 16 | tag;
	if (umap_get(&b->types, key))
		return;
	umap_put(&b->types, key, b);
	ix->type = grow(ix->type, ix->ntype, &b->cap_type, sizeof(*ix->type));
	t = &ix->type[ix->ntype++];
	t->name = off;
	t->tag = tag;
	t->die = dwarf_dieoffset(die);
}

/* An enum of a header is in each unit: the same one by its name, line and first enumerator. */
static uint64_t enum_key(struct builder *b, Dwarf_Die *die, Dwarf_Die *first)
{
	uint64_t name = intern_dwarf(b, dwarf_diename(die)), one = intern_dwarf(b, dwarf_diename(first));

	return ((name << 32 | one) * 0x9e3779b97f4a7c15ull ^ (uint64_t)die_int(die, DW_AT_decl_line, 0)) | 1;
}

static void add_enumerators(struct builder *b, Dwarf_Die *die)
{
	Dwarf_Die c;
	uint64_t key;

	if (!die_child(die, &c))
		return;
	key = enum_key(b, die, &c);
	if (umap_get(&b->enums, key))
		return;
	umap_put(&b->enums, key, b);
	do {
		if (dwarf_tag(&c) == DW_TAG_enumerator)
			add_type(b, &c, DW_TAG_enumerator);
	} while (die_next(&c));
}

static struct ix_var *new_var(struct builder *b, Dwarf_Die *die, uint32_t name)
{
	struct index *ix = b->ix;
	struct ix_var *v;

	ix->var = grow(ix->var, ix->nvar, &b->cap_var, sizeof(*ix->var));
	v = &ix->var[ix->nvar++];
	*v = (struct ix_var){ .name = name, .die = dwarf_dieoffset(die) };
	return v;
}

/* The first declaration of a name that one symbol has; order.c drops those that are defined somewhere. */
static void add_declared(struct builder *b, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	const struct sym *s;
	uint32_t off;

	if (!name || !*name || !die_flag(die, DW_AT_declaration))
		return;
	off = intern_dwarf(b, name);
	if (umap_get(&b->declared, off))
		return;
	umap_put(&b->declared, off, b);
	s = sym_named(b->o, name);
	if (s && sym_is_alone(b->o, s))
		new_var(b, die, off)->declared = true;
}

static void add_var(struct builder *b, Dwarf_Die *die)
{
	Dwarf_Die named, cu;
	struct ix_var *v;

	if (!dwarf_hasattr(die, DW_AT_location)) {
		add_declared(b, die);
		return;
	}
	if (!die_named(die, &named))
		return;
	v = new_var(b, die, intern_dwarf(b, dwarf_diename(&named)));
	/* The unit, not the header with the declaration, is what name@file means for a variable. */
	v->file = dwarf_diecu(die, &cu, NULL, NULL) ? intern_dwarf(b, dwarf_diename(&cu)) : 0;
}

static void walk_code(struct builder *b, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_inlined_subroutine:
			add_func(b, &die);
			/* fallthrough */
		case DW_TAG_lexical_block:
			walk_code(b, &die, depth + 1);
		}
	} while (die_next(&die));
}

static void add_unit(struct builder *b, Dwarf_Die *cu)
{
	const struct files *f = files_of(b->o, cu);
	struct index *ix = b->ix;
	size_t row = b->row.n;

	rows_of_unit(b->o, cu, &b->row);
	ix->unit = grow(ix->unit, ix->nunit, &b->cap_unit, sizeof(*ix->unit));
	ix->unit[ix->nunit++] = (struct ix_unit){ dwarf_dieoffset(cu), ix->nfile, f->n, row, b->row.n - row };
	for (size_t i = 0; i < f->n; i++) {
		ix->file = grow(ix->file, ix->nfile, &b->cap_file, sizeof(*ix->file));
		ix->file[ix->nfile++] = intern(b, f->v[i], true);
	}
}

/* What is in a unit, or in one of its namespaces. */
static void walk_scope(struct builder *b, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die;
	int tag;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return;
	do {
		switch (tag = dwarf_tag(&die)) {
		case DW_TAG_namespace:
			walk_scope(b, &die, depth + 1);
			break;
		case DW_TAG_subprogram:
			if (!die_has_code(&die))
				break;
			add_func(b, &die);
			walk_code(b, &die, 0);
			break;
		case DW_TAG_variable:
			add_var(b, &die);
			break;
		case DW_TAG_enumeration_type:
			add_enumerators(b, &die);
			/* fallthrough */
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
		case DW_TAG_union_type:
		case DW_TAG_typedef:
		case DW_TAG_base_type:
			add_type(b, &die, tag);
			break;
		}
	} while (die_next(&die));
}

static void walk_unit(struct builder *b, Dwarf_Die *cu)
{
	add_unit(b, cu);
	walk_scope(b, cu, 0);
}

/* ---- all units ---- */

static void builder_init(struct builder *b, struct dbg_object *o)
{
	*b = (struct builder){ .o = o, .ix = xmalloc(sizeof(*b->ix)) };
	*b->ix = (struct index){0};
	section_bytes(o, &o->str, ".debug_str");
	b->ix->pool = grow(NULL, 0, &b->cap_pool, 1);
	b->ix->pool[b->ix->npool++] = 0;
}

static void builder_deinit(struct builder *b)
{
	free(b->hash);
	buf_deinit(&b->row);
	umap_deinit(&b->by_pointer);
	umap_deinit(&b->types);
	umap_deinit(&b->enums);
	umap_deinit(&b->declared);
}

static void *walker_run(void *arg)
{
	struct walker *me = arg;
	struct walk *w = me->w;
	unsigned said = 0;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n) {
		unsigned percent = i * 100 / w->n;
		Dwarf_Die cu;

		if (die_at(me->b.o, w->unit[i], &cu))
			walk_unit(&me->b, &cu);
		if (me->first && w->progress && percent > said)
			w->progress(w->what, said = percent);
	}
	return NULL;
}

/* What FROM found, added to TO. */
static void join(struct builder *to, struct builder *from)
{
	struct index *a = to->ix, *b = from->ix;
	uint32_t *map = xmalloc((b->npool + 1) * sizeof(*map));
	uint32_t first = a->nfile;

	map[0] = 0;
	for (size_t off = 1; off < b->npool; off += strlen(b->pool + off) + 1)
		map[off] = intern_text(to, b->pool + off);
	for (size_t i = 0; i < b->nfunc; i++) {
		struct ix_func f = b->func[i];

		f.name = map[f.name];
		f.file = map[f.file];
		f.linkage = map[f.linkage];
		f.why = map[f.why];
		a->func = grow(a->func, a->nfunc, &to->cap_func, sizeof(f));
		a->func[a->nfunc++] = f;
	}
	for (size_t i = 0; i < b->ntype; i++) {
		a->type = grow(a->type, a->ntype, &to->cap_type, sizeof(*a->type));
		a->type[a->ntype++] = (struct ix_type){ map[b->type[i].name], b->type[i].die, b->type[i].tag };
	}
	for (size_t i = 0; i < b->nvar; i++) {
		a->var = grow(a->var, a->nvar, &to->cap_var, sizeof(*a->var));
		a->var[a->nvar] = b->var[i];
		a->var[a->nvar].name = map[b->var[i].name];
		a->var[a->nvar++].file = map[b->var[i].file];
	}
	for (size_t i = 0; i < b->nfile; i++) {
		a->file = grow(a->file, a->nfile, &to->cap_file, sizeof(*a->file));
		a->file[a->nfile++] = map[b->file[i]];
	}
	for (size_t i = 0; i < b->nunit; i++) {
		struct ix_unit u = b->unit[i];

		u.first += first;
		u.row += to->row.n;
		a->unit = grow(a->unit, a->nunit, &to->cap_unit, sizeof(u));
		a->unit[a->nunit++] = u;
	}
	buf_add(&to->row, from->row.p, from->row.n);
	free(map);
}

static void add_symbols(struct builder *b)
{
	const struct dbg_object *o = b->o;
	struct index *ix = b->ix;

	ix->sym = xmalloc((o->nsym + 1) * sizeof(*ix->sym));
	for (ix->nsym = 0; ix->nsym < o->nsym; ix->nsym++) {
		const struct sym *s = &o->by_name[ix->nsym];

		ix->sym[ix->nsym] = (struct ix_sym){ intern(b, s->name, false), s->func, s->addr, s->size };
	}
	ix->nsection = o->sections.n;
	ix->section = xmalloc((ix->nsection + 1) * sizeof(*ix->section));
	vec_each(&o->sections, i) {
		const struct section *s = &o->sections.v[i];

		ix->section[i] = (struct ix_section){ intern(b, s->name, false), 0, s->addr, s->size };
	}
}

static void list_units(struct dbg_object *o, struct walk *w)
{
	Dwarf_Off off = 0, next;
	size_t header;

	while (dwarf_nextcu(o->dw, off, &next, &header, NULL, NULL, NULL) == 0) {
		if (next > UINT32_MAX || next <= off)
			break;
		if (w->n == w->cap)
			w->unit = grow(w->unit, w->n, &w->cap, sizeof(*w->unit));
		w->unit[w->n++] = off + header;
		off = next;
	}
}

static unsigned count_walkers(struct dbg_object *o)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (section_bytes(o, &o->info, ".debug_info")->n < WORTH_THREADS || cpus < 2)
		return 1;
	return cpus < MAX_WALKERS ? cpus : MAX_WALKERS;
}

/* The first walker is the caller; a thread or handle that cannot be had is done without. */
static void walk_all(struct walker *me, struct walk *w, unsigned n)
{
	struct dbg_object *o = me->b.o;
	struct walker *more = n > 1 ? xmalloc((n - 1) * sizeof(*more)) : NULL;
	unsigned running = 0;

	while (running + 1 < n) {
		struct walker *m = &more[running];
		struct dbg_object *twin = obj_twin(o);

		if (!twin)
			break;
		*m = (struct walker){ .w = w };
		builder_init(&m->b, twin);
		if (pthread_create(&m->thread, NULL, walker_run, m)) {
			builder_deinit(&m->b);
			index_free(m->b.ix);
			obj_close(twin);
			break;
		}
		running++;
	}
	walker_run(me);
	for (unsigned i = 0; i < running; i++) {
		pthread_join(more[i].thread, NULL);
		join(&me->b, &more[i].b);
		builder_deinit(&more[i].b);
		index_free(more[i].b.ix);
		obj_close(more[i].b.o);
	}
	free(more);
}

static int units_by_die(const void *x, const void *y)
{
	const struct ix_unit *a = x, *b = y;

	return (a->die > b->die) - (a->die < b->die);
}

/* Units as they are in the file, and their rows in that order, whoever walked them. */
static void rows_in_order(struct builder *b)
{
	struct index *ix = b->ix;

	if (ix->nunit)
		qsort(ix->unit, ix->nunit, sizeof(*ix->unit), units_by_die);
	ix->row = xmalloc(b->row.n + 1);
	for (size_t i = 0; i < ix->nunit; i++) {
		struct ix_unit *u = &ix->unit[i];

		if (u->nrow)
			memcpy(ix->row + ix->nrow, b->row.p + u->row, u->nrow);
		u->row = ix->nrow;
		ix->nrow += u->nrow;
	}
}

struct index *index_build(struct dbg_object *o)
{
	struct walk w = { .what = arena_printf(o->a, "reading debuginfo of %s, once", o->path) };
	struct walker me = { .w = &w, .first = true };

	obj_open(o);
	builder_init(&me.b, o);
	if (o->dw) {
		unsigned n = count_walkers(o);

		/* Before the threads: they share it. */
		sym_read(o);
		text_of(o);
		list_units(o, &w);
	w.progress = w.n > 100 ? o->owner->progress : NULL;
		walk_all(&me, &w, n);
		if (w.progress)
			w.progress(w.what, 100);
		free(w.unit);
		add_symbols(&me.b);
	}
	rows_in_order(&me.b);
	index_sort(me.b.ix, me.b.nnames + 1);
	builder_deinit(&me.b);
	return me.b.ix;
}
