// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runtime/data/format.c against the printed examples of stap(1) and the language reference, and
 * against the C library's printf where the two mean the same.
 */
#include <stdio.h>
#include <string.h>

#include "data/format.h"
#include "test_data.h"

#define N(x) { .n = (int64_t)(x) }
#define S(x) { .s = x }

static const struct row {
	const char *text;
	union stp_val v[6];
	const char *want;
} rows[] = {
	{ "hello", {}, "hello" },
	/* stap(1) */
	{ "%c is %s; %x or %X or %p; %d", { N(97), S("alice"), N(0x1234abcd), N(0x1234abcd),
	  N(0x1234abcd), N(-1) }, "a is alice; 1234abcd or 1234ABCD or 0x1234abcd; -1" },
	{ "%u", { N(-1) }, "18446744073709551615" },
	{ "%#o %#x %#X", { N(1), N(2), N(3) }, "01 0x2 0X3" },
	{ "%#c %#c %#c", { N(0), N(9), N(42) }, "\\000 \\t *" },
	{ "%#c %#c %#c", { N(39), N(92), N(34) }, "\\' \\\\ \"" },
	/* language reference, 9.2 */
	{ "%3d: %1b%1b%1b", { N(97), N(97), N(65), N(33) }, " 97: aA!" },
	{ "%1b%1b%1blo %1b%1brld", { N(72), N(101), N(108), N(87), N(111) }, "Hello World" },
	{ "%d %i %u %o %x %X", { N(392), N(-392), N(7235), N(0610), N(0x7fa), N(0x7fa) },
	  "392 -392 7235 610 7fa 7FA" },
	{ "%.0d|%.3d|%.3d", { N(0), N(7), N(-7) }, "|007|-007" },
	/* limits */
	{ "%d %d", { N(INT64_MIN), N(INT64_MAX) }, "-9223372036854775808 9223372036854775807" },
	{ "%x %o", { N(-1), N(-1) }, "ffffffffffffffff 1777777777777777777777" },
	{ "%p", { N(0) }, "0x0" },
	{ "%#x %#o", { N(0), N(0) }, "0x0 00" },
	{ "%20p|%-20p|", { N(0xabc), N(0xabc) }, "               0xabc|0xabc               |" },
	/* flags, widths, * */
	{ "%5d|%-5d|%05d|%+d|% d", { N(42), N(42), N(42), N(42), N(42) }, "   42|42   |00042|+42| 42" },
	{ "%#010x|%010d", { N(0x1234), N(-5) }, "0x00001234|-000000005" },
	{ "%*d|%-*d|%*d|", { N(5), N(1), N(5), N(2), N(-5), N(3) }, "    1|2    |3    |" },
	{ "%.*s|%.*s|", { N(2), S("abcd"), N(-1), S("abcd") }, "ab|abcd|" },
	{ "%10s|%-10s|%.2s|%10.1s|", { S("abc"), S("abc"), S("abc"), S("abc") },
	  "       abc|abc       |ab|         a|" },
	{ "%5c|%-5c|", { N('x'), N('y') }, "    x|y    |" },
	{ "%ld %lld %lu %lx", { N(1), N(2), N(3), N(4) }, "1 2 3 4" },
	{ "100%%", {}, "100%" },
	{ "%8.5d|%-8.5d|%+.5d", { N(42), N(42), N(42) }, "   00042|00042   |+00042" },
	{ "%y", { N(1) }, "%y" },
	{ "end %", {}, "end %" },
};

static void test_rows(void)
{
	char got[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int n = stp_format(got, sizeof(got), rows[i].text, rows[i].v, 6, NULL);

		want_text(rows[i].text, rows[i].want, got);
		want_number("its length", (int64_t)strlen(rows[i].want), n);
	}
}

/* Every mix of flags, a few widths and precisions: as printf. */
static void test_against_libc(void)
{
	static const int64_t values[] = { 0, 1, -1, 42, 123456789012, INT64_MIN };
	unsigned n = 0, bad = 0;

	for (unsigned f = 0; f < 32; f++)
	for (int w = -1; w < 25; w += 5)
	for (int p = -1; p < 24; p += 4)
	for (const char *c = "diuxXo"; *c; c++)
	for (size_t i = 0; i < 6; i++) {
		char text[48], libc[64], want[64], got[64], wp[16] = "", pp[16] = "";
		union stp_val v = { .n = values[i] };

		if (w > 0)
			snprintf(wp, sizeof(wp), "%d", w);
		if (p >= 0)
			snprintf(pp, sizeof(pp), ".%d", p);
		snprintf(text, sizeof(text), "%%%s%s%s%s%s%s%s%c", f & 1 ? "-" : "", f & 2 ? "+" : "",
			 f & 4 ? " " : "", f & 8 ? "#" : "", f & 16 ? "0" : "", wp, pp, *c);
		snprintf(libc, sizeof(libc), "%.*sll%c", (int)strlen(text) - 1, text, *c);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
		snprintf(want, sizeof(want), libc, (long long)values[i]);
#pragma GCC diagnostic pop
		/* Unlike C SystemTap gives 0 its prefix too, and octal one whatever the precision is. */
		if ((f & 8) && (*c == 'o' || ((*c == 'x' || *c == 'X') && !values[i])))
			continue;
		stp_format(got, sizeof(got), text, &v, 1, NULL);
		n++;
		if (strcmp(want, got) && !bad++)
			want_text(text, want, got);
	}
	want_number("flags as printf: differences", 0, bad);
	want_number("flags as printf: enough cases", 1, n > 25000);
}

static void test_cut(void)
{
	union stp_val v = S("abcdefgh");
	char to[8];

	memset(to, 'Z', sizeof(to));
	want_number("cut: full length", 10, stp_format(to, 4, "<%s>", &v, 1, NULL));
	want_text("cut: text", "<ab", to);
	want_number("cut: nothing past the end", 'Z', to[4]);
	want_number("size 0", 10, stp_format(NULL, 0, "<%s>", &v, 1, NULL));
	v.n = INT64_MAX;
	want_number("width is limited", STP_FMT_MAXWIDTH, stp_format(to, 8, "%*d", &v, 1, NULL));
	want_number("width as text is limited", STP_FMT_MAXWIDTH,
		    stp_format(to, 8, "%99999999999d", &v, 1, NULL));
}

static bool copy(void *to, uint64_t addr, uint32_t size)
{
	if (addr < 4096)
		return false;
	memcpy(to, (void *)(uintptr_t)addr, size);
	return true;
}

static void test_memory(void)
{
	static const char data[] = "\x01\xab" "cdefgh";
	struct stp_format_memory m = { .copy = copy };
	union stp_val v[2] = { N((uintptr_t)data + 2), N((uintptr_t)data) };
	char got[400], big[200];

	stp_format(got, sizeof(got), "%.4m|%10.4m|", (union stp_val[]){ v[0], v[0] }, 2, &m);
	want_text("%m", "cdef|      cdef|", got);
	stp_format(got, sizeof(got), "%M|%10.2M|%-6.2M|", (union stp_val[]){ v[1], v[1], v[1] }, 3, &m);
	want_text("%M", "01|      01ab|01ab  |", got);
	memset(big, 'q', sizeof(big));
	v[0].n = (intptr_t)big;
	want_number("%m over parts", 200, stp_format(got, sizeof(got), "%.200m", v, 1, &m));
	want_number("%m last byte", 'q', got[199]);
	v[0].n = 16;
	want_number("%m fault", -1, stp_format(got, sizeof(got), "a%m", v, 1, &m));
	want_number("%m fault address", 16, (int64_t)m.fault);
	want_text("%m fault: what came before", "a", got);
	want_number("reads memory", 1, stp_format_reads_memory("%d %-3.4M"));
	want_number("reads none", 0, stp_format_reads_memory("%d %%m m"));
}

static void test_directive(void)
{
	struct stp_directive d;
	const char *text = "%-#*.*lx rest";

	want_text("parse: rest", " rest", stp_directive_parse(text, &d));
	want_number("parse: flags", STP_FMT_LEFT | STP_FMT_ALT, d.flags);
	want_number("parse: stars", 1, d.star_width && d.star_precision);
	stp_directive_parse("%3b", &d);
	want_number("%3b is refused", 0, stp_directive_valid(&d));
	stp_directive_parse("%4b", &d);
	want_number("%4b is taken", 1, stp_directive_valid(&d));
	stp_directive_parse("%f", &d);
	want_number("%f is refused", 0, stp_directive_valid(&d));
	stp_directive_parse("%", &d);
	want_number("lone % is refused", 0, stp_directive_valid(&d));
}

void test_format(void)
{
	test_rows();
	test_against_libc();
	test_cut();
	test_memory();
	test_directive();
}
