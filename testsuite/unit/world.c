/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the test scripts see in place of a kernel: debuginfo with one struct, one enum and one global variable,
 * and a family whose functions have known parameters.  fake.function() has alpha, beta and gamma;
 * kernel.function(), kernel.trace() and the like answer with a few well-known names.
 */
#include "base/strmap.h"
#include "dbginfo/dbginfo.h"
#include "family/family.h"
#include "testsuite/unit/world.h"

#include <string.h>

/* ---- types: struct file, enum color ---- */

static struct ctype t_int = { .kind = CT_INT, .name = "int", .size = 4, .is_signed = true, .complete = true };
static struct ctype t_uint = { .kind = CT_INT, .name = "unsigned int", .size = 4, .complete = true };
static struct ctype t_long = { .kind = CT_INT, .name = "long", .size = 8, .is_signed = true, .complete = true };
static struct ctype t_char = { .kind = CT_INT, .name = "char", .size = 1, .is_signed = true, .is_char = true,
			       .complete = true };
static struct ctype t_float = { .kind = CT_FLOAT, .name = "double", .size = 8, .complete = true };
static struct ctype t_text = { .kind = CT_POINTER, .size = 8, .target = &t_char, .complete = true };
static struct ctype t_name = { .kind = CT_ARRAY, .size = 16, .count = 16, .target = &t_char, .complete = true };
static struct ctype t_grid = { .kind = CT_ARRAY, .size = 12, .count = 3, .target = &t_int, .complete = true };
static struct ctype t_file = { .kind = CT_STRUCT, .name = "file", .size = 96, .complete = true };
static struct ctype t_filep = { .kind = CT_POINTER, .size = 8, .target = &t_file, .complete = true };
static struct ctype t_inner = { .kind = CT_STRUCT, .name = "inner", .size = 16, .complete = true };
static struct ctype t_anon = { .kind = CT_UNION, .size = 8, .complete = true };

static struct ctype t_color = { .kind = CT_ENUM, .name = "color", .size = 4, .is_signed = true, .complete = true };

static struct cenumerator colors[] = {
	{ "RED", 1 }, { "GREEN", 2 }, { "BLUE", -4 }, { "CRIMSON", 1 }, { "WHITE", 0x7fffffff },
};

static struct cmember inner_members[] = {
	{ .name = "x", .type = &t_long, .offset = 0 }, { .name = "y", .type = &t_uint, .offset = 8 },
};
static struct cmember anon_members[] = {
	{ .name = "u1", .type = &t_long }, { .name = "u2", .type = &t_int },
};
static struct cmember file_members[] = {
	{ .name = "flags", .type = &t_uint, .offset = 0 },
	{ .name = "bit3", .type = &t_uint, .offset = 4, .bit_size = 3, .bit_offset = 2 },
	{ .name = "sbit", .type = &t_int, .offset = 5, .bit_size = 5, .bit_offset = 1 },
	{ .name = "next", .type = &t_filep, .offset = 8 },
	{ .name = "in", .type = &t_inner, .offset = 16 },
	{ .name = NULL, .type = &t_anon, .offset = 32 },
	{ .name = "name", .type = &t_name, .offset = 40 },
	{ .name = "text", .type = &t_text, .offset = 56 },
	{ .name = "grid", .type = &t_grid, .offset = 64 },
	{ .name = "ratio", .type = &t_float, .offset = 80 },
};

#define MEMBERS(type, list) \
	((type).members.v = (list), (type).members.n = (type).members.cap = sizeof(list) / sizeof((list)[0]))

void world_init(void)
{
	MEMBERS(t_inner, inner_members);
	MEMBERS(t_anon, anon_members);
	MEMBERS(t_file, file_members);
	t_color.enumerators.v = colors;
	t_color.enumerators.n = t_color.enumerators.cap = sizeof(colors) / sizeof(colors[0]);
}

/* ---- debuginfo that knows these and the global `jiffies` ---- */

struct dbginfo *dbginfo_want(struct dbginfo **d, struct arena *a, const char *release, enum dbg_kind kind,
			     void (*progress)(const char *what, unsigned percent))
{
	(void)release;
	(void)kind;
	(void)progress;
	if (!*d)
		*d = arena_alloc(a, 1);
	return *d;
}

struct dbg_object *dbg_object(struct dbginfo *d, const char *module, const char **why)
{
	*why = "the test has none";
	return module && strcmp(module, "m") ? NULL : (struct dbg_object *)d;
}

bool dbg_syscall(struct dbg_object *o, struct arena *a, const char *name, struct dbg_syscall *ret)
{
	(void)o;
	(void)a;
	(void)name;
	(void)ret;
	return false;
}

bool dbg_is_program(const struct dbg_object *o)
{
	(void)o;
	return false;
}

const char *dbg_module_name(const struct dbg_object *o)
{
	(void)o;
	return NULL;
}

const char *dbg_lacks(const struct dbg_object *o)
{
	(void)o;
	return NULL;
}

struct ctype *dbg_type(struct dbg_object *o, const char *name)
{
	(void)o;
	if (!strcmp(name, "enum color") || !strcmp(name, "color"))
		return &t_color;
	if (!strncmp(name, "struct ", 7))
		name += 7;
	return !strcmp(name, "file") ? &t_file : NULL;
}

bool dbg_enumerator(struct dbg_object *o, const char *name, int64_t *ret)
{
	(void)o;
	for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++)
		if (!strcmp(colors[i].name, name)) {
			*ret = colors[i].value;
			return true;
		}
	return false;
}

const char *dbg_similar_enumerator(struct dbg_object *o, const char *name)
{
	(void)o;
	return str_distance(name, "GREEN", 2) <= 2 ? "GREEN" : NULL;
}

bool dbg_global(struct dbg_object *o, struct arena *a, const char *name, struct site_var *ret)
{
	(void)o;
	if (strcmp(name, "jiffies") && strcmp(name, "jiffies@time.c"))
		return false;
	*ret = (struct site_var){ .name = "jiffies", .type = &t_long };
	ret->loc.kind = LOC_MEMORY;
	ret->loc.expr = lx_addr(a, NULL, 0x1000);
	return true;
}

/*
 * ---- the family: alpha(file, count, text), beta(file, count), gamma() with variables it cannot give;
 * the kernel's functions have file, text (buf) and count, its tracepoint has prev and next.
 */

static const struct { const char *name; enum { IN_FAKE, IN_KERNEL, IN_TRACE } kind; } functions[] = {
	{ "alpha", IN_FAKE }, { "beta", IN_FAKE }, { "gamma", IN_FAKE },
	{ "do_exit", IN_KERNEL }, { "vfs_read", IN_KERNEL }, { "vfs_write", IN_KERNEL },
	{ "sched_switch", IN_TRACE },
};

enum { NFUNCTIONS = sizeof(functions) / sizeof(functions[0]) };

enum { FAKE_CALL, FAKE_RETURN, KERNEL_CALL, KERNEL_RETURN, KERNEL_TRACE };

static const struct point_form forms[] = {
	{ "fake.function(string)", FAKE_CALL, "" },
	{ "fake.function(string).return", FAKE_RETURN, "" },
	{ "fake.number(number)", FAKE_CALL, "" },
	{ "kernel.function(string)", KERNEL_CALL, "" },
	{ "kernel.function(string).call", KERNEL_CALL, "" },
	{ "kernel.function(string).exported", KERNEL_CALL, "" },
	{ "kernel.function(string).inline", KERNEL_CALL, "" },
	{ "kernel.function(string).return", KERNEL_RETURN, "" },
	{ "kernel.function(string).return.maxactive(number)", KERNEL_RETURN, "" },
	{ "kernel.statement(string)", KERNEL_CALL, "" },
	{ "module(string).function(string)", KERNEL_CALL, "" },
	{ "module(string).function(string).return", KERNEL_RETURN, "" },
	{ "process(string).function(string)", KERNEL_CALL, "" },
	{ "kernel.trace(string)", KERNEL_TRACE, "" },
	{ NULL },
};

static bool matches(const struct point_match *m, unsigned i)
{
	unsigned kind = m->form->kind < KERNEL_CALL ? IN_FAKE : m->form->kind < KERNEL_TRACE ? IN_KERNEL : IN_TRACE;

	return m->str[1] && functions[i].kind == kind && str_glob(m->str[1], functions[i].name);
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	size_t before = out->n;

	for (unsigned i = 0; i < NFUNCTIONS; i++) {
		struct site *s;

		if (!matches(m, i))
			continue;
		s = *vec_add(r->a, out) = arena_new(r->a, struct site);
		s->func = functions[i].name;
		s->is_return = m->form->kind == FAKE_RETURN || m->form->kind == KERNEL_RETURN;
		s->pp = arena_printf(r->a, "%s(\"%s\")%s", functions[i].kind == IN_FAKE ? "fake.function" :
				     functions[i].kind == IN_TRACE ? "kernel.trace" : "kernel.function", s->func,
				     s->is_return ? ".return" : "");
		s->pn = m->pn;
		s->place = m->point->place;
	}
	if (out->n > before || r->optional)
		return true;
	return diag_error(r->d, DIAG_SEMANTIC, "no-match", &m->point->place, "no function matches '%s'",
			  m->str[1] ? m->str[1] : "");
}

static const struct { const char *name; struct ctype *type; int reg; bool param; unsigned functions; } vars[] = {
	{ "file", &t_filep, 5, true, 3 | 0x38 }, { "count", &t_int, 4, true, 3 | 0x38 },
	{ "text", &t_text, 1, true, 1 }, { "buf", &t_text, 1, true, 0x38 },
	{ "gone", &t_long, -1, true, 4 }, { "here", &t_file, -2, false, 1 },
	{ "prev", &t_filep, 5, true, 0x40 }, { "next", &t_filep, 4, true, 0x40 },
};

static unsigned bit_of(const struct site *s)
{
	for (unsigned i = 0; i < NFUNCTIONS; i++)
		if (!strcmp(s->func, functions[i].name))
			return 1u << i;
	return 0;
}

static bool var(struct resolver *r, const struct site *s, const char *name, bool at_entry, struct site_var *ret)
{
	if (!strcmp(name, "return") && s->is_return && !at_entry) {
		*ret = (struct site_var){ .name = "return", .type = &t_long, .is_return = true };
		ret->loc.kind = LOC_VALUE;
		ret->loc.expr = lx_reg(r->a, 0);
		return true;
	}
	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++) {
		if (strcmp(vars[i].name, name) || !(vars[i].functions & bit_of(s)))
			continue;
		*ret = (struct site_var){ .name = vars[i].name, .type = vars[i].type, .param = vars[i].param };
		ret->loc.kind = vars[i].reg == -1 ? LOC_NONE : vars[i].reg == -2 ? LOC_MEMORY : LOC_VALUE;
		ret->loc.expr = vars[i].reg == -2 ? lx_offset(r->a, lx_reg(r->a, 7), 8) :
						    lx_reg(r->a, (unsigned)vars[i].reg);
		ret->loc.why = "optimized out";
		return true;
	}
	return false;
}

static size_t all_vars(struct resolver *r, const struct site *s, struct site_var **ret)
{
	size_t n = 0;

	*ret = arena_array(r->a, struct site_var, sizeof(vars) / sizeof(vars[0]) + 1);
	if (s->is_return)
		n += var(r, s, "return", false, &(*ret)[n]);
	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++)
		n += var(r, s, vars[i].name, s->is_return, &(*ret)[n]);
	return n;
}

static void row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".is_return = %d", s->is_return);
}

static const struct family fake = {
	.name = "kprobe", .forms = forms, .resolve = resolve, .var = var, .vars = all_vars, .row = row,
};

extern const struct family family_been, family_never, family_timer;
const struct family *const families[] = { &family_been, &family_never, &family_timer, &fake, NULL };
