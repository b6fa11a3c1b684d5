// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * procfs("PATH").read and .write: files below /proc/systemtap/MODULE whose content a handler makes,
 * or takes.  Each point is one site.  $value is no data of the probed program: the handler gets and
 * sets it through functions of tapset/procfs.stp.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "family/family.h"
#include "session/session.h"

enum { READ, WRITE };

static const struct point_form forms[] = {
	{ "procfs.read", READ, "when /proc/systemtap/MODULE/command is read" },
	{ "procfs.read.maxsize(number)", READ, "the same, with up to N bytes of content" },
	{ "procfs.umask(number).read", READ, "the same, with the rights that the mask leaves" },
	{ "procfs.umask(number).read.maxsize(number)", READ, "both" },
	{ "procfs.write", WRITE, "when /proc/systemtap/MODULE/command is written" },
	{ "procfs.umask(number).write", WRITE, "the same, with the rights that the mask leaves" },
	{ "procfs(string).read", READ, "when /proc/systemtap/MODULE/PATH is read" },
	{ "procfs(string).read.maxsize(number)", READ, "the same, with up to N bytes of content" },
	{ "procfs(string).umask(number).read", READ, "the same, with the rights that the mask leaves" },
	{ "procfs(string).umask(number).read.maxsize(number)", READ, "both" },
	{ "procfs(string).write", WRITE, "when /proc/systemtap/MODULE/PATH is written" },
	{ "procfs(string).umask(number).write", WRITE, "the same, with the rights that the mask leaves" },
	{ NULL },
};

/* The default path; the most bytes that one reading may give. */
#define COMMAND "command"
enum { MOST_BYTES = 1 << 20, PERMISSIONS = 0777 };

/* Relative, and no component that leaves the module's folder or names nothing. */
static bool good_path(const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");

		if (!n || (path[0] == '.' && (n == 1 || (n == 2 && path[1] == '.'))))
			return false;
		path += n;
		if (*path && !*++path)
			return false;
	}
	return true;
}

/* Bytes that a reading may give: -DSTP_PROCFS_BUFSIZE=N, else 0 for a string's length. */
static int64_t default_size(const struct session *s)
{
	for (size_t i = s->opt.define.n; i-- > 0; )
		if (!strcmp(s->opt.define.v[i].name, "STP_PROCFS_BUFSIZE") && s->opt.define.v[i].value)
			return strtoll(s->opt.define.v[i].value, NULL, 0);
	return 0;
}

/* umask(N) and maxsize(N), wherever they stand. */
static bool modifiers(struct resolver *r, const struct point_match *m, struct site *s)
{
	vec_each(&m->point->comp, i) {
		if (!i || !m->has_arg[i])
			continue;
		if (!strcmp(m->point->comp.v[i].name, "umask")) {
			if (m->num[i] < 0 || m->num[i] > PERMISSIONS)
				return diag_error(r->d, DIAG_SEMANTIC, "procfs-umask", &m->arg_place[i],
						  "umask(%" PRId64 "): it is made of the bits 0%o", m->num[i],
						  PERMISSIONS);
			s->order = PERMISSIONS & ~m->num[i];
		} else if (m->num[i] < 1 || m->num[i] > MOST_BYTES) {
			return diag_error(r->d, DIAG_SEMANTIC, "procfs-size", &m->arg_place[i],
					  "maxsize(%" PRId64 ") must be from 1 to %d", m->num[i], MOST_BYTES);
		} else {
			s->interval = m->num[i];
		}
	}
	return true;
}

static bool resolve(struct resolver *r, const struct point_match *m, struct site_list *out)
{
	struct site *s = arena_new(r->a, struct site);

	s->kind = m->form->kind;
	s->rare = true;
	s->symbol = m->str[0] ? m->str[0] : COMMAND;
	if (!*s->symbol || !good_path(s->symbol))
		return diag_error(r->d, DIAG_SEMANTIC, "procfs-path", &m->arg_place[0],
				  "procfs(\"%s\"): the path is relative to /proc/systemtap/MODULE, without "
				  "'.', '..', or a '/' at either end", s->symbol);
	s->order = s->kind == READ ? 0400 : 0200;
	s->interval = default_size(r->s);
	if (!modifiers(r, m, s))
		return false;
	s->order &= s->kind == READ ? 0444 : 0222;
	s->pp = arena_printf(r->a, "procfs(\"%s\").%s", s->symbol, s->kind == READ ? "read" : "write");
	s->pn = m->pn;
	s->place = m->point->place;
	*vec_add(r->a, out) = s;
	return true;
}

static bool called(const struct site *s, const char *name, struct called_var *ret)
{
	if (strcmp(name, "value"))
		return false;
	*ret = (struct called_var){ .get = "__procfs_value", .type = "char*" };
	if (s->kind == READ) {
		ret->set = "__procfs_set_value";
		ret->append = "__procfs_append_value";
	}
	return true;
}

static void row(struct buf *out, const struct site *s)
{
	buf_puts(out, ".path = \"");
	for (const char *p = s->symbol; *p; p++) {
		if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ')
			buf_printf(out, "\\%03o", (unsigned char)*p);
		else
			buf_putc(out, *p);
	}
	buf_printf(out, "\", .mode = 0%" PRIo64, (uint64_t)s->order);
	if (s->interval)
		buf_printf(out, ", .size = %" PRId64, s->interval);
	if (s->kind == WRITE)
		buf_puts(out, ", .is_write = true");
}

const struct family family_procfs = {
	.name = "procfs",
	.forms = forms,
	.flags = FAMILY_INTERRUPTIBLE,
	.resolve = resolve,
	.called = called,
	.row = row,
};
