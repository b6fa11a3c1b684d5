/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The road from Enter to output, as a table: a pass takes what earlier ones made in the session and
 * adds its own product.  A stage is a place on the road where --dump can look.  When the inputs of a
 * run are the same as those of an earlier one, the module that was kept is taken and passes 2 to 4
 * are not run.
 *
 * This file knows the order of things and nothing of how they are done.
 */
#include "passes.h"
#include "catalogue.h"
#include "example.h"
#include "inputs.h"
#include "report.h"
#include "base/proc.h"
#include "base/sha256.h"
#include "build/build.h"
#include "cache/cache.h"
#include "cgen/cgen.h"
#include "dbginfo/dbginfo.h"
#include "family/family.h"
#include "ir/ir.h"
#include "library/library.h"
#include "opt/opt.h"
#include "run/run.h"
#include "sema/sema.h"
#include "syntax/syntax.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- pass 1: bytes to scripts ---- */

static bool read_source(struct session *s, const char *file, struct source *src)
{
	struct buf b = { 0 };
	const char *path = strcmp(file, "-") ? file : "/dev/stdin";

	if (!buf_read_file(&b, path))
		return diag_error(&s->diag, DIAG_ERROR, "no-script", NULL, "cannot read the script %s: %s", file,
				  strerror(errno));
	src->name = strcmp(file, "-") ? file : "<input>";
	src->size = b.n;
	src->text = arena_strndup(&s->arena, buf_text(&b), b.n);
	buf_deinit(&b);
	return true;
}

static bool parse_one(struct session *s, struct source src)
{
	struct source *kept = arena_memdup(&s->arena, &src, sizeof(src));
	struct script *script;

	kept->guru = s->opt.guru;
	if (s->opt.dump && !strcmp(s->opt.dump, "tokens")) {
		struct buf b = { 0 };

		tokens_dump(&b, &s->arena, &s->diag, kept, &s->pp);
		fputs(buf_text(&b), stdout);
		buf_deinit(&b);
		return !s->diag.errors;
	}
	script = parse_script(&s->arena, &s->diag, kept, &s->pp);
	if (!script)
		return false;
	*vec_add(&s->arena, &s->scripts) = script;
	return true;
}

static bool open_library(struct session *s)
{
	VEC(const char *) dirs = { 0 };

	vec_each(&s->opt.include, i)
		*vec_add(&s->arena, &dirs) = s->opt.include.v[i];
	*vec_add(&s->arena, &dirs) = session_tapset_dir(s);
	s->library = library_open(&s->arena, &s->diag, dirs.v, dirs.n, s->opt.include.n, &s->pp);
	if (s->library && !s->opt.disable_cache)
		library_index(s->library, arena_printf(&s->arena, "%s/index", session_dir(s)),
			      s->kernel.build ? arena_printf(&s->arena, "%s/.config", s->kernel.build) : NULL);
	return s->library;
}

/* Does a script name the tapset's variables argc and argv? */
static bool reads_arguments(struct session *s)
{
	vec_each(&s->scripts, i)
		if (strstr(s->scripts.v[i]->src->text, "argv") || strstr(s->scripts.v[i]->src->text, "argc"))
			return true;
	return false;
}

static void warn_unused(struct session *s)
{
	for (int i = 0; i < s->pp.argc; i++)
		if (!s->pp.arg_used[i])
			diag_warn(&s->diag, "unused-argument", NULL, "unused command line option $%d/@%d", i + 1,
				  i + 1);
}

static bool parse(struct session *s)
{
	struct source src = { 0 };
	bool ok;

	s->pp.argv = s->opt.args;
	s->pp.argc = s->opt.nargs;
	s->pp.arg_used = arena_array(&s->arena, bool, (size_t)s->opt.nargs + 1);
	if (!open_library(s))
		return false;
	if (s->opt.example && s->opt.script_file)
		s->opt.script_file = example_find(s, s->opt.script_file);
	if (s->opt.example && !s->opt.script_file)
		return false;
	if (s->opt.script_file) {
		ok = read_source(s, s->opt.script_file, &src) && parse_one(s, src);
	} else {
		struct buf b = { 0 };

		vec_each(&s->opt.e, i)
			buf_printf(&b, "%s%s", i ? "\n" : "", s->opt.e.v[i]);
		src = (struct source){ .name = "<input>", .size = b.n };
		src.text = arena_strndup(&s->arena, buf_text(&b), b.n);
		buf_deinit(&b);
		ok = parse_one(s, src);
	}
	vec_each(&s->opt.extra, i)
		ok = parse_one(s, (struct source){ .name = "<-E>", .text = s->opt.extra.v[i],
						   .size = strlen(s->opt.extra.v[i]) }) && ok;
	if (ok && !s->opt.listing && !reads_arguments(s))
		warn_unused(s);
	return ok;
}

static void dump_ast(struct session *s, struct buf *b)
{
	vec_each(&s->scripts, i)
		ast_print_script(b, s->scripts.v[i]);
}

/* ---- pass 2: names, probe points, types ---- */

static bool looks_into_kernel(const struct session *s)
{
	vec_each(&s->program->sites, i) {
		unsigned flags = s->program->sites.v[i]->family->flags;

		if (flags & FAMILY_DEBUGINFO && !(flags & FAMILY_USER))
			return true;
	}
	return false;
}

/* What ties link-time addresses to the running kernel: an exported symbol, and the build-id. */
static void anchor_kernel(struct session *s)
{
	const char *why;
	struct dbg_object *vmlinux = !s->dbginfo ? NULL : s->program->uses_lines || looks_into_kernel(s) ?
				     dbg_object(s->dbginfo, NULL, &why) : dbg_opened(s->dbginfo, NULL);

	if (!vmlinux)
		return;
	s->kernel.vmlinux = dbg_path(vmlinux);
	s->kernel.build_id = dbg_build_id(vmlinux);
	dbg_symbol(vmlinux, ANCHOR_SYMBOL, &s->kernel.anchor);
}

/* The program's note of module NAME, made when there is none. */
static struct used_module *used_module(struct session *s, const char *name)
{
	struct program *p = s->program;
	struct used_module *m;
	struct dbg_object *o;
	struct dbg_anchor *a;
	size_t n;

	vec_each(&p->modules, i)
		if (!strcmp(p->modules.v[i].name, name))
			return &p->modules.v[i];
	m = vec_add(&s->arena, &p->modules);
	*m = (struct used_module){ .name = name, .optional = true };
	o = s->dbginfo ? dbg_object(s->dbginfo, name, NULL) : NULL;
	if (!o)
		return m;
	m->build_id = dbg_build_id(o);
	n = dbg_anchors(o, &s->arena, &a);
	for (size_t i = 0; i < n; i++)
		*vec_add(&s->arena, &m->anchors) =
			(struct used_anchor){ a[i].section, a[i].symbol, a[i].offset };
	return m;
}

/* What ties addresses in modules to where they are in memory, whenever those are loaded. */
static void anchor_modules(struct session *s)
{
	const char *const *name, *last = NULL;
	size_t n = s->dbginfo ? dbg_used_modules(s->dbginfo, &s->arena, &name) : 0;
	struct used_module *m = NULL;

	vec_each(&s->program->sites, i) {
		const struct site *x = s->program->sites.v[i];

		if (!x->module || !x->family->row || x->absolute || x->family->flags & FAMILY_USER)
			continue;
		if (!last || strcmp(last, x->module))
			m = used_module(s, x->module);
		last = x->module;
		m->optional &= x->optional;
	}
	for (size_t i = 0; i < n; i++)
		used_module(s, name[i]);
}

/* ---- symbols of programs ---- */

static void add_file(struct session *s, const char *path)
{
	struct program *p = s->program;
	struct dbg_object *o = dbg_object(s->dbginfo, path, NULL);
	struct used_file f = { 0 };
	struct dbg_symbol *sym;

	if (!o || !dbg_is_program(o))
		return;
	f.path = dbg_path(o);
	vec_each(&p->files, i)
		if (!strcmp(p->files.v[i].path, f.path))
			return;
	if (!dbg_text_segment(o, &f.text, &f.text_offset, &f.text_size))
		return;
	f.nsymbols = dbg_symbols(o, &s->arena, &sym);
	f.symbols = arena_array(&s->arena, struct used_symbol, f.nsymbols + 1);
	for (size_t i = 0; i < f.nsymbols; i++)
		((struct used_symbol *)f.symbols)[i] = (struct used_symbol){ sym[i].name, sym[i].addr, sym[i].size };
	*vec_add(&s->arena, &p->files) = f;
}

/* Of -d.  The kernel and its modules have their symbols with them when they are loaded. */
static void add_asked(struct session *s, const char *name)
{
	const char *const *module;

	if (dbg_program_path(&s->arena, name))
		add_file(s, name);
	else if (strcmp(name, "kernel") && !dbg_modules(s->dbginfo, &s->arena, name, &module))
		diag_warn(&s->diag, "no-symbols", NULL, "-d %s is no program, shared library or module: there are no "
			  "symbols of it", name);
}

/* Of the files that are probed, of those given with -d, and with --ldd of the libraries they are linked with. */
static void take_symbols(struct session *s)
{
	size_t n;

	if (!s->program->uses_symbols)
		return;
	s->reads_files |= s->opt.symbols.n > 0;
	dbginfo_want(&s->dbginfo, &s->arena, s->kernel.release, s->opt.debuginfo, diag_progress);
	vec_each(&s->program->sites, i) {
		const struct site *x = s->program->sites.v[i];

		if (x->file)
			add_file(s, x->file->path);
		if (x->exe)
			add_file(s, x->exe);
	}
	vec_each(&s->opt.symbols, i)
		add_asked(s, s->opt.symbols.v[i]);
	n = s->opt.ldd ? s->program->files.n : 0;
	for (size_t i = 0; i < n; i++) {
		struct dbg_library *lib;
		size_t nlib = dbg_libraries(dbg_object(s->dbginfo, s->program->files.v[i].path, NULL), &s->arena, &lib);

		for (size_t k = 0; k < nlib; k++)
			add_file(s, lib[k].path);
	}
}

static bool elaborate(struct session *s)
{
	s->header_types = build_header_types;
	if (!sema_run(s))
		return false;
	if (s->program->uses_lines)
		dbginfo_want(&s->dbginfo, &s->arena, s->kernel.release, s->opt.debuginfo, diag_progress);
	anchor_kernel(s);
	anchor_modules(s);
	take_symbols(s);
	return true;
}

static void dump_program(struct session *s, struct buf *b)
{
	program_dump(b, s->program);
}

static void dump_sites(struct session *s, struct buf *b)
{
	sites_dump(b, s->program);
}

/* ---- pass 3: C ---- */

static bool lower(struct session *s)
{
	s->ir = ir_lower(&s->arena, &s->diag, s->program);
	return s->ir;
}

static bool optimise(struct session *s)
{
	s->ir->maxstringlen = session_maxstringlen(s);
	if (!s->opt.unoptimized)
		ir_optimise(&s->arena, s->ir);
#ifndef NDEBUG
	const char *wrong = ir_verify(&s->arena, s->ir);

	if (wrong)
		return diag_error(&s->diag, DIAG_ERROR, "ir", NULL, "this is a bug of the translator (try -u): %s",
				  wrong);
#endif
	return true;
}

static void dump_ir(struct session *s, struct buf *b)
{
	ir_print(b, s->ir);
}

/* The module's name is made from all that decides its bytes, so equal ones share it in the cache. */
static bool name_module(struct session *s)
{
	const char *key = s->opt.last_pass > 3 ? build_key(s) : "";
	struct sha256 h;
	char hex[65];

	if (!key)
		return false;
	sha256_init(&h);
	sha256_str(&h, buf_text(&s->unit));
	sha256_str(&h, buf_text(&s->kernel_unit));
	sha256_str(&h, key);
	sha256_str(&h, s->opt.module_name);
	sha256_hex(&h, hex);
	s->module_key = arena_strdup(&s->arena, hex);
	s->module_name = s->opt.module_name ? s->opt.module_name :
			 arena_printf(&s->arena, "stap_%.32s", hex);
	return true;
}

/* What symline() and the like look into.  Without DWARF there is none, and they say addresses. */
static void map_lines(struct session *s)
{
	struct dbg_object *vmlinux = s->dbginfo ? dbg_object(s->dbginfo, NULL, NULL) : NULL;

	if (vmlinux && s->program->uses_lines)
		dbg_line_map(vmlinux, &s->line_map);
}

static void dump_c(struct session *s, struct buf *b)
{
	buf_puts(b, buf_text(&s->unit));
	if (s->kernel_unit.n)
		buf_printf(b, "\n/* The second unit. */\n%s", buf_text(&s->kernel_unit));
}

static bool translate(struct session *s)
{
	struct buf c = { 0 };

	map_lines(s);
	cgen_unit(&s->unit, &s->kernel_unit, s->ir, s);
	if (!name_module(s))
		return false;
	if (s->opt.last_pass > 3 || s->opt.keep)
		return true;
	dump_c(s, &c);
	fputs(buf_text(&c), stdout);	/* -p3 shows the C */
	buf_deinit(&c);
	return true;
}

/* ---- pass 4: the module ---- */

/*
 * The module that was kept under s->module_key, with a name of its own in the temporary folder when
 * it is going to be read: another process may evict it, or empty the cache.
 */
static bool take_kept(struct session *s)
{
	const char *kept = cache_get(s->cache, &s->arena, s->module_key), *mine = NULL;

	if (kept && (s->opt.last_pass > 4 || s->opt.module_name || s->opt.sign)) {
		mine = arena_printf(&s->arena, "%s/%s.ko", session_tmpdir(s), s->module_name);
		if (!s->tmpdir || (link(kept, mine) && !file_copy(kept, mine)))
			return false;
	}
	s->module_path = mine ? mine : kept;
	s->cached = kept;
	return kept;
}

/* Its file in the cache.  Scripts may share a name given by -m; one made here says what is in the module. */
static const char *cache_name(struct session *s)
{
	return s->opt.module_name ? arena_printf(&s->arena, "%s_%.32s.ko", s->module_name, s->module_key) :
				    arena_printf(&s->arena, "%s.ko", s->module_name);
}

static bool compile(struct session *s)
{
	bool keeps = !build_reads_files(s);

	if (keeps && !s->opt.poison_cache && !s->opt.keep && take_kept(s))
		return true;
	if (!build_module(s))
		return false;
	if (keeps && cache_put(s->cache, "module", s->module_key, cache_name(s), s->module_path) && s->input_key &&
	    !s->diag.warnings && !s->reads_files)
		cache_put_note(s->cache, s->input_key,
			       arena_printf(&s->arena, "%s %s", s->module_key, s->module_name));
	return true;
}

/* NAME.ko in this folder. */
static bool leave_here(struct session *s, const char **here)
{
	*here = arena_printf(&s->arena, "%s.ko", s->module_name);
	return file_copy(s->module_path, *here) ||
	       diag_error(&s->diag, DIAG_ERROR, "write", NULL, "cannot write %s: %s", *here, strerror(errno));
}

/* -p4: the module's path, or NAME.ko left here; one that is signed is in no cache. */
static bool deliver(struct session *s)
{
	const char *here;

	if (!s->opt.module_name && !s->opt.sign) {
		const char *kept = cache_get(s->cache, &s->arena, s->module_key);

		if (!kept && !s->opt.keep) {	/* no cache: it would go with the temporary folder */
			if (!leave_here(s, &kept))
				return false;
		}
		puts(kept ? kept : s->module_path);
		return true;
	}
	if (!leave_here(s, &here))
		return false;
	puts(here);
	return true;
}

/* ---- the table ---- */

struct pass {
	int number;			/* of -p */
	const char *stage;		/* of --dump */
	bool (*run)(struct session *s);
	void (*dump)(struct session *s, struct buf *b);
	const char *failed;		/* "Pass N: FAILED failed." */
};

static const struct pass passes[] = {
	{ 1, "ast",	parse,		dump_ast,	"parse" },
	{ 2, "program",	elaborate,	dump_program,	"analysis" },
	{ 2, "sites",	NULL,		dump_sites,	"analysis" },
	{ 3, "ir",	lower,		dump_ir,	"translation" },
	{ 3, "opt",	optimise,	dump_ir,	"translation" },
	{ 3, "c",	translate,	dump_c,		"translation" },
	{ 4, "plan",	compile,	NULL,		"compilation" },
};

enum { NPASSES = sizeof(passes) / sizeof(*passes) };

/* True when an earlier run with the same inputs left its module. */
static bool known(struct session *s)
{
	const char *note;
	size_t n;

	if (!s->cache || s->opt.last_pass < 4 || s->opt.dump || s->opt.keep || !s->kernel.build)
		return false;
	s->input_key = inputs_key(s);
	if (!s->input_key || s->opt.poison_cache)
		return false;
	note = cache_get_note(s->cache, &s->arena, s->input_key);
	if (!note)
		return false;
	n = strcspn(note, " ");
	s->module_key = arena_strndup(&s->arena, note, n);
	s->module_name = note + n + 1;
	return take_kept(s);
}

/* ---- driving ---- */

static bool dumped(struct session *s, const struct pass *p)
{
	struct buf b = { 0 };

	if (!s->opt.dump || strcmp(s->opt.dump, p->stage) || !p->dump)
		return false;
	p->dump(s, &b);
	fputs(buf_text(&b), stdout);
	buf_deinit(&b);
	return true;
}

static bool is_stage(const char *name)
{
	for (int i = 0; i < NPASSES; i++)
		if (!strcmp(passes[i].stage, name))
			return true;
	return !strcmp(name, "tokens");
}

static void show_plan(struct session *s)
{
	printf("kernel %s\nheaders %s\nruntime %s\ntapset %s\ncache %s\n", s->kernel.release,
	       s->kernel.build ? s->kernel.build : "(not installed)", session_runtime_dir(s),
	       session_tapset_dir(s), s->cache ? session_dir(s) : "(none)");
	for (int i = 0; i < NPASSES; i++)
		if (passes[i].run)
			printf("pass %d: %s\n", passes[i].number, passes[i].stage);
}

/* -p1 and -p2 end with what they made, in SystemTap's shape; -p3's text is translate()'s business. */
static void show_last(struct session *s)
{
	struct buf b = { 0 };

	if (s->opt.last_pass == 1) {
		buf_puts(&b, "# parse tree dump\n");
		dump_ast(s, &b);
	} else if (s->opt.last_pass == 2) {
		program_summary(&b, s->program);
	}
	fputs(buf_text(&b), stdout);
	buf_deinit(&b);
}

static int fail(struct session *s, const struct pass *p)
{
	if (p->number == 1 && s->diag.errors)
		fprintf(stderr, "%u parse %s.\n", s->diag.errors, plural(s->diag.errors, "error", "errors"));
	fprintf(stderr, "Pass %d: %s failed.  [man error::pass%d]\n", p->number, p->failed, p->number);
	if (s->diag.show_tags)
		fputs("What a message marked [TAG] means: stap --explain TAG\n", stderr);
	return 1;
}

/* -l, -L and --explain-probe end after the matching of probe points. */
static int list(struct session *s)
{
	if (s->opt.listing == LIST_EXPLAIN)
		return sema_explain(s, stdout) ? 0 : 1;
	return sema_list(s, s->opt.listing == LIST_VARS, stdout) ? 0 : 1;
}

int passes_run(struct session *s)
{
	const char *here;

	if (s->opt.dump && !is_stage(s->opt.dump)) {
		diag_error(&s->diag, DIAG_ERROR, "usage", NULL, "--dump=%s: there is no such stage", s->opt.dump);
		diag_hint(&s->diag, "stages: tokens ast program sites ir opt c plan");
		return 1;
	}
	if (s->opt.dump && !strcmp(s->opt.dump, "plan")) {
		show_plan(s);
		return 0;
	}
	if (s->opt.dump_what) {
		if (s->opt.dump_what != LIST_TYPES && !open_library(s))
			return 1;
		catalogue_print(s, stdout);
		return 0;
	}
	for (int i = 0; i < NPASSES; i++) {
		const struct pass *p = &passes[i];

		if (p->number > s->opt.last_pass) {
			show_last(s);
			return 0;
		}
		if (p->run && (!p->run(s) || (s->opt.werror && s->diag.errors)))
			return fail(s, p);
		if (dumped(s, p))
			return 0;
		if (s->opt.dump && !strcmp(s->opt.dump, "tokens"))
			return 0;
		if (i + 1 < NPASSES && passes[i + 1].number == p->number)
			continue;
		report_pass(s, p->number);
		if (p->number == 1 && s->opt.listing)
			return list(s);
		if (p->number == 1 && known(s)) {
			if (session_verbose(s, 4))
				fputs("Pass 2: using cached results of an earlier run\n"
				      "Pass 3: using cached results of an earlier run\n", stderr);
			report_pass(s, 4);
			break;
		}
	}
	if (s->opt.sign && !build_sign(s))
		return 1;
	if (s->opt.last_pass == 4)
		return deliver(s) ? 0 : 1;
	if (s->opt.module_name && !leave_here(s, &here))	/* as -m's description has it */
		return 1;
	return run_module(s);
}
