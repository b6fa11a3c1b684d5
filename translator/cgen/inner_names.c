// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names that C in scripts has taken from the inside of SystemTap's runtime, though no manual states them: macros that
 * do the same here, defined around each of the user's texts that has the name in it and nowhere else.
 * Reading memory that is not there gives 0 and sets the error that CATCH_DEREF_FAULT() looks for.
 */
#include <string.h>

#include "cgen/emit.h"

#define ADDRESS(p) "(uint64_t)(unsigned long)(" p ")"

static const struct {
	const char *text;	/* what the user's text has in it */
	const char *name;	/* the macro */
	const char *is;		/* parameters and body */
} inner[] = {
	{ "CONTEXT->last_error", "last_error", " error" },
	{ "CONTEXT->probe_point", "probe_point", " probe->pp" },
	{ "CONTEXT->kregs", "kregs", " regs" },
	{ "CONTEXT->uregs", "uregs", " regs" },
	{ "CONTEXT->user_mode_p", "user_mode_p", " user_regs" },
	{ "_stp_snprintf", "_stp_snprintf", " snprintf" },
	{ "_stp_vsnprintf", "_stp_vsnprintf", " vsnprintf" },
	{ "_stp_warn", "_stp_warn", "(...) stp_warn(stap_c, __VA_ARGS__)" },
	{ "_stp_error", "_stp_error", "(...) stp_error(stap_c, __VA_ARGS__)" },
	{ "_stp_exit", "_stp_exit", "() stp_exit(stap_c)" },
	{ "_stp_target", "_stp_target", " ((int)stp_target())" },
	{ "_stp_random_u", "_stp_random_u", "(n) ((unsigned int)stp_random(n))" },
	{ "uderef", "uderef", "(size, p) ((int64_t)stp_load_user(stap_c, " ADDRESS("p") ", (size)))" },
	{ "uread", "uread", "(p) ((__typeof__(*(p)))stp_load_user(stap_c, " ADDRESS("p") ", sizeof(*(p))))" },
	{ "deref", "deref", "(size, p) ((int64_t)stp_load(stap_c, " ADDRESS("p") ", (size)))" },
	{ "kwrite", "kwrite", "(p, v) stp_store(stap_c, " ADDRESS("p") ", sizeof(*(p)), (uint64_t)(v))" },
	{ "uwrite", "uwrite", "(p, v) stp_store_user(stap_c, " ADDRESS("p") ", sizeof(*(p)), (uint64_t)(v))" },
	{ "store_deref", "store_deref", "(size, p, v) stp_store(stap_c, " ADDRESS("p") ", (size), (uint64_t)(v))" },
	{ "store_kderef", "store_kderef", "(size, p, v) stp_store(stap_c, " ADDRESS("p") ", (size), (uint64_t)(v))" },
	{ "store_uderef", "store_uderef",
	  "(size, p, v) stp_store_user(stap_c, " ADDRESS("p") ", (size), (uint64_t)(v))" },
#define STRING(user) "(to, p, max) do { if (stp_try_string(" ADDRESS("p") ", " user ", (to), (max)) < 0)" \
	" stp_error(stap_c, \"no text at 0x%lx\", (unsigned long)(p)); } while (0)"
	{ "deref_string", "deref_string", STRING("false") },
	{ "kderef_string", "kderef_string", STRING("false") },
	{ "uderef_string", "uderef_string", STRING("true") },
};

void cgen_inner_names(struct cgen *g, const char *text, bool define)
{
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (strstr(text, inner[i].text))
			cgen_line(g, define ? "#define %s%s" : "#undef %s", inner[i].name, inner[i].is);
}
