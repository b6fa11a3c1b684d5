/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $name->a[i], @cast(), @var() and $$vars at one site to a struct access: where the value lies, as an
 * expression over registers and memory, with array indexes and cast pointers as operands.
 *
 * Names come from the site's family, types of casts from debuginfo; neither prints.  Reads are of
 * kernel memory unless the variable belongs to user space.  A failure is kept in the expression's
 * sym, not told: @defined wants to know, and an unused assignment does not need the value.
 */
#include "sema/target.h"

#include <string.h>

static const char saved_mark[1];

bool target_is_saved(const struct expr *e)
{
	return e->kind == EX_TARGET && e->sym == saved_mark;
}

void target_done(struct expr *e, struct access *acc, enum type type, bool saved)
{
	e->info = acc;
	e->sym = saved ? (void *)saved_mark : NULL;
	e->type = type;
}

bool sema_in_program(const struct body *b)
{
	return b->site && b->site->family->flags & FAMILY_USER;
}

struct lx *target_operand(struct body *b, struct access *acc, struct expr *e)
{
	struct lx *x;

	if (e->kind == EX_NUMBER)
		return lx_const(b->x->a, e->number);
	x = arena_new(b->x->a, struct lx);
	x->kind = LX_SCRIPT;
	x->value = (int64_t)acc->operands.n;
	*vec_add(b->x->a, &acc->operands) = e;
	return x;
}

static bool walk_accessors(struct body *b, struct expr *e, struct access *acc, struct datum *d)
{
	struct target *t = e->target;
	struct datum *before = arena_array(b->x->a, struct datum, t->acc.n + 1);

	vec_each(&t->acc, i) {
		const struct accessor *ac = &t->acc.v[i];
		const char *near = NULL, *why;
		struct target_error *f;
		size_t next;

		before[i] = *d;
		why = ac->kind == AC_MEMBER ? datum_member(b, d, ac->name, &near) :
					      datum_index(b, d, target_operand(b, acc, ac->index));
		if (!why)
			continue;
		next = ac->kind == AC_MEMBER ? renamed_member(b, e, before, i, d) : 0;
		if (next) {
			i = next - 1;
			continue;
		}
		f = target_fail(b, e, "bad-member", "%s", why);
		if (ac->place.src)
			f->place = ac->place;
		if (near)
			f->hint = arena_printf(b->x->a, "did you mean '%s'?", near);
		return false;
	}
	return true;
}

/* A variable that is all of a register's lower part. */
static bool set_store_register(struct access *acc, const struct lx *x)
{
	while (x->kind == LX_EXTEND)
		x = x->a;
	if (x->kind != LX_REG)
		return false;
	acc->store_reg = (int)x->value + 1;
	return true;
}

static bool set_store(struct body *b, struct expr *e, struct access *acc, const struct datum *d)
{
	uint64_t size = datum_size(d->type);

	if (!b->x->s->opt.guru) {
		target_fail(b, e, "write-needs-guru", "write to target variable not permitted; need stap -g");
		return false;
	}
	if (!d->in_memory && !d->pieces && !d->bits && set_store_register(acc, d->lx))
		return true;
	if (!d->in_memory || (size != 1 && size != 2 && size != 4 && size != 8)) {
		target_fail(b, e, "not-assignable", "write to target variable not possible: %s",
			    d->in_memory ? "it is no number" : "it is not in memory at this address");
		return false;
	}
	acc->store_addr = d->lx;
	acc->store_size = (unsigned)size;
	acc->store_bits = d->bits;
	acc->store_shift = d->bit_offset;
	return true;
}

static bool finish(struct body *b, struct expr *e, struct access *acc, struct datum *d, bool store)
{
	struct target *t = e->target;
	struct datum whole;
	const char *why;

	acc->type = d->type;
	acc->user = d->user;
	e->type = T_LONG;
	if (t->pretty) {
		struct buf fmt = { 0 };

		pretty_datum(b, &fmt, acc, *d, t->pretty);
		acc->kind = ACCESS_FORMAT;
		acc->format = arena_strdup(b->x->a, buf_text(&fmt));
		buf_deinit(&fmt);
		e->type = T_STRING;
		return true;
	}
	if (t->addressof) {
		if (!d->in_memory || d->bits) {
			target_fail(b, e, "no-address", "'%s' has no address here: it is %s",
				    t->name ? t->name : "this value", d->bits ? "a bitfield" : "not in memory");
			return false;
		}
		acc->value = d->lx;
		acc->type = target_pointer_to(b, d->type);
		return true;
	}
	whole = *d;
	why = datum_number(b, d, &acc->value);
	if (why && renamed_number(b, e, &whole)) {
		*d = whole;
		acc->type = d->type;
		why = datum_number(b, d, &acc->value);
	}
	if (why) {
		target_fail(b, e, "no-number", "%s%s%s", t->name ? t->name : "", t->name ? ": " : "", why);
		return false;
	}
	return !store || set_store(b, e, acc, d);
}

/* With --strict-names: what the table of changed names would have put in. */
static void hint_renamed(struct body *b, struct expr *e)
{
	struct target_error *f = target_failure(e);

	if (f && b->renamed)
		f->hint = names_text(b->x->s, b->renamed);
}

static void resolve(struct body *b, struct expr *e, bool store)
{
	struct access *acc;
	struct datum d;
	bool save = false;

	e->info = e->sym = NULL;
	e->type = T_UNKNOWN;
	if (store && (e->target->pretty || !strncmp(e->target->name ? e->target->name : "", "$$", 2))) {
		target_fail(b, e, "not-assignable", "write to target variable not possible: this is a text made of it");
		return;
	}
	if (e->target->kind == TG_ENUMNAME) {
		enum_resolve_name(b, e);
		return;
	}
	if (e->target->kind == TG_VAR && target_text(b, e))
		return;
	acc = arena_new(b->x->a, struct access);
	acc->place = e->place;
	b->renamed = NULL;
	if (!target_start(b, e, acc, &d, &save) || !walk_accessors(b, e, acc, &d)) {
		hint_renamed(b, e);
		return;
	}
	save &= !b->in_entry;
	if (save && acc->operands.n) {
		struct target_error *f = target_fail(b, e, "index-at-entry",
						     "'%s' is taken at function entry, where the index is not known",
						     e->target->name);

		f->hint = "use a constant index, or @cast(@entry($pointer), \"type\")[index]";
		return;
	}
	if (save && store) {
		target_fail(b, e, "write-entry-value", "'%s' is a value of function entry and cannot be written",
			    e->target->name);
		return;
	}
	if (!finish(b, e, acc, &d, store)) {
		hint_renamed(b, e);
		e->type = T_UNKNOWN;
		return;
	}
	target_done(e, acc, e->type, save);
}

void target_resolve(struct body *b, struct expr *e, bool store)
{
	resolve(b, e, store);
	if (target_failure(e))
		target_failure(e)->store = store;
}

/* ---- @kregister(n) @uregister(n) @kderef(size, address) @uderef(size, address) ---- */

void target_operation(struct body *b, struct expr *e)
{
	struct access *acc = arena_new(b->x->a, struct access);
	const struct expr *first = e->args.v[0];
	bool user = e->name[0] == 'u', deref = e->args.n == 2;
	int64_t n = first->number;

	if (first->kind != EX_NUMBER || (deref ? n != 1 && n != 2 && n != 4 && n != 8 : n < 0 || n > 255)) {
		diag_error(b->x->d, DIAG_SEMANTIC, "operation-number", &first->place,
			   "@%s: expected %s: at %s", e->name, deref ? "a size of 1, 2, 4 or 8 bytes" :
			   "the DWARF number of a register", place_str(b->x->a, &first->place));
		return;
	}
	if (deref) {
		acc->value = lx_load(b->x->a, target_operand(b, acc, e->args.v[1]), (unsigned)n, false, user);
	} else if (!b->site || !b->site->family->var) {
		diag_error(b->x->d, DIAG_SEMANTIC, "no-registers", &e->place,
			   "@%s: %s has no registers of a probed program: at %s", e->name, target_site_text(b),
			   place_str(b->x->a, &e->place));
		return;
	} else {
		acc->value = lx_reg(b->x->a, (unsigned)n);
	}
	acc->user = user;
	acc->place = e->place;
	e->info = acc;
	e->type = T_LONG;
}

void access_print(struct buf *b, const struct access *a)
{
	if (a->kind == ACCESS_SAVED) {
		buf_printf(b, "saved text %u", a->slot);
		return;
	}
	if (a->kind == ACCESS_NUMBER) {
		lx_print(b, a->value);
	} else if (a->kind == ACCESS_ENUM) {
		enum_print(b, a);
	} else {
		buf_putc(b, '"');
		buf_escape(b, a->format, strlen(a->format));
		buf_putc(b, '"');
		vec_each(&a->parts, i) {
			buf_puts(b, ", ");
			if (a->parts.v[i].string)
				buf_printf(b, "%sstring%u ", a->parts.v[i].user ? "user." : "",
					   a->parts.v[i].max);
			lx_print(b, a->parts.v[i].value);
		}
	}
	vec_each(&a->operands, i) {
		buf_printf(b, ", script%zu = ", i);
		ast_print_expr(b, a->operands.v[i]);
	}
	if (a->store_reg)
		buf_printf(b, ", store register %d", a->store_reg - 1);
	if (a->store_addr) {
		buf_printf(b, ", store %u:%u:%u at ", a->store_size, a->store_bits, a->store_shift);
		lx_print(b, a->store_addr);
	}
}
