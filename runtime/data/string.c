// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strings of the script language: bytes up to a NUL, copied, joined, compared, searched.
 *
 * Portable, callable in any context: no allocation, loops bounded by the strings.  tokenize()
 * keeps the rest of its input per context: one for each processor, where one handler at a time runs,
 * and one for the handlers that may sleep, which run one after the other.
 */
#include "data/data.h"
#include "data/memory.h"

/* At most SIZE bytes with the NUL; what there was more than that, or an empty text. */
static const char *copy(char *to, const char *from, uint32_t size)
{
	uint32_t i = 0;

	if (!size)
		return "";
	for (; i + 1 < size && from[i]; i++)
		to[i] = from[i];
	to[i] = 0;
	return from + i;
}

/* The same by words, while they fit: false when the end is still to come. */
STP_READS_WORDS bool copy_words(char **to, const char **from, uint32_t *size)
{
	uint64_t *x = (uint64_t *)*to, nul = 0;
	const uint64_t *y = (const uint64_t *)*from;
	uint32_t left = *size;

	for (; left >= 8 && !nul; left -= 8, x++, y++) {
		nul = stp_word_nul(*y);
		*x = nul ? *y & stp_word_upto(nul) : *y;
	}
	*to = (char *)x;
	*from = (const char *)y;
	*size = left;
	return nul != 0;
}

void stp_strcpy(char *to, const char *from, uint32_t size)
{
	char *start = to;

	if (stp_likely(stp_in_words(to, from)) && stp_likely(copy_words(&to, &from, &size)))
		return;
	if (to > start && !size) {
		to[-1] = 0;
		stp_text_was_cut();
	} else if (stp_unlikely(*copy(to, from, size))) {
		stp_text_was_cut();
	}
}

uint32_t stp_strlen(const char *s)
{
	uint32_t n = 0;

	while (s[n])
		n++;
	return n;
}

void stp_strcat(char *to, const char *from, uint32_t size)
{
	uint32_t n = 0;

	while (n < size && to[n])
		n++;
	if (n < size)
		stp_strcpy(to + n, from, size - n);
}

int stp_strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; b++)
		a++;
	return (int)(unsigned char)*a - (int)(unsigned char)*b;
}

void stp_substr(char *to, uint32_t size, const char *s, int64_t start, int64_t length)
{
	uint32_t n = stp_strlen(s);

	if (start < 0 || length <= 0 || start >= n)
		length = start = 0;
	if (length >= size)
		length = size ? size - 1 : 0;
	copy(to, s + start, length + 1 < size ? (uint32_t)length + 1 : size);
}

static bool starts(const char *s, const char *with)
{
	for (; *with; with++)
		if (*s++ != *with)
			return false;
	return true;
}

int64_t stp_strpos(const char *s, const char *sub)
{
	uint32_t at = 0;

	for (;; at++) {
		if (starts(s + at, sub))
			return at;
		if (!s[at])
			return -1;
	}
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

int64_t stp_strtol(const char *s, int64_t base)
{
	bool negative = false, hex;
	uint64_t n = 0;

	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	if (*s == '-' || *s == '+')
		negative = *s++ == '-';
	hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_of(s[2]) < 16;
	if (base == 0)
		base = hex ? 16 : *s == '0' ? 8 : 10;
	if (base < 2 || base > 36)
		return 0;
	if (base == 16 && hex)
		s += 2;
	for (; digit_of(*s) < base; s++)
		n = n * (uint64_t)base + (uint64_t)digit_of(*s);
	return (int64_t)(negative ? -n : n);
}

void stp_str_replace(char *to, uint32_t size, const char *s, const char *find, const char *by)
{
	uint32_t step = stp_strlen(find), len = 0, i;
	bool cut = false;

	if (!size)
		return;
	while (*s && len + 1 < size) {
		if (!step || !starts(s, find)) {
			to[len++] = *s++;
			continue;
		}
		for (i = 0; by[i] && len + 1 < size; i++)
			to[len++] = by[i];
		cut |= by[i];
		s += step;
	}
	to[len] = 0;
	if (cut || *s)
		stp_text_was_cut();
}

/* ---- tokenize ---- */

struct tokens {
	uint32_t at;		/* where the rest begins */
	char text[];
};

static char *tokens;		/* one struct per processor, then the one of who may sleep */
static uint32_t tokens_size, tokens_len, tokens_cpus;

int stp_tokens_init(uint32_t stringlen)
{
	tokens_cpus = stp_memory_cpus();
	tokens_len = stringlen;
	tokens_size = ((uint32_t)sizeof(struct tokens) + stringlen + 63) & ~63u;
	tokens = stp_memory_get(((size_t)tokens_cpus + 1) * tokens_size);
	return tokens ? 0 : -12;	/* -ENOMEM */
}

void stp_tokens_exit(void)
{
	stp_memory_put(tokens);
	tokens = NULL;
}

static bool is_delim(char c, const char *delim)
{
	while (*delim && *delim != c)
		delim++;
	return *delim;
}

void stp_tokenize(struct stp_context *c, char *to, uint32_t size, const char *input, const char *delim)
{
	uint32_t cpu = c->may_sleep ? tokens_cpus : (uint32_t)stp_cpu(), start;
	struct tokens *t;

	stp_strcpy(to, "", size);
	if (!tokens || cpu > tokens_cpus)
		return;
	t = (struct tokens *)(tokens + (size_t)cpu * tokens_size);
	if (*input) {
		stp_strcpy(t->text, input, tokens_len);
		t->at = 0;
	}
	while (t->text[t->at] && is_delim(t->text[t->at], delim))
		t->at++;
	start = t->at;
	while (t->text[t->at] && !is_delim(t->text[t->at], delim))
		t->at++;
	stp_substr(to, size, t->text, start, t->at - start);
	if (t->text[t->at])
		t->at++;
}
