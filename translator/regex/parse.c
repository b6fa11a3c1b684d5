/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pattern to a tree: POSIX extended regular expressions as regex(7) states them.
 *
 * Where POSIX leaves the meaning open - `*` with nothing in front, `{` that is no bound, an escape
 * of a letter, an open bracket - the pattern is refused rather than guessed at.
 */
#include "regex/nfa.h"

#include <ctype.h>
#include <string.h>

#define DEPTH_MAX 100
#define REPEAT_MAX 255	/* RE_DUP_MAX as POSIX has it at least */

static void *fail(struct rx_parser *p, const char *why)
{
	if (!p->why)
		p->why = why;
	return NULL;
}

static int look(const struct rx_parser *p)
{
	return p->i < p->n ? (unsigned char)p->s[p->i] : -1;
}

static bool accept(struct rx_parser *p, char c)
{
	if (look(p) != (unsigned char)c)
		return false;
	p->i++;
	return true;
}

static struct node *node_new(struct rx_parser *p, enum node_kind kind)
{
	struct node *n = arena_new(p->a, struct node);

	n->kind = kind;
	return n;
}

static void set_add(struct byte_set *s, unsigned c)
{
	s->w[c / 32] |= 1u << (c % 32);
}

/* Everything but S, and never NUL: that ends a string. */
static void set_invert(struct byte_set *s)
{
	for (int i = 0; i < 8; i++)
		s->w[i] = ~s->w[i];
	s->w[0] &= ~1u;
}

static struct node *one_byte(struct rx_parser *p, unsigned c)
{
	struct node *n = node_new(p, RX_SET);

	set_add(&n->set, c);
	return n;
}

/* ASCII whatever the locale is: the same script has to mean the same everywhere. */
static bool in_class(const char *name, size_t n, int c)
{
	bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
	bool digit = c >= '0' && c <= '9';
	bool graph = c > 0x20 && c < 0x7f;

#define IS(word) (n == sizeof(word) - 1 && !memcmp(name, word, n))
	if (IS("upper")) return upper;
	if (IS("lower")) return lower;
	if (IS("alpha")) return upper || lower;
	if (IS("digit")) return digit;
	if (IS("alnum")) return upper || lower || digit;
	if (IS("xdigit")) return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	if (IS("space")) return c == ' ' || (c >= '\t' && c <= '\r');
	if (IS("blank")) return c == ' ' || c == '\t';
	if (IS("graph")) return graph;
	if (IS("print")) return graph || c == ' ';
	if (IS("punct")) return graph && !upper && !lower && !digit;
	if (IS("cntrl")) return c < 0x20 || c == 0x7f;
#undef IS
	return false;
}

static bool add_class(struct byte_set *s, const char *name, size_t n)
{
	bool any = false;

	for (int c = 1; c < 0x80; c++)
		if (in_class(name, n, c)) {
			set_add(s, (unsigned)c);
			any = true;
		}
	return any;
}

/* `[:alpha:]` inside brackets, the `[` taken and `:` ahead. */
static bool bracket_class(struct rx_parser *p, struct byte_set *s)
{
	const char *start = p->s + ++p->i;
	const char *end = memmem(start, p->n - p->i, ":]", 2);

	if (!end || !add_class(s, start, (size_t)(end - start)))
		return fail(p, "unknown character class");
	p->i += (size_t)(end - start) + 2;
	return true;
}

static bool bracket_range(struct rx_parser *p, struct byte_set *s, int from)
{
	int to;

	p->i++;		/* the - */
	to = look(p);
	if (to == '[')
		return fail(p, "unsupported end of a range");
	if (to < from)
		return fail(p, "invalid range end");
	p->i++;
	for (int c = from; c <= to; c++)
		set_add(s, (unsigned)c);
	return true;
}

static struct node *parse_bracket(struct rx_parser *p)
{
	struct node *n = node_new(p, RX_SET);
	bool negated = accept(p, '^'), first = true;

	for (;; first = false) {
		int c = look(p);

		if (c < 0)
			return fail(p, "unmatched [");
		p->i++;
		if (c == ']' && !first)
			break;
		if (c == '[' && look(p) == ':') {
			if (!bracket_class(p, &n->set))
				return NULL;
		} else if (c == '[' && (look(p) == '.' || look(p) == '=')) {
			return fail(p, "collating elements are not supported");
		} else if (look(p) == '-' && p->i + 1 < p->n && p->s[p->i + 1] != ']') {
			if (!bracket_range(p, &n->set, c))
				return NULL;
		} else {
			set_add(&n->set, (unsigned)c);
		}
	}
	if (negated)
		set_invert(&n->set);
	return n;
}

static struct node *parse_escape(struct rx_parser *p)
{
	struct node *n;
	int c = look(p);

	if (c < 0)
		return fail(p, "trailing backslash");
	if (c >= '1' && c <= '9')
		return fail(p, "reuse of a subexpression (\\1) is not supported");
	if (!isalnum(c) && c != '<' && c != '>' && c != '`' && c != '\'') {
		p->i++;
		return one_byte(p, (unsigned)c);
	}
	if (!strchr("wWsS", c))
		return fail(p, "this escape is not supported in a regular expression");
	p->i++;
	n = node_new(p, RX_SET);
	add_class(&n->set, c == 'w' || c == 'W' ? "alnum" : "space", 5);
	if (c == 'w' || c == 'W')
		set_add(&n->set, '_');
	if (c == 'W' || c == 'S')
		set_invert(&n->set);
	return n;
}

static struct node *parse_alternatives(struct rx_parser *p);

static struct node *parse_group(struct rx_parser *p)
{
	struct node *group = node_new(p, RX_GROUP), *n;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deep");
	group->group = ++p->groups;
	n = parse_alternatives(p);
	p->depth--;
	if (n && !accept(p, ')'))
		return fail(p, "unmatched (");
	*vec_add(p->a, &group->kids) = n;
	return n ? group : NULL;
}

static struct node *parse_atom(struct rx_parser *p)
{
	struct node *n;
	int c = look(p);

	switch (c) {
	case '*': case '+': case '?': case '{':
		return fail(p, "nothing to repeat");
	case ')':
		return fail(p, "unmatched )");
	}
	p->i++;
	switch (c) {
	case '(': return parse_group(p);
	case '[': return parse_bracket(p);
	case '\\': return parse_escape(p);
	case '^': return node_new(p, RX_START);
	case '$': return node_new(p, RX_END);
	case '.':
		n = node_new(p, RX_SET);
		set_invert(&n->set);
		return n;
	default: return one_byte(p, (unsigned)c);
	}
}

/* A number of a bound; -1 when there is none, REPEAT_MAX + 1 when it is larger than that. */
static int parse_count(struct rx_parser *p)
{
	int v = -1;

	for (; look(p) >= '0' && look(p) <= '9'; p->i++) {
		v = (v < 0 ? 0 : v) * 10 + look(p) - '0';
		if (v > REPEAT_MAX)
			v = REPEAT_MAX + 1;
	}
	return v;
}

static bool parse_bound(struct rx_parser *p, struct node *n)
{
	n->min = n->max = parse_count(p);
	if (n->min < 0)
		return fail(p, "expected a number in {}");
	if (accept(p, ','))
		n->max = parse_count(p);
	if (!accept(p, '}'))
		return fail(p, "unmatched {");
	if (n->min > REPEAT_MAX || n->max > REPEAT_MAX || (n->max >= 0 && n->max < n->min))
		return fail(p, "invalid count in {}");
	return true;
}

/* At most once, or any number of times, or that and once at least. */
static bool is_plain(const struct node *n)
{
	return n->kind == RX_REPEAT && n->min <= 1 && (n->max == 1 || n->max < 0);
}

/* The repetition R of ATOM; of a plain one a plain one is a third, so that x+?*+ does not nest. */
static struct node *repeat(struct rx_parser *p, struct node *atom, struct node *r)
{
	if (!is_plain(atom) || !is_plain(r)) {
		*vec_add(p->a, &r->kids) = atom;
		return r;
	}
	atom->min &= r->min;
	if (r->max < 0)
		atom->max = -1;
	return atom;
}

/* The repetitions behind ATOM. */
static struct node *parse_repeats(struct rx_parser *p, struct node *atom)
{
	unsigned n = 0;

	while (atom && strchr("*+?{", look(p) > 0 ? look(p) : ' ')) {
		struct node *r = node_new(p, RX_REPEAT);

		if ((atom->kind == RX_START || atom->kind == RX_END) || ++n > DEPTH_MAX)
			return fail(p, "nothing to repeat");
		r->min = look(p) == '+';
		r->max = look(p) == '?' ? 1 : -1;
		if (p->s[p->i++] == '{' && !parse_bound(p, r))
			return NULL;
		atom = repeat(p, atom, r);
	}
	return atom;
}

static struct node *parse_sequence(struct rx_parser *p)
{
	struct node *n = node_new(p, RX_SEQ), *kid;

	while (look(p) >= 0 && look(p) != '|' && !(look(p) == ')' && p->depth)) {
		kid = parse_repeats(p, parse_atom(p));
		if (!kid)
			return NULL;
		*vec_add(p->a, &n->kids) = kid;
	}
	return n;
}

static struct node *parse_alternatives(struct rx_parser *p)
{
	struct node *n = node_new(p, RX_ALT), *kid;

	do {
		kid = parse_sequence(p);
		if (!kid)
			return NULL;
		*vec_add(p->a, &n->kids) = kid;
	} while (accept(p, '|'));
	return n;
}

struct node *rx_parse(struct rx_parser *p)
{
	if (memchr(p->s, '\0', p->n))
		return fail(p, "a NUL byte cannot match");
	return parse_alternatives(p);
}
