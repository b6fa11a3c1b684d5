/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4) for the keys of the cache. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t h[8];
	uint64_t total;		/* bytes so far */
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t n);
/* A string with its length in front, so that adjacent ones cannot be confused; NULL differs from "". */
void sha256_str(struct sha256 *s, const char *text);
/* 64 hex digits and the NUL; the state is used up. */
void sha256_hex(struct sha256 *s, char out[65]);

#endif
