// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel.data(ADDRESS | "VARIABLE")[.length(N)].write | .rw: an access to kernel memory, by the processor's
 * watchpoints (hardware breakpoints).  Each point is one site.
 *
 * An ADDRESS is one of the running kernel, as /proc/kallsyms shows them; a VARIABLE is a symbol of the
 * kernel's image.  Watched are N bytes, of an address one where nothing is said, of a variable as many of its
 * bytes as one watchpoint can hold.  What the processor cannot do (another length, a length across its own
 * multiples) is refused here; how many watchpoints are free is found out when the session starts.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "family/debuginfo.h"

enum { WRITE, READ_WRITE };
enum { MOST_BYTES = 8 };	/* Intel SDM 3B, 18.2.4: 1, 2, 4 or 8, at a multiple of themselves */

static const struct point_form forms[] = {
	{ "kernel.data(number).write", WRITE, "a byte of kernel memory is written" },
	{ "kernel.data(number).rw", READ_WRITE, "a byte of kernel memory is read or written" },
	{ "kernel.data(number).length(number).write", WRITE, "N bytes of kernel memory are written" },
	{ "kernel.data(number).length(number).rw", READ_WRITE, "N bytes of kernel memory are read or written" },
	{ "kernel.data(string).write", WRITE, "a variable of the kernel is written" },
	{ "kernel.data(string).rw", READ_WRITE, "a variable of the kernel is read or written" },
	{ "kernel.data(string).length(number).write", WRITE, "the first N bytes of a variable are written" },
	{ "kernel.data(string).length(number).rw", READ_WRITE,
	  "the first N bytes of a variable are read or written" },
	{ NULL },
};

/* N rounded up to what there is; 0 when there is none. */
static int64_t watched(int64_t n)
{
	int64_t length = 1;

	while (length < n)
		length *= 2;
	return n < 1 || length > MOST_BYTES ? 0 : length;
}

/* As many bytes from ADDR as one watchpoint holds of SIZE. */
static int64_t most_of(uint64_t addr, uint64_t size)
{
	int64_t length = MOST_BYTES;

	while (length > 1 && ((uint64_t)length > size || addr % (uint64_t)length))
		length /= 2;
	return length;
}

/* NULL; or why there is no such variable, "" when that has been said. */
static const char *find_variable(struct resolver *r, const struct point_match *m, struct site *s)
{
	const char *name = m->str[1];
	struct dbg_object *o = family_object(r, NULL, &m->arg_place[1]);
	uint64_t size;
	size_t n;

	if (!o)
		return "";
	n = dbg_symbols_named(o, name, &s->address, &size);
	if (n == 0)
		return arena_printf(r->a, "the kernel has no symbol '%s'", name);
	if (n > 1)
		return arena_printf(r->a, "the kernel has %zu symbols '%s'; give the address of one", n, name);
	if (!(s->address >> 63))
		return arena_printf(r->a, "'%s' is a per-CPU variable, with an address for each CPU; give one of them",
				    name);
	s->interval = most_of(s->address, size);
	return NULL;
}

static bool take_length(struct resolver *r, const struct point_match *m, struct site *s)
{
	if (!m->has_arg[2])
		return true;
	s->interval = watched(m->num[2]);
	if (!s->interval)
		return diag_error(r->d, DIAG_SEMANTIC, "hwbkpt-range", &m->arg_place[2],
				  "length(%" PRId64 ") must be from 1 to %d: the processor watches no more at a time",
				  m->num[2], MOST_BYTES);
	if (s->address % (uint64_t)s->interval)
		return diag_error(r->d, DIAG_SEMANTIC, "hwbkpt-range", &m->arg_place[2],
				  "%" PRId64 " bytes can be watched at a multiple of %" PRId64 " only, and the address "
				  "is %#" PRIx64, s->interval, s->interval, s->address);
	return true;
}

static const char *point_text(struct resolver *r, const struct point_match *m, const struct site *s)
{
	const char *what = m->str[1] ? arena_printf(r->a, "\"%s\"", m->str[1]) :
				       arena_printf(r->a, "%#" PRIx64, s->address);
	const char *length = m->has_arg[2] ? arena_printf(r->a, ".length(%" PRId64 ")", m->num[2]) : "";

	return arena_printf(r->a, "kernel.data(%s)%s.%s", what, length, s->kind == WRITE ? "write" : "rw");
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);
	const char *why;

	s->kind = m->form->kind;
	s->interval = 1;
	s->address = (uint64_t)m->num[1];
	s->absolute = !m->str[1];
	why = m->str[1] ? find_variable(r, m, s) : NULL;
	if (why && *why)
		return family_unresolved(r, m, &m->arg_place[1], "no-match", "no match: %s", why);
	if (why)
		return r->optional;
	if (!take_length(r, m, s))
		return false;
	s->pp = point_text(r, m, s);
	s->pn = m->pn;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return true;
}

static void row(struct buf *out, const struct site *s)
{
	buf_printf(out, ".address = %#" PRIx64 "ULL, .length = %" PRId64 "%s%s", s->address, s->interval,
		   s->kind == READ_WRITE ? ", .reads = 1" : "", s->absolute ? ", .absolute = 1" : "");
}

const struct family family_hwbkpt = {
	.name = "hwbkpt",
	.forms = forms,
	.most = 4,
	.most_name = "hardware watchpoints",
	.resolve = resolve,
	.row = row,
};
