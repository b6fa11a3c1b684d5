// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel module with known functions, structs, inlines and a tracepoint, for tests to probe.
 *
 * Writing a word to /sys/kernel/debug/stap_kmod/call calls the function of that name once, with the
 * constants below: `ints`, `structs`, `chain`, `inline`, `both`, `trace`, `recurse`, `many` (1000 calls of
 * kt_tick), `strings`, `callees`, `tail`, `sleep` (200 ms), `irq`, `softirq`.  Constants are chosen so
 * that a value read with a wrong size, sign or offset is a different number.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define CREATE_TRACE_POINTS
#include "stap_kmod_trace.h"

enum kt_colour { KT_RED = 3, KT_GREEN = -7, KT_BLUE = 40000 };

struct kt_inner {
	short s;
	union {
		int i;
		unsigned char bytes[4];
	};
};

struct kt_outer {
	signed char c;
	unsigned int bit1 : 1, bit5 : 5, bit12 : 12;
	int sbit7 : 7;
	long l;
	struct kt_inner in;
	struct kt_inner arr[3];
	int grid[2][3];
	const char *name;
	char text[16];
	enum kt_colour colour;
	struct kt_outer *next;
	bool flag;
	unsigned long long u64;
	int (*fn)(int);
};

static struct kt_outer kt_second = {
	.c = 'z', .bit1 = 0, .bit5 = 21, .bit12 = 0xabc, .sbit7 = 33, .l = -2, .name = "second",
	.text = "inline text", .colour = KT_BLUE, .u64 = 0x8000000000000001ULL,
	.in = { .s = 7, .i = 0x04030201 },
};

static struct kt_outer kt_first = {
	.c = -5, .bit1 = 1, .bit5 = 17, .bit12 = 0x123, .sbit7 = -9, .l = -1234567890123L,
	.in = { .s = -300, .i = 0x11223344 },
	.arr = { { 1, { 10 } }, { -2, { 20 } }, { 3, { -30 } } },
	.grid = { { 1, 2, 3 }, { 4, 5, -6 } },
	.name = "first", .text = "hello, kernel", .colour = KT_GREEN, .next = &kt_second, .flag = true,
	.u64 = 0xfedcba9876543210ULL,
};

int kt_global = 4711;
static long kt_static = -815;

noinline long kt_ints(signed char c, unsigned char uc, short s, unsigned short us, int i, unsigned int ui,
		      long l, unsigned long ul)
{
	barrier();
	return c + uc + s + us + (long)i + ui + l + (long)ul;
}

noinline int kt_structs(struct kt_outer *o, const char *label, enum kt_colour colour, bool flag)
{
	barrier();
	return o->in.s + (int)strlen(label) + colour + flag;
}

noinline unsigned char kt_uchar(int v)
{
	barrier();
	return (unsigned char)(v * 3);
}

noinline short kt_short(int v)
{
	barrier();
	return (short)-v;
}

noinline struct kt_outer *kt_pointer(struct kt_outer *o)
{
	barrier();
	return o->next;
}

static __always_inline int kt_inlined(int a, int b)
{
	int sum = a * 2 + b;

	barrier();
	return sum;
}

noinline int kt_uses_inline(int x)
{
	int r = kt_inlined(x, 5);

	return r + kt_inlined(r, kt_global);
}

static __always_inline int kt_scaled(int a, int b)
{
	return (a * 9) ^ b;
}

/* Both calls begin at one instruction: their code is mixed. */
noinline int kt_both(int x, int y)
{
	int r;

	kt_static++;
	barrier();
	r = kt_scaled(x, 1) + kt_scaled(y, 2);
	barrier();
	return r;
}

noinline int kt_recurse(int n)
{
	int rest = n <= 0 ? 0 : kt_recurse(n - 1);

	barrier();		/* or gcc makes a loop of it */
	return n <= 0 ? 0 : n + rest;
}

noinline void kt_tick(unsigned long n)
{
	barrier();
	kt_static += n;
}

noinline int kt_strings(const char *s, char *buf, size_t n)
{
	barrier();
	strscpy(buf, s, n);
	return (int)strlen(buf);
}

noinline int kt_child(int v)
{
	barrier();
	return v + 1;
}

noinline int kt_middle(int v)
{
	int r = kt_child(v * 10);

	barrier();
	return r + 1;
}

/* Calls kt_child itself and through kt_middle; the label has code of its own. */
noinline int kt_parent(int v)
{
	int r = kt_child(v);

	if (r < 0)
		goto odd;
	r += kt_middle(v);
	barrier();
	return r;
odd:
	kt_static++;
	barrier();
	return kt_child(-r);
}

noinline int kt_outsider(int v)
{
	int r = kt_child(v) + kt_middle(v);

	barrier();
	return r;
}

noinline int kt_tail_end(int v)
{
	barrier();
	return v * 2;
}

/* Jumps to kt_tail_end: the return that is seen is the one of both. */
noinline int kt_tail(int v)
{
	return kt_tail_end(v + 1);
}

noinline int kt_sleep(int ms)
{
	msleep(ms);
	return ms;
}

static DECLARE_COMPLETION(kt_done);

noinline void kt_in_interrupt(int n)
{
	barrier();
	kt_static += n;
	complete(&kt_done);
}

static void irq_handler(struct irq_work *work)
{
	kt_in_interrupt(1);
}

static void softirq_handler(struct tasklet_struct *t)
{
	kt_in_interrupt(2);
}

static struct irq_work kt_irq_work = IRQ_WORK_INIT_HARD(irq_handler);
static DECLARE_TASKLET(kt_tasklet, softirq_handler);

static void call(const char *what)
{
	char buf[32];
	volatile long sink = 0;

	if (!strcmp(what, "ints"))
		sink = kt_ints(-5, 250, -30000, 60000, -2000000000, 4000000000U, -9000000000000000000L,
			       0xfedcba9876543210UL);
	else if (!strcmp(what, "structs"))
		sink = kt_structs(&kt_first, "a label", KT_RED, true);
	else if (!strcmp(what, "chain"))
		sink = kt_uchar(100) + kt_short(12345) + (kt_pointer(&kt_first) == &kt_second);
	else if (!strcmp(what, "inline"))
		sink = kt_uses_inline(10);
	else if (!strcmp(what, "both"))
		sink = kt_both(7, 11);
	else if (!strcmp(what, "recurse"))
		sink = kt_recurse(5);
	else if (!strcmp(what, "strings"))
		sink = kt_strings("copied text", buf, sizeof(buf));
	else if (!strcmp(what, "trace"))
		trace_stap_kmod_event(-17, "event", &kt_first);
	else if (!strcmp(what, "many"))
		for (unsigned long i = 0; i < 1000; i++)
			kt_tick(i);
	else if (!strcmp(what, "callees"))
		sink = kt_parent(3) + kt_outsider(4) + kt_parent(-9);
	else if (!strcmp(what, "tail"))
		sink = kt_tail(20);
	else if (!strcmp(what, "sleep"))
		sink = kt_sleep(200);
	else if (!strcmp(what, "irq") && irq_work_queue(&kt_irq_work))
		wait_for_completion(&kt_done);
	else if (!strcmp(what, "softirq")) {
		tasklet_schedule(&kt_tasklet);
		wait_for_completion(&kt_done);
	}
	(void)sink;
}

static ssize_t call_write(struct file *file, const char __user *from, size_t n, loff_t *pos)
{
	char word[16];

	if (n >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, from, n))
		return -EFAULT;
	word[n] = '\0';
	call(strim(word));
	return (ssize_t)n;
}

static const struct file_operations call_fops = {
	.owner = THIS_MODULE,
	.write = call_write,
};

static struct dentry *dir;

static int __init stap_kmod_init(void)
{
	dir = debugfs_create_dir("stap_kmod", NULL);
	debugfs_create_file("call", 0200, dir, NULL, &call_fops);
	return 0;
}

static void __exit stap_kmod_exit(void)
{
	debugfs_remove_recursive(dir);
	irq_work_sync(&kt_irq_work);
	tasklet_kill(&kt_tasklet);
}

module_init(stap_kmod_init);
module_exit(stap_kmod_exit);
MODULE_DESCRIPTION("known functions and data for the tests of stap");
MODULE_LICENSE("GPL");
