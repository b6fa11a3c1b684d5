/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_random [HANDLERS [SEED]]: random handlers through lowering, optimiser and cgen.  The reference interpreter
 * runs the IR as lowered and as optimised, the generated C runs with the runtime's own data room: all three must
 * print the same.  Every handler is five statements of nested expressions and shows all variables at its end, and
 * globals and arrays live on from one to the next.  As test_random HANDLERS SEED script it prints the script,
 * errors caught, and with `out` what it must print: testsuite/run/language/random is made so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "cgen/cgen.h"
#include "interp.h"
#include "opt/opt.h"
#include "syntax_setup.h"

static const char declarations[] =
	"global g = 7, h, s1 = \"init\", arr, brr\n"
	"function add(a, b) { return a + b * 3 }\n"
	"function mix(a) { g = g * 3 + a; return g ^ a }\n"
	"function least(a, b) { if (a < b) return a; return b }\n"
	"function count(a) { n = 0; while (a && n < 9) { a = a >> 1; n++ } return n }\n"
	"function s_pair:string (sx:string, a) { return \"<\" . sx . sprint(a) . \">\" }\n"
	"function s_set:string (sx:string) { s1 = sx; return s1 . \"!\" }\n";

static uint32_t seed;

static unsigned below(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static const char *one_of(const char *const *list, unsigned n)
{
	return list[below(n)];
}

#define ONE_OF(list) one_of(list, sizeof(list) / sizeof((list)[0]))

static void number(struct buf *b, unsigned depth);
static void string(struct buf *b, unsigned depth);

static void two_strings(struct buf *b, const char *op, unsigned depth)
{
	buf_putc(b, '(');
	string(b, depth);
	buf_printf(b, " %s ", op);
	string(b, depth);
	buf_putc(b, ')');
}

static void leaf(struct buf *b)
{
	static const char *const leaves[] = {
		"0", "1", "2", "(-1)", "7", "63", "64", "9223372036854775807", "(-9223372036854775807 - 1)",
		"4294967296",
		"i", "j", "k", "g", "h", "i", "j", "k", "i++", "--j", "k--", "++g", "h++",
	};

	buf_puts(b, ONE_OF(leaves));
}

static void call(struct buf *b, unsigned depth)
{
	static const char *const two[] = { "add", "least" }, *const single[] = { "mix", "count" };
	bool both = below(2);

	buf_printf(b, "%s(", both ? ONE_OF(two) : ONE_OF(single));
	number(b, depth);
	if (both) {
		buf_puts(b, ", ");
		number(b, depth);
	}
	buf_putc(b, ')');
}

static void element(struct buf *b, unsigned depth)
{
	static const char *const arrays[] = { "arr", "brr" };

	if (below(3)) {
		buf_printf(b, "%s[%u]", ONE_OF(arrays), below(6));
		return;
	}
	buf_printf(b, "%s[", ONE_OF(arrays));
	number(b, depth);
	buf_putc(b, ']');
}

static void operation(struct buf *b, unsigned depth)
{
	static const char *const binary[] = {
		"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>", "==", "!=", "<", "<=", ">", ">=", "&&", "||",
		"+", "-", "*", "&",
	}, *const unary[] = { "-", "!", "~" }, *const order[] = { "==", "!=", "<", "<=", ">", ">=" },
	*const assign[] = { "=", "+=", "-=", "*=", "|=", "^=", "<<=", ">>=", "/=", "%=" };

	switch (below(12)) {
	case 0: buf_printf(b, "(%s ", ONE_OF(unary)); number(b, depth); buf_putc(b, ')'); break;
	case 1: buf_putc(b, '('); number(b, depth); buf_puts(b, " ? "); number(b, depth); buf_puts(b, " : ");
		number(b, depth); buf_putc(b, ')'); break;
	case 2: two_strings(b, ONE_OF(order), depth); break;
	case 3: call(b, depth); break;
	case 4: element(b, depth); break;
	case 5: buf_puts(b, "("); number(b, depth); buf_puts(b, " in arr)"); break;
	case 6: buf_printf(b, "(i %s ", ONE_OF(assign)); number(b, depth); buf_putc(b, ')'); break;
	default: buf_putc(b, '('); number(b, depth); buf_printf(b, " %s ", ONE_OF(binary)); number(b, depth);
		buf_putc(b, ')');
	}
}

static void number(struct buf *b, unsigned depth)
{
	if (!depth || !below(5))
		leaf(b);
	else
		operation(b, depth - 1);
}

static void string(struct buf *b, unsigned depth)
{
	static const char *const leaves[] = { "s", "sx", "s1", "\"\"", "\"a\"", "\"bc\"", "s", "sx" };

	if (!depth) {
		buf_puts(b, ONE_OF(leaves));
		return;
	}
	depth--;
	switch (below(8)) {
	case 0: two_strings(b, ".", depth); break;
	case 1: buf_puts(b, "sprint("); number(b, depth); buf_putc(b, ')'); break;
	case 2: buf_puts(b, "sprintf(\"%d:%s\", "); number(b, depth); buf_puts(b, ", "); string(b, depth);
		buf_putc(b, ')'); break;
	case 3: buf_putc(b, '('); number(b, depth); buf_puts(b, " ? "); string(b, depth); buf_puts(b, " : ");
		string(b, depth); buf_putc(b, ')'); break;
	case 4: buf_puts(b, "s_pair("); string(b, depth); buf_puts(b, ", "); number(b, depth); buf_putc(b, ')');
		break;
	case 5: buf_puts(b, "s_set("); string(b, depth); buf_putc(b, ')'); break;
	default: buf_puts(b, ONE_OF(leaves));
	}
}

static void statement(struct buf *b, unsigned depth, unsigned loops);

static void block(struct buf *b, unsigned depth, unsigned loops)
{
	buf_puts(b, "{ ");
	for (unsigned n = 1 + below(2); n; n--)
		statement(b, depth, loops);
	buf_puts(b, "} ");
}

static void loop(struct buf *b, unsigned depth, unsigned loops)
{
	switch (below(3)) {
	case 0:
		buf_printf(b, "for (l%u = 0; l%u < %u; l%u++) ", loops, loops, 1 + below(3), loops);
		break;
	case 1:
		buf_printf(b, "l%u = %u; while (l%u-- > 0) ", loops, 1 + below(3), loops);
		break;
	default:
		buf_printf(b, "foreach (l%u%c in brr limit %u) ", loops, "+-"[below(2)], 1 + below(3));
		/* the array may not change in it: calls and elements of brr are left out */
		buf_printf(b, "{ g += l%u; println(l%u) if (l%u > %u) break; if (l%u & 1) continue; h++ } ", loops,
			   loops, loops, below(9), loops);
		return;
	}
	block(b, depth, loops + 1);
}

static void simple(struct buf *b, unsigned depth, unsigned loops)
{
	static const char *const vars[] = { "i", "j", "k", "g", "h" }, *const strings[] = { "s", "sx", "s1" };

	switch (below(10)) {
	case 0: buf_printf(b, "%s = ", ONE_OF(strings)); string(b, depth + 1); break;
	case 1: buf_printf(b, "%s .= ", ONE_OF(strings)); string(b, depth); break;
	case 2: element(b, 1); buf_puts(b, " = "); number(b, depth + 1); break;
	case 3: element(b, 0); buf_puts(b, " += "); number(b, depth); break;
	case 4: element(b, 0); buf_puts(b, "++"); break;
	case 5: buf_puts(b, "delete "); element(b, 0); break;
	case 6: buf_puts(b, "println("); number(b, depth + 1); buf_puts(b, ", \" \", "); string(b, depth);
		buf_putc(b, ')'); break;
	case 7:
		buf_puts(b, loops && below(2) ? "if (k & 1) break" : loops ? "if (j & 1) continue" : "delete arr");
		break;
	default: buf_printf(b, "%s = ", ONE_OF(vars)); number(b, depth + 2);
	}
	buf_puts(b, "; ");
}

static void statement(struct buf *b, unsigned depth, unsigned loops)
{
	unsigned kind = depth ? below(8) : 8;

	if (kind == 0) {
		buf_puts(b, "if (");
		number(b, depth);
		buf_puts(b, ") ");
		block(b, depth - 1, loops);
		if (below(2)) {
			buf_puts(b, "else ");
			block(b, depth - 1, loops);
		}
	} else if (kind == 1) {
		loop(b, depth - 1, loops);
	} else if (kind == 2) {
		buf_puts(b, "try ");
		block(b, depth - 1, loops);
		buf_puts(b, "catch (s) { println(\"caught \", s) } ");
	} else {
		simple(b, depth, loops);
	}
}

static void handler(struct buf *b, bool caught)
{
	buf_printf(b, "probe begin { %si = 5; j = g; k = -3; s = \"s\"; sx = \"x\"; ", caught ? "try { " : "");
	for (int n = 0; n < 5; n++)
		statement(b, 2, 0);
	buf_puts(b, "println(i, \" \", j, \" \", k, \" \", g, \" \", h, \" \", s, \" \", sx, \" \", s1); s1 = \"\"");
	buf_puts(b, caught ? " } catch (sx) { println(\"error: \", sx) } }\n" : " }\n");
}

/* ---- the three ---- */

static void write_unit(const char *dir, const struct ir_program *p)
{
	struct session *s = calloc(1, sizeof(*s));
	struct buf text = { 0 };
	char path[256];
	FILE *f;

	s->kernel.release = "test";
	cgen_unit(&text, &s->kernel_unit, p, s);
	snprintf(path, sizeof(path), "%s/unit.c", dir);
	f = fopen(path, "w");
	if (!f || fputs(buf_text(&text), f) < 0 || fclose(f))
		exit(1);
	buf_deinit(&text);
	free(s);
}

static bool run_unit(const char *dir, struct buf *out)
{
	static const char *const data[] = { "map", "iter", "hist", "stat", "string", "format" };
	struct buf b = { 0 };
	char path[256];
	bool ok;

	buf_printf(&b, "cd %s && gcc -std=gnu11 -O0 -w -fwrapv -fno-strict-aliasing -I" SRCDIR "/runtime -I" SRCDIR
		   "/testsuite/unit unit.c " SRCDIR "/testsuite/unit/mock_runtime.c", dir);
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		buf_printf(&b, " " SRCDIR "/runtime/data/%s.c", data[i]);
	buf_puts(&b, " -o unit && ./unit > out");
	ok = system(buf_text(&b)) == 0;
	snprintf(path, sizeof(path), "%s/out", dir);
	ok = ok && buf_read_file(out, path);
	buf_deinit(&b);
	return ok;
}

/* Places of errors are the script's in both, so outputs agree to the byte.  Counts handlers that do. */
static unsigned compare(const char *what, struct buf *want, struct buf *got, const struct script *script)
{
	const char *w = buf_text(want), *g = buf_text(got);
	unsigned same = 0, told = 0;

	for (size_t i = 0; i < script->probes.n; i++) {
		const char *we = strstr(w, "== \n"), *ge = strstr(g, "== \n");
		struct buf text = { 0 };

		if (!we || !ge)
			break;
		if (we - w == ge - g && !memcmp(w, g, (size_t)(we - w))) {
			same++;
		} else if (told++ < 3) {
			ast_print_stmt(&text, script->probes.v[i]->body, 0);
			printf("# %s, handler %zu:\n%s\n# interpreter:\n%.*s# %s:\n%.*s", what, i, buf_text(&text),
			       (int)(we - w), w, what, (int)(ge - g), g);
		}
		buf_deinit(&text);
		w = we + 4;
		g = ge + 4;
	}
	printf("%sok random: %u of %zu handlers agree: %s\n", same == script->probes.n ? "" : "not ", same,
	       script->probes.n, what);
	failures += same != script->probes.n;
	return same;
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 400;
	struct buf text = { 0 }, lowered = { 0 }, optimised = { 0 }, compiled = { 0 };
	char dir[] = "/tmp/test_random.XXXXXX", clean[64];
	struct ir_program *p;
	struct script *script;
	const char *what;
	struct setup s;

	what = argc > 3 ? argv[3] : NULL;
	seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;
	setup_init(&s);
	buf_puts(&text, declarations);
	while (n--)
		handler(&text, what);
	script = setup_parse(&s, buf_text(&text), text.n);
	p = script ? ir_lower(&s.a, &s.d, bind_script(&s.a, script)) : NULL;
	if (!p || !mkdtemp(dir)) {
		printf("not ok random: %s\n", setup_messages(&s));
		return 1;
	}
	interp_run(&lowered, &s.a, p);
	if (what) {
		fputs(!strcmp(what, "script") ? buf_text(&text) : buf_text(&lowered), stdout);
		return 0;
	}
	ir_optimise(&s.a, p);
	interp_run(&optimised, &s.a, p);
	compare("optimised IR", &lowered, &optimised, script);
	write_unit(dir, p);
	if (!run_unit(dir, &compiled)) {
		printf("not ok random: the unit does not compile or run\n");
		failures++;
	} else {
		compare("generated C", &lowered, &compiled, script);
	}
	snprintf(clean, sizeof(clean), "rm -rf %s", dir);
	if (system(clean))
		perror(clean);
	setup_deinit(&s);
	return failures != 0;
}
