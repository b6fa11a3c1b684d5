/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the kernel's first user process to a usable system: loads the modules that the initramfs
 * brings, mounts the host's root (virtiofs, read-only) under a RAM layer (overlay on tmpfs), moves
 * there, and mounts what programs expect. Runs as process 1, in a statically linked program, so it
 * needs no file but its own; under emulation each exec saved is felt.
 *
 * Failure of anything but an extra ends the guest with a message in the kernel log, which is where
 * the host looks.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest_agent.h"
#include "guest_wire.h"

enum { RETRIES = 2000, RETRY_MS = 5 };

void agent_die(const char *format, ...)
{
	int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	va_list ap;

	va_start(ap, format);
	if (log >= 0) {
		dprintf(log, "<0>stap-agent: ");
		vdprintf(log, format, ap);
	}
	va_end(ap);
	sync();
	reboot(RB_AUTOBOOT); /* QEMU is told to end at that */
	for (;;)
		pause();
}

static void must_mount(const char *what, const char *where, const char *type, unsigned long flags,
		       const char *data)
{
	if (mount(what, where, type, flags, data) < 0)
		agent_die("cannot mount %s (%s) on %s: %s\n", what, type, where, strerror(errno));
}

static void load_modules(void)
{
	char path[32];

	for (int i = 0;; i++) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%d", i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)
			agent_die("cannot load module %d: %s\n", i, strerror(errno));
		close(fd);
		unlink(path);
	}
}

/* A device may need a moment after its driver is loaded. */
static void mount_root(void)
{
	for (int i = 0; mount(GUEST_TAG_ROOT, "/host", "virtiofs", MS_RDONLY, NULL) < 0; i++) {
		if (i == RETRIES)
			agent_die("cannot mount the host's files: %s\n", strerror(errno));
		poll(NULL, 0, RETRY_MS);
	}
	must_mount("ram", "/ram", "tmpfs", 0, "size=90%,mode=755");
	if (mkdir("/ram/upper", 0755) < 0 || mkdir("/ram/work", 0755) < 0)
		agent_die("cannot make a RAM layer: %s\n", strerror(errno));
	must_mount("guest", "/new", "overlay", 0,
		   "lowerdir=/host,upperdir=/ram/upper,workdir=/ram/work");
}

static void move_to_root(void)
{
	static const char *const moved[] = { "/dev", "/proc", "/sys" };
	char target[16];

	for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		snprintf(target, sizeof(target), "/new%s", moved[i]);
		mkdir(target, 0755);
		must_mount(moved[i], target, NULL, MS_MOVE, NULL);
	}
	unlink("/init"); /* gives its memory back when this process ends: never; the name is what
			    must go */
	if (chdir("/new") < 0)
		agent_die("cannot enter the root directory: %s\n", strerror(errno));
	must_mount(".", "/", NULL, MS_MOVE, NULL);
	if (chroot(".") < 0 || chdir("/") < 0)
		agent_die("cannot change the root directory: %s\n", strerror(errno));
}

/* What a distribution's init would also have made. None of it is needed to run a command, so
 * failures are ignored. */
static void mount_extras(void)
{
	static const struct {
		const char *what, *where, *type, *data;
		mode_t mode;
	} extras[] = {
		{ "devpts", "/dev/pts", "devpts", "gid=5,mode=620,ptmxmode=666", 0755 },
		{ "tmpfs", "/dev/shm", "tmpfs", "mode=1777", 01777 },
		{ "tmpfs", "/run", "tmpfs", "mode=755", 0755 },
		{ "tmpfs", "/run/lock", "tmpfs", "mode=1777", 01777 },
		{ "debugfs", "/sys/kernel/debug", "debugfs", NULL, 0 },
		{ "tracefs", "/sys/kernel/tracing", "tracefs", NULL, 0 },
		{ "securityfs", "/sys/kernel/security", "securityfs", NULL, 0 },
		{ "bpf", "/sys/fs/bpf", "bpf", "mode=700", 0 },
		{ "cgroup2", "/sys/fs/cgroup", "cgroup2", NULL, 0 },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
		if (extras[i].mode && mkdir(extras[i].where, extras[i].mode) < 0 && errno != EEXIST)
			continue;
		mount(extras[i].what, extras[i].where, extras[i].type,
		      MS_NOSUID | MS_NOEXEC * !extras[i].mode, extras[i].data);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (symlink(links[i][0], links[i][1]) < 0 && errno != EEXIST)
			return;
	}
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo",
				 .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &request);
		close(fd);
	}
}

/* Kernel warnings go to the console from now on: the host looks for them. The boot was quiet, for
 * speed. */
static void log_warnings(void)
{
	int fd = open("/proc/sys/kernel/printk", O_RDWR | O_CLOEXEC);
	char level[8] = "";

	if (fd < 0)
		return;
	if (read(fd, level, sizeof(level) - 1) > 0 && atoi(level) < 5 &&
	    pwrite(fd, "5\n", 2, 0) < 0)
		agent_die("cannot set the log level: %s\n", strerror(errno));
	close(fd);
}

void agent_boot(void)
{
	must_mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=755");
	must_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	must_mount("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	load_modules();
	mount_root();
	move_to_root();
	mount_extras();
	loopback_up();
	log_warnings();
	if (sethostname("guest", 5) < 0)
		agent_die("cannot set the host name: %s\n", strerror(errno));
}

int agent_mount_share(const char *dir)
{
	for (int i = 0; mount(GUEST_TAG_SHARE, dir, "virtiofs", 0, NULL) < 0; i++) {
		if (i == RETRIES)
			return errno;
		poll(NULL, 0, RETRY_MS);
	}
	return 0;
}

/* /sys/class/virtio-ports/vportNpM/name tells which /dev/vportNpM it is. */
static bool port_named(const char *entry, const char *name)
{
	char path[300], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, name) == 0;
}

static int open_port_once(void)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	char path[300];
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && port_named(entry->d_name, GUEST_PORT)) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		}
	}
	if (dir)
		closedir(dir);
	return fd;
}

int agent_open_port(void)
{
	int fd;

	for (int i = 0; (fd = open_port_once()) < 0; i++) {
		if (i == RETRIES)
			agent_die("no virtio port named %s\n", GUEST_PORT);
		poll(NULL, 0, RETRY_MS);
	}
	return fd;
}
