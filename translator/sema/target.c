/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $name->a[i], @cast(), @var() and $$vars at one site to a struct access: where the value lies, as an
 * expression over registers and memory, with array indexes and cast pointers as operands.
 *
 * Names come from the site's family, types of casts from debuginfo; neither prints.  Reads are of
 * kernel memory unless the variable belongs to user space.  A failure is kept in the expression's
 * sym, not told: @defined wants to know, and an unused assignment does not need the value.
 */
#include "sema/elaborate.h"
#include "dbginfo/dbginfo.h"

#include <string.h>

static const char saved_mark[1];

bool target_is_saved(const struct expr *e)
{
	return e->kind == EX_TARGET && e->sym == saved_mark;
}

struct target_error *target_failure(const struct expr *e)
{
	return e->kind == EX_TARGET && !e->info ? e->sym : NULL;
}

/* Of an expression in the body of a library's alias: the use of the alias it came through. */
static const struct place *came_through(const struct body *b, const struct expr *e)
{
	const struct place *via = b->site ? b->site->place.via : NULL, *user = via;

	while (user && user->via)
		user = user->via;
	return user && user->src != e->place.src ? via : NULL;
}

struct target_error *target_fail(struct body *b, struct expr *e, const char *tag, const char *fmt, ...)
{
	struct target_error *f = arena_new(b->x->a, struct target_error);
	va_list ap;

	va_start(ap, fmt);
	f->tag = tag;
	f->text = arena_vprintf(b->x->a, fmt, ap);
	f->place = e->place;
	if (!f->place.via)
		f->place.via = came_through(b, e);
	va_end(ap);
	e->info = NULL;
	e->sym = f;
	return f;
}

bool sema_in_program(const struct body *b)
{
	return b->site && b->site->family->flags & FAMILY_USER;
}

/* ---- where the way begins ---- */

static bool datum_from_var(struct body *b, struct expr *e, const struct site_var *v, struct datum *d)
{
	struct target_error *f;

	*d = (struct datum){ .type = v->type, .user = v->user };
	switch (v->loc.kind) {
	case LOC_NONE:
		f = target_fail(b, e, "no-location", "not accessible at this address [%s]: variable '%s'",
				v->loc.why ? v->loc.why : "no location", v->name);
		f->site = b->site;
		f->name = v->name;
		return false;
	case LOC_MEMORY:
		d->in_memory = true;
		d->lx = v->loc.expr;
		return true;
	case LOC_VALUE:
		d->lx = v->loc.expr;
		return true;
	case LOC_PIECES:
		d->pieces = arena_memdup(b->x->a, &v->loc, sizeof(v->loc));
		return true;
	case LOC_POINTER:
		d->pointer = arena_memdup(b->x->a, &v->loc, sizeof(v->loc));
		return true;
	}
	return false;
}

static const char *site_text(const struct body *b)
{
	return b->site ? b->site->pp : b->fn->name;
}

/* What cannot be known of SITE without DWARF; NULL when there is DWARF, or nobody asked. */
static const char *only_btf(struct sema *x, const struct site *site)
{
	const char *why;
	struct dbg_object *o = x->s->dbginfo && site && site->family->flags & FAMILY_DEBUGINFO ?
			       dbg_object(x->s->dbginfo, site->module, &why) : NULL;

	return o ? dbg_lacks(o) : NULL;
}

static bool means_return(const char *name)
{
	static const char *const words[] = { "ret", "retval", "returnval", "result", "rc", "rv",
					    "retvalue", "ax", "rax" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], name))
			return true;
	return false;
}

/* "$a $b ..." and the nearest of them: looked for when the error is told, not at each of many sites. */
void target_explain(struct sema *x, struct target_error *f)
{
	const struct family *fam = f->site ? f->site->family : NULL;
	struct site_var *vars;
	size_t n = fam && fam->vars ? fam->vars(&x->r, f->site, &vars) : 0;
	unsigned best = f->name && strlen(f->name) > 8 ? (unsigned)strlen(f->name) / 3 : 2;
	const char *near = NULL;
	struct buf all = { 0 };

	if (!strcmp(f->tag, "no-location")) {
		near = fam && fam->nearest ? fam->nearest(&x->r, f->site, f->name) : NULL;
		f->hint = near ? near : f->hint;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned d = str_distance(vars[i].name, f->name, best);

		if (i < 40)
			buf_printf(&all, " $%s", vars[i].name);
		if (d < best || (d == best && !near)) {
			best = d;
			near = vars[i].name;
		}
	}
	if (n)
		f->text = arena_printf(x->a, "%s (alternatives:%s)", f->text, buf_text(&all));
	if (!near && !f->hint && f->name && f->site && f->site->is_return && means_return(f->name))
		near = "return";
	if (near && !f->hint)
		f->hint = arena_printf(x->a, "did you mean $%s?", near);
	else if (!f->hint)
		f->hint = only_btf(x, f->site);
	buf_deinit(&all);
}

static bool family_has_vars(struct body *b, struct expr *e)
{
	if (b->site && b->site->family->var)
		return true;
	if (!b->site)
		target_fail(b, e, "target-in-function",
			    "target variable '%s' in function '%s': target variables belong to probes, "
			    "pass the value as an argument", e->target->name, b->fn->name);
	else
		target_fail(b, e, "no-target-variables", "unable to find local '%s': %s has no target variables",
			    e->target->name, site_text(b));
	return false;
}

/* A variable of the site; *SAVE: it must be taken at function entry. */
static bool start_var(struct body *b, struct expr *e, const char *name, struct datum *d, bool *save)
{
	struct site_var v = { 0 };
	struct renamed now;
	bool at_entry, found;

	if (!family_has_vars(b, e))
		return false;
	if (b->in_entry && !strcmp(name, "return")) {
		target_fail(b, e, "return-at-entry", "there is no '$return' at function entry yet");
		return false;
	}
	*save = b->site->is_return && strcmp(name, "return");
	at_entry = *save || (b->site->is_return && b->in_entry);
	found = b->site->family->var(&b->x->r, b->site, name, at_entry, &v);
	if (renamed_param(b, e, name, found ? &v : NULL, &now))
		found = b->site->family->var(&b->x->r, b->site, now.var, at_entry, &v);
	if (!found) {
		struct target_error *f = target_fail(b, e, "unknown-variable", "unable to find local '%s' in %s",
						     name, site_text(b));

		f->site = b->site;
		f->name = name;
		return false;
	}
	if (!v.name)
		v.name = name;
	if (v.is_return)
		*save = false;
	if (!datum_from_var(b, e, &v, d))
		return false;
	if (renamed_walk(b, d, &now))
		return true;
	target_fail(b, e, "bad-member", "'$%s' should be '$%s%s', which is not here", name, v.name, now.path);
	return false;
}

/* The object file with the types of "<header.h>", compiled once; NULL after a failure. */
static const char *header_object(struct body *b, struct expr *e, const char *spec)
{
	struct session *s = b->x->s;
	const char *path = strmap_get(&s->headers, spec), *why = "no compiler";

	if (!path) {
		path = s->header_types ? s->header_types(s, spec, &why) : NULL;
		strmap_put(&s->headers, spec, (void *)(path ? path : ""));
	}
	if (path && *path)
		return path;
	target_fail(b, e, "header-types", "types of %s are not available: %s", spec, why);
	return NULL;
}

static struct dbg_object *object_of(struct body *b, struct expr *e, const char *module)
{
	struct session *s = b->x->s;
	struct dbg_object *o;
	const char *why = NULL;

	dbginfo_want(&s->dbginfo, &s->arena, s->kernel.release, s->opt.debuginfo, diag_progress);
	if (!module && b->site)
		module = b->site->module;
	if (module && !strcmp(module, "kernel"))
		module = NULL;
	if (module && strchr(module, '<')) {
		module = header_object(b, e, module);
		if (!module)
			return NULL;
	}
	o = dbg_object(s->dbginfo, module, &why);
	if (!o)
		target_fail(b, e, "no-debuginfo", "no debuginfo for %s: %s", module ? module : "the kernel",
			    why ? why : "not found");
	return o;
}

static struct ctype *pointer_to(struct body *b, struct ctype *t)
{
	struct ctype *p = arena_new(b->x->a, struct ctype);

	p->kind = CT_POINTER;
	p->size = 8;
	p->target = t;
	p->complete = true;
	return p;
}

struct lx *target_operand(struct body *b, struct access *acc, struct expr *e)
{
	struct lx *x;

	if (e->kind == EX_NUMBER)
		return lx_const(b->x->a, e->number);
	x = arena_new(b->x->a, struct lx);
	x->kind = LX_SCRIPT;
	x->value = (int64_t)acc->operands.n;
	*vec_add(b->x->a, &acc->operands) = e;
	return x;
}

bool target_search(struct body *b, struct expr *e, const char *modules,
		   bool (*find)(struct dbg_object *, void *), void *arg, bool *user)
{
	char *list = modules ? arena_strdup(b->x->a, modules) : NULL, *one;
	struct dbg_object *o;

	do {
		one = list ? strsep(&list, ":") : NULL;
		if (one && !strncmp(one, "kernel<", 7)) {	/* what the kernel itself uses, if it does */
			o = object_of(b, e, "kernel");
			if (o && find(o, arg))
				return true;
		}
		o = object_of(b, e, one);
		if (o && find(o, arg)) {
			*user |= (one && *one == '<') || dbg_is_program(o);	/* types of programs */
			return true;
		}
	} while (list);
	return false;
}

/* Where target_search() looked. */
const char *target_searched(const struct body *b, const char *modules)
{
	return modules ? modules : b->site && b->site->module ? b->site->module : "kernel";
}

struct named_type { const char *text; struct ctype *type; };

static bool find_type(struct dbg_object *o, void *arg)
{
	struct named_type *t = arg;

	t->type = dbg_type(o, t->text);
	return t->type;
}

static bool start_cast(struct body *b, struct expr *e, struct access *acc, struct datum *d)
{
	struct target *t = e->target;
	struct named_type n = { t->type, NULL };
	const char *now;
	bool user = sema_in_program(b) && !t->module;

	target_search(b, e, t->module, find_type, &n, &user);
	now = n.type || t->module || sema_in_program(b) ? NULL : renamed_type(b, e, t->type);
	if (now && object_of(b, e, NULL))
		n.type = dbg_type(object_of(b, e, NULL), now);
	if (!n.type) {
		if (!e->sym)
			target_fail(b, e, "unknown-type", "type definition '%s' not found in '%s'", t->type,
				    target_searched(b, t->module));
		return false;
	}
	e->sym = NULL;
	if (!ctype_strip(n.type) || ctype_strip(n.type)->kind != CT_POINTER)
		n.type = pointer_to(b, n.type);	/* "struct x" and "struct x *" both say what is pointed at */
	*d = (struct datum){ .type = n.type, .lx = target_operand(b, acc, t->operand), .user = user };
	return true;
}

/* Where a program has its data is known of the process that was hit alone, and of the file that it was hit in. */
static bool is_out_of_reach(const struct body *b, struct dbg_object *o)
{
	const char *here = sema_in_program(b) ? b->site->module : NULL;

	return dbg_is_program(o) && !(here && !strcmp(here, dbg_module_name(o)));
}

static bool start_atvar(struct body *b, struct expr *e, struct datum *d, bool *save)
{
	struct target *t = e->target;
	struct site_var v = { 0 };
	struct dbg_object *o;

	if (!strchr(t->name, '@') && !t->module && b->site && b->site->family->var &&
	    start_var(b, e, t->name, d, save))
		return true;
	*save = false;
	e->sym = NULL;
	o = object_of(b, e, t->module);
	if (!o)
		return false;
	if (is_out_of_reach(b, o)) {
		target_fail(b, e, "program-data", "variables of %s can be read in probes of that file only",
			    dbg_module_name(o));
		return false;
	}
	if (!dbg_global(o, b->x->a, t->name, &v)) {
		struct target_error *f = target_fail(b, e, "unknown-variable", "unable to find global '%s' in %s",
						     t->name, target_searched(b, t->module));

		f->hint = dbg_lacks(o);
		return false;
	}
	if (!v.name)
		v.name = t->name;
	if (!v.type && dbg_lacks(o) && !(t->addressof && !t->acc.n)) {
		target_fail(b, e, "unknown-type", "BTF has no type for '%s' (DWARF would); name one: "
			    "@cast(&@var(\"%s\"), \"TYPE\")", v.name, t->name);
		return false;
	}
	return datum_from_var(b, e, &v, d);
}

/* The pointer type behind P, which may be a name still. */
static struct ctype *pointing_type(struct body *b, struct expr *e, const struct pointing *p)
{
	struct dbg_object *o;
	struct ctype *t;

	if (p->type || !p->name)
		return p->type;
	o = object_of(b, e, "kernel");
	t = o ? dbg_type(o, p->name) : NULL;
	return t ? pointer_to(b, t) : NULL;
}

/* operand->member where debuginfo told what the operand is. */
static bool start_auto(struct body *b, struct expr *e, struct access *acc, struct datum *d)
{
	struct expr *o = e->target->operand;
	struct pointing p = e->target->known ? *e->target->known : autocast_of(o);
	struct ctype *t = pointing_type(b, e, &p);

	if (!t) {
		struct target_error *f;

		if (e->sym)	/* no debuginfo */
			return false;
		f = target_fail(b, e, "unknown-pointer-type",
				"the type that the left side of '%s' points at is not known",
				e->target->acc.n && e->target->acc.v[0].kind == AC_INDEX ? "[" : "->");
		f->hint = "name the type: @cast(value, \"struct NAME\")->member";
		if (o->kind == EX_IDENT && b->site && b->site->family->var) {
			struct site_var v;

			if (b->site->family->var(&b->x->r, b->site, o->name, b->site->is_return, &v))
				f->hint = arena_printf(b->x->a, "did you mean $%s?", o->name);
		}
		f->waiting = true;
		return false;
	}
	*d = (struct datum){ .type = t, .lx = target_operand(b, acc, o), .user = p.user };
	return true;
}

/* ---- $$vars ---- */

struct group { bool params, locals, ret; };

static bool is_group(const char *name, struct group *g)
{
	static const struct { const char *name; struct group g; } known[] = {
		{ "$$vars", { true, true, true } }, { "$$parms", { true, false, false } },
		{ "$$locals", { false, true, false } }, { "$$return", { false, false, true } },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name)) {
			*g = known[i].g;
			return true;
		}
	return false;
}

/* "name=%p" for one variable; what cannot be had prints as `?`. */
static void group_member(struct body *b, struct buf *fmt, struct access *acc, const char *name,
			 bool at_entry, unsigned pretty)
{
	struct expr scratch = { 0 };
	struct site_var v = { 0 };
	struct datum d;
	struct lx *value;

	if (fmt->n)
		buf_putc(fmt, ' ');
	buf_printf(fmt, "%s=", name);
	if (acc->parts.n >= MAX_PARTS) {
		buf_puts(fmt, "...");
		return;
	}
	if (!b->site->family->var(&b->x->r, b->site, name, at_entry, &v) ||
	    (v.name = name, !datum_from_var(b, &scratch, &v, &d))) {
		buf_putc(fmt, '?');
		return;
	}
	if (pretty) {
		pretty_datum(b, fmt, acc, d, pretty);
		return;
	}
	if (datum_number(b, &d, &value)) {
		const struct ctype *t = ctype_strip(d.type);

		buf_puts(fmt, t && (t->kind == CT_STRUCT || t->kind == CT_UNION) ? "{...}" : "?");
		return;
	}
	buf_puts(fmt, "%p");
	*vec_add(b->x->a, &acc->parts) = (struct access_part){ .value = value, .user = d.user };
}

/* Sites of a tracepoint or mark: a name of their own without a function. */
static bool is_named(const struct site *s)
{
	return s && s->symbol && !s->func;
}

/* $$name and $$system (stapprobes, KERNEL TRACEPOINTS), $$provider. */
static void resolve_name(struct body *b, struct expr *e, const char *text)
{
	struct access *acc = arena_new(b->x->a, struct access);

	if (e->target->acc.n || e->target->addressof) {
		target_fail(b, e, "group-member", "'%s' is a text and has no members", e->target->name);
		return;
	}
	acc->kind = ACCESS_FORMAT;
	acc->format = text ? text : "";
	acc->place = e->place;
	e->info = acc;
	e->type = T_STRING;
}

static void resolve_group(struct body *b, struct expr *e, struct group g)
{
	struct access *acc = arena_new(b->x->a, struct access);
	bool ret_site = b->site && b->site->is_return, entry_values = ret_site && (g.params || g.locals);
	struct buf fmt = { 0 };
	struct site_var *vars;
	size_t n;

	if (!family_has_vars(b, e))
		return;
	if (e->target->acc.n || e->target->addressof) {
		target_fail(b, e, "group-member", "'%s' is a text and has no members", e->target->name);
		return;
	}
	if (g.ret && !g.params && !ret_site) {
		target_fail(b, e, "no-return", "'$$return' is available in return probes only, not in %s",
			    site_text(b));
		return;
	}
	n = b->site->family->vars ? b->site->family->vars(&b->x->r, b->site, &vars) : 0;
	for (size_t i = 0; i < n; i++)
		if (vars[i].is_return ? g.ret && !g.params : vars[i].param ? g.params : g.locals)
			group_member(b, &fmt, acc, vars[i].name, entry_values, e->target->pretty);
	acc->kind = ACCESS_FORMAT;
	acc->format = arena_strdup(b->x->a, buf_text(&fmt));
	acc->place = e->place;
	e->info = acc;
	e->sym = entry_values && !b->in_entry ? (void *)saved_mark : NULL;
	e->type = T_STRING;
	buf_deinit(&fmt);
}

/* ---- the whole ---- */

static bool walk_accessors(struct body *b, struct expr *e, struct access *acc, struct datum *d)
{
	struct target *t = e->target;
	struct datum *before = arena_array(b->x->a, struct datum, t->acc.n + 1);

	vec_each(&t->acc, i) {
		const struct accessor *ac = &t->acc.v[i];
		const char *near = NULL, *why;
		struct target_error *f;
		size_t next;

		before[i] = *d;
		why = ac->kind == AC_MEMBER ? datum_member(b, d, ac->name, &near) :
					      datum_index(b, d, target_operand(b, acc, ac->index));
		if (!why)
			continue;
		next = ac->kind == AC_MEMBER ? renamed_member(b, e, before, i, d) : 0;
		if (next) {
			i = next - 1;
			continue;
		}
		f = target_fail(b, e, "bad-member", "%s", why);
		if (ac->place.src)
			f->place = ac->place;
		if (near)
			f->hint = arena_printf(b->x->a, "did you mean '%s'?", near);
		return false;
	}
	return true;
}

/* A variable that is all of a register's lower part. */
static bool set_store_register(struct access *acc, const struct lx *x)
{
	while (x->kind == LX_EXTEND)
		x = x->a;
	if (x->kind != LX_REG)
		return false;
	acc->store_reg = (int)x->value + 1;
	return true;
}

static bool set_store(struct body *b, struct expr *e, struct access *acc, const struct datum *d)
{
	uint64_t size = datum_size(d->type);

	if (!b->x->s->opt.guru) {
		target_fail(b, e, "write-needs-guru", "write to target variable not permitted; need stap -g");
		return false;
	}
	if (!d->in_memory && !d->pieces && !d->bits && set_store_register(acc, d->lx))
		return true;
	if (!d->in_memory || (size != 1 && size != 2 && size != 4 && size != 8)) {
		target_fail(b, e, "not-assignable", "write to target variable not possible: %s",
			    d->in_memory ? "it is no number" : "it is not in memory at this address");
		return false;
	}
	acc->store_addr = d->lx;
	acc->store_size = (unsigned)size;
	acc->store_bits = d->bits;
	acc->store_shift = d->bit_offset;
	return true;
}

static bool start(struct body *b, struct expr *e, struct access *acc, struct datum *d, bool *save)
{
	switch (e->target->kind) {
	case TG_VAR:	return start_var(b, e, e->target->name + 1, d, save);
	case TG_CAST:	return start_cast(b, e, acc, d);
	case TG_ATVAR:	return start_atvar(b, e, d, save);
	case TG_AUTO:	return start_auto(b, e, acc, d);
	case TG_ENUM: case TG_ENUMNAME:		/* enumerator.c */
		break;
	}
	return false;
}

static bool finish(struct body *b, struct expr *e, struct access *acc, struct datum *d, bool store)
{
	struct target *t = e->target;
	struct datum whole;
	const char *why;

	acc->type = d->type;
	acc->user = d->user;
	e->type = T_LONG;
	if (t->pretty) {
		struct buf fmt = { 0 };

		pretty_datum(b, &fmt, acc, *d, t->pretty);
		acc->kind = ACCESS_FORMAT;
		acc->format = arena_strdup(b->x->a, buf_text(&fmt));
		buf_deinit(&fmt);
		e->type = T_STRING;
		return true;
	}
	if (t->addressof) {
		if (!d->in_memory || d->bits) {
			target_fail(b, e, "no-address", "'%s' has no address here: it is %s",
				    t->name ? t->name : "this value", d->bits ? "a bitfield" : "not in memory");
			return false;
		}
		acc->value = d->lx;
		acc->type = pointer_to(b, d->type);
		return true;
	}
	whole = *d;
	why = datum_number(b, d, &acc->value);
	if (why && renamed_number(b, e, &whole)) {
		*d = whole;
		acc->type = d->type;
		why = datum_number(b, d, &acc->value);
	}
	if (why) {
		target_fail(b, e, "no-number", "%s%s%s", t->name ? t->name : "", t->name ? ": " : "", why);
		return false;
	}
	return !store || set_store(b, e, acc, d);
}

/* With --strict-names: what the table of changed names would have put in. */
static void hint_renamed(struct body *b, struct expr *e)
{
	struct target_error *f = target_failure(e);

	if (f && b->renamed)
		f->hint = names_text(b->x->s, b->renamed);
}

static void resolve(struct body *b, struct expr *e, bool store)
{
	struct access *acc;
	struct datum d;
	struct group g;
	bool save = false;

	e->info = e->sym = NULL;
	e->type = T_UNKNOWN;
	if (store && (e->target->pretty || !strncmp(e->target->name ? e->target->name : "", "$$", 2))) {
		target_fail(b, e, "not-assignable", "write to target variable not possible: this is a text made of it");
		return;
	}
	if (e->target->kind == TG_ENUMNAME) {
		enum_resolve_name(b, e);
		return;
	}
	if (e->target->kind == TG_VAR && !strcmp(e->target->name, "$$name") && is_named(b->site)) {
		resolve_name(b, e, b->site->symbol);
		return;
	}
	if (e->target->kind == TG_VAR && is_named(b->site) &&
	    !strcmp(e->target->name, sema_in_program(b) ? "$$provider" : "$$system")) {
		resolve_name(b, e, b->site->system);
		return;
	}
	if (e->target->kind == TG_VAR && is_group(e->target->name, &g)) {
		resolve_group(b, e, g);
		return;
	}
	acc = arena_new(b->x->a, struct access);
	acc->place = e->place;
	b->renamed = NULL;
	if (!start(b, e, acc, &d, &save) || !walk_accessors(b, e, acc, &d)) {
		hint_renamed(b, e);
		return;
	}
	save &= !b->in_entry;
	if (save && acc->operands.n) {
		struct target_error *f = target_fail(b, e, "index-at-entry",
						     "'%s' is taken at function entry, where the index is not known",
						     e->target->name);

		f->hint = "use a constant index, or @cast(@entry($pointer), \"type\")[index]";
		return;
	}
	if (save && store) {
		target_fail(b, e, "write-entry-value", "'%s' is a value of function entry and cannot be written",
			    e->target->name);
		return;
	}
	if (!finish(b, e, acc, &d, store)) {
		hint_renamed(b, e);
		e->type = T_UNKNOWN;
		return;
	}
	e->info = acc;
	e->sym = save ? (void *)saved_mark : NULL;
}

void target_resolve(struct body *b, struct expr *e, bool store)
{
	resolve(b, e, store);
	if (target_failure(e))
		target_failure(e)->store = store;
}

/* ---- @kregister(n) @uregister(n) @kderef(size, address) @uderef(size, address) ---- */

void target_operation(struct body *b, struct expr *e)
{
	struct access *acc = arena_new(b->x->a, struct access);
	const struct expr *first = e->args.v[0];
	bool user = e->name[0] == 'u', deref = e->args.n == 2;
	int64_t n = first->number;

	if (first->kind != EX_NUMBER || (deref ? n != 1 && n != 2 && n != 4 && n != 8 : n < 0 || n > 255)) {
		diag_error(b->x->d, DIAG_SEMANTIC, "operation-number", &first->place,
			   "@%s: expected %s: at %s", e->name, deref ? "a size of 1, 2, 4 or 8 bytes" :
			   "the DWARF number of a register", place_str(b->x->a, &first->place));
		return;
	}
	if (deref) {
		acc->value = lx_load(b->x->a, target_operand(b, acc, e->args.v[1]), (unsigned)n, false, user);
	} else if (!b->site || !b->site->family->var) {
		diag_error(b->x->d, DIAG_SEMANTIC, "no-registers", &e->place,
			   "@%s: %s has no registers of a probed program: at %s", e->name, site_text(b),
			   place_str(b->x->a, &e->place));
		return;
	} else {
		acc->value = lx_reg(b->x->a, (unsigned)n);
	}
	acc->user = user;
	acc->place = e->place;
	e->info = acc;
	e->type = T_LONG;
}

void access_print(struct buf *b, const struct access *a)
{
	if (a->kind == ACCESS_SAVED) {
		buf_printf(b, "saved text %u", a->slot);
		return;
	}
	if (a->kind == ACCESS_NUMBER) {
		lx_print(b, a->value);
	} else if (a->kind == ACCESS_ENUM) {
		enum_print(b, a);
	} else {
		buf_putc(b, '"');
		buf_escape(b, a->format, strlen(a->format));
		buf_putc(b, '"');
		vec_each(&a->parts, i) {
			buf_puts(b, ", ");
			if (a->parts.v[i].string)
				buf_printf(b, "%sstring%u ", a->parts.v[i].user ? "user." : "",
					   a->parts.v[i].max);
			lx_print(b, a->parts.v[i].value);
		}
	}
	vec_each(&a->operands, i) {
		buf_printf(b, ", script%zu = ", i);
		ast_print_expr(b, a->operands.v[i]);
	}
	if (a->store_reg)
		buf_printf(b, ", store register %d", a->store_reg - 1);
	if (a->store_addr) {
		buf_printf(b, ", store %u:%u:%u at ", a->store_size, a->store_bits, a->store_shift);
		lx_print(b, a->store_addr);
	}
}
