// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stapio without a kernel: what the record reader takes and refuses, in which order the merge shows
 * records and what it holds back, printf records, splitting of -c commands, output files; and the
 * fuzz target over damaged streams from a fixed seed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "data/format.h"
#include "stapio/child.h"
#include "stapio/format.h"
#include "stapio/json.h"
#include "stapio/output.h"
#include "stapio/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int failed;

static void want(const char *name, bool ok, const char *why)
{
	if (ok)
		printf("ok %s\n", name);
	else
		printf("not ok %s: %s\n", name, why);
	failed |= !ok;
}

static void want_text(const char *name, const char *expected, const char *got)
{
	char why[2048];

	snprintf(why, sizeof(why), "wanted \"%s\", got \"%s\"", expected, got);
	want(name, !strcmp(expected, got), why);
}

/* ---- making streams ---- */

static void add_bytes(struct stream *s, const void *p, size_t n)
{
	memcpy(stream_room(s, n), p, n);
	s->end += n;
}

static void add(struct stream *s, unsigned type, uint64_t time, const char *text)
{
	static const char zeros[8];
	size_t len = strlen(text), pad = -len & 7;
	struct stp_record r = { .size = sizeof(r) + len + pad, .type = type, .pad = pad, .time = time };

	add_bytes(s, &r, sizeof(r));
	add_bytes(s, text, len);
	add_bytes(s, zeros, pad);
}

static void add_filler(struct stream *s, uint32_t size)
{
	struct stp_record r = { .size = size, .type = STP_REC_PAD };
	static const char zeros[256];

	add_bytes(s, &r, 8);
	add_bytes(s, zeros, size - 8);
}

/* What the merge shows now, as text. */
static const char *shown(struct merge *m, bool all)
{
	static char text[256];
	size_t len = 0;
	int i;

	while ((i = merge_next(m, all)) >= 0) {
		memcpy(text + len, m->streams[i]->first.payload, m->streams[i]->first.len);
		len += m->streams[i]->first.len;
		stream_drop(m->streams[i]);
	}
	text[len] = 0;
	return text;
}

/* ---- reader ---- */

static void test_reader(void)
{
	struct stream s = { 0 }, *all[] = { &s };
	struct merge m = { .streams = all, .n = 1 };

	add_filler(&s, 8);
	add(&s, STP_REC_TEXT, 5, "one");
	add_filler(&s, 24);
	add_filler(&s, 8);
	add(&s, STP_REC_TEXT, 6, "eighteen");
	want_text("reader.filler", "oneeighteen", shown(&m, true));
	add_bytes(&s, "\x20\0\0\0\1\0\5\0" "\7\0\0\0\0\0\0\0" "ab", 18);
	want_text("reader.cut", "", shown(&m, true));
	add_bytes(&s, "c\0\0\0\0\0" "\0\0\0\0\0\0\0\0", 14);
	want("reader.rest", !strcmp(shown(&m, true), "abc\0\0\0\0\0\0\0\0" + 0) && !s.damaged, "not put together");
	stream_deinit(&s);
}

static enum decode decode_one(uint32_t size, uint16_t type, uint16_t pad)
{
	unsigned char buf[256] __attribute__((aligned(8))) = { 0 };
	struct stp_record r = { .size = size, .type = type, .pad = pad };
	struct record got;
	size_t used;

	memcpy(buf, &r, sizeof(r));
	return record_decode(buf, sizeof(buf), &got, &used);
}

static void test_damage(void)
{
	static const struct {
		const char *name;
		uint32_t size;
		uint16_t type, pad;
		enum decode want;
	} rows[] = {
		{ "damage.none", 24, STP_REC_TEXT, 7, DECODE_RECORD },
		{ "damage.odd", 25, STP_REC_TEXT, 0, DECODE_DAMAGED },
		{ "damage.zero", 0, STP_REC_TEXT, 0, DECODE_DAMAGED },
		{ "damage.zero-filler", 0, STP_REC_PAD, 0, DECODE_DAMAGED },
		{ "damage.no-header", 8, STP_REC_TEXT, 0, DECODE_DAMAGED },
		{ "damage.huge", STP_RECORD_MAX + 8, STP_REC_TEXT, 0, DECODE_DAMAGED },
		{ "damage.type", 24, 9, 0, DECODE_DAMAGED },
		{ "damage.pad", 24, STP_REC_TEXT, 8, DECODE_DAMAGED },
		{ "damage.pad-of-empty", 16, STP_REC_TEXT, 1, DECODE_DAMAGED },
		{ "damage.mark", 24, STP_REC_MARK, 0, DECODE_DAMAGED },
		{ "damage.switch", 24, STP_REC_SWITCH, 0, DECODE_DAMAGED },
		{ "damage.system", 24, STP_REC_SYSTEM, 3, DECODE_RECORD },
		{ "damage.lost", 16, STP_REC_LOST, 0, DECODE_DAMAGED },
		{ "damage.more", 512, STP_REC_TEXT, 0, DECODE_MORE },
	};
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		want(rows[i].name, decode_one(rows[i].size, rows[i].type, rows[i].pad) == rows[i].want,
		     "decoded otherwise");
}

/* ---- merge ---- */

static void test_merge(void)
{
	struct stream s[3] = { 0 }, *all[] = { &s[0], &s[1], &s[2] };
	struct merge m = { .streams = all, .n = 3 };

	add(&s[0], STP_REC_TEXT, 10, "a");
	add(&s[1], STP_REC_TEXT, 12, "b");
	want_text("merge.holds-back", "", shown(&m, false));
	add(&s[2], STP_REC_MARK, 12, "");
	/* After `a` stream 0 has promised no more than 10. */
	want_text("merge.until-mark", "a", shown(&m, false));
	add(&s[0], STP_REC_TEXT, 10, "A");
	add(&s[0], STP_REC_MARK, 20, "");
	want_text("merge.run-together", "A", shown(&m, false));
	add(&s[2], STP_REC_TEXT, 15, "c");
	add(&s[2], STP_REC_MARK, 20, "");
	want_text("merge.next", "b", shown(&m, false));
	add(&s[1], STP_REC_MARK, 20, "");
	want_text("merge.marks", "c", shown(&m, false));
	add(&s[0], STP_REC_TEXT, 21, "x");
	add(&s[1], STP_REC_TEXT, 21, "y");
	add(&s[0], STP_REC_TEXT, 21, "X");
	add(&s[1], STP_REC_TEXT, 21, "Y");
	want_text("merge.ties", "xXyY", shown(&m, true));
	add(&s[0], STP_REC_TEXT, 30, "1");
	add(&s[0], STP_REC_TEXT, 31, "2");
	add(&s[0], STP_REC_TEXT, 33, "4");
	add(&s[1], STP_REC_TEXT, 32, "3");
	add(&s[2], STP_REC_MARK, 33, "");
	want_text("merge.goes-on", "123", shown(&m, false));
	add(&s[1], STP_REC_MARK, 40, "");
	want_text("merge.goes-on-no-further", "", shown(&m, false));
	add(&s[2], STP_REC_MARK, 34, "");
	want_text("merge.goes-on-later", "4", shown(&m, false));
	stream_deinit(&s[0]);
	stream_deinit(&s[1]);
	stream_deinit(&s[2]);
}

static void test_damaged_stream_does_not_block(void)
{
	struct stream s[2] = { 0 }, *all[] = { &s[0], &s[1] };
	struct merge m = { .streams = all, .n = 2 };

	add_bytes(&s[0], "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	add(&s[1], STP_REC_TEXT, 1, "on");
	add(&s[1], STP_REC_MARK, 9, "");
	want_text("merge.damaged", "on", shown(&m, false));
	want("merge.damage-seen", s[0].damaged && !s[1].damaged, "flags are wrong");
	stream_deinit(&s[0]);
	stream_deinit(&s[1]);
}

/* ---- printf records ---- */

/* Table of one format "%d %s|%5s|\n", arguments n s s. */
static bool one_format(struct formats *f)
{
	unsigned char b[64] __attribute__((aligned(8))) = { 0 };
	static const char text[] = "%d %s|%5s|\n";
	struct stp_wire_fmt w = { .size = 32, .id = 0, .text_len = strlen(text), .nargs = 3 };

	memcpy(b, &w, sizeof(w));
	memcpy(b + sizeof(w), text, strlen(text));
	memcpy(b + sizeof(w) + strlen(text), "nss", 3);
	return formats_init(f, b, w.size);
}

static void put_string(unsigned char *to, const char *s)
{
	uint32_t n = strlen(s);

	memcpy(to, &n, 4);
	memcpy(to + 4, s, n);
}

static void test_printf(void)
{
	unsigned char b[40] __attribute__((aligned(8))) = { 0 };
	struct bytes out = { 0 };
	int64_t n = -7;
	struct formats f;
	uint32_t bad = 100;

	want("printf.table", one_format(&f), "refused");
	memcpy(b + 8, &n, 8);
	put_string(b + 16, "abc");
	put_string(b + 24, "longer");
	want("printf.ok", format_printf(&out, &f, b, 40), "refused");
	bytes_room(&out, 1);
	out.v[out.len] = 0;
	want_text("printf.text", "-7 abc|longer|\n", out.v);
	want("printf.short", !format_printf(&out, &f, b, 32), "accepted");
	want("printf.no-room-for-id", !format_printf(&out, &f, b, 4), "accepted");
	memcpy(b + 16, &bad, 4);
	want("printf.string-too-long", !format_printf(&out, &f, b, 40), "accepted");
	memcpy(b, &bad, 4);
	want("printf.unknown-format", !format_printf(&out, &f, b, 40), "accepted");
	formats_deinit(&f);
	free(out.v);
}

/* One record by one format, next to what stp_format() makes of the same values. */
static void same_as_whole(const char *text, const char *args, const union stp_val *v)
{
	unsigned char table[512] __attribute__((aligned(8))) = { 0 }, b[512] __attribute__((aligned(8))) = { 0 };
	struct stp_wire_fmt w = { .text_len = strlen(text), .nargs = strlen(args) };
	struct bytes out = { 0 };
	struct formats f;
	char expected[9000];
	size_t at = 8;
	bool ok;
	int n;

	w.size = (sizeof(w) + w.text_len + w.nargs + 3) & ~3u;
	memcpy(table, &w, sizeof(w));
	memcpy(table + sizeof(w), text, w.text_len);
	memcpy(table + sizeof(w) + w.text_len, args, w.nargs);
	for (uint32_t i = 0; i < w.nargs; i++)
		if (args[i] == 's') {
			put_string(b + at, v[i].s);
			at += (4 + strlen(v[i].s) + 1 + 7) & ~(size_t)7;
		} else {
			memcpy(b + at, &v[i].n, 8);
			at += 8;
		}
	n = stp_format(expected, sizeof(expected), text, v, w.nargs, NULL);
	ok = formats_init(&f, table, w.size) && format_printf(&out, &f, b, at);
	want(text, ok && n == (int)out.len && !memcmp(expected, out.v, n), "differs from stp_format()");
	out.len = 0;
	want("pieces.cut", !format_printf(&out, &f, b, at - 8) && !out.len, "a record without its last value is taken");
	formats_deinit(&f);
	free(out.v);
}

static void test_pieces(void)
{
	static const int64_t numbers[] = { 0, 7, -1, 10, 99, 100, 101, 9999, -12345678, 4294967296, INT64_MAX,
					   INT64_MIN };
	static const struct { const char *text, *args; } rows[] = {
		{ "%d %u %x|%i", "nnnn" }, { "%%%d%%%%", "n" }, { "a%db%5dc%-5xd%#x", "nnnn" }, { "%s%d%s", "sns" },
		{ "%10s|%-10s|%.2s", "sss" }, { "%*d %s", "nns" }, { "%c%#c%b%2b", "nnnn" }, { "%.*s %p %o", "nsnn" },
		{ "%ld %lld %hx", "nnn" }, { "%d extra", "nn" }, { "%X %+d %08d", "nnn" }, { "%d %q %d", "nn" },
	};
	union stp_val v[4];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t k = 0; k < sizeof(numbers) / sizeof(*numbers); k++) {
			for (size_t j = 0; rows[i].args[j]; j++)
				if (rows[i].args[j] == 's')
					v[j].s = (k + j) % 3 ? "a string that is longer" : "";
				else
					v[j].n = numbers[(k + j) % (sizeof(numbers) / sizeof(*numbers))];
			same_as_whole(rows[i].text, rows[i].args, v);
		}
}

/* ---- reports ---- */

static void want_report(const char *name, bool (*make)(struct bytes *, const struct report *), const struct report *r,
			const char *expected)
{
	struct bytes out = { 0 };
	bool ok = make(&out, r) && bytes_room(&out, 1);

	if (ok)
		out.v[out.len] = 0;
	want_text(name, expected, ok ? out.v : "no memory");
	free(out.v);
}

static void test_report(void)
{
	struct stp_msg_probe m = { .index = 3, .flags = STP_REPORT_TIMING, .hits = 2, .cycles = 30, .least = 10,
				   .most = 20, .texts = "begin\0a.stp:1:7\0here" };
	struct stp_msg_array a = { .refused = 5, .elements = 4, .name = "full" };
	struct report r = { 0 };

	want_report("report.nothing", report_kept_going, &r, "");
	report_probe(&r, (char *)&m, sizeof(m));
	want_report("report.timing", report_timing, &r, "----- probe hit report: \nbegin, (a.stp:1:7), hits: 2, "
		    "cycles: 10min/15avg/20max, from: here, index: 3\n");
	want_report("report.timing-alone", report_kept_going, &r, "");
	m.flags = STP_REPORT_KEPT_GOING | STP_REPORT_OFF;
	m.hits = 0;
	m.skipped_lock = 7;
	memset(m.texts, 'x', sizeof(m.texts));
	report_deinit(&r);
	report_probe(&r, (char *)&m, sizeof(m) - sizeof(m.texts) + 2);	/* an older module's */
	report_array(&r, (char *)&a, sizeof(a));
	want_report("report.kept", report_kept_going, &r,
		    "      hits   errors     lock  reentry    stack   missed      off      cut     lost  probe\n"
		    "         0        0        7        0        0        0        0        0        0  xx (): "
		    "took too much time and was turned off\n"
		    "  elements  refused     lock  array\n"
		    "         4        5        0  full\n");
	want_report("report.kept-alone", report_timing, &r, "");
	want_report("report.json", report_json, &r,
		    "{\"report\":{\"probe\":\"xx\",\"place\":\"\",\"from\":\"\",\"hits\":0,"
		    "\"errors\":0,\"cycles\":{\"min\":10,\"avg\":0,\"max\":20},\"skipped\":{\"lock\":7,\"reentry\":0,"
		    "\"stack\":0,\"missed_return\":0,\"off\":0},\"cut\":0,\"lost\":0,\"off\":true}}\n"
		    "{\"report\":{\"array\":\"full\",\"elements\":4,\"refused\":5,\"contended\":0}}\n");
	report_deinit(&r);
	report_probe(&r, (char *)&m, sizeof(m));	/* without an end to its texts */
	report_deinit(&r);
}

/* ---- JSON ---- */

static struct json json_of(struct formats *f)
{
	static const char names[] = "begin\0timer.s(1)";
	char *copy = malloc(sizeof(names));
	struct json j;

	memcpy(copy, names, sizeof(names));
	want("json.names", json_init(&j, f, copy, sizeof(names)) && j.nprobes == 2, "not two");
	return j;
}

static void want_json(const char *name, const struct json *j, const struct record *r, const char *expected)
{
	struct bytes out = { 0 };
	bool ok = json_record(&out, j, 1, r);

	bytes_room(&out, 1);
	out.v[out.len] = 0;
	want(name, ok == !!expected, ok ? "accepted" : "refused");
	want_text(name, expected ? expected : "", out.v);
	free(out.v);
}

/* "d s" with the names n and n. */
static void json_formats(struct formats *f)
{
	static const unsigned char b[] __attribute__((aligned(8))) =
		"\x20\0\0\0" "\0\0\0\0" "\5\0\2\0" "\4\0\0\0" "%d %sns" "n\0n\0\0\0\0\0";

	want("json.formats", formats_init(f, b, 32), "refused");
}

static void test_json(void)
{
	static const unsigned char two[32] __attribute__((aligned(8))) =
		"\0\0\0\0" "\0\0\0\0" "\xff\xff\xff\xff\xff\xff\xff\xff" "\1\0\0\0" "\"\0\0\0";
	static const struct stp_wire_hist h = { .nkeys = 1, .keys = 0, .nbuckets = 1, .linear = 1 };
	static const struct stp_wire_bucket k = { .bound = -5, .count = 3, .where = STP_BUCKET_BELOW };
	unsigned char hist[256] __attribute__((aligned(8))) = { 0 };
	struct record r = { .type = STP_REC_TEXT, .time = 7, .probe = 1 };
	struct formats f;
	struct json j;

	json_formats(&f);
	j = json_of(&f);
	r.payload = (const unsigned char *)"a\"\\\n\t\1\x7f\xc3\xa9\xe9\xed\xa0\x80";
	r.len = 13;
	want_json("json.text", &j, &r, "{\"time\":7,\"cpu\":1,\"probe\":\"timer.s(1)\",\"text\":"
		  "\"a\\\"\\\\\\n\\t\\u0001\\u007f\xc3\xa9\\u00e9\\u00ed\\u00a0\\u0080\"}\n");
	r = (struct record){ .type = STP_REC_PRINTF, .probe = STP_PROBE_NONE, .payload = two, .len = 24 };
	want_json("json.printf", &j, &r, "{\"time\":0,\"cpu\":1,\"text\":\"-1 \\\"\",\"fields\":"
		  "{\"n\":-1,\"n#2\":\"\\\"\"}}\n");
	r.len = 16;
	want_json("json.short", &j, &r, NULL);
	r = (struct record){ .type = STP_REC_ERROR, .payload = (const unsigned char *)"WARNING: x\n", .len = 11 };
	want_json("json.warning", &j, &r, "{\"time\":0,\"cpu\":1,\"probe\":\"begin\",\"warning\":\"x\"}\n");
	memcpy(hist, &h, sizeof(h));
	memcpy(hist + 16, "\1\0\0\0s\0\0\0" "\11\0\0\0\0\0\0\0", 16);
	memcpy(hist + 32, &k, sizeof(k));
	r = (struct record){ .type = STP_REC_HIST, .payload = hist, .len = 32 + sizeof(k) };
	want_json("json.histogram", &j, &r, "{\"time\":0,\"cpu\":1,\"probe\":\"begin\",\"histogram\":{\"of\":"
		  "\"s\",\"keys\":[9],\"kind\":\"linear\",\"buckets\":[{\"below\":-5,\"count\":3}]}}\n");
	r.len--;
	want_json("json.cut-histogram", &j, &r, NULL);
	json_deinit(&j);
	formats_deinit(&f);
}

/* ---- commands ---- */

static void want_words(const char *command, const char *expected)
{
	char **w = command_split(command), got[128] = "", **p;

	for (p = w; p && *p; p++) {
		strcat(got, "[");
		strcat(got, *p);
		strcat(got, "]");
	}
	want_text(command, expected, got);
	if (w)
		free(w[0]);
	free(w);
}

static void test_commands(void)
{
	want_words("cat /etc/passwd", "[cat][/etc/passwd]");
	want_words("  dd  if=/dev/zero of=x ", "[dd][if=/dev/zero][of=x]");
	want_words("sh -c 'a; b $c'", "[sh][-c][a; b $c]");
	want_words("echo \"a b\"'c'd\\ e ''", "[echo][a bcd e][]");
	/* For a shell: */
	want_words("a; b", "");
	want_words("A=1 b", "");
	want_words("echo $HOME", "");
	want_words("echo \"$HOME\"", "");
	want_words("ls *.c", "");
	want_words("a > b", "");
	want_words("echo 'a", "");
	want_words("", "");
}

/* ---- output ---- */

static bool file_is(const char *path, const char *text)
{
	char got[64] = "";
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(got, 1, sizeof(got) - 1, f) : 0;

	if (f)
		fclose(f);
	return f && n == strlen(text) && !memcmp(got, text, n);
}

static void put(struct output *o, const char *text)
{
	bytes_room(&o->buf, strlen(text));
	memcpy(o->buf.v + o->buf.len, text, strlen(text));
	o->buf.len += strlen(text);
	output_record_done(o);
}

static void test_output(void)
{
	char dir[] = "/tmp/stapio.XXXXXX", path[64], file[80];
	struct output o = { 0 };
	int i;

	if (!mkdtemp(dir)) {
		want("output", false, strerror(errno));
		return;
	}
	snprintf(path, sizeof(path), "%s/f", dir);
	want("output.open", !output_open_numbered(&o, path, 4, 2), "not opened");
	put(&o, "one ");
	put(&o, "two ");
	put(&o, "tri ");
	put(&o, "end");
	want("output.close", !output_close(&o), "an error");
	snprintf(file, sizeof(file), "%s.3", path);
	want("output.last", file_is(file, "end"), "other contents");
	snprintf(file, sizeof(file), "%s.2", path);
	want("output.kept", file_is(file, "tri "), "other contents");
	snprintf(file, sizeof(file), "%s.1", path);
	want("output.removed", access(file, F_OK), "still there");
	memset(&o, 0, sizeof(o));
	want("output.full-disk", !output_open(&o, "/dev/full") && (put(&o, "x"), output_close(&o)) == ENOSPC,
	     "no ENOSPC");
	for (i = 0; i < 4; i++) {
		snprintf(file, sizeof(file), "%s.%d", path, i);
		unlink(file);
	}
	rmdir(dir);
}

/* Damaged copies of good streams, from a fixed seed: found by the sanitizers or by a crash. */
static void test_fuzz(void)
{
	unsigned char b[192];
	struct stream s = { 0 };
	unsigned run, i;

	add(&s, STP_REC_TEXT, 1, "text");
	add_filler(&s, 16);
	add(&s, STP_REC_PRINTF, 2, "\0\0\0\0");
	add(&s, STP_REC_MARK, 3, "");
	srand(1);
	for (run = 0; run < 20000; run++) {
		size_t n = stream_pending(&s);

		b[0] = 28;
		memset(b + 1, 0, 28);
		b[1] = 28;
		b[9] = 3;
		memcpy(b + 13, "%s ", 3);
		memcpy(b + 29, s.buf, n);
		for (i = run % 5; i; i--)
			b[rand() % (29 + n)] = rand();
		LLVMFuzzerTestOneInput(b, rand() % 4 ? 29 + n : rand() % (29 + n));
	}
	stream_deinit(&s);
	want("fuzz.20000", true, "");
}

int main(void)
{
	test_reader();
	test_damage();
	test_merge();
	test_damaged_stream_does_not_block();
	test_printf();
	test_pieces();
	test_report();
	test_json();
	test_commands();
	test_output();
	test_fuzz();
	return failed;
}
