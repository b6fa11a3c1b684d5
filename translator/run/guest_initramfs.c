/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the agent and a kernel's modules into an initramfs: a newc cpio archive
 * (Documentation/driver-api/early-userspace/ buffer-format.rst) in a memfd, so that there is no
 * file to cache or to leave behind. It is small - one static program and fewer than ten modules -
 * and is made in a few milliseconds. Modules that are compressed on disk are unpacked by the
 * compressor's own program, since not every kernel unpacks them itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_parts.h"

struct archive {
	FILE *out;
	unsigned int ino;
	size_t at; /* bytes written */
};

static const struct {
	const char *suffix;
	const char *program;
} compressors[] = {
	{ ".xz", "xz" },
	{ ".zst", "zstd" },
	{ ".gz", "gzip" },
};

static void archive_write(struct archive *ar, const void *bytes, size_t n)
{
	if (n) /* for what has no content there may be no pointer either */
		fwrite(bytes, 1, n, ar->out);
	ar->at += n;
}

static void archive_align(struct archive *ar)
{
	static const char zeroes[4];

	archive_write(ar, zeroes, -ar->at & 3);
}

static void archive_add(struct archive *ar, const char *name, mode_t mode, const void *bytes,
			size_t n)
{
	char head[111];
	int len = snprintf(
		head, sizeof(head), "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
		++ar->ino, (unsigned int)mode, 0, 0, 1, 0, n, 0, 0, 0, 0, strlen(name) + 1, 0);

	archive_write(ar, head, len);
	archive_write(ar, name, strlen(name) + 1);
	archive_align(ar);
	archive_write(ar, bytes, n);
	archive_align(ar);
}

/* All of a stream, malloced; NULL with errno set if it cannot be read. */
static char *read_all(int fd, size_t *ret_len)
{
	size_t len = 0, size = 1 << 16;
	char *bytes = malloc(size);

	while (bytes) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(bytes);
			return NULL;
		}
		if (n == 0)
			break;
		len += n;
		if (len == size) {
			char *more = realloc(bytes, size * 2);

			if (!more) {
				free(bytes);
				return NULL;
			}
			bytes = more;
			size *= 2;
		}
	}
	*ret_len = len;
	return bytes;
}

static char *unpack(const char *program, int in, size_t *ret_len)
{
	int out[2], status;
	char *bytes;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return NULL;
	pid = fork();
	if (pid == 0) {
		dup2(in, 0);
		dup2(out[1], 1);
		execlp(program, program, "-dc", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	bytes = pid < 0 ? NULL : read_all(out[0], ret_len);
	close(out[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && status != 0) {
		free(bytes);
		errno = status == 127 << 8 ? ENOENT : EIO;
		fprintf(stderr, "ERROR: \"%s -dc\" failed\n", program);
		return NULL;
	}
	return bytes;
}

static char *read_file(const char *path, size_t *ret_len)
{
	const char *suffix = strrchr(path, '.');
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *program = NULL;
	char *bytes = NULL;

	for (size_t i = 0; suffix && i < sizeof(compressors) / sizeof(compressors[0]); i++) {
		if (strcmp(suffix, compressors[i].suffix) == 0)
			program = compressors[i].program;
	}
	if (fd >= 0)
		bytes = program ? unpack(program, fd, ret_len) : read_all(fd, ret_len);
	if (!bytes)
		fprintf(stderr, "ERROR: cannot read %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return bytes;
}

static bool add_file(struct archive *ar, const char *name, mode_t mode, const char *path)
{
	size_t len;
	char *bytes = read_file(path, &len);

	if (!bytes)
		return false;
	archive_add(ar, name, S_IFREG | mode, bytes, len);
	free(bytes);
	return true;
}

static bool archive_fill(struct archive *ar, const struct guest_kernel *kernel, const char *agent)
{
	static const char *const dirs[] = { "dev", "proc", "sys", "modules", "host", "ram", "new" };
	char name[32];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		archive_add(ar, dirs[i], S_IFDIR | 0755, NULL, 0);
	if (!add_file(ar, "init", 0755, agent))
		return false;
	for (size_t i = 0; i < kernel->nmodules; i++) {
		snprintf(name, sizeof(name), "modules/%zu", i);
		if (!add_file(ar, name, 0644, kernel->modules[i]))
			return false;
	}
	archive_add(ar, "TRAILER!!!", 0, NULL, 0);
	return true;
}

int guest_initramfs_create(const struct guest_kernel *kernel, const char *agent)
{
	struct archive ar = { 0 };
	int fd = memfd_create("initramfs", MFD_CLOEXEC);
	int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	bool ok = false;

	if (copy >= 0)
		ar.out = fdopen(copy, "w");
	if (!ar.out) {
		fprintf(stderr, "ERROR: cannot make an initramfs: %s\n", strerror(errno));
	} else {
		ok = archive_fill(&ar, kernel, agent);
		if (fclose(ar.out) != 0 && ok) {
			fprintf(stderr, "ERROR: cannot write an initramfs: %s\n", strerror(errno));
			ok = false;
		}
	}
	if (!ok && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}
