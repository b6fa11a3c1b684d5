// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of a loaded module in debugfs: found by descriptor from the file system's root, the
 * greeting checked, the addresses of other modules' sections sent.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "staprun/staprun.h"

#define DEBUGFS "/sys/kernel/debug"

static int open_debugfs(void)
{
	struct statfs fs;
	int fd = open(DEBUGFS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !fstatfs(fd, &fs) && fs.f_type == DEBUGFS_MAGIC)
		return fd;
	if (fd >= 0)
		close(fd);
	if (mount("debugfs", DEBUGFS, "debugfs", 0, NULL)) {
		complain("debugfs is not mounted and cannot be: %s.  Try: mount -t debugfs debugfs " DEBUGFS,
			 strerror(errno));
		return -1;
	}
	return open(DEBUGFS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Messages that staprun has to wait for itself; others are passed over. */
static bool read_message(int fd, uint32_t wanted, void *to, size_t size, int timeout_ms)
{
	char buf[4 * STP_MSG_MAX] __attribute__((aligned(8)));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct stp_msg m;
	ssize_t n, at;

	while (poll(&p, 1, timeout_ms) > 0) {
		n = read(fd, buf, sizeof(buf));
		for (at = 0; at + (ssize_t)sizeof(m) <= n; at += m.size) {
			memcpy(&m, buf + at, sizeof(m));
			if (m.size < sizeof(m) || m.size > n - at)
				return false;
			if (m.type == STP_MSG_OOB)
				fprintf(stderr, "%.*s", (int)(m.size - sizeof(m)), buf + at + sizeof(m));
			if (m.type != wanted)
				continue;
			memset(to, 0, size);
			memcpy(to, buf + at + sizeof(m), size < m.size - sizeof(m) ? size : m.size - sizeof(m));
			return true;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			break;
	}
	return false;
}

/* READY comes alone; what follows it is for stapio. */
static bool read_ready(int fd, struct stp_msg_ready *ret)
{
	char buf[STP_MSG_MAX] __attribute__((aligned(8)));
	struct stp_msg m;

	if (read(fd, buf, sizeof(buf)) < (ssize_t)(sizeof(m) + sizeof(*ret)))
		return false;
	memcpy(&m, buf, sizeof(m));
	memcpy(ret, buf + sizeof(m), sizeof(*ret));
	return m.type == STP_MSG_READY;
}

bool files_open(struct files *f, const char *name, bool busy_is_fine)
{
	int debugfs = open_debugfs(), all;

	f->dir = f->control = -1;
	if (debugfs < 0)
		return false;
	all = openat(debugfs, STP_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	close(debugfs);
	if (all >= 0) {
		f->dir = openat(all, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		close(all);
	}
	if (f->dir < 0) {
		complain("module %s has no folder " DEBUGFS "/" STP_DIR "/%s: %s.  Is it a stap module?", name,
			 name, strerror(errno));
		return false;
	}
	f->control = openat(f->dir, "control", O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (f->control < 0) {
		int err = errno;

		if (err != EBUSY)
			complain("cannot open the control file of module %s: %s", name, strerror(err));
		else if (!busy_is_fine)
			complain("module %s is in use by another stapio", name);
		files_close(f);
		errno = err;
		return false;
	}
	if (!read_ready(f->control, &f->ready) || f->ready.wire_version != STP_WIRE_VERSION) {
		complain("module %s speaks version %u of the protocol, this staprun %u: translate the script "
			 "again with the stap of this installation", name, f->ready.wire_version,
			 STP_WIRE_VERSION);
		files_close(f);
		return false;
	}
	return true;
}

char *files_list(void)
{
	int debugfs = open_debugfs(), all = -1;
	char *ret = NULL;
	size_t size = 0;
	struct dirent *e;
	FILE *out;
	DIR *d;

	if (debugfs >= 0) {
		all = openat(debugfs, STP_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		close(debugfs);
	}
	d = all >= 0 ? fdopendir(all) : NULL;
	out = d ? open_memstream(&ret, &size) : NULL;
	while (out && (e = readdir(d)))
		if (modinfo_name_ok(e->d_name))
			fprintf(out, "%s\n", e->d_name);
	if (out)
		fclose(out);
	if (d)
		closedir(d);
	return ret;
}

void files_close(struct files *f)
{
	if (f->control >= 0)
		close(f->control);
	if (f->dir >= 0)
		close(f->dir);
	f->control = f->dir = -1;
}

/* ---- the right kernel ---- */

/* Hex build-id of the running kernel, from its notes; false when it has none. */
static bool kernel_build_id(char *to, size_t size)
{
	char buf[8192];
	int fd = open("/sys/kernel/notes", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf)), at = 0;
	Elf64_Nhdr h;
	uint32_t i;

	if (fd >= 0)
		close(fd);
	while (at + (ssize_t)sizeof(h) <= n) {
		size_t name_at = at + sizeof(h), desc_at;

		memcpy(&h, buf + at, sizeof(h));
		desc_at = name_at + ((h.n_namesz + 3) & ~3u);
		if (h.n_namesz > 4096 || h.n_descsz > 4096 || desc_at + h.n_descsz > (size_t)n)
			return false;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 && !memcmp(buf + name_at, "GNU", 4) &&
		    h.n_descsz * 2 < size) {
			for (i = 0; i < h.n_descsz; i++)
				sprintf(to + 2 * i, "%02x", (unsigned char)buf[desc_at + i]);
			return true;
		}
		at = desc_at + ((h.n_descsz + 3) & ~3u);
	}
	return false;
}

bool files_check_kernel(const struct files *f, const char *name)
{
	const struct stp_msg_ready *r = &f->ready;
	char id[sizeof(r->build_id)];
	struct utsname u;

	uname(&u);
	if (r->release[0] && strncmp(r->release, u.release, sizeof(r->release) - 1)) {
		complain("module %s was built for kernel %.64s, this is %s: translate the script for this "
			 "kernel (stap -r %s)", name, r->release, u.release, u.release);
		return false;
	}
	if (r->build_id[0] && kernel_build_id(id, sizeof(id)) && strncmp(id, r->build_id, sizeof(id))) {
		complain("module %s was built with debuginfo of build-id %.48s, the running %s has %s: its probe "
			 "addresses would be wrong.  Install the debuginfo of the running kernel, or boot the "
			 "installed kernel, and translate the script again", name, r->build_id, u.release, id);
		return false;
	}
	return true;
}

/* ---- sections of other modules ---- */

static bool copy_name(char *to, const char *from, size_t size)
{
	size_t n = strlen(from);

	if (n < size)
		memcpy(to, from, n + 1);
	return n < size;
}

static bool send_section(int control, const char *module, const char *section, uint64_t address)
{
	struct {
		struct stp_cmd head;
		struct stp_cmd_reloc r;
	} c;

	memset(&c, 0, sizeof(c));
	c.head.size = sizeof(c);
	c.head.type = STP_CMD_RELOC;
	if (!copy_name(c.r.module, module, sizeof(c.r.module)) ||
	    !copy_name(c.r.section, section, sizeof(c.r.section)))
		return true;		/* no module or section that a script can name */
	c.r.address = address;
	if (write(control, &c, sizeof(c)) == (ssize_t)sizeof(c))
		return true;
	complain("cannot tell the kernel where section %s of module %s is: %s", section, module, strerror(errno));
	return false;
}

static bool read_number(int dir, const char *name, uint64_t *ret)
{
	char text[32] = "";
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	*ret = strtoull(text, NULL, 16);
	return true;
}

static bool send_module(int control, const char *module, int verbose)
{
	char path[MODULE_NAME_SIZE + 32];
	struct dirent *e;
	bool ok = true;
	uint64_t address;
	DIR *d;

	snprintf(path, sizeof(path), "/sys/module/%.56s/sections", module);
	d = opendir(path);
	if (!d) {
		say(verbose, "module %s is not loaded", module);
		return true;		/* the kernel side says which probes miss it */
	}
	while (ok && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			if (read_number(dirfd(d), e->d_name, &address))
				ok = send_section(control, module, e->d_name, address);
	closedir(d);
	return ok;
}

bool files_send_sections(const struct files *f, int verbose)
{
	int fd = openat(f->dir, "modules", O_RDONLY | O_CLOEXEC);
	char name[256];
	bool ok = true;
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (!in) {
		complain("cannot read which modules the script needs: %s", strerror(errno));
		return false;
	}
	while (ok && fgets(name, sizeof(name), in)) {
		char *p;

		name[strcspn(name, "\n")] = 0;
		for (p = name; *p; p++)
			if (*p == '-')
				*p = '_';
		if (modinfo_name_ok(name))
			ok = send_module(f->control, name, verbose);
	}
	fclose(in);
	return ok;
}

/* ---- variables ---- */

/* False with errno. */
static bool send_variable(int control, const char *param)
{
	struct {
		struct stp_cmd head;
		struct stp_cmd_set s;
	} c = { { sizeof(c), STP_CMD_SET } };
	const char *value = strchr(param, '=') + 1;
	int n = value - 1 - param;

	if (n >= (int)sizeof(c.s.name) || !copy_name(c.s.value, value, sizeof(c.s.value))) {
		errno = E2BIG;
		return false;
	}
	memcpy(c.s.name, param, n);
	return write(control, &c, sizeof(c)) == (ssize_t)sizeof(c);
}

/* Seconds west of UTC and the zone's name, for scripts that ask (tapset/tzinfo.stp). */
static void set_zone(int control)
{
	char param[64];
	time_t now = time(NULL);
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return;
	snprintf(param, sizeof(param), "__tz_gmtoff=%ld", -tm.tm_gmtoff);
	if (!send_variable(control, param))
		return;
	snprintf(param, sizeof(param), "__tz_name=%.30s", tm.tm_zone);
	send_variable(control, param);
}

static bool set_variable(int control, const char *module, const char *param)
{
	const char *value = strchr(param, '=') + 1;
	int n = value - 1 - param;

	if (send_variable(control, param))
		return true;
	if (errno == ENOENT)
		complain("module %s has no global variable %.*s", module, n, param);
	else
		complain("global variable %.*s of module %s cannot be set to %.100s: %s", n, param, module, value,
			 errno == EINVAL ? "it is a number" : errno == EISDIR ? "it is an array or an aggregate" :
			 errno == E2BIG ? "it is longer than a string may be (MAXSTRINGLEN)" : strerror(errno));
	return false;
}

bool files_set_variables(const struct files *f, const char *name, char *const *params)
{
	set_zone(f->control);
	for (; *params; params++)
		if (!set_variable(f->control, name, *params))
			return false;
	return true;
}

/* ---- without stapio ---- */

/* SystemTap's words: people cut the name out of them. */
void files_how_to_attach(const char *name)
{
	fprintf(stderr, "Disconnecting from systemtap module.\nTo reconnect, type \"staprun -A %s\"\n", name);
}

int files_start_detached(struct files *f, const struct request *r)
{
	struct {
		struct stp_cmd head;
		struct stp_cmd_start s;
	} c = { { sizeof(c), STP_CMD_START }, { .flags = STP_START_DETACHED } };
	char why[256];

	c.s.target_pid = r->target ? atoll(r->target) : 0;
	c.s.namespaces_pid = r->namespaces;
	c.s.remote_id = r->remote_id;
	if (r->remote_uri)
		copy_name(c.s.remote_uri, r->remote_uri, sizeof(c.s.remote_uri));
	if (write(f->control, &c, sizeof(c)) == (ssize_t)sizeof(c))
		return 0;
	if (read_message(f->control, STP_MSG_START_FAILED, why, sizeof(why), 100))
		complain("%.255s", why);
	else
		complain("cannot start the session: %s", strerror(errno));
	return errno ? errno : EIO;
}

int files_stop(struct files *f)
{
	struct stp_cmd c = { sizeof(c), STP_CMD_STOP };

	if (write(f->control, &c, sizeof(c)) == (ssize_t)sizeof(c))
		return 0;
	complain("cannot stop the session: %s", strerror(errno));
	return errno;
}
