// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of kernel code to names, by the kernel's own symbol table.  Any context: the kernel's
 * printk("%pS") goes the same way, from NMI too.
 */
#include <linux/kallsyms.h>
#include <linux/string.h>
#include "core/core.h"
#include "data/format.h"

/* The kernel writes "0x..." when it knows no symbol. */
static bool is_known(const char *text)
{
	return text[0] != '0' || text[1] != 'x';
}

void stp_symname(uint64_t addr, char *to, uint32_t size)
{
	char text[KSYM_SYMBOL_LEN];

	sprint_symbol_no_offset(text, (unsigned long)addr);
	if (is_known(text))
		*strchrnul(text, ' ') = '\0';		/* " [module]" */
	stp_strcpy(to, text, size);
}

void stp_symdata(uint64_t addr, char *to, uint32_t size)
{
	char text[KSYM_SYMBOL_LEN];

	sprint_symbol(text, (unsigned long)addr);
	stp_strcpy(to, text, size);
	if (is_known(text) && !strchr(text, '['))
		stp_strcat(to, " [kernel]", size);
}

void stp_symplace(uint64_t addr, char *to, uint32_t size)
{
	char *from, *behind;

	stp_symdata(addr, to, size);
	from = strchr(to, '/');
	if (!from)
		return;
	behind = strchrnul(from, ' ');
	memmove(from, behind, stp_strlen(behind) + 1);
}

bool stp_modname(uint64_t addr, char *to, uint32_t size)
{
	char text[KSYM_SYMBOL_LEN], *module;

	sprint_symbol(text, (unsigned long)addr);
	if (!is_known(text))
		return false;
	module = strchr(text, '[');
	if (module)
		strreplace(module, ']', '\0');
	stp_strcpy(to, module ? module + 1 : "kernel", size);
	return true;
}
