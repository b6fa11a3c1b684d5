/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF as it lies in a file, for the btf*.c of this room.
 *
 * Format: include/uapi/linux/btf.h and Documentation/bpf/btf.rst of Linux 6.12.  Types are numbered
 * from 1; 0 is void.  Split BTF (a module's) goes on with the numbers and string offsets of its
 * base.  btf_open() has checked that every record lies inside the section; ids and string offsets
 * inside records are checked when they are followed.
 */
#ifndef DBGINFO_BTF_H
#define DBGINFO_BTF_H

#include "dbginfo/private.h"

enum btf_kind {
	BTF_INT = 1, BTF_PTR, BTF_ARRAY, BTF_STRUCT, BTF_UNION, BTF_ENUM, BTF_FWD, BTF_TYPEDEF,
	BTF_VOLATILE, BTF_CONST, BTF_RESTRICT, BTF_FUNC, BTF_FUNC_PROTO, BTF_VAR, BTF_DATASEC, BTF_FLOAT,
	BTF_DECL_TAG, BTF_TYPE_TAG, BTF_ENUM64, BTF_KINDS
};

struct btf {
	const unsigned char *types;
	const char *strings;
	uint32_t nstrings, first_string;	/* bytes; offset of the first of ours */
	uint32_t first, n;		/* our ids are first .. first + n - 1 */
	uint32_t *at;			/* n offsets into types */
	uint32_t *bucket, *next;	/* hash of names: id - first + 1, 0 = end */
	uint32_t nbucket;
	bool signs_enums;		/* some enum says that it is signed, so those that do not are not */
	const struct btf *base;		/* NULL: not split */
	void *owned;			/* memory of the section when it is ours to free */
};

/* The head of a record; `rest` is what follows it, of which the kind and vlen tell the length. */
struct btf_type {
	const char *name;	/* "" for none */
	enum btf_kind kind;
	bool flag;
	uint32_t vlen;
	uint32_t size;		/* or the id of the target */
	const unsigned char *rest;
};

/* P stays with the caller.  BASE NULL, or what a split BTF goes on from.  NULL and *WHAT on failure. */
struct btf *btf_open(const void *p, size_t n, const struct btf *base, const char **what);
void btf_close(struct btf *b);
bool btf_type(const struct btf *b, uint32_t id, struct btf_type *ret);	/* false: void or no such */
const char *btf_string(const struct btf *b, uint32_t off);
uint32_t btf_word(const unsigned char *p, size_t i);	/* I-th word behind a head */
/* The next type after AFTER (0: the first) that is called NAME and of a kind in KINDS (bits); 0: none. */
uint32_t btf_find(const struct btf *b, const char *name, uint32_t kinds, uint32_t after);

#define BTF_BIT(kind) (1u << (kind))

/* btf_type.c */
struct ctype *btf_ctype(struct dbg_object *o, uint32_t id);
/* The prototype behind FUNC, or a pointer to one (through typedefs and qualifiers). */
bool btf_proto(const struct btf *b, uint32_t id, struct btf_type *ret);

#endif
