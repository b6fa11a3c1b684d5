// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ask the debuginfo room from a shell: what tests and people compare with other readers of DWARF.
 *
 *	dbgquery RELEASE|- OBJECT functions GLOB [FILE [LINE]]	bodies and inlined instances
 *	dbgquery RELEASE|- OBJECT vars GLOB			their variables and locations
 *	dbgquery RELEASE|- OBJECT params GLOB...		names and types of parameters alone
 *	dbgquery RELEASE|- OBJECT places GLOB...		size and place of each at entry
 *	dbgquery RELEASE|- OBJECT type NAME...			members
 *	dbgquery RELEASE|- OBJECT sweep GLOB [MAX]		counts of variables that can be had at entries
 *	dbgquery RELEASE|- OBJECT sample GLOB MAX		variables of so many of the functions, at entry
 *	dbgquery RELEASE|- OBJECT labels|callees NAME
 *	dbgquery RELEASE|- OBJECT global NAME
 *	dbgquery RELEASE|- OBJECT lines FILE LINE
 *	dbgquery RELEASE|- OBJECT scope ADDRESS [SECTION]
 *	dbgquery RELEASE|- OBJECT map ADDRESS...		by the map of lines: inlined calls, inner first
 *	dbgquery RELEASE|- OBJECT tracepoints GLOB
 *	dbgquery RELEASE|- OBJECT similar NAME
 *	dbgquery RELEASE - modules GLOB
 *	dbgquery RELEASE|- OBJECT facts FILE			of changed names: is the old there, the new?
 *
 * OBJECT is "kernel", a module's name or the path of a file.  $DBGQUERY "btf" or "dwarf": by that alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbginfo/dbginfo.h"
#include "linemap.h"

static struct arena arena;

static void put_location(struct buf *b, const struct location *l)
{
	switch (l->kind) {
	case LOC_NONE:
		buf_printf(b, "none: %s", l->why);
		break;
	case LOC_MEMORY:
		buf_puts(b, "at ");
		lx_print(b, l->expr);
		break;
	case LOC_VALUE:
		buf_puts(b, "= ");
		lx_print(b, l->expr);
		break;
	case LOC_POINTER:
		buf_printf(b, "points %" PRId64 " into [", l->target_offset);
		put_location(b, l->target);
		buf_puts(b, "]");
		break;
	case LOC_PIECES:
		vec_each(&l->pieces, i) {
			const struct loc_piece *p = &l->pieces.v[i];

			buf_printf(b, "%s[%" PRIu64 "+%" PRIu64 " ", i ? " " : "", p->offset,
				   p->size);
			put_location(b, p->loc);
			buf_putc(b, ']');
		}
	}
}

static void print_var(const struct site_var *v)
{
	struct buf b = {0};

	put_location(&b, &v->loc);
	printf("  %s %s:%s %s\n", v->param ? "param" : v->is_return ? "return" : "local", v->name,
	       ctype_str(&arena, v->type), buf_text(&b));
	buf_deinit(&b);
}

static void print_function(const struct dbg_func *f)
{
	printf("%s@%s:%u %s 0x%" PRIx64 "%s%s%s%s%s", f->name, f->file ? f->file : "?", f->line,
	       f->is_inline ? "inline" : "body", f->entry, f->section ? " " : "",
	       f->section ? f->section : "", f->linkage ? " " : "", f->linkage ? f->linkage : "",
	       f->patchable ? " patchable" : "");
	if (f->after_prologue != f->entry)
		printf(" prologue+%" PRIu64, f->after_prologue - f->entry);
	if (!f->probeable)
		printf(" (%s)", f->why_not);
	putchar('\n');
}

static void print_params(struct dbg_func *f)
{
	struct site_var *v, ret;
	size_t n = dbg_vars(f, &arena, f->entry, NULL, &v);

	printf("%s 0x%" PRIx64, f->name, f->entry);
	for (size_t i = 0; i < n; i++)
		if (v[i].param)
			printf(" $%s:%s", v[i].name, ctype_str(&arena, v[i].type));
	if (dbg_return(f, &arena, &ret))
		printf(" $return:%s", ctype_str(&arena, ret.type));
	putchar('\n');
}

static int params(struct dbg_object *o, int n, char **arg)
{
	for (int k = 0; k < n; k++) {
		struct dbg_func_list l = {0};

		dbg_functions(o, &arena, arg[k], NULL, 0, DBG_BODIES, &l);
		vec_each(&l, i)
			print_params(l.v[i]);
	}
	return 0;
}

/* Size and place of each parameter at entry; "plain" is no clone and has no hidden parameter. */
static int places(struct dbg_object *o, int n, char **arg)
{
	for (int k = 0; k < n; k++) {
		struct dbg_func_list l = {0};

		dbg_functions(o, &arena, arg[k], NULL, 0, DBG_BODIES, &l);
		vec_each(&l, i) {
			struct dbg_func *f = l.v[i];
			struct site_var *v, ret = {0};
			size_t nv = dbg_vars(f, &arena, f->entry, NULL, &v);
			bool plain = f->linkage && !strcmp(f->linkage, f->name) &&
				     dbg_return(f, &arena, &ret) && ret.loc.kind != LOC_MEMORY;

			printf("%s %s\n", f->name, plain ? "plain" : "other");
			for (size_t p = 0; p < nv && v[p].param; p++) {
				struct ctype *t = ctype_strip(v[p].type);
				struct buf b = {0};

				put_location(&b, &v[p].loc);
				printf("  param %" PRIu64 " %s\n", t ? t->size : 99, buf_text(&b));
				buf_deinit(&b);
			}
		}
	}
	return 0;
}

static int functions(struct dbg_object *o, const char *what, int n, char **arg)
{
	struct dbg_func_list l = {0};

	dbg_functions(o, &arena, arg[0], n > 1 ? arg[1] : NULL, n > 2 ? atoi(arg[2]) : 0,
		      DBG_BODIES | DBG_INLINES, &l);
	vec_each(&l, i) {
		struct site_var *v, ret;
		size_t nv;

		print_function(l.v[i]);
		if (strcmp(what, "vars"))
			continue;
		nv = dbg_vars(l.v[i], &arena, l.v[i]->after_prologue, NULL, &v);
		for (size_t k = 0; k < nv; k++)
			print_var(&v[k]);
		if (dbg_return(l.v[i], &arena, &ret))
			print_var(&ret);
	}
	return l.n ? 0 : 1;
}

struct reason { const char *why; size_t n; const char *first; };
struct sweep { struct reason v[64]; size_t n, functions, had, optimized, failed; };

static void count_reason(struct sweep *w, const char *why, const struct dbg_func *f, const char *var)
{
	size_t i;

	for (i = 0; i < w->n && strcmp(w->v[i].why, why); i++)
		;
	if (i == w->n) {
		if (i == 63)
			return;
		w->v[w->n++] = (struct reason){ .why = why };
		w->v[i].first = arena_printf(&arena, "%s@%s:%u $%s", f->name, f->file ? f->file : "?",
					     f->line, var);
	}
	w->v[i].n++;
}

static void sweep_location(struct sweep *w, const struct location *l, const struct dbg_func *f,
			   const char *var)
{
	const char *why = l->kind == LOC_NONE ? l->why : NULL;

	if (l->kind == LOC_PIECES)
		vec_each(&l->pieces, i)
			if (l->pieces.v[i].loc->kind == LOC_NONE)
				count_reason(w, arena_printf(&arena, "(a piece) %s", l->pieces.v[i].loc->why),
					     f, var);
	if (!why) {
		w->had++;
		return;
	}
	if (!strcmp(why, "optimized out") || !strcmp(why, "no location at this address"))
		w->optimized++;
	else
		w->failed++;
	count_reason(w, why, f, var);
}

/* Every variable of every function at its entry: none may crash, and each that cannot be had says why. */
static int sweep(struct dbg_object *o, const char *glob, size_t max)
{
	struct dbg_func_list l = {0};
	struct sweep w = {0};
	size_t step;

	dbg_functions(o, &arena, glob, NULL, 0, DBG_BODIES | DBG_INLINES, &l);
	step = max && l.n > max ? l.n / max : 1;
	for (size_t i = 0; i < l.n; i += step) {
		struct site_var *v, ret;
		size_t n = dbg_vars(l.v[i], &arena, l.v[i]->after_prologue, NULL, &v);

		w.functions++;
		for (size_t k = 0; k < n; k++)
			sweep_location(&w, &v[k].loc, l.v[i], v[k].name);
		dbg_return(l.v[i], &arena, &ret);
	}
	printf("%zu functions: %zu variables can be had, %zu optimized out, %zu failed\n", w.functions,
	       w.had, w.optimized, w.failed);
	for (size_t i = 0; i < w.n; i++)
		printf("  %zu: %s (first: %s)\n", w.v[i].n, w.v[i].why, w.v[i].first);
	return w.functions ? 0 : 1;
}

/* Those alone that are the innermost scope at their entry: an address tells them. */
static int sample(struct dbg_object *o, const char *glob, size_t max)
{
	struct dbg_func_list l = {0};
	size_t step;

	dbg_functions(o, &arena, glob, NULL, 0, DBG_BODIES | DBG_INLINES, &l);
	step = max && l.n > max ? l.n / max : 1;
	for (size_t i = 0; i < l.n; i += step) {
		struct dbg_func *in = dbg_scope_at(o, &arena, l.v[i]->entry, l.v[i]->section);
		struct site_var *v;
		size_t n = dbg_vars(l.v[i], &arena, l.v[i]->entry, NULL, &v);

		if (!in || in->die != l.v[i]->die)
			continue;
		print_function(l.v[i]);
		for (size_t k = 0; k < n; k++)
			print_var(&v[k]);
	}
	return l.n ? 0 : 1;
}

/* What is inside functions: labels, or calls with where they return to. */
static int parts(struct dbg_object *o, const char *what, const char *name)
{
	struct dbg_func_list l = {0};

	dbg_functions(o, &arena, name, NULL, 0, DBG_BODIES | DBG_INLINES, &l);
	vec_each(&l, i) {
		struct dbg_label_list labels = {0};
		struct dbg_callee_list calls = {0};

		if (!strcmp(what, "labels"))
			dbg_labels(l.v[i], &arena, "*", &labels);
		else
			dbg_callees(l.v[i], &arena, "*", &calls);
		vec_each(&labels, k)
			printf("%s %s:%u 0x%" PRIx64 "\n", l.v[i]->name, labels.v[k].name,
			       labels.v[k].line, labels.v[k].addr);
		vec_each(&calls, k) {
			printf("%s %s%s%s", l.v[i]->name, calls.v[k].func->name,
			       calls.v[k].func->is_inline ? " inline" : "", calls.v[k].tail ? " tail" : "");
			vec_each(&calls.v[k].returns, r)
				printf(" 0x%" PRIx64, calls.v[k].returns.v[r].addr);
			putchar('\n');
		}
	}
	return l.n ? 0 : 1;
}

static int type(struct dbg_object *o, const char *name)
{
	struct ctype *t = dbg_type(o, name);

	if (!t)
		return 1;
	ctype_complete(t);
	t = ctype_strip(t);
	printf("%s size %" PRIu64 "%s\n", ctype_str(&arena, t), t ? t->size : 0,
	       t && t->incomplete ? " incomplete" : "");
	for (size_t i = 0; t && i < t->members.n; i++) {
		const struct cmember *m = &t->members.v[i];

		printf("  %" PRIu64 " %s:%s", m->offset, m->name ? m->name : "", ctype_str(&arena, m->type));
		if (m->bit_size)
			printf(" bits %u+%u", m->bit_offset, m->bit_size);
		putchar('\n');
	}
	for (size_t i = 0; t && i < t->enumerators.n; i++)
		printf("  %s = %" PRId64 "\n", t->enumerators.v[i].name, t->enumerators.v[i].value);
	return 0;
}

static int tracepoints(struct dbg_object *o, const char *glob)
{
	struct dbg_tracepoint *t;
	size_t n = dbg_tracepoints(o, &arena, glob, &t);

	for (size_t i = 0; i < n; i++) {
		printf("%s:%s", t[i].system ? t[i].system : "?", t[i].name);
		for (unsigned k = 0; k < t[i].nargs; k++)
			printf(" $%s:%s", t[i].arg_names[k], ctype_str(&arena, t[i].arg_types[k]));
		putchar('\n');
	}
	return n ? 0 : 1;
}

static int lines(struct dbg_object *o, const char *file, unsigned line)
{
	struct dbg_line *l;
	size_t n = dbg_lines(o, &arena, file, line, NULL, &l);

	for (size_t i = 0; i < n; i++)
		printf("%s:%u 0x%" PRIx64 "%s%s\n", l[i].file, l[i].line, l[i].addr,
		       l[i].section ? " " : "", l[i].section ? l[i].section : "");
	return n ? 0 : 1;
}

/* Walk "a.b[0].c/1000" from T: is it all there? */
static bool walk(struct ctype *t, char *path)
{
	char *step;

	path[strcspn(path, "/%")] = 0;
	while ((step = strsep(&path, "."))) {
		char *index = strchr(step, '[');
		const struct cmember *m;

		if (index)
			*index = 0;
		if (!*step)
			continue;
		while ((t = ctype_strip(t)) && t->kind == CT_POINTER)
			t = t->target;
		m = t && (t->kind == CT_STRUCT || t->kind == CT_UNION) ? ctype_member(t, step, NULL) : NULL;
		if (!m)
			return false;
		t = m->type;
		if (index && (!(t = ctype_strip(t)) || t->kind != CT_ARRAY))
			return false;
		t = index ? t->target : t;
	}
	return true;
}

/* The function or "trace:NAME" of a fact about a parameter has EXPR, "name.path". */
static bool has_param(struct dbg_object *o, const char *subject, char *expr, bool *there)
{
	char *name = strsep(&expr, ".");
	struct dbg_func_list l = {0};
	struct dbg_tracepoint *t;
	struct site_var *v;
	size_t n;

	if (!strncmp(subject, "trace:", 6)) {
		*there = dbg_tracepoints(o, &arena, subject + 6, &t) == 1;
		for (unsigned i = 0; *there && i < t->nargs; i++)
			if (!strcmp(t->arg_names[i], name))
				return !expr || walk(t->arg_types[i], expr);
		return false;
	}
	dbg_functions(o, &arena, subject, NULL, 0, DBG_BODIES, &l);
	*there = l.n > 0;
	n = l.n ? dbg_vars(l.v[0], &arena, l.v[0]->entry, NULL, &v) : 0;
	for (size_t i = 0; i < n; i++)
		if (v[i].param && !strcmp(v[i].name, name))
			return !expr || walk(v[i].type, expr);
	return false;
}

static bool has(struct dbg_object *o, const char *kind, const char *subject, const char *name, bool *there)
{
	char *text = arena_strdup(&arena, name);
	struct dbg_func_list l = {0};
	struct dbg_tracepoint *t;
	struct ctype *type;

	*there = true;
	if (!strcmp(kind, "function")) {
		if (strchr(text, '*'))
			text = arena_printf(&arena, "%.*s%s", (int)strcspn(text, "*"), text, "read");
		dbg_functions(o, &arena, text, NULL, 0, DBG_BODIES | DBG_INLINES, &l);
		return l.n > 0;
	}
	if (!strcmp(kind, "tracepoint"))
		return dbg_tracepoints(o, &arena, text, &t) > 0;
	if (!strcmp(kind, "type"))
		return dbg_type(o, text) || dbg_type(o, arena_printf(&arena, "enum %s", text));
	if (!strcmp(kind, "param"))
		return has_param(o, subject, text, there);
	type = dbg_type(o, subject);
	*there = type != NULL;
	return type && walk(type, text);
}

/* KIND OLD NEW of each line, and whether the subject, the old and the new name are there. */
static int facts(struct dbg_object *o, const char *file)
{
	FILE *f = fopen(file, "r");
	char line[512], kind[32], old[200], now[200], release[32];

	while (f && fgets(line, sizeof(line), f)) {
		bool has_old, has_new, there;
		char *dot;

		if (sscanf(line, "%31s %199s %199s %31s", kind, old, now, release) != 4 || kind[0] == '#')
			continue;
		dot = strchr(old, '.');
		if (!strcmp(kind, "number")) {	/* the value itself: a struct, no number */
			has_new = has(o, kind, old, now, &there);
			has_old = false;
		} else if (dot && strcmp(kind, "function")) {
			char *subject = arena_strndup(&arena, old, dot - old);

			has_old = has(o, kind, subject, dot + 1, &there);
			has_new = has(o, kind, subject, now, &there);
		} else {
			has_old = has(o, kind, NULL, old, &there);
			has_new = has(o, kind, NULL, now, &there);
		}
		printf("%s %s %s %s %s %s %s\n", kind, old, now, release, there ? "subject" : "-",
		       has_old ? "old" : "-", has_new ? "new" : "-");
	}
	if (f)
		fclose(f);
	return 0;
}

/* "NAME FILE:LINE" of each inlined call and "- FILE:LINE" of the body around them; "?" for what is not known. */
static int map(struct dbg_object *o, int n, char **arg)
{
	const struct stp_line_node *node;
	const struct stp_line_map *m;
	struct stp_line_place p;
	struct buf b = { 0 };

	if (!dbg_line_map(o, &b))
		return 1;
	m = (const void *)b.p;
	fprintf(stderr, "%zu bytes, %u blocks, %u files, %u nodes\n", b.n, m->nblock, m->nfile, m->nnode);
	for (int i = 0; i < n; i++) {
		printf("%s", arg[i]);
		if (!stp_line_find(m, strtoull(arg[i], NULL, 16) - m->base, &p)) {
			puts(" ?");
			continue;
		}
		for (; (node = stp_line_node(m, p.node)); p.node = node->parent) {
			printf(" %s %s:%u", stp_line_name(m, node), stp_line_file(m, p.file), p.line);
			p.file = node->file;
			p.line = node->line;
		}
		printf(" - %s:%u\n", stp_line_file(m, p.file), p.line);
	}
	buf_deinit(&b);
	return 0;
}

static int query(struct dbg_object *o, const char *what, int n, char **arg)
{
	struct site_var v;
	struct dbg_func *f;
	const char *near[8];

	if (!strcmp(what, "params"))
		return params(o, n, arg);
	if (!strcmp(what, "places"))
		return places(o, n, arg);
	if (!strcmp(what, "functions") || !strcmp(what, "vars"))
		return functions(o, what, n, arg);
	if (!strcmp(what, "type")) {
		int failed = 0;

		for (int i = 0; i < n; i++)
			failed |= type(o, arg[i]);
		return failed;
	}
	if (!strcmp(what, "sweep"))
		return sweep(o, arg[0], n > 1 ? (size_t)atol(arg[1]) : 0);
	if (!strcmp(what, "sample") && n > 1)
		return sample(o, arg[0], (size_t)atol(arg[1]));
	if (!strcmp(what, "labels") || !strcmp(what, "callees"))
		return parts(o, what, arg[0]);
	if (!strcmp(what, "tracepoints"))
		return tracepoints(o, arg[0]);
	if (!strcmp(what, "lines") && n > 1)
		return lines(o, arg[0], atoi(arg[1]));
	if (!strcmp(what, "map"))
		return map(o, n, arg);
	if (!strcmp(what, "facts"))
		return facts(o, arg[0]);
	if (!strcmp(what, "global")) {
		if (!dbg_global(o, &arena, arg[0], &v))
			return 1;
		print_var(&v);
		return 0;
	}
	if (!strcmp(what, "scope")) {
		f = dbg_scope_at(o, &arena, strtoull(arg[0], NULL, 0), n > 1 ? arg[1] : NULL);
		if (!f)
			return 1;
		print_function(f);
		return 0;
	}
	if (!strcmp(what, "similar")) {
		size_t k = dbg_similar_functions(o, arg[0], near, 8);

		for (size_t i = 0; i < k; i++)
			puts(near[i]);
		return 0;
	}
	fprintf(stderr, "dbgquery: unknown question '%s'\n", what);
	return 2;
}

int main(int argc, char **argv)
{
	struct dbginfo *d;
	struct dbg_object *o;
	const char *why, *const *names;
	int ret = 1;

	if (argc < 5) {
		fprintf(stderr, "usage: dbgquery RELEASE OBJECT QUESTION ARGUMENT...\n");
		return 2;
	}
	arena_init(&arena, "dbgquery");
	d = dbginfo_open(&arena, argv[1]);
	if (getenv("DBGQUERY"))
		dbginfo_choose(d, strcmp(getenv("DBGQUERY"), "btf") ? DBG_DWARF : DBG_BTF);
	if (!strcmp(argv[3], "modules")) {
		size_t n = dbg_modules(d, &arena, argv[4], &names);

		for (size_t i = 0; i < n; i++)
			puts(names[i]);
		ret = 0;
	} else {
		o = dbg_object(d, strcmp(argv[2], "kernel") ? argv[2] : NULL, &why);
		if (o)
			ret = query(o, argv[3], argc - 4, argv + 4);
		else
			fprintf(stderr, "dbgquery: %s\n", why);
	}
	dbginfo_close(d);
	arena_deinit(&arena);
	return ret;
}
