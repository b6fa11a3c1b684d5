// SPDX-License-Identifier: GPL-2.0-or-later
/* Types and location expressions without any debuginfo: what they print and how they fold. */
#include <stdio.h>
#include <string.h>

#include "program/ctype.h"
#include "program/loc.h"

static int failed;

static void check(const char *name, const char *got, const char *want)
{
	if (!strcmp(got, want)) {
		printf("ok %s\n", name);
		return;
	}
	printf("not ok %s: got \"%s\", wanted \"%s\"\n", name, got, want);
	failed = 1;
}

static void check_type(const char *name, const struct ctype *t, const char *want)
{
	struct buf b = {0};

	ctype_print(&b, t);
	check(name, buf_text(&b), want);
	buf_deinit(&b);
}

static void check_lx(const char *name, const struct lx *x, const char *want)
{
	struct buf b = {0};

	lx_print(&b, x);
	check(name, buf_text(&b), want);
	buf_deinit(&b);
}

static struct ctype t_char = { .kind = CT_INT, .name = "char", .size = 1, .is_char = true };
static struct ctype t_int = { .kind = CT_INT, .name = "int", .size = 4, .is_signed = true };

static struct ctype derive(enum ctype_kind kind, struct ctype *target)
{
	return (struct ctype){ .kind = kind, .target = target };
}

static void test_print(void)
{
	struct ctype p = derive(CT_POINTER, &t_char), pp = derive(CT_POINTER, &p);
	struct ctype cc = derive(CT_QUALIFIED, &t_char), pcc = derive(CT_POINTER, &cc);
	struct ctype cp = derive(CT_QUALIFIED, &p), pcp = derive(CT_POINTER, &cp);
	struct ctype in = derive(CT_ARRAY, &t_int), out = derive(CT_ARRAY, &in);
	struct ctype pa = derive(CT_POINTER, &in), v = derive(CT_POINTER, NULL);
	struct ctype *params[] = { &t_int, &pcc };
	struct ctype f = derive(CT_FUNCTION, NULL), pf = derive(CT_POINTER, &f);
	struct ctype s = { .kind = CT_STRUCT, .name = "file" }, anon = { .kind = CT_UNION };
	struct ctype ps = derive(CT_POINTER, &s), loop = derive(CT_POINTER, NULL);

	cc.is_const = cp.is_const = true;
	in.count = 3;
	out.count = 2;
	f.params.v = params;
	f.params.n = 2;
	loop.target = &loop;
	check_type("char", &t_char, "char");
	check_type("pointer to pointer", &pp, "char**");
	check_type("pointer to const", &pcc, "char const*");
	check_type("pointer to const pointer", &pcp, "char* const*");
	check_type("array of array", &out, "int[2][3]");
	check_type("pointer to array", &pa, "int (*)[3]");
	check_type("void pointer", &v, "void*");
	check_type("function pointer", &pf, "void (*)(int, char const*)");
	check_type("struct pointer", &ps, "struct file*");
	check_type("anonymous union", &anon, "union {...}");
	if (ctype_strip(&loop) != &loop)
		check("strip stops at a pointer", "no", "yes");
	loop.kind = CT_TYPEDEF;
	check("typedef cycle ends", ctype_strip(&loop) ? "type" : "nothing", "nothing");
}

static void test_member(void)
{
	struct cmember inner[] = { { .name = "lock", .type = &t_int, .offset = 4 },
				   { .name = "count", .type = &t_int, .offset = 8 } };
	struct ctype anon = { .kind = CT_STRUCT, .complete = true,
			      .members = { inner, 2, 2 } };
	struct cmember outer[] = { { .name = "head", .type = &t_int, .offset = 0 },
				   { .name = NULL, .type = &anon, .offset = 16 } };
	struct ctype s = { .kind = CT_STRUCT, .name = "s", .complete = true,
			   .members = { outer, 2, 2 } };
	struct ctype td = { .kind = CT_TYPEDEF, .name = "s_t", .target = &s };
	uint64_t off = 0;
	const struct cmember *m = ctype_member(&td, "count", &off);
	const char *near = ctype_similar_member(&td, "cuont");

	check("member through anonymous", m ? m->name : "none", "count");
	check("its offset", off == 24 ? "24" : "other", "24");
	check("no such member", ctype_member(&s, "nope", &off) ? "some" : "none", "none");
	check("similar member", near ? near : "none", "count");
	near = ctype_similar_member(&td, "zzzzzz");
	check("nothing similar", near ? near : "none", "none");
}

static void test_lx(struct arena *a)
{
	struct lx *r = lx_reg(a, 5), *x;

	x = lx_offset(a, lx_offset(a, r, 8), 16);
	check_lx("offsets merge", x, "(reg5 + 24)");
	check_lx("offsets cancel", lx_offset(a, x, -24), "reg5");
	check_lx("load", lx_load(a, x, 4, true, false), "s32((reg5 + 24))");
	check_lx("user load", lx_load(a, r, 1, false, true), "user.u8(reg5)");
	check_lx("constants fold", lx_bin(a, LX_MUL, lx_const(a, 6), lx_const(a, -7)), "-42");
	check_lx("shift past the end", lx_bin(a, LX_SHL, lx_const(a, 1), lx_const(a, 64)), "0");
	check_lx("no division by zero", lx_bin(a, LX_DIV, lx_const(a, 1), lx_const(a, 0)), "(1 / 0)");
	check_lx("subtraction is an offset", lx_bin(a, LX_SUB, r, lx_const(a, 8)), "(reg5 + -8)");
	check_lx("address moves", lx_offset(a, lx_addr(a, "ext4", 0x10), 4), "ext4:0x14");
	check_lx("sign extension folds", lx_extend(a, lx_const(a, 0xff), 8, true), "-1");
	check_lx("zero extension folds", lx_extend(a, lx_const(a, -1), 3, false), "7");
	check_lx("extension", lx_extend(a, r, 32, true), "sext32(reg5)");
	check_lx("full width needs none", lx_extend(a, r, 64, true), "reg5");
}

int main(void)
{
	struct arena a;

	arena_init(&a, "test");
	test_print();
	test_member();
	test_lx(&a);
	arena_deinit(&a);
	return failed;
}
