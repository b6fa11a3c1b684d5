// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values of every kind that C types of the kernel have, for a test that reads them all back.
 *
 * Each of KV_N structs is filled with numbers of a fixed sequence, so that a wrong size, sign, offset
 * or bit shows.  Reading /sys/kernel/debug/stap_values/expect gives what the test must print, written
 * by the compiler that laid the structs out; writing to .../call makes the calls that it probes.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>

enum { KV_N = 12 };
enum kv_signed { KV_MINUS = -3, KV_PLUS = 70000 };
enum kv_unsigned { KV_ZERO, KV_BIG = 0xfffffff0 };
typedef short kv_td1;
typedef kv_td1 kv_td2;
typedef const kv_td2 kv_td3;

struct kv_packed { char pad; u32 odd; s16 odder; u64 oddest; } __packed;
struct kv_pair { long a; int b; };
struct kv_small { short x; signed char y; unsigned char z; };
struct kv_large { long v[5]; };
struct kv_flex { int n; short v[]; };

struct kv {
	s8 a_s8;
	u8 a_u8;
	s16 a_s16;
	u16 a_u16;
	s32 a_s32;
	u32 a_u32;
	s64 a_s64;
	u64 a_u64;
	bool a_bool;
	char a_char;
	enum kv_signed e_s;
	enum kv_unsigned e_u;
	unsigned int b1 : 1, b5 : 5, b12 : 12;
	int bs7 : 7;
	u64 b33 : 33;
	s64 bs40 : 40;
	u8 b_tail : 3;
	struct { short s; union { int i; u8 bytes[4]; }; } nested;
	struct { int anon_i; union { s16 anon_h[2]; u32 anon_w; }; };
	int grid[2][3];
	signed char cube[2][2][2];
	kv_td3 chain;
	const volatile u32 cv;
	struct kv_packed packed;
	int *p_int;
	struct kv *p_next;
	char text[8];
};

static struct kv kv_all[KV_N];
static int kv_ints[KV_N];
static DEFINE_PER_CPU(struct kv_pair, kv_percpu);
static struct kv_flex *kv_flex;
static const char *const kv_names[2] = { "zero", "one" };

static u32 next(void)
{
	static u64 state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)(state >> 16);
}

static void fill(void)
{
	int cpu, i;
	size_t k;

	for (i = 0; i < KV_N; i++) {
		struct kv *v = &kv_all[i];

		for (k = 0; k < sizeof(*v); k++)
			((u8 *)v)[k] = next();
		*(u8 *)&v->a_bool = i & 1;
		v->a_char = 'a' + i;
		v->e_s = i & 1 ? KV_MINUS : KV_PLUS;
		v->e_u = i & 1 ? KV_BIG : KV_ZERO;
		v->p_int = &kv_ints[i];
		v->p_next = &kv_all[(i + 1) % KV_N];
		snprintf(v->text, sizeof(v->text), "text%d", i);
		kv_ints[i] = (int)next();
		kv_flex->v[i] = (short)next();
	}
	for_each_possible_cpu(cpu)
		*per_cpu_ptr(&kv_percpu, cpu) = (struct kv_pair){ -4711, 815 };
}

noinline int kv_entry(struct kv *v, int i)
{
	barrier();
	return v->a_s32 + i;
}

static __always_inline int kv_inline(struct kv *v, s16 weight)
{
	int sum = v->a_s16 + weight;

	barrier();
	return sum;
}

noinline int kv_body(struct kv *v, int i)
{
	volatile struct kv_pair pair = { i * 1000L, -i };
	int sum = kv_inline(v, 10), other;

	other = kv_inline(v->p_next, -10);
	pair.b -= other;
	barrier();
	return sum + pair.b;
}

noinline struct kv_pair kv_by_value(struct kv_pair p, struct kv_small s, struct kv_large l, __int128 wide)
{
	barrier();
	return (struct kv_pair){ p.a + s.x + l.v[4] + (long)wide, p.b + s.y + s.z };
}

noinline struct kv_large kv_big_result(long first)
{
	struct kv_large l = { { first, first + 1, first + 2, first + 3, -first } };

	barrier();
	return l;
}

noinline struct kv_small kv_small_result(int n)
{
	barrier();
	return (struct kv_small){ -n, n, n + 100 };
}

noinline int kv_seven(int a, int b, int c, int d, int e, int f, int g, const char *const *names)
{
	barrier();
	return a + b + c + d + e + f + g + (int)strlen(names[1]);
}

static void call_all(void)
{
	volatile long sink = 0;
	int i;

	for (i = 0; i < KV_N; i++)
		sink += kv_entry(&kv_all[i], i);
	sink += kv_body(&kv_all[3], 3);
	sink += kv_by_value((struct kv_pair){ -5, 6 }, (struct kv_small){ -300, -7, 250 },
			    (struct kv_large){ { 1, -2, 3, -4, 5 } }, 99).a;
	sink += kv_big_result(1L << 40).v[0];
	sink += kv_small_result(5).x;
	sink += kv_seven(1, -2, 3, -4, 5, -6, 7, kv_names);
}

static ssize_t call_write(struct file *file, const char __user *from, size_t n, loff_t *pos)
{
	call_all();
	return (ssize_t)n;
}

/* One line for each struct, as values.stp prints it. */
static size_t expect_one(char *to, size_t size, const struct kv *v, int i)
{
	return scnprintf(to, size,
		"%d: %d %d %d %d %d %u %lld %llu %d %c %d %u %u %u %u %d %llu %lld %u %d %d %d %d %d %d %u "
		"%d %d %d %d %d %d %d %d %u %u %d %llu %d %d %s\n",
		i, v->a_s8, v->a_u8, v->a_s16, v->a_u16, v->a_s32, v->a_u32, v->a_s64, v->a_u64, v->a_bool, v->a_char,
		v->e_s, v->e_u, v->b1, v->b5, v->b12, v->bs7, (u64)v->b33, (s64)v->bs40, v->b_tail,
		v->nested.s, v->nested.i, v->nested.bytes[3], v->anon_i, v->anon_h[0], v->anon_h[1], v->anon_w,
		v->grid[0][0], v->grid[0][2], v->grid[1][0], v->grid[1][2], v->cube[0][0][0], v->cube[0][1][1],
		v->cube[1][1][0], v->chain, v->cv, v->packed.odd, v->packed.odder, (u64)v->packed.oddest, *v->p_int,
		v->p_next->a_s16, v->text);
}

static ssize_t expect_read(struct file *file, char __user *to, size_t n, loff_t *pos)
{
	size_t size = 16384, len = 0;
	char *text = kzalloc(size, GFP_KERNEL);
	ssize_t ret;
	int i;

	if (!text)
		return -ENOMEM;
	for (i = 0; i < KV_N; i++)
		len += expect_one(text + len, size - len, &kv_all[i], i);
	len += scnprintf(text + len, size - len, "inline %d 10\ninline %d -10\n", kv_all[3].a_s16, kv_all[4].a_s16);
	ret = simple_read_from_buffer(to, n, pos, text, len);
	kfree(text);
	return ret;
}

static const struct file_operations call_fops = { .owner = THIS_MODULE, .write = call_write };
static const struct file_operations expect_fops = { .owner = THIS_MODULE, .read = expect_read };
static struct dentry *dir;

static int __init stap_values_init(void)
{
	kv_flex = kzalloc(sizeof(*kv_flex) + KV_N * sizeof(kv_flex->v[0]), GFP_KERNEL);
	if (!kv_flex)
		return -ENOMEM;
	kv_flex->n = KV_N;
	fill();
	dir = debugfs_create_dir("stap_values", NULL);
	debugfs_create_file("call", 0200, dir, NULL, &call_fops);
	debugfs_create_file("expect", 0400, dir, NULL, &expect_fops);
	return 0;
}

static void __exit stap_values_exit(void)
{
	debugfs_remove_recursive(dir);
	kfree(kv_flex);
}

module_init(stap_values_init);
module_exit(stap_values_exit);
MODULE_DESCRIPTION("known values of every kind of type for the tests of stap");
MODULE_LICENSE("GPL");
