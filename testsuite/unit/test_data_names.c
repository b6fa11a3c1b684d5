// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of flags and values, IPv6 addresses, wide strings. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "data/data.h"
#include "test_data.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void test_flags(void)
{
	static const struct stp_name names[] = {
		{ 0, "NONE" }, { 3, "BOTH" }, { 1, "ONE" }, { 2, "TWO" }, { 0x80000000, "TOP" } };
	static const struct stp_name few[] = { { -1ull, "MINUS" }, { 5, "FIVE" } };
	char to[64], tiny[8];

	stp_flags_str(to, sizeof(to), 0, names, N(names));
	want_text("flags none", "NONE", to);
	stp_flags_str(to, sizeof(to), 0, few, N(few));
	want_text("flags none without a name", "0x0", to);
	stp_flags_str(to, sizeof(to), 3, names, N(names));
	want_text("flags combined", "BOTH", to);
	stp_flags_str(to, sizeof(to), 2 | 0x80000000, names, N(names));
	want_text("flags two", "TWO|TOP", to);
	stp_flags_str(to, sizeof(to), 1 | 0x40, names, N(names));
	want_text("flags unknown", "ONE|0x40", to);
	stp_flags_str(tiny, sizeof(tiny), 1 | 0x80000000, names, N(names));
	want_text("flags cut", "ONE|TOP", tiny);
	stp_value_str(to, sizeof(to), -1, few, N(few));
	want_text("value negative", "MINUS", to);
	stp_value_str(to, sizeof(to), -7, few, N(few));
	want_text("value unknown", "0xfffffff9", to);
}

/* Against the C library, which writes them the same way. */
static void test_ip6(void)
{
	static const char *const texts[] = { "::", "::1", "1::", "fe80::1:0:0:1", "2001:db8::2:1", "1:2:3:4:5:6:7:8",
		"1:0:2:0:3:0:4:0", "0:0:1::", "::ffff:127.0.0.1", "1:2:3:4:5:6:0:0", "ff02::fb", "0:1:2:3:4:5:6:7" };
	char to[64], name[64], want[INET6_ADDRSTRLEN];
	uint64_t half[2];
	size_t i;

	for (i = 0; i < N(texts); i++) {
		inet_pton(AF_INET6, texts[i], half);
		inet_ntop(AF_INET6, half, want, sizeof(want));
		stp_ip6_str(to, sizeof(to), half[0], half[1]);
		snprintf(name, sizeof(name), "ip6 %s", texts[i]);
		want_text(name, want, to);
	}
}

static enum stp_utf_result utf16(char *to, uint32_t size, const uint16_t *text)
{
	return stp_utf_string(to, size, (uint64_t)(uintptr_t)text, true, 2);
}

static void test_utf(void)
{
	static const uint16_t pair[] = { 0x48, 0xe9, 0x20ac, 0xd83d, 0xde00, 0 }, half[] = { 0x41, 0xd800, 0x41, 0 };
	static const uint32_t wide[] = { 0x1f600, 0x41, 0 }, bad[] = { 0x41, 0x110000, 0 }, surrogate[] = { 0xdc00, 0 };
	char to[16], tiny[8];

	want_number("utf16", STP_UTF_OK, utf16(to, sizeof(to), pair));
	want_text("utf16 text", "H\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", to);
	want_number("utf16 half a pair", STP_UTF_INVALID, utf16(to, sizeof(to), half));
	want_text("utf16 before it", "A", to);
	want_number("utf16 cut", STP_UTF_OK, utf16(tiny, sizeof(tiny), pair));
	want_text("utf16 whole characters", "H\xc3\xa9\xe2\x82\xac", tiny);
	want_number("utf32", STP_UTF_OK, stp_utf_string(to, sizeof(to), (uint64_t)(uintptr_t)wide, true, 4));
	want_text("utf32 text", "\xf0\x9f\x98\x80" "A", to);
	want_number("utf32 beyond", STP_UTF_INVALID, stp_utf_string(to, sizeof(to), (uint64_t)(uintptr_t)bad, true, 4));
	want_number("utf32 surrogate", STP_UTF_INVALID,
		    stp_utf_string(to, sizeof(to), (uint64_t)(uintptr_t)surrogate, true, 4));
	want_number("utf fault", STP_UTF_FAULT, stp_utf_string(to, sizeof(to), 16, true, 2));
}

void test_names(void)
{
	test_flags();
	test_ip6();
	test_utf();
}
