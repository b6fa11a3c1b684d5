/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running other programs and handling the folders they work in. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include "base/buf.h"

/*
 * Run ARGV (found along PATH) in CWD (NULL: here) with stdin from /dev/null; stdout and stderr go
 * together into OUT, and each finished line to LINE when given.  Returns the exit status, 128 + N
 * when signal N ended it, or -1 with errno when it could not be started.
 */
int proc_run(char *const argv[], const char *cwd, struct buf *out,
	     void (*line)(void *arg, const char *text), void *arg);

/* mkdir -p; false and errno on failure. */
bool dir_make(const char *path);
/* rm -rf of a folder of our own; symbolic links are removed, not followed. */
void dir_remove(const char *path);
/* Copy a file's bytes; the target appears whole or not at all (written beside it, then renamed). */
bool file_copy(const char *from, const char *to);
/* Write N bytes to a new file PATH, whole or not at all. */
bool file_write(const char *path, const char *text, size_t n);
/* One at a time holds the lock that the file PATH stands for, until file_unlock() or death; -1: no lock to be had. */
int file_lock(const char *path);
void file_unlock(int lock);

/*
 * A fresh folder $TMPDIR/stapXXXXXX that is removed when this process ends in whatever way, even
 * by SIGKILL: a small watcher process waits for that.  NULL and errno on failure.  free() it.
 * tmpdir_keep() tells the watcher to leave it.
 */
char *tmpdir_make(void);
void tmpdir_keep(void);

#endif
