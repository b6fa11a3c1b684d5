// SPDX-License-Identifier: GPL-2.0-or-later
/* Places in the kernel's source, by the map of lines that a unit may have.  Any context. */
#include <linux/kernel.h>
#include "core/core.h"
#include "linemap.h"

bool stp_line_of(uint64_t addr, struct stp_line_place *ret)
{
	const struct stp_line_map *m = stp_unit.lines;
	uint64_t base = m ? stp_reloc(NULL, NULL, m->base) : 0;

	return base && addr >= base && addr - base <= U32_MAX && stp_line_find(m, (uint32_t)(addr - base), ret);
}

void stp_symfileline(uint64_t addr, bool file, bool line, char *to, uint32_t size)
{
	struct stp_line_place p;

	if (!stp_line_of(addr, &p))
		snprintf(to, size, "0x%llx", (unsigned long long)addr);
	else if (!line)
		stp_strcpy(to, stp_line_file(stp_unit.lines, p.file), size);
	else if (!file)
		snprintf(to, size, "%u", p.line);
	else
		snprintf(to, size, "%s:%u", stp_line_file(stp_unit.lines, p.file), p.line);
}
