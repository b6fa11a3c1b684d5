// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading and writing memory of the probed program, from handlers: an address that cannot be read
 * is an answer, never a fault.  A kernel address is read as kernel memory only, a user address as
 * memory of the current task only; which of the two is meant is the caller's to say, and an
 * address of the other kind is refused.
 *
 * User memory goes through this CPU's bounce buffer, which is kmalloc memory: before 6.4
 * copy_from_user_nofault() asks the hardened-usercopy code about the destination, and that takes
 * vmap_area_lock when it is vmalloc memory or an interrupt stack (mm/usercopy.c) - a dead lock in
 * a probe on code that holds it.  Bytes not in memory are not paged in: that would sleep.
 */
#include <linux/cpumask.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#ifdef CONFIG_X86_64
#include <asm/vsyscall.h>
#endif
#include "core/core.h"
#include "core/hit.h"

/* copy_from_kernel_nofault() looks at the first address alone; it refuses user addresses and holes. */
static nokprobe_inline bool copy_kernel(void *to, uint64_t addr, uint32_t size)
{
	if (unlikely(addr + size < addr))
		return false;
	return copy_from_kernel_nofault(to, (const void *)(unsigned long)addr, size) == 0;
}

static __kprobes bool copy_user(void *to, uint64_t addr, uint32_t size)
{
	char *bounce = stp_bounce(), *at = to;

	if (unlikely(addr + size < addr || stp_memory_is_foreign()))
		return false;
	while (size > 0) {
		uint32_t n = min_t(uint32_t, size, STP_BOUNCE_SIZE);

		if (copy_from_user_nofault(bounce, (const void __user *)(unsigned long)addr, n))
			return false;
		memcpy(at, bounce, n);
		at += n;
		addr += n;
		size -= n;
	}
	return true;
}

__kprobes bool stp_try_copy(void *to, uint64_t addr, uint32_t size, bool user)
{
	return user ? copy_user(to, addr, size) : copy_kernel(to, addr, size);
}

#ifdef CONFIG_X86_64
/*
 * What copy_from_kernel_nofault_allowed() (arch/x86/mm/maccess.c) lets through however many levels the page
 * tables have: the upper half of four, below the vsyscall page.
 */
static nokprobe_inline bool is_kernel_address(uint64_t addr)
{
	return addr - 0xffff800000000000 < VSYSCALL_ADDR - 7 - 0xffff800000000000;
}
#else
static nokprobe_inline bool is_kernel_address(uint64_t addr) { return false; }
#endif

/* One instruction, where copy_from_kernel_nofault() is a loop behind three calls.  False: not this way. */
static nokprobe_inline bool load_kernel(uint64_t addr, uint32_t size, uint64_t *ret)
{
	const void *from = (const void *)(unsigned long)addr;
	u8 b = 0;
	u16 h = 0;
	u32 w = 0;
	u64 d = 0;

	if (unlikely(!is_kernel_address(addr)))
		return false;
	pagefault_disable();
	switch (size) {
	case 1:
		__get_kernel_nofault(&b, from, u8, fault);
		break;
	case 2:
		__get_kernel_nofault(&h, from, u16, fault);
		break;
	case 4:
		__get_kernel_nofault(&w, from, u32, fault);
		break;
	default:
		__get_kernel_nofault(&d, from, u64, fault);
	}
	pagefault_enable();
	*ret = size == 1 ? b : size == 2 ? h : size == 4 ? w : d;
	return true;
fault:
	pagefault_enable();
	return false;
}

__kprobes bool stp_try_load(uint64_t addr, uint32_t size, bool user, uint64_t *ret)
{
	union { u8 b; u16 h; u32 w; u64 d; } v;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return false;
	if (!user && load_kernel(addr, size, ret))
		return true;
	if (!stp_try_copy(&v, addr, size, user))
		return false;
	*ret = size == 1 ? v.b : size == 2 ? v.h : size == 4 ? v.w : v.d;
	return true;
}

static nokprobe_inline bool size_ok(struct stp_context *c, uint32_t size)
{
	if (likely(size == 1 || size == 2 || size == 4 || size == 8))
		return true;
	stp_error(c, "access of %u bytes: only 1, 2, 4 or 8 can be had at once", size);
	return false;
}

static noinline __kprobes uint64_t load_slowly(struct stp_context *c, uint64_t addr, uint32_t size)
{
	uint64_t ret = 0;

	if (size_ok(c, size) && !stp_try_load(addr, size, false, &ret))
		stp_error(c, "read fault [man error::fault] at 0x%llx", addr);
	return ret;
}

#define DEFINE_LOAD(size)									\
__kprobes uint64_t stp_load##size(struct stp_context *c, uint64_t addr)				\
{												\
	uint64_t ret;										\
												\
	return likely(load_kernel(addr, size, &ret)) ? ret : load_slowly(c, addr, size);	\
}
DEFINE_LOAD(1)
DEFINE_LOAD(2)
DEFINE_LOAD(4)
DEFINE_LOAD(8)

__kprobes uint64_t stp_load_sized(struct stp_context *c, uint64_t addr, uint32_t size)
{
	return load_slowly(c, addr, size);
}

__kprobes uint64_t stp_load_user(struct stp_context *c, uint64_t addr, uint32_t size)
{
	uint64_t ret = 0;

	if (size_ok(c, size) && !stp_try_load(addr, size, true, &ret))
		stp_error(c, "read fault [man error::fault] at 0x%llx", addr);
	return ret;
}

/*
 * In pieces that end at a boundary of 64 bytes, so none reaches into a page that the string does
 * not: reading the rest of the page behind the NUL does no harm.
 */
__kprobes int64_t stp_try_string(uint64_t addr, bool user, char *to, uint32_t max)
{
	uint32_t len = 0;

	if (max == 0)
		return -1;
	while (len < max - 1) {
		uint64_t at = addr + len;
		uint32_t n = min_t(uint32_t, max - 1 - len, 64 - (at & 63)), used;

		if (!stp_try_copy(to + len, at, n, user)) {
			to[0] = '\0';
			return -1;
		}
		used = strnlen(to + len, n);
		len += used;
		if (used < n)
			break;
	}
	to[len] = '\0';
	return len;
}

/* copy_to_kernel_nofault() is not for modules.  That the bytes can be read is asked for first: it
 * proves that the address is a kernel one. */
static __kprobes bool put_kernel(uint64_t addr, uint32_t size, uint64_t value)
{
	void *to = (void *)(unsigned long)addr;
	u8 b = value;
	u16 h = value;
	u32 w = value;
	u64 d = value;

	if (!copy_kernel(&d, addr, size))
		return false;
	d = value;
	pagefault_disable();
	switch (size) {
	case 1:
		__put_kernel_nofault(to, &b, u8, fault);
		break;
	case 2:
		__put_kernel_nofault(to, &h, u16, fault);
		break;
	case 4:
		__put_kernel_nofault(to, &w, u32, fault);
		break;
	default:
		__put_kernel_nofault(to, &d, u64, fault);
	}
	pagefault_enable();
	return true;
fault:
	pagefault_enable();
	return false;
}

__kprobes void stp_store(struct stp_context *c, uint64_t addr, uint32_t size, uint64_t value)
{
	if (size_ok(c, size) && !put_kernel(addr, size, value))
		stp_error(c, "write fault [man error::fault] at 0x%llx", addr);
}

__kprobes void stp_store_user(struct stp_context *c, uint64_t addr, uint32_t size, uint64_t value)
{
	char *bounce = stp_bounce();
	u8 b = value;
	u16 h = value;
	u32 w = value;

	if (!size_ok(c, size))
		return;
	memcpy(bounce, size == 1 ? (void *)&b : size == 2 ? (void *)&h : size == 4 ? (void *)&w :
	       (void *)&value, size);
	if (addr + size < addr || stp_memory_is_foreign() ||
	    copy_to_user_nofault((void __user *)(unsigned long)addr, bounce, size))
		stp_error(c, "write fault [man error::fault] at 0x%llx", addr);
}

/* OFFSET is a per-CPU variable's address as the kernel's debuginfo and &variable have it. */
__kprobes uint64_t stp_percpu(uint64_t offset)
{
	return offset + per_cpu_offset(raw_smp_processor_id());
}
