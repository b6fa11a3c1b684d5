/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of one guest, shared by guest*.c and nobody else. A struct guest lives for one boot:
 * guest.c makes and ends it, the other files fill in or use the part that carries their name.
 */
#ifndef RUN_GUEST_PARTS_H
#define RUN_GUEST_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "guest.h"

/* The last bytes of a stream that is read to keep its writer going and to have something to show
 * after a failure. */
struct guest_log {
	char *text; /* NUL-terminated, owned */
	size_t len;
	size_t size;
	bool cut; /* the beginning has been dropped */
};

void guest_log_add(struct guest_log *log, const char *bytes, size_t n);
void guest_log_deinit(struct guest_log *log);

/* The text from the first sign of a dying or complaining kernel to the end of the log, or NULL. */
const char *guest_log_panic(const struct guest_log *log);
const char *guest_log_splat(const struct guest_log *log);
/* At most `lines` lines from the end. */
const char *guest_log_tail(const struct guest_log *log, unsigned int lines);

struct guest_kernel {
	char *release;
	char *image;	/* path of its bzImage */
	char **modules; /* paths below /lib/modules, in the order in which to load them */
	size_t nmodules;
};

bool guest_kernel_init(struct guest_kernel *kernel, const char *want);
void guest_kernel_deinit(struct guest_kernel *kernel);

/* A memfd with a newc archive: agent as /init, modules as /modules/0 and so on. -1 after a reported
 * error. */
int guest_initramfs_create(const struct guest_kernel *kernel, const char *agent);

/* Does /dev/kvm run code, at the speed of hardware? Answers within half a second, whatever /dev/kvm
 * does. */
bool guest_kvm_works(void);

/* How processors are made: QEMU's -accel, and what the guest's kernel has to be told with it. */
struct guest_accel {
	const char *name;
	const char *cpu;		/* what is added to the emulated processor's model */
	char words[48];
};

struct guest;
void guest_accel_choose(struct guest_accel *ret, const struct guest *guest, const char *qemu);

enum guest_helper { GUEST_QEMU, GUEST_FS_ROOT, GUEST_FS_SHARE, GUEST_NHELPERS };

struct guest {
	const struct guest_options *options;
	struct guest_kernel kernel;
	int initramfs;
	bool kvm;
	pid_t pid[GUEST_NHELPERS]; /* 0: not running */
	int wire;		   /* frames, see guest_wire.h */
	int console;		   /* the guest's first serial port */
	int chatter;		   /* stderr of QEMU and virtiofsd */
	struct guest_log console_log;
	struct guest_log chatter_log;
};

/* Programs, by full path; false after one message that names all that is missing and the packages
 * that have it. */
struct guest_programs {
	char qemu[256];
	char virtiofsd[256];
	char agent[4096];
	char noatime[4096]; /* see guest_noatime.c; empty: not needed */
};

bool guest_programs_find(struct guest_programs *ret);

/* Start QEMU and its file servers: fills in pid, wire, console, chatter. False after a reported
 * error. */
bool guest_start(struct guest *guest, const struct guest_programs *programs);
/* End what guest_start started and wait for it. */
void guest_stop(struct guest *guest);

enum guest_outcome {
	GUEST_EXITED,	/* the command ended: its status */
	GUEST_ENDED,	/* by a second signal: 128 + its number */
	GUEST_DIED,	/* QEMU ended on its own, or closed its end of the wire */
	GUEST_SILENT,	/* no sign of life for hang_limit_s */
	GUEST_NO_BOOT,	/* no HELLO within the limit */
	GUEST_CONFUSED, /* the agent talks nonsense */
};

struct guest_job {
	char *const *argv;
	bool tty;
	unsigned int boot_limit_s;
	/* results */
	int status;
	bool booted;
	unsigned int boot_ms; /* from the start of the conversation to HELLO */
};

enum guest_outcome guest_talk(struct guest *guest, struct guest_job *job);

int64_t guest_now_ms(void);

#endif
