/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regular expressions: what is refused, and thousands of random patterns over random strings
 * against the C library's regexec() in the C locale.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "regex/regex.h"

static int failures;

static void verdict(bool ok, const char *what, const char *why)
{
	printf("%sok %s%s%s\n", ok ? "" : "not ", what, ok ? "" : ": ", ok ? "" : why);
	failures += !ok;
}

static const struct { const char *pattern, *yes, *no; } cases[] = {
	{ "abc", "xxabcxx", "xxabxcx" },
	{ "^abc$", "abc", "abcd" },
	{ "^(a|bc)*$", "abcbca", "abcb" },
	{ "a.c", "a\nc", "ac" },
	{ "[^a-y[:space:]]", "az", "a y" },
	{ "[]x-]+$", "a]-x", "a]-y" },
	{ "^a{2,3}b{2}c{0}d{1,}$", "aabbddd", "abbd" },
	{ "\\.so(\\.[0-9]+)?$", "lib.so.6", "lib.so.x" },
	{ "^\\w+\\S\\s\\W$", "ab_1! !", "ab_1  !" },
	{ "x|^$", "", "a" },
	{ "a|$^", "", "b" },
	{ "(^|,)x(,|$)", "a,x", "ax,x2" },
	{ "a\\{1\\}\\*", "a{1}*", "a" },
	{ "[[:upper:][:digit:]_]{3}", "xA_9", "xA_b9" },
	{ "\xc3\xa9|\xe2\x82\xac", "5 \xe2\x82\xac", "\xe2\x82" },
	{ "^x++++++++++++++++++++y$", "xxy", "y" },
	{ "^x+?*+?*+?*+?*+?*+?*+?*y$", "y", "xz" },
	{ "^(ab)?+{2}y$", "abababy", "abay" },
	{ "", "", NULL },
};

/* What the groups take: "0-5 1-2 -" for the match, the first group and one that has no part. */
static const struct { const char *pattern, *subject, *groups; } groups[] = {
	{ "h(e)(l+)o", "say hello", "4-9 5-6 6-8" },
	{ "a|(b)", "xab", "1-2 -" },
	{ "a|ab", "xab", "1-3" },
	{ "(a|ab)(c|bcd)?", "abcd", "0-4 0-1 1-4" },
	{ "(a*)(a*)", "baaa", "0-0 0-0 0-0" },
	{ "(a+)(a*)$", "baaa", "1-4 1-4 4-4" },
	{ "^([^/]*/)*([^/]+)$", "usr/lib/x", "0-9 4-8 8-9" },
	{ "(([0-9]+)\\.)+([0-9]+)", "v10.2.33", "1-8 4-6 4-5 6-8" },
	{ "(x)?(y)?$", "ay", "1-2 - 1-2" },
	{ "b", "aaa", "" },
};

static const struct { const char *pattern, *why; size_t where; } refused[] = {
	{ "a(b", "unmatched (", 3 },
	{ "a)b", "unmatched )", 1 },
	{ "[ab", "unmatched [", 3 },
	{ "*a", "nothing to repeat", 0 },
	{ "a|+", "nothing to repeat", 2 },
	{ "(a)\\1", "reuse of a subexpression (\\1) is not supported", 4 },
	{ "a\\", "trailing backslash", 2 },
	{ "[b-a]", "invalid range end", 3 },
	{ "[[:nope:]]", "unknown character class", 3 },
	{ "a{2,1}", "invalid count in {}", 6 },
	{ "a{256}", "invalid count in {}", 6 },
	{ "a{x}", "expected a number in {}", 2 },
	{ "a{1", "unmatched {", 3 },
	{ "\\ba", "this escape is not supported in a regular expression", 1 },
	{ "((a{255}){255}){255}", "regular expression too large", 0 },
	{ "((((((){255}){255}){255}){255}){255}){255}", "regular expression too large", 0 },
	{ "(a|b)*a(a|b){200}$", "regular expression too complex: it needs too many states", 0 },
};

static void test_tables(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a;
		struct regex r;
		const char *why = "matches what it should not, or not what it should";
		size_t where;
		bool ok;

		arena_init(&a, "test");
		ok = regex_compile(&a, cases[i].pattern, strlen(cases[i].pattern), &r, &why, &where) &&
		     regex_match(&r, cases[i].yes, strlen(cases[i].yes)) &&
		     (!cases[i].no || !regex_match(&r, cases[i].no, strlen(cases[i].no)));
		verdict(ok, cases[i].pattern, why ? why : "wrong match");
		arena_deinit(&a);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct arena a;
		struct regex r;
		const char *why = NULL;
		char got[200];
		size_t where = 99;
		bool ok;

		arena_init(&a, "test");
		ok = !regex_compile(&a, refused[i].pattern, strlen(refused[i].pattern), &r, &why,
				    &where) &&
		     !strcmp(why, refused[i].why) && where == refused[i].where;
		snprintf(got, sizeof(got), "%s at %zu", why ? why : "compiled", where);
		verdict(ok, refused[i].pattern, got);
		arena_deinit(&a);
	}
}

static void print_groups(char *to, size_t size, const struct regex_capture *r, const int *pos)
{
	size_t n = 0;

	for (unsigned g = 0; g <= r->groups && n < size; g++) {
		const char *space = g ? " " : "";

		if (pos[2 * g] < 0 || pos[2 * g + 1] < 0)
			n += (size_t)snprintf(to + n, size - n, "%s-", space);
		else
			n += (size_t)snprintf(to + n, size - n, "%s%d-%d", space, pos[2 * g],
					      pos[2 * g + 1]);
	}
}

static void test_groups(void)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		struct arena a;
		struct regex_capture r;
		const char *why = NULL;
		char got[100] = "";
		int pos[20];

		arena_init(&a, "test");
		if (!regex_capture_compile(&a, groups[i].pattern, strlen(groups[i].pattern), &r, &why))
			snprintf(got, sizeof(got), "%s", why);
		else if (regex_capture_match(&r, groups[i].subject, strlen(groups[i].subject), pos))
			print_groups(got, sizeof(got), &r, pos);
		verdict(!strcmp(got, groups[i].groups), groups[i].pattern, got);
		arena_deinit(&a);
	}
}

/* ---- against regexec() ---- */

static uint32_t seed = 7;

static unsigned below(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/*
 * Returns whether there is an anchor in it: such a group is not repeated, because the C library is
 * wrong there and finds (a$){2} in aa; nor are there newlines in the strings, for it finds b.^ too.
 */
static bool random_pattern(struct buf *b, int depth)
{
	bool any = false;

	static const char *const atoms[] = {
		"a", "b", "c", ".", "[ab]", "[^a]", "[b-c]", "\\.", "[[:alpha:]]", "a", "b",
	};
	static const char *const repeats[] = {
		"*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "{0}",
	};

	for (unsigned n = below(4) + (depth ? 1 : 0); n--;) {
		bool anchor = false;

		switch (below(depth > 0 ? 8 : 5)) {
		case 5:
			buf_putc(b, '(');
			anchor = random_pattern(b, depth - 1);
			buf_putc(b, '|');
			anchor |= random_pattern(b, depth - 1);
			buf_putc(b, ')');
			break;
		case 6:
			buf_putc(b, '(');
			anchor = random_pattern(b, depth - 1);
			buf_putc(b, ')');
			break;
		case 7:
			buf_putc(b, below(2) ? '^' : '$');
			anchor = true;
			break;
		default:
			buf_puts(b, atoms[below(sizeof(atoms) / sizeof(*atoms))]);
		}
		if (!anchor && !below(3))
			buf_puts(b, repeats[below(sizeof(repeats) / sizeof(*repeats))]);
		any |= anchor;
	}
	return any;
}

/* The same match: leftmost and longest. */
static bool same_place(const struct regex_capture *c, const regex_t *theirs, const char *subject)
{
	regmatch_t m[1];
	int pos[64];
	bool found = !regexec(theirs, subject, 1, m, 0);

	if (regex_capture_match(c, subject, strlen(subject), pos) != found)
		return false;
	return !found || (pos[0] == m[0].rm_so && pos[1] == m[0].rm_eo);
}

/* Compare both on some strings; false with the string in SUBJECT when they differ. */
static bool agree(const struct regex *mine, const struct regex_capture *c, const regex_t *theirs,
		  char *subject)
{
	for (int k = 0; k < 20; k++) {
		size_t n = below(9);

		for (size_t i = 0; i < n; i++)
			subject[i] = "abc.x"[below(5)];
		subject[n] = '\0';
		if (regex_match(mine, subject, n) != !regexec(theirs, subject, 0, NULL, 0))
			return false;
		if (c && !same_place(c, theirs, subject))
			return false;
	}
	return true;
}

static void test_random(unsigned rounds)
{
	unsigned compared = 0;
	char subject[16];

	for (unsigned i = 0; i < rounds; i++) {
		struct buf b = { 0 };
		struct arena a;
		struct regex mine;
		struct regex_capture c;
		regex_t theirs;
		const char *why;
		size_t where;
		bool captures;

		arena_init(&a, "test");
		random_pattern(&b, 3);
		if (regex_compile(&a, buf_text(&b), b.n, &mine, &why, &where) &&
		    !regcomp(&theirs, buf_text(&b), REG_EXTENDED)) {
			captures = regex_capture_compile(&a, buf_text(&b), b.n, &c, &why) && c.groups < 30;
			compared++;
			if (!agree(&mine, captures ? &c : NULL, &theirs, subject))
				verdict(false, buf_text(&b), subject);
			regfree(&theirs);
		}
		buf_deinit(&b);
		arena_deinit(&a);
	}
	snprintf(subject, sizeof(subject), "%u", compared);
	verdict(compared > rounds / 2, "most random patterns were compared", subject);
}

/* Any bytes: compiled or refused with a reason and a place inside. */
static void test_bytes(unsigned rounds)
{
	static const char bytes[] = "ab()[]{}|*+?^$\\.-,:0129=\xff\0w";
	bool ok = true;

	for (unsigned i = 0; i < rounds && ok; i++) {
		char pattern[24];
		size_t n = below(sizeof(pattern)), where = 0;
		const char *why = NULL;
		struct arena a;
		struct regex r;

		arena_init(&a, "test");
		for (size_t k = 0; k < n; k++)
			pattern[k] = bytes[below(sizeof(bytes))];
		ok = regex_compile(&a, pattern, n, &r, &why, &where)
			? r.nstates && (regex_match(&r, "ab", 2), true) : why && where <= n;
		arena_deinit(&a);
	}
	verdict(ok, "random bytes as patterns", "no reason or a place behind the end");
}

int main(int argc, char **argv)
{
	test_tables();
	test_groups();
	test_bytes(20000);
	test_random(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 5000);
	return failures > 0;
}
