// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BTF types to struct ctype, by the rules of type.c: one ctype for each id, entered in the object's
 * map before its target is made; members and enumerators are read when somebody looks inside; a
 * forward declaration gets its contents from a definition of that name.  What -L prints of a type
 * is the same, whether it was made here or from DWARF, but for arrays of arrays: producers write them
 * as one array of all elements (btf.rst, 2.2.3).
 */
#include <string.h>

#include "dbginfo/btf.h"

static struct ctype *make(struct dbg_object *o, uint32_t id, int depth);
static bool complete(struct ctype *t);
static const struct ctype_provider provider = { .complete = complete };

static uint64_t size_of(struct ctype *t)
{
	t = ctype_strip(t);
	return t ? t->size : 0;
}

/* The sign of "char" is x86's, whatever the producer wrote (pahole 1.24 and later leave it out). */
static void fill_int(struct ctype *t, const struct btf_type *b)
{
	unsigned encoding = btf_word(b->rest, 0) >> 24 & 0xf;

	t->kind = CT_INT;
	t->is_signed = encoding & 1;
	t->is_bool = encoding & 4;
	t->is_char = b->size == 1 && (encoding & 2 || !strcmp(b->name, "char") ||
		     !strcmp(b->name, "signed char") || !strcmp(b->name, "unsigned char"));
	if (!strcmp(b->name, "char"))
		t->is_signed = true;
}

static void fill_array(struct dbg_object *o, struct ctype *t, const struct btf_type *b, int depth)
{
	t->kind = CT_ARRAY;
	t->target = make(o, btf_word(b->rest, 0), depth + 1);
	t->count = btf_word(b->rest, 2);
	t->size = t->count * size_of(t->target);
}

static void fill_function(struct dbg_object *o, struct ctype *t, const struct btf_type *b, int depth)
{
	t->kind = CT_FUNCTION;
	t->target = make(o, b->size, depth + 1);
	for (uint32_t i = 0; i < b->vlen; i++) {
		uint32_t type = btf_word(b->rest, 2 * i + 1);

		if (type)			/* void stands for "..." */
			*vec_add(o->a, &t->params) = make(o, type, depth + 1);
	}
}

/* Old producers never say that an enum is signed: then its values tell. */
static bool enum_is_signed(const struct btf *btf, const struct btf_type *b)
{
	if (b->kind == BTF_ENUM64 || btf->signs_enums)
		return b->flag;
	for (uint32_t i = 0; i < b->vlen; i++)
		if (btf_word(b->rest, 2 * i + 1) >> 31)
			return true;
	return false;
}

static void fill(struct dbg_object *o, struct ctype *t, const struct btf_type *b, int depth)
{
	t->complete = true;
	switch (b->kind) {
	case BTF_INT:
		t->size = b->size;
		fill_int(t, b);
		break;
	case BTF_FLOAT:
		t->size = b->size;
		t->kind = CT_FLOAT;
		break;
	case BTF_PTR:
		t->kind = CT_POINTER;
		t->size = 8;
		t->target = make(o, b->size, depth + 1);
		break;
	case BTF_STRUCT: case BTF_UNION: case BTF_FWD:
		t->kind = b->kind == BTF_UNION || (b->kind == BTF_FWD && b->flag) ? CT_UNION : CT_STRUCT;
		t->incomplete = b->kind == BTF_FWD;
		t->size = t->incomplete ? 0 : b->size;
		t->complete = false;
		break;
	case BTF_ENUM: case BTF_ENUM64:
		t->kind = CT_ENUM;
		t->size = b->size;
		t->is_signed = enum_is_signed(o->btf, b);
		t->complete = false;
		break;
	case BTF_ARRAY:
		fill_array(o, t, b, depth);
		break;
	case BTF_FUNC_PROTO:
		fill_function(o, t, b, depth);
		break;
	default:
		t->kind = b->kind == BTF_TYPEDEF ? CT_TYPEDEF : CT_QUALIFIED;
		t->is_const = b->kind == BTF_CONST;
		t->is_volatile = b->kind == BTF_VOLATILE;
		t->target = make(o, b->size, depth + 1);
		t->size = size_of(t->target);
	}
}

static struct ctype *make(struct dbg_object *o, uint32_t id, int depth)
{
	struct ctype *t = id ? umap_get(&o->types, id) : NULL;
	struct btf_type b;

	if (t || !btf_type(o->btf, id, &b))
		return t;
	if (b.kind == BTF_RESTRICT || b.kind == BTF_TYPE_TAG)
		return depth < MAX_TYPE_DEPTH ? make(o, b.size, depth + 1) : NULL;
	if (b.kind == BTF_VAR || b.kind == BTF_DATASEC || b.kind == BTF_DECL_TAG)
		return NULL;
	if (b.kind == BTF_FUNC)
		return depth < MAX_TYPE_DEPTH ? make(o, b.size, depth + 1) : NULL;
	t = type_new(o, b.name, &provider, id, depth);
	if (!t->complete)
		fill(o, t, &b, depth);
	return t;
}

struct ctype *btf_ctype(struct dbg_object *o, uint32_t id)
{
	return make(o, id, 0);
}

/*
 * A member's offset is in bits.  With the struct's flag its high byte is the width of a bitfield;
 * without it (old) the width is that of an integer type with fewer bits than its size.
 */
static void add_member(struct dbg_object *o, struct ctype *t, const struct btf_type *b, uint32_t i)
{
	struct cmember *m = vec_add(o->a, &t->members);
	uint32_t bits = btf_word(b->rest, 3 * i + 2);
	struct btf_type type;

	m->name = btf_string(o->btf, btf_word(b->rest, 3 * i));
	if (!*m->name)
		m->name = NULL;
	m->type = make(o, btf_word(b->rest, 3 * i + 1), 0);
	if (b->flag) {
		m->bit_size = bits >> 24;
		bits &= 0xffffff;
	} else if (btf_type(o->btf, btf_word(b->rest, 3 * i + 1), &type) && type.kind == BTF_INT &&
		   (btf_word(type.rest, 0) & 0xff) < type.size * 8) {
		m->bit_size = btf_word(type.rest, 0) & 0xff;
		bits += btf_word(type.rest, 0) >> 16 & 0xff;
	}
	m->offset = bits / 8;
	if (m->bit_size)
		member_bits(m, size_of(m->type), bits);
}

static void add_enumerators(struct dbg_object *o, struct ctype *t, const struct btf_type *b)
{
	for (uint32_t i = 0; i < b->vlen; i++) {
		struct cenumerator *e = vec_add(o->a, &t->enumerators);

		if (b->kind == BTF_ENUM64) {
			e->name = btf_string(o->btf, btf_word(b->rest, 3 * i));
			e->value = btf_word(b->rest, 3 * i + 1) |
				   (uint64_t)btf_word(b->rest, 3 * i + 2) << 32;
			continue;
		}
		e->name = btf_string(o->btf, btf_word(b->rest, 2 * i));
		e->value = btf_word(b->rest, 2 * i + 1);
		if (t->is_signed)
			e->value = (int32_t)e->value;
	}
}

static bool complete(struct ctype *t)
{
	struct dbg_object *o = t->owner;
	uint32_t id = t->handle;
	struct btf_type b;

	if (t->incomplete) {
		id = t->name ? btf_find(o->btf, t->name, BTF_BIT(t->kind == CT_UNION ? BTF_UNION :
							      BTF_STRUCT), 0) : 0;
		if (!btf_type(o->btf, id, &b))
			return false;
		t->incomplete = false;
		t->size = b.size;
	} else if (!btf_type(o->btf, id, &b)) {
		return false;
	}
	if (t->kind == CT_ENUM)
		add_enumerators(o, t, &b);
	for (uint32_t i = 0; t->kind != CT_ENUM && i < b.vlen; i++)
		add_member(o, t, &b, i);
	return true;
}

bool btf_proto(const struct btf *b, uint32_t id, struct btf_type *ret)
{
	for (int i = 0; i < MAX_ORIGINS && btf_type(b, id, ret); i++) {
		switch (ret->kind) {
		case BTF_FUNC_PROTO:
			return true;
		case BTF_FUNC: case BTF_PTR: case BTF_TYPEDEF: case BTF_CONST: case BTF_VOLATILE:
		case BTF_RESTRICT: case BTF_TYPE_TAG:
			id = ret->size;
			break;
		default:
			return false;
		}
	}
	return false;
}

struct ctype *btf_named(struct dbg_object *o, const char *name, unsigned tag)
{
	static const struct { unsigned tag; uint32_t kinds; } known[] = {
		{ DW_TAG_structure_type, BTF_BIT(BTF_STRUCT) }, { DW_TAG_union_type, BTF_BIT(BTF_UNION) },
		{ DW_TAG_enumeration_type, BTF_BIT(BTF_ENUM) | BTF_BIT(BTF_ENUM64) },
		{ DW_TAG_typedef, BTF_BIT(BTF_TYPEDEF) },
		{ DW_TAG_base_type, BTF_BIT(BTF_INT) | BTF_BIT(BTF_FLOAT) },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		uint32_t id = tag == known[i].tag ? btf_find(o->btf, name, known[i].kinds, 0) : 0;

		if (id)
			return btf_ctype(o, id);
	}
	return NULL;
}
