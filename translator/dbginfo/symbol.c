// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ELF symbol table, read once and sorted by name and by address.
 *
 * Symbols of modules are relative to sections; they are kept as DWARF addresses, so that they can
 * be compared with what the DWARF says.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

static int by_name(const void *a, const void *b)
{
	const struct sym *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->addr > y->addr) - (x->addr < y->addr);
}

static int by_addr(const void *a, const void *b)
{
	const struct sym *x = a, *y = b;
	int c = (x->addr > y->addr) - (x->addr < y->addr);

	return c ? c : strcmp(x->name, y->name);
}

static bool read_symbol(const struct dbg_object *o, Elf *elf, Elf_Data *data, size_t strings, int i,
			struct sym *ret)
{
	GElf_Sym s;
	GElf_Shdr sh;
	Elf_Scn *scn;

	if (!gelf_getsym(data, i, &s) || s.st_shndx == SHN_UNDEF)
		return false;
	ret->name = elf_strptr(elf, strings, s.st_name);
	if (!ret->name || !*ret->name)
		return false;
	ret->addr = s.st_value;
	ret->size = s.st_size;
	ret->func = GELF_ST_TYPE(s.st_info) == STT_FUNC || GELF_ST_TYPE(s.st_info) == STT_NOTYPE;
	if (!o->module)
		return true;
	if (s.st_shndx >= SHN_LORESERVE)
		return false;
	if (is_program(o)) {
		ret->func = GELF_ST_TYPE(s.st_info) == STT_FUNC;
		return true;
	}
	scn = elf_getscn(o->elf, s.st_shndx);
	if (!scn || !gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC))
		return false;
	ret->addr = sh.sh_addr + s.st_value - o->bias;
	return true;
}

/* Tables without sizes: a symbol ends where the next one begins. */
static void guess_sizes(struct dbg_object *o)
{
	uint64_t end = 0;

	for (size_t i = o->nsym; i-- > 0; ) {
		if (i + 1 < o->nsym && o->by_addr[i + 1].addr > o->by_addr[i].addr)
			end = o->by_addr[i + 1].addr;
		o->by_addr[i].size = end ? end - o->by_addr[i].addr : 0;
	}
}

/* They lie sorted in a mapped index. */
static void take_indexed(struct dbg_object *o)
{
	const struct index *ix = o->index;

	o->nsym = ix->nsym;
	o->by_name = xmalloc((o->nsym + 1) * sizeof(*o->by_name));
	o->by_addr = xmalloc((o->nsym + 1) * sizeof(*o->by_addr));
	for (size_t i = 0; i < o->nsym; i++) {
		const struct ix_sym *s = &ix->sym[i];

		o->by_name[i] = (struct sym){ ix_str(ix, s->name), s->addr, s->size, s->func };
	}
	for (size_t i = 0; i < o->nsym; i++)
		if (ix->by_addr[i] < o->nsym)
			o->by_addr[i] = o->by_name[ix->by_addr[i]];
}

static Elf_Scn *table_in(Elf *elf, unsigned type, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;

	while (elf && (scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, sh) && sh->sh_type == type)
			return scn;
	return NULL;
}

/* Programs that were stripped have their whole table in the debug file, if anywhere. */
static Elf_Scn *find_table(struct dbg_object *o, Elf **elf, GElf_Shdr *sh)
{
	Elf_Scn *scn = table_in(*elf = o->elf, SHT_SYMTAB, sh);

	if (!scn && o->dw_elf)
		scn = table_in(*elf = o->dw_elf, SHT_SYMTAB, sh);
	if (!scn && is_program(o))
		scn = table_in(*elf = o->elf, SHT_DYNSYM, sh);
	return scn;
}

static void read_symbols(struct dbg_object *o)
{
	Elf_Scn *scn;
	Elf *elf;
	GElf_Shdr sh;
	Elf_Data *data;
	size_t n;

	if (o->by_name)
		return;
	if (o->index && o->index->map) {
		take_indexed(o);
		return;
	}
	obj_open(o);
	scn = find_table(o, &elf, &sh);
	data = scn ? elf_getdata(scn, NULL) : NULL;
	n = data && sh.sh_entsize ? data->d_size / sh.sh_entsize : 0;
	if (!n && o->btf)
		o->nsym = kallsyms_read(o, &o->by_name);
	if (!o->by_name)
		o->by_name = xmalloc((n + 1) * sizeof(*o->by_name));
	for (size_t i = 1; i < n; i++)
		if (read_symbol(o, elf, data, sh.sh_link, i, &o->by_name[o->nsym]))
			o->nsym++;
	o->by_addr = xmalloc((o->nsym + 1) * sizeof(*o->by_addr));
	memcpy(o->by_addr, o->by_name, o->nsym * sizeof(*o->by_addr));
	qsort(o->by_name, o->nsym, sizeof(*o->by_name), by_name);
	qsort(o->by_addr, o->nsym, sizeof(*o->by_addr), by_addr);
	if (!n)
		guess_sizes(o);
}

void sym_read(struct dbg_object *o)
{
	read_symbols(o);
}

const struct sym *sym_named(struct dbg_object *o, const char *name)
{
	size_t lo = 0, hi;

	read_symbols(o);
	for (hi = o->nsym; lo < hi; ) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(o->by_name[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < o->nsym && !strcmp(o->by_name[lo].name, name) ? &o->by_name[lo] : NULL;
}

size_t sym_prefix(struct dbg_object *o, const char *prefix, const struct sym **ret)
{
	size_t lo = 0, hi, n = 0, len = strlen(prefix);

	read_symbols(o);
	for (hi = o->nsym; lo < hi; ) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(o->by_name[mid].name, prefix) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < o->nsym && !strncmp(o->by_name[lo + n].name, prefix, len))
		n++;
	*ret = o->by_name + lo;
	return n;
}

const struct sym *sym_at(struct dbg_object *o, uint64_t addr, const char *name)
{
	size_t lo = 0, hi, n = name ? strlen(name) : 0;
	const struct sym *best = NULL;
	int have = -1;

	read_symbols(o);
	for (hi = o->nsym; lo < hi; ) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->by_addr[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < o->nsym && o->by_addr[lo].addr == addr; lo++) {
		const char *s = o->by_addr[lo].name;
		int rank = strstr(s, ".cold") ? 0 : !name || strncmp(s, name, n) ? 1 : s[n] ? 2 : 3;

		if (!o->by_addr[lo].func || rank <= have)
			continue;
		have = rank;
		best = &o->by_addr[lo];
	}
	return best;
}

/* Index of the first symbol above ADDR. */
static size_t first_above(struct dbg_object *o, uint64_t addr)
{
	size_t lo = 0, hi;

	read_symbols(o);
	for (hi = o->nsym; lo < hi; ) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->by_addr[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct sym *sym_around(struct dbg_object *o, uint64_t addr)
{
	size_t lo = first_above(o, addr);

	while (lo-- > 0) {
		const struct sym *s = &o->by_addr[lo];

		if (s->func)
			return addr - s->addr < s->size ? s : NULL;
	}
	return NULL;
}

uint64_t sym_gap(struct dbg_object *o, uint64_t addr)
{
	size_t lo = first_above(o, addr);

	return lo && lo < o->nsym ? o->by_addr[lo].addr - o->by_addr[lo - 1].addr : 0;
}

uint64_t sym_end(struct dbg_object *o, uint64_t addr)
{
	const struct sym *s = sym_at(o, addr, NULL);

	return addr + (s && s->size ? s->size : 1);
}

bool sym_is_alone(const struct dbg_object *o, const struct sym *s)
{
	size_t i = s - o->by_name;

	return (i == 0 || strcmp(s[-1].name, s->name)) &&
	       (i + 1 == o->nsym || strcmp(s[1].name, s->name));
}

/* The kernel's loader keeps symbols of the sections it loads; local labels and the like are left out. */
size_t dbg_anchors(struct dbg_object *o, struct arena *a, struct dbg_anchor **ret)
{
	struct { struct dbg_anchor *v; size_t n, cap; } found = {0};

	*ret = NULL;
	if (!o->module)
		return 0;
	sym_read(o);
	for (size_t i = 0; i < o->nsym; i++) {
		const struct sym *s = &o->by_name[i];
		struct dbg_anchor x = { .symbol = s->name };
		size_t k = 0;

		if (s->name[0] == '.' || s->name[0] == '$' || !sym_is_alone(o, s) ||
		    !obj_place(o, s->addr, &x.offset, &x.section))
			continue;
		while (k < found.n && strcmp(found.v[k].section, x.section))
			k++;
		if (k == found.n)
			*vec_add(a, &found) = x;
	}
	*ret = found.v;
	return found.n;
}

static bool is_dynamic(struct dbg_object *o, const char *name)
{
	GElf_Shdr sh;
	Elf_Scn *scn = obj_open(o) ? table_in(o->elf, SHT_DYNSYM, &sh) : NULL;
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	size_t n = data && sh.sh_entsize ? data->d_size / sh.sh_entsize : 0;

	for (size_t i = 1; i < n; i++) {
		const char *text;
		GElf_Sym s;

		if (!gelf_getsym(data, (int)i, &s) || s.st_shndx == SHN_UNDEF)
			continue;
		text = elf_strptr(o->elf, sh.sh_link, s.st_name);
		if (text && !strcmp(text, name))
			return true;
	}
	return false;
}

bool dbg_is_exported(struct dbg_object *o, const char *name)
{
	uint64_t ignored;

	if (is_program(o))
		return is_dynamic(o, name);
	return dbg_symbol(o, arena_printf(o->a, "__ksymtab_%s", name), &ignored);
}

uint64_t sym_value(struct dbg_object *o, const char *name)
{
	const struct sym *s = sym_named(o, name);

	return s ? s->addr : 0;
}

bool sym_location(struct dbg_object *o, struct arena *a, const struct sym *s, struct location *ret)
{
	uint64_t start = sym_value(o, "__per_cpu_start"), end = sym_value(o, "__per_cpu_end"), addr;
	bool percpu = !o->module && s->addr >= start && s->addr < end;
	const char *section;

	if (!obj_place(o, s->addr, &addr, &section))
		return false;
	*ret = (struct location){ .kind = LOC_MEMORY };
	ret->expr = percpu ? lx_un(a, LX_PERCPU, lx_const(a, s->addr)) : lx_addr_in(a, o->module, section, addr);
	return true;
}

/* One question is not worth a table of all: it is put to the index. */
static size_t indexed_symbols(const struct index *ix, const char *name, struct sym *ret)
{
	size_t i = index_find(ix, ix->sym, ix->nsym, sizeof(*ix->sym), name), n = 0;

	for (; i + n < ix->nsym && !strcmp(ix_str(ix, ix->sym[i + n].name), name); n++)
		;
	if (n)
		*ret = (struct sym){ .addr = ix->sym[i].addr, .size = ix->sym[i].size };
	return n;
}

size_t dbg_symbols_named(struct dbg_object *o, const char *name, uint64_t *addr, uint64_t *size)
{
	const struct index *ix = o->index && o->index->map ? o->index : NULL;
	const struct sym *s;
	const char *section;
	struct sym first;
	size_t n = 0;

	if (ix && !o->by_name) {
		n = indexed_symbols(ix, name, &first);
	} else if ((s = sym_named(o, name))) {
		first = *s;
		for (; s < o->by_name + o->nsym && !strcmp(s->name, name); s++)
			n++;
	}
	if (!n || !obj_place(o, first.addr, addr, &section))
		return 0;
	*size = first.size;
	return n;
}

bool dbg_symbol(struct dbg_object *o, const char *name, uint64_t *addr)
{
	uint64_t size;

	return dbg_symbols_named(o, name, addr, &size) > 0;
}
