/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * testsuite/sema: ok/NAME.stp elaborates to ok/NAME.out (warnings, then the program), ko/NAME.stp
 * reports exactly ko/NAME.err.  A first line `# test: WORDS` sets guru, unoptimized, werror, sites (dump the
 * sites too), list or vars (-l, -L).  Everything is this file's own world: the family `fake` has functions
 * with known parameters, the debuginfo one struct, the library is testsuite/sema/tapset.  With
 * BLESS=1 in the environment the expectations are rewritten.
 */
#include <dirent.h>

#include "dbginfo/dbginfo.h"
#include "family/family.h"
#include "library/library.h"
#include "sema/sema.h"
#include "testsuite/unit/syntax_setup.h"

/* ---- types: struct file ---- */

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

static void make_types(void)
{
	MEMBERS(t_inner, inner_members);
	MEMBERS(t_anon, anon_members);
	MEMBERS(t_file, file_members);
}

/* ---- debuginfo that knows struct file and the global `jiffies` ---- */

struct dbginfo *dbginfo_open(struct arena *a, const char *release)
{
	(void)release;
	return arena_alloc(a, 1);
}

struct dbg_object *dbg_object(struct dbginfo *d, const char *module, const char **why)
{
	*why = "the test has none";
	return module && strcmp(module, "m") ? NULL : (struct dbg_object *)d;
}

struct ctype *dbg_type(struct dbg_object *o, const char *name)
{
	(void)o;
	if (!strncmp(name, "struct ", 7))
		name += 7;
	return !strcmp(name, "file") ? &t_file : NULL;
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

/* ---- the family: alpha(file, count, text), beta(file, count), gamma() with variables it cannot give ---- */

static const char *const functions[] = { "alpha", "beta", "gamma" };

enum { FAKE_CALL, FAKE_RETURN };

static const struct point_form forms[] = {
	{ "fake.function(string)", FAKE_CALL, "" },
	{ "fake.function(string).return", FAKE_RETURN, "" },
	{ "fake.number(number)", FAKE_CALL, "" },
	{ NULL },
};

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	size_t before = out->n;

	for (size_t i = 0; i < 3; i++) {
		struct site *s;

		if (!m->str[1] || !str_glob(m->str[1], functions[i]))
			continue;
		s = *vec_add(r->a, out) = arena_new(r->a, struct site);
		s->func = functions[i];
		s->is_return = m->form->kind == FAKE_RETURN;
		s->pp = arena_printf(r->a, "fake.function(\"%s\")%s", s->func, s->is_return ? ".return" : "");
		s->pn = m->pn;
		s->place = m->point->place;
	}
	if (out->n > before || r->optional)
		return true;
	return diag_error(r->d, DIAG_SEMANTIC, "no-match", &m->point->place, "no function matches '%s'",
			  m->str[1] ? m->str[1] : "");
}

static const struct { const char *name; struct ctype *type; int reg; bool param; unsigned functions; } vars[] = {
	{ "file", &t_filep, 5, true, 3 }, { "count", &t_int, 4, true, 3 }, { "text", &t_text, 1, true, 1 },
	{ "gone", &t_long, -1, true, 4 }, { "here", &t_file, -2, false, 1 },
};

static unsigned bit_of(const struct site *s)
{
	for (unsigned i = 0; i < 3; i++)
		if (!strcmp(s->func, functions[i]))
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

	*ret = arena_array(r->a, struct site_var, 8);
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
	.name = "fake", .forms = forms, .resolve = resolve, .var = var, .vars = all_vars, .row = row,
};

extern const struct family family_been, family_never, family_timer;
const struct family *const families[] = { &family_been, &family_never, &family_timer, &fake, NULL };

/* ---- one file ---- */

static bool option(const struct buf *text, const char *word)
{
	const char *end = strchr(text->p, '\n'), *at = strstr(text->p, word);

	return !strncmp(text->p, "# test:", 7) && at && at < end;
}

static void elaborate(struct session *s, const struct buf *text, struct buf *out)
{
	char *list = NULL;
	size_t n = 0;
	FILE *f;

	if (option(text, "list") || option(text, "vars")) {
		f = open_memstream(&list, &n);
		if (!sema_list(s, option(text, "vars"), f))
			buf_puts(out, "(nothing)\n");
		fclose(f);
		buf_puts(out, list);
		free(list);
	} else if (sema_run(s)) {
		program_dump(out, s->program);
		if (option(text, "sites"))
			sites_dump(out, s->program);
	}
}

/* DIR in the text becomes DIR: expectations hold on every machine. */
static void hide(struct buf *b, const char *dir)
{
	struct buf out = { 0 };
	const char *p = buf_text(b), *at;

	for (; (at = strstr(p, dir)); p = at + strlen(dir)) {
		buf_add(&out, p, (size_t)(at - p));
		buf_puts(&out, "DIR");
	}
	buf_puts(&out, p);
	buf_deinit(b);
	*b = out;
}

static void run_text(const char *dir, const char *name, const struct buf *text, struct buf *out)
{
	const char *dirs[1];
	struct source src = { .name = name, .text = text->p, .size = text->n, .guru = option(text, "guru") };
	struct session s = { .opt = { .guru = src.guru, .unoptimized = option(text, "unoptimized") } };
	struct script *script;
	char *messages = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&messages, &n);

	arena_init(&s.arena, "test");
	dirs[0] = arena_printf(&s.arena, "%s/tapset", dir);
	diag_init(&s.diag, f);
	s.diag.werror = option(text, "werror");
	s.pp = (struct pp_env){ .kernel_v = "6.1.0", .kernel_vr = "6.1.0-1", .arch = "x86_64",
				.systemtap_v = "5.2", .privilege = "stapdev", .runtime = "kernel",
				.guru = src.guru };
	s.library = library_open(&s.arena, &s.diag, dirs, 1, 1, &s.pp);
	script = parse_script(&s.arena, &s.diag, &src, &s.pp);
	if (script) {
		*vec_add(&s.arena, &s.scripts) = script;
		elaborate(&s, text, out);
	}
	fclose(f);
	if (n) {
		struct buf both = { 0 };

		buf_puts(&both, messages);
		buf_puts(&both, buf_text(out));
		buf_deinit(out);
		*out = both;
	}
	hide(out, dir);
	free(messages);
	library_close(s.library);
	diag_deinit(&s.diag);
	arena_deinit(&s.arena);
}

static void run_file(const char *dir, const char *kind, const char *name)
{
	struct buf text = { 0 }, got = { 0 }, want = { 0 };
	char path[4096], what[256];

	snprintf(path, sizeof(path), "%s/%s/%s", dir, kind, name);
	if (!buf_read_file(&text, path))
		exit(99);
	run_text(dir, name, &text, &got);
	strcpy(strrchr(path, '.'), strcmp(kind, "ko") ? ".out" : ".err");
	if (getenv("BLESS")) {
		FILE *f = fopen(path, "w");

		if (f) {
			fputs(buf_text(&got), f);
			fclose(f);
		}
	}
	if (!buf_read_file(&want, path))
		buf_printf(&want, "(cannot read %s)", path);
	snprintf(what, sizeof(what), "sema/%s/%.*s", kind, (int)strlen(name) - 4, name);
	verdict(!strcmp(buf_text(&got), buf_text(&want)), what, buf_text(&got), buf_text(&want));
	buf_deinit(&text);
	buf_deinit(&got);
	buf_deinit(&want);
}

static int is_script(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 4 && !strcmp(e->d_name + n - 4, ".stp");
}

static void run_dir(const char *dir, const char *kind)
{
	struct dirent **names;
	char path[4096];
	int n;

	snprintf(path, sizeof(path), "%s/%s", dir, kind);
	n = scandir(path, &names, is_script, alphasort);
	if (n <= 0) {
		printf("not ok sema/%s: no scripts in %s\n", kind, path);
		failures++;
		return;
	}
	for (int i = 0; i < n; i++) {
		run_file(dir, kind, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : SRCDIR "/testsuite/sema";

	make_types();
	run_dir(dir, "ok");
	run_dir(dir, "ko");
	return failures > 0;
}
