// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The BTF half of the debuginfo room, on sections, images and symbol tables that are made here: types
 * and places as they must be, and thousands of damaged ones, where an error or any answer will do,
 * but no crash, no hang and no byte read outside (this runs with ASan and UBSan).
 */
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "dbginfo/btf.h"

static int failed;
static struct arena arena;
enum { DAMAGED = 1500 };
static uint64_t seed = 88172645463325252ull;

static void check(const char *name, bool good, const char *why)
{
	printf(good ? "ok btf: %s\n" : "not ok btf: %s: %s\n", name, why);
	failed |= !good;
}

static void check_text(const char *name, const char *got, const char *want)
{
	check(name, got && !strcmp(got, want), arena_printf(&arena, "got \"%s\", wanted \"%s\"", got, want));
}

static uint32_t dice(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

/* ---- a section ---- */

struct maker { struct buf types, strings; uint32_t id; };

static uint32_t text(struct maker *m, const char *s)
{
	uint32_t off = m->strings.n;

	if (!s)
		return 0;
	buf_add(&m->strings, s, strlen(s) + 1);
	return off;
}

static void word(struct maker *m, uint32_t w)
{
	buf_add(&m->types, (char *)&w, 4);
}

static uint32_t type(struct maker *m, const char *name, unsigned kind, unsigned vlen, bool flag,
		     uint32_t size)
{
	word(m, text(m, name));
	word(m, (uint32_t)flag << 31 | kind << 24 | vlen);
	word(m, size);
	return ++m->id;
}

static void triple(struct maker *m, uint32_t a, uint32_t b, uint32_t c)
{
	word(m, a);
	word(m, b);
	word(m, c);
}

static void param(struct maker *m, const char *name, uint32_t id)
{
	word(m, text(m, name));
	word(m, id);
}

static unsigned char *section(struct maker *m, size_t *n)
{
	uint32_t head[6] = { 0x1eb9f, 24, 0, m->types.n, m->types.n, m->strings.n };
	unsigned char *p = xmalloc(*n = 24 + m->types.n + m->strings.n);

	memcpy(p, head, 24);
	memcpy(p + 24, m->types.p, m->types.n);
	memcpy(p + 24 + m->types.n, m->strings.p, m->strings.n);
	buf_deinit(&m->types);
	buf_deinit(&m->strings);
	return p;
}

enum { INT = 1, CHAR, STRING, S, BIG, ENUM, ENUM64, FWD, LATE, ARRAY, PROTO, F, LOOP, CPU, DATASEC, FLOAT, PROTO2, G,
       TWICE, TWICE2, ONCE, ONCE2, STUB, CALL };

static unsigned char *sample(size_t *n)
{
	struct maker m = {0};

	buf_add(&m.strings, "", 1);
	type(&m, "int", BTF_INT, 0, false, 4), word(&m, 1u << 24 | 32);
	type(&m, "char", BTF_INT, 0, false, 1), word(&m, 8);
	type(&m, NULL, BTF_PTR, 0, false, CHAR);
	type(&m, "s", BTF_STRUCT, 4, true, 24);
	triple(&m, text(&m, "a"), INT, 0);
	triple(&m, text(&m, "b5"), INT, 5u << 24 | 35);
	triple(&m, text(&m, "next"), FWD, 64);
	triple(&m, text(&m, "name"), STRING, 128);
	type(&m, "big", BTF_UNION, 1, false, 40), triple(&m, text(&m, "all"), ARRAY, 0);
	type(&m, "colour", BTF_ENUM, 2, true, 4);
	param(&m, "RED", 1), param(&m, "GREEN", (uint32_t)-7);
	type(&m, "wide", BTF_ENUM64, 1, false, 8), triple(&m, text(&m, "HUGE"), 1, 2);
	type(&m, "late", BTF_FWD, 0, false, 0);
	type(&m, "late", BTF_STRUCT, 1, false, 4), triple(&m, text(&m, "x"), INT, 0);
	type(&m, NULL, BTF_ARRAY, 0, false, 0), triple(&m, INT, INT, 10);
	type(&m, NULL, BTF_FUNC_PROTO, 9, false, INT);
	param(&m, "a", INT), param(&m, "big", BIG), param(&m, "b", STRING), param(&m, "c", CHAR), param(&m, "d", INT);
	param(&m, "f", FLOAT), param(&m, "e", INT), param(&m, "g", ENUM), param(&m, "last", STRING);
	type(&m, "f", BTF_FUNC, 0, false, PROTO);
	type(&m, "loop", BTF_TYPEDEF, 0, false, LOOP);
	type(&m, "cpu_number", BTF_VAR, 0, false, INT), word(&m, 1);
	type(&m, ".data..percpu", BTF_DATASEC, 1, false, 100), triple(&m, CPU, 64, 4);
	type(&m, "double", BTF_FLOAT, 0, false, 8);
	type(&m, NULL, BTF_FUNC_PROTO, 2, false, BIG), param(&m, "x", INT), param(&m, "pair", S);
	type(&m, "g", BTF_FUNC, 0, false, PROTO2);
	type(&m, "twice", BTF_FUNC, 0, false, PROTO);
	type(&m, "twice", BTF_FUNC, 0, false, PROTO2);
	type(&m, NULL, BTF_FUNC_PROTO, 1, false, 0), param(&m, "__unused", STRING);
	type(&m, NULL, BTF_FUNC_PROTO, 1, false, INT), param(&m, "regs", STRING);
	type(&m, "__x64_sys_call", BTF_FUNC, 0, false, ONCE);
	type(&m, "__x64_sys_call", BTF_FUNC, 0, false, ONCE2);
	return section(&m, n);
}

static struct dbg_object *object(struct btf *b)
{
	struct dbginfo *d = arena_new(&arena, struct dbginfo);
	struct dbg_object *o;

	d->a = &arena;
	d->release = "0";
	o = object_new(d, NULL, "sample");
	o->btf = b;
	return o;
}

static const char *place_text(const struct location *l)
{
	static const char *const kinds[] = { "none", "at ", "= ", "pieces" };
	struct buf b = {0};
	char *s;

	buf_puts(&b, kinds[l->kind]);
	if (l->expr)
		lx_print(&b, l->expr);
	s = arena_strdup(&arena, buf_text(&b));
	buf_deinit(&b);
	return s;
}

/* "a:int = reg5 ..." of a function. */
static const char *variables(struct dbg_object *o, const char *name)
{
	struct dbg_func_list l = {0};
	struct site_var *v, ret;
	const char *all = "";
	size_t n;

	dbg_functions(o, &arena, name, NULL, 0, DBG_BODIES, &l);
	if (l.n != 1)
		return "not one function";
	n = dbg_vars(l.v[0], &arena, l.v[0]->entry, NULL, &v);
	for (size_t i = 0; i < n; i++)
		all = arena_printf(&arena, "%s%s:%s %s; ", all, v[i].name, ctype_str(&arena, v[i].type),
				   place_text(&v[i].loc));
	dbg_return(l.v[0], &arena, &ret);
	return arena_printf(&arena, "%s%s %s", all, ctype_str(&arena, ret.type), place_text(&ret.loc));
}

static void test_types(struct dbg_object *o)
{
	struct ctype *s = dbg_type(o, "struct s");
	const struct cmember *m;
	struct site_var v = {0};
	uint64_t off = 0;

	m = s ? ctype_member(s, "b5", &off) : NULL;
	check("bitfield", m && m->bit_size == 5 && off == 4 && m->bit_offset == 3, "not 5 bits at 4:3");
	m = s ? ctype_member(s, "next", &off) : NULL;
	check("forward declaration", m && off == 8 && ctype_member(m->type, "x", &off),
	      "not filled from the definition");
	check("enum", dbg_type(o, "colour") && ctype_complete(dbg_type(o, "colour")) &&
	      dbg_type(o, "colour")->enumerators.v[1].value == -7, "GREEN is not -7");
	check("enum64", dbg_type(o, "wide") && ctype_complete(dbg_type(o, "wide")) &&
	      dbg_type(o, "wide")->enumerators.v[0].value == 0x200000001, "HUGE is wrong");
	check_text("array", ctype_str(&arena, btf_ctype(o, ARRAY)), "int[10]");
	check("a typedef of itself ends", !ctype_strip(btf_ctype(o, LOOP)), "it is something");
	check("no such type", !dbg_type(o, "struct nowhere"), "it is there");
	check("per-CPU variable", dbg_global(o, &arena, "cpu_number", &v), "not found");
	check_text("its place", place_text(&v.loc), "at percpu(64)");
}

static void test_places(struct dbg_object *o)
{
	check_text("parameters", variables(o, "f"), "a:int = reg5; big:union big at (reg7 + 8); b:char* = reg4; "
		   "c:char = reg1; d:int = reg2; f:double none; e:int = reg8; g:enum colour = reg9; "
		   "last:char* at (reg7 + 48); int = reg0");
	check_text("a result in memory takes a register", variables(o, "g"),
		   "x:int = reg4; pair:struct s at (reg7 + 8); union big at reg0");
	check_text("two functions of a name", variables(o, "twice"), "a:int none; big:union big none; "
		   "b:char* none; c:char none; d:int none; f:double none; e:int none; g:enum colour none; "
		   "last:char* none; void none");
	check_text("the stub of a system call", variables(o, "__x64_sys_call"), "regs:char* = reg5; int = reg0");
}

/* ---- damage ---- */

static void walk(struct btf *b)
{
	struct dbg_object *o = object(b);
	struct dbg_func_list l = {0};
	struct dbg_tracepoint *t;
	const char *near[4];

	for (uint32_t id = 0; id < b->n + 3; id++) {
		struct ctype *c = btf_ctype(o, id);

		ctype_str(&arena, c);
		ctype_complete(c);
		if (c)
			ctype_similar_member(c, "nxet");
	}
	dbg_functions(o, &arena, "*", NULL, 0, DBG_BODIES, &l);
	for (size_t i = 0; i < l.n; i++)
		variables(o, l.v[i]->name);
	dbg_similar_functions(o, "twcie", near, 4);
	dbg_tracepoints(o, &arena, "*", &t);
	dbg_type(o, "struct s");
	o->btf = NULL;
	object_close(o);
}

static void damage(unsigned char *p, size_t *n)
{
	unsigned times = 1 + dice(4);
	uint32_t small;

	while (times--)
		switch (dice(4)) {
		case 0: p[dice(*n)] = dice(256); break;
		case 1: p[dice(*n)] ^= 1 << dice(8); break;
		case 2: small = dice(32); memcpy(p + dice(*n / 4) * 4, &small, 4); break;
		case 3: if (dice(4) == 0) *n = 1 + dice(*n); break;
		}
}

static void test_damage(const unsigned char *p, size_t n)
{
	unsigned opened = 0, refused = 0;

	for (int i = 0; i < DAMAGED; i++) {
		size_t left = n;
		unsigned char *copy = xmalloc(n), *exact;
		const char *why;
		struct btf *b;

		memcpy(copy, p, n);
		damage(copy, &left);
		exact = xmalloc(left);		/* its own end, for ASan */
		memcpy(exact, copy, left);
		free(copy);
		b = btf_open(exact, left, NULL, &why);
		opened += b != NULL;
		refused += !b && why;
		if (b)
			walk(b);
		btf_close(b);
		free(exact);
		if (i % 100 == 0) {
			arena_deinit(&arena);
			arena_init(&arena, "test");
		}
	}
	check("damaged sections", opened > 100 && refused > 100 && opened + refused == DAMAGED,
	      arena_printf(&arena, "%u opened, %u refused", opened, refused));
}

/* ---- images ---- */

static unsigned char contents[100000];

static size_t pack_zstd(unsigned char *out, size_t cap)
{
	return ZSTD_compress(out, cap, contents, sizeof(contents), 3);
}

static size_t pack_xz(unsigned char *out, size_t cap)
{
	size_t n = 0;

	return lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, contents, sizeof(contents), out, &n, cap) ? 0 : n;
}

static size_t pack_gzip(unsigned char *out, size_t cap)
{
	z_stream z = { .next_in = contents, .avail_in = sizeof(contents), .next_out = out, .avail_out = cap };

	deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return z.total_out;
}

/* One block by hand: a thousand literals, and the rest as one match of them, a thousand back. */
static size_t pack_lz4(unsigned char *out, size_t cap)
{
	unsigned char *p = out;
	size_t rest = sizeof(contents) - 1000;
	uint32_t magic = 0x184c2102, n;

	(void)cap;
	for (size_t i = 1000; i < sizeof(contents); i++)
		contents[i] = contents[i - 1000];
	memcpy(p, &magic, 4);
	p += 8;
	*p++ = 0xff;
	for (n = 1000 - 15; n >= 255; n -= 255)
		*p++ = 255;
	*p++ = n;
	memcpy(p, contents, 1000);
	p += 1000;
	*p++ = 1000 & 255;
	*p++ = 1000 >> 8;
	for (rest -= 19; rest >= 255; rest -= 255)
		*p++ = 255;
	*p++ = rest;
	n = p - out - 8;
	memcpy(out + 4, &n, 4);
	return p - out;
}

static unsigned char *boot_image(size_t (*pack)(unsigned char *, size_t), size_t *size)
{
	size_t at = 5 * 512 + 64, cap = sizeof(contents) + 10000, n;
	unsigned char *p = xmalloc(at + cap);
	uint32_t off = 64, length, whole = sizeof(contents);

	memset(p, 0, at);
	n = pack(p + at, cap);
	memcpy(p + at + n, &whole, 4);
	length = n + 4;
	p[0x1f1] = 4;
	memcpy(p + 0x202, "HdrS", 4);
	p[0x206] = 0xf;
	p[0x207] = 2;
	memcpy(p + 0x248, &off, 4);
	memcpy(p + 0x24c, &length, 4);
	*size = at + length;
	return p;
}

static void test_image(const char *name, size_t (*pack)(unsigned char *, size_t))
{
	size_t n, got = 0;
	unsigned char *p = boot_image(pack, &n);
	const char *why;
	void *out = unpack_kernel(&arena, p, n, &got, &why);
	unsigned refused = 0;

	check(name, out && got == sizeof(contents) && !memcmp(out, contents, got), why);
	free(out);
	for (int i = 0; i < 100; i++) {
		unsigned char *copy = xmalloc(n);
		size_t left = n;

		memcpy(copy, p, n);
		damage(copy + 5 * 512, (size_t[]){ n - 5 * 512 });
		if (i % 3 == 0)
			damage(copy, &left);
		if (i % 7 == 0)
			memset(copy + n - 4, dice(256), 4);
		copy = xrealloc(copy, left);
		out = unpack_kernel(&arena, copy, left, &got, &why);
		refused += !out;
		free(out);
		free(copy);
	}
	check(arena_printf(&arena, "damaged %s", name), refused > 0, "none was refused");
	free(p);
}

/* ---- kallsyms ---- */

enum { SYMBOLS = 3000 };

static void pad(struct buf *b)
{
	while (b->n % 8)
		buf_putc(b, 0);
}

static void put_names(struct buf *b)
{
	struct buf markers = {0};
	uint64_t count = SYMBOLS;
	size_t start;

	buf_add(b, (char *)&count, 8);
	start = b->n;
	for (uint32_t i = 0; i < SYMBOLS; i++) {
		const char *s = i ? arena_printf(&arena, "Tfunction_%u", i) : "T_stext";
		uint32_t at = b->n - start;

		if (i % 256 == 0)
			buf_add(&markers, (char *)&at, 4);
		buf_putc(b, strlen(s));
		buf_puts(b, s);
	}
	pad(b);
	buf_add(b, markers.p, markers.n);
	buf_deinit(&markers);
	pad(b);
}

static void put_tokens(struct buf *b)
{
	uint16_t at[256];
	size_t start = b->n;

	for (int k = 0; k < 256; k++) {
		char token[2] = { k > 32 && k < 127 ? k : '#', 0 };

		at[k] = b->n - start;
		buf_add(b, token, 2);
	}
	pad(b);
	buf_add(b, (char *)at, sizeof(at));
	pad(b);
}

static void put_addresses(struct buf *b, bool negative)
{
	uint64_t base = 0xffffffff81000000ull;

	for (uint32_t i = 0; i < SYMBOLS; i++) {
		uint32_t off = negative ? -1 - i * 16 : i * 16;

		buf_add(b, (char *)&off, 4);
	}
	pad(b);
	buf_add(b, (char *)&base, 8);
}

/* An ELF file with .text at the base and .rodata of the tables: as before 6.4, or since. */
static struct buf elf_file(bool old, bool negative)
{
	static const char names[] = "\0.text\0.rodata\0.shstrtab";
	struct buf b = {0}, ro = {0};
	Elf64_Shdr sh[4] = {0};
	Elf64_Ehdr e = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC,
			 .e_machine = EM_X86_64, .e_version = 1, .e_ehsize = sizeof(e), .e_shentsize = sizeof(*sh),
			 .e_shnum = 4, .e_shstrndx = 3 };

	for (int i = 0; i < 1000; i++)
		buf_putc(&ro, i * 7);
	if (old)
		put_addresses(&ro, negative);
	put_names(&ro);
	put_tokens(&ro);
	if (!old)
		put_addresses(&ro, negative);
	buf_add(&b, (char *)&e, sizeof(e));
	sh[1] = (Elf64_Shdr){ 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0xffffffff81000000ull, b.n, 64, 0, 0, 1, 0 };
	for (int i = 0; i < 64; i++)
		buf_putc(&b, 0x90);
	sh[2] = (Elf64_Shdr){ 7, SHT_PROGBITS, SHF_ALLOC, 0xffffffff82000000ull, b.n, ro.n, 0, 0, 8, 0 };
	buf_add(&b, ro.p, ro.n);
	sh[3] = (Elf64_Shdr){ 15, SHT_STRTAB, 0, 0, b.n, sizeof(names), 0, 0, 1, 0 };
	buf_add(&b, names, sizeof(names));
	pad(&b);
	((Elf64_Ehdr *)b.p)->e_shoff = b.n;
	buf_add(&b, (char *)sh, sizeof(sh));
	buf_deinit(&ro);
	return b;
}

static size_t read_tables(char *p, size_t n, struct sym **s)
{
	struct dbg_object *o = object(NULL);
	size_t count;

	*s = NULL;
	o->elf = elf_memory(p, n);
	count = o->elf ? kallsyms_read(o, s) : 0;
	object_close(o);
	return count;
}

static void test_kallsyms(const char *name, bool old, bool negative)
{
	struct buf b = elf_file(old, negative);
	struct sym *s;
	size_t n = read_tables(b.p, b.n, &s);

	check(name, n == SYMBOLS && !strcmp(s[7].name, "function_7") && s[7].func &&
	      s[7].addr == 0xffffffff81000000ull + 7 * 16, "symbols are missing or wrong");
	free(s);
	for (int i = 0; i < 50; i++) {
		char *copy = xmalloc(b.n);

		memcpy(copy, b.p, b.n);
		damage((unsigned char *)copy + 1200, (size_t[]){ b.n - 2000 });
		damage((unsigned char *)copy + 1200 + dice(SYMBOLS * 4), (size_t[]){ 2000 });
		read_tables(copy, b.n, &s);
		free(s);
		free(copy);
	}
	buf_deinit(&b);
}

/* No kallsyms in the image, and a System.map: of this build, or of another. */
static void test_map(void)
{
	char dir[] = "/tmp/test-btf-XXXXXX";
	struct buf b = elf_file(true, true);
	struct dbginfo d = { .a = &arena, .release = "0", .tree = mkdtemp(dir) };
	struct dbg_object *o = object_new(&d, NULL, "sample");
	const char *path = arena_printf(&arena, "%s/System.map", dir);
	struct sym *s = NULL;
	size_t n;

	for (int build = 0; build < 2; build++) {
		FILE *f = fopen(path, "w");

		fprintf(f, "ffffffff8100%d000 T _stext\nffffffff81001234 t first\nrubbish\n", build);
		fclose(f);
		memset(b.p + 200, build, b.n - 1000);
		o->elf = elf_memory(b.p, b.n);
		n = kallsyms_read(o, &s);
		check(build ? "System.map of another build" : "System.map", build ? n == 0 : n == 2 &&
		      !strcmp(s[1].name, "first") && s[1].addr == 0xffffffff81001234 && s[1].func,
		      "wrong symbols");
		free(n ? s : NULL);
		elf_end(o->elf);
	}
	o->elf = NULL;
	object_close(o);
	remove(path);
	remove(dir);
	buf_deinit(&b);
}

int main(void)
{
	const char *why;
	struct dbg_object *o;
	unsigned char *p;
	size_t n;

	elf_version(EV_CURRENT);
	arena_init(&arena, "test");
	p = sample(&n);
	o = object(btf_open(p, n, NULL, &why));
	if (!o->btf) {
		check("sample", false, why);
		return 1;
	}
	test_types(o);
	test_places(o);
	object_close(o);
	test_damage(p, n);
	free(p);
	for (size_t i = 0; i < sizeof(contents); i++)
		contents[i] = i % 7 * (i / 1000) + dice(3);
	test_image("zstd", pack_zstd);
	test_image("xz", pack_xz);
	test_image("gzip", pack_gzip);
	test_image("lz4", pack_lz4);
	test_kallsyms("kallsyms of 6.1", true, true);
	test_kallsyms("kallsyms of 6.12", false, true);
	test_kallsyms("kallsyms without absolute symbols", false, false);
	test_map();
	arena_deinit(&arena);
	return failed;
}
