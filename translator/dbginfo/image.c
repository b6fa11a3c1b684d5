// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's image without debuginfo: /boot/vmlinuz-R unpacked, kept and opened.
 *
 * What is inside is vmlinux without its symbol table: sections, the build-id and .BTF are there, and
 * kallsyms has the symbols.  Unpacking takes a good part of a second, so the ELF file is kept as
 * $SYSTEMTAP_DIR/image/RELEASE.SIZE.TIME.INODE of the file it came from, and older ones of the same
 * release go.  As with the index, nothing that is wrong with a kept file is an error: it is made
 * again; and where nothing can be written, it lives in memory for this run.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbginfo/private.h"

/* The ELF file itself, without what the build appends to it (relocations). */
static size_t elf_size(const unsigned char *p, size_t n)
{
	Elf64_Ehdr e;
	uint64_t end;

	if (n < sizeof(e) || memcmp(p, ELFMAG, SELFMAG))
		return 0;
	memcpy(&e, p, sizeof(e));
	end = e.e_shoff + (uint64_t)e.e_shnum * e.e_shentsize;
	return e.e_shoff < n && end <= n ? end : n;
}

static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH)) && st.st_size > 0;
}

/* Files of other builds of RELEASE, which this one replaces. */
static void remove_older(struct arena *a, const char *dir, const char *release, const char *name)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = strlen(release);

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, release, n) && e->d_name[n] == '.' && strcmp(e->d_name, name) &&
		    strspn(e->d_name + n, ".0123456789") == strlen(e->d_name + n))
			unlink(arena_printf(a, "%s/%s", dir, e->d_name));
	if (d)
		closedir(d);
}

static bool image_save(struct dbginfo *d, const char *dir, const char *name, const void *p, size_t n)
{
	char *tmp = arena_printf(d->a, "%s/.%s.XXXXXX", dir, name);
	int fd = mkstemp(tmp);
	bool ok;

	if (fd < 0)
		return false;
	ok = store_write(fd, p, n) && fchmod(fd, 0644) == 0;
	ok = close(fd) == 0 && ok;
	ok = ok && rename(tmp, arena_printf(d->a, "%s/%s", dir, name)) == 0;
	if (!ok)
		unlink(tmp);
	else
		remove_older(d->a, dir, d->release, name);
	return ok;
}

static Elf *open_kept(struct dbginfo *d, const char *dir, const char *name, int *fd)
{
	Elf *elf;

	*fd = open(arena_printf(d->a, "%s/%s", dir, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return NULL;
	elf = is_ours(*fd) ? elf_begin(*fd, ELF_C_READ_MMAP, NULL) : NULL;
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	elf_end(elf);
	close(*fd);
	*fd = -1;
	return NULL;
}

/* PATH is itself an ELF file (a build's vmlinux, other machines' kernels). */
static Elf *open_plain(const char *path, int *fd)
{
	Elf *elf;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	elf = *fd >= 0 ? elf_begin(*fd, ELF_C_READ_MMAP, NULL) : NULL;
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	elf_end(elf);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return NULL;
}

static Elf *unpack(struct dbginfo *d, const char *path, const char *dir, const char *name,
		   int *fd, void **memory, const char **what)
{
	struct buf b = {0};
	size_t n = 0;
	Elf *elf = NULL;

	*memory = NULL;
	*what = NULL;
	if (buf_read_file(&b, path))
		*memory = unpack_kernel(d->a, b.p, b.n, &n, what);
	else
		*what = strerror(errno);
	buf_deinit(&b);
	if (!*memory)
		return NULL;
	n = elf_size(*memory, n);
	if (n && dir && image_save(d, dir, name, *memory, n))
		elf = open_kept(d, dir, name, fd);
	if (elf) {
		free(*memory);
		*memory = NULL;
		return elf;
	}
	elf = n ? elf_memory(*memory, n) : NULL;
	if (elf)
		return elf;
	*what = "no ELF file is inside";
	free(*memory);
	*memory = NULL;
	return NULL;
}

Elf *image_open(struct dbginfo *d, const char *path, int *fd, void **memory, const char **what)
{
	const char *dir = store_folder(d->a, "image", true), *name;
	struct stat st;
	Elf *elf;

	*fd = -1;
	*memory = NULL;
	if (stat(path, &st)) {
		*what = strerror(errno);
		return NULL;
	}
	name = arena_printf(d->a, "%s.%llu.%llu%09lu.%llu", d->release, (unsigned long long)st.st_size,
			    (unsigned long long)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec,
			    (unsigned long long)st.st_ino);
	elf = open_plain(path, fd);
	if (!elf && dir)
		elf = open_kept(d, dir, name, fd);
	return elf ? elf : unpack(d, path, dir, name, fd, memory, what);
}
