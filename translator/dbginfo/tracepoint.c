// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tracepoints: their names from the symbols __tracepoint_NAME, their arguments from the prototype
 * of __traceiter_NAME(void *data, ARGS...), which DECLARE_TRACE makes since Linux 5.10, their
 * system from the data of the event that belongs to them.
 *
 * The system is what TRACE_SYSTEM said: event_NAME.class->system in the image (struct
 * trace_event_call, include/linux/trace_events.h).  A tracepoint without an event of its own gets
 * the name of the header it is declared in.
 */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "dbginfo/private.h"

/* The words of a header's name: "include/trace/events/sched.h" is about "sched". */
static const char *from_header(struct arena *a, const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	const char *base = slash ? slash + 1 : file;

	return base ? arena_strndup(a, base, strcspn(base, ".")) : NULL;
}

/* Of the running kernel, when there is no image of it to look into. */
static const char *tracefs_system(struct dbg_object *o, struct arena *a, const char *name)
{
	static const char events[] = "/sys/kernel/tracing/events";
	DIR *d = is_running(o->owner) ? opendir(events) : NULL;
	const char *found = NULL;
	struct dirent *e;

	while (d && !found && (e = readdir(d)))
		if (e->d_name[0] != '.' &&
		    !access(arena_printf(a, "%s/%s/%s/id", events, e->d_name, name), F_OK))
			found = arena_strdup(a, e->d_name);
	if (d)
		closedir(d);
	return found;
}

/*
 * A module's data is not relocated in its file, but TRACE_SYSTEM leaves a symbol behind as well,
 * str__SYSTEM__trace_system_name.  With several the one that begins the tracepoint's name is taken.
 */
static const char *module_system(struct dbg_object *o, struct arena *a, const char *name)
{
	static const char head[] = "str__", tail[] = "__trace_system_name";
	const struct sym *s;
	size_t n = sym_prefix(o, head, &s), found = 0, best = 0;
	const char *ret = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *from = s[i].name + sizeof(head) - 1, *to = strstr(from, tail);
		size_t len = to ? (size_t)(to - from) : 0;

		if (!len || to[sizeof(tail) - 1])
			continue;
		if (found++ == 0 || (!strncmp(from, name, len) && len > best))
			ret = arena_strndup(a, from, len);
		if (!strncmp(from, name, len) && len > best)
			best = len;
	}
	return found == 1 || best ? ret : NULL;
}

static const char *system_of(struct dbg_object *o, struct arena *a, const char *name,
			     const struct dbg_func *f)
{
	uint64_t event = o->module ? 0 : sym_value(o, arena_printf(a, "event_%s", name));
	uint64_t class = image_value(o, "struct trace_event_call", event, "class");
	uint64_t text = image_value(o, "struct trace_event_class", class, "system");
	const char *own = o->module ? module_system(o, a, name) : NULL;
	const char *system = own ? own : image_string(o, a, text);

	return system ? system : f ? from_header(a, f->file) : o->elf ? NULL : tracefs_system(o, a, name);
}

static void read_arguments(struct dbg_object *o, struct arena *a, struct dbg_func *f,
			   struct dbg_tracepoint *t)
{
	struct { const char **v; size_t n, cap; } names = {0};
	struct { struct ctype **v; size_t n, cap; } types = {0};
	Dwarf_Die die, c;
	bool first = true;

	if (!die_at(o, f->die, &die) || !die_child(&die, &c))
		return;
	do {
		Dwarf_Die named;

		if (dwarf_tag(&c) != DW_TAG_formal_parameter)
			continue;
		if (!first) {
			*vec_add(a, &names) = die_named(&c, &named) ? dwarf_diename(&named) : "";
			*vec_add(a, &types) = type_of(o, &c);
		}
		first = false;
	} while (die_next(&c));
	t->arg_names = names.v;
	t->arg_types = types.v;
	t->nargs = types.n;
}

static bool describe(struct dbg_object *o, struct arena *a, const char *name,
		     struct dbg_tracepoint *t)
{
	struct dbg_func_list l = {0};

	t->name = name;
	if (o->btf) {
		t->system = system_of(o, a, name, NULL);
		return btf_tracepoint(o, a, name, t);
	}
	dbg_functions(o, a, arena_printf(a, "__traceiter_%s", name), NULL, 0, DBG_BODIES, &l);
	if (!l.n)
		return false;
	t->system = system_of(o, a, name, l.v[0]);
	read_arguments(o, a, l.v[0], t);
	return true;
}

size_t dbg_tracepoint_names(struct dbg_object *o, struct arena *a, const char *glob,
			    const char *const **ret)
{
	static const char prefix[] = "__tracepoint_";
	struct { const char **v; size_t n, cap; } found = {0};
	const struct sym *s;
	size_t n = sym_prefix(o, prefix, &s);

	if (!n && o->btf)
		return btf_tracepoint_names(o, a, glob, ret);
	for (size_t i = 0; i < n; i++) {
		const char *name = s[i].name + sizeof(prefix) - 1;

		if ((!i || strcmp(s[i].name, s[i - 1].name)) && str_glob(glob, name))
			*vec_add(a, &found) = name;
	}
	*ret = found.v;
	return found.n;
}

size_t dbg_tracepoints(struct dbg_object *o, struct arena *a, const char *glob,
		       struct dbg_tracepoint **ret)
{
	struct { struct dbg_tracepoint *v; size_t n, cap; } found = {0};
	const char *const *name;
	size_t n = dbg_tracepoint_names(o, a, glob, &name);

	for (size_t i = 0; i < n; i++) {
		struct dbg_tracepoint t = {0};

		if (describe(o, a, name[i], &t))
			*vec_add(a, &found) = t;
	}
	*ret = found.v;
	return found.n;
}
