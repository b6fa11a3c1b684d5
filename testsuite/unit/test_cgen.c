// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scripts through lowering, optimiser and cgen, compiled with the runtime's own data room and run.
 * Every case is a handler of one program; the program runs as lowered and as optimised, and both
 * must print the same.  The unit is also compiled as the kernel would, warnings being errors.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "cgen/cgen.h"
#include "opt/opt.h"
#include "random_cases.h"
#include "syntax_setup.h"

struct test_case {
	const char *name, *body, *want;
};

static const char declarations[] =
#include "cgen_declarations.inc"
;

static const struct test_case written[] = {
#include "cgen_cases.inc"
};

enum { NWRITTEN = sizeof(written) / sizeof(written[0]), NRANDOM = 60, NCASES = NWRITTEN + NRANDOM };

static struct test_case cases[NCASES];

static void make_cases(struct arena *a, uint32_t first)
{
	memcpy(cases, written, sizeof(written));
	for (uint32_t i = 0; i < NRANDOM; i++) {
		struct test_case *c = &cases[NWRITTEN + i];

		c->name = arena_printf(a, "random %u", first + i);
		random_case(a, first + i, &c->body, &c->want);
	}
}

static void check(bool ok, const char *what, const char *why)
{
	verdict(ok, what, why ? why : "", "");
}

/* What is wanted of an error ends before the line number. */
static bool as_wanted(const char *got, const char *want)
{
	size_t n = strlen(want);

	return n && want[n - 1] == ':' ? !strncmp(got, want, n) : !strcmp(got, want);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void build_script(struct buf *b)
{
	buf_puts(b, declarations);
	for (int i = 0; i < NCASES; i++)
		buf_printf(b, "probe begin { %s }\n", cases[i].body);
}

/* As the kernel's build does, with what is not there taken away. */
static const char kernel_flags[] =
	"-D__KERNEL__ -nostdinc -ffreestanding -std=gnu11 -O2 -mno-sse -fno-strict-aliasing -fwrapv "
	"-Wall -Wundef -Werror -Wstrict-prototypes -Wdeclaration-after-statement -Wvla "
	"-Wframe-larger-than=1024 -Wno-format-security -Wimplicit-fallthrough=5";
static const char user_flags[] =
	"-std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra -Werror "
	"-Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers";

static bool compile(const char *dir, const char *what)
{
	struct buf b = { 0 };
	bool ok;

	buf_printf(&b, "cd %s && gcc %s -I" SRCDIR "/runtime -c unit.c -o kernel.o", dir, kernel_flags);
	ok = system(buf_text(&b)) == 0;
	check(ok, what, "the unit does not compile as in the kernel");
	buf_clear(&b);
	buf_printf(&b, "cd %s && gcc %s -I" SRCDIR "/runtime -I" SRCDIR "/testsuite/unit unit.c "
		   SRCDIR "/testsuite/unit/mock_runtime.c", dir, user_flags);
	for (const char *const *f = (const char *const[]){ "map", "iter", "hist", "stat", "string", "format",
							   NULL }; *f; f++)
		buf_printf(&b, " " SRCDIR "/runtime/data/%s.c", *f);
	buf_puts(&b, " -o unit && ./unit > out");
	ok = ok && system(buf_text(&b)) == 0;
	check(ok, what, "the unit does not compile or run");
	buf_deinit(&b);
	return ok;
}

static void compare(const char *dir, const char *what)
{
	char *path = NULL, *at, *end;
	struct buf out = { 0 };

	if (asprintf(&path, "%s/out", dir) < 0 || !buf_read_file(&out, path))
		exit(1);
	at = out.p;
	for (int i = 0; i < NCASES; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s: %s", what, cases[i].name);
		end = at ? strstr(at, "== \n") : NULL;
		if (end)
			*end = '\0';
		verdict(at && as_wanted(at, cases[i].want), name, at ? at : "no output", cases[i].want);
		at = end ? end + 4 : NULL;
	}
	free(path);
	buf_deinit(&out);
}

static void print_unit(struct buf *out, const struct ir_program *p)
{
	struct session *s = calloc(1, sizeof(*s));

	s->kernel.release = "test";
	cgen_unit(out, &s->kernel_unit, p, s);
	buf_deinit(&s->kernel_unit);
	free(s);
}

static void run_unit(struct setup *s, const struct ir_program *p, const char *dir, const char *what)
{
	struct buf text = { 0 }, again = { 0 };
	const char *wrong = ir_verify(&s->a, p);
	char path[256];

	check(!wrong, arena_printf(&s->a, "%s: verified", what), wrong);
	print_unit(&text, p);
	print_unit(&again, p);
	check(!strcmp(buf_text(&text), buf_text(&again)), "the same text twice", "texts differ");
	snprintf(path, sizeof(path), "%s/unit.c", dir);
	write_file(path, buf_text(&text));
	if (compile(dir, what))
		compare(dir, what);
	buf_deinit(&text);
	buf_deinit(&again);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/test_cgen.XXXXXX", clean[64];
	struct buf text = { 0 };
	struct ir_program *p;
	struct script *script;
	struct setup s;

	setup_init(&s);
	s.env.guru = s.src.guru = true;
	/* with a number: other random cases than each time */
	make_cases(&s.a, argc > 1 && *argv[1] != '-' ? (uint32_t)strtoul(argv[1], NULL, 10) : 0);
	build_script(&text);
	script = setup_parse(&s, buf_text(&text), text.n);
	s.src.tapset = s.src.shipped = true;	/* C in it needs no kernel headers */
	p = script ? ir_lower(&s.a, &s.d, bind_script(&s.a, script)) : NULL;
	check(p, "lowered", setup_messages(&s));
	if (!p || !mkdtemp(dir))
		return 1;
	run_unit(&s, p, dir, "lowered");
	ir_optimise(&s.a, p);
	run_unit(&s, p, dir, "optimised");
	snprintf(clean, sizeof(clean), "rm -rf %s", dir);
	if (argc > 1 && !strcmp(argv[1], "-k"))
		printf("# kept: %s\n", dir);
	else if (system(clean))
		perror(clean);
	buf_deinit(&text);
	setup_deinit(&s);
	return failures != 0;
}
