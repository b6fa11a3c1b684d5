// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where files with debuginfo are looked for: /usr/lib/debug, or the folders that $SYSTEMTAP_DEBUGINFO_PATH names in
 * its place, separated by colons.  A relative one is beside each program.  A leading + or - of elfutils, about
 * checksums, says nothing here: build-ids are compared.
 */
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

static const char *asked(void)
{
	const char *list = getenv("SYSTEMTAP_DEBUGINFO_PATH");

	return list && *list ? list : NULL;
}

size_t debug_folders(struct arena *a, const char *const **ret)
{
	VEC(const char *) v = { 0 };
	char *list = arena_strdup(a, asked() ? asked() : "/usr/lib/debug"), *folder;

	while ((folder = strsep(&list, ":"))) {
		folder += *folder == '+' || *folder == '-';
		if (*folder)
			*vec_add(a, &v) = folder;
	}
	*ret = v.v;
	return v.n;
}

const char *debug_of_program(struct arena *a, const char *folder, const char *program, const char *build_id)
{
	const char *slash = strrchr(program, '/');
	int dir = slash ? (int)(slash - program) : 0;

	if (!slash)
		return NULL;
	if (*folder != '/')
		return arena_printf(a, "%.*s/%s%s.debug", dir, program, folder, slash);
	if (!build_id)
		return arena_printf(a, "%s%s.debug", folder, program);
	return arena_printf(a, "%s/.build-id/%.2s/%s.debug", folder, build_id, build_id + 2);
}
