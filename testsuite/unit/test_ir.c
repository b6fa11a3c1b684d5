// SPDX-License-Identifier: GPL-2.0-or-later
/* What the optimiser leaves of a handler, and that the verifier finds what passes could break. */
#include <stdio.h>
#include <string.h>

#include "bind.h"
#include "opt/opt.h"
#include "syntax_setup.h"

static const char declarations[] =
	"global g, arr, sarr, x\n"
	"function add(a, b) { return a + b }\n"
	"function pure_c(a) %{ STAP_RETVALUE = STAP_ARG_a; %}\n"
	"probe begin { ";

static struct ir_program *lower(struct setup *s, const char *body)
{
	struct buf b = { 0 };
	struct script *script;
	struct program *p;

	buf_printf(&b, "%s%s }\n", declarations, body);
	script = setup_parse(s, arena_strdup(&s->a, buf_text(&b)), b.n);
	buf_deinit(&b);
	if (!script)
		return NULL;
	p = bind_script(&s->a, script);
	vec_each(&p->functions, i)
		p->functions.v[i]->pure = !strcmp(p->functions.v[i]->name, "pure_c");
	return ir_lower(&s->a, &s->d, p);
}

/* ---- optimiser: statements of the handler without what it spends, joined by "; " ---- */

struct opt_case { const char *name, *body, *want; };

static const struct opt_case opt_cases[] = {
	{ "constants fold", "g = (2 + 3 * 4 - 1) << 1", "g_g = set 26" },
	{ "wrap-around folds as it runs", "g = 9223372036854775807 + 1", "g_g = set -9223372036854775808" },
	{ "shift counts are masked", "g = 1 << 65", "g_g = set 2" },
	{ "constant division folds through a temporary", "g = 7 / (4 - 2) + 1", "g_g = set 4" },
	{ "division by zero stays", "g = 1 / 0", "t_0 = div 1 0; g_g = set t_0" },
	{ "unused division by a variable stays", "i = g; j = 1 / i", "l_i = set g_g; t_0 = div 1 l_i" },
	{ "neutral operands", "g = (arr[1] + 0) * 1", "t_0 = get g_arr[1]; g_g = set t_0" },
	{ "texts join and compare", "g = (\"a\" . \"b\") == \"ab\"", "g_g = set 1" },
	{ "dead branch", "if (1 > 2) g = 1; else g = 2", "g_g = set 2" },
	{ "dead loop", "while (0) g = 1", "" },
	{ "unused local", "i = 5; s = \"x\" . sprint(g)", "t_0 = sprint \"%d\"(g_g)" },
	{ "unused element is not read", "i = arr[1]", "" },
	{ "call for its effect keeps no result", "i = add(1, 2)", "call fn_add_0(1, 2)" },
	{ "pure call without a use", "i = pure_c(1)", "" },
	{ "after a jump", "g = 1; next; g = 2", "g_g = set 1; next" },
	{ "loop variables that nobody reads are not fetched", "foreach (v = i in arr) g++",
	  "foreach it0 sort -2 dir 1 op 0 g_arr[] g_g = set (+ g_g 1)" },
	{ "known condition of ?:", "g = 1 ? arr[1] : arr[2]", "t_0 = get g_arr[1]; g_g = set t_0" },
};

/* One line, without spend. */
static void flatten(struct buf *out, const char *text)
{
	const char *line = strchr(text, '\n') + 1, *end;
	bool first = true;

	for (; *line == '\t'; line = end + 1) {
		size_t depth = strspn(line, "\t");

		end = strchr(line, '\n');
		if (!strncmp(line + depth, "spend", 5))
			continue;
		buf_puts(out, first ? "" : depth > 1 ? " " : "; ");
		buf_add(out, line + depth, (size_t)(end - line) - depth);
		first = false;
	}
}

static void test_opt(const struct opt_case *t)
{
	struct buf text = { 0 }, flat = { 0 };
	struct ir_program *p;
	const char *wrong;
	struct setup s;

	setup_init(&s);
	s.env.guru = s.src.guru = true;
	p = lower(&s, t->body);
	if (p) {
		ir_optimise(&s.a, p);
		wrong = ir_verify(&s.a, p);
		ir_print(&text, p);
		flatten(&flat, buf_text(&text));
		verdict(!wrong && !strcmp(buf_text(&flat), t->want), t->name,
			wrong ? wrong : buf_text(&flat), t->want);
	} else {
		verdict(false, t->name, setup_messages(&s), "IR");
	}
	buf_deinit(&text);
	buf_deinit(&flat);
	setup_deinit(&s);
}

/* ---- verifier: break one thing in `g = arr[1] + i; printf("%d", g)` ---- */

static struct ir *find(struct ir_program *p, enum ir_op op)
{
	struct ir_list *l = &p->handlers.v[0]->body->list;

	vec_each(l, i)
		if (l->v[i]->op == op)
			return l->v[i];
	return NULL;
}

static void break_type(struct ir_program *p, struct arena *a)
{
	find(p, IR_SET)->arg[0] = ir_str(a, "text", 4);
}

static void break_operand(struct ir_program *p, struct arena *a)
{
	(void)a;
	find(p, IR_SET)->arg[0]->arg[1] = NULL;
}

static void break_class(struct ir_program *p, struct arena *a)
{
	(void)a;
	find(p, IR_SET)->arg[0] = find(p, IR_MAPGET);
	find(p, IR_MAPGET)->type = T_LONG;
}

static void break_keys(struct ir_program *p, struct arena *a)
{
	*vec_add(a, &find(p, IR_MAPGET)->args) = ir_num(a, 1);
}

static void break_key_type(struct ir_program *p, struct arena *a)
{
	find(p, IR_MAPGET)->args.v[0] = ir_str(a, "k", 1);
}

static void break_order(struct ir_program *p, struct arena *a)
{
	(void)a;
	find(p, IR_MAPGET)->op = IR_MAPDEL;
	find(p, IR_MAPDEL)->dst = NULL;
}

static void break_args(struct ir_program *p, struct arena *a)
{
	(void)a;
	find(p, IR_PRINT)->args.n = 0;
}

static void break_directive(struct ir_program *p, struct arena *a)
{
	find(p, IR_PRINT)->args.v[0] = ir_str(a, "t", 1);
}

static void break_place(struct ir_program *p, struct arena *a)
{
	(void)a;
	find(p, IR_MAPGET)->where = NULL;
}

static void break_loop(struct ir_program *p, struct arena *a)
{
	*vec_add(a, &p->handlers.v[0]->body->list) = ir_new(a, IR_BREAK, T_VOID);
}

static void break_dst(struct ir_program *p, struct arena *a)
{
	find(p, IR_SET)->dst = ir_num(a, 1);
}

static void break_divisor(struct ir_program *p, struct arena *a)
{
	find(p, IR_SET)->arg[0] = ir_bin(a, IR_QUO, ir_num(a, 1), ir_num(a, 0));
}

static void break_variable(struct ir_program *p, struct arena *a)
{
	struct ir_var *v = arena_new(a, struct ir_var);

	v->type = T_LONG;
	find(p, IR_SET)->arg[0] = ir_var(a, v);
}

static const struct { const char *want; void (*fn)(struct ir_program *, struct arena *); } breaks[] = {
	{ "probe_0: set: types differ", break_type },
	{ "probe_0: +: operand missing", break_operand },
	{ "probe_0: get: statement used as a value", break_class },
	{ "probe_0: get: number of keys", break_keys },
	{ "probe_0: get: key of the wrong type", break_key_type },
	{ "probe_0: var: temporary read before it is written", break_order },
	{ "probe_0: print: format and number of arguments", break_args },
	{ "probe_0: print: argument does not fit its directive", break_directive },
	{ "probe_0: get: may fail but has no place", break_place },
	{ "probe_0: break: outside of a loop", break_loop },
	{ "probe_0: set: destination is no place", break_dst },
	{ "probe_0: /: divisor is not a safe constant", break_divisor },
	{ "probe_0: var: variable of another body", break_variable },
};

static void test_verifier(size_t i)
{
	struct ir_program *p;
	const char *wrong;
	struct setup s;

	setup_init(&s);
	s.env.guru = s.src.guru = true;
	p = lower(&s, "g = arr[1] + i; printf(\"%d\", g)");
	wrong = p ? ir_verify(&s.a, p) : "not lowered";
	verdict(!wrong, "the program is right before it is broken", wrong ? wrong : "", "");
	if (p) {
		breaks[i].fn(p, &s.a);
		wrong = ir_verify(&s.a, p);
		verdict(wrong && !strcmp(wrong, breaks[i].want), breaks[i].want, wrong ? wrong : "nothing",
			breaks[i].want);
	}
	setup_deinit(&s);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(opt_cases) / sizeof(opt_cases[0]); i++)
		test_opt(&opt_cases[i]);
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++)
		test_verifier(i);
	return failures != 0;
}
