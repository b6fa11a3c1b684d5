// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From function names, files and lines to places in code.
 *
 * func_fill() reads a DIE: where its code starts, which ELF symbol stands there, whether a probe may
 * be put there.  The index keeps that of all functions, and answers for them.  A clone (.isra, .constprop, .part) is a
 * body of the function it was made from; a .cold part is never an entry.  An entry that lies in no
 * section with code (discarded at link time) is passed over.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

/* Code without optimisation keeps parameters in the frame, which exists after the prologue only. */
static bool is_optimised(Dwarf_Die *die)
{
	Dwarf_Die cu;
	Dwarf_Attribute at;
	const char *p;

	if (!dwarf_diecu(die, &cu, NULL, NULL) || !dwarf_attr(&cu, DW_AT_producer, &at))
		return false;
	p = dwarf_formstring(&at);
	while (p && (p = strstr(p, " -O"))) {
		p += 3;
		if (*p != '0')
			return true;
	}
	return false;
}

/*
 * The second line of a function starts where its prologue has ended: gcc marks so the first
 * statement of the body.
 */
static uint64_t prologue_end(Dwarf_Die *die, uint64_t entry)
{
	Dwarf_Die cu;
	Dwarf_Lines *lines;
	size_t n;
	bool inside = false;

	if (!dwarf_diecu(die, &cu, NULL, NULL) || dwarf_getsrclines(&cu, &lines, &n))
		return entry;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *l = dwarf_onesrcline(lines, i);
		Dwarf_Addr addr;
		bool stmt, end;

		if (dwarf_lineaddr(l, &addr) || dwarf_linebeginstatement(l, &stmt) ||
		    dwarf_lineendsequence(l, &end))
			continue;
		if (inside && (end || dwarf_haspc(die, addr) <= 0))
			break;
		if (inside && stmt && addr > entry)
			return addr;
		inside = inside || addr == entry;
	}
	return entry;
}

bool func_fill(struct dbg_object *o, Dwarf_Die *die, struct dbg_func *f)
{
	bool is_inline = dwarf_tag(die) == DW_TAG_inlined_subroutine;
	Dwarf_Die named;
	Dwarf_Addr entry;
	const struct sym *s;

	if (!die_named(die, &named) || !die_entry(die, &entry) ||
	    !obj_place(o, entry, &f->entry, &f->section))
		return false;
	f->name = dwarf_diename(&named);
	if (!f->name)
		return false;
	f->file = die_file(o, &named);
	f->line = die_int(&named, DW_AT_decl_line, 0);
	f->is_inline = is_inline;
	f->noreturn = die_flag(die, DW_AT_noreturn);
	f->object = o;
	f->die = dwarf_dieoffset(die);
	f->after_prologue = f->entry;
	if (!is_inline) {
		s = sym_at(o, entry, f->name);
		if (s && strstr(s->name, ".cold"))
			return false;
		f->linkage = s ? s->name : NULL;
		f->patchable = text_patchable(o, entry);
		if (!is_optimised(die))
			f->after_prologue += prologue_end(die, entry) - entry;
	}
	f->why_not = text_why_not(o, entry, f->section);
	f->probeable = !f->why_not;
	return true;
}

struct dbg_func *func_make(struct dbg_object *o, struct arena *a, Dwarf_Die *die)
{
	struct dbg_func f = {0};

	return func_fill(o, die, &f) ? arena_memdup(a, &f, sizeof(f)) : NULL;
}

static struct dbg_func *func_of(struct dbg_object *o, struct arena *a, const struct ix_func *x)
{
	const struct index *ix = o->index;
	struct dbg_func *f = arena_new(a, struct dbg_func);

	f->name = ix_str(ix, x->name);
	f->file = x->file ? ix_str(ix, x->file) : NULL;
	f->line = x->line;
	f->linkage = x->linkage ? ix_str(ix, x->linkage) : NULL;
	f->is_inline = x->flags & IX_INLINE;
	f->patchable = x->flags & IX_PATCHABLE;
	f->noreturn = x->flags & IX_NORETURN;
	f->object = o;
	f->die = x->die;
	obj_place(o, x->entry, &f->entry, &f->section);
	f->after_prologue = f->entry + (x->flags >> IX_AFTER_SHIFT);
	f->why_not = x->why ? ix_str(ix, x->why) : NULL;
	f->probeable = !f->why_not;
	return f;
}

static int by_place(const void *x, const void *y)
{
	const struct ix_func *a = *(const struct ix_func *const *)x, *b = *(const struct ix_func *const *)y;

	return (a->place > b->place) - (a->place < b->place);
}

/* In the order of their places: by a table of all places when there are many. */
static void sort_found(const struct index *ix, const struct ix_func **v, size_t n)
{
	const struct ix_func **slot;
	size_t k = 0;

	if (n < ix->nfunc / 64) {
		qsort(v, n, sizeof(*v), by_place);
		return;
	}
	slot = xmalloc(ix->nfunc * sizeof(*slot));
	memset(slot, 0, ix->nfunc * sizeof(*slot));
	for (size_t i = 0; i < n; i++)
		if (v[i]->place < ix->nfunc)
			slot[v[i]->place] = v[i];
	for (size_t i = 0; i < ix->nfunc && k < n; i++)
		if (slot[i])
			v[k++] = slot[i];
	free(slot);
}

/* Does a file name in the pool match?  Each is asked once: many functions share a file. */
static bool file_fits(struct umap *asked, const struct index *ix, uint32_t file, const char *pattern)
{
	uintptr_t known = (uintptr_t)umap_get(asked, (uint64_t)file + 1);

	if (!known) {
		known = file_matches(ix_str(ix, file), pattern) ? 2 : 1;
		umap_put(asked, (uint64_t)file + 1, (void *)known);
	}
	return known == 2;
}

/* Has one of the last NAMED functions found, all of X's name, its file and line, and can be probed? */
static bool have_equal(const struct ix_func *const *end, size_t named, const struct ix_func *x)
{
	for (size_t i = 1; i <= named; i++)
		if (end[-i]->line == x->line && end[-i]->file == x->file && !end[-i]->why)
			return true;
	return false;
}

static void dwarf_functions(struct dbg_object *o, struct arena *a, const char *name, const char *file,
			    unsigned line, unsigned which, struct dbg_func_list *ret)
{
	const struct index *ix = index_of(o);
	bool glob = str_is_glob(name), match = false;
	size_t i = glob ? 0 : index_find(ix, ix->func, ix->nfunc, sizeof(*ix->func), name), n = 0;
	const struct ix_func **found = NULL;
	struct umap asked = {0};
	size_t cap = 0, first = 0;	/* of the same name */
	uint32_t last = UINT32_MAX;

	for (; i < ix->nfunc; i++) {
		const struct ix_func *x = &ix->func[i];

		if (x->name != last) {
			match = glob ? str_glob(name, ix_str(ix, x->name))
				     : !strcmp(name, ix_str(ix, x->name));
			last = x->name;
			first = n;
		}
		if (!glob && !match)
			break;
		if (!match || (line && x->line != line) ||
		    !(which & (x->flags & IX_INLINE ? DBG_INLINES : DBG_BODIES)) ||
		    (file && !file_fits(&asked, ix, x->file, file)) ||
		    (which & DBG_ONCE && !x->why && n > first && have_equal(&found[n], n - first, x)))
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			found = xrealloc(found, cap * sizeof(*found));
		}
		found[n++] = x;
	}
	if (n)
		sort_found(ix, found, n);
	for (size_t k = 0; k < n; k++)
		*vec_add(a, ret) = func_of(o, a, found[k]);
	free(found);
	umap_deinit(&asked);
}

static int by_name(const void *x, const void *y)
{
	const struct dbg_func *a = *(struct dbg_func *const *)x, *b = *(struct dbg_func *const *)y;
	int c = strcmp(a->name, b->name);

	if (!c)
		c = strcmp(a->section ? a->section : "", b->section ? b->section : "");
	return c ? c : (a->entry > b->entry) - (a->entry < b->entry);
}

static void sorted_btf_functions(struct dbg_object *o, struct arena *a, const char *name,
				 struct dbg_func_list *ret)
{
	size_t n = 0;

	btf_functions(o, a, name, ret);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	for (size_t i = 0; i < ret->n; i++)
		if (!n || by_name(&ret->v[n - 1], &ret->v[i]))
			ret->v[n++] = ret->v[i];
	ret->n = n;
}

void dbg_functions(struct dbg_object *o, struct arena *a, const char *name, const char *file,
		   unsigned line, unsigned which, struct dbg_func_list *ret)
{
	if (!o->btf)
		dwarf_functions(o, a, name, file, line, which, ret);
	else if (which & DBG_BODIES && !file && !line)
		sorted_btf_functions(o, a, name, ret);
	/* What programs have in other languages, or all of it when they were stripped. */
	if (is_program(o) && !ret->n && which & DBG_BODIES && !file && !line)
		program_functions(o, a, name, ret);
}

struct near { const char *name; unsigned distance; };

static int by_distance(const void *x, const void *y)
{
	const struct near *a = x, *b = y;

	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	return strcmp(a->name, b->name);
}

struct names { struct near *v; size_t n, cap; };

static void add_near(struct arena *a, struct names *found, const char *s, const char *name,
		     unsigned limit)
{
	unsigned d = str_distance(s, name, limit);

	if (d <= limit)
		*vec_add(a, found) = (struct near){ s, d };
}

size_t dbg_similar_functions(struct dbg_object *o, const char *name, const char **ret, size_t max)
{
	unsigned limit = strlen(name) / 3 > 1 ? strlen(name) / 3 : 1;
	struct names found = {0};
	struct arena tmp;
	size_t n;

	arena_init(&tmp, "similar names");
	if (o->btf) {
		const char *s;

		for (uint32_t id = btf_first(o); btf_next_function(o, &id, &s); )
			add_near(&tmp, &found, s, name, limit);
	} else {
		const struct index *ix = index_of(o);

		for (size_t i = 0; i < ix->nfunc; i++)
			if (!i || ix->func[i].name != ix->func[i - 1].name)
				add_near(&tmp, &found, ix_str(ix, ix->func[i].name), name, limit);
	}
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_distance);
	for (n = 0; n < found.n && n < max; n++)
		ret[n] = found.v[n].name;
	arena_deinit(&tmp);
	return n;
}

/* The innermost subprogram or inlined instance below SCOPE that covers PC. */
static bool innermost(Dwarf_Die *scope, Dwarf_Addr pc, Dwarf_Die *ret, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return false;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_namespace && innermost(&die, pc, ret, depth + 1))
			return true;
		if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine &&
		    tag != DW_TAG_lexical_block)
			continue;
		if (dwarf_haspc(&die, pc) <= 0)
			continue;
		if (innermost(&die, pc, ret, depth + 1))
			return true;
		if (tag != DW_TAG_lexical_block) {
			*ret = die;
			return true;
		}
		return false;
	} while (die_next(&die));
	return false;
}

bool unit_at(struct dbg_object *o, Dwarf_Addr pc, Dwarf_Die *ret)
{
	Dwarf_Off off = 0, next;
	size_t header;

	if (!obj_open(o) || !o->dw)
		return false;
	if (dwarf_addrdie(o->dw, pc, ret))
		return true;
	/* A damaged or missing .debug_aranges: ask every unit. */
	while (dwarf_nextcu(o->dw, off, &next, &header, NULL, NULL, NULL) == 0 && next > off) {
		if (die_at(o, off + header, ret) && dwarf_haspc(ret, pc) > 0)
			return true;
		off = next;
	}
	return false;
}

struct dbg_func *dwarf_scope_at(struct dbg_object *o, struct arena *a, Dwarf_Addr pc)
{
	Dwarf_Die cu, die;

	return unit_at(o, pc, &cu) && innermost(&cu, pc, &die, 0) ? func_make(o, a, &die) : NULL;
}

struct dbg_func *dbg_scope_at(struct dbg_object *o, struct arena *a, uint64_t addr,
			      const char *section)
{
	struct dbg_func *f;
	uint64_t pc;

	if (!obj_dwarf(o, section, addr, &pc))
		return NULL;
	if (o->btf)
		return btf_scope_at(o, a, pc);
	f = dwarf_scope_at(o, a, pc);
	return f || !is_program(o) ? f : program_scope_at(o, a, pc);
}

/* ---- whose line it is ---- */

struct line_owner {
	struct dbg_object *o;
	struct arena *a;
	Dwarf_Addr pc;
	const char *file;
	unsigned line;
	struct dbg_func *best;
};

static void consider(struct line_owner *w, Dwarf_Die *die)
{
	struct dbg_func *f = func_make(w->o, w->a, die);

	if (f && f->file && f->line <= w->line && !strcmp(f->file, w->file) && (!w->best || f->line >= w->best->line))
		w->best = f;
}

/* All scopes below SCOPE that cover the address, outer ones first. */
static void consider_below(struct line_owner *w, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die;

	if (depth > MAX_DIE_DEPTH || !die_child(scope, &die))
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_namespace)
			consider_below(w, &die, depth + 1);
		if ((tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) ||
		    dwarf_haspc(&die, w->pc) <= 0)
			continue;
		if (tag != DW_TAG_lexical_block)
			consider(w, &die);
		consider_below(w, &die, depth + 1);
		return;
	} while (die_next(&die));
}

struct dbg_func *dbg_scope_of_line(struct dbg_object *o, struct arena *a, const struct dbg_line *row)
{
	struct line_owner w = { .o = o, .a = a, .file = row->file, .line = row->line };
	Dwarf_Die cu;

	if (!o->btf && row->file && obj_dwarf(o, row->section, row->addr, &w.pc) && unit_at(o, w.pc, &cu))
		consider_below(&w, &cu, 0);
	return w.best ? w.best : dbg_scope_at(o, a, row->addr, row->section);
}
