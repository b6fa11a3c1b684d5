// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process("PATH").mark("NAME"), .provider("P").mark("NAME") and .plt("NAME"): what a program itself tells of,
 * without debuginfo.  Marks have $arg1 and on, $$name and $$provider.
 */
#include "family/mark.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "family/operand.h"

enum { MAX_SHOWN = 12 };

static struct site *add_site(struct kprobe_search *s, const struct program_choice *c, const char *name, uint64_t addr,
			     const char *pp)
{
	struct site *x = arena_new(s->r->a, struct site);

	x->pp = pp;
	x->pn = s->m->pn;
	x->module = dbg_module_name(s->o);
	x->address = addr;
	x->kind = s->m->form->kind;
	x->is_return = kprobe_is_return(x->kind);
	x->optional = s->r->optional;
	x->place = s->m->point->place;
	if (x->kind == KP_MARK)
		x->symbol = name;
	else
		x->func = name;
	if (!program_place(x, c, s->o, s->file))
		return NULL;
	*vec_add(s->r->a, s->out) = x;
	return x;
}

/* ---- marks ---- */

static void add_mark(struct kprobe_search *s, const struct program_choice *c, const struct dbg_mark *m)
{
	struct site *x = add_site(s, c, m->name, m->addr, arena_printf(s->r->a, "%s.provider(\"%s\").mark(\"%s\")",
								       s->base, m->provider, m->name));

	if (!x)
		return;
	x->system = m->provider;
	x->dbg = arena_memdup(s->r->a, m, sizeof(*m));
	if (m->semaphore && !dbg_file_offset(s->o, m->semaphore, &x->semaphore))
		s->out->n--;		/* the program would never come by */
}

void mark_search(struct kprobe_search *s, const struct program_choice *c)
{
	bool named = !strcmp(s->m->point->comp.v[s->at].name, "provider");
	const char *provider = named ? s->m->str[s->at] : "*", *name = s->m->str[s->at + named];
	struct dbg_mark *m;
	size_t n = dbg_marks(s->o, s->r->a, &m);

	for (size_t i = 0; i < n; i++)
		if (str_glob(provider, m[i].provider) && str_glob(name, m[i].name))
			add_mark(s, c, &m[i]);
}

static bool has_text(struct buf *b, const char *text)
{
	return strstr(buf_text(b), text) != NULL;
}

bool mark_report_nothing(struct kprobe_search *s)
{
	struct buf b = {0};
	struct dbg_mark *m;
	size_t n = dbg_marks(s->o, s->r->a, &m), shown = 0;
	bool ok;

	for (size_t i = 0; i < n && shown < MAX_SHOWN; i++) {
		const char *text = arena_printf(s->r->a, " %s.%s,", m[i].provider, m[i].name);

		if (has_text(&b, text))
			continue;
		buf_puts(&b, text);
		shown++;
	}
	if (b.n)
		b.p[--b.n] = '\0';
	ok = family_unresolved(s->r, s->m, s->place, "no-match", b.n ? "no match: the marks of %s are%s%s" :
			       "no match: %s has no marks (of sys/sdt.h)%s%s", dbg_path(s->o), buf_text(&b),
			       shown == MAX_SHOWN ? ", ..." : "");
	buf_deinit(&b);
	return ok;
}

/* ---- the linkage table ---- */

void plt_search(struct kprobe_search *s, const struct program_choice *c)
{
	const char *name = s->m->has_arg[s->at] ? s->m->str[s->at] : "*";
	struct dbg_symbol *p;
	size_t n = dbg_plt(s->o, s->r->a, &p);

	for (size_t i = 0; i < n; i++)
		if (str_glob(name, p[i].name))
			add_site(s, c, arena_strdup(s->r->a, p[i].name), p[i].addr,
				 arena_printf(s->r->a, "%s.plt(\"%s\")%s", s->base, p[i].name,
					      s->m->form->kind == KP_PLT_RETURN ? ".return" : ""));
}

bool plt_report_nothing(struct kprobe_search *s)
{
	struct dbg_symbol *p;

	return family_unresolved(s->r, s->m, s->place, "no-match", dbg_plt(s->o, s->r->a, &p) ?
				 "no match: %s does not call such a function of a shared library by its linkage table" :
				 "no match: %s has no procedure linkage table", dbg_path(s->o));
}

/* ---- variables ---- */

static struct ctype types[2][9] = {
	[0] = { [1] = { .kind = CT_INT, .name = "unsigned char", .size = 1, .complete = true },
		[2] = { .kind = CT_INT, .name = "short unsigned int", .size = 2, .complete = true },
		[4] = { .kind = CT_INT, .name = "unsigned int", .size = 4, .complete = true },
		[8] = { .kind = CT_INT, .name = "long unsigned int", .size = 8, .complete = true } },
	[1] = { [1] = { .kind = CT_INT, .name = "signed char", .size = 1, .is_signed = true, .complete = true },
		[2] = { .kind = CT_INT, .name = "short int", .size = 2, .is_signed = true, .complete = true },
		[4] = { .kind = CT_INT, .name = "int", .size = 4, .is_signed = true, .complete = true },
		[8] = { .kind = CT_INT, .name = "long int", .size = 8, .is_signed = true, .complete = true } },
};

size_t mark_vars(struct resolver *r, const struct site *s, struct site_var **ret)
{
	const struct dbg_mark *m = s->dbg;
	struct dbg_object *o = dbg_object(family_dbginfo(r), s->module, NULL);
	struct operand *op;
	size_t n = o ? operands_read(r->a, o, m->args, &op) : 0;

	*ret = arena_array(r->a, struct site_var, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct site_var *v = &(*ret)[i];

		v->name = arena_printf(r->a, "arg%zu", i + 1);
		v->type = &types[op[i].is_signed][op[i].value ? op[i].size : 8];
		v->param = true;
		v->user = true;
		v->loc.kind = op[i].value ? LOC_VALUE : LOC_NONE;
		v->loc.expr = op[i].value;
		v->loc.why = op[i].why;
	}
	return n;
}

bool mark_var(struct resolver *r, const struct site *s, const char *name, struct site_var *ret)
{
	struct site_var *v;
	size_t n = mark_vars(r, s, &v);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].name, name)) {
			*ret = v[i];
			return true;
		}
	return false;
}

void mark_explain(struct resolver *r, const struct site *s, struct buf *out)
{
	const struct dbg_mark *m = s->dbg;
	struct site_var *v;
	size_t n = mark_vars(r, s, &v);

	buf_printf(out, "  mark: %s of provider %s\n  address: %#" PRIx64 " in %s\n", m->name, m->provider, s->address,
		   s->module);
	if (m->semaphore)
		buf_puts(out, "  a counter tells the program that it is traced\n");
	buf_printf(out, "  arguments, as the compiler wrote them: %s\n", *m->args ? m->args : "none");
	for (size_t i = 0; i < n; i++)
		kprobe_explain_var(r, out, s, &v[i]);
}
