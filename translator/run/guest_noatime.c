/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A library that is preloaded into virtiofsd when an ordinary user runs a guest. The guest's
 * overlay opens every file with O_NOATIME (fs/overlayfs/file.c), which open(2) refuses to all but
 * the file's owner and root; virtiofsd passes the flag on. Here it is dropped: access times of a
 * user's reads are then kept as for any other program.
 */
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#undef openat
#undef openat64

int shim(int dir, const char *path, int flags, mode_t mode) __asm__("openat");
int shim64(int dir, const char *path, int flags, mode_t mode) __asm__("openat64");
int shim_checked(int dir, const char *path, int flags) __asm__("__openat_2");
int shim64_checked(int dir, const char *path, int flags) __asm__("__openat64_2");

/* The mode is always passed on: without O_CREAT the kernel does not look at it. */
int shim(int dir, const char *path, int flags, mode_t mode)
{
	return syscall(SYS_openat, dir, path, flags & ~O_NOATIME, mode);
}

int shim64(int dir, const char *path, int flags, mode_t mode)
{
	return shim(dir, path, flags, mode);
}

int shim_checked(int dir, const char *path, int flags)
{
	return shim(dir, path, flags, 0);
}

int shim64_checked(int dir, const char *path, int flags)
{
	return shim(dir, path, flags, 0);
}
