/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printf and sprintf: what each directive of the format needs, against the arguments there are: a string for s, a
 * number for the others and for each `*`.  Messages point at the directive.
 */
#include "sema/elaborate.h"
#include "syntax/directive.h"

#include <ctype.h>
#include <string.h>

static bool tell(struct sema *x, const struct expr *e, const struct directive *d, const char *what)
{
	const struct expr *fmt = e->args.v[0];
	struct place p = directive_place(fmt, d);

	if (!x->report)
		return false;
	return diag_error(x->d, DIAG_SEMANTIC, "format", &p, "%s: %s: directive '%.*s' at %s", e->name,
			  what, (int)d->len, fmt->text + d->at, place_str(x->a, &p));
}

static bool is_char_pointer(const struct expr *e)
{
	const struct access *acc = e->kind == EX_TARGET ? e->info : NULL;
	const struct ctype *t = acc ? ctype_strip(acc->type) : NULL;

	t = t && (t->kind == CT_POINTER || t->kind == CT_ARRAY) ? ctype_strip(t->target) : NULL;
	return t && t->is_char;
}

static bool take(struct sema *x, struct expr *e, const struct directive *d, size_t *next, enum type t,
		 void (*infer)(struct sema *, struct expr *, enum type))
{
	struct expr *arg;
	struct place p;

	if (*next >= e->args.n)
		return tell(x, e, d, "too few arguments for the format");
	arg = e->args.v[(*next)++];
	infer(x, arg, x->report ? T_UNKNOWN : t);
	if (!x->report || arg->type == t || arg->type == T_UNKNOWN)
		return true;
	p = directive_place(e->args.v[0], d);
	diag_error2(x->d, DIAG_SEMANTIC, "format-type", sema_place(arg), &p,
		    "type mismatch (%s): %s at %s; the directive '%.*s' takes a %s",
		    type_name(arg->type), sema_token(x, arg), place_str(x->a, sema_place(arg)),
		    (int)d->len, e->args.v[0]->text + d->at, type_name(t));
	if (t == T_STRING && is_char_pointer(arg))
		diag_hint(x->d, "it is an address: kernel_string(...) reads the text there, user_string(...) text of a "
			  "program");
	return false;
}

void infer_format(struct sema *x, struct expr *e, void (*infer)(struct sema *, struct expr *, enum type))
{
	const struct expr *fmt = e->args.n ? e->args.v[0] : NULL;
	size_t next = 1;
	struct directive d = { 0 };

	if (!fmt || fmt->kind != EX_STRING) {
		if (x->report)
			diag_error(x->d, DIAG_SEMANTIC, "format-literal", &e->place,
				   "%s: the format must be a literal string: identifier '%s' at %s",
				   e->name, e->name, place_str(x->a, &e->place));
		return;
	}
	infer(x, e->args.v[0], T_STRING);
	for (size_t i = 0; i < fmt->text_len; ) {
		if (fmt->text[i++] != '%')
			continue;
		if (!directive_parse(fmt->text, &i, fmt->text_len, &d))
			return;		/* told by the parser */
		if (d.spec == '%')
			continue;
		if (d.spec == 'b' && !strchr("\x01\x02\x04\x08", (int)d.width) && d.width) {
			tell(x, e, &d, "the width of %b is 1, 2, 4 or 8 bytes");
			return;
		}
		for (unsigned k = 0; k < d.stars; k++)
			if (!take(x, e, &d, &next, T_LONG, infer))
				return;
		if (!take(x, e, &d, &next, d.spec == 's' ? T_STRING : T_LONG, infer))
			return;
	}
	if (next < e->args.n && x->report)
		diag_error(x->d, DIAG_SEMANTIC, "format", sema_place(e->args.v[next]),
			   "%s: too many arguments for the format, which takes %zu: %s at %s", e->name,
			   next - 1, sema_token(x, e->args.v[next]),
			   place_str(x->a, sema_place(e->args.v[next])));
}
