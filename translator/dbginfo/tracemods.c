// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which installed modules have tracepoints, and which: read once per kernel from the symbol tables
 * of all of them, a second for a thousand modules, and kept as text beside the indexes.
 *
 * A line of the file is "MODULE TRACEPOINT"; the first says of what state of the module folders it
 * was made.  Like an index it is a cache: what does not fit is made again, in silence.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbginfo/private.h"

static const char prefix[] = "__tracepoint_";

struct list { struct dbg_modtrace *v; size_t n, cap; };

/* Tracepoints among the symbols of one file. */
static void read_file(struct arena *a, const char *path, struct list *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const char *module = NULL;
	Elf_Scn *scn = NULL;
	GElf_Shdr sh = {0};
	Elf_Data *data;
	size_t n;

	while (elf && (scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			break;
	data = scn ? elf_getdata(scn, NULL) : NULL;
	n = data && sh.sh_entsize ? data->d_size / sh.sh_entsize : 0;
	for (size_t i = 1; i < n; i++) {
		const char *name;
		GElf_Sym s;

		if (!gelf_getsym(data, (int)i, &s) || s.st_shndx == SHN_UNDEF)
			continue;
		name = elf_strptr(elf, sh.sh_link, s.st_name);
		if (!name || strncmp(name, prefix, sizeof(prefix) - 1))
			continue;
		if (!module)
			module = module_name(a, path);
		*vec_add(a, ret) = (struct dbg_modtrace){ module,
			arena_strdup(a, name + sizeof(prefix) - 1) };
	}
	elf_end(elf);
	if (fd >= 0)
		close(fd);
}

/* Of each module the file that has debuginfo, if any, is the first. */
static void read_all(struct dbginfo *d, struct arena *a, struct list *ret)
{
	const char *const *module, *const *file;
	size_t n = dbg_modules(d, a, "*", &module);

	for (size_t i = 0; i < n; i++)
		if (module_files(d, a, module[i], &file))
			read_file(a, file[0], ret);
}

static void put_time(struct buf *b, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		buf_printf(b, " %lld.%ld", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* What changes when modules are installed or removed. */
static const char *stamp(struct dbginfo *d, struct arena *a)
{
	const char *const *folder;
	size_t n = debug_folders(a, &folder);
	struct buf b = {0};
	const char *text;

	buf_puts(&b, "tracepoints of modules 1");
	for (size_t i = 0; i < n; i++)
		put_time(&b, arena_printf(a, "%s/lib/modules/%s/kernel", folder[i], d->release));
	put_time(&b, arena_printf(a, "/lib/modules/%s/modules.dep", d->release));
	text = arena_strdup(a, buf_text(&b));
	buf_deinit(&b);
	return text;
}

static bool load(struct arena *a, const char *path, const char *want, struct list *ret)
{
	struct buf b = {0};
	char *text, *line;

	if (!buf_read_file(&b, path)) {
		buf_deinit(&b);
		return false;
	}
	text = arena_strdup(a, buf_text(&b));
	buf_deinit(&b);
	line = strsep(&text, "\n");
	if (!line || strcmp(line, want))
		return false;
	while (text && (line = strsep(&text, "\n")) && *line) {
		char *blank = strchr(line, ' ');

		if (!blank)
			return false;
		*blank = '\0';
		*vec_add(a, ret) = (struct dbg_modtrace){ line, blank + 1 };
	}
	return true;
}

static void save(struct arena *a, const char *path, const char *head, const struct list *l)
{
	char *tmp = arena_printf(a, "%s.XXXXXX", path);
	struct buf b = {0};
	int fd = mkstemp(tmp);

	if (fd < 0)
		return;
	buf_printf(&b, "%s\n", head);
	vec_each(l, i)
		buf_printf(&b, "%s %s\n", l->v[i].module, l->v[i].name);
	if (write(fd, b.p, b.n) != (ssize_t)b.n || fchmod(fd, 0644) || rename(tmp, path))
		unlink(tmp);
	close(fd);
	buf_deinit(&b);
}

size_t dbg_module_tracepoints(struct dbginfo *d, struct arena *a, const char *glob,
			      struct dbg_modtrace **ret)
{
	struct list all = {0}, found = {0};
	const char *dir = d->tree ? NULL : store_folder(a, "index", true), *head = stamp(d, a);
	const char *path = dir ? arena_printf(a, "%s/tracepoints-%s", dir, d->release) : NULL;

	if (!path || !load(a, path, head, &all)) {
		all.n = 0;
		read_all(d, a, &all);
		if (path)
			save(a, path, head, &all);
	}
	vec_each(&all, i)
		if (str_glob(glob, all.v[i].name))
			*vec_add(a, &found) = all.v[i];
	*ret = found.v;
	return found.n;
}
