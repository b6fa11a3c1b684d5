/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A value of the probed program and the way through it: ->member, [index], following a pointer, and
 * the number at the end.  Each step turns a struct datum into the next one or says why it cannot; nothing
 * is told to the user here.  No load reaches behind the object that is read.
 */
#include "sema/elaborate.h"

uint64_t datum_size(struct ctype *t)
{
	t = ctype_strip(t);
	if (!t)
		return 0;
	if (t->kind == CT_POINTER)
		return 8;
	if (t->size || t->kind != CT_ARRAY)
		return t->size;
	return t->count * datum_size(t->target);
}

static bool is_signed_type(const struct ctype *t)
{
	return (t->kind == CT_INT || t->kind == CT_ENUM) && t->is_signed;
}

/* What lies OFFSET bytes into L; D keeps its type. */
static const char *place_datum(struct body *b, struct datum *d, const struct location *l, uint64_t offset)
{
	d->pieces = d->pointer = NULL;
	d->in_memory = l->kind == LOC_MEMORY;
	d->piece_offset = 0;
	switch (l->kind) {
	case LOC_MEMORY:
		d->lx = lx_offset(b->x->a, l->expr, (int64_t)offset);
		return NULL;
	case LOC_VALUE:
		d->lx = lx_bin(b->x->a, LX_SHR, l->expr, lx_const(b->x->a, (int64_t)offset * 8));
		return NULL;
	case LOC_PIECES:
		d->pieces = l;
		d->piece_offset = offset;
		return NULL;
	case LOC_POINTER:
		d->pointer = l;
		return offset ? "it is a part of a pointer to a variable that was optimized out" : NULL;
	case LOC_NONE:
		break;
	}
	return l->why ? l->why : "this part of it has no location";
}

static bool overlaps(const struct loc_piece *p, uint64_t offset, uint64_t size)
{
	return offset < p->offset + p->size && p->offset < offset + size;
}

/* SIZE bytes at OFFSET put together from several pieces, each of which is a number. */
static const char *join_pieces(struct body *b, struct datum *d, uint64_t offset, uint64_t size)
{
	const struct location *l = d->pieces;
	struct arena *a = b->x->a;
	struct lx *sum = lx_const(a, 0);
	uint64_t have = 0;

	if (size > 8)
		return "it is split over several places";
	vec_each(&l->pieces, i) {
		const struct loc_piece *p = &l->pieces.v[i];
		uint64_t from = p->offset > offset ? p->offset : offset;
		uint64_t end = p->offset + p->size < offset + size ? p->offset + p->size : offset + size;
		struct datum part = { .user = d->user };
		const char *why;
		struct lx *v;

		if (!overlaps(p, offset, size))
			continue;
		why = place_datum(b, &part, p->loc, from - p->offset);
		if (why)
			return why;
		if (!part.lx || (part.in_memory && end - from != 1 && end - from != 2 && end - from != 4))
			return "it is split over several places";
		v = part.in_memory ? lx_load(a, part.lx, (unsigned)(end - from), false, d->user) :
			lx_extend(a, part.lx, (unsigned)(end - from) * 8, false);
		sum = lx_bin(a, LX_OR, sum, lx_bin(a, LX_SHL, v, lx_const(a, (int64_t)(from - offset) * 8)));
		have += end - from;
	}
	if (have != size)
		return "a part of it has no location";
	*d = (struct datum){ .type = d->type, .lx = sum, .bits = d->bits, .bit_offset = d->bit_offset,
			     .user = d->user };
	return NULL;
}

/* The piece of a scattered object that holds SIZE bytes at OFFSET; on success D becomes it. */
static const char *take_piece(struct body *b, struct datum *d, uint64_t offset, uint64_t size)
{
	const struct location *l = d->pieces;

	vec_each(&l->pieces, i) {
		const struct loc_piece *p = &l->pieces.v[i];

		if (offset < p->offset || offset + size > p->offset + p->size)
			continue;
		if (p->loc->kind == LOC_PIECES)
			return "it is kept in nested pieces";
		return place_datum(b, d, p->loc, offset - p->offset);
	}
	return join_pieces(b, d, offset, size);
}

/* Value of a bitfield of D->bits bits. */
static const char *bitfield_number(struct body *b, struct datum *d, struct ctype *t, struct lx **ret)
{
	struct arena *a = b->x->a;
	struct lx *v = d->lx;

	if (d->in_memory) {
		unsigned bytes = (d->bit_offset + d->bits + 7) / 8, size = 1;

		while (size < bytes)
			size *= 2;
		if (size > 8)
			return "the bitfield crosses 64 bits";
		v = lx_load(a, d->lx, size, false, d->user);
	}
	v = lx_bin(a, LX_SHR, v, lx_const(a, d->bit_offset));
	*ret = lx_extend(a, v, d->bits, is_signed_type(t));
	return NULL;
}

const char *datum_number(struct body *b, struct datum *d, struct lx **ret)
{
	struct arena *a = b->x->a;
	struct ctype *t = ctype_strip(d->type);
	uint64_t size = datum_size(d->type);

	if (!t || t->kind == CT_VOID)
		return "it is of type void";
	if (d->pieces) {
		const char *why = take_piece(b, d, d->piece_offset, size);

		if (why)
			return why;
	}
	if (d->pointer)
		return "it points to a variable that was optimized out; what it points at can be read";
	switch (t->kind) {
	case CT_STRUCT: case CT_UNION:
		return arena_printf(a, "'%s' is being accessed instead of a member",
				    ctype_str(b->x->a, d->type));
	case CT_FLOAT:		/* its bits, as the tapset's functions fp_* take them */
		if (!d->in_memory || size > 8)
			return "a floating point value that is not in memory, or is longer than a double, "
			       "cannot be read";
		break;
	case CT_ARRAY: case CT_FUNCTION:
		if (!d->in_memory)
			return "it is not in memory";
		*ret = d->lx;
		return NULL;
	default:
		break;
	}
	if (d->bits)
		return bitfield_number(b, d, t, ret);
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return arena_printf(a, "its size is %llu bytes", (unsigned long long)size);
	*ret = d->in_memory ? lx_load(a, d->lx, (unsigned)size, is_signed_type(t), d->user) :
			      lx_extend(a, d->lx, (unsigned)size * 8, is_signed_type(t));
	return NULL;
}

const char *datum_deref(struct body *b, struct datum *d)
{
	struct ctype *t = ctype_strip(d->type);
	struct lx *v;
	const char *why;

	if (!t || t->kind != CT_POINTER)
		return arena_printf(b->x->a, "'%s' is not a pointer", ctype_str(b->x->a, d->type));
	if (d->pieces && (why = take_piece(b, d, d->piece_offset, 8)))
		return why;
	if (d->pointer) {
		const struct location *l = d->pointer;

		*d = (struct datum){ .type = t->target, .user = d->user };
		return l->target_offset < 0 ? "it points in front of a variable that was optimized out" :
			place_datum(b, d, l->target, (uint64_t)l->target_offset);
	}
	why = datum_number(b, d, &v);
	if (why)
		return why;
	*d = (struct datum){ .type = t->target, .in_memory = true, .lx = v, .user = d->user };
	return NULL;
}

/*
 * Bits of a bitfield counted from an address where loading the declared type is natural, so that no
 * byte behind the object is read; packed fields that cross it stay as they are.
 */
static void place_bitfield(struct datum *d, uint64_t *offset, const struct cmember *m)
{
	uint64_t unit = datum_size(m->type), bit = *offset * 8 + m->bit_offset;

	d->bits = m->bit_size;
	d->bit_offset = m->bit_offset;
	if (!unit || (unit & (unit - 1)) || unit > 8)
		return;
	if (bit % (unit * 8) + m->bit_size > unit * 8)
		return;
	*offset = bit / (unit * 8) * unit;
	d->bit_offset = (unsigned)(bit % (unit * 8));
}

const char *datum_member(struct body *b, struct datum *d, const char *name, const char **similar)
{
	struct arena *a = b->x->a;
	struct ctype *t = ctype_strip(d->type);
	const struct cmember *m;
	uint64_t offset = 0;

	for (int level = 0; t && t->kind == CT_POINTER && level < 8; level++) {
		const char *why = datum_deref(b, d);	/* pointers to pointers are followed too */

		if (why)
			return why;
		t = ctype_strip(d->type);
	}
	if (!t || (t->kind != CT_STRUCT && t->kind != CT_UNION))
		return arena_printf(a, "'%s' is no struct or union, it has no member '%s'",
				    ctype_str(b->x->a, d->type), name);
	if (!ctype_complete(t))
		return arena_printf(a, "'%s' is only declared, debuginfo has no members of it",
				    ctype_str(b->x->a, d->type));
	m = ctype_member(t, name, &offset);
	if (!m) {
		*similar = ctype_similar_member(t, name);
		return arena_printf(a, "unable to find member '%s' for %s", name, ctype_str(b->x->a, d->type));
	}
	if (m->bit_size)
		place_bitfield(d, &offset, m);
	d->type = m->type;
	if (d->pieces)
		d->piece_offset += offset;
	else if (d->in_memory)
		d->lx = lx_offset(a, d->lx, (int64_t)offset);
	else
		d->lx = lx_bin(a, LX_SHR, d->lx, lx_const(a, (int64_t)offset * 8));
	return NULL;
}

const char *datum_index(struct body *b, struct datum *d, struct lx *index)
{
	struct arena *a = b->x->a;
	struct ctype *t = ctype_strip(d->type), *elem;
	uint64_t size;

	if (!t || (t->kind != CT_POINTER && t->kind != CT_ARRAY))
		return arena_printf(a, "'%s' is no array or pointer, it cannot be indexed",
				    ctype_str(b->x->a, d->type));
	elem = t->target;
	ctype_complete(elem);
	size = datum_size(elem);
	if (!size)
		return arena_printf(a, "the size of '%s' is not known", ctype_str(b->x->a, elem));
	if (t->kind == CT_POINTER) {
		const char *why = datum_deref(b, d);

		if (why)
			return why;
	} else if (!d->in_memory) {
		return "the array is not in memory";
	}
	d->type = elem;
	d->lx = lx_bin(a, LX_ADD, d->lx, lx_bin(a, LX_MUL, index, lx_const(a, (int64_t)size)));
	return NULL;
}
