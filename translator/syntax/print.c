/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts back to text: one statement a line, tabs for depth, every block in braces that was
 * written in braces.  What it prints parses to the same tree (testsuite/unit/test_syntax).
 */
#include "syntax/syntax.h"

#include <string.h>

static void print_line_start(struct buf *b, unsigned depth)
{
	while (depth--)
		buf_putc(b, '\t');
}

/* ---- statements ---- */

static void print_opt(struct buf *b, const struct expr *e)
{
	if (e)
		ast_print_expr(b, e);
}

/* A statement below a head: a block goes on in the line, others go below it. */
static void print_below(struct buf *b, const struct stmt *s, unsigned depth);

static const char *sort_mark(const struct foreach *f, int column)
{
	if (!f->sort_dir || f->sort_column != column)
		return "";
	return f->sort_dir > 0 ? "+" : "-";
}

static void print_foreach(struct buf *b, const struct foreach *f)
{
	bool tuple = f->vars.n != 1;

	buf_puts(b, "foreach (");
	if (f->value)
		buf_printf(b, "%s = ", f->value);
	buf_puts(b, tuple ? "[" : "");
	vec_each(&f->vars, i)
		buf_printf(b, "%s%s%s", i ? ", " : "", f->vars.v[i]->name,
			   sort_mark(f, (int)i + 1));
	buf_puts(b, tuple ? "] in " : " in ");
	ast_print_expr(b, f->array);
	if (f->sort_stat)
		buf_printf(b, " @%s", f->sort_stat);
	buf_puts(b, sort_mark(f, -1));
	if (f->limit) {
		buf_puts(b, " limit ");
		ast_print_expr(b, f->limit);
	}
	buf_puts(b, ")");
}

static void print_block(struct buf *b, const struct stmt *s, unsigned depth)
{
	buf_puts(b, "{\n");
	vec_each(&s->body, i) {
		print_line_start(b, depth + 1);
		ast_print_stmt(b, s->body.v[i], depth + 1);
	}
	print_line_start(b, depth);
	buf_puts(b, "}");
}

static void print_below(struct buf *b, const struct stmt *s, unsigned depth)
{
	if (s->kind == ST_BLOCK) {
		buf_putc(b, ' ');
		print_block(b, s, depth);
		buf_putc(b, '\n');
		return;
	}
	buf_putc(b, '\n');
	print_line_start(b, depth + 1);
	ast_print_stmt(b, s, depth + 1);
}

/* Would an `else` behind S be taken by an `if` inside it? */
static bool takes_else(const struct stmt *s)
{
	for (;;) {
		switch (s->kind) {
		case ST_IF:
			if (!s->other)
				return true;
			s = s->other;
			break;
		case ST_WHILE: case ST_FOR: case ST_FOREACH:
			s = s->then;
			break;
		default:
			return false;
		}
	}
}

static void print_if(struct buf *b, const struct stmt *s, unsigned depth)
{
	struct stmt block = { .kind = ST_BLOCK };
	struct stmt *only = s->then;

	buf_puts(b, "if (");
	ast_print_expr(b, s->e);
	buf_putc(b, ')');
	block.body.v = &only;
	block.body.n = 1;
	print_below(b, s->other && takes_else(s->then) ? &block : s->then, depth);
	if (!s->other)
		return;
	print_line_start(b, depth);
	buf_puts(b, "else");
	if (s->other->kind == ST_IF) {
		buf_putc(b, ' ');
		print_if(b, s->other, depth);
	} else {
		print_below(b, s->other, depth);
	}
}

static void print_for(struct buf *b, const struct stmt *s)
{
	buf_puts(b, "for (");
	print_opt(b, s->init);
	buf_puts(b, "; ");
	print_opt(b, s->e);
	buf_puts(b, "; ");
	print_opt(b, s->step);
	buf_putc(b, ')');
}

/* Blocks always, whatever was written: a bare `try` below `if` would read differently. */
static void print_braced(struct buf *b, struct stmt *s, unsigned depth)
{
	struct stmt block = { .kind = ST_BLOCK };

	block.body.v = &s;
	block.body.n = 1;
	print_block(b, s->kind == ST_BLOCK ? s : &block, depth);
}

static void print_try(struct buf *b, const struct stmt *s, unsigned depth)
{
	buf_puts(b, "try ");
	print_braced(b, s->then, depth);
	buf_puts(b, " catch ");
	if (s->catch_var)
		buf_printf(b, "(%s) ", s->catch_var);
	print_braced(b, s->other, depth);
	buf_putc(b, '\n');
}

static void print_simple(struct buf *b, const char *word, const struct expr *e)
{
	buf_printf(b, "%s%s", word, *word && e ? " " : "");
	print_opt(b, e);
	buf_puts(b, ";\n");
}

void ast_print_stmt(struct buf *b, const struct stmt *s, unsigned depth)
{
	switch (s->kind) {
	case ST_BLOCK:
		print_block(b, s, depth);
		buf_putc(b, '\n');
		break;
	case ST_EXPR: print_simple(b, "", s->e); break;
	case ST_IF: print_if(b, s, depth); break;
	case ST_WHILE:
		buf_puts(b, "while (");
		ast_print_expr(b, s->e);
		buf_putc(b, ')');
		print_below(b, s->then, depth);
		break;
	case ST_FOR:
		print_for(b, s);
		print_below(b, s->then, depth);
		break;
	case ST_FOREACH:
		print_foreach(b, s->each);
		print_below(b, s->then, depth);
		break;
	case ST_BREAK: print_simple(b, "break", NULL); break;
	case ST_CONTINUE: print_simple(b, "continue", NULL); break;
	case ST_NEXT: print_simple(b, "next", NULL); break;
	case ST_RETURN: print_simple(b, "return", s->e); break;
	case ST_DELETE: print_simple(b, "delete", s->e); break;
	case ST_TRY: print_try(b, s, depth); break;
	case ST_EMBEDDED: buf_printf(b, "%%{%s%%};\n", s->text); break;
	case ST_NULL: buf_puts(b, ";\n"); break;
	}
}

/* ---- declarations ---- */

static void print_literal(struct buf *b, const struct expr *e)
{
	if (e->kind == EX_NUMBER)
		buf_printf(b, "%lld", (long long)e->number);
	else
		ast_print_expr(b, e);
}

/* Addresses of the kernel and its modules, which end 16 MB below 0, are known by their digits. */
static void print_argument(struct buf *b, const struct expr *e)
{
	if (e->kind == EX_NUMBER && e->number < -(1 << 24))
		buf_printf(b, "%#llx", (unsigned long long)e->number);
	else
		print_literal(b, e);
}

void ast_print_words(struct buf *b, const struct point *p)
{
	vec_each(&p->comp, i) {
		buf_printf(b, "%s%s", i ? "." : "", p->comp.v[i].name);
		if (!p->comp.v[i].arg)
			continue;
		buf_putc(b, '(');
		print_argument(b, p->comp.v[i].arg);
		buf_putc(b, ')');
	}
}

void ast_print_point(struct buf *b, const struct point *p)
{
	ast_print_words(b, p);
	buf_puts(b, p->sufficient ? "!" : p->optional ? "?" : "");
	if (p->condition) {
		buf_puts(b, " if (");
		ast_print_expr(b, p->condition);
		buf_putc(b, ')');
	}
}

static void print_points(struct buf *b, struct point **v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i ? ", " : "");
		ast_print_point(b, v[i]);
	}
}

static void print_probe(struct buf *b, const struct probe_decl *pr)
{
	buf_puts(b, "probe ");
	print_points(b, pr->points.v, pr->points.n);
	buf_putc(b, ' ');
	print_block(b, pr->body, 0);
	buf_putc(b, '\n');
}

static void print_alias(struct buf *b, const struct alias_decl *al)
{
	buf_puts(b, "probe ");
	vec_each(&al->names, i) {
		bool last = i + 1 == al->names.n;

		ast_print_point(b, al->names.v[i]);
		buf_puts(b, last && al->epilogue ? " += " : " = ");
	}
	print_points(b, al->points.v, al->points.n);
	buf_putc(b, ' ');
	print_block(b, al->body, 0);
	if (al->epilogue_body) {
		buf_puts(b, ", ");
		print_block(b, al->epilogue_body, 0);
	}
	buf_putc(b, '\n');
}

static void print_type(struct buf *b, enum type t)
{
	if (t == T_LONG || t == T_STRING)
		buf_printf(b, ":%s", type_name(t));
}

static void print_function(struct buf *b, const struct function_decl *f)
{
	buf_printf(b, "%sfunction %s", f->private_scope ? "private " : "", f->name);
	print_type(b, f->ret);
	buf_puts(b, " (");
	vec_each(&f->params, i) {
		buf_printf(b, "%s%s", i ? ", " : "", f->params.v[i].name);
		print_type(b, f->params.v[i].type);
	}
	buf_putc(b, ')');
	if (f->has_priority)
		buf_printf(b, ":%lld", (long long)f->priority);
	buf_putc(b, ' ');
	if (f->body)
		print_block(b, f->body, 0);
	else
		buf_printf(b, "%%{%s%%}", f->c_body);
	buf_putc(b, '\n');
}

static void print_global(struct buf *b, const struct global_decl *g)
{
	buf_printf(b, "%s %s%s", g->private_scope ? "private global" : "global", g->name,
		   g->wrap ? "%" : "");
	if (g->array)
		buf_printf(b, "[%lld]", (long long)g->size);
	if (g->init) {
		buf_puts(b, " = ");
		print_literal(b, g->init);
	}
	buf_putc(b, '\n');
}

static void print_decl(struct buf *b, const struct decl *d)
{
	switch (d->kind) {
	case DECL_PROBE: print_probe(b, d->p); break;
	case DECL_ALIAS: print_alias(b, d->p); break;
	case DECL_FUNCTION: print_function(b, d->p); break;
	case DECL_GLOBAL: print_global(b, d->p); break;
	case DECL_EMBED:
		buf_printf(b, "%%{%s%%}\n", ((const struct embed_decl *)d->p)->text);
		break;
	}
}

void ast_print_script(struct buf *b, const struct script *s)
{
	vec_each(&s->decls, i)
		print_decl(b, &s->decls.v[i]);
}
