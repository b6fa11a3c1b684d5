// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process.begin, .end, .thread.begin, .thread.end, .syscall and .syscall.return: of all processes, or of the
 * target's where there is one; process(PID) and process("PATH") mean that process, or those that run that
 * program.  Wildcards in PATH make a site for each program.
 *
 * System calls have numbers for variables: $syscall, $arg1 to $arg6, $return.  Nothing is looked up in debuginfo,
 * and nothing is kept from a call to its return, so .syscall.return is no return probe to the rest of us.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "family/uprobe.h"
#include "session/session.h"

enum { BEGIN, END, THREAD_BEGIN, THREAD_END, SYSCALL, SYSCALL_RETURN };

#define PROCESS_FORMS(p) \
	{ p ".begin", BEGIN, "when a process begins, or is there at the start" }, \
	{ p ".end", END, "when a process ends" }, \
	{ p ".thread.begin", THREAD_BEGIN, "when a process has a further thread" }, \
	{ p ".thread.end", THREAD_END, "when such a thread ends" }, \
	{ p ".syscall", SYSCALL, "when a process calls the kernel" }, \
	{ p ".syscall.return", SYSCALL_RETURN, "when the call returns" }

static const struct point_form forms[] = {
	PROCESS_FORMS("process"),
	PROCESS_FORMS("process(number)"),
	PROCESS_FORMS("process(string)"),
	{ NULL },
};

static const char *const words[] = {
	[BEGIN] = "begin", [END] = "end", [THREAD_BEGIN] = "thread.begin", [THREAD_END] = "thread.end",
	[SYSCALL] = "syscall", [SYSCALL_RETURN] = "syscall.return",
};

static struct site *add_site(struct resolver *r, const struct point_match *m, struct site_list *out,
			     const char *base)
{
	struct site *s = arena_new(r->a, struct site);

	s->kind = m->form->kind;
	s->pp = arena_printf(r->a, "%s.%s", base, words[s->kind]);
	s->pn = m->pn;
	s->optional = r->optional;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return s;
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct program_choice c = {0};

	if (!m->has_arg[0]) {
		add_site(r, m, out, "process")->of_target = true;
		return true;
	}
	if (!m->str[0] && m->num[0] > 0) {
		add_site(r, m, out, arena_printf(r->a, "process(%" PRId64 ")", m->num[0]))->pid = m->num[0];
		return true;
	}
	if (!m->str[0])
		return family_unresolved(r, m, &m->arg_place[0], "no-program", "%" PRId64 " is no process",
					 m->num[0]);
	program_paths(r, m->str[0], &c);
	vec_each(&c.paths, i)
		add_site(r, m, out, program_text(r, &c, c.paths.v[i]))->exe = c.paths.v[i];
	return c.paths.n || program_missing(r, m, m->str[0]);
}

/* ---- variables ---- */

static struct ctype t_long = { .kind = CT_INT, .name = "long int", .size = 8, .is_signed = true, .complete = true };

/* The numbers that the runtime hands over: the call's, then its arguments or its result. */
static size_t names_of(const struct site *s, const char *const **ret)
{
	static const char *const enter[] = { "syscall", "arg1", "arg2", "arg3", "arg4", "arg5", "arg6" };
	static const char *const leave[] = { "syscall", "return" };

	*ret = s->kind == SYSCALL ? enter : leave;
	return s->kind == SYSCALL ? sizeof(enter) / sizeof(*enter) :
	       s->kind == SYSCALL_RETURN ? sizeof(leave) / sizeof(*leave) : 0;
}

static struct site_var number(struct resolver *r, const char *name, unsigned n)
{
	struct site_var v = { .name = name, .type = &t_long, .param = true };

	v.is_return = !strcmp(name, "return");
	v.loc.kind = LOC_VALUE;
	v.loc.expr = lx_arg(r->a, n);
	return v;
}

static bool var(struct resolver *r, const struct site *s, const char *name, bool at_entry, struct site_var *ret)
{
	const char *const *names;
	size_t n = names_of(s, &names);

	(void)at_entry;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name)) {
			*ret = number(r, name, (unsigned)i);
			return true;
		}
	return false;
}

static size_t vars(struct resolver *r, const struct site *s, struct site_var **ret)
{
	const char *const *names;
	size_t n = names_of(s, &names);

	*ret = arena_array(r->a, struct site_var, n + 1);
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = number(r, names[i], (unsigned)i);
	return n;
}

static void row(struct buf *out, const struct site *s)
{
	static const char *const kinds[] = {
		[BEGIN] = "STP_PROCESS_BEGIN", [END] = "STP_PROCESS_END", [THREAD_BEGIN] = "STP_THREAD_BEGIN",
		[THREAD_END] = "STP_THREAD_END", [SYSCALL] = "STP_SYSCALL", [SYSCALL_RETURN] = "STP_SYSCALL_RETURN",
	};

	buf_printf(out, ".kind = %s", kinds[s->kind]);
	program_row_who(out, s);
}

const struct family family_process = {
	.name = "process",
	.flags = FAMILY_UNPRIVILEGED,
	.forms = forms,
	.resolve = resolve,
	.var = var,
	.vars = vars,
	.row = row,
};
