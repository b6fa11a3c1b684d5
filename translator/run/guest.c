/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns options and a command into one boot of a guest and an exit status: finds what is needed,
 * starts it, lets guest_talk.c hold the conversation, and reports in words whatever came between
 * the command and its exit. The only place where a failure of a guest that has started is told to
 * the user.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_parts.h"

enum {
	BOOT_LIMIT_S = 180,
	KVM_LIMIT_S = 30, /* a kernel that has not booted by then will not */
	TAIL_LINES = 25,
	BLOCK_LINES = 300,
};

static void print_lines(const char *text, unsigned int lines)
{
	const char *end = text;

	while (*end && lines--) {
		const char *nl = strchr(end, '\n');

		end = nl ? nl + 1 : end + strlen(end);
	}
	fwrite(text, 1, end - text, stderr);
	if (end > text && end[-1] != '\n')
		fputc('\n', stderr);
	if (*end)
		fprintf(stderr, "(%zu more bytes)\n", strlen(end));
}

static void print_tail(const char *what, const struct guest_log *log)
{
	const char *tail = guest_log_tail(log, TAIL_LINES);

	if (*tail) {
		fprintf(stderr, "%s\n", what);
		print_lines(tail, TAIL_LINES);
	}
}

/* The kernel's last words, or else everything that might explain the failure that has just been
 * named. */
static void explain(const struct guest *guest)
{
	const char *splat = guest_log_splat(&guest->console_log);

	if (splat) {
		fprintf(stderr, "Its kernel said:\n");
		print_lines(splat, BLOCK_LINES);
	} else {
		print_tail("Its kernel's last messages:", &guest->console_log);
	}
	print_tail("QEMU and virtiofsd said:", &guest->chatter_log);
}

static void report(const struct guest *guest, const struct guest_job *job,
		   enum guest_outcome outcome)
{
	const struct guest_options *o = guest->options;
	const char *release = guest->kernel.release;
	const char *panic = guest_log_panic(&guest->console_log);

	if (panic) {
		fprintf(stderr, "ERROR: the guest's kernel %s panicked:\n", release);
		print_lines(panic, BLOCK_LINES);
		return;
	}
	switch (outcome) {
	case GUEST_NO_BOOT:
		fprintf(stderr, "ERROR: the guest with kernel %s did not boot within %u seconds\n",
			release, job->boot_limit_s);
		break;
	case GUEST_SILENT:
		fprintf(stderr,
			"ERROR: the guest with kernel %s hangs: no sign of life for %u seconds\n",
			release, o->hang_limit_s ? o->hang_limit_s : 60);
		break;
	case GUEST_CONFUSED:
		fprintf(stderr,
			"ERROR: the guest's agent and this program do not understand each other\n");
		break;
	default:
		fprintf(stderr, "ERROR: the guest with kernel %s ended unexpectedly%s\n", release,
			job->booted ? "" : " while it booted");
	}
	explain(guest);
}

/* A complaint of the guest's kernel during a run that went on: shown, and a failure if the caller
 * is strict. */
static int check_splat(const struct guest *guest, int status)
{
	const char *splat = guest_log_splat(&guest->console_log);

	if (!splat)
		return status;
	fprintf(stderr, "%s: the guest's kernel %s complained:\n",
		guest->options->strict ? "ERROR" : "WARNING", guest->kernel.release);
	print_lines(splat, BLOCK_LINES);
	return guest->options->strict ? -1 : status;
}

/* One boot. *ret_again: it failed in a way that may be KVM's fault. */
static int boot_once(struct guest *guest, const struct guest_programs *programs,
		     struct guest_job *job, bool *ret_again)
{
	enum guest_outcome outcome;

	*ret_again = false;
	if (!guest_start(guest, programs))
		return -1;
	outcome = guest_talk(guest, job);
	guest_stop(guest);
	if (guest->options->verbose && job->booted)
		fprintf(stderr, "Guest: kernel %s booted in %u.%02u s (%s).\n",
			guest->kernel.release, job->boot_ms / 1000, job->boot_ms % 1000 / 10,
			guest->kvm ? "KVM" : "software emulation");
	if (outcome == GUEST_EXITED)
		return check_splat(guest, job->status);
	if (outcome == GUEST_ENDED)
		return job->status;
	*ret_again = guest->kvm && !job->booted;
	if (!*ret_again)
		report(guest, job, outcome);
	return -1;
}

static bool share_is_fit(const char *share)
{
	struct stat st;

	if (!share)
		return true;
	if (share[0] == '/' && !strchr(share, ',') && stat(share, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	fprintf(stderr,
		"ERROR: cannot share %s with a guest: not the absolute path of a directory, "
		"without commas\n",
		share);
	return false;
}

static int run(const struct guest_options *options, struct guest_job *job)
{
	struct guest guest = {
		.options = options, .initramfs = -1, .wire = -1, .console = -1, .chatter = -1
	};
	unsigned int limit = options->boot_limit_s ? options->boot_limit_s : BOOT_LIMIT_S;
	struct guest_programs programs;
	bool again = true;
	int status = -1;

	fflush(NULL);
	if (!share_is_fit(options->share) || !guest_programs_find(&programs) ||
	    !guest_kernel_init(&guest.kernel, options->kver))
		return -1;
	guest.initramfs = guest_initramfs_create(&guest.kernel, programs.agent);
	guest.kvm = !options->no_kvm && !options->icount && guest_kvm_works();
	while (again && guest.initramfs >= 0) {
		job->boot_limit_s = guest.kvm && limit > KVM_LIMIT_S ? KVM_LIMIT_S : limit;
		status = boot_once(&guest, &programs, job, &again);
		guest.kvm = false;
		guest_log_deinit(&guest.console_log);
		guest_log_deinit(&guest.chatter_log);
	}
	if (guest.initramfs >= 0)
		close(guest.initramfs);
	guest_kernel_deinit(&guest.kernel);
	return status;
}

int guest_run(const struct guest_options *options, char *const argv[])
{
	struct guest_job job = { .argv = argv };

	return run(options, &job);
}

int guest_shell(const struct guest_options *options)
{
	const char *shell = getenv("SHELL");
	char *argv[] = { (char *)(shell && *shell ? shell : "/bin/sh"), NULL };
	struct guest_job job = { .argv = argv, .tty = isatty(0) && isatty(1) };

	return run(options, &job);
}
