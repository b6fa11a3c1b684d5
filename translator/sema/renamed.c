/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target variables by the names that older kernels had: what the way through -> and [] did not find is
 * looked up in the table of changed names, and the new way is walked in its place.
 *
 * Inside @defined nothing is replaced: a script that asks knows both names.  With --strict-names
 * nothing is either, and the error says what the table knows.
 */
#include "sema/elaborate.h"
#include "dbginfo/dbginfo.h"

#include <stdlib.h>
#include <string.h>

/* Names that T goes by: typedefs on the way, then the tag. */
static bool is_called(struct ctype *t, const char *name)
{
	for (int i = 0; t && i < 16; i++) {
		if (t->name && !strcmp(t->name, name))
			return true;
		if (t->kind != CT_TYPEDEF && t->kind != CT_QUALIFIED)
			return false;
		t = t->target;
	}
	return false;
}

/* The same, of T or of what it points at. */
static bool holds(struct ctype *t, const char *name)
{
	struct ctype *p = ctype_strip(t);

	return is_called(t, name) || (p && p->kind == CT_POINTER && is_called(p->target, name));
}

/* "/1000000000": D, a number, becomes the result. */
static bool apply_operator(struct body *b, struct datum *d, char op, const char *number)
{
	static struct ctype result = { .kind = CT_INT, .name = "long long int", .size = 8, .is_signed = true,
				       .complete = true };
	struct lx *v;

	if (datum_number(b, d, &v))
		return false;
	*d = (struct datum){ .type = &result };
	d->lx = lx_bin(b->x->a, op == '/' ? LX_DIV : LX_MOD, v, lx_const(b->x->a, atoll(number)));
	return true;
}

/* One name of a path, with its [N]s. */
static bool walk_step(struct body *b, struct datum *d, char *step)
{
	char *index = strchr(step, '[');
	const char *near;

	if (index)
		*index++ = '\0';
	if (datum_member(b, d, step, &near))
		return false;
	for (; index; index = strchr(index, '[') ? strchr(index, '[') + 1 : NULL)
		if (datum_index(b, d, lx_const(b->x->a, atoll(index))))
			return false;
	return true;
}

/* Walk PATH ("a.b[0].c", "a/1000", "") from D; D as it was when it fails. */
static bool walk_path(struct body *b, struct datum *d, const char *path)
{
	struct datum at = *d;
	char *p = arena_strdup(b->x->a, path), *step, *op = strpbrk(p, "/%");
	char kind = op ? *op : 0;

	if (op)
		*op++ = '\0';
	while ((step = strsep(&p, ".")))
		if (*step && !walk_step(b, &at, step))
			return false;
	if (op && !apply_operator(b, &at, kind, op))
		return false;
	*d = at;
	return true;
}

/* How many accessors from FIRST on the names of PATH are; 0 when they are others. */
static size_t covers(const struct target *t, size_t first, const char *path)
{
	size_t n = 0;

	for (; *path; n++) {
		size_t len = strcspn(path, ".");
		const struct accessor *ac = first + n < t->acc.n ? &t->acc.v[first + n] : NULL;

		if (!ac || ac->kind != AC_MEMBER || strlen(ac->name) != len ||
		    strncmp(ac->name, path, len))
			return 0;
		path += len + (path[len] == '.');
	}
	return n;
}

/* Nothing is to be replaced here; F, which would have been, is kept for the message. */
static bool is_off(struct body *b, const struct name_fact *f)
{
	if (b->in_defined)
		return true;
	if (b->x->s->opt.strict_names)
		b->renamed = f;
	return b->x->s->opt.strict_names;
}

size_t renamed_member(struct body *b, struct expr *e, const struct datum *at, size_t failed,
		      struct datum *d)
{
	const struct target *t = e->target;

	for (size_t j = sema_in_program(b) ? 0 : failed + 1; j-- > 0; ) {
		const struct name_fact *f;
		size_t next = 0;

		while ((f = names_next(b->x->s, NAME_MEMBER, NULL, NULL, &next))) {
			struct datum try = at[j];
			size_t n = holds(at[j].type, f->subject) ? covers(t, j, f->old) : 0;

			if (j + n <= failed || !walk_path(b, &try, f->now) || is_off(b, f))
				continue;
			names_tell(b->x->s, &e->place, f);
			*d = try;
			return j + n;
		}
	}
	return 0;
}

bool renamed_number(struct body *b, struct expr *e, struct datum *d)
{
	const struct name_fact *f;
	size_t next = 0;

	while (!sema_in_program(b) && (f = names_next(b->x->s, NAME_NUMBER, NULL, NULL, &next))) {
		struct datum try = *d;

		if (!is_called(d->type, f->old) || !walk_path(b, &try, f->now) || is_off(b, f))
			continue;
		names_tell(b->x->s, &e->place, f);
		*d = try;
		return true;
	}
	return false;
}

/*
 * $NAME of a system call as it was before 4.17, when the function that is called now has only the
 * registers: the member of struct pt_regs that holds it, with the type it had in *HOW.
 */
static const struct name_fact *syscall_fact(struct body *b, const char *func, const char *name,
					    struct renamed *how)
{
	static const struct { const char *prefix, *reg[6]; } abi[] = {
		{ "__x64_sys_", { "di", "si", "dx", "r10", "r8", "r9" } },
		{ "__ia32_sys_", { "bx", "cx", "dx", "si", "di", "bp" } },
	};
	struct dbg_syscall call;
	struct dbg_object *o;
	const char *why;

	for (size_t k = 0; k < sizeof(abi) / sizeof(*abi); k++) {
		size_t n = strlen(abi[k].prefix);

		if (strncmp(func, abi[k].prefix, n) || !b->x->s->dbginfo)
			continue;
		o = dbg_object(b->x->s->dbginfo, NULL, &why);
		if (!o || !dbg_syscall(o, b->x->a, func + n, &call))
			continue;
		for (unsigned i = 0; i < call.nargs; i++)
			if (!strcmp(call.name[i], name)) {
				struct name_fact *f = arena_new(b->x->a, struct name_fact);

				*f = (struct name_fact){ .kind = NAME_PARAM, .subject = func,
					.old = name, .release = "4.17" };
				f->now = arena_printf(b->x->a, "regs.%s", abi[k].reg[i]);
				how->type = dbg_type(o, call.type[i]);
				return f;
			}
	}
	return NULL;
}

/* Is F to be taken: the variable that it names is here, and nothing stands against it? */
static bool take_fact(struct body *b, struct expr *e, const struct name_fact *f, struct renamed *ret)
{
	const struct site *s = b->site;
	size_t n = strcspn(f->now, ".");
	struct site_var v;

	ret->var = arena_strndup(b->x->a, f->now, n);
	ret->path = f->now + n;
	if (!s->family->var(&b->x->r, s, ret->var, false, &v))
		return false;
	if (!s->dbg && f->subject && !strncmp(f->subject, "__x64_sys_", 10))	/* syscall.* promises them */
		return true;
	if (is_off(b, f))
		return false;
	names_tell(b->x->s, &e->place, f);
	return true;
}

bool renamed_param(struct body *b, struct expr *e, const char *name, const struct site_var *found,
		   struct renamed *ret)
{
	const struct site *s = b->site;
	const char *subject = s->func ? s->func : arena_printf(b->x->a, "trace:%s", s->symbol ? s->symbol : "");
	const struct name_fact *f;
	size_t next = 0;

	*ret = (struct renamed){ .path = "" };
	if ((found && found->param) || sema_in_program(b))
		return false;
	f = syscall_fact(b, subject, name, ret);
	if (f && take_fact(b, e, f, ret))
		return true;
	/* A parameter of old may be a local by now, which has no value yet. */
	if (found && found->loc.kind != LOC_NONE)
		return false;
	while ((f = names_next(b->x->s, NAME_PARAM, subject, name, &next)))
		if (take_fact(b, e, f, ret))
			return true;
	return false;
}

bool renamed_walk(struct body *b, struct datum *d, const struct renamed *how)
{
	struct ctype *t = ctype_strip(how->type);
	struct lx *v;

	if (!walk_path(b, d, how->path))
		return false;
	/* A register with a value of that type; what a system call's pointer points at is the user's. */
	if (t && t->size && t->size <= 8 && (t->kind == CT_INT || t->kind == CT_ENUM || t->kind == CT_POINTER) &&
	    !datum_number(b, d, &v))
		*d = (struct datum){ .type = how->type, .lx = v, .user = t->kind == CT_POINTER };
	return true;
}

const char *renamed_type(struct body *b, struct expr *e, const char *text)
{
	static const char *const tags[] = { "struct ", "union ", "enum " };
	const char *name = text;
	const struct name_fact *f;
	size_t next = 0, n;

	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (!strncmp(text, tags[i], strlen(tags[i])))
			name = text + strlen(tags[i]);
	n = strcspn(name, " *");
	f = names_next(b->x->s, NAME_TYPE, NULL, arena_strndup(b->x->a, name, n), &next);
	if (!f || is_off(b, f))
		return NULL;
	names_tell(b->x->s, &e->place, f);
	/* A typedef may have become a struct, or the reverse: the new name alone says which. */
	return arena_printf(b->x->a, "%s%s", f->now, name + n);
}
