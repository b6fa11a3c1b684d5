/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of the probed program, as pure data.  Whoever reads debuginfo (DWARF today, BTF later)
 * makes them; nobody else needs to know where they came from.
 */
#ifndef PROGRAM_CTYPE_H
#define PROGRAM_CTYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"

enum ctype_kind {
	CT_VOID,
	CT_INT,		/* also bool, char, enum constants' carrier */
	CT_FLOAT,
	CT_ENUM,
	CT_POINTER,
	CT_ARRAY,
	CT_STRUCT,
	CT_UNION,
	CT_FUNCTION,
	CT_TYPEDEF,	/* transparent: follow target */
	CT_QUALIFIED,	/* const, volatile: follow target */
};

struct ctype;

struct cmember {
	const char *name;	/* NULL: anonymous struct or union whose members belong to the outer one */
	struct ctype *type;
	uint64_t offset;	/* bytes from the start of the struct */
	unsigned bit_size;	/* 0: no bitfield */
	unsigned bit_offset;	/* from bit 0 of the byte at `offset`, little endian counting */
};

struct cenumerator { const char *name; int64_t value; };

struct ctype {
	enum ctype_kind kind;
	const char *name;	/* tag, typedef or base type name; NULL for anonymous */
	uint64_t size;		/* bytes; 0 for void, functions, incomplete and flexible types */
	bool is_signed;		/* CT_INT, CT_ENUM */
	bool is_char, is_bool;	/* CT_INT */
	bool is_const, is_volatile;	/* CT_QUALIFIED */
	bool incomplete;	/* declaration only, no definition found */
	struct ctype *target;	/* pointer, array element, typedef, qualified, function result; NULL = void */
	uint64_t count;		/* CT_ARRAY: elements of this dimension; 0 = flexible */
	/* Filled by ctype_complete(); structs are read only when looked into. */
	bool complete;
	VEC(struct cmember) members;
	VEC(struct cenumerator) enumerators;
	VEC(struct ctype *) params;	/* CT_FUNCTION */
	const struct ctype_provider *provider;
	uint64_t handle;	/* the provider's own */
	void *owner;
};

struct ctype_provider {
	/* Fill members/enumerators; false when debuginfo has only a declaration. */
	bool (*complete)(struct ctype *t);
};

bool ctype_complete(struct ctype *t);
/* Through typedefs and qualifiers; NULL stands for void and is returned as it is. */
struct ctype *ctype_strip(struct ctype *t);
/* Member NAME of a struct or union, searched through anonymous members; OFFSET gets the sum of the
 * offsets.  NULL when there is none. */
const struct cmember *ctype_member(struct ctype *t, const char *name, uint64_t *offset);
/* C declaration text, as SystemTap's -L prints it: "struct file*", "char*", "long unsigned int", "size_t". */
void ctype_print(struct buf *b, const struct ctype *t);
const char *ctype_str(struct arena *a, const struct ctype *t);
/* Nearest member name to NAME, or NULL. */
const char *ctype_similar_member(struct ctype *t, const char *name);

#endif
