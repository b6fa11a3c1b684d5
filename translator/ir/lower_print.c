// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The print family to formats and values: print println printd printdln printf and the s- forms.
 * A format is the whole line of a call with a directive per value, so that one record in the
 * transport is one call; sema has checked directives against arguments.
 */
#include <string.h>

#include "ir/lower.h"
#include "syntax/syntax.h"

/* What the script has for N values, a '\1' behind each; "" when nobody asks. */
static const char *names_of(struct lower *l, struct expr *const *e, size_t n)
{
	struct buf b = { 0 };
	const char *ret;

	for (size_t i = 0; l->p->name_values && i < n; i++) {
		ast_print_expr(&b, e[i]);
		buf_putc(&b, '\1');
	}
	ret = arena_strndup(l->a, buf_text(&b), b.n);
	buf_deinit(&b);
	return ret;
}

struct ir_fmt *lower_fmt(struct lower *l, const char *text, size_t len, struct expr *const *e, size_t n)
{
	const char *own = arena_strndup(l->a, text, len), *names = names_of(l, e, n);
	const char *key = arena_printf(l->a, "%s%s%s", own, *names ? "\1" : "", names);
	struct ir_fmt *f = strmap_get(l->fmts, key);

	if (f)
		return f;
	f = arena_new(l->a, struct ir_fmt);
	f->text = own;
	f->len = strlen(own);
	f->names = names;
	strmap_put(l->fmts, key, f);
	f->args = ir_fmt_args(l->a, text, len);
	*vec_add(l->a, &l->out->fmts) = f;
	return f;
}

static bool is_hist(const struct expr *e)
{
	return e->kind == EX_STAT && !strncmp(e->name, "hist_", 5);
}

static void puts_text(struct lower *l, struct ir *v, const char *where)
{
	struct ir *n = lower_stmt_node(l, IR_PUTS);

	n->arg[0] = v;
	n->where = where;
}

static struct ir *print_hist(struct lower *l, struct expr *e, struct expr *arg, bool text, bool newline)
{
	struct ir *n = ir_new(l->a, text ? IR_HISTTEXT : IR_HISTPRINT, T_VOID), *c;

	lower_element(l, n, arg->a);
	n->where = lower_where(l, &e->place);
	if (text)
		n->dst = lower_temp(l, T_STRING);
	lower_emit(l, n);
	if (newline && text) {
		c = lower_stmt_node(l, IR_CAT);
		c->dst = n->dst;
		c->arg[0] = ir_str(l->a, "\n", 1);
	} else if (newline) {
		puts_text(l, ir_str(l->a, "\n", 1), n->where);
	}
	return text ? n->dst : ir_num(l->a, 0);
}

static void add_escaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '%')
			buf_putc(b, '%');
		buf_putc(b, *s);
	}
}

/* The format of print, println, printd, printdln over VALUES; DELIM NULL or a constant. */
static void build_format(struct buf *b, struct ir *const *values, size_t n, const char *delim, bool newline)
{
	for (size_t i = 0; i < n; i++) {
		if (i && delim)
			add_escaped(b, delim);
		if (values[i]->op == IR_STR)
			add_escaped(b, values[i]->text);
		else
			buf_puts(b, values[i]->type == T_STRING ? "%s" : "%d");
	}
	if (newline)
		buf_putc(b, '\n');
}

/* FMT without directives, as the text it prints; NULL when it has some. */
static const char *plain_text(struct lower *l, const char *fmt, size_t len)
{
	char *ret = arena_alloc(l->a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (fmt[i] == '%' && (i + 1 >= len || fmt[++i] != '%'))
			return NULL;
		ret[n++] = fmt[i];
	}
	return ret;
}

/* NAMED are the expressions of VALUES. */
static struct ir *emit_print(struct lower *l, struct expr *e, const char *fmt, size_t len,
			     struct ir *const *values, struct expr *const *named, size_t n, struct ir *dst, bool text)
{
	const char *where = lower_where(l, &e->place), *plain = plain_text(l, fmt, len);
	struct ir *p;

	if (plain && text)
		return ir_str(l->a, plain, strlen(plain));
	if (plain) {
		if (*plain)
			puts_text(l, ir_str(l->a, plain, strlen(plain)), where);
		return ir_num(l->a, 0);
	}
	if (n == 1 && len == 2 && values[0]->type == T_STRING && (text || !l->p->name_values)) {	/* "%s" */
		if (text)
			return values[0];
		puts_text(l, values[0], where);
		return ir_num(l->a, 0);
	}
	p = ir_new(l->a, text ? IR_SPRINT : IR_PRINT, T_VOID);
	p->fmt = lower_fmt(l, fmt, len, named, text ? 0 : n);
	for (size_t i = 0; i < n; i++)
		*vec_add(l->a, &p->args) = values[i];
	p->where = where;
	if (text)
		p->dst = lower_place_for(l, T_STRING, dst, values, n);
	lower_emit(l, p);
	return text ? p->dst : ir_num(l->a, 0);
}

static bool values_match(struct lower *l, struct expr *e, const char *letters, struct ir *const *v, size_t n)
{
	bool ok = strlen(letters) == n;

	for (size_t i = 0; ok && i < n; i++)
		ok = (letters[i] == 's') == (v[i]->type == T_STRING);
	if (!ok) {
		l->failed = true;
		diag_error(l->d, DIAG_SEMANTIC, "internal", &e->place, "format and arguments differ");
	}
	return ok;
}

static struct ir *lower_printf(struct lower *l, struct expr *e, struct ir *const *v, struct ir *dst, bool text)
{
	const struct expr *fmt = e->args.v[0];
	size_t len = strnlen(fmt->text, fmt->text_len);
	const char *letters = ir_fmt_args(l->a, fmt->text, len);

	if (!values_match(l, e, letters, v + 1, e->args.n - 1))
		return text ? ir_str(l->a, "", 0) : ir_num(l->a, 0);
	return emit_print(l, e, fmt->text, len, v + 1, e->args.v + 1, e->args.n - 1, dst, text);
}

static struct ir *lower_plain(struct lower *l, struct expr *e, struct ir **v, struct ir *dst, bool text,
			      bool delimited, bool newline)
{
	size_t first = delimited && e->args.n, n = e->args.n - first, out = 0;
	struct buf b = { 0 };
	const char *delim = NULL;
	struct ir **values = v + first, **kept, *ret;
	struct expr **named;

	if (first && v[0]->op == IR_STR) {
		delim = v[0]->text;
	} else if (first) {
		lower_refuse(l, &e->place, "a delimiter that is not a literal");
	}
	build_format(&b, values, n, delim, newline);
	kept = arena_array(l->a, struct ir *, n + 1);
	named = arena_array(l->a, struct expr *, n + 1);
	for (size_t i = 0; i < n; i++)
		if (values[i]->op != IR_STR) {
			named[out] = e->args.v[first + i];
			kept[out++] = values[i];
		}
	ret = emit_print(l, e, buf_text(&b), b.n, kept, named, out, dst, text);
	buf_deinit(&b);
	return ret;
}

struct ir *lower_print(struct lower *l, struct expr *e, struct ir *dst, bool want)
{
	bool text = e->name[0] == 's';
	const char *verb = e->name + text;
	bool newline = strlen(verb) > 2 && !strcmp(verb + strlen(verb) - 2, "ln");
	struct ir **v;

	(void)want;
	if (e->args.n == 1 && is_hist(e->args.v[0]))
		return print_hist(l, e, e->args.v[0], text, newline);
	v = arena_array(l->a, struct ir *, e->args.n + 1);
	lower_values(l, e->args.v, e->args.n, v);
	if (!strcmp(verb, "printf"))
		return lower_printf(l, e, v, dst, text);
	return lower_plain(l, e, v, dst, text, !strncmp(verb, "printd", 6), newline);
}
