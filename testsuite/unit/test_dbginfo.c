// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Debuginfo of small subjects (testsuite/dwarf/ .c files) that are compiled here: types against the
 * compiler's own offsetof, functions, variables and returns against the ABI, a relocatable object
 * as a module, and damaged files, none of which may crash or hang a reader.
 *
 *	test_dbginfo [SOURCE DIRECTORY]
 */
#include <elf.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dbginfo/dbginfo.h"
#include "testsuite/dwarf/shapes.h"

static int failed;
static struct arena arena;
static char dir[] = "/tmp/test-dbginfo-XXXXXX";
static const char *sources;

static void check(const char *name, bool good, const char *why)
{
	printf(good ? "ok %s\n" : "not ok %s: %s\n", name, why);
	failed |= !good;
}

static void check_text(const char *name, const char *got, const char *want)
{
	check(name, !strcmp(got, want), arena_printf(&arena, "got \"%s\", wanted \"%s\"", got, want));
}

static void check_number(const char *name, uint64_t got, uint64_t want)
{
	check(name, got == want, arena_printf(&arena, "got %llu, wanted %llu",
					      (unsigned long long)got, (unsigned long long)want));
}

static void shell(const char *command)
{
	if (system(command)) {
		printf("not ok subject: cannot run %s\n", command);
		exit(1);
	}
}

/* DIR/NAME/vmlinux from both units, DIR/NAME.ko from the first. */
static void build(const char *name, const char *flags)
{
	const char *cc = "gcc -g -gdwarf-5 -fno-asynchronous-unwind-tables -fcf-protection=none "
			 "-fno-pie -no-pie -fno-stack-protector";

	shell(arena_printf(&arena, "mkdir -p %s/%s && cd %s && %s %s shapes.c rest.c -o %s/%s/vmlinux",
			   dir, name, sources, cc, flags, dir, name));
	shell(arena_printf(&arena, "cd %s && %s %s -mcmodel=kernel -c shapes.c -o %s/%s.ko", sources,
			   cc, flags, dir, name));
}

static struct dbginfo *open_tree(const char *name)
{
	return dbginfo_open(&arena, arena_printf(&arena, "%s/%s", dir, name));
}

static void put_place(struct buf *b, const struct location *l)
{
	if (l->kind == LOC_NONE)
		buf_printf(b, "none: %s", l->why);
	else if (l->kind != LOC_PIECES)
		buf_puts(b, l->kind == LOC_MEMORY ? "at " : "= ");
	if (l->kind == LOC_MEMORY || l->kind == LOC_VALUE)
		lx_print(b, l->expr);
	for (size_t i = 0; l->kind == LOC_PIECES && i < l->pieces.n; i++) {
		buf_puts(b, i ? " | " : "");
		put_place(b, l->pieces.v[i].loc);
	}
}

static const char *place_text(const struct location *l)
{
	struct buf b = {0};
	char *s;

	put_place(&b, l);
	s = arena_strdup(&arena, buf_text(&b));
	buf_deinit(&b);
	return s;
}

static struct dbg_func *function(struct dbg_object *o, const char *name, unsigned which)
{
	struct dbg_func_list l = {0};

	dbg_functions(o, &arena, name, NULL, 0, which, &l);
	return l.n ? l.v[0] : NULL;
}

static size_t count_functions(struct dbg_object *o, const char *name, const char *file, unsigned which)
{
	struct dbg_func_list l = {0};

	dbg_functions(o, &arena, name, file, 0, which, &l);
	return l.n;
}

/* "name:type place" of variable NAME of FUNCTION at its entry, or after the prologue. */
static const char *variable(struct dbg_object *o, const char *func, const char *name, bool body)
{
	struct dbg_func *f = function(o, func, DBG_BODIES);
	struct site_var *v;

	if (!f || !dbg_vars(f, &arena, body ? f->after_prologue : f->entry, name, &v))
		return "absent";
	return arena_printf(&arena, "%s:%s %s", v->name, ctype_str(&arena, v->type), place_text(&v->loc));
}

static const char *returned(struct dbg_object *o, const char *func)
{
	struct dbg_func *f = function(o, func, DBG_BODIES);
	struct site_var v;

	if (!f || !dbg_return(f, &arena, &v))
		return "absent";
	return arena_printf(&arena, "%s %s", ctype_str(&arena, v.type), place_text(&v.loc));
}

/* ---- types ---- */

static void check_member(struct dbg_object *o, const char *name, uint64_t offset, const char *type)
{
	struct ctype *t = dbg_type(o, "struct shape");
	uint64_t got = ~0ull;
	const struct cmember *m = t ? ctype_member(t, name, &got) : NULL;

	check_text(name, m ? arena_printf(&arena, "%llu %s", (unsigned long long)got,
					  ctype_str(&arena, m->type)) : "absent",
		   arena_printf(&arena, "%llu %s", (unsigned long long)offset, type));
}

static void check_bits(struct dbg_object *o)
{
	struct bits raw = {0};
	struct ctype *t = dbg_type(o, "struct bits");
	const struct cmember *m;
	uint64_t off = 0, word = 0;

	raw.c = -3;
	raw.d = 0x123456789aull;
	m = t ? ctype_member(t, "c", &off) : NULL;
	check_number("bitfield width", m ? m->bit_size : 0, 11);
	if (!m)
		return;
	memcpy(&word, (char *)&raw + off, 4);
	check_number("bitfield value", word >> m->bit_offset & 0x7ff, -3 & 0x7ff);
	m = ctype_member(t, "d", &off);
	memcpy(&word, (char *)&raw + off, 8);
	check_number("wide bitfield value", word >> m->bit_offset & ((1ull << 40) - 1),
		     0x123456789aull);
}

static void test_types(struct dbg_object *o)
{
	struct ctype *t = dbg_type(o, "shape_t"), *p = dbg_type(o, "struct shape *");
	uint64_t off;
	const struct cmember *m;

	check_member(o, "name", offsetof(struct shape, name), "char[12]");
	check_member(o, "inner_a", offsetof(struct shape, inner_a), "int");
	check_member(o, "inner_b", offsetof(struct shape, inner_b), "short int");
	check_member(o, "inner_c", offsetof(struct shape, inner_c), "unsigned char[2]");
	check_member(o, "corner", offsetof(struct shape, corner), "struct point[2][3]");
	check_member(o, "next", offsetof(struct shape, next), "struct shape const*");
	check_member(o, "area", offsetof(struct shape, area), "int (*)(struct shape*, long int)");
	check_member(o, "colour", offsetof(struct shape, colour), "enum colour");
	check_member(o, "flag", offsetof(struct shape, flag), "unsigned char volatile");
	check_member(o, "either", offsetof(struct shape, either), "union either");
	check_member(o, "ready", offsetof(struct shape, ready), "_Bool");
	check_member(o, "flexible", offsetof(struct shape, flexible), "unsigned int[]");
	check_bits(o);
	check_number("size through a typedef", t ? ctype_strip(t)->size : 0, sizeof(struct shape));
	check_text("pointer by name", p ? ctype_str(&arena, p) : "none", "struct shape*");
	check_text("unsigned long", ctype_str(&arena, dbg_type(o, "unsigned long")), "long unsigned int");
	check("unknown type", !dbg_type(o, "struct nothing_of_the_kind"), "found");
	t = dbg_type(o, "enum colour");
	ctype_complete(t);
	check_number("enumerator", t && t->enumerators.n == 3 ? t->enumerators.v[1].value : 0, -5);
	/* The second unit has a declaration of struct opaque only. */
	t = dbg_type(o, "struct shape");
	m = ctype_member(t, "opaque", &off);
	check("definition in the other unit", m && ctype_member(ctype_strip(m->type)->target,
								"inside", &off), "not found");
}

/* ---- functions ---- */

static void test_functions(struct dbg_object *o)
{
	struct dbg_func *f = function(o, "six", DBG_BODIES), *in;
	const char *near[4];
	uint64_t addr = 0;
	struct dbg_func_list rest = {0};
	struct dbg_line *l;

	dbg_symbol(o, "six", &addr);
	check("symbol and entry agree", f && f->entry == addr, "they differ");
	check_text("file of the declaration", f && f->file ? f->file : "none", "shapes.c");
	check_number("bodies", count_functions(o, "caller", NULL, DBG_BODIES), 1);
	check_number("inlined instances", count_functions(o, "twice", NULL, DBG_INLINES), 2);
	check_number("an inlined function has no body", count_functions(o, "twice", NULL, DBG_BODIES), 0);
	check_number("glob", count_functions(o, "[bp]*[re]", NULL, DBG_BODIES), 2);
	check_number("file that matches", count_functions(o, "six", "sh*.c", DBG_BODIES), 1);
	check_number("file that does not", count_functions(o, "six", "rest.c", DBG_BODIES), 0);
	check_number("line", f ? count_functions(o, "*", "shapes.c", DBG_BODIES) > 5 : 0, 1);
	in = f ? dbg_scope_at(o, &arena, f->entry + 1, NULL) : NULL;
	check_text("scope at an address", in ? in->name : "none", "six");
	check("no scope at nowhere", !dbg_scope_at(o, &arena, 8, NULL), "found one");
	check("similar", dbg_similar_functions(o, "callre", near, 4) && !strcmp(near[0], "caller"),
	      "not caller");
	check("lines", f && dbg_lines(o, &arena, "shapes.c", f->line + 2, NULL, &l) > 0 &&
	      l[0].addr == f->entry, "the entry is not at the line of the opening brace");
	dbg_functions(o, &arena, "external", NULL, 0, DBG_BODIES, &rest);
	check("lines of a function's unit", dbg_lines(o, &arena, "rest.c", 0, &rest, &l) > 0 &&
	      !dbg_lines(o, &arena, "shapes.c", 0, &rest, &l), "none of its unit, or others");
}

static void test_variables(struct dbg_object *o)
{
	struct dbg_func *f = function(o, "twice", DBG_INLINES);
	struct site_var *v;

	check_text("first parameter", variable(o, "six", "a", false), "a:int = reg5");
	check_text("second parameter", variable(o, "six", "b", false), "b:long int = reg4");
	check_text("sixth parameter", variable(o, "six", "f", false), "f:short int = reg9");
	check_text("parameter on the stack", variable(o, "six", "on_stack", false),
		   "on_stack:long int at (reg7 + 8)");
	check_text("small struct", variable(o, "by_value", "p", false), "p:struct point = reg5");
	check_text("struct in two registers", variable(o, "by_value", "w", false),
		   "w:struct wide = reg4 | = reg1");
	check_text("large struct", variable(o, "by_value", "l", false),
		   "l:struct large at (reg7 + 8)");
	check_text("no such variable", variable(o, "six", "zzz", false), "absent");
	check("inlined parameter", f && dbg_vars(f, &arena, f->entry, "inlined_arg", &v) == 1 &&
	      v->loc.kind == LOC_VALUE, "not a value");
	check("unit's static", !strncmp(variable(o, "caller", "shapes_hidden", false),
					"shapes_hidden:int[4] at kernel:", 31),
	      variable(o, "caller", "shapes_hidden", false));
	check_text("returns a register", returned(o, "six"), "int = reg0");
	check_text("returns two registers", returned(o, "pair"), "struct wide = reg0 | = reg1");
	check_text("returns memory", returned(o, "big"), "struct large at reg0");
	check_text("returns void", returned(o, "nothing"), "void none: the function returns void");
	check_text("returns a float", returned(o, "real"),
		   "double none: it is in a floating point or vector register, which handlers do not see; code that "
		   "has it in memory (compiled with -O0) shows it");
}

static void test_globals(struct dbg_object *o)
{
	struct site_var v;
	uint64_t addr = 0;

	dbg_symbol(o, "shapes_total", &addr);
	check("global", dbg_global(o, &arena, "shapes_total", &v) && v.loc.kind == LOC_MEMORY &&
	      v.loc.expr->kind == LX_ADDR && (uint64_t)v.loc.expr->value == addr, "wrong place");
	check("static by file", dbg_global(o, &arena, "shapes_hidden@rest.c", &v) &&
	      !strcmp(ctype_str(&arena, v.type), "int[2]"), "not the one of rest.c");
	check("placed by the linker, by a file", dbg_global(o, &arena, "shapes_linked@rest.c", &v) &&
	      v.loc.kind == LOC_MEMORY && v.loc.expr->kind == LX_ADDR && (uint64_t)v.loc.expr->value == addr &&
	      dbg_global(o, &arena, "shapes_linked@shapes.c", &v) && !dbg_global(o, &arena, "shapes_linked@none.c", &v),
	      "wrong place, or in a file that is none");
	check("unknown global", !dbg_global(o, &arena, "nothing_here", &v), "found");
}

/* Code without optimisation: parameters are in the frame, behind the prologue. */
static void test_plain(struct dbg_object *o)
{
	struct dbg_func *f = function(o, "six", DBG_BODIES);
	const char *v = variable(o, "six", "a", true);

	check("prologue", f && f->after_prologue > f->entry, "none");
	check("parameter in the frame", !strncmp(v, "a:int at (reg6 + ", 17), v);
}

static void test_module(void)
{
	struct dbginfo *d = open_tree("fast");
	const char *why = "";
	struct dbg_object *o = dbg_object(d, arena_printf(&arena, "%s/fast.ko", dir), &why);
	struct dbg_func *f = o ? function(o, "elsewhere", DBG_BODIES) : NULL;
	struct site_var v;

	check("module by path", o != NULL, why);
	if (!o)
		return;
	check_text("name of the module", dbg_module_name(o), "fast");
	check_text("section of a function", f && f->section ? f->section : "none", ".text.other");
	check_number("address in the section", f ? f->entry : 99, 0);
	check_text("parameter in a module", variable(o, "six", "on_stack", false),
		   "on_stack:long int at (reg7 + 8)");
	check("global of a module", dbg_global(o, &arena, "shapes_total", &v) &&
	      v.loc.kind == LOC_MEMORY && v.loc.expr->section &&
	      !strcmp(v.loc.expr->section, ".bss"), place_text(&v.loc));
	dbginfo_close(d);
}

static void test_missing(void)
{
	struct dbginfo *d = dbginfo_open(&arena, "9.9.9-none");
	const char *why = "";

	check("no such kernel", !dbg_object(d, NULL, &why), "found");
	check("package is named", strstr(why, "linux-image-9.9.9-none-dbg") && strstr(why, "stap-prep"),
	      why);
	check("places are named", strstr(why, "/usr/lib/debug/boot/vmlinux-9.9.9-none"), why);
	check("no such module", !dbg_object(d, "nomod", &why) && strstr(why, "nomod"), why);
	dbginfo_close(d);
}

/* ---- damage ---- */

/* Everything that can be asked, answers thrown away; in a child with a limit on time. */
static void ask_everything(const char *name, const char *module)
{
	struct dbginfo *d = open_tree(name);
	struct dbg_object *o = dbg_object(d, module, NULL);
	struct dbg_func_list l = {0};
	struct dbg_line *lines;
	struct dbg_callee_list callees = {0};
	struct dbg_label_list labels = {0};
	struct site_var v, *vars;
	struct ctype *t;
	uint64_t start;

	if (!o)
		_exit(0);
	dbg_functions(o, &arena, "*", NULL, 0, DBG_BODIES | DBG_INLINES, &l);
	vec_each(&l, i) {
		size_t n = dbg_vars(l.v[i], &arena, l.v[i]->entry, NULL, &vars);

		dbg_return(l.v[i], &arena, &v);
		for (size_t k = 0; k < n; k++) {
			place_text(&vars[k].loc);
			t = ctype_strip(vars[k].type);
			t = t && t->kind == CT_POINTER ? ctype_strip(t->target) : t;
			ctype_complete(t);
			ctype_str(&arena, t);
		}
		dbg_scope_at(o, &arena, l.v[i]->entry, l.v[i]->section);
		dbg_statement_at(o, l.v[i]->entry, l.v[i]->section, &start);
		dbg_labels(l.v[i], &arena, "*", &labels);
		dbg_callees(l.v[i], &arena, "*", &callees);
	}
	dbg_lines(o, &arena, "*", 0, NULL, &lines);
	dbg_global(o, &arena, "shapes_total", &v);
	t = dbg_type(o, "struct shape");
	if (t)
		ctype_similar_member(t, "nmae");
	dbginfo_close(d);
	_exit(0);
}

static bool survives(const char *name, const char *module)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(20);
		ask_everything(name, module);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static uint64_t next_random(uint64_t *s)
{
	*s = *s * 6364136223846793005ull + 1442695040888963407ull;
	return *s >> 33;
}

static void write_file(const char *path, const char *p, size_t n)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f)) {
		printf("not ok subject: cannot write %s\n", path);
		exit(1);
	}
}

/* Where the debug sections lie: most of the damage goes there, the rest anywhere. */
static void debug_part(const char *p, size_t n, uint64_t *from, uint64_t *size)
{
	Elf64_Ehdr eh;
	uint64_t end = 0;

	memcpy(&eh, p, sizeof(eh));
	*from = n;
	for (unsigned i = 0; i < eh.e_shnum; i++) {
		Elf64_Shdr sh;

		memcpy(&sh, p + eh.e_shoff + i * sizeof(sh), sizeof(sh));
		if ((sh.sh_flags & SHF_ALLOC) || sh.sh_type != SHT_PROGBITS)
			continue;
		*from = sh.sh_offset < *from ? sh.sh_offset : *from;
		end = sh.sh_offset + sh.sh_size > end ? sh.sh_offset + sh.sh_size : end;
	}
	*size = end - *from;
}

/* FROM damaged in ROUNDS ways, as a linked image or as a module. */
static void test_damage(const char *from, bool module, unsigned rounds)
{
	struct buf image = {0};
	const char *path = arena_printf(&arena, "%s/hurt/%s", dir, module ? "hurt.ko" : "vmlinux");
	uint64_t seed = 2024, from_byte, part;
	unsigned bad = 0, first = 0;

	mkdir(arena_printf(&arena, "%s/hurt", dir), 0755);
	buf_read_file(&image, arena_printf(&arena, "%s/%s", dir, from));
	debug_part(image.p, image.n, &from_byte, &part);
	for (unsigned i = 0; i < rounds; i++) {
		char *copy = xmalloc(image.n);
		size_t n = image.n;

		memcpy(copy, image.p, n);
		if (i % 8 == 0)
			n = next_random(&seed) % n;
		for (unsigned k = 0; n && k < 1 + i % 40; k++)
			copy[(i & 3 ? from_byte + next_random(&seed) % part : next_random(&seed)) % n] =
				next_random(&seed);
		write_file(path, copy, n);
		free(copy);
		if (!survives("hurt", module ? path : NULL) && !bad++)
			first = i;
	}
	check(module ? "damaged modules" : "damaged images", !bad,
	      arena_printf(&arena, "%u of %u end in a crash or hang, first number %u", bad, rounds, first));
	buf_deinit(&image);
}

int main(int argc, char **argv)
{
	const char *top = argc > 1 ? argv[1] : getenv("srcdir");
	struct dbginfo *fast, *plain;
	struct dbg_object *o;
	const char *why = "";
	char here[PATH_MAX];

	arena_init(&arena, "test");
	if (!realpath(top ? top : ".", here))
		return 1;
	sources = arena_printf(&arena, "%s/testsuite/dwarf", here);
	if (!mkdtemp(dir))
		return 1;
	setenv("SYSTEMTAP_DIR", arena_printf(&arena, "%s/state", dir), 1);
	build("fast", "-O2");
	build("plain", "-O0");
	fast = open_tree("fast");
	o = dbg_object(fast, NULL, &why);
	check("linked image", o != NULL, why);
	if (o) {
		test_types(o);
		test_functions(o);
		test_variables(o);
		test_globals(o);
	}
	dbginfo_close(fast);
	plain = open_tree("plain");
	o = dbg_object(plain, NULL, &why);
	check("image without optimisation", o != NULL, why);
	if (o)
		test_plain(o);
	dbginfo_close(plain);
	test_module();
	test_missing();
	test_damage("fast/vmlinux", false, 600);
	test_damage("fast.ko", true, 500);
	shell(arena_printf(&arena, "rm -rf %s", dir));
	arena_deinit(&arena);
	return failed;
}
