// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A point that found nothing: why, and the nearest thing that there is.  What wildcards passed over.
 */
#include "family/kprobe.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "session/session.h"

static const char *similar_names(struct kprobe_search *s)
{
	const char *near[5], *text;
	size_t n = dbg_similar_functions(s->o, s->pattern.name, near, 5);
	struct buf b = {0};

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : " (similar functions: ", near[i]);
	if (n)
		buf_putc(&b, ')');
	text = arena_strdup(s->r->a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

/* A name that is there in the other form: called when inlined was asked for, or the reverse. */
static const char *other_form(struct kprobe_search *s)
{
	struct dbg_func_list l = {0};
	unsigned which = kprobe_which(s->m->form->kind);

	if (which == (DBG_BODIES | DBG_INLINES) || str_is_glob(s->pattern.name))
		return NULL;
	dbg_functions(s->o, s->r->a, s->pattern.name, s->pattern.file, 0,
		      which == DBG_BODIES ? DBG_INLINES : DBG_BODIES, &l);
	if (!l.n)
		return NULL;
	if (which == DBG_INLINES)
		return arena_printf(s->r->a, "function '%s' has no inlined instance; use .call",
				    s->pattern.name);
	return arena_printf(s->r->a, "function '%s' is inlined everywhere it is used (%zu instances) "
			    "and never called%s", s->pattern.name, l.n,
			    s->m->form->kind == KP_RETURN ? ", so there is no return to probe; probe "
			    "its entry with .inline" : "; use .inline");
}

/* A symbol whose code the compiler merged with that of an equal function: DWARF has the other name. */
static const struct dbg_func *merged_with(struct kprobe_search *s)
{
	uint64_t addr;

	if (dbg_module_name(s->o) || !dbg_symbol(s->o, s->pattern.name, &addr))
		return NULL;
	return dbg_scope_at(s->o, s->r->a, addr, NULL);
}

static const char *names_of(struct kprobe_search *s, const char *none, const char *some,
			    const char *const *names, size_t n)
{
	struct buf b = {0};
	const char *text;
	size_t shown = 0;

	buf_puts(&b, n ? some : none);
	for (size_t i = 0; i < n && shown < 8; i++) {
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen |= !strcmp(names[i], names[j]);
		if (!seen)
			buf_printf(&b, "%s%s", shown++ ? ", " : " ", names[i]);
	}
	text = arena_strdup(s->r->a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

struct names { const char **v; size_t n, cap; };

/* The functions are there, but not the label or the callee. */
static const char *missing_part(struct kprobe_search *s)
{
	bool label = s->m->form->kind == KP_LABEL;
	struct dbg_func_list l = {0};
	struct names names = {0};

	if (s->jumped)
		return arena_printf(s->r->a, "'%s' is called by a jump at the end of '%s', which leaves "
				    "no trace of the caller (-DSTAP_CALLEE_MATCHALL takes all its calls)",
				    s->jumped->func->name, s->pattern.name);
	dbg_functions(s->o, s->r->a, s->pattern.name, s->pattern.file, 0, DBG_BODIES | DBG_INLINES, &l);
	vec_each(&l, i) {
		struct dbg_label_list labels = {0};
		struct dbg_callee_list calls = {0};

		if (label)
			dbg_labels(l.v[i], s->r->a, "*", &labels);
		else
			dbg_callees(l.v[i], s->r->a, "*", &calls);
		vec_each(&labels, k)
			*vec_add(s->r->a, &names) = labels.v[k].name;
		vec_each(&calls, k)
			*vec_add(s->r->a, &names) = calls.v[k].func->name;
	}
	if (label)
		return names_of(s, "the function has no label with code",
				"no such label; the function has", names.v, names.n);
	return names_of(s, "the function calls nothing that can be told from debuginfo",
			"no such call; the function calls", names.v, names.n);
}

/* Does the point ask for what BTF does not know? */
static bool needs_dwarf(const struct kprobe_search *s)
{
	int kind = s->m->form->kind;

	return s->pattern.file || s->pattern.lines.n || !s->pattern.name ||
	       (kind != KP_FUNCTION && kind != KP_CALL && kind != KP_RETURN && kind != KP_EXPORTED);
}

static bool say(struct kprobe_search *s, const char *text)
{
	return family_unresolved(s->r, s->m, s->place, "no-match", "no match: %s", text);
}

bool kprobe_report_nothing(struct kprobe_search *s)
{
	const char *what = kprobe_what(s), *other;
	int kind = s->m->form->kind;
	const struct dbg_func *merged;

	if (s->refused)
		return family_unresolved(s->r, s->m, s->place, "not-probeable",
					 "function '%s' cannot be probed: %s", s->refused->name,
					 s->why);
	if (dbg_lacks(s->o) && needs_dwarf(s))
		return family_unresolved(s->r, s->m, s->place, "no-dwarf", "no match: %s",
					 dbg_lacks(s->o));
	if (s->pattern.name && s->functions && kind >= KP_LABEL && kind <= KP_CALLEES)
		return say(s, missing_part(s));
	if (!s->pattern.name)
		return say(s, "no code at this address");
	other = other_form(s);
	if (other)
		return say(s, other);
	merged = merged_with(s);
	if (merged && !merged->is_inline && strcmp(merged->name, s->pattern.name))
		return say(s, arena_printf(s->r->a, "the code of '%s' was merged with that of '%s', which "
					   "can be probed", s->pattern.name, merged->name));
	if (s->pattern.lines.n)
		return say(s, arena_printf(s->r->a, "no code of '%s' at this line of %s in %s%s",
					   s->pattern.name, s->pattern.file, what,
					   kind == KP_STATEMENT ? " (.nearest takes the nearest one)" :
					   ""));
	if (kind == KP_EXPORTED && s->functions == 0 && !*similar_names(s))
		return say(s, "no exported function of that name");
	return family_unresolved(s->r, s->m, s->place, "no-match", "no match%s%s%s%s",
				 dbg_is_program(s->o) ? "" : family_renamed_text(s->r, NAME_FUNCTION, s->pattern.name),
				 similar_names(s),
				 dbg_lacks(s->o) ? "; " : "", dbg_lacks(s->o) ? dbg_lacks(s->o) : "");
}

void kprobe_report_skipped(const struct kprobe_search *s)
{
	size_t all = 0;

	vec_each(&s->skipped, i)
		all += s->skipped.v[i].n;
	if (!all || !s->out->n || !(s->r->s->opt.verbose || s->r->explaining))
		return;
	fprintf(stderr, "%s: %zu places that cannot be probed are passed over\n", s->m->pn, all);
	vec_each(&s->skipped, i)
		fprintf(stderr, "  %6zu: %s\n", s->skipped.v[i].n, s->skipped.v[i].why);
}
