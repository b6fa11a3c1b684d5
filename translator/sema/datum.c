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

const char *datum_type_text(struct body *b, struct ctype *t)
{
	struct buf buf = { 0 };
	const char *r;

	ctype_print(&buf, t);
	r = arena_strdup(b->x->a, buf_text(&buf));
	buf_deinit(&buf);
	return r;
}

static bool is_signed_type(const struct ctype *t)
{
	return (t->kind == CT_INT || t->kind == CT_ENUM) && t->is_signed;
}

/* The piece of a scattered object that holds SIZE bytes at OFFSET; on success D becomes it. */
static const char *take_piece(struct body *b, struct datum *d, uint64_t offset, uint64_t size)
{
	const struct location *l = d->pieces;

	vec_each(&l->pieces, i) {
		const struct loc_piece *p = &l->pieces.v[i];

		if (offset < p->offset || offset + size > p->offset + p->size)
			continue;
		if (p->loc->kind == LOC_NONE)
			return p->loc->why ? p->loc->why : "this part of it has no location";
		if (p->loc->kind == LOC_PIECES)
			return "it is kept in nested pieces";
		d->in_memory = p->loc->kind == LOC_MEMORY;
		offset -= p->offset;
		d->lx = d->in_memory ? lx_offset(b->x->a, p->loc->expr, (int64_t)offset) :
			lx_bin(b->x->a, LX_SHR, p->loc->expr, lx_const(b->x->a, (int64_t)offset * 8));
		d->pieces = NULL;
		return NULL;
	}
	return "it is split over several places";
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
	switch (t->kind) {
	case CT_STRUCT: case CT_UNION:
		return arena_printf(a, "'%s' is being accessed instead of a member",
				    datum_type_text(b, d->type));
	case CT_FLOAT:
		return "floating point values are not supported";
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
		return arena_printf(b->x->a, "'%s' is not a pointer", datum_type_text(b, d->type));
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
				    datum_type_text(b, d->type), name);
	if (!ctype_complete(t))
		return arena_printf(a, "'%s' is only declared, debuginfo has no members of it",
				    datum_type_text(b, d->type));
	m = ctype_member(t, name, &offset);
	if (!m) {
		*similar = ctype_similar_member(t, name);
		return arena_printf(a, "unable to find member '%s' for %s", name, datum_type_text(b, d->type));
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
				    datum_type_text(b, d->type));
	elem = t->target;
	ctype_complete(elem);
	size = datum_size(elem);
	if (!size)
		return arena_printf(a, "the size of '%s' is not known", datum_type_text(b, elem));
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
