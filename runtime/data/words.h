/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts eight bytes at a time.  A word at an address that is a multiple of eight lies in one page, so it may be read
 * as soon as one of its bytes may, and what is behind the NUL does not count.  Texts that are not so aligned
 * (literals) go by bytes, and all do where the first byte is not the lowest.  Included by stp.h only.
 */
#ifndef STP_WORDS_H
#define STP_WORDS_H

/* Checkers of memory would complain of the bytes behind the NUL. */
#if defined(__SANITIZE_ADDRESS__)
#define STP_READS_WORDS static __attribute__((no_sanitize_address, __noinline__, unused))
#else
#define STP_READS_WORDS static inline
#endif

static inline bool stp_in_words(const void *a, const void *b)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !(((uintptr_t)a | (uintptr_t)b) & 7);
}

/* 0: no byte of W is NUL; else the lowest bit that is set is the highest of the first NUL. */
static inline uint64_t stp_word_nul(uint64_t w)
{
	return (w - 0x0101010101010101ull) & ~w & 0x8080808080808080ull;
}

/* Ones in the first NUL and in what is before it: NUL is of stp_word_nul() and not 0. */
static inline uint64_t stp_word_upto(uint64_t nul)
{
	return ((nul & -nul) << 1) - 1;
}

STP_READS_WORDS uint32_t stp_text_length(const char *s)
{
	const uint64_t *w = (const uint64_t *)s;
	uint64_t nul;

	if (stp_unlikely(!stp_in_words(s, s)))
		return stp_strlen(s);
	while (!(nul = stp_word_nul(*w)))
		w++;
	return (uint32_t)((const char *)w - s) + ((uint32_t)__builtin_ctzll(nul) >> 3);
}

STP_READS_WORDS bool stp_same_text(const char *a, const char *b)
{
	const uint64_t *x = (const uint64_t *)a, *y = (const uint64_t *)b;
	uint64_t nul;

	if (stp_unlikely(!stp_in_words(a, b)))
		return !stp_strcmp(a, b);
	for (;; x++, y++) {
		nul = stp_word_nul(*x);
		if (*x != *y)
			return nul && !((*x ^ *y) & stp_word_upto(nul));
		if (nul)
			return true;
	}
}

/* ---- values of printf as records have them, see abi.h ---- */

static inline uint32_t stp_put_text_size(uint32_t length) { return (4 + length + 1 + 7) & ~7u; }

static inline char *stp_put_number(char *to, int64_t n)
{
	*(int64_t *)to = n;
	return to + 8;
}

static inline char *stp_put_text(char *to, const char *s, uint32_t length)
{
	char *end = to + stp_put_text_size(length);

	*(uint64_t *)(end - 8) = 0;	/* the NUL and what is behind it; before the rest, which it may cover */
	*(uint32_t *)to = length;
	for (to += 4; length >= 8; length -= 8, to += 8, s += 8)
		__builtin_memcpy(to, s, 8);
	if (length & 4) {
		__builtin_memcpy(to, s, 4);
		to += 4;
		s += 4;
	}
	if (length & 2) {
		__builtin_memcpy(to, s, 2);
		to += 2;
		s += 2;
	}
	if (length & 1)
		*to = *s;
	return end;
}

#endif
