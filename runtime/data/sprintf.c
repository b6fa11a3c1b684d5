// SPDX-License-Identifier: GPL-2.0-or-later
/* sprintf of the script: formats into a string of MAXSTRINGLEN; %m and %M read kernel memory. */
#include "data/format.h"

static bool copy_kernel(void *to, uint64_t addr, uint32_t size)
{
	return stp_try_copy(to, addr, size, false);
}

void stp_sprintf(struct stp_context *c, char *to, const struct stp_fmt *f, const union stp_val *args)
{
	struct stp_format_memory memory = { .copy = copy_kernel };
	int len = stp_format(to, stp_unit.maxstringlen, f->text, args, f->nargs, &memory);

	if (len >= (int)stp_unit.maxstringlen)
		stp_text_was_cut();
	if (len < 0)
		stp_error(c, "read fault [man error::fault] at 0x%llx", (unsigned long long)memory.fault);
}
