/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of syntax/ and library/ share: an environment, parsing of a string, verdicts. */
#ifndef UNIT_SYNTAX_SETUP_H
#define UNIT_SYNTAX_SETUP_H

#include <stdlib.h>
#include <string.h>

#include "syntax/syntax.h"

struct setup {
	struct arena a;
	struct diag d;
	struct pp_env env;
	struct source src;
	bool used[8];
	char *messages;		/* what was reported; complete after setup_messages() */
	size_t nmessages;
};

static int failures;

static inline const char *test_config(void *arg, const char *name)
{
	(void)arg;
	return !strcmp(name, "CONFIG_SMP") ? "y" : !strcmp(name, "CONFIG_NFSD") ? "m" :
	       !strcmp(name, "CONFIG_HZ") ? "250" : NULL;
}

static inline void setup_init(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	arena_init(&s->a, "test");
	diag_init(&s->d, open_memstream(&s->messages, &s->nmessages));
	s->env = (struct pp_env){
		.kernel_v = "6.1.192", .kernel_vr = "6.1.0-56-cloud-amd64", .arch = "x86_64",
		.systemtap_v = "5.2", .privilege = "stapdev", .runtime = "kernel",
		.config = test_config, .arg_used = s->used,
	};
	s->src.name = "<input>";
}

static inline void setup_deinit(struct setup *s)
{
	fclose(s->d.out);
	free(s->messages);
	diag_deinit(&s->d);
	arena_deinit(&s->a);
}

static inline const char *setup_messages(struct setup *s)
{
	fflush(s->d.out);
	return s->messages ? s->messages : "";
}

static inline struct script *setup_parse(struct setup *s, const char *text, size_t size)
{
	s->src.text = text;
	s->src.size = size;
	return parse_script(&s->a, &s->d, &s->src, &s->env);
}

/* WHAT names the test; the rest of a failure is printed below it as comment lines. */
static inline void verdict(bool ok, const char *what, const char *got, const char *want)
{
	printf("%sok %s%s\n", ok ? "" : "not ", what, ok ? "" : ": differs");
	failures += !ok;
	if (!ok)
		printf("# got:\n%s\n# want:\n%s\n", got, want);
}

#endif
