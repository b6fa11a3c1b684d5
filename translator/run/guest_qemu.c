/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns a struct guest with a kernel and an initramfs into running processes: one virtiofsd per
 * shared directory and one QEMU, joined to the caller by socket pairs. Nothing of it has a name in
 * the file system once it runs: the sockets between QEMU and virtiofsd are made in a directory that
 * is gone again before either is started.
 *
 * Each child asks the kernel to be killed when the thread that started it dies, so even SIGKILL
 * leaves nothing behind; and each is in a session of its own, so the terminal's Ctrl-C does not
 * reach it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_parts.h"
#include "guest_wire.h"

#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/libexec/stap"
#endif

/*
 * What is known about a guest of this architecture. Of the words for the kernel, oops=panic and
 * softlockup_panic end the run instead of leaving a damaged kernel running; panic=-1 is an
 * immediate reboot, which QEMU is told to take as its end; the rest saves time at boot
 * (Documentation/admin-guide/kernel-parameters.txt).
 */
struct arch {
	const char *machine; /* of uname(2) */
	const char *qemu;
	const char *package;
	const char *board;
	const char *cpu_tcg, *cpu_kvm;
	const char *words;
};

static const struct arch arch_table[] = {
	{
		.machine = "x86_64",
		.qemu = "qemu-system-x86_64",
		.package = "qemu-system-x86",
		.board = "q35,sata=off,smbus=off,hpet=off,graphics=off,vmport=off",
		.cpu_tcg = "max,la57=off",
		.cpu_kvm = "host",
		.words = "console=ttyS0 oops=panic panic=-1 softlockup_panic=1 tsc=reliable"
			 " no_timer_check noreplace-smp random.trust_cpu=on cryptomgr.notests",
	},
};

static const struct arch *arch_find(void)
{
	struct utsname host;

	uname(&host);
	for (size_t i = 0; i < sizeof(arch_table) / sizeof(arch_table[0]); i++) {
		if (strcmp(arch_table[i].machine, host.machine) == 0)
			return &arch_table[i];
	}
	return NULL;
}

static bool runnable(char *ret, size_t size, const char *dir, size_t dir_len, const char *name)
{
	struct stat st;

	if ((size_t)snprintf(ret, size, "%.*s/%s", (int)dir_len, dir, name) >= size)
		return false;
	return access(ret, X_OK) == 0 && stat(ret, &st) == 0 && S_ISREG(st.st_mode);
}

/* Look in a list of directories, separated by colons. */
static bool search(char *ret, size_t size, const char *dirs, const char *name)
{
	for (const char *p = dirs; p && *p; p += strcspn(p, ":"), p += *p == ':') {
		if (runnable(ret, size, p, strcspn(p, ":"), name))
			return true;
	}
	return false;
}

/* One of our own: next to this program in a build tree, else installed. */
static bool find_own(char *ret, size_t size, const char *name)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	const char *slash = n > 0 ? memrchr(self, '/', n) : NULL;

	if (slash && runnable(ret, size, self, slash - self, name))
		return true;
	return search(ret, size, PKGLIBEXECDIR, name);
}

bool guest_programs_find(struct guest_programs *ret)
{
	static const char fs_dirs[] = "/usr/lib/qemu:/usr/libexec:/usr/lib/kvm:/usr/local/libexec";
	const struct arch *arch = arch_find();
	const char *path = getenv("PATH");
	bool qemu, virtiofsd;

	if (!arch) {
		fprintf(stderr, "ERROR: guests are not supported on this architecture\n");
		return false;
	}
	qemu = search(ret->qemu, sizeof(ret->qemu), path, arch->qemu) ||
	       search(ret->qemu, sizeof(ret->qemu), "/usr/bin:/usr/local/bin", arch->qemu);
	virtiofsd = search(ret->virtiofsd, sizeof(ret->virtiofsd), fs_dirs, "virtiofsd") ||
		    search(ret->virtiofsd, sizeof(ret->virtiofsd), path, "virtiofsd");
	if (!qemu || !virtiofsd) {
		fprintf(stderr,
			"ERROR: a guest needs %s%s%s; on Debian: apt-get install %s"
			" qemu-system-common"
			" (Debian 13 and later: also virtiofsd)\n",
			qemu ? "" : arch->qemu, qemu || virtiofsd ? "" : " and ",
			virtiofsd ? "" : "virtiofsd", arch->package);
		return false;
	}
	if (geteuid() == 0 || !find_own(ret->noatime, sizeof(ret->noatime), "stap-noatime.so"))
		ret->noatime[0] = '\0';
	if (!find_own(ret->agent, sizeof(ret->agent), "stap-agent")) {
		fprintf(stderr, "ERROR: cannot find stap-agent next to this program or in %s\n",
			PKGLIBEXECDIR);
		return false;
	}
	return true;
}

/* The words of a command line; freed with the strings that were made for it. */
struct words {
	char *word[128];
	size_t n;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void words_add(struct words *words, const char *format,
							    ...)
{
	va_list ap;

	if (words->n + 1 >= sizeof(words->word) / sizeof(words->word[0])) {
		words->failed = true;
		return;
	}
	va_start(ap, format);
	if (vasprintf(&words->word[words->n], format, ap) < 0) {
		words->word[words->n] = NULL;
		words->failed = true;
	} else {
		words->n++;
	}
	va_end(ap);
}

static void words_deinit(struct words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->word[i]);
}

/* In the child: what both kinds of helper need after fork. Only descriptors in keep[] are kept. */
static void helper_setup(pid_t parent, int chatter, const int *keep, size_t nkeep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < 32; sig++)
		sigaction(sig, &dfl, NULL);
	dup2(null, 0);
	dup2(chatter, 1);
	dup2(chatter, 2);
	for (size_t i = 0; i < nkeep; i++)
		fcntl(keep[i], F_SETFD, 0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		_exit(126);
	close(fd);
}

/*
 * Runs in the child: make this process see every file system read-only, so that a file server
 * cannot be talked into a write, whatever the guest does. An ordinary user becomes root of a user
 * namespace first, for chroot(2). Where namespaces are not to be had (containers), the guest's own
 * read-only mount must do.
 */
static void helper_confine(bool read_only)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (uid != 0) {
		if (unshare(CLONE_NEWUSER) < 0) {
			fprintf(stderr,
				"user namespaces are not allowed here (%s): run as root,"
				" or see sysctl kernel.unprivileged_userns_clone\n",
				strerror(errno));
			_exit(126);
		}
		write_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_file("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_file("/proc/self/gid_map", map);
	}
	if (!read_only || unshare(CLONE_NEWNS) < 0)
		return;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return;
	syscall(SYS_mount_setattr, -1, "/", AT_RECURSIVE, &attr, sizeof(attr));
}

/* A listening and a connected end of a socket that has no name any more. */
static bool socket_nameless(int *ret_listen, int *ret_connected)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *tmp = getenv("TMPDIR");
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char dir[sizeof(addr.sun_path) - 8];
	bool ok = false;

	if (!tmp || strlen(tmp) > sizeof(dir) - 32)
		tmp = "/tmp";
	snprintf(dir, sizeof(dir), "%s/stap-guest-XXXXXX", tmp);
	if (server >= 0 && client >= 0 && mkdtemp(dir)) {
		snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
		ok = bind(server, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
		     listen(server, 1) == 0 &&
		     connect(client, (struct sockaddr *)&addr, sizeof(addr)) == 0;
		unlink(addr.sun_path);
		rmdir(dir);
	}
	if (!ok) {
		fprintf(stderr, "ERROR: cannot make a socket in %s: %s\n", tmp, strerror(errno));
		if (server >= 0)
			close(server);
		if (client >= 0)
			close(client);
		return false;
	}
	*ret_listen = server;
	*ret_connected = client;
	return true;
}

/* Serve dir; *ret is the descriptor for QEMU to speak vhost-user on. */
static bool start_virtiofsd(struct guest *guest, enum guest_helper which,
			    const struct guest_programs *programs, const char *dir, int chatter,
			    int *ret)
{
	const char *virtiofsd = programs->virtiofsd;
	struct words words = { 0 };
	pid_t parent = getpid(), pid;
	int server;

	if (!socket_nameless(&server, ret))
		return false;
	words_add(&words, "%s", virtiofsd);
	words_add(&words, "--fd=%d", server);
	words_add(&words, "-f");
	words_add(&words, "-o");
	words_add(&words, "source=%s", dir);
	words_add(&words, "-o");
	words_add(&words, "sandbox=chroot");
	words_add(&words, "-o");
	/* Pages stay until the size or time of a file changes, which is looked at each second: with cache=auto
	 * every open() of a library read it anew, and starting a program took half a second. */
	words_add(&words, "cache=always,timeout=1");
	words_add(&words, "-o");
	words_add(&words, "xattr");
	words_add(&words, "-o");
	words_add(&words, "log_level=err");
	pid = words.failed ? -1 : fork();
	if (pid == 0) {
		dup2(chatter, 2);
		helper_confine(which == GUEST_FS_ROOT);
		/* last, since unshare clears the parent-death signal */
		helper_setup(parent, chatter, &server, 1);
		if (programs->noatime[0])
			setenv("LD_PRELOAD", programs->noatime, 1);
		execv(virtiofsd, words.word);
		fprintf(stderr, "cannot run %s: %s\n", virtiofsd, strerror(errno));
		_exit(127);
	}
	words_deinit(&words);
	close(server);
	if (pid < 0) {
		fprintf(stderr, "ERROR: cannot start virtiofsd: %s\n", strerror(errno));
		close(*ret);
		*ret = -1;
		return false;
	}
	guest->pid[which] = pid;
	return true;
}

/* QEMU's ends of the descriptors. */
struct ends {
	int wire, console, fs_root, fs_share;
};

static void add_share(struct words *words, int fd, const char *tag)
{
	words_add(words, "-chardev");
	words_add(words, "socket,id=fs-%s,fd=%d", tag, fd);
	words_add(words, "-device");
	words_add(words, "vhost-user-fs-pci,chardev=fs-%s,tag=%s", tag, tag);
}

static void qemu_words(struct words *words, const struct guest *guest, const char *qemu,
		       const struct ends *ends)
{
	const struct guest_options *o = guest->options;
	const struct arch *arch = arch_find();
	unsigned int mem = o->mem_mb ? o->mem_mb : 2048;
	struct guest_accel accel;

	words_add(words, "%s", qemu);
	words_add(words, "-nodefaults");
	words_add(words, "-no-user-config");
	words_add(words, "-no-reboot");
	words_add(words, "-display");
	words_add(words, "none");
	words_add(words, "-machine");
	words_add(words, "%s,memory-backend=ram", arch->board);
	words_add(words, "-accel");
	guest_accel_choose(&accel, guest, qemu);
	words_add(words, "%s", accel.name);
	if (o->icount) {
		words_add(words, "-icount");
		words_add(words, "shift=0,sleep=off");
	}
	words_add(words, "-cpu");
	words_add(words, "%s%s", guest->kvm ? arch->cpu_kvm : arch->cpu_tcg, accel.cpu);
	words_add(words, "-smp");
	words_add(words, "%u", o->cpus ? o->cpus : o->icount ? 1 : 2);
	words_add(words, "-m");
	words_add(words, "%uM", mem);
	words_add(words, "-object");
	words_add(words, "memory-backend-memfd,id=ram,size=%uM,share=on", mem);
	words_add(words, "-kernel");
	words_add(words, "%s", guest->kernel.image);
	words_add(words, "-initrd");
	words_add(words, "/proc/self/fd/%d", guest->initramfs);
	words_add(words, "-append");
	words_add(words, "%s %s %s %s", arch->words, accel.words, o->verbose >= 3 ? "ignore_loglevel" : "quiet",
		  o->append ? o->append : "");
	words_add(words, "-chardev");
	words_add(words, "socket,id=console,fd=%d", ends->console);
	words_add(words, "-serial");
	words_add(words, "chardev:console");
	words_add(words, "-device");
	words_add(words, "virtio-serial-pci");
	words_add(words, "-chardev");
	words_add(words, "socket,id=wire,fd=%d", ends->wire);
	words_add(words, "-device");
	words_add(words, "virtserialport,chardev=wire,name=" GUEST_PORT);
	add_share(words, ends->fs_root, GUEST_TAG_ROOT);
	if (ends->fs_share >= 0)
		add_share(words, ends->fs_share, GUEST_TAG_SHARE);
}

static bool start_qemu(struct guest *guest, const char *qemu, const struct ends *ends, int chatter)
{
	int keep[] = { guest->initramfs, ends->wire, ends->console, ends->fs_root, ends->fs_share };
	struct words words = { 0 };
	pid_t parent = getpid(), pid;

	qemu_words(&words, guest, qemu, ends);
	pid = words.failed ? -1 : fork();
	if (pid == 0) {
		helper_setup(parent, chatter, keep,
			     sizeof(keep) / sizeof(keep[0]) - (ends->fs_share < 0));
		execv(qemu, words.word);
		fprintf(stderr, "cannot run %s: %s\n", qemu, strerror(errno));
		_exit(127);
	}
	if (guest->options->verbose >= 2 && pid > 0) {
		for (size_t i = 0; i < words.n; i++)
			fprintf(stderr, "%s%s", i ? " " : "Running ", words.word[i]);
		fprintf(stderr, "\n");
	}
	words_deinit(&words);
	if (pid < 0) {
		fprintf(stderr, "ERROR: cannot start QEMU: %s\n", strerror(errno));
		return false;
	}
	guest->pid[GUEST_QEMU] = pid;
	return true;
}

bool guest_start(struct guest *guest, const struct guest_programs *programs)
{
	const char *share = guest->options->share;
	struct ends ends = { -1, -1, -1, -1 };
	int chatter[2], wire[2], console[2];
	bool ok;

	guest->wire = guest->console = guest->chatter = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, chatter) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wire) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, console) < 0) {
		fprintf(stderr, "ERROR: cannot make a socket pair: %s\n", strerror(errno));
		return false; /* out of descriptors: the caller is about to end */
	}
	guest->wire = wire[0];
	guest->console = console[0];
	guest->chatter = chatter[0];
	ends.wire = wire[1];
	ends.console = console[1];
	ok = start_virtiofsd(guest, GUEST_FS_ROOT, programs, "/", chatter[1], &ends.fs_root) &&
	     (!share || start_virtiofsd(guest, GUEST_FS_SHARE, programs, share, chatter[1],
					&ends.fs_share)) &&
	     start_qemu(guest, programs->qemu, &ends, chatter[1]);
	close(wire[1]);
	close(console[1]);
	close(chatter[1]);
	if (ends.fs_root >= 0)
		close(ends.fs_root);
	if (ends.fs_share >= 0)
		close(ends.fs_share);
	if (!ok)
		guest_stop(guest);
	return ok;
}

void guest_stop(struct guest *guest)
{
	int *fds[] = { &guest->wire, &guest->console, &guest->chatter };

	for (int i = 0; i < GUEST_NHELPERS; i++) {
		if (guest->pid[i] > 0)
			kill(guest->pid[i], SIGKILL);
	}
	for (int i = 0; i < GUEST_NHELPERS; i++) {
		while (guest->pid[i] > 0 && waitpid(guest->pid[i], NULL, 0) < 0 && errno == EINTR)
			;
		guest->pid[i] = 0;
	}
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}
