/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --dump=program and --dump=sites: what pass 2 made, as stable text.  Bodies print as script, each
 * followed by what its target variables came to, in the order of the text.
 */
#include "sema/elaborate.h"

#include <inttypes.h>
#include <string.h>

static void dump_stat_ops(struct buf *b, const struct global *g)
{
	static const char *const names[] = { "count", "sum", "min", "max", "avg", "variance",
					     "hist_log", "hist_linear" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (g->stat_ops & 1u << i)
			buf_printf(b, " @%s", names[i]);
	if (g->hist == HIST_LINEAR)
		buf_printf(b, "(%" PRId64 ", %" PRId64 ", %" PRId64 ")", g->hist_low, g->hist_high,
			   g->hist_width);
}

static void dump_global(struct buf *b, const struct global *g)
{
	buf_printf(b, "global %s", g->cname);
	for (unsigned i = 0; i < g->nkeys; i++)
		buf_printf(b, "%s%s%s", i ? ", " : "[", type_name(g->keys[i]),
			   i + 1 == g->nkeys ? "]" : "");
	buf_printf(b, ": %s", type_name(g->type));
	if (g->maxentries)
		buf_printf(b, " size %" PRId64, g->maxentries);
	if (g->wrap)
		buf_puts(b, " wrap");
	if (g->has_init && g->init_text) {
		buf_puts(b, " = \"");
		buf_escape(b, g->init_text, strlen(g->init_text));
		buf_putc(b, '"');
	} else if (g->has_init) {
		buf_printf(b, " = %" PRId64, g->init_number);
	}
	if (g->type == T_STATS)
		dump_stat_ops(b, g);
	buf_printf(b, "%s%s\n", g->read ? " read" : "", g->written ? " written" : "");
}

static void dump_access(struct expr *e, void *b)
{
	if ((e->kind != EX_TARGET && e->kind != EX_ENTRY) || !e->info)
		return;
	buf_puts(b, "  # ");
	ast_print_expr(b, e);
	buf_puts(b, " = ");
	access_print(b, e->info);
	buf_putc(b, '\n');
}

static void dump_body(struct buf *b, struct stmt *body)
{
	ast_print_stmt(b, body, 0);
	if (b->n && b->p[b->n - 1] != '\n')
		buf_putc(b, '\n');
	sema_each_in_stmt(body, dump_access, b);
}

static void dump_function(struct buf *b, const struct function *f)
{
	buf_printf(b, "function %s: %s (", f->cname, type_name(f->ret));
	for (unsigned i = 0; i < f->nparams; i++)
		buf_printf(b, "%s%s: %s", i ? ", " : "", f->locals.v[i]->cname,
			   type_name(f->locals.v[i]->type));
	buf_printf(b, ")%s%s%s%s\n", f->pure ? " pure" : "", f->recursive ? " recursive" : "",
		   f->c_body ? " C" : "", f->kernel_headers ? " kernel-headers" : "");
	for (size_t i = f->nparams; i < f->locals.n; i++)
		buf_printf(b, "  local %s: %s\n", f->locals.v[i]->cname, type_name(f->locals.v[i]->type));
	if (f->body)
		dump_body(b, f->body);
}

static void dump_handler(struct buf *b, const struct handler *h)
{
	buf_printf(b, "handler probe_%u\n", h->index);
	vec_each(&h->sites, i)
		buf_printf(b, "  at %s\n", h->sites.v[i]->pp);
	vec_each(&h->locals, i)
		buf_printf(b, "  local %s: %s\n", h->locals.v[i]->cname, type_name(h->locals.v[i]->type));
	vec_each(&h->saved, i) {
		buf_printf(b, "  saved %u+%u = ", h->saved.v[i]->slot, h->saved.v[i]->nslots);
		access_print(b, h->saved.v[i]);
		buf_putc(b, '\n');
	}
	dump_body(b, h->body);
}

void program_dump(struct buf *b, const struct program *p)
{
	vec_each(&p->globals, i)
		dump_global(b, p->globals.v[i]);
	vec_each(&p->functions, i)
		dump_function(b, p->functions.v[i]);
	vec_each(&p->handlers, i)
		dump_handler(b, p->handlers.v[i]);
}

static void dump_site(struct buf *b, const struct site *s)
{
	buf_printf(b, "%s %s probe_%u pn=%s", s->family->name, s->pp, s->handler->index, s->pn);
	if (s->func)
		buf_printf(b, " func=%s", s->func);
	if (s->module)
		buf_printf(b, " module=%s", s->module);
	if (s->section)
		buf_printf(b, " section=%s", s->section);
	if (s->symbol)
		buf_printf(b, " symbol=%s+%#" PRIx64, s->symbol, s->offset);
	if (s->address)
		buf_printf(b, " address=%#" PRIx64, s->address);
	buf_printf(b, "%s%s%s", s->is_return ? " return" : "", s->is_inline ? " inline" : "",
		   s->entry_patchable ? " patchable" : "");
	if (s->maxactive)
		buf_printf(b, " maxactive=%u", s->maxactive);
	if (s->family->row) {
		buf_puts(b, " { ");
		s->family->row(b, s);
		buf_puts(b, " }");
	}
	buf_putc(b, '\n');
}

void sites_dump(struct buf *b, const struct program *p)
{
	vec_each(&p->sites, i)
		dump_site(b, p->sites.v[i]);
}

void program_summary(struct buf *b, const struct program *p)
{
	if (p->globals.n)
		buf_puts(b, "# globals\n");
	vec_each(&p->globals, i) {
		const struct global *g = p->globals.v[i];

		buf_printf(b, "%s:%s", g->name, type_name(g->type));
		for (unsigned k = 0; k < g->nkeys; k++)
			buf_printf(b, "%s%s%s", k ? ", " : " [", type_name(g->keys[k]),
				   k + 1 == g->nkeys ? "]" : "");
		buf_putc(b, '\n');
	}
	if (p->functions.n)
		buf_puts(b, "# functions\n");
	vec_each(&p->functions, i) {
		const struct function *f = p->functions.v[i];

		buf_printf(b, "%s:%s (", f->name, type_name(f->ret));
		for (unsigned k = 0; k < f->nparams; k++)
			buf_printf(b, "%s%s:%s", k ? ", " : "", f->locals.v[k]->name,
				   type_name(f->locals.v[k]->type));
		buf_puts(b, ")\n");
	}
	buf_puts(b, "# probes\n");
	vec_each(&p->sites, i) {
		const struct site *s = p->sites.v[i];

		buf_puts(b, s->pp);
		if (s->address)
			buf_printf(b, " /* pc=%#" PRIx64 " */", s->address);
		buf_printf(b, " /* <- %s */\n", s->pn);
	}
}
