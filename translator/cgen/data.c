// SPDX-License-Identifier: GPL-2.0-or-later
/* Formats and globals of the unit, as data. */
#include <inttypes.h>
#include <string.h>

#include "cgen/emit.h"
#include "family/family.h"

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
