// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a script through passes 1 to 3 in the world of the test scripts: no crash, and what
 * the translator makes is what its verifier takes.
 */
#include <unistd.h>

#include "cgen/cgen.h"
#include "library/library.h"
#include "opt/opt.h"
#include "sema/sema.h"
#include "testsuite/unit/syntax_setup.h"
#include "testsuite/unit/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct session *s, const struct ir_program *p)
{
	const char *wrong = ir_verify(&s->arena, p);

	if (wrong) {
		fprintf(stderr, "verifier: %s\n", wrong);
		abort();
	}
}

static void translate(struct session *s)
{
	struct ir_program *p = sema_run(s) ? ir_lower(&s->arena, &s->diag, s->program) : NULL;
	struct buf unit = { 0 };

	if (!p)
		return;
	check(s, p);
	ir_optimise(&s->arena, p);
	check(s, p);
	s->kernel.release = "test";
	cgen_unit(&unit, &s->kernel_unit, p, s);
	buf_deinit(&unit);
	buf_deinit(&s->kernel_unit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *args[] = { "5", "text" }, *dirs[] = { SRCDIR "/testsuite/world" };
	struct session s = { .opt.guru = true };
	struct buf text = { 0 };
	struct script *script;
	struct setup t;

	setup_init(&t);
	world_init();
	s.arena = t.a;
	s.diag = t.d;
	s.pp = t.env;
	s.pp.argv = args;
	s.pp.argc = 2;
	s.pp.guru = t.src.guru = true;
	buf_add(&text, (const char *)data, size);
	t.src.text = buf_text(&text);
	t.src.size = text.n;
	s.library = library_open(&s.arena, &s.diag, dirs, 1, 1, &s.pp);
	script = parse_script(&s.arena, &s.diag, &t.src, &s.pp);
	if (script) {
		*vec_add(&s.arena, &s.scripts) = script;
		translate(&s);
	} else if (!s.diag.errors) {
		abort();	/* refused without a word */
	}
	library_close(s.library);
	strmap_deinit(&s.headers);
	t.d = s.diag;
	t.a = s.arena;
	setup_deinit(&t);
	buf_deinit(&text);
	return 0;
}
