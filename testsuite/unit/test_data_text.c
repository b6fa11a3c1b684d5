// SPDX-License-Identifier: GPL-2.0-or-later
/* Strings, quoting, tokens, dates and names of errors. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "data/data.h"
#include "test_data.h"

static void test_string(void)
{
	char to[8];

	stp_strcpy(to, "0123456789", sizeof(to));
	want_text("strcpy cuts", "0123456", to);
	want_number("strcpy tells", 1, texts_cut);
	stp_strcpy(to, "0123456", sizeof(to));
	want_number("strcpy of what just fits tells nothing", 1, texts_cut);
	stp_strcpy(to, "abcd", sizeof(to));
	stp_strcat(to, "efghij", sizeof(to));
	want_text("strcat cuts", "abcdefg", to);
	want_number("strcat tells", 2, texts_cut);
	want_number("strcmp less", 1, stp_strcmp("a", "b") < 0);
	want_number("strcmp prefix", 1, stp_strcmp("ab", "a") > 0);
	want_number("strcmp bytes", 1, stp_strcmp("\xff", "a") > 0);
	want_number("strcmp equal", 0, stp_strcmp("abc", "abc"));
	stp_substr(to, sizeof(to), "abcdef", 2, 3);
	want_text("substr", "cde", to);
	want_number("substr is no cut", 2, texts_cut);
	stp_substr(to, sizeof(to), "abcdef", 4, 99);
	want_text("substr past the end", "ef", to);
	stp_substr(to, sizeof(to), "abc", 3, 1);
	want_text("substr at the end", "", to);
	stp_substr(to, sizeof(to), "abc", -1, 2);
	want_text("substr negative", "", to);
	stp_substr(to, sizeof(to), "0123456789", 0, INT64_MAX);
	want_text("substr cut", "0123456", to);
	want_number("strpos", 2, stp_strpos("abcabc", "cab"));
	want_number("strpos at 0", 0, stp_strpos("abc", "ab"));
	want_number("strpos of nothing", 0, stp_strpos("", ""));
	want_number("strpos none", -1, stp_strpos("abc", "abcd"));
	stp_str_replace(to, sizeof(to), "a-b-c", "-", "++");
	want_text("str_replace", "a++b++c", to);
	want_number("str_replace is none where it fits", 2, texts_cut);
	stp_str_replace(to, sizeof(to), "aaaa", "a", "bb");
	want_text("str_replace cut", "bbbbbbb", to);
	want_number("str_replace tells", 3, texts_cut);
	stp_str_replace(to, sizeof(to), "abc", "", "x");
	want_text("str_replace of nothing", "abc", to);
}

static void test_strtol(void)
{
	want_number("strtol 10", 1234, stp_strtol("1234abc", 10));
	want_number("strtol negative", -7, stp_strtol(" -7", 10));
	want_number("strtol 16", 0x7fa, stp_strtol("7FA", 16));
	want_number("strtol 0x", 0x7fa, stp_strtol("0x7fa", 16));
	want_number("strtol base 0", 0x10 + 010 + 10,
		    stp_strtol("0x10", 0) + stp_strtol("010", 0) + stp_strtol("10", 0));
	want_number("strtol 2", 5, stp_strtol("1012", 2));
	want_number("strtol 8", 8, stp_strtol("0108", 8));
	want_number("strtol none", 0, stp_strtol("x", 10));
	want_number("strtol 0x alone", 0, stp_strtol("0xg", 16));
	want_number("strtol most", INT64_MAX, stp_strtol("9223372036854775807", 10));
}

static void test_quote(void)
{
	static const char text[] = "ab\n\"\\\x01";
	char to[64], small[24];

	stp_text_str(to, sizeof(to), text, 0, false);
	want_text("text_str", "ab\\n\\\"\\\\\\001", to);
	stp_text_str(to, sizeof(to), text, 0, true);
	want_text("quoted", "\"ab\\n\\\"\\\\\\001\"", to);
	stp_text_str(to, sizeof(to), "abcdefgh", 4, false);
	want_text("unquoted cut", "abcd", to);
	stp_text_str(to, sizeof(to), "abcdefgh", 8, true);
	want_text("quoted cut", "\"abc\"...", to);
	stp_text_str(to, sizeof(to), "abcdef", 8, true);
	want_text("quoted, just fits", "\"abcdef\"", to);
	stp_text_str(to, sizeof(to), "abcdef", 1, true);
	want_text("quoted, nothing fits", "\"\"...", to);
	stp_text_str(small, sizeof(small), "0123456789012345678901234", 0, true);
	want_text("quoted cut by the buffer", "\"012345678901234567\"...", small);
	stp_text_str(to, sizeof(to), "abc\n", 7, true);
	want_text("no half escapes", "\"abc\\n\"", to);
	stp_text_str(to, sizeof(to), "abcd\n", 7, true);
	want_text("no half escapes when cut", "\"ab\"...", to);
}

static void test_quote_memory(void)
{
	static char string[] = "0123456789012345678901234567890123456789012345678901234567890123456789";
	static const char bytes[] = "a\0b";
	uint64_t at = (uint64_t)(uintptr_t)string;
	char to[128];

	want_number("quote memory", 1, stp_quote_memory(to, sizeof(to), at, false, 1000, 0, false));
	want_number("its length", (int64_t)sizeof(string) - 1 + 2, (int64_t)strlen(to));
	stp_quote_memory(to, sizeof(to), at, true, 4, 0, false);
	want_text("more follows", "\"0123\"...", to);
	stp_quote_memory(to, sizeof(to), at + 66, true, 4, 0, false);
	want_text("no more follows", "\"6789\"", to);
	stp_quote_memory(to, sizeof(to), at, true, 1000, 9, false);
	want_text("output is limited", "\"0123\"...", to);
	stp_quote_memory(to, sizeof(to), (uintptr_t)bytes, true, 3, 0, true);
	want_text("buffer", "\"a\\000b\"", to);
	want_number("cannot be read", 0, stp_quote_memory(to, sizeof(to), 0x10, false, 99, 0, false));
	want_text("the address instead", "0x10", to);
}

static void test_tokens(void)
{
	char to[STRINGLEN];

	fail_allocation = 1;
	want_number("tokens without memory", -12, stp_tokens_init(STRINGLEN));
	fail_allocation = 0;
	want_number("tokens", 0, stp_tokens_init(STRINGLEN));
	stp_tokenize(&ctx, to, sizeof(to), ",,one two,three", ", ");
	want_text("first token", "one", to);
	this_cpu = 1;
	stp_tokenize(&ctx, to, sizeof(to), "", ", ");
	want_text("other processor: nothing yet", "", to);
	stp_tokenize(&ctx, to, sizeof(to), "x", ", ");
	this_cpu = 0;
	stp_tokenize(&ctx, to, sizeof(to), "", ", ");
	want_text("second token", "two", to);
	ctx.may_sleep = true;
	stp_tokenize(&ctx, to, sizeof(to), "begin", ", ");
	want_text("who may sleep has its own", "begin", to);
	ctx.may_sleep = false;
	stp_tokenize(&ctx, to, sizeof(to), "", "-");
	want_text("no delimiter: the rest", "three", to);
	stp_tokenize(&ctx, to, sizeof(to), "", ",");
	want_text("no more", "", to);
	stp_tokenize(&ctx, to, sizeof(to), "", ",");
	want_text("still no more", "", to);
	stp_tokenize(&ctx, to, sizeof(to), ",,,", ",");
	want_text("delimiters alone", "", to);
	stp_tokens_exit();
	stp_tokenize(&ctx, to, sizeof(to), "a,b", ",");
	want_text("after the end", "", to);
}

static void test_ctime(void)
{
	static const int64_t times[] = { 0, -1, 951782399, 951782400, 951868800, 4102444799 - 2000000000,
					 741476948, 2147483647, -2147483648LL, 1709164800, 86399, 1 };
	char to[40], want[40];

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		time_t t = times[i];
		struct tm tm;

		stp_ctime(to, sizeof(to), times[i]);
		strftime(want, sizeof(want), "%a %b %e %H:%M:%S %Y", gmtime_r(&t, &tm));
		want_text("ctime as the C library's", want, to);
	}
	stp_ctime(to, sizeof(to), -2147483648LL);
	want_text("the earliest of the manual", "Fri Dec 13 20:45:52 1901", to);
	want_number("too late", 0, stp_ctime(to, sizeof(to), 2147483648LL));
	want_number("too early", 0, stp_ctime(to, sizeof(to), -2147483649LL));
}

static void test_errno(void)
{
	char to[16];

	stp_errno_str(to, sizeof(to), 2);
	want_text("errno 2", "ENOENT", to);
	stp_errno_str(to, sizeof(to), 11);
	want_text("errno 11", "EAGAIN", to);
	stp_errno_str(to, sizeof(to), 133);
	want_text("errno 133", "EHWPOISON", to);
	stp_errno_str(to, sizeof(to), 3333);
	want_text("no errno", "E#3333", to);
	stp_errno_str(to, sizeof(to), 41);
	want_text("a hole", "E#41", to);
	stp_errno_str(to, sizeof(to), -2);
	want_text("negative", "ENOENT", to);
	stp_errno_str(to, sizeof(to), -4096);
	want_text("no errno, negative", "E#-4096", to);
	stp_errno_str(to, sizeof(to), 0);
	want_text("no error", "", to);
}

void test_text(void)
{
	test_string();
	test_strtol();
	test_quote();
	test_quote_memory();
	test_tokens();
	test_ctime();
	test_errno();
}
