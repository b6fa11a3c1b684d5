// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading and unloading.  The file is opened once, and everything - reading its name, loading -
 * goes by that descriptor, so it cannot be exchanged in between.  When the kernel refuses, its
 * errno is put into words with what to do about it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "staprun/staprun.h"

/* ---- opening ---- */

/* Modules that root put aside for stapusr: a plain name, a file of root's in a folder of root's. */
static int open_installed(const char *name)
{
	char dir[256], file[MODULE_NAME_SIZE + 8];
	struct utsname u;
	struct stat st;
	int d, fd;

	uname(&u);
	snprintf(dir, sizeof(dir), "/lib/modules/%s/systemtap", u.release);
	if (strchr(name, '/') || snprintf(file, sizeof(file), "%s%s", name, strstr(name, ".ko") ? "" : ".ko") >=
	    (int)sizeof(file)) {
		errno = EACCES;
		return -1;
	}
	d = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (d < 0)
		return -1;
	fd = openat(d, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && (fstat(d, &st) || st.st_uid || st.st_mode & 022 || fstat(fd, &st) || st.st_uid ||
			st.st_mode & 022)) {
		close(fd);
		fd = -1;
		errno = EACCES;
	}
	close(d);
	return fd;
}

/* With the rights of the invoking user: a set-uid staprun must not read what they may not. */
static int open_as_caller(const char *path)
{
	int fd, err;

	if (setegid(getgid()) || seteuid(getuid()))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	err = errno;
	if (seteuid(0) || setegid(0)) {
		perror("staprun");
		exit(1);
	}
	errno = err;
	return fd;
}

int load_open(const struct request *r, enum who w)
{
	char path[4096];
	struct stat st;
	int fd;

	if (!policy_allows(w, ACT_ANY_MODULE)) {
		fd = open_installed(r->module);
	} else {
		fd = open_as_caller(r->module);
		if (fd < 0 && errno == ENOENT && !strstr(r->module, ".ko") &&
		    snprintf(path, sizeof(path), "%s.ko", r->module) < (int)sizeof(path))
			fd = open_as_caller(path);
		if (fd < 0 && errno == ENOENT && !strchr(r->module, '/'))
			fd = open_installed(r->module);
	}
	if (fd < 0) {
		complain("cannot open module %s: %s", r->module, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		complain("%s is not a file", r->module);
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- loading ---- */

static bool file_says(const char *path, const char *what)
{
	char text[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 && strstr(text, what);
}

static void explain_eperm(const char *name)
{
	if (geteuid())
		complain("cannot load module %s: only root may load modules", name);
	else if (file_says("/proc/sys/kernel/modules_disabled", "1"))
		complain("cannot load module %s: module loading is disabled until the next boot "
			 "(/proc/sys/kernel/modules_disabled)", name);
	else if (file_says("/sys/kernel/security/lockdown", "[integrity]") ||
		 file_says("/sys/kernel/security/lockdown", "[confidentiality]"))
		complain("cannot load module %s: the kernel is locked down (Secure Boot) and takes only signed "
			 "modules.  Sign it with a key enrolled by mokutil, or disable Secure Boot", name);
	else
		complain("cannot load module %s: the kernel does not permit it; no CAP_SYS_MODULE here "
			 "(a container?)", name);
}

static void explain(int err, const struct modinfo *m)
{
	struct utsname u;
	size_t n = strcspn(m->vermagic, " ");

	uname(&u);
	switch (err) {
	case EPERM:
		explain_eperm(m->name);
		break;
	case EKEYREJECTED:
	case ENOKEY:
		complain("cannot load module %s: the kernel takes only modules signed with a key it knows "
			 "(%s).  Sign it, or boot without module.sig_enforce", m->name, strerror(err));
		break;
	case ENOEXEC:
		if (strlen(u.release) != n || strncmp(m->vermagic, u.release, n))
			complain("module %s was built for kernel %.*s, this is %s: translate the script "
				 "for this kernel (stap -r %s)", m->name, (int)n, m->vermagic, u.release,
				 u.release);
		else
			complain("the kernel does not accept module %s (bad format); dmesg says why",
				 m->name);
		break;
	case EEXIST:
		complain("a module %s is loaded already; if no staprun uses it, remove it with: "
			 "staprun -d %s", m->name, m->name);
		break;
	case ENOENT:
		complain("cannot load module %s: it needs a symbol that the kernel does not have; "
			 "dmesg says which", m->name);
		break;
	case ENOMEM:
		complain("cannot load module %s: not enough memory for it and its buffers; try smaller ones "
			 "with -b MB (stap -s MB)", m->name);
		break;
	case ENOSYS:
		complain("cannot load module %s: this kernel is built without loadable modules; try stap "
			 "--remote=guest:", m->name);
		break;
	default:
		complain("cannot load module %s: %s; dmesg may say more", m->name, strerror(err));
	}
}

int load_renamed(int fd, struct modinfo *m)
{
	char name[MODULE_NAME_SIZE] = "", buf[65536];
	int copy, n = MODULE_NAME_SIZE - 1 - 12;	/* room for _ and a process id */
	off_t at = 0;
	ssize_t got;

	if (!m->name_at)
		return -1;
	snprintf(name, sizeof(name), "%.*s_%d", n, m->name, (int)getpid());
	copy = memfd_create("module", MFD_CLOEXEC);
	if (copy < 0)
		return -1;
	while ((got = pread(fd, buf, sizeof(buf), at)) > 0) {
		if (pwrite(copy, buf, got, at) != got)
			break;
		at += got;
	}
	if (got || pwrite(copy, name, sizeof(name), m->name_at) != sizeof(name)) {
		close(copy);
		return -1;
	}
	memcpy(m->name, name, sizeof(name));
	return copy;
}

bool load_module(int fd, const struct modinfo *m, const struct request *r)
{
	char params[64] = "";

	if (r->buffer_mb)
		snprintf(params, sizeof(params), "buffer_mb=%lu", r->buffer_mb);
	if (syscall(SYS_finit_module, fd, params, 0) == 0)
		return true;
	explain(errno, m);
	return false;
}

/* ---- unloading ---- */

bool unload_module(const char *name, int limit_ms)
{
	int waited;

	for (waited = 0;; waited += 20) {
		if (!syscall(SYS_delete_module, name, O_NONBLOCK))
			return true;
		if ((errno != EAGAIN && errno != EBUSY) || waited >= limit_ms)
			break;
		usleep(20000);
	}
	if (errno == ENOENT)
		complain("module %s is not loaded", name);
	else if (errno == EAGAIN || errno == EBUSY)
		complain("module %s is still in use; end its stapio, or whoever has files open under "
			 "/sys/kernel/debug/" STP_DIR "/%s, then: staprun -d %s", name, name, name);
	else
		complain("cannot remove module %s: %s", name, strerror(errno));
	return false;
}
