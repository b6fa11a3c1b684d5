// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * staprun without a kernel: every row of the policy table, command lines, module files that are none, cut,
 * or damaged, and no memory.
 */
#include <elf.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "staprun/staprun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int failed;
static char complaint[1024];

static long allocations_left = -1;	/* before the one that fails; -1: none does */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t m);

static bool fails(void)
{
	return allocations_left >= 0 && !allocations_left--;
}

void *__wrap_malloc(size_t n) { return fails() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t m) { return fails() ? NULL : __real_calloc(n, m); }

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(complaint, sizeof(complaint), fmt, ap);
	va_end(ap);
}

static void want(const char *name, bool ok)
{
	printf(ok ? "ok %s\n" : "not ok %s: not so\n", name);
	failed |= !ok;
}

/* ---- policy ---- */

enum { USR = 100, DEV = 101 };

static void test_who(void)
{
	const gid_t none[] = { 5 }, usr[] = { 5, USR }, dev[] = { DEV }, both[] = { DEV, 5, USR };
	const gid_t minus[] = { (gid_t)-1 };

	want("who.root", policy_who(0, 0, none, 1, USR, DEV) == WHO_ROOT);
	want("who.not-set-uid", policy_who(7, 7, both, 3, USR, DEV) == WHO_NOBODY);
	want("who.dropped", policy_who(0, 7, both, 3, USR, DEV) == WHO_NOBODY);
	want("who.none", policy_who(7, 0, none, 1, USR, DEV) == WHO_NOBODY);
	want("who.usr", policy_who(7, 0, usr, 2, USR, DEV) == WHO_STAPUSR);
	want("who.dev-alone", policy_who(7, 0, dev, 1, USR, DEV) == WHO_NOBODY);
	want("who.both", policy_who(7, 0, both, 3, USR, DEV) == WHO_STAPDEV);
	want("who.no-such-groups", policy_who(7, 0, minus, 1, -1, -1) == WHO_NOBODY);
}

static void test_table(void)
{
	static const char rows[N_ACTIONS][5] = {	/* nobody, stapusr, stapdev, root */
		[ACT_RUN] = "nyyy",
		[ACT_ANY_MODULE] = "nnyy",
		[ACT_PARAMS] = "nnyy",
		[ACT_BUFFER] = "nnyy",
		[ACT_DELETE] = "nnyy",
	};
	char name[32];
	int a, w;

	for (a = 0; a < N_ACTIONS; a++)
		for (w = WHO_NOBODY; w <= WHO_ROOT; w++) {
			snprintf(name, sizeof(name), "policy.%d.%d", a, w);
			want(name, policy_allows(w, a) == (rows[a][w] == 'y'));
		}
}

static void test_requests(void)
{
	char *params[] = { "a=1", NULL };
	struct request r = { .module = "m" };

	want("request.plain", policy_check(WHO_STAPUSR, &r));
	want("request.nobody", !policy_check(WHO_NOBODY, &r) && strstr(complaint, "\"stapusr\""));
	r.params = params;
	want("request.params", !policy_check(WHO_STAPUSR, &r) && policy_check(WHO_STAPDEV, &r));
	r = (struct request){ .module = "m", .delete = true };
	want("request.delete", !policy_check(WHO_STAPUSR, &r) && strstr(complaint, "-d") &&
	     policy_check(WHO_STAPDEV, &r));
	r = (struct request){ .module = "m", .buffer_mb = 1 };
	want("request.buffer", !policy_check(WHO_STAPUSR, &r));
}

/* ---- module files ---- */

struct image {
	Elf64_Ehdr eh;
	Elf64_Shdr sh[3];		/* none, .modinfo, names */
	char modinfo[96], names[32];
};

static struct image good(void)
{
	static const char info[] = "license=GPL\0name=stap_1\0vermagic=6.1.0-x SMP\0"
				   "parmtype=verbose:int\0name=two";
	static const char names[] = "\0.modinfo\0.shstrtab";
	struct image i;

	memset(&i, 0, sizeof(i));
	memcpy(i.eh.e_ident, ELFMAG, SELFMAG);
	i.eh.e_ident[EI_CLASS] = ELFCLASS64;
	i.eh.e_type = ET_REL;
	i.eh.e_shentsize = sizeof(Elf64_Shdr);
	i.eh.e_shoff = offsetof(struct image, sh);
	i.eh.e_shnum = 3;
	i.eh.e_shstrndx = 2;
	i.sh[1] = (Elf64_Shdr){ .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_size = sizeof(info),
				.sh_offset = offsetof(struct image, modinfo) };
	i.sh[2] = (Elf64_Shdr){ .sh_name = 10, .sh_type = SHT_STRTAB, .sh_size = sizeof(names),
				.sh_offset = offsetof(struct image, names) };
	memcpy(i.modinfo, info, sizeof(info));
	memcpy(i.names, names, sizeof(names));
	return i;
}

/* What is wrong with SIZE bytes of I, or NULL; RET as modinfo_read() leaves it. */
static const char *read_image(const struct image *i, size_t size, struct modinfo *ret)
{
	FILE *f = tmpfile();
	const char *wrong = "no temporary file";

	if (f && fwrite(i, 1, size, f) == size && !fflush(f))
		wrong = modinfo_read(fileno(f), ret);
	if (f)
		fclose(f);
	return wrong;
}

static void test_modinfo(void)
{
	struct image i = good();
	struct modinfo m = { .name_at = 0 };

	want("modinfo.good", !read_image(&i, sizeof(i), &m));
	want("modinfo.first-name", !strcmp(m.name, "stap_1"));
	want("modinfo.vermagic", !strcmp(m.vermagic, "6.1.0-x SMP"));
	want("modinfo.text", read_image((struct image *)"#!/bin/sh\n", 10, &m));
	i.sh[1].sh_offset = (uint64_t)-8;
	want("modinfo.offset", read_image(&i, sizeof(i), &m));
	i = good();
	i.sh[1].sh_size = (uint64_t)-1;
	want("modinfo.size", read_image(&i, sizeof(i), &m));
	i = good();
	i.eh.e_shstrndx = 3;
	want("modinfo.names", read_image(&i, sizeof(i), &m));
	i = good();
	i.sh[1].sh_name = 4000;
	want("modinfo.name-offset", read_image(&i, sizeof(i), &m));
	i = good();
	memcpy(i.modinfo + 17, "../x", 4);
	want("modinfo.name", read_image(&i, sizeof(i), &m));
}

/* Cut and damaged files, from a fixed seed: for the sanitizers. */
static void test_damaged_files(void)
{
	struct modinfo m;
	unsigned run, n;

	srand(1);
	for (run = 0; run < 3000; run++) {
		struct image i = good();

		for (n = run % 4; n; n--)
			((char *)&i)[rand() % sizeof(i)] = rand();
		read_image(&i, run % 3 ? sizeof(i) : rand() % sizeof(i), &m);
	}
	want("modinfo.3000-damaged", true);
}

/* ---- the command line ---- */

static enum parsed parse(struct request *r, const char *line)
{
	static char text[256], *argv[32];
	char *rest = strcpy(text, line);
	int n = 0;

	while (rest)
		argv[n++] = strsep(&rest, " ");
	argv[n] = NULL;
	optind = 0;
	opterr = 0;
	request_init(r, "2x");
	*complaint = 0;
	return request_parse(r, n, argv);
}

static void test_command_lines(void)
{
	static const struct { const char *line, *says; } wrong[] = {
		{ "staprun", "which module" },
		{ "staprun m x", "NAME=VALUE" },
		{ "staprun m =1", "NAME=VALUE" },
		{ "staprun -b 0 m", "1 to 4095" }, { "staprun -b 4096 m", "1 to 4095" },
		{ "staprun -b 1x m", "1 to 4095" }, { "staprun -b +1 m", "1 to 4095" },
		{ "staprun -x 0 m", "process id" }, { "staprun -N y m", "process id" },
		{ "staprun -T 0 m", "milliseconds" },
		{ "staprun -S 1 m", "-o FILE" }, { "staprun -o f -S 1, m", "megabytes" },
		{ "staprun -D m", "-o FILE" },
		{ "staprun -r x:y m", "NUMBER:URI" }, { "staprun -r 1 m", "NUMBER:URI" },
		{ "staprun -C blue m", "never" },
		{ "staprun -c a -x 1 m", "choose one" },
		{ "staprun -A -d m", "exclude" }, { "staprun -L -c x m", "exclude" },
		{ "staprun -A m a=1", "too late" },
		{ "staprun -M 1 m", "monitor" },
	};
	struct request r;
	unsigned i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		want(wrong[i].line, parse(&r, wrong[i].line) == PARSED_WRONG && strstr(complaint, wrong[i].says));
	want("line.unknown", parse(&r, "staprun -z m") == PARSED_UNKNOWN);
	want("line.all", parse(&r, "staprun -v -w -u -R -T 9 -N 1 -o f -S 2,3 -b 7 -r 1:u -C never --bulk --json "
			       "m a=") == PARSED && r.verbose == 3 && r.buffer_mb == 7 && r.remote_id == 1 &&
	     r.bulk && r.json && !strcmp(r.params[0], "a="));
	want("line.options-end", parse(&r, "staprun m -v=1") == PARSED && !strcmp(r.params[0], "-v=1"));
}

/* Words that staprun knows, in any order, and files. */
static void test_fuzz(void)
{
	static const char *const some[] = { "-b", "-x", "-S", "-o", "-c", "-L", "-A", "-d", "-D", "-R", "-r", "1:u",
					    "3", "4095", "9,1", "m.ko", "../m", "*", "a=1", "=", "-", "--", "--json",
					    "-vvvvvvv", "-Tx", "-C", "auto", "", "\xff" };
	uint8_t data[512];
	unsigned run, n, len;

	srand(2);
	for (run = 0; run < 20000; run++) {
		for (len = 1, n = rand() % 12, data[0] = 0; n; n--) {
			const char *w = some[rand() % (sizeof(some) / sizeof(some[0]))];

			memcpy(data + len, w, strlen(w) + 1);
			len += strlen(w) + 1;
		}
		if (run % 3 == 0 && len > 1)
			data[1 + rand() % (len - 1)] = rand();
		LLVMFuzzerTestOneInput(data, len);
	}
	for (run = 0; run < 2000; run++) {
		struct image i = good();

		data[0] = 1;
		for (n = run % 4; n; n--)
			((char *)&i)[rand() % sizeof(i)] = rand();
		memcpy(data + 1, &i, sizeof(i));
		LLVMFuzzerTestOneInput(data, 1 + sizeof(i));
	}
	want("fuzz.22000", true);
}

/* ---- no memory ---- */

static void test_no_memory(void)
{
	struct image i = good();
	struct modinfo m;
	long n;

	for (n = 0; n < 20; n++) {
		allocations_left = n;
		if (!read_image(&i, sizeof(i), &m))
			break;
	}
	want("memory.every-allocation", n > 1 && n < 20);
	allocations_left = -1;
}

int main(void)
{
	test_who();
	test_command_lines();
	test_fuzz();
	test_no_memory();
	test_table();
	test_requests();
	test_modinfo();
	test_damaged_files();
	want("name.ok", modinfo_name_ok("stap_0aB"));
	want("name.bad", !modinfo_name_ok("a/b") && !modinfo_name_ok("") && !modinfo_name_ok("..") &&
	     !modinfo_name_ok("a b"));
	return failed;
}
