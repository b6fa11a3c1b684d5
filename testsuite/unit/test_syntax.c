/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Precedence, conditions, tokens, library macros, limits and cost of the parser, table by table. */
#include "testsuite/unit/syntax_setup.h"

#include <time.h>

/* ---- how operands group ---- */

static const struct { const char *text, *groups; } groupings[] = {
	{ "a + b * c", "(a + (b * c))" },
	{ "a - b - c", "((a - b) - c)" },
	{ "a << b + c", "(a << (b + c))" },
	{ "a . b + c . d", "((a . (b + c)) . d)" },
	{ "a << b . c", "(a << (b . c))" },
	{ "a < b << c", "(a < (b << c))" },
	{ "a == b < c", "((a == b) < c)" },
	{ "a & b == c", "(a & (b == c))" },
	{ "a | b ^ c & d", "(a | (b ^ (c & d)))" },
	{ "a || b && c | d", "(a || (b && (c | d)))" },
	{ "a = b = c", "(a = (b = c))" },
	{ "a ? b : c ? d : e", "(a ? b : (c ? d : e))" },
	{ "a = b ? c = d : e", "(a = (b ? (c = d) : e))" },
	{ "a <<< b + c", "(a <<< (b + c))" },
	{ "-a * !b", "((-a) * (!b))" },
	{ "- -a", "(-(-a))" },
	{ "!~a", "(!(~a))" },
	{ "-a++", "(-(a++))" },
	{ "a - -b", "(a - (-b))" },
	{ "a in b && c", "((a in b) && c)" },
	{ "a == b in c & d", "(((a == b) in c) & d)" },
	{ "!a in b", "((!a) in b)" },
	{ "a . b =~ \"x\" && c", "(((a . b) =~ \"x\") && c)" },
	{ "&$a->b & c", "((&$a->b) & c)" },
	{ "a -> b - c", "(a->b - c)" },
	{ "a >>> b >> c", "((a >>> b) >> c)" },
	{ "a <= b != c >= d", "(((a <= b) != c) >= d)" },
	{ "(a - b) - (c - d)", "((a - b) - (c - d))" },
	{ "a.b", "(a . b)" },
	{ "$a.b", "($a . b)" },
};

static bool is_leaf(const struct expr *e)
{
	switch (e->kind) {
	case EX_NUMBER: case EX_STRING: case EX_IDENT: return true;
	case EX_TARGET: return !e->target->addressof;
	default: return false;
	}
}

static bool set_paren(struct expr *e, void *on)
{
	e->paren = on && !is_leaf(e);
	if (e->kind == EX_REGEX && on)	/* its right side is a literal and takes none */
		set_paren(e->a, on);
	return e->kind != EX_REGEX || !on;
}

/* The expression of the only statement of TEXT with all its parentheses. */
static const char *grouped(struct setup *s, const char *text, struct expr **ret)
{
	const char *script = arena_printf(&s->a, "probe begin { %s }", text);
	struct source *src = arena_new(&s->a, struct source);
	struct script *sc;
	struct buf b = { 0 };
	const char *r;

	*src = (struct source){ .name = "<input>", .text = script, .size = strlen(script) };
	sc = parse_script(&s->a, &s->d, src, &s->env);
	if (!sc)
		return setup_messages(s);
	*ret = sc->probes.v[0]->body->body.v[0]->e;
	ast_walk_expr(*ret, set_paren, s);
	ast_print_expr(&b, *ret);
	r = arena_strdup(&s->a, buf_text(&b));
	buf_deinit(&b);
	return r;
}

static void test_groupings(void)
{
	for (size_t i = 0; i < sizeof(groupings) / sizeof(*groupings); i++) {
		struct buf bare = { 0 };
		struct expr *e = NULL;
		struct setup s;
		const char *got;

		setup_init(&s);
		got = grouped(&s, groupings[i].text, &e);
		verdict(!strcmp(got, groupings[i].groups), groupings[i].text, got,
			groupings[i].groups);
		if (e) {	/* a tree without any parentheses prints with those it needs */
			ast_walk_expr(e, set_paren, NULL);
			ast_print_expr(&bare, e);
			got = grouped(&s, buf_text(&bare), &e);
			verdict(!strcmp(got, groupings[i].groups),
				arena_printf(&s.a, "%s from its tree", groupings[i].text), got,
				groupings[i].groups);
		}
		buf_deinit(&bare);
		setup_deinit(&s);
	}
}

/* ---- conditions ---- */

static const struct { const char *text; bool holds; } conditions[] = {
	{ "kernel_v == \"6.1.192\"", true },
	{ "kernel_v >= \"6.1\"", true },
	{ "kernel_v > \"6.9\"", false },
	{ "kernel_v < \"6.10\"", true },
	{ "kernel_v == \"6.*\"", true },
	{ "kernel_v != \"6.*\"", false },
	{ "kernel_v == \"5.?\"", false },
	{ "kernel_vr == \"6.1.0-5[0-9]-*\"", true },
	{ "kernel_vr > \"6.1.0-9-cloud-amd64\"", true },
	{ "arch == \"x86*\"", true },
	{ "arch != \"ia64\"", true },
	{ "CONFIG_SMP == \"y\"", true },
	{ "CONFIG_NFSD == \"[ym]\"", true },
	{ "CONFIG_NONE == \"\"", true },
	{ "CONFIG_NONE != \"y\"", true },
	{ "CONFIG_HZ == 250", true },
	{ "CONFIG_HZ > 0x100", false },
	{ "CONFIG_HZ <= 250 && CONFIG_NONE < 1", true },
	{ "CONFIG_SMP == CONFIG_NFSD", false },
	{ "CONFIG_NONE == CONFIG_OTHER", true },
	{ "systemtap_v >= \"4.10\"", true },
	{ "systemtap_privilege == \"stapusr\"", false },
	{ "runtime == \"dyninst\"", false },
	{ "guru_mode == 0", true },
	{ "guru_mode != 0", false },
	{ "1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 == 1 && 1 != 2", true },
	{ "\"a\" < \"b\" && \"b\" >= \"b\"", true },
	{ "\"a*\" == \"ab\"", false },
	{ "1 == 1 || 1 == 2 && 1 == 3", true },
	{ "1 == 2 && 1 == 1 || 1 == 3", false },
};

static void test_conditions(void)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		struct setup s;
		struct script *sc;
		const char *text;

		setup_init(&s);
		text = arena_printf(&s.a, "%%( %s %%? global yes %%: global no %%)",
				    conditions[i].text);
		sc = setup_parse(&s, text, strlen(text));
		verdict(sc && !strcmp(sc->globals.v[0]->name, conditions[i].holds ? "yes" : "no"),
			conditions[i].text, sc ? sc->globals.v[0]->name : setup_messages(&s),
			conditions[i].holds ? "yes" : "no");
		setup_deinit(&s);
	}
}

/* ---- tokens ---- */

static void test_tokens(void)
{
	static const char text[] = "x%( 1 == 1 %?a%)<<<=0x10 \"a\\n\" $x$ @count /* c */ # d\n%{c%}";
	static const char want[] =
		"<input>:1:1\tidentifier x\n"
		"<input>:1:14\tidentifier a\n"
		"<input>:1:17\toperator <<<\n"
		"<input>:1:20\toperator =\n"
		"<input>:1:21\tnumber 16\n"
		"<input>:1:26\tstring \"a\\n\"\n"
		"<input>:1:32\tidentifier $x$\n"
		"<input>:1:36\toperator count\n"
		"<input>:2:1\tembedded-code \"c\"\n";
	struct buf b = { 0 };
	struct setup s;

	setup_init(&s);
	s.src.text = text;
	s.src.size = sizeof(text) - 1;
	tokens_dump(&b, &s.a, &s.d, &s.src, &s.env);
	verdict(!strcmp(buf_text(&b), want), "dump of tokens", buf_text(&b), want);
	buf_deinit(&b);
	setup_deinit(&s);
}

/* ---- library macros, arguments ---- */

static void test_library_macros(void)
{
	struct source lib = { .name = "lib.stpm", .tapset = true };
	struct setup s;
	struct script *sc;
	struct buf b = { 0 };
	static const char want[] = "probe begin {\n\tx = %{ C_NAME %} + 6;\n\ty = 2;\n}\n";
	static const char user[] = "@define mine %( 2 %)\n"
				   "probe begin { x = @c_name + @six() y = @mine }";

	lib.text = "%( arch == \"ia64\" %? @define six() %( 0 %) %: @define six() %( 6 %) %)\n"
		   "@define c_name %( %{ C_NAME %} %)\n@define mine %( 1 %)\n";
	lib.size = strlen(lib.text);
	setup_init(&s);
	verdict(pp_load_macros(&s.a, &s.d, &lib, &s.env), "macros load", setup_messages(&s), "");
	sc = setup_parse(&s, user, sizeof(user) - 1);
	if (sc)
		ast_print_script(&b, sc);
	verdict(sc && !strcmp(buf_text(&b), want), "library macros in a script without -g",
		sc ? buf_text(&b) : setup_messages(&s), want);
	lib.text = "@define a %( 1 %) probe begin {}";
	lib.size = strlen(lib.text);
	verdict(!pp_load_macros(&s.a, &s.d, &lib, &s.env) &&
		strstr(setup_messages(&s), "expected '@define'") &&
		strstr(setup_messages(&s), "lib.stpm:1:19"),
		".stpm holds definitions only", setup_messages(&s), "expected '@define' at 1:19");
	buf_deinit(&b);
	strmap_deinit(s.env.macros);
	setup_deinit(&s);
}

static void test_args_used(void)
{
	const char *args[] = { "1", "2", "3" };
	struct setup s;
	static const char some[] = "probe timer.s($1) { print(@3) }";

	setup_init(&s);
	s.env.argv = args;
	s.env.argc = 3;
	verdict(setup_parse(&s, some, sizeof(some) - 1) && s.used[0] && !s.used[1] && s.used[2],
		"arguments marked as used", "other marks", "1 and 3");
	setup_deinit(&s);
}

/* ---- what a script may hold by where it is from ---- */

static void test_priority(void)
{
	static const char text[] = "function f() {} function g():7 {}";
	struct setup s;
	struct script *user, *tapset;

	setup_init(&s);
	user = setup_parse(&s, text, sizeof(text) - 1);
	s.src.tapset = true;
	tapset = setup_parse(&s, text, sizeof(text) - 1);
	verdict(user && tapset && user->functions.v[0]->priority == 0 &&
		tapset->functions.v[0]->priority == 1 && tapset->functions.v[1]->priority == 7,
		"priorities", setup_messages(&s), "0, 1, 7");
	setup_deinit(&s);
}

/* ---- limits and cost ---- */

static void repeat(struct buf *b, const char *s, size_t n)
{
	while (n--)
		buf_puts(b, s);
}

static const struct { const char *what, *head, *open, *middle, *close, *tail, *message; } deep[] = {
	{ "parentheses", "probe begin { x = ", "(", "1", ")", " }", "nested too deep" },
	{ "unary operators", "probe begin { x = ", "- ", "1", "", " }", "nested too deep" },
	{ "a chain of sums", "probe begin { x = ", "1 + ", "1", "", " }", "too complex" },
	{ "a chain of ->", "probe begin { x = $a", "->b[1", "", "]", " }", "nested too deep" },
	{ "assignments", "probe begin { ", "a = ", "1", "", " }", "nested too deep" },
	{ "?:", "probe begin { x = ", "a ? b : ", "1", "", " }", "nested too deep" },
	{ "blocks", "probe begin ", "{", "", "}", "", "nested too deep" },
	{ "else if", "probe begin { ", "if (a) b else ", "c", "", " }", "nested too deep" },
	{ "braces", "probe ", "{", "a", "}", " {}", "nested too deep" },
	{ "alternatives", "probe a", ".{a,b}", "", "", " {}", "too many alternatives" },
	{ "array elements", "probe begin { x = ", "a[", "1", "]", " }", "nested too deep" },
};

static void test_deep(void)
{
	for (size_t i = 0; i < sizeof(deep) / sizeof(*deep); i++) {
		struct buf b = { 0 };
		struct setup s;
		struct script *sc;

		setup_init(&s);
		buf_puts(&b, deep[i].head);
		repeat(&b, deep[i].open, 100000);
		buf_puts(&b, deep[i].middle);
		repeat(&b, deep[i].close, 100000);
		buf_puts(&b, deep[i].tail);
		sc = setup_parse(&s, b.p, b.n);
		verdict(!sc && strstr(setup_messages(&s), deep[i].message),
			arena_printf(&s.a, "100000 %s", deep[i].what),
			sc ? "parsed" : "another message", deep[i].message);
		buf_deinit(&b);
		setup_deinit(&s);
	}
}

static double parse_seconds(const char *head, const char *piece, size_t n, const char *tail)
{
	struct buf b = { 0 };
	struct setup s;
	clock_t start;
	double r;

	setup_init(&s);
	buf_puts(&b, head);
	repeat(&b, piece, n);
	buf_puts(&b, tail);
	start = clock();
	setup_parse(&s, b.p, b.n);
	r = (double)(clock() - start) / CLOCKS_PER_SEC;
	buf_deinit(&b);
	setup_deinit(&s);
	return r;
}

/* Eight times the text may cost eight times the time; thirty-two would be quadratic by half. */
static const struct { const char *what, *head, *piece, *tail; } costs[] = {
	{ "cost of statements", "probe begin {", " x = y + f(\"a\" \"b\") . $z->a[3]\n", "}" },
	{ "cost of probes", "", "probe kernel.function(\"a\") { if (x) { y++ } }\n", "" },
	{ "cost of adjacent strings", "probe begin { x = ", "\"a\" ", "}" },
	{ "cost of components", "probe a", ".b", " {}" },
	{ "cost of macro calls", "@define m(a) %( f(@a) %)\nprobe begin {", " x = @m(@m(1))\n", "}" },
	{ "cost of conditions", "probe begin { x = ", "/* \" */ %( 1 == 2 %? a %: %) ", "1 }" },
	{ "cost of globals", "global a", ", b[10]", "" },
	{ "cost of call arguments", "probe begin { f(", "1, ", "2) }" },
	{ "cost of unclosed strings", "", "\"a\n", "" },
	{ "cost of unclosed embedded code", "", "%{ ", "" },
	{ "cost of unclosed comments", "", "/* ", "" },
	{ "cost of a long string", "probe begin { x = \"", "a\\n", "\" }" },
};

static void test_cost(void)
{
	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		double small = parse_seconds(costs[i].head, costs[i].piece, 4000, costs[i].tail);
		double large = parse_seconds(costs[i].head, costs[i].piece, 32000, costs[i].tail);
		char got[64];

		snprintf(got, sizeof(got), "%.4f s, then %.4f s for 8 times as much", small, large);
		verdict(large < 32 * small + 0.05, costs[i].what, got, "cost in proportion");
	}
}

static void test_bytes(void)
{
	static const char nul[] = "probe begin { x = \"a\0b\\0c\" \0 }";
	struct setup s;

	setup_init(&s);
	verdict(!setup_parse(&s, nul, sizeof(nul) - 1) &&
		strstr(setup_messages(&s), "<input>:1:28"), "a NUL byte", setup_messages(&s),
		"unexpected character at <input>:1:28");
	setup_deinit(&s);
}

/* N macros, each using the one before once or twice, are refused: 2^40 tokens, 100000 calls. */
static void test_macro_growth(const char *what, int n, bool twice)
{
	struct buf b = { 0 };
	struct setup s;

	setup_init(&s);
	buf_puts(&b, "@define m0 %( x %)\n");
	for (int i = 1; i <= n; i++) {
		buf_printf(&b, "@define m%d %%( @m%d ", i, i - 1);
		if (twice)
			buf_printf(&b, "@m%d ", i - 1);
		buf_puts(&b, "%)\n");
	}
	buf_printf(&b, "probe begin { @m%d }\n", n);
	verdict(!setup_parse(&s, b.p, b.n) && strstr(setup_messages(&s), "too deep or too far"),
		what, setup_messages(&s), "expands too deep or too far");
	buf_deinit(&b);
	setup_deinit(&s);
}

int main(void)
{
	test_groupings();
	test_conditions();
	test_tokens();
	test_library_macros();
	test_args_used();
	test_priority();
	test_deep();
	test_cost();
	test_bytes();
	test_macro_growth("growth by macros", 40, true);
	test_macro_growth("a chain of macros", 100000, false);
	return failures > 0;
}
