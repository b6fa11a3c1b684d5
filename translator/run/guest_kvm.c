/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds out whether hardware virtualisation works by using it: a child makes a virtual machine of
 * one page that holds a loop of a millisecond, runs it, and expects to be told that it halted
 * (Documentation/virt/kvm/api.rst). /dev/kvm can exist and even make virtual machines without
 * running them at the hardware's speed or at all, as on hosts that are guests themselves and
 * interpret every instruction; and it can hang. So the child is given a limit that only hardware
 * can meet.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_parts.h"

enum {
	PAGE = 4096,
	LIMIT_MS = 1000,      /* in which the child must be done, however busy this machine is */
	CPU_LIMIT_US = 30000, /* of processor time: what tells hardware from an interpreter */
};

/*
 * mov $1000000, %ecx; 1: dec %ecx; jnz 1b; hlt - in real mode; a millisecond of hardware, a second
 * of an interpreter
 */
static const unsigned char code[] = { 0x66, 0xb9, 0x40, 0x42, 0x0f, 0x00,
				      0x66, 0x49, 0x75, 0xfc, 0xf4 };

#if defined(__x86_64__)
static bool enter_real_mode(int vcpu, unsigned long ip)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rip = ip, .rflags = 2 };

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		return false;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	return ioctl(vcpu, KVM_SET_SREGS, &sregs) >= 0 && ioctl(vcpu, KVM_SET_REGS, &regs) >= 0;
}

static bool halts(void)
{
	struct kvm_userspace_memory_region memory = { .guest_phys_addr = PAGE,
						      .memory_size = PAGE };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);
	int vcpu = vm < 0 ? -1 : ioctl(vm, KVM_CREATE_VCPU, 0);
	int size = vcpu < 0 ? -1 : ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	unsigned char *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_run *run;

	if (size < (int)sizeof(*run) || page == MAP_FAILED)
		return false;
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		return false;
	memcpy(page, code, sizeof(code));
	memory.userspace_addr = (unsigned long)page;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &memory) < 0 || !enter_real_mode(vcpu, PAGE))
		return false;
	return ioctl(vcpu, KVM_RUN, 0) >= 0 && run->exit_reason == KVM_EXIT_HLT;
}
#else
static bool halts(void)
{
	return false;
}
#endif

bool guest_kvm_works(void)
{
	int64_t end = guest_now_ms() + LIMIT_MS;
	int status = 0;
	pid_t pid;

	if (access("/dev/kvm", R_OK | W_OK) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		const struct itimerval limit = { .it_value.tv_usec = CPU_LIMIT_US };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPROF, SIG_DFL);
		setitimer(ITIMER_PROF, &limit, NULL);
		_exit(halts() ? 0 : 1);
	}
	while (pid > 0) {
		pid_t done = waitpid(pid, &status, WNOHANG);

		if (done == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		if (done < 0 && errno != EINTR)
			return false;
		if (guest_now_ms() > end) {
			kill(pid, SIGKILL);
			poll(NULL, 0, 50);
			waitpid(pid, &status, WNOHANG);
			return false;
		}
		poll(NULL, 0, 2);
	}
	return false;
}
