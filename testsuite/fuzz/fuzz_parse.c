/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a script, in guru mode and with arguments: no crash, and what parses prints as
 * something that parses and prints the same.  For libFuzzer, and run bounded by test_syntax_fuzz.
 */
#include "testsuite/unit/syntax_setup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *args[] = { "5+5", "my \"string" };
	struct buf text = { 0 }, once = { 0 }, twice = { 0 };
	struct script *sc;
	struct setup s;

	setup_init(&s);
	s.env.argv = args;
	s.env.argc = 2;
	s.src.guru = true;
	buf_add(&text, (const char *)data, size);
	sc = setup_parse(&s, buf_text(&text), text.n);
	if (sc)
		ast_print_script(&once, sc);
	if (sc && sc->decls.n) {
		sc = setup_parse(&s, buf_text(&once), once.n);
		if (sc)
			ast_print_script(&twice, sc);
		if (!sc || strcmp(once.p, twice.p)) {
			fprintf(stderr, "%s\nprints otherwise again:\n%s\n%s", once.p,
				buf_text(&twice), setup_messages(&s));
			abort();
		}
	}
	buf_deinit(&text);
	buf_deinit(&once);
	buf_deinit(&twice);
	setup_deinit(&s);
	return 0;
}
