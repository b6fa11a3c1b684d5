// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables of regular expressions as const data, and the struct in which a handler of a script that asks
 * for groups keeps its last match.
 */
#include "cgen/emit.h"

/* N numbers of SIZE bytes each. */
static void numbers(struct cgen *g, const char *type, const char *name, size_t id, const void *v, size_t n,
		    unsigned size)
{
	cgen_line(g, "static const %s regex_%zu_%s[] = {", type, id, name);
	for (size_t i = 0; i < n; i++)
		buf_printf(g->out, "%s%u,%s", i % 16 ? "" : "\t", size == 4 ? ((const uint32_t *)v)[i] :
			   size == 2 ? ((const uint16_t *)v)[i] : ((const unsigned char *)v)[i],
			   i % 16 == 15 || i + 1 == n ? "\n" : " ");
	if (!n)
		cgen_line(g, "\t0");
	cgen_line(g, "};");
}

static void plain(struct cgen *g, size_t i, const struct regex *r)
{
	numbers(g, "uint8_t", "class_of", i, r->class_of, 256, 1);
	numbers(g, "uint16_t", "next", i, r->next, (size_t)r->nstates * r->nclasses, 2);
	numbers(g, "uint8_t", "flags", i, r->flags, r->nstates, 1);
	cgen_line(g, "static const struct stp_regex regex_%zu = { %u, regex_%zu_class_of, regex_%zu_next, "
		  "regex_%zu_flags };", i, r->nclasses, i, i, i);
	cgen_line(g, "%s", "");
}

static void capture(struct cgen *g, size_t i, const struct regex_capture *r)
{
	size_t n = (size_t)r->nstates * r->nclasses;

	numbers(g, "uint8_t", "cclass_of", i, r->class_of, 256, 1);
	numbers(g, "uint16_t", "cnext", i, r->next, n, 2);
	numbers(g, "uint32_t", "move", i, r->move, n, 4);
	numbers(g, "uint32_t", "accept", i, r->accept, r->nstates, 4);
	numbers(g, "uint32_t", "accept_end", i, r->accept_end, r->nstates, 4);
	numbers(g, "uint8_t", "nregs", i, r->nregs, r->nstates, 1);
	numbers(g, "uint8_t", "moves", i, r->moves, r->nmoves, 1);
	cgen_line(g, "static const struct stp_regex_capture regex_%zu_capture = {", i);
	cgen_line(g, "\t&regex_%zu, %u, %u, { %u, %u }, { %u, %u }, regex_%zu_cclass_of, regex_%zu_cnext,", i,
		  r->groups, r->nclasses, r->start[0], r->start[1], r->start_move[0], r->start_move[1], i, i);
	cgen_line(g, "\tregex_%zu_move, regex_%zu_accept, regex_%zu_accept_end, regex_%zu_nregs, regex_%zu_moves,",
		  i, i, i, i, i);
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}

void cgen_regexes(struct cgen *g)
{
	vec_each(&g->regexes, i) {
		plain(g, i, &g->regexes.v[i]->tables);
		if (g->regexes.v[i]->capture)
			capture(g, i, g->regexes.v[i]->capture);
	}
}

/* In front of all bodies: their frames hold it. */
void cgen_match_struct(struct cgen *g)
{
	unsigned groups = 0, regs = 0;

	if (!g->p->src->uses_matches)
		return;
	vec_each(&g->p->regexes, i) {
		const struct regex_capture *r = g->p->regexes.v[i]->capture;

		groups = r->groups > groups ? r->groups : groups;
		regs = r->maxregs > regs ? r->maxregs : regs;
	}
	cgen_line(g, "struct stap_match {");
	cgen_line(g, "\tstruct stp_match m;");
	cgen_line(g, "\tint32_t pos[%u], regs[2][%u];", 2 * groups + 2, regs + 1);
	cgen_line(g, "\tchar text[MAXSTRINGLEN];");
	cgen_line(g, "};");
	cgen_line(g, "%s", "");
}
