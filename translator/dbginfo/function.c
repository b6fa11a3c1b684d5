// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From function names, files and lines to places in code.
 *
 * The index says which DIEs have a name; here the DIE is read: where its code starts, which ELF
 * symbol stands there, whether a probe may be put there.  A clone (.isra, .constprop, .part) is a
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

/* The struct for a subprogram or inlined subroutine; NULL when it has no place in code. */
struct dbg_func *func_make(struct dbg_object *o, struct arena *a, Dwarf_Die *die)
{
	bool is_inline = dwarf_tag(die) == DW_TAG_inlined_subroutine;
	Dwarf_Die named;
	Dwarf_Addr entry;
	struct dbg_func *f;
	const struct sym *s;

	if (!die_named(die, &named) || !die_entry(die, &entry))
		return NULL;
	f = arena_new(a, struct dbg_func);
	if (!obj_place(o, entry, &f->entry, &f->section))
		return NULL;
	f->name = dwarf_diename(&named);
	f->file = die_file(o, &named);
	f->line = die_int(&named, DW_AT_decl_line, 0);
	f->is_inline = is_inline;
	f->object = o;
	f->die = dwarf_dieoffset(die);
	f->after_prologue = f->entry;
	if (!is_inline) {
		s = sym_at(o, entry, f->name);
		if (s && strstr(s->name, ".cold"))
			return NULL;
		f->linkage = s ? s->name : NULL;
		f->patchable = text_patchable(o, entry);
		if (!is_optimised(die))
			f->after_prologue += prologue_end(die, entry) - entry;
	}
	f->why_not = text_why_not(o, entry, f->section);
	f->probeable = !f->why_not;
	return f;
}

static int text_order(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_place(const void *x, const void *y)
{
	const struct dbg_func *a = *(struct dbg_func *const *)x, *b = *(struct dbg_func *const *)y;
	int c = text_order(a->file, b->file);

	if (!c)
		c = (a->line > b->line) - (a->line < b->line);
	if (!c)
		c = strcmp(a->name, b->name);
	if (!c)
		c = text_order(a->section, b->section);
	if (!c)
		c = (a->entry > b->entry) - (a->entry < b->entry);
	if (!c)
		c = a->is_inline - b->is_inline;
	return c ? c : (a->die > b->die) - (a->die < b->die);
}

/* Sorted; of entries that differ in their DIE only, the first stays. */
static void sort_functions(struct dbg_func_list *l)
{
	size_t n = 0;

	if (!l->n)
		return;
	qsort(l->v, l->n, sizeof(*l->v), by_place);
	for (size_t i = 0; i < l->n; i++) {
		struct dbg_func *p = n ? l->v[n - 1] : NULL, *f = l->v[i];

		if (p && p->entry == f->entry && p->is_inline == f->is_inline &&
		    p->line == f->line && !strcmp(p->name, f->name) &&
		    !text_order(p->section, f->section) && !text_order(p->file, f->file))
			continue;
		l->v[n++] = f;
	}
	l->n = n;
}

static void add_function(struct dbg_object *o, struct arena *a, const struct ix_func *x,
			 const char *name, struct dbg_func_list *ret)
{
	Dwarf_Die die, named;
	struct dbg_func *f;

	if (!die_at(o, x->die, &die) || !die_named(&die, &named) ||
	    text_order(dwarf_diename(&named), name))
		return;
	f = func_make(o, a, &die);
	if (f)
		*vec_add(a, ret) = f;
}

static void dwarf_functions(struct dbg_object *o, struct arena *a, const char *name, const char *file,
			    unsigned line, unsigned which, struct dbg_func_list *ret)
{
	const struct index *ix = index_of(o);
	bool glob = str_is_glob(name), match = false;
	size_t i = glob ? 0 : index_find(ix, ix->func, ix->nfunc, sizeof(*ix->func), name);
	uint32_t last = 0;

	for (; i < ix->nfunc; i++) {
		const struct ix_func *x = &ix->func[i];
		const char *n = ix_str(ix, x->name);

		if (!glob && strcmp(n, name))
			break;
		if (glob && x->name != last) {
			match = str_glob(name, n);
			last = x->name;
		}
		if ((glob && !match) || (line && (x->line & ~IX_INLINE) != line) ||
		    !(which & (x->line & IX_INLINE ? DBG_INLINES : DBG_BODIES)) ||
		    (file && !file_matches(ix_str(ix, x->file), file)))
			continue;
		add_function(o, a, x, n, ret);
	}
}

void dbg_functions(struct dbg_object *o, struct arena *a, const char *name, const char *file,
		   unsigned line, unsigned which, struct dbg_func_list *ret)
{
	if (!o->btf)
		dwarf_functions(o, a, name, file, line, which, ret);
	else if (which & DBG_BODIES && !file && !line)
		btf_functions(o, a, name, ret);
	sort_functions(ret);
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

static bool unit_at(struct dbg_object *o, Dwarf_Addr pc, Dwarf_Die *ret)
{
	Dwarf_Off off = 0, next;
	size_t header;

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

struct dbg_func *dbg_scope_at(struct dbg_object *o, struct arena *a, uint64_t addr,
			      const char *section)
{
	Dwarf_Die cu, die;
	uint64_t pc;

	if (!obj_dwarf(o, section, addr, &pc))
		return NULL;
	if (o->btf)
		return btf_scope_at(o, a, pc);
	if (!unit_at(o, pc, &cu) || !innermost(&cu, pc, &die, 0))
		return NULL;
	return func_make(o, a, &die);
}
