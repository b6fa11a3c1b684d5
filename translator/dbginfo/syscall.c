// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the image says in its data: values of members and texts, and with them what system calls take.
 *
 * SYSCALL_DEFINE leaves a struct syscall_metadata for each call when CONFIG_FTRACE_SYSCALLS is set
 * (include/linux/syscalls.h; symbols __syscall_meta__NAME), with the names and types of parameters.
 * Since 4.17 the function that is called, __x64_sys_NAME, has nothing but the registers.
 */
#include <string.h>

#include "dbginfo/private.h"

enum { MAX_TEXT = 256, MAX_ARGS = 6 };

uint64_t image_value(struct dbg_object *o, const char *type, uint64_t addr, const char *name)
{
	struct ctype *t = dbg_type(o, type), *is;
	const struct cmember *m;
	uint64_t off, v = 0, size;
	const void *p;

	m = addr && t ? ctype_member(t, name, &off) : NULL;
	is = m ? ctype_strip(m->type) : NULL;
	size = is && is->size < sizeof(v) ? is->size : sizeof(v);
	p = m ? obj_bytes(o, addr + off, size) : NULL;
	if (p)
		memcpy(&v, p, size);
	return v;
}

const char *image_string(struct dbg_object *o, struct arena *a, uint64_t addr)
{
	for (size_t n = 1; addr && n <= MAX_TEXT; n++) {
		const char *p = obj_bytes(o, addr, n);

		if (!p)
			break;
		if (!p[n - 1])
			return arena_strndup(a, p, n - 1);
	}
	return NULL;
}

/* Text number I of an array of pointers at ADDR. */
static const char *array_text(struct dbg_object *o, struct arena *a, uint64_t addr, unsigned i)
{
	const void *p = obj_bytes(o, addr + 8 * i, 8);
	uint64_t text;

	if (!p)
		return NULL;
	memcpy(&text, p, sizeof(text));
	return image_string(o, a, text);
}

bool dbg_syscall(struct dbg_object *o, struct arena *a, const char *name, struct dbg_syscall *ret)
{
	static const char type[] = "struct syscall_metadata";
	uint64_t meta = o->module ? 0 : sym_value(o, arena_printf(a, "__syscall_meta__%s", name));
	uint64_t args = image_value(o, type, meta, "args"), types = image_value(o, type, meta, "types");
	uint64_t n = image_value(o, type, meta, "nb_args");

	if (!meta || n > MAX_ARGS)
		return false;
	*ret = (struct dbg_syscall){0};
	for (; ret->nargs < n; ret->nargs++) {
		ret->name[ret->nargs] = array_text(o, a, args, ret->nargs);
		ret->type[ret->nargs] = array_text(o, a, types, ret->nargs);
		if (!ret->name[ret->nargs] || !ret->type[ret->nargs])
			return false;
	}
	return true;
}
