/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A value of the probed program as text: $x$ and $x$$.  Appends to a printf format and to the list of
 * values it takes, in SystemTap's layout: {.a=1, .b={...}, .c=[1, 2, ...]}, characters as strings.
 * $x$ has `...` for nested structs and arrays, $x$$ opens them all; and so is all that would
 * exceed the values one format takes.  A pointer at the top is followed once, inner ones are not.
 */
#include "sema/elaborate.h"

enum { MAX_ELEMENTS = 8, MAX_TEXT = 400, ALL_LEVELS = 16 };

static bool full(const struct buf *fmt, const struct access *acc)
{
	return acc->parts.n >= MAX_PARTS || fmt->n >= MAX_TEXT;
}

static void put_value(struct body *b, struct buf *fmt, struct access *acc, struct datum *d,
		      const char *directive)
{
	struct lx *v;

	if (datum_number(b, d, &v)) {
		buf_putc(fmt, '?');
		return;
	}
	buf_puts(fmt, directive);
	*vec_add(b->x->a, &acc->parts) = (struct access_part){ .value = v, .user = d->user };
}

static void put_string(struct body *b, struct buf *fmt, struct access *acc, struct lx *address,
		       uint64_t max, bool user)
{
	buf_puts(fmt, "\"%s\"");
	*vec_add(b->x->a, &acc->parts) = (struct access_part){
		.value = address, .string = true, .max = max > 4096 ? 0 : (unsigned)max, .user = user };
}

static bool is_char(struct ctype *t)
{
	t = ctype_strip(t);
	return t && t->kind == CT_INT && t->is_char;
}

static void put(struct body *b, struct buf *fmt, struct access *acc, struct datum d, unsigned levels);

static void put_members(struct body *b, struct buf *fmt, struct access *acc, const struct datum *d,
			struct ctype *t, unsigned levels)
{
	buf_putc(fmt, '{');
	vec_each(&t->members, i) {
		const struct cmember *m = &t->members.v[i];
		struct datum in = *d;
		const char *none = NULL;

		if (i)
			buf_puts(fmt, ", ");
		if (full(fmt, acc)) {
			buf_puts(fmt, "...");
			break;
		}
		if (m->name)
			buf_printf(fmt, ".%s=", m->name);
		if (m->name && datum_member(b, &in, m->name, &none)) {
			buf_putc(fmt, '?');
			continue;
		}
		if (!m->name) {		/* its members are this struct's: same level */
			if (in.pieces)
				in.piece_offset += m->offset;
			else
				in.lx = in.in_memory ? lx_offset(b->x->a, in.lx, (int64_t)m->offset) :
					lx_bin(b->x->a, LX_SHR, in.lx,
					       lx_const(b->x->a, (int64_t)m->offset * 8));
			in.type = m->type;
			put(b, fmt, acc, in, levels + 1);
			continue;
		}
		put(b, fmt, acc, in, levels);
	}
	buf_putc(fmt, '}');
}

static void put_array(struct body *b, struct buf *fmt, struct access *acc, const struct datum *d,
		      struct ctype *t, unsigned levels)
{
	buf_putc(fmt, '[');
	for (uint64_t i = 0; i < t->count; i++) {
		struct datum in = *d;

		if (i)
			buf_puts(fmt, ", ");
		if (i == MAX_ELEMENTS || full(fmt, acc)) {
			buf_puts(fmt, "...");
			break;
		}
		if (datum_index(b, &in, lx_const(b->x->a, (int64_t)i)))
			buf_putc(fmt, '?');
		else
			put(b, fmt, acc, in, levels);
	}
	buf_putc(fmt, ']');
}

/* LEVELS: how many more brackets may be opened. */
static void put(struct body *b, struct buf *fmt, struct access *acc, struct datum d, unsigned levels)
{
	struct ctype *t = ctype_strip(d.type);
	struct lx *v;

	if (full(fmt, acc)) {
		buf_puts(fmt, "...");
		return;
	}
	if (!t) {
		buf_putc(fmt, '?');
		return;
	}
	switch (t->kind) {
	case CT_STRUCT: case CT_UNION:
		if (!levels)
			buf_puts(fmt, "{...}");
		else if (!ctype_complete(t))
			buf_putc(fmt, '?');
		else
			put_members(b, fmt, acc, &d, t, levels - 1);
		break;
	case CT_ARRAY:
		if (is_char(t->target) && t->count && !datum_number(b, &d, &v))
			put_string(b, fmt, acc, v, t->count, d.user);
		else if (!levels)
			buf_puts(fmt, "[...]");
		else
			put_array(b, fmt, acc, &d, t, levels - 1);
		break;
	case CT_POINTER:
		if (is_char(t->target) && !datum_number(b, &d, &v))
			put_string(b, fmt, acc, v, 0, d.user);
		else
			put_value(b, fmt, acc, &d, "%p");
		break;
	case CT_FLOAT:		/* printf() has no conversion for it */
		buf_putc(fmt, '?');
		break;
	default:
		put_value(b, fmt, acc, &d, is_char(t) ? "'%#c'" : t->kind == CT_INT && !t->is_signed ?
			  "%u" : "%d");
	}
}

/* Pointers to plain numbers show as a number where they stand alone, as the manuals' examples have it. */
static bool is_number_pointer(struct ctype *to)
{
	return to && (to->kind == CT_INT || to->kind == CT_ENUM) && !to->is_char;
}

void pretty_datum(struct body *b, struct buf *fmt, struct access *acc, struct datum d,
		  unsigned levels)
{
	struct ctype *t = ctype_strip(d.type), *to = t && t->kind == CT_POINTER ?
		ctype_strip(t->target) : NULL;

	if (to && (to->kind == CT_STRUCT || to->kind == CT_UNION) && datum_deref(b, &d)) {
		buf_putc(fmt, '?');
		return;
	}
	if (is_number_pointer(to))
		put_value(b, fmt, acc, &d, "%d");
	else
		put(b, fmt, acc, d, levels > 1 ? ALL_LEVELS : levels);
}
