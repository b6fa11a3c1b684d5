// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Symbols of an image that has no symbol table, from the tables the kernel itself uses for kallsyms
 * (scripts/kallsyms.c, 6.1 and 6.12).
 *
 * Their places have no names left, so they are found by their shape: the table of tokens holds each
 * digit as the token of its own number; behind it lies the table of its offsets, which must agree
 * with it; in front of it the names, whose count and every 256th offset ("markers") must fit; the
 * addresses lie in front of the count (before 6.4) or behind the tokens.  The symbol _stext must
 * come out where the section .text begins, or everything is given up: no symbol is better than a
 * wrong one.  Then System.map is tried, where a distribution ships a true one, under the same
 * condition.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "dbginfo/private.h"

enum { TOKENS = 256, MIN_SYMBOLS = 2000, MAX_SYMBOLS = 1 << 20, MAX_NAME = 512, PROBED = 32 };

struct tables {
	const unsigned char *p;		/* .rodata */
	size_t n;
	size_t token, token_index;	/* offsets in it, as are the others */
	size_t count_at, names, names_end;
	uint32_t count;
	size_t offsets;
	uint64_t base;
};

static uint32_t u32(const struct tables *t, size_t at)
{
	uint32_t v = 0;

	if (at + 4 <= t->n)
		memcpy(&v, t->p + at, 4);
	return v;
}

static uint64_t u64(const struct tables *t, size_t at)
{
	uint64_t v = 0;

	if (at + 8 <= t->n)
		memcpy(&v, t->p + at, 8);
	return v;
}

static unsigned index_of_token(const struct tables *t, unsigned token)
{
	return t->p[t->token_index + 2 * token] | t->p[t->token_index + 2 * token + 1] << 8;
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* DIGITS is where the token "0" would be: is a whole table around it, and its index behind? */
static bool tokens_at(struct tables *t, size_t digits)
{
	size_t end = digits;

	for (unsigned k = '0'; k < TOKENS; k++) {
		const void *nul = end < t->n ? memchr(t->p + end, 0, t->n - end) : NULL;

		if (!nul)
			return false;
		end = (const unsigned char *)nul - t->p + 1;
	}
	t->token_index = align8(end);
	if (t->token_index + 2 * TOKENS > t->n || index_of_token(t, 0) != 0 ||
	    index_of_token(t, '0') > digits)
		return false;
	t->token = digits - index_of_token(t, '0');
	for (unsigned k = 1; k < TOKENS; k++) {
		unsigned at = index_of_token(t, k);

		if (at <= index_of_token(t, k - 1) || t->token + at >= t->token_index ||
		    t->p[t->token + at - 1])
			return false;
	}
	return true;
}

static bool find_tokens(struct tables *t)
{
	static const char digits[] = "0\0" "1\0" "2\0" "3\0" "4\0" "5\0" "6\0" "7\0" "8\0" "9";

	for (size_t at = 0; at < t->n; at++) {
		const unsigned char *hit = memmem(t->p + at, t->n - at, digits, sizeof(digits));

		if (!hit)
			return false;
		at = hit - t->p;
		if (tokens_at(t, at))
			return true;
	}
	return false;
}

/* Length of the packed name at *AT, which moves behind the length; 0 when there is no sound one. */
static size_t packed_length(const struct tables *t, size_t *at)
{
	size_t len;

	if (*at + 2 > t->n)
		return 0;
	len = t->p[(*at)++];
	if (len & 0x80)
		len = (len & 0x7f) | (size_t)t->p[(*at)++] << 7;
	return len && len <= t->n - *at ? len : 0;
}

/* The symbol packed at *AT: its type and name into TEXT.  *AT moves behind it. */
static bool unpack_name(const struct tables *t, size_t *at, char *text)
{
	size_t len = packed_length(t, at), used = 0;

	for (size_t i = 0; i < len; i++) {
		const unsigned char *token = t->p + t->token +
					     index_of_token(t, t->p[*at + i]);

		for (; *token; token++) {
			if (used + 1 >= MAX_NAME)
				return false;
			text[used++] = *token;
		}
	}
	text[used] = 0;
	*at += len;
	return used > 1 && isalpha((unsigned char)text[0]);
}

static bool looks_like_names(const struct tables *t, size_t at)
{
	char text[MAX_NAME];

	for (int i = 0; i < PROBED; i++) {
		if (!unpack_name(t, &at, text))
			return false;
		for (const char *s = text + 1; *s; s++)
			if (!isalnum((unsigned char)*s) && !strchr("_.$", *s))
				return false;
	}
	return true;
}

/* Do COUNT names begin here, with their markers behind them? */
static bool names_at(struct tables *t, size_t at)
{
	size_t p = t->names = at, marker;

	if (!looks_like_names(t, at))
		return false;
	for (uint32_t i = 0; i < t->count; i++) {
		size_t len = packed_length(t, &p);

		if (!len)
			return false;
		p += len;
	}
	t->names_end = p;
	marker = align8(p);
	p = at;
	for (uint32_t i = 0; i < t->count; i++) {
		if (i % 256 == 0 && u32(t, marker + i / 256 * 4) != p - at)
			return false;
		p += packed_length(t, &p);
	}
	return true;
}

static bool find_names(struct tables *t)
{
	for (size_t at = t->token & ~(size_t)7; at >= 8; ) {
		at -= 8;
		t->count = u32(t, at);
		if (t->count < MIN_SYMBOLS || t->count > MAX_SYMBOLS || u32(t, at + 4))
			continue;
		t->count_at = at;
		if (names_at(t, at + 8))
			return true;
	}
	return false;
}

/* An absolute per-CPU value is kept as it is, an address as the distance below the base (32 bits). */
static uint64_t address_of(const struct tables *t, uint32_t i, bool absolute_percpu)
{
	int32_t off = u32(t, t->offsets + 4 * (size_t)i);

	if (!absolute_percpu)
		return t->base + (uint32_t)off;
	return off >= 0 ? (uint64_t)off : t->base - 1 - off;
}

static bool stext_is(const struct tables *t, bool absolute_percpu, uint64_t text)
{
	size_t at = t->names;
	char name[MAX_NAME];

	for (uint32_t i = 0; i < t->count; i++) {
		if (!unpack_name(t, &at, name))
			return false;
		if (!strcmp(name + 1, "_stext"))
			return address_of(t, i, absolute_percpu) == text;
	}
	return false;
}

/* Where the addresses are and how they are written: the reading that has _stext right. */
static bool find_addresses(struct tables *t, uint64_t text, bool *absolute_percpu)
{
	size_t size = align8((size_t)t->count * 4), behind = align8(t->token_index + 2 * TOKENS);

	for (int form = 0; form < 4; form++) {
		*absolute_percpu = !(form & 1);
		if (form < 2) {
			t->offsets = behind;
			t->base = u64(t, behind + size);
		} else {
			if (t->count_at < size + 8)
				return false;
			t->offsets = t->count_at - 8 - size;
			t->base = u64(t, t->count_at - 8);
		}
		if (t->offsets + size <= t->n && stext_is(t, *absolute_percpu, text))
			return true;
	}
	return false;
}

static bool section_data(Elf *elf, const char *name, struct tables *t, uint64_t *addr)
{
	GElf_Shdr sh;
	Elf_Scn *scn = obj_section(elf, name, &sh);
	Elf_Data *data = scn ? elf_rawdata(scn, NULL) : NULL;

	if (!data || !data->d_buf)
		return false;
	*addr = sh.sh_addr;
	if (t) {
		t->p = data->d_buf;
		t->n = data->d_size;
	}
	return true;
}

/* "ffffffff81000000 T _stext" in every line. */
static size_t parse_map(struct dbg_object *o, char *line, uint64_t text, struct sym **ret)
{
	struct { struct sym *v; size_t n, cap; } all = {0};
	bool sound = false;
	char *rest = line;

	while ((line = strsep(&rest, "\n"))) {
		char *end;
		uint64_t addr = strtoull(line, &end, 16);

		if (end == line || end[0] != ' ' || !isalpha((unsigned char)end[1]) || end[2] != ' ')
			continue;
		if (all.n == all.cap)
			all.v = xrealloc(all.v, (all.cap = 2 * all.cap + 4096) * sizeof(*all.v));
		all.v[all.n++] = (struct sym){ .name = arena_strdup(o->a, end + 3), .addr = addr,
					       .func = strchr("tTwW", end[1]) != NULL };
		sound = sound || (addr == text && !strcmp(end + 3, "_stext"));
	}
	if (!sound) {
		free(all.v);
		return 0;
	}
	*ret = all.v;
	return all.n;
}

static size_t read_map(struct dbg_object *o, uint64_t text, struct sym **ret)
{
	const struct dbginfo *d = o->owner;
	const char *path[] = {
		d->tree ? arena_printf(o->a, "%s/System.map", d->tree) : NULL,
		arena_printf(o->a, "/boot/System.map-%s", d->release),
		arena_printf(o->a, "/lib/modules/%s/System.map", d->release),
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(path) / sizeof(*path) && !n; i++) {
		struct buf b = {0};

		if (path[i] && buf_read_file(&b, path[i]) && b.n)
			n = parse_map(o, b.p, text, ret);
		buf_deinit(&b);
	}
	return n;
}

size_t kallsyms_read(struct dbg_object *o, struct sym **ret)
{
	struct tables t = {0};
	uint64_t ignored, text;
	bool absolute;
	struct sym *s;
	size_t at, n = 0;

	*ret = NULL;
	if (!section_data(o->elf, ".text", NULL, &text))
		return 0;
	if (!section_data(o->elf, ".rodata", &t, &ignored) || !find_tokens(&t) || !find_names(&t) ||
	    !find_addresses(&t, text, &absolute))
		return read_map(o, text, ret);
	s = xmalloc(((size_t)t.count + 1) * sizeof(*s));
	at = t.names;
	for (uint32_t i = 0; i < t.count; i++) {
		char name[MAX_NAME];

		if (!unpack_name(&t, &at, name))
			break;
		s[n].name = arena_strdup(o->a, name + 1);
		s[n].addr = address_of(&t, i, absolute);
		s[n].size = 0;
		s[n++].func = strchr("tTwW", name[0]) != NULL;
	}
	*ret = s;
	return n;
}
