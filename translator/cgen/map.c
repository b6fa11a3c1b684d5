// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arrays, aggregates and foreach as calls of the runtime.  Keys are an array of union stp_val in a
 * block of its own, so that the compiler can use its stack slots again after it.
 */
#include <inttypes.h>

#include "cgen/emit.h"

static void union_array(struct cgen *g, const char *name, const struct ir_list *args)
{
	struct buf b = { 0 };

	vec_each(args, i) {
		const struct ir *v = args->v[i];

		buf_puts(&b, i ? ", " : "");
		if (!v) {
			buf_puts(&b, "{ .n = 0 }");
			continue;
		}
		buf_puts(&b, v->type == T_STRING ? "{ .s = " : "{ .n = ");
		cgen_expr(g, &b, v);
		buf_puts(&b, " }");
	}
	if (args->n)
		cgen_line(g, "const union stp_val %s[] = { %s };", name, buf_text(&b));
	buf_deinit(&b);
}

void cgen_values(struct cgen *g, const struct ir_list *args)
{
	union_array(g, "v", args);
}

/* True when a key is `*`; then `any` is declared. */
static bool open_keys(struct cgen *g, const struct ir *n)
{
	struct buf b = { 0 };
	bool slice = false;

	vec_each(&n->args, i) {
		buf_printf(&b, "%s%s", i ? ", " : "", n->args.v[i] ? "false" : "true");
		slice |= !n->args.v[i];
	}
	cgen_line(g, "{");
	g->depth++;
	if (slice)
		cgen_line(g, "static const bool any[] = { %s };", buf_text(&b));
	union_array(g, "k", &n->args);
	buf_deinit(&b);
	return slice;
}

static void close_keys(struct cgen *g)
{
	g->depth--;
	cgen_line(g, "}");
}

static const char *const stat_names[] = {
	"STP_COUNT", "STP_SUM", "STP_MIN", "STP_MAX", "STP_AVG", "STP_VARIANCE",
};

/* The call without its result; KEY is "k" or "NULL". */
static const char *map_call(struct cgen *g, const struct ir *n, const char *key, bool slice)
{
	const char *m = n->global->cname, *v = n->arg[0] ? cgen_text(g, n->arg[0]) : "";
	const char *dst = n->dst ? cgen_dst_text(g, n->dst) : "";
	bool string = n->global->type == T_STRING;

	switch (n->op) {
	case IR_MAPGET:
		if (string)
			return arena_printf(g->a, "stp_map_get_str(c, %s.map, %s, %s)", m, key, dst);
		return arena_printf(g->a, "stp_map_get(c, %s.map, %s)", m, key);
	case IR_MAPHAS:
		return arena_printf(g->a, "stp_map_has%s(c, %s.map, %s%s)", slice ? "_slice" : "", m, key,
				    slice ? ", any" : "");
	case IR_MAPSET:
		return arena_printf(g->a, "stp_map_set%s(c, %s.map, %s, %s)", string ? "_str" : "", m, key, v);
	case IR_MAPADD:
		return arena_printf(g->a, "stp_map_add(c, %s.map, %s, %s)", m, key, v);
	case IR_MAPDEL:
		return arena_printf(g->a, "stp_map_del%s(c, %s.map, %s%s)", slice ? "_slice" : "", m, key,
				    slice ? ", any" : "");
	case IR_STATADD:
		return arena_printf(g->a, "stp_stat_add(c, %s.map, %s, %s)", m, key, v);
	case IR_STATGET:
		return arena_printf(g->a, "stp_stat_get(c, %s.map, %s, %s)", m, key, stat_names[n->imm]);
	case IR_BUCKET:
		return arena_printf(g->a, "stp_stat_bucket(c, %s.map, %s, %s)", m, key, v);
	case IR_HISTPRINT:
		return arena_printf(g->a, "stp_print_hist(c, %s.map, %s)", m, key);
	default:
		return arena_printf(g->a, "stp_sprint_hist(c, %s.map, %s, %s)", m, key, dst);
	}
}

/* ---- the element that was found last, in line ---- */

/* Where word I of keys and value is, the value's behind the last key. */
static const char *word_at(struct cgen *g, const struct global *v, unsigned i)
{
	unsigned texts = 0;

	for (unsigned k = 0; k < i; k++)
		texts += v->keys[k] == T_STRING;
	return texts ? arena_printf(g->a, "%u + %u * STP_TEXT_WORDS", i - texts, texts) :
		       arena_printf(g->a, "%u", i);
}

void cgen_map_helpers(struct cgen *g, const struct global *v)
{
	if (!v->nkeys || v->type == T_STRING || !g->hit_globals[v->index])
		return;
	cgen_line(g, "static inline bool %s_is(struct stp_element *e, const union stp_val *k)", v->cname);
	cgen_line(g, "{");
	cgen_line(g, "\treturn stp_element_in_use(e)");
	for (unsigned i = 0; i < v->nkeys; i++)
		cgen_line(g, v->keys[i] == T_STRING ? "\t\t&& stp_same_text(stp_text_of(e, %s), k[%u].s)" :
						      "\t\t&& *stp_number_of(e, %s) == k[%u].n",
			  word_at(g, v, i), i);
	cgen_line(g, "\t\t;");
	cgen_line(g, "}");
}

static const char *add_sample(struct cgen *g, const struct global *v, const char *to, const char *by)
{
	if (v->hist == HIST_LINEAR || v->stat_ops & 1 << STAT_VARIANCE)
		return arena_printf(g->a, "stp_stat_sample(%s.map, %s, %s)", v->cname, to, by);
	return arena_printf(g->a, "stp_stat_add_%s(%s, %s, %u)", v->hist ? "log" : "plain", to, by,
			    v->stat_ops & 0x3f);
}

/* What is done with element e; NULL: that is for the runtime alone. */
static const char *done_in_line(struct cgen *g, const struct ir *n)
{
	const struct global *v = n->global;
	const char *at, *by = n->arg[0] ? cgen_text(g, n->arg[0]) : "";

	if (!g->on_hits || v->type == T_STRING)
		return NULL;
	at = word_at(g, v, v->nkeys);
	switch (n->op) {
	case IR_MAPGET:
		return arena_printf(g->a, "*stp_number_of(e, %s)", at);
	case IR_MAPHAS:
		return "true";
	case IR_MAPSET:
		return arena_printf(g->a, "*stp_number_of(e, %s) = %s", at, by);
	case IR_MAPADD:
		return arena_printf(g->a, "stp_number_add(e, %s, %s)", at, by);
	case IR_MAPDEL:
		return arena_printf(g->a, "stp_map_remove(%s.map, e)", v->cname);
	case IR_STATADD:
		return add_sample(g, v, arena_printf(g->a, "stp_stat_of(e, %s)", at), by);
	default:
		return NULL;
	}
}

/* To this CPU's part. */
static void add_to_part(struct cgen *g, const struct ir *n)
{
	const struct global *v = n->global;
	unsigned part = g->part[v->index] - 1;
	const char *by = cgen_text(g, n->arg[0]), *add;

	if (n->op == IR_MAPADD)
		add = arena_printf(g->a, "*(uint64_t *)p->value += (uint64_t)%s", by);
	else
		add = add_sample(g, v, "p->value", by);
	cgen_line(g, "struct stp_part *p = &c->parts[%u];", part);
	cgen_line(g, "%s", "");
	if (!v->nkeys) {
		cgen_line(g, "%s;", add);
		return;
	}
	cgen_line(g, "if (stp_likely(%s_is(p->element, k)) || stp_part_find(c, &%s, k, %s))", v->cname, v->cname, by);
	cgen_line(g, "\t%s;", add);
}

/* DST is "" or "VARIABLE = ". */
static void try_in_line(struct cgen *g, const struct ir *n, const char *dst, const char *call)
{
	const char *done = done_in_line(g, n), *m = n->global->cname;

	if (!done) {
		cgen_line(g, "%s%s;", dst, call);
	} else if (!n->global->nkeys) {
		cgen_line(g, "struct stp_element *e = stp_map_hint(%s.map);", m);
		cgen_line(g, "%s", "");
		cgen_line(g, "%s%s;", dst, done);
	} else {
		cgen_line(g, "struct stp_element *e = stp_map_hint(%s.map);", m);
		cgen_line(g, "%s", "");
		cgen_line(g, "if (stp_likely(%s_is(e, k)))", m);
		cgen_line(g, "\t%s%s;", dst, done);
		cgen_line(g, "else");
		cgen_line(g, "\t%s%s;", dst, call);
	}
}

static void keyed(struct cgen *g, const struct ir *n)
{
	bool assign = n->dst && n->dst->type == T_LONG, slice;
	const char *call, *dst;

	cgen_place(g, n);
	slice = open_keys(g, n);
	call = map_call(g, n, n->args.n ? "k" : "NULL", slice);
	dst = assign ? arena_printf(g->a, "%s = ", cgen_dst_text(g, n->dst)) : "";
	if (slice)
		cgen_line(g, "%s%s;", dst, call);
	else if (g->adds && g->part[n->global->index])
		add_to_part(g, n);
	else
		try_in_line(g, n, dst, call);
	close_keys(g);
	cgen_check(g);
}

static void iter_value(struct cgen *g, const struct ir *n)
{
	const char *dst = cgen_dst_text(g, n->dst);
	bool string = n->dst->type == T_STRING;

	if (n->op == IR_ITERKEY && string)
		cgen_line(g, "stp_iter_key_str(&f->it[%u], %" PRId64 ", %s);", n->iter, n->imm, dst);
	else if (n->op == IR_ITERKEY)
		cgen_line(g, "%s = stp_iter_key(&f->it[%u], %" PRId64 ");", dst, n->iter, n->imm);
	else if (string)
		cgen_line(g, "stp_iter_value_str(c, &f->it[%u], %s);", n->iter, dst);
	else
		cgen_line(g, "%s = stp_iter_value(c, &f->it[%u]);", dst, n->iter);
	if (n->op == IR_ITERVAL)
		cgen_check(g);
}

bool cgen_map_stmt(struct cgen *g, const struct ir *n)
{
	switch (n->op) {
	case IR_MAPGET: case IR_MAPHAS: case IR_MAPSET: case IR_MAPADD: case IR_MAPDEL:
	case IR_STATADD: case IR_STATGET: case IR_BUCKET: case IR_HISTPRINT: case IR_HISTTEXT:
		keyed(g, n);
		return true;
	case IR_MAPCLEAR:
		cgen_place(g, n);
		cgen_line(g, "stp_map_clear(c, %s.map);", n->global->cname);
		cgen_check(g);
		return true;
	case IR_NBUCKETS:
		cgen_line(g, "%s = stp_stat_nbuckets(%s.map);", cgen_dst_text(g, n->dst), n->global->cname);
		return true;
	case IR_ITERKEY: case IR_ITERVAL:
		iter_value(g, n);
		return true;
	default:
		return false;
	}
}

static const char *limit_text(struct cgen *g, const struct ir *limit)
{
	const char *t;

	if (!limit)
		return "-1";
	t = cgen_text(g, limit);
	if (limit->op == IR_NUM && limit->imm >= 0)
		return t;
	return arena_printf(g->a, "%s < 0 ? 0 : %s", t, t);
}

void cgen_foreach(struct cgen *g, const struct ir *n)
{
	unsigned outer = g->next_label;
	bool slice;

	cgen_place(g, n);
	slice = open_keys(g, n);
	cgen_line(g, "stp_iter_begin(c, &f->it[%u], %s.map, %d, %d, %s, %s, %s, %s);", n->iter,
		  n->global->cname, n->sort, n->dir, stat_names[n->stat_op], limit_text(g, n->arg[0]),
		  n->args.n ? "k" : "NULL", slice ? "any" : "NULL");
	close_keys(g);
	cgen_check(g);
	cgen_line(g, "while (stp_iter_next(c, &f->it[%u])) {", n->iter);
	g->depth++;
	g->next_label = 0;
	cgen_list(g, &n->body);
	g->next_label = outer;
	g->depth--;
	cgen_line(g, "}");
	cgen_line(g, "stp_iter_end(c, &f->it[%u]);", n->iter);
	cgen_line(g, "f->it[%u].map = NULL;", n->iter);
	cgen_check(g);
}
