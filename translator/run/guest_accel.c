/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the guest's processors are made: by KVM, or emulated, at once or by turns.
 *
 * QEMU before 8.1 translates a page of code before it watches the page for writes.  Code that another processor
 * changes at that moment is run as it was: the kernel's own patching, which is what arming probes is, then meets an
 * int3 that nobody answers for ("Oops: int3") or a processor that never comes back (soft lockup); a boot alone
 * can end so.  QEMU 8.1 locks the page first ("accel/tcg: Always lock pages before translation").  With
 * older ones emulated processors take turns, which costs nothing where programs do one thing at a time.
 *
 * Then the second processor's delay loop cannot be calibrated: the kernel counts loops while it has no turn, and
 * udelay() comes out a hundred times too short.  So the kernel is told (lpj=): the time-stamp counter is the host's,
 * and delays are its ticks.
 *
 * Those also get the flags of cmpxchg16b from what an instruction long before has left: seen with 7.2, not with
 * 11.1.  The kernel's allocator has it, and an interrupt right behind it then saves flags that no processor can
 * have, which ends in a double fault.  So there is no cmpxchg16b for them; the kernel does without.
 *
 * Emulation keeps what it translated by the virtual address of the code.  A program that is loaded elsewhere each
 * time is translated each time, which makes its start three times as long (37 ms against 12 for an empty one): so
 * norandmaps, but where KVM runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/proc.h"
#include "guest_parts.h"

/* 8.1 or later; what cannot be told counts as old. */
static bool is_recent(const char *qemu)
{
	char *argv[] = { (char *)qemu, (char *)"--version", NULL };
	unsigned int major = 0, minor = 0;
	struct buf out = { 0 };
	bool recent;

	recent = proc_run(argv, NULL, &out, NULL, NULL) == 0 &&
	       sscanf(buf_text(&out), "QEMU emulator version %u.%u", &major, &minor) == 2 &&
	       (major > 8 || (major == 8 && minor >= 1));
	buf_deinit(&out);
	return recent;
}

#ifdef __x86_64__
#define CPU_OF_OLD ",cx16=off"

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Ticks of the time-stamp counter in a second, good to a percent. */
static uint64_t tsc_hz(void)
{
	struct timespec wait = { .tv_nsec = 2000000 };
	int64_t from = now_ns(), ns;
	uint64_t ticks = __builtin_ia32_rdtsc();

	nanosleep(&wait, NULL);
	ticks = __builtin_ia32_rdtsc() - ticks;
	ns = now_ns() - from;
	return ns > 0 ? (uint64_t)((double)ticks * 1e9 / (double)ns) : 0;
}
#else
#define CPU_OF_OLD ""

static uint64_t tsc_hz(void) { return 0; }
#endif

/* CONFIG_HZ; where the configuration is not to be read the lowest in use, for delays are never too short then. */
static unsigned long kernel_hz(const char *release)
{
	struct buf path = { 0 }, text = { 0 };
	const char *at = NULL;
	unsigned long hz = 0;

	buf_printf(&path, "/boot/config-%s", release);
	if (buf_read_file(&text, buf_text(&path)))
		at = strstr(buf_text(&text), "\nCONFIG_HZ=");
	if (at)
		hz = strtoul(at + strlen("\nCONFIG_HZ="), NULL, 10);
	buf_deinit(&path);
	buf_deinit(&text);
	return hz ? hz : 100;
}

void guest_accel_choose(struct guest_accel *ret, const struct guest *guest, const char *qemu)
{
	uint64_t hz;
	bool recent;

	*ret = (struct guest_accel){ .name = "kvm", .cpu = "" };
	if (guest->kvm)
		return;
	recent = is_recent(qemu);
	ret->name = "tcg,thread=single";
	if (!recent)
		ret->cpu = CPU_OF_OLD;
	if (guest->options->icount)
		return;		/* one processor, and time is what it counts */
	strcpy(ret->words, "norandmaps");
	if (recent) {
		ret->name = "tcg,thread=multi";
		return;
	}
	hz = tsc_hz();
	if (hz)
		snprintf(ret->words, sizeof(ret->words), "norandmaps lpj=%llu",
			 (unsigned long long)hz / kernel_hz(guest->kernel.release));
}
