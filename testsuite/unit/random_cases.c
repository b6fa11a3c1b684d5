/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random handlers and what they print: expressions as trees, printed with no more parentheses than the
 * language needs, statements around them.  The tree is evaluated here, operands from left to right and
 * everything wrapping at 64 bits, without any of the translator's code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_cases.h"

enum { NVARS = 4, NTEXTS = 2, TEXT_MAX = 100 };

struct machine {
	int64_t v[NVARS];
	char s[NTEXTS][TEXT_MAX * 4];
};

static const char *const names[] = { "a", "b", "c", "d" }, *const texts[] = { "s", "s2" };
static uint32_t seed;
static struct machine m;

static unsigned below(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* ---- trees ---- */

enum op {
	NUMBER, VAR, PRE, POST, NEG, NOT, COM,
	MUL, DIV, MOD, ADD, SUB, SHL, SHR, LSHR, LT, LE, GT, GE, EQ, NE, AND, XOR, OR, LAND, LOR, COND, SET,
	COMPARE,	/* of two texts */
	LENGTH,
	TEXT, TEXT_VAR, JOIN, PICK, SPRINT,	/* texts */
};

/* How tightly, and the token. */
static const struct { int level; const char *token; } ops[] = {
	[NEG] = { 13, "-" }, [NOT] = { 13, "!" }, [COM] = { 13, "~" }, [PRE] = { 13, "" }, [POST] = { 14, "" },
	[NUMBER] = { 15, "" }, [VAR] = { 15, "" }, [MUL] = { 12, "*" }, [DIV] = { 12, "/" }, [MOD] = { 12, "%" },
	[ADD] = { 11, "+" }, [SUB] = { 11, "-" }, [JOIN] = { 10, "." }, [SHL] = { 9, "<<" }, [SHR] = { 9, ">>" },
	[LSHR] = { 9, ">>>" }, [LT] = { 8, "<" }, [LE] = { 8, "<=" }, [GT] = { 8, ">" }, [GE] = { 8, ">=" },
	[COMPARE] = { 15, "" }, [EQ] = { 7, "==" }, [NE] = { 7, "!=" }, [AND] = { 5, "&" }, [XOR] = { 4, "^" },
	[OR] = { 3, "|" }, [LAND] = { 2, "&&" }, [LOR] = { 1, "||" }, [COND] = { 0, "" }, [PICK] = { 0, "" },
	[SET] = { -1, "" }, [LENGTH] = { 15, "" }, [TEXT] = { 15, "" }, [TEXT_VAR] = { 15, "" }, [SPRINT] = { 15, "" },
};

struct node {
	enum op op;
	int64_t n;		/* NUMBER; variable; SET: 0 or the operator; PRE, POST: +1, -1; COMPARE: 0 to 5 */
	struct node *a, *b, *c;
	char text[8];
};

static struct node *node(struct arena *a, enum op op)
{
	struct node *n = arena_new(a, struct node);

	n->op = op;
	return n;
}

static struct node *random_text(struct arena *a, unsigned depth);

static int64_t random_number(void)
{
	static const int64_t some[] = { 0, 1, 2, 3, 7, 63, 64, 255, 1000, INT64_MAX, INT32_MAX, 0x80000000ll };

	return below(3) ? (int64_t)below(20) : some[below(sizeof(some) / sizeof(*some))];
}

static struct node *leaf(struct arena *a)
{
	struct node *n = node(a, below(2) ? VAR : NUMBER);

	n->n = n->op == VAR ? (int64_t)below(NVARS) : random_number();
	if (n->op == VAR && !below(6)) {
		n->op = below(2) ? PRE : POST;
		n->text[0] = below(2) ? '+' : '-';
	}
	return n;
}

static struct node *random_tree(struct arena *a, unsigned depth)
{
	static const enum op binary[] = { MUL, DIV, MOD, ADD, SUB, SHL, SHR, LSHR, LT, LE, GT, GE, EQ, NE, AND, XOR,
					  OR, LAND, LOR };
	static const enum op assigned[] = { NUMBER, ADD, SUB, MUL, AND, OR, XOR, SHL, SHR };
	struct node *n;

	if (!depth)
		return leaf(a);
	switch (below(12)) {
	case 0:
		return leaf(a);
	case 1:
		n = node(a, (enum op[]){ NEG, NOT, COM }[below(3)]);
		n->a = random_tree(a, depth - 1);
		return n;
	case 2:
		n = node(a, COND);
		n->c = random_tree(a, depth - 1);
		break;
	case 3:
		n = node(a, SET);
		n->n = (int64_t)below(NVARS);
		n->text[0] = (char)assigned[below(sizeof(assigned) / sizeof(*assigned))];
		n->a = random_tree(a, depth - 1);
		return n;
	case 4:
		n = node(a, COMPARE);
		n->n = below(6);
		n->a = random_text(a, depth - 1);
		n->b = random_text(a, depth - 1);
		return n;
	case 5:
		n = node(a, LENGTH);
		n->a = random_text(a, depth - 1);
		return n;
	default:
		n = node(a, binary[below(sizeof(binary) / sizeof(*binary))]);
	}
	n->a = random_tree(a, depth - 1);
	n->b = random_tree(a, depth - 1);
	return n;
}

static struct node *random_text(struct arena *a, unsigned depth)
{
	struct node *n = node(a, below(2) ? TEXT_VAR : TEXT);

	if (!depth || !below(3)) {
		n->n = below(NTEXTS);
		for (unsigned i = 0, len = below(4); i < len; i++)
			n->text[i] = (char)('a' + below(3));
		return n;
	}
	n = node(a, (enum op[]){ JOIN, PICK, SPRINT }[below(3)]);
	n->a = n->op == JOIN ? random_text(a, depth - 1) : random_tree(a, depth - 1);
	n->b = n->op == SPRINT ? NULL : random_text(a, depth - 1);
	n->c = n->op == PICK ? random_text(a, depth - 1) : NULL;
	return n;
}

/* ---- text ---- */

static void print(struct buf *b, const struct node *n, int level);

static void print_pair(struct buf *b, const struct node *n, const char *token)
{
	int level = ops[n->op].level;

	print(b, n->a, level);
	buf_printf(b, " %s ", token);
	print(b, n->b, level + 1);
}

static void print_bare(struct buf *b, const struct node *n)
{
	static const char *const compare[] = { "<", "<=", ">", ">=", "==", "!=" };

	switch (n->op) {
	case NUMBER:
		buf_printf(b, "%lld", (long long)n->n);
		break;
	case VAR:
		buf_puts(b, names[n->n]);
		break;
	case PRE:
		buf_printf(b, "%c%c%s", n->text[0], n->text[0], names[n->n]);
		break;
	case POST:
		buf_printf(b, "%s%c%c", names[n->n], n->text[0], n->text[0]);
		break;
	case NEG: case NOT: case COM:
		buf_printf(b, "%s ", ops[n->op].token);	/* apart: - -a is no --a */
		print(b, n->a, 13);
		break;
	case COND: case PICK:
		print(b, n->a, 1);
		buf_puts(b, " ? ");
		print(b, n->b, -1);
		buf_puts(b, " : ");
		print(b, n->c, 0);
		break;
	case SET:
		buf_printf(b, "%s %s= ", names[n->n], n->text[0] == NUMBER ? "" : ops[(int)n->text[0]].token);
		print(b, n->a, -1);
		break;
	case COMPARE:
		buf_putc(b, '(');		/* == binds less tightly than < */
		print(b, n->a, 9);
		buf_printf(b, " %s ", compare[n->n]);
		print(b, n->b, 9);
		buf_putc(b, ')');
		break;
	case LENGTH:
		buf_puts(b, "length_of(");
		print(b, n->a, -1);
		buf_putc(b, ')');
		break;
	case TEXT:
		buf_printf(b, "\"%s\"", n->text);
		break;
	case TEXT_VAR:
		buf_puts(b, texts[n->n]);
		break;
	case SPRINT:
		buf_puts(b, "sprintf(\"%d\", ");
		print(b, n->a, -1);
		buf_putc(b, ')');
		break;
	case DIV: case MOD:	/* by what is never 0 */
		print(b, n->a, 12);
		buf_printf(b, " %s (", ops[n->op].token);
		print(b, n->b, 4);
		buf_puts(b, " | 1)");
		break;
	default:
		print_pair(b, n, ops[n->op].token);
	}
}

static void print(struct buf *b, const struct node *n, int level)
{
	bool paren = ops[n->op].level < level || !below(8);

	if (paren)
		buf_putc(b, '(');
	print_bare(b, n);
	if (paren)
		buf_putc(b, ')');
}

/* ---- values ---- */

static int64_t value(const struct node *n);

static void text_value(const struct node *n, char *to)
{
	char other[TEXT_MAX * 4];

	switch (n->op) {
	case TEXT:
		strcpy(to, n->text);
		break;
	case TEXT_VAR:
		strcpy(to, m.s[n->n]);
		break;
	case SPRINT:
		sprintf(to, "%lld", (long long)value(n->a));
		break;
	case PICK:
		text_value(value(n->a) ? n->b : n->c, to);
		break;
	default:
		text_value(n->a, to);
		text_value(n->b, other);
		strcat(to, other);
	}
}

static int64_t arithmetic(enum op op, int64_t a, int64_t b)
{
	uint64_t x = (uint64_t)a, y = (uint64_t)b;

	switch (op) {
	case MUL: return (int64_t)(x * y);
	case ADD: return (int64_t)(x + y);
	case SUB: return (int64_t)(x - y);
	case SHL: return (int64_t)(x << (y & 63));
	case SHR: return a >> (y & 63);
	case LSHR: return (int64_t)(x >> (y & 63));
	case LT: return a < b;
	case LE: return a <= b;
	case GT: return a > b;
	case GE: return a >= b;
	case EQ: return a == b;
	case NE: return a != b;
	case AND: return a & b;
	case XOR: return a ^ b;
	case OR: return a | b;
	case DIV: return (b | 1) == -1 ? (int64_t)-x : a / (b | 1);
	default: return (b | 1) == -1 ? 0 : a % (b | 1);
	}
}

static int64_t compare_texts(const struct node *n)
{
	char a[TEXT_MAX * 4], b[TEXT_MAX * 4];
	int d;

	text_value(n->a, a);
	text_value(n->b, b);
	d = strcmp(a, b);
	return (int64_t[]){ d < 0, d <= 0, d > 0, d >= 0, !d, d != 0 }[n->n];
}

static int64_t value(const struct node *n)
{
	char text[TEXT_MAX * 4];
	int64_t a, *v = &m.v[n->op == VAR || n->op == PRE || n->op == POST || n->op == SET ? n->n : 0];
	uint64_t by = n->text[0] == '+' ? 1 : ~0ull;

	switch (n->op) {
	case NUMBER: return n->n;
	case VAR: return *v;
	case PRE: return *v = (int64_t)((uint64_t)*v + by);
	case POST: return (a = *v, *v = (int64_t)((uint64_t)*v + by), a);
	case NEG: return (int64_t)-(uint64_t)value(n->a);
	case NOT: return !value(n->a);
	case COM: return ~value(n->a);
	case LAND: return value(n->a) && value(n->b);
	case LOR: return value(n->a) || value(n->b);
	case COND: return value(n->a) ? value(n->b) : value(n->c);
	case SET:
		a = value(n->a);
		return *v = n->text[0] == NUMBER ? a : arithmetic((enum op)n->text[0], *v, a);
	case COMPARE: return compare_texts(n);
	case LENGTH: return (text_value(n->a, text), (int64_t)strlen(text));
	default: return (a = value(n->a), arithmetic(n->op, a, value(n->b)));
	}
}

/* ---- handlers ---- */

static void show(struct buf *body, struct buf *want)
{
	buf_puts(body, "println(a, \" \", b, \" \", c, \" \", d, \" \", s, \" \", s2)");
	buf_printf(want, "%lld %lld %lld %lld %s %s\n", (long long)m.v[0], (long long)m.v[1], (long long)m.v[2],
		   (long long)m.v[3], m.s[0], m.s[1]);
}

static void set_number(struct arena *a, struct buf *body, bool run)
{
	unsigned v = below(NVARS);
	struct node *n = random_tree(a, 3);

	buf_printf(body, "%s = ", names[v]);
	print(body, n, -1);
	buf_puts(body, "; ");
	if (run)
		m.v[v] = value(n);
}

static void set_text(struct arena *a, struct buf *body, bool run)
{
	unsigned v = below(NTEXTS);
	struct node *n = random_text(a, 2);
	char text[TEXT_MAX * 4];
	bool append = !below(4);

	buf_printf(body, "%s %s= ", texts[v], append ? "." : "");
	print(body, n, -1);
	buf_printf(body, "; if (length_of(%s) > 30) %s = \"long\"; ", texts[v], texts[v]);
	if (!run)
		return;
	text_value(n, text);
	if (!append)
		m.s[v][0] = '\0';
	strcat(m.s[v], text);
	if (strlen(m.s[v]) > 30)
		strcpy(m.s[v], "long");
}

static void statement(struct arena *a, struct buf *body, unsigned depth, bool run)
{
	struct node *n;
	bool yes;

	switch (below(depth ? 5 : 3)) {
	case 0:
		set_text(a, body, run);
		break;
	case 3:
		n = random_tree(a, 2);
		buf_puts(body, "if (");
		print(body, n, -1);
		buf_puts(body, ") { ");
		yes = run && value(n);
		statement(a, body, depth - 1, yes);
		buf_puts(body, "} else { ");
		statement(a, body, depth - 1, run && !yes);
		buf_puts(body, "} ");
		break;
	default:
		set_number(a, body, run);
	}
}

void random_case(struct arena *a, uint32_t number, const char **body, const char **want)
{
	struct buf text = { 0 }, out = { 0 };

	seed = number * 2654435761u + 12345;
	memset(&m, 0, sizeof(m));
	buf_puts(&text, "a = 5; b = -3; c = 1 << 40; d = 0; s = \"x\"; s2 = \"\"; ");
	m.v[0] = 5;
	m.v[1] = -3;
	m.v[2] = 1ll << 40;
	strcpy(m.s[0], "x");
	for (unsigned i = 0; i < 4; i++)
		statement(a, &text, 2, true);
	show(&text, &out);
	*body = arena_strdup(a, buf_text(&text));
	*want = arena_strdup(a, buf_text(&out));
	buf_deinit(&text);
	buf_deinit(&out);
}
