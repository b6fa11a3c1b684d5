// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * @enumname: a value to the name it has among the enumerators of a type, found by halving; the number as
 * text when it has none.  Of names with one value the first is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "ir/lower.h"

static int by_value(const void *x, const void *y)
{
	const struct cenumerator *a = *(const struct cenumerator *const *)x, *b = *(const struct cenumerator *const *)y;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* Those that count, by value. */
static size_t sorted(struct lower *l, const struct ctype *t, const struct cenumerator ***ret)
{
	const struct cenumerator **v = arena_array(l->a, const struct cenumerator *, t->enumerators.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < t->enumerators.n; i++)
		v[i] = &t->enumerators.v[i];
	qsort(v, t->enumerators.n, sizeof(*v), by_value);
	for (size_t i = 0; i < t->enumerators.n; i++)
		if (!n || v[n - 1]->value != v[i]->value)
			v[n++] = v[i];
	*ret = v;
	return n;
}

static void find(struct lower *l, struct ir *dst, struct ir *value, const struct cenumerator *const *v, size_t n)
{
	struct ir_list *list = l->list;
	size_t half = n / 2;
	struct ir *iff;

	if (!n)
		return;
	iff = lower_stmt_node(l, IR_IF);
	iff->arg[0] = ir_bin(l->a, n == 1 ? IR_EQ : IR_LT, value, ir_num(l->a, v[half]->value));
	l->list = &iff->body;
	if (n == 1) {
		lower_set(l, dst, ir_str(l->a, v[0]->name, strlen(v[0]->name)));
	} else {
		find(l, dst, value, v, half);
		l->list = &iff->other;
		find(l, dst, value, v + half, n - half);
	}
	l->list = list;
}

struct ir *lower_enum_name(struct lower *l, const struct ctype *t, struct ir *value, const char *where, struct ir *dst)
{
	const struct cenumerator **v;
	size_t n = sorted(l, t, &v);
	struct ir_list *list = l->list;
	struct ir *iff;

	if (value->op != IR_NUM)
		value = lower_spill(l, value);
	dst = lower_place_for(l, T_STRING, dst, &value, 1);
	lower_set(l, dst, ir_str(l->a, "", 0));
	find(l, dst, value, v, n);
	iff = lower_stmt_node(l, IR_IF);
	iff->arg[0] = ir_bin(l->a, IR_SEQ, dst, ir_str(l->a, "", 0));
	l->list = &iff->body;
	lower_sprint(l, dst, "%d", 2, &value, 1, where);
	l->list = list;
	return dst;
}
