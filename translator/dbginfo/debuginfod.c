// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DWARF of a kernel from debuginfod servers, by build-id, when DEBUGINFOD_URLS names some.
 *
 * elfutils does the asking: libdwfl loads libdebuginfod when it is installed, which keeps what it
 * fetched.  Modules need nothing here, since libdwfl asks for them when it looks for their debuginfo.
 */
#include <stdlib.h>
#include <unistd.h>

#include "dbginfo/private.h"

static size_t from_hex(const char *hex, unsigned char *ret, size_t max)
{
	size_t n = 0;
	unsigned byte;

	for (; n < max && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		ret[n] = byte;
	return n;
}

const char *debuginfod_fetch(struct arena *a, const char *build_id)
{
	static char *no_path = "";
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &no_path,
	};
	const char *urls = getenv("DEBUGINFOD_URLS");
	unsigned char id[64];
	char *name = NULL, file[4096];
	ssize_t n = -1;
	Dwfl_Module *mod;
	Dwfl *dwfl;
	int fd = -1;

	if (!urls || !*urls || !build_id || !(dwfl = dwfl_begin(&callbacks)))
		return NULL;
	/* A module without a file: all that libdwfl needs to know of it is its build-id. */
	mod = dwfl_report_module(dwfl, "kernel", 0x1000, 0x2000);
	if (mod && !dwfl_module_report_build_id(mod, id, from_hex(build_id, id, sizeof(id)), 0))
		fd = dwfl_standard_find_debuginfo(mod, NULL, "kernel", 0, NULL, NULL, 0, &name);
	dwfl_report_end(dwfl, NULL, NULL);
	dwfl_end(dwfl);
	free(name);
	/* What was fetched is kept as a file, whose name only the descriptor tells. */
	if (fd >= 0) {
		n = readlink(arena_printf(a, "/proc/self/fd/%d", fd), file, sizeof(file));
		close(fd);
	}
	return n > 0 && n < (ssize_t)sizeof(file) ? arena_strndup(a, file, n) : NULL;
}
