// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Literals that are printed by a plain %s become part of the format: less to write for each hit.
 * Directives with a width, a precision or flags keep their argument.
 */
#include <string.h>

#include "opt/opt.h"

/* One that MAXSTRINGLEN cuts is cut where it is a value. */
static bool is_literal(const struct ir_program *p, const struct ir *v)
{
	return v->op == IR_STR && v->len < (p->maxstringlen ? p->maxstringlen : 512);
}

static bool has_literal(const struct ir_program *p, const struct ir *n)
{
	vec_each(&n->args, i)
		if (is_literal(p, n->args.v[i]))
			return true;
	return false;
}

static void add_literal(struct buf *b, const struct ir *v)
{
	for (size_t i = 0; i < v->len; i++) {
		if (v->text[i] == '%')
			buf_putc(b, '%');
		buf_putc(b, v->text[i]);
	}
}

/* Bytes of the directive at S (a %), and how many values it takes. */
static size_t directive(const char *s, size_t *values)
{
	size_t n = 1 + strspn(s + 1, "-+ #0123456789.*hljz");

	*values = s[n] != '%' && s[n];
	for (size_t i = 1; i < n; i++)
		*values += s[i] == '*';
	return s[n] ? n + 1 : n;
}

static struct ir_fmt *find_fmt(struct arena *a, struct ir_program *p, const char *text, size_t len)
{
	struct ir_fmt *f;

	vec_each(&p->fmts, i)
		if (p->fmts.v[i]->len == len && !memcmp(p->fmts.v[i]->text, text, len))
			return p->fmts.v[i];
	f = arena_new(a, struct ir_fmt);
	f->text = arena_strndup(a, text, len);
	f->len = len;
	f->args = ir_fmt_args(a, f->text, len);
	f->names = "";
	*vec_add(a, &p->fmts) = f;
	return f;
}

static bool merge(struct arena *a, struct ir_program *p, struct ir *n)
{
	struct ir_list args = { 0 };
	struct buf b = { 0 };
	const char *s = n->fmt->text;
	size_t next = 0, values, len;

	while (*s) {
		if (*s != '%') {
			buf_putc(&b, *s++);
			continue;
		}
		len = directive(s, &values);
		if (len == 2 && s[1] == 's' && is_literal(p, n->args.v[next])) {
			add_literal(&b, n->args.v[next++]);
		} else {
			buf_add(&b, s, len);
			for (; values; values--)
				*vec_add(a, &args) = n->args.v[next++];
		}
		s += len;
	}
	if (args.n == n->args.n || !args.n) {	/* nothing to merge, or nothing would be left to print */
		buf_deinit(&b);
		return false;
	}
	n->fmt = find_fmt(a, p, buf_text(&b), b.n);
	n->args = args;
	buf_deinit(&b);
	return true;
}

static bool text_list(struct arena *a, struct ir_program *p, const struct ir_list *list)
{
	bool changed = false;

	vec_each(list, i) {
		struct ir *n = list->v[i];

		/* Where values have names (--json), literals are values too. */
		if ((n->op == IR_PRINT || n->op == IR_SPRINT) && !(n->fmt->names && *n->fmt->names) &&
		    has_literal(p, n))
			changed |= merge(a, p, n);
		changed |= text_list(a, p, &n->pre) | text_list(a, p, &n->body) | text_list(a, p, &n->step) |
			   text_list(a, p, &n->other);
	}
	return changed;
}

static bool text_body(struct arena *a, struct ir_program *p, const struct ir_body *b)
{
	return b && text_list(a, p, &b->list);
}

bool opt_text(struct arena *a, struct ir_program *p)
{
	bool changed = false;

	vec_each(&p->handlers, i)
		changed |= text_body(a, p, p->handlers.v[i]->entry) | text_body(a, p, p->handlers.v[i]->body);
	vec_each(&p->functions, i)
		changed |= text_body(a, p, p->functions.v[i]->body);
	return changed;
}
