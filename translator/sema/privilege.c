/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --privilege=stapusr takes away: kernel probes, functions in C that do not say they are harmless, memory and
 * addresses of the kernel.  Programs of the user who runs the script are left; that they are is for the runtime to
 * see, at each hit and each read (stp_unit.own_only).  stap(1), "PRIVILEGES"; SystemTap's, --privilege.
 */
#include <string.h>

#include "sema/elaborate.h"
#include "syntax/directive.h"

bool privilege_point(struct sema *x, const struct family *f, const struct point *p)
{
	if (!session_unprivileged(x->s) || f->flags & FAMILY_UNPRIVILEGED)
		return true;
	return diag_error(x->d, DIAG_SEMANTIC, "privilege", &p->place,
			  "while resolving probe point: identifier '%s' at %s: probe point is not allowed for "
			  "--privilege=stapusr", p->comp.v[0].name, place_str(x->a, &p->place));
}

/* What its author says. */
static bool is_harmless(const char *c)
{
	return strstr(c, "/* unprivileged */") || strstr(c, "/* myproc-unprivileged */");
}

bool privilege_function(struct sema *x, const struct function_decl *decl)
{
	if (!session_unprivileged(x->s) || is_harmless(decl->c_body))
		return true;
	return diag_error(x->d, DIAG_SEMANTIC, "privilege", &decl->place,
			  "function '%s' may not be used when --privilege=stapusr is specified", decl->name);
}

/* An address in the kernel or in a module, or what is read from one; programs have a path. */
static bool is_of_kernel(const struct lx *t)
{
	if (!t)
		return false;
	return (t->kind == LX_LOAD && !t->user) || t->kind == LX_PERCPU ||
	       (t->kind == LX_ADDR && !(t->module && strchr(t->module, '/'))) ||
	       is_of_kernel(t->a) || is_of_kernel(t->b);
}

static bool tells_of_kernel(const struct access *access)
{
	if (is_of_kernel(access->value))
		return true;
	vec_each(&access->parts, i)
		if ((access->parts.v[i].string && !access->parts.v[i].user) || is_of_kernel(access->parts.v[i].value))
			return true;
	return false;
}

/* %m and %M take any address. */
static bool dumps_memory(const struct expr *e)
{
	const struct expr *fmt = e->args.n ? e->args.v[0] : NULL;
	struct directive d = { 0 };

	if (!fmt || fmt->kind != EX_STRING || (strcmp(e->name, "printf") && strcmp(e->name, "sprintf")))
		return false;
	for (size_t i = 0; i < fmt->text_len; )
		if (fmt->text[i++] == '%' && directive_parse(fmt->text, &i, fmt->text_len, &d) &&
		    (d.spec == 'm' || d.spec == 'M'))
			return true;
	return false;
}

static void look(struct expr *e, void *arg)
{
	struct sema *x = arg;
	const char *what = NULL;

	if (e->kind == EX_EMBEDDED && !is_harmless(e->text))
		what = "an embedded expression";
	else if ((e->kind == EX_TARGET || e->kind == EX_CONTEXTOP) && e->info && tells_of_kernel(e->info))
		what = "memory of the kernel";
	else if (e->kind == EX_PRINT && dumps_memory(e))
		what = "%m";
	if (what)
		diag_error(x->d, DIAG_SEMANTIC, "privilege", sema_place(e),
			   "%s may not be used when --privilege=stapusr is specified: %s at %s", what,
			   sema_token(x, e), place_str(x->a, sema_place(e)));
}

void privilege_check(struct sema *x, struct body *b)
{
	if (session_unprivileged(x->s) && b->top)
		sema_each_in_stmt(b->top, look, x);
}
