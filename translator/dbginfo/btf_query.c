// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Functions, parameters, variables and tracepoints by BTF.
 *
 * BTF has a prototype for each function that has one ELF symbol of its own name.  Where several
 * functions share a name, or the compiler made the body anew (.isra, .constprop), it does not say
 * whose parameters these are, so they are refused; the function itself can be probed.  Parameters
 * are where the System V ABI for x86-64 (3.2.3) puts them, which holds at the first instruction
 * only.  Of variables, BTF lists those that are per CPU.
 *
 * pahole before 1.25 takes the first function of a name for all of them.  Where another one of that
 * name has a symbol this is noticed; where it is inlined everywhere it is not (some ten functions of
 * a Debian kernel: "hash", "flag_show").
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/btf.h"

/* ---- functions ---- */

static bool knows_symbols(struct dbg_object *o)
{
	const struct sym *s;

	return sym_prefix(o, "", &s) > 0;
}

/* Function symbols called NAME, one after the other from *FIRST. */
static size_t symbols(struct dbg_object *o, const char *name, const struct sym **first)
{
	size_t n = 0;

	*first = sym_named(o, name);
	while (*first && n < o->nsym - (*first - o->by_name) && !strcmp((*first)[n].name, name))
		n++;
	return n;
}

/* A body that was made from NAME: "NAME.isra.0"; the parts of one (.cold, .part) are none. */
static const struct sym *clone_of(struct dbg_object *o, const char *name)
{
	const struct sym *s;
	size_t n = sym_prefix(o, arena_printf(o->a, "%s.", name), &s), len = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (s[i].func && !strstr(s[i].name + len, ".cold") && !strstr(s[i].name + len, ".part"))
			return &s[i];
	return NULL;
}

static void add_at(struct dbg_object *o, struct arena *a, const char *name, uint32_t id,
		   const struct sym *s, struct dbg_func_list *ret)
{
	struct dbg_func *f = arena_new(a, struct dbg_func);

	if (!obj_place(o, s->addr, &f->entry, &f->section))
		return;
	f->name = name;
	f->linkage = s->name;
	f->object = o;
	f->die = id;
	f->after_prologue = f->entry;
	if (o->elf) {
		f->patchable = text_patchable(o, s->addr);
		f->why_not = text_why_not(o, s->addr, f->section);
	}
	f->probeable = !f->why_not;
	*vec_add(a, ret) = f;
}

static void add_by_symbol(struct dbg_object *o, struct arena *a, const char *name, uint32_t id,
			  struct dbg_func_list *ret)
{
	struct dbg_func *f = arena_new(a, struct dbg_func);

	f->name = f->linkage = name;
	f->object = o;
	f->die = id;
	f->by_symbol = f->probeable = true;
	*vec_add(a, ret) = f;
}

/* The places of the function NAME; ID of its prototype, 0 for none. */
static void add_function(struct dbg_object *o, struct arena *a, const char *name, uint32_t id,
			 struct dbg_func_list *ret)
{
	const struct sym *s;
	size_t n = symbols(o, name, &s), before = ret->n;

	for (size_t i = 0; i < n; i++)
		if (s[i].func)
			add_at(o, a, name, id, &s[i], ret);
	if (ret->n > before)
		return;
	if (!knows_symbols(o)) {
		if (id)
			add_by_symbol(o, a, name, id, ret);
		return;
	}
	s = clone_of(o, name);
	if (s)
		add_at(o, a, name, id, s, ret);
}

void btf_functions(struct dbg_object *o, struct arena *a, const char *name,
		   struct dbg_func_list *ret)
{
	const struct btf *b = o->btf;
	uint32_t id;

	if (!str_is_glob(name)) {
		id = btf_find(b, name, BTF_BIT(BTF_FUNC), 0);
		add_function(o, a, name, id >= b->first ? id : 0, ret);
		return;
	}
	for (id = b->first; id < b->first + b->n; id++) {
		struct btf_type t;

		if (btf_type(b, id, &t) && t.kind == BTF_FUNC && str_glob(name, t.name) &&
		    btf_find(b, t.name, BTF_BIT(BTF_FUNC), 0) == id)
			add_function(o, a, t.name, id, ret);
	}
}

struct dbg_func *btf_scope_at(struct dbg_object *o, struct arena *a, uint64_t dw)
{
	const struct sym *s = sym_around(o, dw);
	struct dbg_func_list l = {0};
	uint32_t id;

	if (!s)
		return NULL;
	id = btf_find(o->btf, s->name, BTF_BIT(BTF_FUNC), 0);
	add_at(o, a, s->name, id >= o->btf->first ? id : 0, s, &l);
	return l.n ? l.v[0] : NULL;
}

bool btf_next_function(struct dbg_object *o, uint32_t *id, const char **ret)
{
	struct btf_type t;

	while (btf_type(o->btf, (*id)++, &t))
		if (t.kind == BTF_FUNC) {
			*ret = t.name;
			return true;
		}
	return false;
}

uint32_t btf_first(const struct dbg_object *o)
{
	return o->btf->first;
}

/* ---- parameters ---- */

static bool same_parameters(const struct btf_type *x, const struct btf_type *y)
{
	bool same = x->vlen == y->vlen;

	for (uint32_t i = 0; same && i < x->vlen; i++)
		same = btf_word(x->rest, 2 * i + 1) == btf_word(y->rest, 2 * i + 1);
	return same;
}

/*
 * The prototype called NAME from ID on; of several that take the same, one that uses and returns
 * something: the weak stub of a system call that is not configured has the name of the call.
 */
static bool only_proto(struct dbg_object *o, const char *name, uint32_t id, struct btf_type *ret)
{
	struct btf_type next;

	if (!id || !btf_proto(o->btf, id, ret))
		return false;
	while ((id = btf_find(o->btf, name, BTF_BIT(BTF_FUNC), id)) >= o->btf->first) {
		if (!btf_proto(o->btf, id, &next) || !same_parameters(ret, &next))
			return false;
		if (!ret->size || (ret->vlen && next.size && !strncmp(btf_string(o->btf,
		    btf_word(ret->rest, 0)), "__unused", 8)))
			*ret = next;
	}
	return true;
}

/* A second function of the name shows in a body that was made anew from it. */
static bool has_changed_body(struct dbg_object *o, const char *name)
{
	const struct sym *s;

	return sym_prefix(o, arena_printf(o->a, "%s.isra.", name), &s) > 0;
}

/* Why the prototype cannot be trusted to be that of F's body; NULL when it can. */
static const char *unsure(struct dbg_func *f, struct btf_type *proto)
{
	struct dbg_object *o = f->object;
	const struct sym *s;

	if (!f->die)
		return "BTF has no prototype of this function";
	if (strcmp(f->name, f->linkage))
		return "the compiler changed this function, and BTF does not say how; DWARF would";
	if (!only_proto(o, f->name, f->die, proto) || symbols(o, f->name, &s) > 1 ||
	    has_changed_body(o, f->name))
		return "several functions have this name, and BTF does not say which is meant; DWARF would";
	return NULL;
}

/* The producer may have kept the stub alone, whose one parameter is that of the call. */
static const char *param_name(const struct dbg_func *f, const char *name)
{
	bool call = !strncmp(f->name, "__x64_sys_", 10) || !strncmp(f->name, "__ia32_", 7);

	return call && !strcmp(name, "__unused") ? "regs" : name;
}

static void read_params(struct dbg_func *f, struct arena *a, const struct btf_type *proto,
			const char *why, const char *name, struct vars *out)
{
	struct dbg_object *o = f->object;
	struct ctype *result = btf_ctype(o, proto->size);
	struct abi_cursor c;

	abi_begin(&c, result);
	for (uint32_t i = 0; i < proto->vlen; i++) {
		const char *n = param_name(f, btf_string(o->btf, btf_word(proto->rest, 2 * i)));
		uint32_t type = btf_word(proto->rest, 2 * i + 1);
		struct site_var v = { .name = n, .param = true };

		if (!type)
			break;				/* "..." */
		v.type = btf_ctype(o, type);
		abi_parameter(&c, a, v.type, &v.loc);
		if (why)
			location_none(&v.loc, why);
		if (*n && (!name || !strcmp(n, name)))
			*vec_add(a, out) = v;
	}
}

size_t btf_vars(struct dbg_func *f, struct arena *a, uint64_t pc, const char *name,
		struct site_var **ret)
{
	struct vars out = {0};
	struct btf_type proto = {0};
	const char *why = unsure(f, &proto);

	if (!why && pc != f->entry)
		why = "by BTF parameters are known at the entry of a function only; DWARF would tell here";
	if (proto.kind == BTF_FUNC_PROTO)
		read_params(f, a, &proto, why, name, &out);
	if (name && !out.n) {
		struct site_var global;

		if (dbg_global(f->object, a, name, &global))
			*vec_add(a, &out) = global;
	}
	*ret = out.v;
	return out.n;
}

bool btf_result(struct dbg_func *f, struct ctype **type, const char **why)
{
	struct btf_type proto;

	*why = unsure(f, &proto);
	*type = *why ? NULL : btf_ctype(f->object, proto.size);
	return !*why;
}

/* ---- variables ---- */

/* Where DATASEC says that the variable ID is: its section and the offset in it. */
static bool var_place(const struct btf *b, uint32_t id, const char **section, uint32_t *off)
{
	for (uint32_t s = b->first; s < b->first + b->n; s++) {
		struct btf_type t;

		if (!btf_type(b, s, &t) || t.kind != BTF_DATASEC)
			continue;
		for (uint32_t i = 0; i < t.vlen; i++)
			if (btf_word(t.rest, 3 * i) == id) {
				*section = t.name;
				*off = btf_word(t.rest, 3 * i + 1);
				return true;
			}
	}
	return false;
}

static void locate_var(struct dbg_object *o, struct arena *a, uint32_t id, struct location *ret)
{
	const char *section;
	uint64_t addr;
	uint32_t off;
	GElf_Shdr sh;

	if (!var_place(o->btf, id, &section, &off)) {
		location_none(ret, "BTF does not say where it is");
		return;
	}
	if (!strcmp(section, ".data..percpu") && !o->module) {
		/* Linked at 0 on x86-64 before 6.15; the image says. */
		addr = o->elf && obj_section(o->elf, section, &sh) ? sh.sh_addr + off : off;
		*ret = (struct location){ .kind = LOC_MEMORY,
					  .expr = lx_un(a, LX_PERCPU, lx_const(a, addr)) };
	} else if (o->module && strstr(section, ".data..percpu")) {
		location_none(ret, "it is a per-CPU variable of a module");
	} else if (o->module) {
		*ret = (struct location){ .kind = LOC_MEMORY,
					  .expr = lx_addr_in(a, o->module, section, off) };
	} else if (o->elf && obj_section(o->elf, section, &sh)) {
		*ret = (struct location){ .kind = LOC_MEMORY, .expr = lx_addr(a, NULL, sh.sh_addr + off) };
	} else {
		location_none(ret, "its address is known from the kernel's image only");
	}
}

/* A variable without a type: its address can be had, to be cast. */
static bool untyped_global(struct dbg_object *o, struct arena *a, const char *name, struct site_var *ret)
{
	const struct sym *s = sym_named(o, name);

	*ret = (struct site_var){ .name = name };
	return s && !s->func && sym_location(o, a, s, &ret->loc);
}

/* "name@file": BTF knows no files, and of several variables of a name the first. */
bool btf_global(struct dbg_object *o, struct arena *a, const char *name, struct site_var *ret)
{
	const char *at = strchr(name, '@');
	const char *plain = at ? arena_strndup(a, name, at - name) : name;
	uint32_t id = btf_find(o->btf, plain, BTF_BIT(BTF_VAR), 0);
	struct btf_type t;

	if (!btf_type(o->btf, id, &t) || (o->btf->base && id < o->btf->first))
		return untyped_global(o, a, plain, ret);
	*ret = (struct site_var){ .name = plain, .type = btf_ctype(o, t.size) };
	locate_var(o, a, id, &ret->loc);
	return true;
}

/* ---- tracepoints ---- */

/*
 * The prototype of __traceiter_NAME has the names and types; the typedef btf_trace_NAME, which
 * exists for BPF since 5.5, the types alone.
 */
bool btf_tracepoint(struct dbg_object *o, struct arena *a, const char *name, struct dbg_tracepoint *t)
{
	struct btf_type proto;
	uint32_t id = btf_find(o->btf, arena_printf(a, "__traceiter_%s", name), BTF_BIT(BTF_FUNC), 0);

	if (!id)
		id = btf_find(o->btf, arena_printf(a, "btf_trace_%s", name), BTF_BIT(BTF_TYPEDEF), 0);
	if (!id || !btf_proto(o->btf, id, &proto) || !proto.vlen)
		return false;
	t->nargs = proto.vlen - 1;
	t->arg_types = arena_array(a, struct ctype *, t->nargs + 1);
	t->arg_names = arena_array(a, const char *, t->nargs + 1);
	for (uint32_t i = 1; i < proto.vlen; i++) {
		const char *n = btf_string(o->btf, btf_word(proto.rest, 2 * i));

		((const char **)t->arg_names)[i - 1] = *n ? n : arena_printf(a, "arg%u", i);
		t->arg_types[i - 1] = btf_ctype(o, btf_word(proto.rest, 2 * i + 1));
	}
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t btf_tracepoint_names(struct dbg_object *o, struct arena *a, const char *glob,
			    const char *const **ret)
{
	static const char prefix[] = "btf_trace_";
	struct { const char **v; size_t n, cap; } found = {0};
	const struct btf *b = o->btf;

	for (uint32_t id = b->first; id < b->first + b->n; id++) {
		struct btf_type t;

		if (btf_type(b, id, &t) && t.kind == BTF_TYPEDEF &&
		    !strncmp(t.name, prefix, sizeof(prefix) - 1) &&
		    str_glob(glob, t.name + sizeof(prefix) - 1))
			*vec_add(a, &found) = t.name + sizeof(prefix) - 1;
	}
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_text);
	*ret = found.v;
	return found.n;
}
