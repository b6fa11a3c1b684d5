// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kept index of a debuginfo file: used while the file is the same, and never an answer from it
 * that the file itself would not give - after damage of any byte, a cut, another file at the path,
 * without room or rights to write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbginfo/private.h"

static int failed;
static struct arena arena;
static char dir[] = "/tmp/test-index-XXXXXX";

static void check(const char *name, bool good, const char *why)
{
	printf(good ? "ok index %s\n" : "not ok index %s: %s\n", name, why);
	failed |= !good;
}

static void shell(const char *command)
{
	if (system(command)) {
		printf("not ok index subject: cannot run %s\n", command);
		exit(1);
	}
}

/* vmlinux with the functions of TEXT. */
static void build(const char *text)
{
	shell(arena_printf(&arena, "cd %s && printf '%s' > k.c && gcc -g -O2 -c k.c -o k.o && "
			   "gcc -nostdlib -static -Wl,-e,0,--build-id k.o -o vmlinux", dir, text));
}

/* Names of all functions, and whether they came from a kept index. */
static const char *ask(bool *kept)
{
	struct dbginfo *d = dbginfo_open(&arena, dir);
	struct dbg_func_list l = {0};
	struct buf b = {0};
	const char *why = "", *ret;
	struct dbg_object *o = dbg_object(d, NULL, &why);

	if (o)
		dbg_functions(o, &arena, "*", NULL, 0, DBG_BODIES, &l);
	else
		buf_puts(&b, why);
	*kept = o && o->unopened;
	vec_each(&l, i)
		buf_printf(&b, "%s:%u ", l.v[i]->name, l.v[i]->line);
	ret = arena_strdup(&arena, buf_text(&b));
	buf_deinit(&b);
	dbginfo_close(d);
	return ret;
}

static void expect(const char *name, const char *want, bool from_kept)
{
	bool kept;
	const char *got = ask(&kept);

	check(name, !strcmp(got, want), arena_printf(&arena, "got \"%s\", wanted \"%s\"", got, want));
	if (kept != from_kept)
		check(name, false, from_kept ? "the index was not used" : "the index was used");
}

static const char *index_file(void)
{
	struct dbginfo *d = dbginfo_open(&arena, dir);
	const char *const *v, *ret = "none";

	dbg_object(d, NULL, NULL);
	if (dbginfo_files(d, &v) == 1)
		ret = v[0];
	dbginfo_close(d);
	return ret;
}

/* Every so many bytes one is changed; each time the answer is right and the index mended. */
static void damage(const char *want)
{
	const char *file = index_file();
	struct stat st = {0};
	unsigned wrong = 0, used = 0;
	bool kept;

	stat(file, &st);
	for (off_t at = 0; at < st.st_size; at += at < 400 ? 7 : 131) {
		FILE *f = fopen(file, "r+");
		int c;

		if (!f)
			break;
		fseek(f, at, SEEK_SET);
		c = fgetc(f);
		fseek(f, at, SEEK_SET);
		fputc(c ^ 0x41, f);
		fclose(f);
		wrong += strcmp(ask(&kept), want) != 0;
		used += kept && at < 40;
	}
	check("damaged bytes", st.st_size > 4000 && !wrong && !used,
	      arena_printf(&arena, "%u wrong answers, %u times used", wrong, used));
	for (off_t n = 0; n < st.st_size; n += 1999) {
		if (truncate(file, n))
			wrong++;
		wrong += strcmp(ask(&kept), want) != 0;
	}
	check("cut file", !wrong, arena_printf(&arena, "%u wrong answers", wrong));
}

int main(void)
{
	arena_init(&arena, "test");
	if (!mkdtemp(dir))
		return 1;
	setenv("SYSTEMTAP_DIR", arena_printf(&arena, "%s/state", dir), 1);
	build("int one(int a) { return a + 1; }\\nint two(int a) { return a * 3; }\\n");
	expect("is made", "one:1 two:2 ", false);
	expect("is used", "one:1 two:2 ", true);
	damage("one:1 two:2 ");
	expect("is mended", "one:1 two:2 ", true);

	/* Another file of the same size and time of data at the path. */
	shell(arena_printf(&arena, "touch -r %s/vmlinux %s/when", dir, dir));
	build("int one(int a) { return a + 1; }\\nint six(int a) { return a * 3; }\\n");
	shell(arena_printf(&arena, "touch -r %s/when %s/vmlinux", dir, dir));
	expect("changed file", "one:1 six:2 ", false);
	expect("new file", "one:1 six:2 ", true);

	/* Nowhere to write to. */
	shell(arena_printf(&arena, "rm -rf %s/state && touch %s/state", dir, dir));
	expect("no folder", "one:1 six:2 ", false);
	shell(arena_printf(&arena, "rm -rf %s", dir));
	arena_deinit(&arena);
	return failed;
}
