// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The unit record, and what it alone refers to: modules and programs that the script looks into, the map of lines,
 * limits.
 */
#include <inttypes.h>
#include <string.h>

#include "cgen/emit.h"
#include "family/family.h"

/* ---- modules ---- */

static void module_anchors(struct cgen *g, const struct used_module *m, size_t index)
{
	cgen_line(g, "static const struct stp_anchor anchors_%zu[] = {", index);
	vec_each(&m->anchors, i) {
		struct buf b = { 0 };

		buf_printf(&b, ".offset = 0x%" PRIx64 "ULL", m->anchors.v[i].offset);
		cgen_member(g, &b, "section", m->anchors.v[i].section);
		cgen_member(g, &b, "symbol", m->anchors.v[i].symbol);
		cgen_line(g, "\t{ %s },", buf_text(&b));
		buf_deinit(&b);
	}
	cgen_line(g, "};");
}

static void modules(struct cgen *g)
{
	const struct program *p = g->p->src;

	if (!p->modules.n)
		return;
	vec_each(&p->modules, i)
		if (p->modules.v[i].anchors.n)
			module_anchors(g, &p->modules.v[i], i);
	cgen_line(g, "static struct stp_module_state module_states[%zu];", p->modules.n);
	cgen_line(g, "static const struct stp_module modules[] = {");
	vec_each(&p->modules, i) {
		const struct used_module *m = &p->modules.v[i];
		struct buf b = { 0 };

		buf_printf(&b, ".state = &module_states[%zu]", i);
		cgen_member(g, &b, "name", m->name);
		cgen_member(g, &b, "build_id", m->build_id);
		if (m->anchors.n)
			buf_printf(&b, ", .anchors = anchors_%zu, .nanchors = %zu", i, m->anchors.n);
		if (m->optional)
			buf_puts(&b, ", .optional = true");
		cgen_line(g, "\t{ %s },", buf_text(&b));
		buf_deinit(&b);
	}
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

/* ---- symbols of programs ---- */

static void file_symbols(struct cgen *g, const struct used_file *f, size_t index)
{
	cgen_line(g, "static const struct stp_usymbol usymbols_%zu[] = {", index);
	for (size_t i = 0; i < f->nsymbols; i++) {
		struct buf b = { 0 };

		cgen_string(g, &b, f->symbols[i].name, strlen(f->symbols[i].name));
		cgen_line(g, "\t{ 0x%" PRIx64 "ULL, 0x%" PRIx64 "ULL, %s },", f->symbols[i].addr, f->symbols[i].size,
			  buf_text(&b));
		buf_deinit(&b);
	}
	cgen_line(g, "};");
}

static void files(struct cgen *g)
{
	const struct program *p = g->p->src;

	if (!p->files.n)
		return;
	vec_each(&p->files, i)
		if (p->files.v[i].nsymbols)
			file_symbols(g, &p->files.v[i], i);
	cgen_line(g, "static struct stp_program_state program_states[%zu];", p->files.n);
	cgen_line(g, "static const struct stp_program programs[] = {");
	vec_each(&p->files, i) {
		const struct used_file *f = &p->files.v[i];
		struct buf b = { 0 };

		buf_printf(&b, ".state = &program_states[%zu], .text = 0x%" PRIx64 "ULL, .text_offset = 0x%" PRIx64
			   "ULL, .text_size = 0x%" PRIx64 "ULL", i, f->text, f->text_offset, f->text_size);
		cgen_member(g, &b, "path", f->path);
		if (f->nsymbols)
			buf_printf(&b, ", .symbols = usymbols_%zu, .nsymbols = %zu", i, f->nsymbols);
		cgen_line(g, "\t{ %s },", buf_text(&b));
		buf_deinit(&b);
	}
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

/* ---- the unit ---- */

static void unit_limits(struct cgen *g)
{
	static const struct { const char *member, *name, *value; } limits[] = {
		{ "maxaction", "MAXACTION", "1000" },
		{ "maxmapentries", "MAXMAPENTRIES", "2048" },
		{ "maxerrors", "MAXERRORS", "0" },
		{ "maxskipped", "MAXSKIPPED", "100" },
		{ "maxtrylock", "MAXTRYLOCK", "100" },
		{ "trylockdelay_us", "TRYLOCKDELAY", "10" },
		{ "maxbacktrace", "MAXBACKTRACE", "20" },
		{ "minstackspace", "MINSTACKSPACE", "1024" },
		{ "kretactive", "KRETACTIVE", "0" },
		{ "hist_elision", "HIST_ELISION", "2" },
		{ "overload_interval", "STP_OVERLOAD_INTERVAL", "1000000000LL" },
	};
	const char *action = cgen_define(g, "MAXACTION", "1000");

	cgen_line(g, "\t.maxstringlen = MAXSTRINGLEN,");
	cgen_line(g, "\t.maxnesting = MAXNESTING,");
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		cgen_line(g, "\t.%s = %s,", limits[i].member, cgen_define(g, limits[i].name, limits[i].value));
	cgen_line(g, "\t.maxaction_interruptible = %s,",
		  cgen_define(g, "MAXACTION_INTERRUPTIBLE", arena_printf(g->a, "(%s) * 10", action)));
	cgen_line(g, "\t.overload_threshold = %s,", cgen_define(g, "STP_NO_OVERLOAD", NULL) ? "0" :
		  cgen_define(g, "STP_OVERLOAD_THRESHOLD", "500000000LL"));
	if (g->s->opt.suppress_handler_errors || g->s->opt.keep_going)
		cgen_line(g, "\t.suppress_handler_errors = true,");
	if (session_unprivileged(g->s))
		cgen_line(g, "\t.own_only = true,");
	if (g->s->opt.timing)
		cgen_line(g, "\t.timing = true,");
	if (g->s->opt.keep_going)
		cgen_line(g, "\t.keep_going = true,");
	if (g->s->opt.bulk)
		cgen_line(g, "\t.bulk = true,");
	if (g->s->opt.buffer_mb)
		cgen_line(g, "\t.buffer_mb = %s,", g->s->opt.buffer_mb);
}

static void unit_kernel(struct cgen *g)
{
	const struct kernel *k = &g->s->kernel;
	struct buf b = { 0 };

	cgen_string(g, &b, k->release ? k->release : "", k->release ? strlen(k->release) : 0);
	cgen_line(g, "\t.kernel_release = %s,", buf_text(&b));
	buf_clear(&b);
	if (k->build_id) {
		cgen_string(g, &b, k->build_id, strlen(k->build_id));
		cgen_line(g, "\t.kernel_build_id = %s,", buf_text(&b));
	}
	if (k->anchor)
		cgen_line(g, "\t.anchor_address = 0x%" PRIx64 "ULL,", k->anchor);
	buf_deinit(&b);
}

static void unit_frames(struct cgen *g)
{
	if (!g->frames.n)
		return;
	cgen_line(g, "union frames {");
	vec_each(&g->frames, i)
		cgen_line(g, "\tstruct frame_%s %s;", g->frames.v[i]->cname, g->frames.v[i]->cname);
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

/* The assembler takes the map in from a file beside the unit. */
static void line_map(struct cgen *g)
{
	if (!g->s->line_map.n)
		return;
	cgen_line(g, "asm(\".pushsection .rodata\\n\\t.balign 8\\nstp_lines:\\n\"");
	cgen_line(g, "    \"\\t.incbin \\\"%s\\\"\\n\\t.popsection\");", LINE_MAP_FILE);
	cgen_line(g, "extern const struct stp_line_map stp_lines;");
}

/* --modinfo */
static void information(struct cgen *g)
{
	vec_each(&g->s->opt.modinfo, i) {
		struct buf b = { 0 };

		cgen_string(g, &b, g->s->opt.modinfo.v[i], strlen(g->s->opt.modinfo.v[i]));
		cgen_line(g, "static const char information_%zu[]", i);
		cgen_line(g, "\t__attribute__((used, section(\".modinfo\"), aligned(1))) = %s;", buf_text(&b));
		buf_deinit(&b);
	}
}

void cgen_unit_record(struct cgen *g)
{
	const struct family *used[CGEN_FAMILIES];
	size_t counts[CGEN_FAMILIES], n;

	unit_frames(g);
	modules(g);
	files(g);
	line_map(g);
	information(g);
	cgen_line(g, "const struct stp_unit stp_unit = {");
	cgen_line(g, "\t.version = STP_ABI_VERSION,");
	if (g->sites.n)
		cgen_line(g, "\t.probes = probe_table, .nprobes = %zu,", g->sites.n);
	if (g->p->src->globals.n)
		cgen_line(g, "\t.globals = globals, .nglobals = %zu,", g->p->src->globals.n);
	if (g->ncounters)
		cgen_line(g, "\t.ncounters = %u,", g->ncounters);
	if (g->nparts)
		cgen_line(g, "\t.nparts = %u,", g->nparts);
	if (g->fmts.n)
		cgen_line(g, "\t.fmts = fmts, .nfmts = %zu,", g->fmts.n);
	n = cgen_families(g, used, counts);
	for (size_t i = 0; i < n; i++)
		cgen_line(g, "\t.%s = rows_%s, .n%s = %zu,", used[i]->name, used[i]->name, used[i]->name,
			  counts[i]);
	if (g->p->src->modules.n)
		cgen_line(g, "\t.modules = modules, .nmodules = %zu,", g->p->src->modules.n);
	if (g->p->src->files.n)
		cgen_line(g, "\t.programs = programs, .nprograms = %zu,", g->p->src->files.n);
	if (g->s->line_map.n)
		cgen_line(g, "\t.lines = &stp_lines,");
	if (g->frames.n)
		cgen_line(g, "\t.frame_size = sizeof(union frames),");
	unit_kernel(g);
	unit_limits(g);
	cgen_line(g, "};");
}
