// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A compressed kernel to the ELF image inside it.
 *
 * x86's bzImage says in its setup header where the payload lies (Documentation/arch/x86/boot.rst,
 * payload_offset and payload_length since protocol 2.08); its last four bytes are the size of the
 * contents (arch/x86/boot/compressed; for gzip its own trailer is that).  Compressors are told
 * apart by their magic numbers.  Everything is taken as hostile: no read outside the file, no write
 * outside the output, no size beyond MAX_IMAGE.
 */
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "dbginfo/private.h"

enum { MAX_IMAGE = 1 << 30, SECTOR = 512 };

struct packed { const unsigned char *p; size_t n; unsigned char *out; size_t size; };

static uint32_t le32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool from_gzip(const struct packed *k)
{
	z_stream z = { .next_in = (unsigned char *)k->p, .avail_in = k->n, .next_out = k->out,
		       .avail_out = k->size };
	int r;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return false;
	r = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return r == Z_STREAM_END && z.total_out == k->size;
}

static bool from_xz(const struct packed *k)
{
	uint64_t memory = UINT64_MAX;
	size_t in = 0, out = 0;

	return lzma_stream_buffer_decode(&memory, 0, NULL, k->p, &in, k->n, k->out, &out, k->size) ==
	       LZMA_OK && out == k->size;
}

/* The four bytes of size that follow the frame are no frame, so it is taken alone. */
static bool from_zstd(const struct packed *k)
{
	size_t n = ZSTD_findFrameCompressedSize(k->p, k->n);

	return !ZSTD_isError(n) && ZSTD_decompress(k->out, k->size, k->p, n) == k->size;
}

/* A length of LZ4: NIBBLE, and bytes that add to it as long as they are 255. */
static bool lz4_length(const unsigned char **p, const unsigned char *end, unsigned nibble, size_t *ret)
{
	unsigned char b;

	*ret = nibble;
	if (nibble != 15)
		return true;
	do {
		if (*p == end)
			return false;
		b = *(*p)++;
		*ret += b;
	} while (b == 255);
	return true;
}

/* One block (LZ4 block format): literals, then a copy of what is OFFSET back; to *POS of the output. */
static bool lz4_block(const struct packed *k, const unsigned char *p, const unsigned char *end,
		      size_t *pos)
{
	while (p < end) {
		unsigned token = *p++;
		size_t n, offset;

		if (!lz4_length(&p, end, token >> 4, &n) || n > (size_t)(end - p) || n > k->size - *pos)
			return false;
		memcpy(k->out + *pos, p, n);
		p += n;
		*pos += n;
		if (p == end)
			return true;
		if (end - p < 2)
			return false;
		offset = p[0] | p[1] << 8;
		p += 2;
		if (!lz4_length(&p, end, token & 15, &n))
			return false;
		n += 4;
		if (!offset || offset > *pos || n > k->size - *pos)
			return false;
		for (; n; n--, ++*pos)
			k->out[*pos] = k->out[*pos - offset];
	}
	return true;
}

/* The legacy frame that the kernel's build makes (lz4 -l): a magic, then blocks with their sizes. */
static bool from_lz4(const struct packed *k)
{
	const unsigned char *p = k->p + 4, *end = k->p + k->n;
	size_t pos = 0;

	while (end - p > 4 && pos < k->size) {
		uint32_t n = le32(p);

		p += 4;
		if (n > (size_t)(end - p) || !lz4_block(k, p, p + n, &pos))
			return false;
		p += n;
	}
	return pos == k->size;
}

struct format { const char *name, *magic; size_t n; bool (*unpack)(const struct packed *k); };

static const struct format formats[] = {
	{ "gzip", "\037\213", 2, from_gzip },
	{ "xz", "\3757zXZ", 6, from_xz },
	{ "zstd", "\050\265\057\375", 4, from_zstd },
	{ "lz4", "\002\041\114\030", 4, from_lz4 },
	{ "bzip2", "BZh", 3, NULL },
	{ "lzma", "\135\0\0", 3, NULL },
	{ "lzo", "\211LZO", 4, NULL },
};

/* The payload of a bzImage. */
static bool find_payload(const unsigned char *p, size_t n, struct packed *ret)
{
	size_t at;

	if (n < 0x250 || memcmp(p + 0x202, "HdrS", 4) || (p[0x206] | p[0x207] << 8) < 0x208)
		return false;
	at = ((p[0x1f1] ? p[0x1f1] : 4) + 1) * SECTOR + (size_t)le32(p + 0x248);
	ret->n = le32(p + 0x24c);
	if (at > n || ret->n > n - at || ret->n < 16)
		return false;
	ret->p = p + at;
	ret->size = le32(ret->p + ret->n - 4);
	return true;
}

void *unpack_kernel(struct arena *a, const void *p, size_t n, size_t *size, const char **what)
{
	struct packed k = {0};

	*what = "not a compressed kernel (bzImage)";
	if (!find_payload(p, n, &k))
		return NULL;
	*what = "its compression is not known";
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		const struct format *f = &formats[i];

		if (memcmp(k.p, f->magic, f->n))
			continue;
		*what = arena_printf(a, "its compression (%s) is not supported", f->name);
		if (!f->unpack)
			return NULL;
		*what = arena_printf(a, "damaged %s data", f->name);
		if (!k.size || k.size > MAX_IMAGE)
			return NULL;
		k.out = xmalloc(k.size);
		*size = k.size;
		if (f->unpack(&k))
			return k.out;
		free(k.out);
		return NULL;
	}
	return NULL;
}
