/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tapset library over directories made for the test: order of search, what hides what, what
 * is private, files that do not parse.
 */
#include "testsuite/unit/syntax_setup.h"
#include "library/library.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/test_library_XXXXXX";

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* Write TEXT to root/PATH, with the directories above it. */
static void put(const char *path, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		if (mkdir(full, 0755) && errno != EEXIST)
			exit(99);
	}
	f = fopen(full, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		exit(99);
}

static struct library *open_two(struct setup *s, const char *include, const char *installed)
{
	const char **dirs = arena_array(&s->a, const char *, 2);
	size_t n = 0;

	if (include)
		dirs[n++] = arena_printf(&s->a, "%s/%s", root, include);
	if (installed)
		dirs[n++] = arena_printf(&s->a, "%s/%s", root, installed);
	return library_open(&s->a, &s->d, dirs, n, include ? 1 : 0, &s->env);
}

/* Which file, below the root, function NAME is from, and how many overloads it has. */
static const char *from(struct setup *s, struct library *l, const char *name)
{
	struct function_list list = library_functions(l, name);

	if (!list.n)
		return "nowhere";
	return arena_printf(&s->a, "%s %zu", list.v[0]->place.src->name + strlen(root) + 1, list.n);
}

static const struct { const char *path, *text; } order[] = {
	{ "t/a.stp", "function f9() {} function f8() {} function f8(x) {}" },
	{ "t/b.stp", "function f9() {} function f7() {}" },
	{ "t/x86_64/a.stp", "function f7() {} function f6() {}" },
	{ "t/6/a.stp", "function f6() {} function f5() {}" },
	{ "t/6.1/a.stp", "function f5() {} function f4() {}" },
	{ "t/6.1/x86_64/a.stp", "function f4() {} function f3() {}" },
	{ "t/6.1.0-56-cloud-amd64/a.stp", "function f3() {} function f2() {}" },
	{ "t/6.1.0-56-cloud-amd64/x86_64/a.stp", "function f2() {} function f1() {}" },
	{ "t/linux/a.stp", "function f1() {}" },
	{ "t/5.10/a.stp", "function other() {}" },
	{ "t/arm64/a.stp", "function other() {}" },
	{ "t/net/a.stp", "function other() {}" },
	{ "t/a.stp.orig", "function other() {}" },
	{ "t/.hidden.stp", "function other() {}" },
	{ "i/mine.stp", "function f8() {}" },
};

static const struct { const char *name, *file; } found[] = {
	{ "f9", "t/a.stp 1" }, { "f8", "i/mine.stp 1" }, { "f7", "t/x86_64/a.stp 1" },
	{ "f6", "t/6/a.stp 1" }, { "f5", "t/6.1/a.stp 1" }, { "f4", "t/6.1/x86_64/a.stp 1" },
	{ "f3", "t/6.1.0-56-cloud-amd64/a.stp 1" },
	{ "f2", "t/6.1.0-56-cloud-amd64/x86_64/a.stp 1" }, { "f1", "t/linux/a.stp 1" },
	{ "other", "nowhere" },
};

static void test_order(void)
{
	struct library *l;
	struct setup s;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		put(order[i].path, order[i].text);
	setup_init(&s);
	l = open_two(&s, "i", "t");
	for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++) {
		const char *got = from(&s, l, found[i].name);

		verdict(!strcmp(got, found[i].file), found[i].name, got, found[i].file);
	}
	verdict(!*setup_messages(&s), "no messages", setup_messages(&s), "");
	library_close(l);
	l = open_two(&s, NULL, "t");
	verdict(!strcmp(from(&s, l, "f8"), "t/a.stp 2"), "all overloads of a file",
		from(&s, l, "f8"), "t/a.stp 2");
	library_close(l);
	setup_deinit(&s);
}

static void test_names(void)
{
	struct library *l;
	struct setup s;

	put("n/a.stp", "probe syscall.read = kernel.function(\"a\") {}\n"
	    "probe syscall.read.return = kernel.function(\"a\").return {}\n"
	    "probe vm.fault = one {}\n"
	    "private function hidden() {} function shown() {}\n"
	    "private global g1 global g2");
	put("n/6.1/a.stp", "probe syscall.read = hides {}");
	put("n/b.stp", "probe syscall.read = kernel.function(\"b\") {} probe syscall.write = w {}\n"
	    "probe both.x = both.y += w {}");
	setup_init(&s);
	l = open_two(&s, NULL, "n");
	verdict(library_aliases(l, "syscall", NULL).n == 4, "aliases by first component, of both files", "other", "4");
	verdict(library_aliases(l, "sys*", "read").n == 6, "aliases by wildcard: all", "other number", "6");
	verdict(library_aliases(l, "syscall", "read").n == 3, "aliases by two components, with their suffixes", "other",
		"3");
	verdict(library_aliases(l, "syscall", "re*").n == 4, "a second component that is a wildcard: all of the first",
		"other", "4");
	verdict(!library_aliases(l, "syscall", "fork").n, "no alias of that second component", "some", "0");
	verdict(library_aliases(l, "both", NULL).n == 1, "an alias of two names once", "other", "1");
	verdict(!library_functions(l, "hidden").n && library_functions(l, "shown").n == 1,
		"private functions are hidden", "", "");
	verdict(!library_global(l, "g1") && library_global(l, "g2"), "private globals are hidden",
		"", "");
	verdict(library_nscripts(l) == 3 &&
		library_script_of(l, library_functions(l, "shown").v[0]->place.src) ==
			library_script(l, 1) &&
		library_script(l, 1)->functions.n == 2,
		"the script of a declaration has its private names", "", "");
	verdict(library_similar(l, "shwon") && !strcmp(library_similar(l, "shwon"), "shown"),
		"a similar name", "", "shown");
	verdict(!library_similar(l, "entirely_different"), "no similar name", "", "");
	library_close(l);
	setup_deinit(&s);
}

static const char *messages_of(struct setup *s, const char *include, const char *installed)
{
	struct library *l = open_two(s, include, installed);

	library_load_all(l);
	verdict(library_functions(l, "good").n == 1, "files without errors stay",
		setup_messages(s), "");
	verdict(!library_functions(l, "before").n, "files with errors are passed over", "", "");
	library_close(l);
	return setup_messages(s);
}

static void test_errors(void)
{
	const char *m;
	struct setup s;

	put("e/bad.stp", "function before() {}\nfunction f( {}\n");
	put("e/good.stp", "function good() {}\n");
	put("e/probe.stp", "function before() {}\nprobe 5 {}\n");
	put("e/bad.stpm", "probe x {}\n");
	setup_init(&s);
	m = messages_of(&s, NULL, "e");
	verdict(strstr(m, "WARNING: tapset '") &&
		strstr(m, "/e/bad.stp' has errors, and will be skipped") &&
		strstr(m, "/e/probe.stp' has") && strstr(m, "/e/bad.stpm' has") &&
		!strstr(m, "parse error") && !s.d.errors,
		"installed: a warning", m, "warnings only");
	setup_deinit(&s);
	setup_init(&s);
	m = messages_of(&s, "e", NULL);
	verdict(strstr(m, "parse error: expected identifier\n\tsaw: operator '{'") &&
		strstr(m, "e/bad.stp:2:13") && strstr(m, "in a probe point") &&
		strstr(m, "bad.stp' has errors, and will be skipped\n") && !s.d.errors,
		"of -I: in full", m, "the errors and a warning");
	setup_deinit(&s);
	setup_init(&s);
	library_close(open_two(&s, "does-not-exist", "neither"));
	m = setup_messages(&s);
	verdict(strstr(m, "WARNING: cannot read tapset directory") &&
		strstr(m, "does-not-exist: No such") && !strstr(m, "neither"),
		"a directory of -I that is not there", m, "a warning");
	setup_deinit(&s);
}

static void test_macros(void)
{
	static const char script[] = "probe begin { x = @shared }";
	struct library *l;
	struct script *sc;
	struct setup s;

	put("m/a.stpm", "@define shared %( 5 %)\n");
	put("m/a.stp", "@define local %( 6 %)\nfunction f() { return @shared + @local }\n");
	setup_init(&s);
	l = open_two(&s, NULL, "m");
	sc = setup_parse(&s, script, sizeof(script) - 1);
	verdict(sc && sc->probes.v[0]->body->body.v[0]->e->b->number == 5, "macros reach scripts",
		setup_messages(&s), "5");
	verdict(library_functions(l, "f").n == 1 && !strmap_has(s.env.macros, "local"),
		"macros of a .stp are its own", setup_messages(&s), "");
	library_close(l);
	setup_deinit(&s);
}

/* One run with the index: the files that NAMES (one letter each) come from, and how many were read. */
static const char *with_index(const char *names)
{
	static char ret[200];
	struct setup s;
	struct library *l;
	char *p = ret;

	setup_init(&s);
	l = open_two(&s, NULL, "m");
	library_index(l, arena_printf(&s.a, "%s/index", root), NULL);
	for (; *names; names++)
		p += sprintf(p, "%s, ", from(&s, l, arena_printf(&s.a, "%c", *names)));
	sprintf(p, "%zu read%s", library_nscripts(l), setup_messages(&s));
	library_close(l);
	setup_deinit(&s);
	return ret;
}

/* The same of the aliases of a point of two words (SECOND may be NULL): how many, and how many files were read. */
static void expect_aliases(const char *first, const char *second, size_t aliases, size_t files)
{
	struct setup s;
	struct library *l;
	size_t n, read;

	setup_init(&s);
	l = open_two(&s, NULL, "two");
	library_index(l, arena_printf(&s.a, "%s/index", root), NULL);
	n = library_aliases(l, first, second).n;
	read = library_nscripts(l);
	verdict(n == aliases && read == files, arena_printf(&s.a, "aliases of %s.%s", first, second ? second : "-"),
		arena_printf(&s.a, "%zu of %zu files", n, read),
		arena_printf(&s.a, "%zu of %zu files", aliases, files));
	library_close(l);
	setup_deinit(&s);
}

static void test_two_words(void)
{
	put("two/a.stp", "probe sys.open = x {} probe sys.open.return = y {}");
	put("two/b.stp", "probe sys.close = x {} probe other = y {}");
	put("two/c.stp", "probe sys = x {} probe other.open = y {}");
	expect_aliases("sys", "open", 3, 3);	/* nobody knows yet */
	expect_aliases("sys", "open", 3, 2);
	expect_aliases("sys", "close", 2, 2);
	expect_aliases("sys", "none", 1, 1);
	expect_aliases("sys", NULL, 4, 3);
	expect_aliases("sys", "o*", 4, 3);
	expect_aliases("s*", "open", 6, 3);
	expect_aliases("other", "open", 2, 2);
}

static void expect_index(const char *name, const char *names, const char *want)
{
	const char *got = with_index(names);

	verdict(!strncmp(got, want, strlen(want)), name, got, want);
}

static void test_index(void)
{
	put("m/a.stp", "function p() {}");
	put("m/b.stp", "function q() {} probe x.y = z {}");
	put("m/c.stp", "function r() {} function p() {}");
	expect_index("index: all are read once", "q", "m/b.stp 1, 3 read");
	expect_index("index: then only those with the name", "q", "m/b.stp 1, 1 read");
	expect_index("index: none for an unknown name", "n", "nowhere, 0 read");
	expect_index("index: the first in order owns a name", "rp", "m/c.stp 1, m/a.stp 1, 2 read");
	put("m/b.stp", "function s() {} probe x.y = z {}");
	expect_index("index: a changed file", "qs", "nowhere, m/b.stp 1, 3 read");
	expect_index("index: is made anew", "s", "m/b.stp 1, 1 read");
	put("m/0.stp", "function s() {}");
	expect_index("index: an added file", "s", "m/0.stp 1, 4 read");
	put("m/c.stp", "function {");
	expect_index("index: none with a faulty file", "s", "m/0.stp 1, 3 readWARNING: ");
}

int main(void)
{
	if (!mkdtemp(root))
		return 99;
	test_index();
	test_two_words();
	test_order();
	test_names();
	test_errors();
	test_macros();
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return failures > 0;
}
