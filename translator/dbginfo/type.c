// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DWARF types to struct ctype, lazily: a struct's members and an enum's values are read when
 * somebody looks inside.
 *
 * Each DIE makes one ctype, entered in the object's map before its target is made, so that a cycle
 * in the DWARF becomes a cycle of ctypes and not an endless recursion; what is nested deeper than
 * any compiler writes becomes an incomplete type.  A declaration ("struct file;") gets its contents
 * from the definition of the same name anywhere in the object.
 */
#include <string.h>

#include "dbginfo/private.h"

static struct ctype *make(struct dbg_object *o, Dwarf_Die *die, int depth);
static bool complete(struct ctype *t);
static const struct ctype_provider provider = { .complete = complete };

static struct ctype *target_of(struct dbg_object *o, Dwarf_Die *die, int depth)
{
	Dwarf_Attribute at;
	Dwarf_Die t;

	if (!dwarf_attr_integrate(die, DW_AT_type, &at) || !dwarf_formref_die(&at, &t))
		return NULL;
	return make(o, &t, depth + 1);
}

static void fill_base(struct ctype *t, Dwarf_Die *die)
{
	t->kind = CT_INT;
	switch (die_int(die, DW_AT_encoding, 0)) {
	case DW_ATE_signed:
		t->is_signed = true;
		break;
	case DW_ATE_signed_char:
		t->is_signed = t->is_char = true;
		break;
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
		t->is_char = true;
		break;
	case DW_ATE_boolean:
		t->is_bool = true;
		break;
	case DW_ATE_float:
	case DW_ATE_complex_float:
	case DW_ATE_imaginary_float:
	case DW_ATE_decimal_float:
		t->kind = CT_FLOAT;
		break;
	}
}

/* Elements of one dimension; a flexible one has neither count nor bound, and `[0]` a bound of -1. */
static uint64_t elements(Dwarf_Die *range)
{
	int64_t n = die_int(range, DW_AT_count, -1);

	if (n < 0)
		n = die_int(range, DW_AT_upper_bound, -1) + 1;
	return n < 0 || n == (int64_t)UINT32_MAX + 1 ? 0 : n;
}

static uint64_t size_of(struct ctype *t)
{
	t = ctype_strip(t);
	return t ? t->size : 0;
}

/* int[2][3] is one DIE with two ranges: an array of arrays, the first range outermost. */
static void fill_array(struct dbg_object *o, struct ctype *t, Dwarf_Die *die, int depth)
{
	struct ctype *element = target_of(o, die, depth);
	struct { uint64_t *v; size_t n, cap; } dim = {0};
	Dwarf_Die c;

	if (die_child(die, &c))
		do {
			if (dwarf_tag(&c) == DW_TAG_subrange_type && dim.n < 16)
				*vec_add(o->a, &dim) = elements(&c);
		} while (die_next(&c));
	for (size_t i = dim.n; i-- > 1; ) {
		struct ctype *inner = arena_new(o->a, struct ctype);

		inner->kind = CT_ARRAY;
		inner->complete = true;
		inner->target = element;
		inner->count = dim.v[i];
		inner->size = dim.v[i] * size_of(element);
		element = inner;
	}
	t->kind = CT_ARRAY;
	t->target = element;
	t->count = dim.n ? dim.v[0] : 0;
	t->size = t->count * size_of(element);
}

static void fill_function(struct dbg_object *o, struct ctype *t, Dwarf_Die *die, int depth)
{
	Dwarf_Die c;

	t->kind = CT_FUNCTION;
	t->target = target_of(o, die, depth);
	if (die_child(die, &c))
		do {
			if (dwarf_tag(&c) == DW_TAG_formal_parameter)
				*vec_add(o->a, &t->params) = target_of(o, &c, depth);
		} while (die_next(&c));
}

static void fill_qualified(struct dbg_object *o, struct ctype *t, Dwarf_Die *die, int depth)
{
	t->kind = CT_QUALIFIED;
	t->is_const = dwarf_tag(die) == DW_TAG_const_type;
	t->is_volatile = dwarf_tag(die) == DW_TAG_volatile_type;
	t->target = target_of(o, die, depth);
	t->size = size_of(t->target);
}

static void fill(struct dbg_object *o, struct ctype *t, Dwarf_Die *die, int depth)
{
	int tag = dwarf_tag(die);

	t->complete = true;
	switch (tag) {
	case DW_TAG_base_type:
		fill_base(t, die);
		break;
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		t->kind = CT_POINTER;
		t->size = t->size ? t->size : 8;
		t->target = target_of(o, die, depth);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		t->kind = tag == DW_TAG_union_type ? CT_UNION :
			  tag == DW_TAG_enumeration_type ? CT_ENUM : CT_STRUCT;
		t->complete = false;
		t->incomplete = dwarf_hasattr(die, DW_AT_declaration);
		break;
	case DW_TAG_typedef:
		t->kind = CT_TYPEDEF;
		t->target = target_of(o, die, depth);
		t->size = size_of(t->target);
		break;
	case DW_TAG_array_type:
		fill_array(o, t, die, depth);
		break;
	case DW_TAG_subroutine_type:
		fill_function(o, t, die, depth);
		break;
	default:
		fill_qualified(o, t, die, depth);
	}
}

/* The sign of an enum is that of its carrier, or told by the values when there is none. */
static void enum_sign(struct dbg_object *o, struct ctype *t, Dwarf_Die *die, int depth)
{
	struct ctype *carrier = ctype_strip(target_of(o, die, depth));

	t->is_signed = carrier && carrier->is_signed;
}

struct ctype *type_new(struct dbg_object *o, const char *name, const struct ctype_provider *provider, uint64_t handle,
		       int depth)
{
	struct ctype *t = arena_new(o->a, struct ctype);

	t->name = name && *name ? name : NULL;
	t->provider = provider;
	t->handle = handle;
	t->owner = o;
	if (depth >= MAX_TYPE_DEPTH) {
		t->kind = CT_STRUCT;
		t->complete = t->incomplete = true;
		t->name = "too deeply nested";
	} else {
		umap_put(&o->types, handle, t);
	}
	return t;
}

static struct ctype *make(struct dbg_object *o, Dwarf_Die *die, int depth)
{
	uint64_t off = dwarf_dieoffset(die);
	struct ctype *t = umap_get(&o->types, off);
	int tag = dwarf_tag(die);

	if (t)
		return t;
	if (tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type || tag == DW_TAG_immutable_type)
		return depth < MAX_TYPE_DEPTH ? target_of(o, die, depth) : NULL;
	if (tag == DW_TAG_unspecified_type)
		return NULL;
	t = type_new(o, dwarf_diename(die), &provider, off, depth);
	t->size = die_int(die, DW_AT_byte_size, 0);
	if (t->complete)
		return t;
	fill(o, t, die, depth);
	if (t->kind == CT_ENUM)
		enum_sign(o, t, die, depth);
	return t;
}

struct ctype *type_of(struct dbg_object *o, Dwarf_Die *die)
{
	return target_of(o, die, 0);
}

struct ctype *type_at(struct dbg_object *o, Dwarf_Die *die)
{
	return make(o, die, 0);
}

/*
 * The unit that is loaded is the naturally aligned one of the declared type when the field fits in
 * it, as the ABI allocates them.
 */
void member_bits(struct cmember *m, uint64_t unit, uint64_t bit)
{
	if (unit == 0 || unit > 8 || bit % (unit * 8) + m->bit_size > unit * 8)
		unit = 1;
	m->offset = bit / (unit * 8) * unit;
	m->bit_offset = bit - m->offset * 8;
}

/*
 * A bitfield's place: bits from the start of the struct (DWARF 4, 5.5.6), given either as such or in
 * the old way, counted from the high end of a storage unit.
 */
static void fill_bits(struct cmember *m, Dwarf_Die *die)
{
	uint64_t unit = size_of(m->type), bit;
	int64_t old = die_int(die, DW_AT_bit_offset, -1);

	if (old >= 0) {
		uint64_t storage = die_int(die, DW_AT_byte_size, unit);

		bit = m->offset * 8 + storage * 8 - old - m->bit_size;
	} else {
		bit = die_int(die, DW_AT_data_bit_offset, m->offset * 8);
	}
	member_bits(m, unit, bit);
}

static void add_member(struct dbg_object *o, struct ctype *t, Dwarf_Die *die)
{
	struct cmember *m = vec_add(o->a, &t->members);

	m->name = dwarf_diename(die);
	if (m->name && !*m->name)
		m->name = NULL;
	m->type = type_of(o, die);
	m->offset = die_int(die, DW_AT_data_member_location, 0);
	m->bit_size = die_int(die, DW_AT_bit_size, 0);
	if (m->bit_size)
		fill_bits(m, die);
}

static int tag_of(const struct ctype *t)
{
	return t->kind == CT_STRUCT ? DW_TAG_structure_type :
	       t->kind == CT_UNION ? DW_TAG_union_type : DW_TAG_enumeration_type;
}

bool type_definition(struct dbg_object *o, const char *name, uint32_t tag, Dwarf_Die *ret)
{
	const struct index *ix = index_of(o);
	size_t i = index_find(ix, ix->type, ix->ntype, sizeof(*ix->type), name);

	for (; i < ix->ntype && !strcmp(ix_str(ix, ix->type[i].name), name); i++) {
		const char *n;

		if (ix->type[i].tag != tag || !die_at(o, ix->type[i].die, ret))
			continue;
		n = dwarf_diename(ret);
		if (dwarf_tag(ret) == (int)tag && n && !strcmp(n, name))
			return true;
	}
	return false;
}

static bool complete(struct ctype *t)
{
	struct dbg_object *o = t->owner;
	Dwarf_Die die, c;

	if (!die_at(o, t->handle, &die))
		return false;
	if (t->incomplete) {
		if (!t->name || !type_definition(o, t->name, tag_of(t), &die))
			return false;
		t->incomplete = false;
		t->size = die_int(&die, DW_AT_byte_size, 0);
		if (t->kind == CT_ENUM)
			enum_sign(o, t, &die, 0);
	}
	if (!die_child(&die, &c))
		return true;
	do {
		if (dwarf_tag(&c) == DW_TAG_member && t->kind != CT_ENUM) {
			add_member(o, t, &c);
		} else if (dwarf_tag(&c) == DW_TAG_enumerator) {
			struct cenumerator *e = vec_add(o->a, &t->enumerators);

			e->name = dwarf_diename(&c);
			e->value = die_int(&c, DW_AT_const_value, 0);
		}
	} while (die_next(&c));
	return true;
}

/* ---- types by name ---- */

/* "unsigned long" and its relatives to the one spelling that gcc writes in DWARF; else NULL. */
static const char *base_name(char *const *word, size_t n)
{
	unsigned is_unsigned = 0, is_signed = 0, longs = 0, is_short = 0, is_int = 0, is_char = 0;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(word[i], "unsigned"))	is_unsigned++;
		else if (!strcmp(word[i], "signed"))	is_signed++;
		else if (!strcmp(word[i], "long"))	longs++;
		else if (!strcmp(word[i], "short"))	is_short++;
		else if (!strcmp(word[i], "int"))	is_int++;
		else if (!strcmp(word[i], "char"))	is_char++;
		else return NULL;
	}
	if (is_char)
		return is_unsigned ? "unsigned char" : is_signed ? "signed char" : "char";
	if (is_short)
		return is_unsigned ? "short unsigned int" : "short int";
	if (longs >= 2)
		return is_unsigned ? "long long unsigned int" : "long long int";
	if (longs)
		return is_unsigned ? "long unsigned int" : "long int";
	if (is_int || is_unsigned || is_signed)
		return is_unsigned ? "unsigned int" : "int";
	return NULL;
}

static struct ctype *named(struct dbg_object *o, const char *name, const uint32_t *tags)
{
	Dwarf_Die die;

	for (; *tags; tags++) {
		struct ctype *t = o->btf ? btf_named(o, name, *tags) : NULL;

		if (t)
			return t;
		if (type_definition(o, name, *tags, &die))
			return type_at(o, &die);
	}
	return NULL;
}

/* The type that N words without stars name.  *found even when it is void. */
static struct ctype *from_words(struct dbg_object *o, char **word, size_t n, bool *found)
{
	static const uint32_t any[] = { DW_TAG_structure_type, DW_TAG_class_type,
					DW_TAG_union_type, DW_TAG_enumeration_type,
					DW_TAG_typedef, DW_TAG_base_type, 0 };
	static const uint32_t structs[] = { DW_TAG_structure_type, DW_TAG_class_type, 0 };
	static const uint32_t unions[] = { DW_TAG_union_type, 0 };
	static const uint32_t enums[] = { DW_TAG_enumeration_type, 0 };
	const char *base = base_name(word, n);
	struct ctype *t = NULL;

	if (n == 1 && !strcmp(word[0], "void")) {
		*found = true;
		return NULL;
	}
	if (base)
		t = named(o, base, any + 5);
	else if (n == 1)
		t = named(o, word[0], any);
	else if (n == 2 && (!strcmp(word[0], "struct") || !strcmp(word[0], "class")))
		t = named(o, word[1], structs);
	else if (n == 2 && !strcmp(word[0], "union"))
		t = named(o, word[1], unions);
	else if (n == 2 && !strcmp(word[0], "enum"))
		t = named(o, word[1], enums);
	*found = t != NULL;
	return t;
}

static struct ctype *parse_type(struct dbg_object *o, const char *text)
{
	struct { char **v; size_t n, cap; } word = {0};
	unsigned stars = 0;
	struct ctype *t;
	bool found;

	for (const char *p = text; *p; ) {
		size_t n = strcspn(p, " \t*");

		if (n && !stars && !(n == 5 && !strncmp(p, "const", 5)) &&
		    !(n == 8 && !strncmp(p, "volatile", 8)))
			*vec_add(o->a, &word) = arena_strndup(o->a, p, n);
		p += n;
		stars += *p == '*';
		p += *p != 0;
	}
	t = word.n ? from_words(o, word.v, word.n, &found) : NULL;
	if (!word.n || !found)
		return NULL;
	if (!t && !stars) {
		t = arena_new(o->a, struct ctype);
		t->kind = CT_VOID;
		t->complete = true;
	}
	for (; stars; stars--) {
		struct ctype *p = arena_new(o->a, struct ctype);

		p->kind = CT_POINTER;
		p->size = 8;
		p->complete = true;
		p->target = t;
		t = p;
	}
	return t;
}

struct ctype *dbg_type(struct dbg_object *o, const char *name)
{
	struct ctype *t;

	if (strmap_has(&o->named, name))
		return strmap_get(&o->named, name);
	t = parse_type(o, name);
	strmap_put(&o->named, arena_strdup(o->a, name), t);
	return t;
}
