// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * @enum("NAME") and @enumname("type", value): enumerators of debuginfo, DWARF or BTF.
 *
 * The first is a number from here on; the second keeps its enum, whose names lowering compares the
 * value with.  As with target variables a failure is kept in the expression, not told.
 */
#include "sema/elaborate.h"
#include "dbginfo/dbginfo.h"

#include <inttypes.h>
#include <string.h>

struct wanted {
	struct body *b;
	const char *name, *near;
	int64_t value;
};

static bool find_value(struct dbg_object *o, void *arg)
{
	struct wanted *w = arg;

	if (dbg_enumerator(o, w->name, &w->value))
		return true;
	if (!w->near)
		w->near = dbg_similar_enumerator(o, w->name);
	return false;
}

bool enum_resolve(struct body *b, struct expr *e, int64_t *ret)
{
	struct wanted w = { .b = b, .name = e->target->name };
	struct target_error *f;
	bool user = false;

	if (target_search(b, e, e->target->module, find_value, &w, &user)) {
		*ret = w.value;
		return true;
	}
	if (e->sym)	/* no debuginfo */
		return false;
	f = target_fail(b, e, "unknown-enumerator", "enumerator '%s' not found in '%s'", w.name,
			target_searched(b, e->target->module));
	f->hint = w.near ? arena_printf(b->x->a, "did you mean '%s'?", w.near) :
		  "a name made by #define is no enumerator; in guru mode: @const(\"NAME\")";
	return false;
}

struct wanted_type { struct body *b; const char *text; struct ctype *type, *other; };

/* "NAME" may be that of a struct as well. */
static bool find_enum(struct dbg_object *o, void *arg)
{
	struct wanted_type *w = arg;
	struct ctype *t = dbg_type(o, w->text), *is = ctype_strip(t);

	if (!is || is->kind != CT_ENUM) {
		w->other = w->other ? w->other : t;
		t = dbg_type(o, arena_printf(w->b->x->a, "enum %s", w->text));
		is = ctype_strip(t);
	}
	w->type = is && is->kind == CT_ENUM && ctype_complete(is) ? is : NULL;
	return w->type;
}

void enum_resolve_name(struct body *b, struct expr *e)
{
	struct wanted_type w = { .b = b, .text = e->target->type };
	struct access *acc;
	bool user = false;

	e->type = T_STRING;
	if (!target_search(b, e, e->target->module, find_enum, &w, &user)) {
		if (w.other)
			target_fail(b, e, "no-enum", "type '%s' is no enum", w.text);
		else if (!e->sym)
			target_fail(b, e, "unknown-type", "type definition 'enum %s' not found in '%s'",
				    strncmp(w.text, "enum ", 5) ? w.text : w.text + 5,
				    target_searched(b, e->target->module));
		return;
	}
	acc = arena_new(b->x->a, struct access);
	acc->kind = ACCESS_ENUM;
	acc->place = e->place;
	acc->type = w.type;
	acc->value = target_operand(b, acc, e->target->operand);
	e->info = acc;
	e->sym = NULL;
}

void enum_print(struct buf *b, const struct access *a)
{
	buf_puts(b, "name of ");
	lx_print(b, a->value);
	buf_puts(b, " in");
	vec_each(&a->type->enumerators, i)
		buf_printf(b, " %s=%" PRId64, a->type->enumerators.v[i].name, a->type->enumerators.v[i].value);
}
