/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the way of a target variable begins: a variable of the site, a global of debuginfo, a pointer of the script
 * with the type that @cast() or autocast.c gives it.
 */
#include "sema/target.h"
#include "dbginfo/dbginfo.h"

#include <string.h>

bool target_datum(struct body *b, struct expr *e, const struct site_var *v, struct datum *d)
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

const char *target_site_text(const struct body *b)
{
	return b->site ? b->site->pp : b->fn->name;
}

bool target_has_vars(struct body *b, struct expr *e)
{
	if (b->site && b->site->family->var)
		return true;
	if (!b->site)
		target_fail(b, e, "target-in-function",
			    "target variable '%s' in function '%s': target variables belong to probes, "
			    "pass the value as an argument", e->target->name, b->fn->name);
	else
		target_fail(b, e, "no-target-variables", "unable to find local '%s': %s has no target variables",
			    e->target->name, target_site_text(b));
	return false;
}

/* A variable of the site; *SAVE: it must be taken at function entry. */
static bool start_var(struct body *b, struct expr *e, const char *name, struct datum *d, bool *save)
{
	struct site_var v = { 0 };
	struct renamed now;
	bool at_entry, found;

	if (!target_has_vars(b, e))
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
						     name, target_site_text(b));

		f->site = b->site;
		f->name = name;
		return false;
	}
	if (!v.name)
		v.name = name;
	if (v.is_return)
		*save = false;
	if (!target_datum(b, e, &v, d))
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

struct ctype *target_pointer_to(struct body *b, struct ctype *t)
{
	struct ctype *p = arena_new(b->x->a, struct ctype);

	p->kind = CT_POINTER;
	p->size = 8;
	p->target = t;
	p->complete = true;
	return p;
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
	bool user = sema_in_program(b) && !t->module, is_pointer;

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
	/* "struct x" and "struct x *" both say what is pointed at; the first alone is what is there */
	is_pointer = ctype_strip(n.type) && ctype_strip(n.type)->kind == CT_POINTER;
	if (!is_pointer)
		n.type = target_pointer_to(b, n.type);
	*d = (struct datum){ .type = n.type, .lx = target_operand(b, acc, t->operand), .user = user };
	if (!is_pointer && !t->acc.n)
		datum_deref(b, d);	/* cannot fail: the pointer is a value */
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
	return target_datum(b, e, &v, d);
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
	return t ? target_pointer_to(b, t) : NULL;
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

bool target_start(struct body *b, struct expr *e, struct access *acc, struct datum *d, bool *save)
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
