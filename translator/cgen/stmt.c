// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IR statements as C statements.
 *
 * Whatever may have set c->error is followed by a check that leaves: to the innermost catch label
 * inside try, else out of the body through its clean-up.  c->place is set right before an
 * operation that may fail, so that the message names it.
 */
#include <inttypes.h>
#include <string.h>

#include "cgen/emit.h"

void cgen_leave(struct cgen *g, const char *cond, bool error)
{
	if (cond)
		cgen_line(g, "if (%s)", cond);
	g->depth += cond != NULL;
	if (error && g->catch_label) {
		cgen_line(g, "goto catch_%u;", g->catch_label);
		g->catch_used = true;
	} else if (cgen_has_cleanup(g)) {
		cgen_line(g, "goto out;");
		g->out_used = true;
	} else if (g->body->fn && g->body->fn->ret == T_LONG) {
		cgen_line(g, "return ret;");
	} else {
		cgen_line(g, "return;");
	}
	g->depth -= cond != NULL;
}

void cgen_check(struct cgen *g)
{
	cgen_leave(g, "stp_unlikely(c->error)", true);
}

static const char *quoted(struct cgen *g, const char *s)
{
	struct buf b = { 0 };
	const char *ret;

	cgen_string(g, &b, s, strlen(s));
	ret = arena_strdup(g->a, buf_text(&b));
	buf_deinit(&b);
	return ret;
}

void cgen_place(struct cgen *g, const struct ir *n)
{
	if (n->where)
		cgen_line(g, "c->place = %s;", quoted(g, n->where));
}

static void set_number(struct cgen *g, const struct ir *dst, const char *value)
{
	cgen_line(g, "%s = %s;", cgen_dst_text(g, dst), value);
}

static void set_string(struct cgen *g, const struct ir *dst, const struct ir *v)
{
	const char *to = cgen_dst_text(g, dst);

	if (v->op == IR_STR && !v->len)
		cgen_line(g, "%s[0] = '\\0';", to);
	else
		cgen_line(g, "stp_strcpy(%s, %s, MAXSTRINGLEN);", to, cgen_text(g, v));
}

static void stmt_set(struct cgen *g, const struct ir *n)
{
	if (n->dst->type == T_STRING)
		set_string(g, n->dst, n->arg[0]);
	else
		set_number(g, n->dst, cgen_text(g, n->arg[0]));
}

static void stmt_div(struct cgen *g, const struct ir *n)
{
	cgen_place(g, n);
	cgen_line(g, "%s = stp_%s(c, %s, %s);", cgen_dst_text(g, n->dst), ir_ops[n->op].name,
		  cgen_text(g, n->arg[0]), cgen_text(g, n->arg[1]));
	cgen_check(g);
}

/* C of a tapset that has no way to its context cannot fail; a user's may have one behind a macro. */
bool cgen_fn_fails(const struct ir_function *f)
{
	static const char *const ways[] = {
		"CONTEXT", "stap_c", "STAP_ERROR", "STAP_GLOBAL_", "STAP_NEXT", "kread", "kderef",
	};

	if (f->kernel_headers)
		return true;
	for (size_t i = 0; !f->body && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strstr(f->c_text, ways[i]))
			return true;
	return f->body;
}

static void stmt_call(struct cgen *g, const struct ir *n)
{
	struct buf b = { 0 };
	bool fails = cgen_fn_fails(n->fn);

	if (fails)
		cgen_place(g, n);
	if (n->dst && n->fn->ret == T_LONG)
		buf_printf(&b, "%s = ", cgen_dst_text(g, n->dst));
	buf_printf(&b, "%s(c", n->fn->cname);
	vec_each(&n->args, i) {
		buf_puts(&b, ", ");
		cgen_expr(g, &b, n->args.v[i]);
	}
	if (n->fn->ret == T_STRING)
		buf_printf(&b, ", %s", cgen_dst_text(g, n->dst));
	cgen_line(g, "%s);", buf_text(&b));
	buf_deinit(&b);
	if (fails)
		cgen_check(g);
}

static void stmt_capture(struct cgen *g, const struct ir *n)
{
	const char *call = arena_printf(g->a, "stp_regex_capture(c->match, &regex_%u_capture, %s)",
					cgen_regex_id(g, n->regex), cgen_text(g, n->arg[0]));

	if (n->dst)
		cgen_line(g, "%s = %s;", cgen_dst_text(g, n->dst), call);
	else
		cgen_line(g, "%s;", call);
}

/* ---- the probed program ---- */

static const char *widened(const struct ir *n)
{
	static const char *const casts[2][9] = {
		{ [1] = "(int64_t)(uint8_t)", [2] = "(int64_t)(uint16_t)", [4] = "(int64_t)(uint32_t)" },
		{ [1] = "(int64_t)(int8_t)", [2] = "(int64_t)(int16_t)", [4] = "(int64_t)(int32_t)" },
	};
	const char *cast = n->size < 9 ? casts[n->is_signed][n->size] : NULL;

	return cast ? cast : "(int64_t)";
}

static void stmt_load(struct cgen *g, const struct ir *n)
{
	cgen_place(g, n);
	cgen_line(g, "%s = %sstp_load%s(c, (uint64_t)%s, %u);", cgen_dst_text(g, n->dst), widened(n),
		  n->user ? "_user" : "", cgen_text(g, n->arg[0]), n->size);
	cgen_check(g);
}

static void stmt_tryload(struct cgen *g, const struct ir *n)
{
	const char *dst = cgen_dst_text(g, n->dst);

	cgen_line(g, "{");
	g->depth++;
	cgen_line(g, "uint64_t v = 0;");
	cgen_line(g, "%s", "");
	cgen_line(g, "if (!stp_try_load((uint64_t)%s, %u, %s, &v))", cgen_text(g, n->arg[0]), n->size,
		  n->user ? "true" : "false");
	cgen_line(g, "\t%s = 0;", n->ok->cname);
	cgen_line(g, "%s = %sv;", dst, widened(n));
	g->depth--;
	cgen_line(g, "}");
}

static void stmt_trystr(struct cgen *g, const struct ir *n)
{
	unsigned most = n->size && n->size < g->maxstringlen ? n->size : g->maxstringlen;

	cgen_line(g, "if (!stp_escape_memory(%s, %u, (uint64_t)%s, %s, %u))", cgen_dst_text(g, n->dst),
		  g->maxstringlen, cgen_text(g, n->arg[0]), n->user ? "true" : "false", most);
	cgen_line(g, "\t%s = 0;", n->ok->cname);
}

static void stmt_target(struct cgen *g, const struct ir *n)
{
	switch (n->op) {
	case IR_LOAD:
		stmt_load(g, n);
		break;
	case IR_TRYLOAD:
		stmt_tryload(g, n);
		break;
	case IR_TRYSTR:
		stmt_trystr(g, n);
		break;
	case IR_REG:
		cgen_place(g, n);
		cgen_line(g, "%s = (int64_t)stp_reg(c, %" PRId64 ");", cgen_dst_text(g, n->dst), n->imm);
		cgen_check(g);
		break;
	case IR_STOREREG:
		cgen_place(g, n);
		cgen_line(g, "stp_store_reg(c, %" PRId64 ", (uint64_t)%s);", n->imm, cgen_text(g, n->arg[0]));
		cgen_check(g);
		break;
	default:
		cgen_place(g, n);
		cgen_line(g, "stp_store%s(c, (uint64_t)%s, %u, (uint64_t)%s);", n->user ? "_user" : "",
			  cgen_text(g, n->arg[0]), n->size, cgen_text(g, n->arg[1]));
		cgen_check(g);
	}
}

/* ---- output ---- */

static unsigned fmt_id(struct cgen *g, struct ir_fmt *f)
{
	if (!f->used) {
		*vec_add(g->a, &g->fmts) = f;
		f->used = (unsigned)g->fmts.n;
	}
	return f->used - 1;
}

/* Values are written in line where it matters and is not too long. */
enum { MOST_IN_LINE = 8 };

static bool prints_in_line(const struct cgen *g, const struct ir *n)
{
	return g->on_hits && n->op != IR_SPRINT && n->args.n <= MOST_IN_LINE && !ir_fmt_reads_memory(n->fmt);
}

static void print_in_line(struct cgen *g, const struct ir *n, unsigned id)
{
	struct buf size = { 0 };
	size_t numbers = 0;

	cgen_line(g, "char *w;");
	cgen_line(g, "%s", "");
	vec_each(&n->args, i) {
		if (n->args.v[i]->type != T_STRING) {
			numbers++;
			continue;
		}
		cgen_line(g, "const char *const s%zu = %s;", i, cgen_text(g, n->args.v[i]));
		cgen_line(g, "const uint32_t n%zu = stp_text_length(s%zu);", i, i);
		buf_printf(&size, " + stp_put_text_size(n%zu)", i);
	}
	cgen_line(g, "w = stp_printf_begin(c, &fmt_%u, %zu%s);", id, 8 * numbers, buf_text(&size));
	buf_deinit(&size);
	cgen_line(g, "if (stp_likely(w != NULL)) {");
	g->depth++;
	vec_each(&n->args, i) {
		if (n->args.v[i]->type == T_STRING)
			cgen_line(g, "w = stp_put_text(w, s%zu, n%zu);", i, i);
		else
			cgen_line(g, "w = stp_put_number(w, %s);", cgen_text(g, n->args.v[i]));
	}
	cgen_line(g, "stp_printf_end(c);");
	g->depth--;
	cgen_line(g, "}");
}

static void stmt_print(struct cgen *g, const struct ir *n)
{
	unsigned id = fmt_id(g, n->fmt);
	const char *values = n->args.n ? "v" : "NULL";

	cgen_place(g, n);
	cgen_line(g, "{");
	g->depth++;
	if (prints_in_line(g, n)) {
		print_in_line(g, n, id);
	} else {
		cgen_values(g, &n->args);
		if (n->op == IR_SPRINT)
			cgen_line(g, "stp_sprintf(c, %s, &fmt_%u, %s);", cgen_dst_text(g, n->dst), id, values);
		else
			cgen_line(g, "stp_printf(c, &fmt_%u, %s);", id, values);
	}
	g->depth--;
	cgen_line(g, "}");
	cgen_check(g);
}

/* ---- control ---- */

static void braced(struct cgen *g, const struct ir_list *list)
{
	g->depth++;
	cgen_list(g, list);
	g->depth--;
}

static void stmt_if(struct cgen *g, const struct ir *n)
{
	struct buf b = { 0 };

	if (n->body.n) {
		cgen_truth(g, &b, n->arg[0]);
		cgen_line(g, "if (%s) {", buf_text(&b));
		braced(g, &n->body);
		if (n->other.n) {
			cgen_line(g, "} else {");
			braced(g, &n->other);
		}
	} else {
		cgen_truth(g, &b, n->arg[0]);
		cgen_line(g, "if (!(%s)) {", buf_text(&b));
		braced(g, &n->other);
	}
	cgen_line(g, "}");
	buf_deinit(&b);
}

/* `continue` statements that belong to the loop whose body LIST is. */
static bool continues(const struct ir_list *list)
{
	vec_each(list, i) {
		const struct ir *n = list->v[i];

		if (n->op == IR_CONTINUE)
			return true;
		if (n->op != IR_LOOP && n->op != IR_FOREACH && (continues(&n->body) || continues(&n->other)))
			return true;
	}
	return false;
}

static void stmt_loop(struct cgen *g, const struct ir *n)
{
	unsigned outer = g->next_label, mine = n->step.n && continues(&n->body) ? ++g->labels : 0;
	struct buf b = { 0 };

	if (n->arg[0])
		cgen_truth(g, &b, n->arg[0]);
	if (n->arg[0] && !n->pre.n) {
		cgen_line(g, "while (%s) {", buf_text(&b));
		g->depth++;
	} else {
		cgen_line(g, "for (;;) {");
		g->depth++;
		cgen_list(g, &n->pre);
		if (n->arg[0]) {
			cgen_line(g, "if (!(%s))", buf_text(&b));
			cgen_line(g, "\tbreak;");
		}
	}
	g->next_label = mine;
	cgen_list(g, &n->body);
	g->next_label = outer;
	if (mine)
		cgen_line(g, "next_%u: ;", mine);
	cgen_list(g, &n->step);
	g->depth--;
	cgen_line(g, "}");
	buf_deinit(&b);
}

static void end_iterators(struct cgen *g, const struct ir_list *list)
{
	vec_each(list, i) {
		const struct ir *n = list->v[i];

		if (n->op == IR_FOREACH) {
			cgen_line(g, "if (f->it[%u].map) {", n->iter);
			cgen_line(g, "\tstp_iter_end(c, &f->it[%u]);", n->iter);
			cgen_line(g, "\tf->it[%u].map = NULL;", n->iter);
			cgen_line(g, "}");
		}
		end_iterators(g, &n->body);
		end_iterators(g, &n->other);
	}
}

static void stmt_try(struct cgen *g, const struct ir *n)
{
	unsigned outer = g->catch_label, mine = ++g->labels;
	bool outer_used = g->catch_used, used;

	g->catch_label = mine;
	g->catch_used = false;
	cgen_list(g, &n->body);
	used = g->catch_used;
	g->catch_label = outer;
	g->catch_used = outer_used;
	if (!used)	/* nothing in it can fail */
		return;
	cgen_line(g, "if (0) {");
	cgen_line(g, "catch_%u:", mine);
	g->depth++;
	end_iterators(g, &n->body);
	cgen_list(g, &n->other);
	g->depth--;
	cgen_line(g, "}");
}

static void stmt_catch(struct cgen *g, const struct ir *n)
{
	cgen_leave(g, "stp_unlikely(c->aborted)", true);
	if (n->dst)
		cgen_line(g, "stp_strcpy(%s, c->error, MAXSTRINGLEN);", cgen_dst_text(g, n->dst));
	cgen_line(g, "c->error = NULL;");
}

static void stmt_spend(struct cgen *g, const struct ir *n)
{
	cgen_leave(g, arena_printf(g->a, "stp_spend_at(c, %" PRId64 ", %s)", n->imm, quoted(g, n->where)),
		   true);
}

static void stmt_return(struct cgen *g, const struct ir *n)
{
	if (n->arg[0] && g->body->fn && g->body->fn->ret == T_LONG)
		cgen_line(g, "ret = %s;", cgen_text(g, n->arg[0]));
	cgen_leave(g, NULL, false);
}

static void stmt_next(struct cgen *g, const struct ir *n)
{
	/* of the last overload: langref 3.4 */
	if (g->body->kind == IB_FUNCTION) {
		cgen_place(g, n);
		cgen_line(g, "stp_error(c, \"all functions exhausted\");");
	}
	cgen_leave(g, NULL, g->body->kind == IB_FUNCTION);
}

static void stmt_control(struct cgen *g, const struct ir *n)
{
	switch (n->op) {
	case IR_IF:
		stmt_if(g, n);
		break;
	case IR_LOOP:
		stmt_loop(g, n);
		break;
	case IR_FOREACH:
		cgen_foreach(g, n);
		break;
	case IR_TRY:
		stmt_try(g, n);
		break;
	case IR_CATCH:
		stmt_catch(g, n);
		break;
	case IR_SPEND:
		stmt_spend(g, n);
		break;
	case IR_HELD:
		cgen_leave(g, "stp_asked(c)", false);
		break;
	case IR_BREAK:
		cgen_line(g, "break;");
		break;
	case IR_CONTINUE:
		if (g->next_label)
			cgen_line(g, "goto next_%u;", g->next_label);
		else
			cgen_line(g, "continue;");
		break;
	case IR_RETURN:
		stmt_return(g, n);
		break;
	default:
		stmt_next(g, n);
	}
}

static void stmt(struct cgen *g, const struct ir *n)
{
	switch (n->op) {
	case IR_SET:
		stmt_set(g, n);
		break;
	case IR_CAT:
		cgen_line(g, "stp_strcat(%s, %s, MAXSTRINGLEN);", cgen_dst_text(g, n->dst),
			  cgen_text(g, n->arg[0]));
		break;
	case IR_DIV: case IR_MOD:
		stmt_div(g, n);
		break;
	case IR_CALL:
		stmt_call(g, n);
		break;
	case IR_CAPTURE:
		stmt_capture(g, n);
		break;
	case IR_REG: case IR_LOAD: case IR_TRYLOAD: case IR_TRYSTR: case IR_STORE: case IR_STOREREG:
		stmt_target(g, n);
		break;
	case IR_PRINT: case IR_SPRINT:
		stmt_print(g, n);
		break;
	case IR_PUTS:
		cgen_place(g, n);
		cgen_line(g, "stp_print(c, %s);", cgen_text(g, n->arg[0]));
		cgen_check(g);
		break;
	default:
		if (!cgen_map_stmt(g, n))
			stmt_control(g, n);
	}
}

void cgen_list(struct cgen *g, const struct ir_list *list)
{
	vec_each(list, i)
		stmt(g, list->v[i]);
}
