/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the end of what a guest's kernel and its helpers print, and finds in a kernel log the block
 * that says why the kernel died or complained. Knows the first lines with which Linux announces
 * such a block (kernel/panic.c, arch/x86/mm/fault.c, arch/x86/kernel/traps.c,
 * kernel/locking/lockdep.c, kernel/rcu, kernel/watchdog.c); must not print anything.
 */
#include <stdlib.h>
#include <string.h>

#include "guest_parts.h"

enum { LOG_KEEP = 1 << 20 };

/* A line with one of these starts the account of a death, if a panic follows. */
static const char *const fatal_marks[] = {
	"Kernel panic",
	"BUG:",
	"kernel BUG at",
	"Oops:",
	"general protection fault",
	"divide error:",
	"invalid opcode:",
	"stack segment:",
	"int3:",
	"double fault:",
	"Unable to handle kernel",
	"Internal error:",
	"unable to handle",
	"PANIC:",
};

/* And these the account of something that the kernel survives but should not have met. */
static const char *const splat_marks[] = {
	"WARNING: CPU:",
	"WARNING: possible",
	"WARNING: inconsistent",
	"WARNING: suspicious",
	"WARNING: bad unlock",
	"WARNING: Nested lock",
	"INFO: rcu",
	"INFO: task",
	"rcu: INFO:",
	"BUG:",
	"UBSAN:",
	"KASAN:",
	"INFO: lockdep",
	"INFO: trying to register",
};

#define CUT_HERE "[ cut here ]"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void guest_log_add(struct guest_log *log, const char *bytes, size_t n)
{
	if (log->len + n + 1 > log->size) {
		size_t size = log->size ? log->size * 2 : 16384;
		char *text;

		while (size < log->len + n + 1)
			size *= 2;
		text = realloc(log->text, size);
		if (!text)
			return;
		log->text = text;
		log->size = size;
	}
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '\r' && bytes[i] != '\0')
			log->text[log->len++] = bytes[i];
	}
	if (log->len > 2 * LOG_KEEP) {
		memmove(log->text, log->text + log->len - LOG_KEEP, LOG_KEEP);
		log->len = LOG_KEEP;
		log->cut = true;
	}
	log->text[log->len] = '\0';
}

void guest_log_deinit(struct guest_log *log)
{
	free(log->text);
	memset(log, 0, sizeof(*log));
}

static const char *line_start(const struct guest_log *log, const char *p)
{
	while (p > log->text && p[-1] != '\n')
		p--;
	return p;
}

static const char *first_mark(const struct guest_log *log, const char *const *marks, size_t n)
{
	const char *first = NULL, *cut;

	for (size_t i = 0; log->text && i < n; i++) {
		const char *p = strstr(log->text, marks[i]);

		if (p && (!first || p < first))
			first = p;
	}
	if (!first)
		return NULL;
	first = line_start(log, first);
	/* WARN() prints its text between a line to cut along and the line with the mark */
	cut = memmem(log->text, first - log->text, CUT_HERE, strlen(CUT_HERE));
	return cut ? line_start(log, cut) : first;
}

const char *guest_log_panic(const struct guest_log *log)
{
	if (!log->text || !strstr(log->text, "Kernel panic"))
		return NULL;
	return first_mark(log, fatal_marks, COUNT(fatal_marks));
}

const char *guest_log_splat(const struct guest_log *log)
{
	return first_mark(log, splat_marks, COUNT(splat_marks));
}

const char *guest_log_tail(const struct guest_log *log, unsigned int lines)
{
	const char *p = log->text ? log->text + log->len : "";

	if (!log->len)
		return p;
	p--; /* the last newline ends the last line */
	while (p > log->text && (p[-1] != '\n' || --lines))
		p--;
	return p;
}
