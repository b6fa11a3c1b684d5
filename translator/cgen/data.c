// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The unit's data: formats, globals, lock tables, probes, rows of the families, the unit record.
 *
 * One struct stp_probe per site; the sites of a handler share its locks.  Families print the
 * members of their rows, this file the rest.  Callbacks (tracepoints) get C types by kind, size and
 * sign of the argument alone, which is what the calling convention goes by.
 */
#include <inttypes.h>
#include <string.h>

#include "base/strmap.h"
#include "cgen/emit.h"
#include "family/family.h"

static void member_string(struct cgen *g, struct buf *b, const char *member, const char *s)
{
	if (!s)
		return;
	buf_printf(b, ", .%s = ", member);
	cgen_string(g, b, s, strlen(s));
}

/* As one string with a NUL behind each name. */
static void add_names(struct cgen *g, struct buf *b, const char *names)
{
	size_t len = names ? strlen(names) : 0;
	char *text;

	if (!len)
		return;
	text = arena_strndup(g->a, names, len);
	for (char *p = text; *p; p++)
		if (*p == '\1')
			*p = '\0';
	buf_puts(b, ", ");
	cgen_string(g, b, text, len - 1);
	buf_printf(b, ", %zu", len);
}

void cgen_formats(struct cgen *g)
{
	vec_each(&g->fmts, i) {
		const struct ir_fmt *f = g->fmts.v[i];
		struct buf b = { 0 };

		cgen_string(g, &b, f->text, f->len);
		buf_printf(&b, ", \"%s\", %zu, %zu", f->args, strlen(f->args), i);
		add_names(g, &b, f->names);
		cgen_line(g, "static const struct stp_fmt fmt_%zu = { %s };", i, buf_text(&b));
		buf_deinit(&b);
	}
	if (!g->fmts.n)
		return;
	cgen_line(g, "static const struct stp_fmt *const fmts[] = {");
	vec_each(&g->fmts, i)
		cgen_line(g, "\t&fmt_%zu,", i);
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

/* ---- globals ---- */

static const char *const type_names[] = {
	[T_UNKNOWN] = "STP_LONG", [T_LONG] = "STP_LONG", [T_STRING] = "STP_STRING", [T_STATS] = "STP_STATS",
	[T_VOID] = "STP_LONG",
};

static void global_helpers(struct cgen *g, const struct global *v)
{
	struct buf b = { 0 };
	size_t len;

	if (v->nkeys) {
		for (unsigned i = 0; i < v->nkeys; i++)
			buf_printf(&b, "%s%s", i ? ", " : "", type_names[v->keys[i]]);
		cgen_line(g, "static const uint8_t %s_keys[] = { %s };", v->cname, buf_text(&b));
	} else if (v->type == T_STRING) {
		len = v->has_init && v->init_text ? strlen(v->init_text) : 0;
		cgen_string(g, &b, len ? v->init_text : "", len < g->maxstringlen ? len : g->maxstringlen - 1);
		cgen_line(g, "static char %s_text[MAXSTRINGLEN] = %s;", v->cname, buf_text(&b));
	}
	buf_deinit(&b);
}

static void global_stats(struct buf *b, const struct global *v)
{
	if (v->type != T_STATS)
		return;
	buf_printf(b, ", .hist = %d, .stat_ops = %u, .variance_shift = %d", v->hist, v->stat_ops & 0x3f,
		   v->variance_shift);
	if (v->hist == HIST_LINEAR)
		buf_printf(b, ", .hist_low = %" PRId64 "LL, .hist_high = %" PRId64 "LL, .hist_width = %" PRId64
			   "LL", v->hist_low, v->hist_high, v->hist_width);
}

static void global_record(struct cgen *g, const struct global *v)
{
	struct buf b = { 0 };

	buf_puts(&b, ".name = ");
	cgen_string(g, &b, v->name, strlen(v->name));
	buf_printf(&b, ", .type = %s, .index = %u", type_names[v->type], v->index);
	if (v->nkeys)
		buf_printf(&b, ", .nkeys = %u, .keys = %s_keys", v->nkeys, v->cname);
	else if (v->type == T_STRING)
		buf_printf(&b, ", .text = %s_text", v->cname);
	if (v->maxentries)
		buf_printf(&b, ", .maxentries = %" PRId64, v->maxentries);
	if (v->wrap)
		buf_puts(&b, ", .wrap = true");
	global_stats(&b, v);
	if (g->counter[v->index])
		buf_printf(&b, ", .counter = %u", g->counter[v->index]);
	if (g->part[v->index])
		buf_printf(&b, ", .part = %u", g->part[v->index]);
	if (g->gates[v->index])
		buf_printf(&b, ", .gates = 0x%xu", g->gates[v->index]);
	if (v->type == T_LONG && v->has_init && !v->nkeys)
		buf_printf(&b, ", .number = (int64_t)%" PRIu64 "ULL", (uint64_t)v->init_number);
	cgen_line(g, "%sstruct stp_global %s = { %s };", g->shared[v->index] ? "" : "static ", v->cname,
		  buf_text(&b));
	buf_deinit(&b);
}

void cgen_globals(struct cgen *g)
{
	const struct program *p = g->p->src;

	vec_each(&p->globals, i) {
		global_helpers(g, p->globals.v[i]);
		global_record(g, p->globals.v[i]);
		cgen_map_helpers(g, p->globals.v[i]);
	}
	if (!p->globals.n)
		return;
	cgen_line(g, "static struct stp_global *const globals[] = {");
	vec_each(&p->globals, i)
		cgen_line(g, "\t&%s,", p->globals.v[i]->cname);
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

/* ---- locks ---- */

/* Globals that some handler writes: the others need no lock. */
static bool *ever_written(struct cgen *g)
{
	size_t n = g->p->src->globals.n + 1;
	bool *read = arena_array(g->a, bool, n), *written = arena_array(g->a, bool, n);

	vec_each(&g->handlers, i) {
		ir_globals_used(g->p, g->handlers.v[i]->body, read, written);
		if (g->handlers.v[i]->entry)
			ir_globals_used(g->p, g->handlers.v[i]->entry, read, written);
	}
	return written;
}

static void lock_row(struct cgen *g, const struct ir_handler *h, unsigned *n, const char *row)
{
	if (!(*n)++)
		cgen_line(g, "static const struct stp_lock_need locks_%u[] = {", h->src->index);
	cgen_line(g, "\t{ %s },", row);
}

/* One row for all that is kept in parts.  Who adds needs none of those that are read when nothing is added. */
static void gates_row(struct cgen *g, const struct ir_handler *h, unsigned *n, const bool *read, const bool *written)
{
	const struct program *p = g->p->src;
	const struct global *first = NULL;
	unsigned gates = 0;

	vec_each(&p->globals, i) {
		unsigned gate = read[i] || written[i] ? g->gates[i] : 0;

		if (h->body->adds)
			gate &= ~(1u << CGEN_GATE_ALONE);
		if (gate && !first)
			first = p->globals.v[i];
		gates |= gate;
	}
	if (gates)
		lock_row(g, h, n, arena_printf(g->a, "&%s, %s, 0x%xu", first->cname,
					       h->body->adds ? "STP_ADD" : "STP_STOP", gates));
}

static unsigned lock_table(struct cgen *g, const struct ir_handler *h, const bool *ever)
{
	const struct program *p = g->p->src;
	bool *read = arena_array(g->a, bool, p->globals.n + 1);
	bool *written = arena_array(g->a, bool, p->globals.n + 1);
	unsigned n = 0;

	ir_globals_used(g->p, h->body, read, written);
	if (h->entry)
		ir_globals_used(g->p, h->entry, read, written);
	gates_row(g, h, &n, read, written);
	vec_each(&p->globals, i)
		if (!g->gates[i] && (written[i] || (read[i] && ever[i])))
			lock_row(g, h, &n, arena_printf(g->a, "&%s, %s", p->globals.v[i]->cname,
							written[i] ? "STP_WRITE" : "STP_READ"));
	if (n)
		cgen_line(g, "};");
	return n;
}

/* ---- probes ---- */

static void note_global(struct ir *n, bool dst, void *arg)
{
	(void)dst;
	*(bool *)arg |= n->global || (n->op == IR_CALL && (n->fn->body || (n->fn->src && n->fn->src->c_globals.n)));
}

/* Calls of script functions are taken for uses. */
static bool uses_globals(const struct ir_body *b)
{
	bool ret = false;

	ir_walk(&b->list, note_global, &ret);
	return ret;
}

/* What the records of all sites of a handler say. */
struct handler_facts {
	const struct ir_handler *h;
	unsigned nlocks;
	bool entry_locks, plain, counts;
	bool changes;			/* it writes what conditions of probe points read */
	bool all_regs[2];		/* of the handler; of what runs at the entry for a return probe */
};

static bool changes_conditions(struct cgen *g, const struct ir_handler *h)
{
	const struct program *p = g->p->src;
	bool *read = arena_array(g->a, bool, p->globals.n + 1);
	bool *written = arena_array(g->a, bool, p->globals.n + 1);
	bool changes = false;

	if (!g->conditions)
		return false;
	ir_globals_used(g->p, h->body, read, written);
	vec_each(&p->globals, i)
		changes |= written[i] && (p->conditions_call || p->globals.v[i]->conditional);
	return changes;
}

static struct handler_facts facts_of(struct cgen *g, const struct ir_handler *h, const bool *ever)
{
	struct handler_facts f = { .h = h, .nlocks = lock_table(g, h, ever) };

	f.changes = changes_conditions(g, h);
	f.entry_locks = h->entry && f.nlocks && uses_globals(h->entry);
	f.plain = !cgen_needs_kernel(h);
	f.counts = cgen_needs_counters(h);
	f.all_regs[0] = cgen_needs_all_regs(h->body);
	f.all_regs[1] = cgen_needs_all_regs(h->entry);
	return f;
}

static void probe_record(struct cgen *g, size_t index, const struct handler_facts *f)
{
	const struct site *s = g->sites.v[index];
	const struct ir_handler *h = f->h;
	struct buf b = { 0 };

	buf_puts(&b, ".pp = ");
	cgen_string(g, &b, s->pp, strlen(s->pp));
	member_string(g, &b, "pn", s->pn ? s->pn : s->pp);
	member_string(g, &b, "func", s->func);
	buf_printf(&b, ", .handler = %s%s", h->body->cname, f->changes ? "_changes" : "");
	if (h->src->held)
		buf_puts(&b, ", .conditional = true");
	if (h->entry)
		buf_printf(&b, ", .entry = %s, .nsaved = %u", h->entry->cname, h->nsaved);
	if (f->entry_locks)
		buf_puts(&b, ", .entry_locks = true");
	if (f->nlocks)
		buf_printf(&b, ", .locks = locks_%u, .nlocks = %u", h->src->index, f->nlocks);
	if (s->family->flags & FAMILY_INTERRUPTIBLE)
		buf_puts(&b, ", .interruptible = true");
	if (f->all_regs[s->is_return])
		buf_puts(&b, ", .all_regs = true");
	if (f->counts)
		buf_puts(&b, ", .counts = true");
	if (f->plain)
		buf_puts(&b, ", .plain = true");
	buf_printf(&b, ", .index = %zu", index);
	if (g->s->opt.timing || g->s->opt.keep_going)
		member_string(g, &b, "place", place_str(g->a, &s->place));
	cgen_line(g, "\t{ %s },", buf_text(&b));
	buf_deinit(&b);
}

void cgen_probes(struct cgen *g)
{
	/* by handler->index */
	struct handler_facts *facts = arena_array(g->a, struct handler_facts, g->p->src->handlers.n + 1);
	const bool *ever = ever_written(g);

	vec_each(&g->handlers, i)
		g->conditions |= g->handlers.v[i]->src->held != NULL;
	vec_each(&g->handlers, i) {
		const struct ir_handler *h = g->handlers.v[i];

		facts[h->src->index] = facts_of(g, h, ever);
		if (facts[h->src->index].changes)
			cgen_line(g, "static void %s_changes(struct stp_context *c) { %s(c); stp_changed(c); }",
				  h->body->cname, h->body->cname);
	}
	if (!g->sites.n)
		return;
	cgen_line(g, "%s", "");
	cgen_line(g, "static const struct stp_probe probes[%zu] = {", g->sites.n);
	vec_each(&g->sites, i)
		probe_record(g, i, &facts[g->sites.v[i]->handler->index]);
	cgen_line(g, "};");
	cgen_line(g, "static const struct stp_probe *const probe_table[] = {");
	vec_each(&g->sites, i)
		cgen_line(g, "\t&probes[%zu],", i);
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

/* ---- callbacks ---- */

/* C type of a callback's parameter; words of a struct passed by value in *words, else 0. */
static const char *param_type(struct cgen *g, struct ctype *type, unsigned *words)
{
	struct ctype *t = ctype_strip(type);
	const char *sign;

	*words = 0;
	if (!t || t->kind == CT_POINTER || t->kind == CT_ARRAY || t->kind == CT_FUNCTION)
		return "void *";
	if (t->kind == CT_STRUCT || t->kind == CT_UNION) {
		*words = t->size ? (unsigned)((t->size + 7) / 8) : 1;
		return arena_printf(g->a, "struct stp_words_%u ", *words);
	}
	if (t->is_bool)
		return "bool ";
	sign = t->is_signed ? "" : "u";
	return arena_printf(g->a, "%sint%u_t ", sign,
			    t->size == 1 ? 8 : t->size == 2 ? 16 : t->size == 4 ? 32 : 64);
}

static void declare_words(struct cgen *g, bool *done, unsigned words)
{
	if (!words || words >= 64 || done[words])
		return;
	done[words] = true;
	cgen_line(g, "struct stp_words_%u { uint64_t w[%u]; };", words, words);
}

/* Rows of tracepoints have a `func` that is registered with the row's probe as its data. */
static bool has_callback(const struct family *f)
{
	return !strcmp(f->name, "tracepoint");
}

/* The parameters as text, which names a callback: the first site that has them gives its number. */
static const char *params_text(struct cgen *g, const struct site *s)
{
	struct buf b = { 0 };
	const char *ret;
	unsigned words;

	for (unsigned i = 0; i < s->nargs; i++)
		buf_printf(&b, ", %sa%u", param_type(g, s->args[i], &words), i);
	ret = arena_strdup(g->a, buf_text(&b));
	buf_deinit(&b);
	return ret;
}

static void callback(struct cgen *g, size_t index, const char *params, bool *done)
{
	const struct site *s = g->sites.v[index];
	struct buf args = { 0 };
	unsigned words;

	for (unsigned i = 0; i < s->nargs; i++) {
		const char *type = param_type(g, s->args[i], &words);

		declare_words(g, done, words);
		buf_printf(&args, "%s%sa%u%s", i ? ", " : "", strchr(type, '*') ? "(int64_t)(uintptr_t)" :
			   "(int64_t)", i, words ? ".w[0]" : "");
	}
	cgen_line(g, "static void tp_%zu(void *data%s)", index, params);
	cgen_line(g, "{");
	if (s->nargs)
		cgen_line(g, "\tconst int64_t args[] = { %s };\n", buf_text(&args));
	cgen_line(g, "\tstp_tracepoint_hit(data, %s, %u);", s->nargs ? "args" : "NULL", s->nargs);
	cgen_line(g, "}");
	cgen_line(g, "%s", "");
	buf_deinit(&args);
}

/* ---- rows ---- */

static void family_rows(struct cgen *g, const struct family *f, const size_t *callback_of)
{
	cgen_line(g, "static const struct stp_row_%s rows_%s[] = {", f->name, f->name);
	vec_each(&g->sites, i) {
		struct buf b = { 0 };

		if (g->sites.v[i]->family != f)
			continue;
		f->row(&b, g->sites.v[i]);
		if (has_callback(f))
			buf_printf(&b, "%s.func = tp_%zu", b.n ? ", " : "", callback_of[i]);
		cgen_line(g, "\t{ .probe = &probes[%zu]%s%s },", i, b.n ? ", " : "", buf_text(&b));
		buf_deinit(&b);
	}
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

/* Families of the armed sites, each once, in order. */
static size_t families_used(const struct cgen *g, const struct family **ret, size_t *counts)
{
	size_t n = 0, f;

	vec_each(&g->sites, i) {
		for (f = 0; f < n && ret[f] != g->sites.v[i]->family; f++)
			;
		if (f == n) {
			ret[n++] = g->sites.v[i]->family;
			counts[f] = 0;
		}
		counts[f]++;
	}
	return n;
}

enum { MAX_FAMILIES = 64 };

void cgen_rows(struct cgen *g)
{
	const struct family *used[MAX_FAMILIES];
	size_t counts[MAX_FAMILIES], n = families_used(g, used, counts);
	size_t *callback_of = arena_array(g->a, size_t, g->sites.n + 1);
	struct strmap callbacks = { 0 };
	bool words[64] = { false };

	vec_each(&g->sites, i) {
		const char *params;
		size_t *first;

		if (!has_callback(g->sites.v[i]->family))
			continue;
		params = params_text(g, g->sites.v[i]);
		first = strmap_get(&callbacks, params);
		callback_of[i] = first ? *first : i;
		if (first)
			continue;
		strmap_put(&callbacks, params, &callback_of[i]);
		callback(g, i, params, words);
	}
	strmap_deinit(&callbacks);
	for (size_t i = 0; i < n; i++)
		family_rows(g, used[i], callback_of);
}

/* ---- modules ---- */

static void module_anchors(struct cgen *g, const struct used_module *m, size_t index)
{
	cgen_line(g, "static const struct stp_anchor anchors_%zu[] = {", index);
	vec_each(&m->anchors, i) {
		struct buf b = { 0 };

		buf_printf(&b, ".offset = 0x%" PRIx64 "ULL", m->anchors.v[i].offset);
		member_string(g, &b, "section", m->anchors.v[i].section);
		member_string(g, &b, "symbol", m->anchors.v[i].symbol);
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
		member_string(g, &b, "name", m->name);
		member_string(g, &b, "build_id", m->build_id);
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
		member_string(g, &b, "path", f->path);
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
	const struct family *used[MAX_FAMILIES];
	size_t counts[MAX_FAMILIES], n;

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
	n = families_used(g, used, counts);
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
