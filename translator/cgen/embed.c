// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Embedded C: each %{ ... %} becomes a C function of its own around the text, so that `return`
 * leaves that text alone, and a small function with the signature of script functions that calls
 * it.  STAP_ARG_x, STAP_RETVALUE and STAP_RETURN exist only around their text.
 *
 * Text that may count on the kernel's headers is put in a unit of its own, which depends on that text
 * alone: its object is kept and used again, whatever else of the script changes.  What both units use,
 * those functions and the globals they name, is not static.
 *
 * The user's own text carries #line so that the compiler's messages name the script; the line
 * "#line @" after it is replaced by the true line of the unit when the unit is whole.
 */
#include <string.h>

#include "cgen/emit.h"

/* Independent of the function: what every embedded text may use (stap(1), "Embedded C"). */
void cgen_c_macros(struct cgen *g, bool kernel)
{
	bool any = false;

	vec_each(&g->functions, i)
		any |= !g->functions.v[i]->body && g->functions.v[i]->kernel_headers == kernel;
	if (!any)
		return;
	cgen_line(g, "#define CONTEXT stap_c");
	cgen_line(g, "#define STAP_PRINTF(fmt, ...) stp_cprintf(stap_c, fmt, ##__VA_ARGS__)");
	cgen_line(g, "#define STAP_ERROR(...) do { stp_error(stap_c, __VA_ARGS__); return; } while (0)");
	cgen_line(g, "#define STAP_WARN(...) stp_warn(stap_c, __VA_ARGS__)");
	cgen_line(g, "#define _stp_printf STAP_PRINTF");
	cgen_line(g, "#define _stp_print(text) stp_print(stap_c, (text))");
	/* Reads of the kernel's memory that may not be there: 0, and the error that ends the text. */
	cgen_line(g, "#define kderef(size, addr) ((int64_t)stp_load(stap_c, (uint64_t)(unsigned long)(addr), (size)))");
	cgen_line(g, "#define kread(p) ((__typeof__(*(p)))stp_load(stap_c, "
		  "(uint64_t)(unsigned long)(p), sizeof(*(p))))");
	cgen_line(g, "#define CATCH_DEREF_FAULT() do { if (stap_c->error) return; } while (0)");
	/* The manual's examples use them; kernels from 6.8 on have no strlcpy (d26270061ae6). */
	cgen_line(g, "#define strlcpy(to, from, size) (stp_strcpy((to), (from), (size)), stp_strlen(from))");
	cgen_line(g, "#define strlcat(to, from, size) (stp_strcat((to), (from), (size)), stp_strlen(to))");
	cgen_line(g, "%s", "");
}

static void c_text(struct cgen *g, const char *text, const struct place *p)
{
	bool user = p->src && !p->src->shipped;
	struct buf b = { 0 };
	unsigned line, col;

	if (user) {
		place_line_col(p, &line, &col);
		buf_puts(&b, "#line ");
		buf_printf(&b, "%u \"", line);
		buf_escape(&b, p->src->name, strlen(p->src->name));
		buf_putc(&b, '"');
		cgen_line(g, "%s", buf_text(&b));
		buf_deinit(&b);
	}
	buf_puts(g->out, text);
	buf_putc(g->out, '\n');
	if (user)
		cgen_line(g, "#line @");
}

void cgen_embeds(struct cgen *g, bool kernel)
{
	vec_each(&g->p->src->embeds, i) {
		const struct embed_decl *e = g->p->src->embeds.v[i];

		if (e->place.src->shipped == kernel)
			continue;
		c_text(g, e->text, &e->place);
		cgen_line(g, "%s", "");
	}
}

static bool old_style(const struct ir_function *f)
{
	return f->src && strstr(f->c_text, "THIS");
}

/* Parameters of the function around the text. */
static void text_params(struct cgen *g, struct buf *b, const struct ir_function *f)
{
	(void)g;
	buf_printf(b, "%svoid %s_c(struct stp_context *stap_c", f->kernel_headers ? "" : "static ", f->cname);
	if (old_style(f)) {
		buf_printf(b, ", struct %s_this *THIS)", f->cname);
		return;
	}
	for (unsigned i = 0; i < f->nparams; i++)
		buf_printf(b, ", %sstap_arg_%u",
			   f->src->locals.v[i]->type == T_STRING ? "const char *" : "int64_t ", i);
	if (f->ret == T_LONG)
		buf_puts(b, ", int64_t *stap_ret");
	else if (f->ret == T_STRING)
		buf_puts(b, ", char *stap_ret");
	if (f->next)
		buf_puts(b, ", bool *stap_next");
	buf_putc(b, ')');
}

static void declare_this(struct cgen *g, const struct ir_function *f)
{
	cgen_line(g, "struct %s_this {", f->cname);
	for (unsigned i = 0; i < f->nparams; i++)
		cgen_line(g, "\t%s%s;", f->src->locals.v[i]->type == T_STRING ? "const char *" : "int64_t ",
			  f->src->locals.v[i]->name);
	if (f->ret == T_VOID)
		cgen_line(g, "\tint64_t no_value;");
	else
		cgen_line(g, "\t%s__retvalue;", f->ret == T_STRING ? "char *" : "int64_t ");
	cgen_line(g, "};");
}

/* An array: GET takes its keys, SET its keys and the value. */
static void array_macros(struct cgen *g, const struct global *v)
{
	struct buf names = { 0 }, keys = { 0 };
	const char *n, *k;

	for (unsigned i = 0; i < v->nkeys; i++) {
		buf_printf(&names, "%sk%u", i ? ", " : "", i);
		buf_printf(&keys, "%s{ .%c = (k%u) }", i ? ", " : "", v->keys[i] == T_STRING ? 's' : 'n', i);
	}
	n = buf_text(&names);
	k = buf_text(&keys);
	if (v->type == T_STRING) {
		cgen_line(g, "#define STAP_GLOBAL_GET_%s(%s) stp_map_get_text(stap_c, %s.map, "
			  "(const union stp_val[]){ %s }, (char[MAXSTRINGLEN]){ 0 })", v->name, n, v->cname, k);
		cgen_line(g, "#define STAP_GLOBAL_SET_%s(%s, v) stp_map_set_str(stap_c, %s.map, "
			  "(const union stp_val[]){ %s }, (v))", v->name, n, v->cname, k);
	} else {
		cgen_line(g, "#define STAP_GLOBAL_GET_%s(%s) stp_map_get(stap_c, %s.map, "
			  "(const union stp_val[]){ %s })", v->name, n, v->cname, k);
		cgen_line(g, "#define STAP_GLOBAL_SET_%s(%s, v) stp_map_set(stap_c, %s.map, "
			  "(const union stp_val[]){ %s }, (int64_t)(v))", v->name, n, v->cname, k);
	}
	buf_deinit(&names);
	buf_deinit(&keys);
}

/* Globals that the text names in its pragmas; aggregates have no form in C. */
static void global_macros(struct cgen *g, const struct function *f)
{
	vec_each(&f->c_globals, i) {
		const struct global *v = f->c_globals.v[i];

		if (v->type == T_STATS)
			continue;
		if (v->nkeys) {
			array_macros(g, v);
			continue;
		}
		cgen_line(g, "#define STAP_GLOBAL_GET_%s() (%s.%s)", v->name, v->cname,
			  v->type == T_STRING ? "text" : "number");
		if (v->type == T_STRING)
			cgen_line(g, "#define STAP_GLOBAL_SET_%s(v) stp_strcpy(%s.text, (v), MAXSTRINGLEN)",
				  v->name, v->cname);
		else
			cgen_line(g, "#define STAP_GLOBAL_SET_%s(v) (%s.number = (int64_t)(v))", v->name,
				  v->cname);
	}
}

static void define_macros(struct cgen *g, const struct ir_function *f)
{
	bool this = old_style(f);

	if (f->next && !this)
		cgen_line(g, "#define STAP_NEXT do { *stap_next = true; return; } while (0)");
	else if (strstr(f->c_text, "STAP_NEXT"))
		cgen_line(g, "#define STAP_NEXT STAP_ERROR(\"all functions exhausted\")");
	for (unsigned i = 0; i < f->nparams; i++) {
		const char *name = f->src->locals.v[i]->name;

		if (this)
			cgen_line(g, "#define STAP_ARG_%s (THIS->%s)", name, name);
		else
			cgen_line(g, "#define STAP_ARG_%s stap_arg_%u", name, i);
	}
	if (f->src)
		global_macros(g, f->src);
	if (f->kernel_headers)
		cgen_inner_names(g, f->c_text, true);
	if (f->ret == T_VOID) {
		cgen_line(g, "#define STAP_RETURN(...) return");
		return;
	}
	cgen_line(g, "#define STAP_RETVALUE %s",
		  this ? "(THIS->__retvalue)" : f->ret == T_LONG ? "(*stap_ret)" : "stap_ret");
	if (f->ret == T_LONG)
		cgen_line(g, "#define STAP_RETURN(v) do { STAP_RETVALUE = (int64_t)(v); return; } while (0)");
	else
		cgen_line(g, "#define STAP_RETURN(v) do {"
			  " stp_strcpy(STAP_RETVALUE, (v), MAXSTRINGLEN); return; } while (0)");
}

static void undefine_macros(struct cgen *g, const struct ir_function *f)
{
	for (unsigned i = 0; i < f->nparams; i++)
		cgen_line(g, "#undef STAP_ARG_%s", f->src->locals.v[i]->name);
	for (size_t i = 0; f->src && i < f->src->c_globals.n; i++) {
		cgen_line(g, "#undef STAP_GLOBAL_GET_%s", f->src->c_globals.v[i]->name);
		cgen_line(g, "#undef STAP_GLOBAL_SET_%s", f->src->c_globals.v[i]->name);
	}
	if (strstr(f->c_text, "STAP_NEXT"))
		cgen_line(g, "#undef STAP_NEXT");
	if (f->kernel_headers)
		cgen_inner_names(g, f->c_text, false);
	if (f->ret != T_VOID)
		cgen_line(g, "#undef STAP_RETVALUE");
	cgen_line(g, "#undef STAP_RETURN");
}

static void text_function(struct cgen *g, const struct ir_function *f)
{
	struct buf b = { 0 };

	define_macros(g, f);
	text_params(g, &b, f);
	cgen_line(g, "%s", buf_text(&b));
	buf_deinit(&b);
	cgen_line(g, "{");
	if (f->c_expr && f->ret == T_STRING)
		cgen_line(g, "stp_strcpy(stap_ret,");
	else if (f->c_expr)
		cgen_line(g, "*stap_ret = (int64_t)(");
	else
		cgen_line(g, "{");
	c_text(g, f->c_text, &f->c_place);
	if (f->c_expr)
		cgen_line(g, f->ret == T_STRING ? ", MAXSTRINGLEN);" : ");");
	else
		cgen_line(g, "}");
	if (strstr(f->c_text, "goto out") && !strstr(f->c_text, "out:"))
		cgen_line(g, "out: ;");
	cgen_line(g, "}");
	undefine_macros(g, f);
}

static void caller_this(struct cgen *g, const struct ir_function *f)
{
	cgen_line(g, "\tstruct %s_this this = { 0 };", f->cname);
	cgen_line(g, "%s", "");
	for (unsigned i = 0; i < f->nparams; i++)
		cgen_line(g, "\tthis.%s = %s;", f->src->locals.v[i]->name, f->src->locals.v[i]->cname);
	if (f->ret == T_STRING)
		cgen_line(g, "\tthis.__retvalue = ret;");
	if (f->ret == T_STRING)
		cgen_line(g, "\tret[0] = '\\0';");
	cgen_line(g, "\t%s_c(c, &this);", f->cname);
	if (f->ret == T_LONG)
		cgen_line(g, "\treturn this.__retvalue;");
}

/* STAP_NEXT was met: the next overload answers. */
static void call_next(struct cgen *g, const struct ir_function *f)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s%s(c", f->ret == T_LONG && f->next->ret == T_LONG ? "ret = " : "", f->next->cname);
	for (unsigned i = 0; i < f->nparams; i++)
		buf_printf(&b, ", %s", f->src->locals.v[i]->cname);
	if (f->next->ret == T_STRING)
		buf_puts(&b, ", ret");
	cgen_line(g, "\tif (next)");
	cgen_line(g, "\t\t%s);", buf_text(&b));
	buf_deinit(&b);
}

static void caller(struct cgen *g, const struct ir_function *f)
{
	struct buf b = { 0 };

	if (f->next)
		cgen_line(g, "\tbool next = false;");
	if (f->ret == T_LONG)
		cgen_line(g, "\tint64_t ret = 0;\n");
	else if (f->ret == T_STRING)
		cgen_line(g, "\tret[0] = '\\0';");
	buf_printf(&b, "\t%s_c(c", f->cname);
	for (unsigned i = 0; i < f->nparams; i++)
		buf_printf(&b, ", %s", f->src->locals.v[i]->cname);
	buf_puts(&b, f->ret == T_LONG ? ", &ret" : f->ret == T_STRING ? ", ret" : "");
	cgen_line(g, "%s%s);", buf_text(&b), f->next ? ", &next" : "");
	buf_deinit(&b);
	if (f->next)
		call_next(g, f);
	if (f->ret == T_LONG)
		cgen_line(g, "\treturn ret;");
}

static void declare(struct cgen *g, const struct ir_function *f)
{
	struct buf b = { 0 };

	if (old_style(f))
		declare_this(g, f);
	text_params(g, &b, f);
	cgen_line(g, "%s;", buf_text(&b));
	buf_deinit(&b);
}

static void text_elsewhere(struct cgen *g, const struct ir_function *f)
{
	struct buf *unit = g->out;

	declare(g, f);
	g->out = g->kernel;
	declare(g, f);
	text_function(g, f);
	g->out = unit;
}

/* Globals that C of the other unit names. */
void cgen_find_shared(struct cgen *g)
{
	g->shared = arena_array(g->a, bool, g->p->src->globals.n + 1);
	vec_each(&g->functions, i) {
		const struct ir_function *f = g->functions.v[i];

		for (size_t j = 0; !f->body && f->kernel_headers && f->src && j < f->src->c_globals.n; j++)
			g->shared[f->src->c_globals.v[j]->index] = true;
	}
}

void cgen_shared(struct cgen *g)
{
	vec_each(&g->p->src->globals, i)
		if (g->shared[i])
			cgen_line(g, "extern struct stp_global %s;", g->p->src->globals.v[i]->cname);
}

void cgen_c_function(struct cgen *g, const struct ir_function *f)
{
	struct buf b = { 0 };

	g->depth = 0;
	if (f->kernel_headers) {
		text_elsewhere(g, f);
	} else {
		if (old_style(f))
			declare_this(g, f);
		text_function(g, f);
	}
	cgen_prototype(g, &b, f);
	cgen_line(g, "%s", buf_text(&b));
	buf_deinit(&b);
	cgen_line(g, "{");
	if (old_style(f))
		caller_this(g, f);
	else
		caller(g, f);
	if (f->ret == T_STRING)
		cgen_line(g, "\tret[MAXSTRINGLEN - 1] = '\\0';");
	cgen_line(g, "}");
	cgen_line(g, "%s", "");
}
