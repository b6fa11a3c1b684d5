// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the kernel lets a probe be, told from the image before anything is loaded.
 *
 * The rules are those of check_kprobe_address_safe() and populate_kprobe_blacklist() in
 * kernel/kprobes.c and arch_populate_kprobe_blacklist() on x86 (6.1 and 6.12): entry text, .noinstr
 * and .kprobes text, functions named by NOKPROBE_SYMBOL(), bytes that jump labels and static calls
 * rewrite, the ud2 of BUG().  In vmlinux the regions have symbols; modules have sections with those
 * names.  What an image does not tell (a module without its tables) counts as probeable: the kernel
 * itself refuses later.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

static const unsigned char endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

struct numbers { uint64_t *v; size_t n, cap; };

static void add_number(struct numbers *l, uint64_t x)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->v = xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = x;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool has(const uint64_t *v, size_t n, uint64_t x)
{
	return n && bsearch(&x, v, n, sizeof(*v), by_value);
}

/*
 * Rows of SIZE bytes between two symbols whose first word is a distance of 32 bits from itself: the
 * shape of jump_entry, static_call_site and (relative) bug_entry on x86-64.
 */
static void read_relative(struct dbg_object *o, const char *from, const char *to, size_t size,
			  struct numbers *ret)
{
	uint64_t start = sym_value(o, from), end = sym_value(o, to);
	const char *p;

	if (!start || end <= start || end - start > 1 << 28)
		return;
	p = obj_bytes(o, start, end - start);
	for (uint64_t off = 0; p && off + size <= end - start; off += size) {
		int32_t dist;

		memcpy(&dist, p + off, sizeof(dist));
		add_number(ret, start + off + (int64_t)dist);
	}
}

/* Section NAME of a module: where its relocations put addresses of code, as DWARF addresses. */
static void read_relocated(struct dbg_object *o, const char *name, struct numbers *ret)
{
	char *rela = arena_printf(o->a, ".rela%s", name);
	GElf_Shdr sh, symsh, ts;
	Elf_Scn *scn = obj_section(o->elf, rela, &sh);
	Elf_Scn *symscn = scn ? elf_getscn(o->elf, sh.sh_link) : NULL;
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	Elf_Data *syms = symscn && gelf_getshdr(symscn, &symsh) ? elf_getdata(symscn, NULL) : NULL;
	size_t n = data && sh.sh_entsize ? data->d_size / sh.sh_entsize : 0;

	for (size_t i = 0; syms && i < n; i++) {
		GElf_Rela r;
		GElf_Sym s;
		Elf_Scn *target;

		if (!gelf_getrela(data, i, &r) || !gelf_getsym(syms, GELF_R_SYM(r.r_info), &s))
			continue;
		target = s.st_shndx < SHN_LORESERVE ? elf_getscn(o->elf, s.st_shndx) : NULL;
		if (target && gelf_getshdr(target, &ts))
			add_number(ret, ts.sh_addr + s.st_value + r.r_addend - o->bias);
	}
}

/* The functions that NOKPROBE_SYMBOL() names, as pairs of start and end. */
static void read_blacklist(struct dbg_object *o, struct text *t)
{
	struct numbers entry = {0}, pair = {0};
	uint64_t start = sym_value(o, "__start_kprobe_blacklist");
	uint64_t end = sym_value(o, "__stop_kprobe_blacklist");
	const char *p = NULL;

	if (o->mod)
		read_relocated(o, "_kprobe_blacklist", &entry);
	else if (start && end > start && end - start < 1 << 20)
		p = obj_bytes(o, start, end - start);
	for (uint64_t off = 0; p && off + 8 <= end - start; off += 8) {
		uint64_t addr;

		memcpy(&addr, p + off, sizeof(addr));
		add_number(&entry, addr);
	}
	if (entry.n)
		qsort(entry.v, entry.n, sizeof(*entry.v), by_value);
	for (size_t i = 0; i < entry.n; i++) {
		add_number(&pair, entry.v[i]);
		add_number(&pair, sym_end(o, entry.v[i]));
	}
	free(entry.v);
	t->blacklist = pair.v;
	t->nblacklist = pair.n / 2;
}

/* Sections with code, as pairs of start and size. */
static void read_code(struct dbg_object *o, struct text *t)
{
	struct numbers pair = {0};
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(o->elf, scn)))
		if (gelf_getshdr(scn, &sh) && (sh.sh_flags & SHF_ALLOC) &&
		    (sh.sh_flags & SHF_EXECINSTR)) {
			add_number(&pair, sh.sh_addr - o->bias);
			add_number(&pair, sh.sh_size);
		}
	t->code = pair.v;
	t->ncode = pair.n / 2;
}

static void take(struct numbers *from, uint64_t **v, size_t *n)
{
	if (from->n)
		qsort(from->v, from->n, sizeof(*from->v), by_value);
	*v = from->v;
	*n = from->n;
}

const struct text *text_of(struct dbg_object *o)
{
	struct text *t = &o->text;
	struct numbers patched = {0}, bugs = {0}, mcount = {0};

	if (t->read)
		return t;
	t->read = true;
	if (!obj_open(o))
		return t;
	read_code(o, t);
	if (is_program(o))
		return t;
	read_blacklist(o, t);
	if (o->mod) {
		read_relocated(o, "__mcount_loc", &mcount);
		take(&mcount, &t->mcount, &t->nmcount);
		return t;
	}
	read_relative(o, "__start___jump_table", "__stop___jump_table", 16, &patched);
	read_relative(o, "__start_static_call_sites", "__stop_static_call_sites", 8, &patched);
	read_relative(o, "__start___bug_table", "__stop___bug_table", 12, &bugs);
	take(&patched, &t->patched, &t->npatched);
	take(&bugs, &t->bugs, &t->nbugs);
	t->at.fentry = sym_value(o, "__fentry__");
	/* From the first to the last, .exit.text among them, it is freed after boot. */
	t->at.init_start = sym_value(o, "__init_begin");
	t->at.init_end = sym_value(o, "__init_end");
	if (!t->at.init_start || !t->at.init_end) {
		t->at.init_start = sym_value(o, "_sinittext");
		t->at.init_end = sym_value(o, "_einittext");
	}
	t->at.entry_start = sym_value(o, "__entry_text_start");
	t->at.entry_end = sym_value(o, "__entry_text_end");
	t->at.kprobes_start = sym_value(o, "__kprobes_text_start");
	t->at.kprobes_end = sym_value(o, "__kprobes_text_end");
	t->at.noinstr_start = sym_value(o, "__noinstr_text_start");
	t->at.noinstr_end = sym_value(o, "__noinstr_text_end");
	return t;
}

void text_free(struct text *t)
{
	if (t->lent)
		return;
	free(t->code);
	free(t->blacklist);
	free(t->patched);
	free(t->bugs);
	free(t->mcount);
}

/* A jump label or static call is a jump of two or five bytes that gets rewritten. */
static bool is_patched(const struct text *t, uint64_t pc)
{
	for (unsigned back = 0; back < 5; back++)
		if (has(t->patched, t->npatched, pc - back))
			return true;
	return false;
}

static bool in_blacklist(const struct text *t, uint64_t pc)
{
	size_t lo = 0, hi = t->nblacklist;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->blacklist[2 * mid] <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && pc < t->blacklist[2 * lo - 1];
}

/* The kernel takes NOKPROBE_SYMBOL(f) for f.part.0, f.isra.0 and so on too. */
static bool is_part_of_blacklisted(struct dbg_object *o, const struct text *t, uint64_t pc)
{
	const struct sym *s = sym_around(o, pc), *whole;
	size_t n = s ? strcspn(s->name, ".") : 0;
	char name[128];

	if (!n || !s->name[n] || n >= sizeof(name))
		return false;
	memcpy(name, s->name, n);
	name[n] = '\0';
	whole = sym_named(o, name);
	return whole && in_blacklist(t, whole->addr);
}

/* A probe on an endbr64 goes behind it: what counts is what stands there. */
static uint64_t behind_endbr(struct dbg_object *o, uint64_t pc)
{
	const void *p = o->module ? NULL : obj_bytes(o, pc, sizeof(endbr64));

	return p && !memcmp(p, endbr64, sizeof(endbr64)) ? pc + sizeof(endbr64) : pc;
}

static bool in_code(const struct text *t, uint64_t pc)
{
	for (size_t i = 0; i < t->ncode; i++)
		if (pc - t->code[2 * i] < t->code[2 * i + 1])
			return true;
	return false;
}

/*
 * What can_optimize() in arch/x86/kernel/kprobes/opt.c takes for one function, without looking up: the symbol
 * table of 6.1 has a megabyte behind srso_alias_safe_ret, on which an emulated processor is lost.
 */
enum { MOST_DECODED = 128 << 10 };

const char *text_why_not(struct dbg_object *o, uint64_t pc, const char *section)
{
	const struct text *t = text_of(o);

	if (!in_code(t, pc))
		return "its code is not in the image";
	if (in_blacklist(t, pc))
		return "it is in the kernel's kprobe blacklist (NOKPROBE_SYMBOL)";
	if (is_part_of_blacklisted(o, t, pc))
		return "it is a part of a function in the kernel's kprobe blacklist (NOKPROBE_SYMBOL)";
	if (section && !strncmp(section, ".noinstr.text", 13))
		return "it is noinstr code, where the kernel allows no probe";
	if (section && !strncmp(section, ".kprobes.text", 13))
		return "it is in .kprobes.text, code that probes themselves depend on";
	if (o->module)
		return NULL;
	if (pc >= t->at.init_start && pc < t->at.init_end)
		return "it is __init code, gone after boot";
	if (pc >= t->at.entry_start && pc < t->at.entry_end)
		return "it is entry code (.entry.text), where the kernel allows no probe";
	if (pc >= t->at.noinstr_start && pc < t->at.noinstr_end)
		return "it is noinstr code, where the kernel allows no probe";
	if (pc >= t->at.kprobes_start && pc < t->at.kprobes_end)
		return "it is in .kprobes.text, code that probes themselves depend on";
	if (sym_gap(o, pc) > MOST_DECODED)
		return "kprobes would decode all code up to the next symbol, which is far";
	pc = behind_endbr(o, pc);
	if (is_patched(t, pc))
		return "a jump label or static call, which the kernel rewrites, is at its address";
	if (has(t->bugs, t->nbugs, pc))
		return "its first instruction is the trap of BUG() or WARN()";
	return NULL;
}

const char *dbg_why_not(struct dbg_object *o, uint64_t addr, const char *section)
{
	uint64_t pc;

	return obj_dwarf(o, section, addr, &pc) ? text_why_not(o, pc, section)
						: "its section is not in the image";
}

/*
 * A function's patchable entry: "call __fentry__" first or behind endbr64 (IBT kernels).  Modules:
 * the call has its relocation in the table that ftrace reads.
 */
bool text_patchable(struct dbg_object *o, uint64_t pc)
{
	static const unsigned char nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	const struct text *t = text_of(o);
	const unsigned char *p;
	int32_t dist;

	if (o->module)
		return has(t->mcount, t->nmcount, pc) || has(t->mcount, t->nmcount, pc + 4);
	p = obj_bytes(o, pc, 9);
	if (!p)
		return false;
	if (!memcmp(p, endbr64, 4)) {
		p += 4;
		pc += 4;
	}
	if (!memcmp(p, nop5, 5))
		return true;
	memcpy(&dist, p + 1, sizeof(dist));
	return p[0] == 0xe8 && t->at.fentry && pc + 5 + (int64_t)dist == t->at.fentry;
}
