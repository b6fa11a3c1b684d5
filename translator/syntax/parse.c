/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parser's tokens, its errors, and the loop over declarations.
 *
 * Recursive descent with two tokens of look-ahead; each token is taken once.  After an error the
 * rest of the declaration is passed over, up to a word that can only start the next one.
 */
#include "syntax/parse.h"

#include <string.h>

static void fill(struct parser *p, unsigned n)
{
	while (p->nahead < n)
		p->ahead[p->nahead++] = pp_next(p->pp);
}

const struct token *peek(struct parser *p)
{
	fill(p, 1);
	return &p->ahead[0];
}

const struct token *peek2(struct parser *p)
{
	fill(p, 2);
	return &p->ahead[1];
}

struct token take(struct parser *p)
{
	p->last = *peek(p);
	p->ahead[0] = p->ahead[1];
	p->nahead--;
	return p->last;
}

bool at_kind(struct parser *p, int kind)
{
	return peek(p)->kind == kind;
}

bool at_word(struct parser *p, const char *keyword)
{
	return at_kind(p, TOK_KEYWORD) && !strcmp(peek(p)->text, keyword);
}

bool accept(struct parser *p, int kind)
{
	if (!at_kind(p, kind))
		return false;
	take(p);
	return true;
}

bool accept_word(struct parser *p, const char *keyword)
{
	if (!at_word(p, keyword))
		return false;
	take(p);
	return true;
}

bool expect(struct parser *p, int kind, const char *what)
{
	return accept(p, kind) || fail_here(p, arena_printf(p->a, "expected %s", what));
}

bool expect_word(struct parser *p, const char *keyword)
{
	return accept_word(p, keyword) ||
	       fail_here(p, arena_printf(p->a, "expected '%s'", keyword));
}

bool fail_at(struct parser *p, const struct token *t, const char *what)
{
	p->errors++;
	return token_error(p->a, p->d, t, "syntax", what);
}

bool fail_here(struct parser *p, const char *what)
{
	return fail_at(p, peek(p), what);
}

void hint_similar(struct parser *p, const char *word, const char *const *words, size_t n)
{
	unsigned best = strlen(word) > 3 ? 3 : 2;	/* not as near as this */
	const char *near = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned d = str_distance(word, words[i], best);

		if (d < best) {
			best = d;
			near = words[i];
		}
	}
	if (near)
		diag_hint(p->d, "did you mean '%s'?", near);
}

bool enter(struct parser *p)
{
	if (p->depth >= AST_DEPTH_MAX)
		return fail_here(p, arena_printf(p->a, "nested too deep: more than %d levels",
						 AST_DEPTH_MAX));
	p->depth++;
	return true;
}

void leave(struct parser *p)
{
	p->depth--;
}

struct place place_between(const struct place *from, const struct place *to)
{
	struct place r = *from;

	if (from->src == to->src && from->via == to->via && to->off >= from->off)
		r.len = to->off + to->len - from->off;
	return r;
}

bool may_embed(struct parser *p, const struct token *t, const char *why_not)
{
	const struct source *src = t->place.src;	/* a tapset's macro may have brought it */

	return src->tapset || src->guru || fail_at(p, t, why_not);
}

struct token take_strings(struct parser *p)
{
	struct token t = take(p);
	struct buf b = { 0 };

	if (!at_kind(p, TOK_STRING))
		return t;
	buf_add(&b, t.text, t.len);
	while (at_kind(p, TOK_STRING)) {
		struct token next = take(p);

		buf_add(&b, next.text, next.len);
		t.place = place_between(&t.place, &next.place);
	}
	t.len = b.n;
	t.text = arena_strndup(p->a, "", 0);
	if (b.n) {
		char *copy = arena_alloc(p->a, b.n + 1);

		memcpy(copy, b.p, b.n);
		t.text = copy;
	}
	buf_deinit(&b);
	return t;
}

static bool starts_line(const struct token *t)
{
	const struct source *src = t->place.src;
	uint32_t at = t->place.off;

	while (at && (src->text[at - 1] == ' ' || src->text[at - 1] == '\t'))
		at--;
	return !at || src->text[at - 1] == '\n';
}

static bool gave_up(const struct parser *p)
{
	return pp_errors(p->pp) >= ERRORS_MAX;
}

/*
 * Go on at a word that starts a declaration: one at the start of a line or behind a body.  Such
 * words also occur as parts of probe points (`kernel.function`) and misplaced in bodies.
 */
static void resync(struct parser *p)
{
	int before = TOK_EOF;

	p->depth = 0;
	while (!gave_up(p) && !at_kind(p, TOK_EOF)) {
		if ((at_word(p, "probe") || at_word(p, "function") || at_word(p, "global") ||
		     at_word(p, "private")) &&
		    (before == TOK_RBRACE || starts_line(peek(p))))
			return;
		before = take(p).kind;
	}
}

static bool parse_decls(struct parser *p)
{
	if (p->src->size >= UINT32_MAX)
		return diag_error(p->d, DIAG_PARSE, "too-large", NULL, "%s is larger than 4 GiB",
				  p->src->name);
	while (!gave_up(p) && !at_kind(p, TOK_EOF))
		if (!parse_decl(p))
			resync(p);
	if (gave_up(p))
		diag_hint(p->d, "giving up on %s after %d errors", p->src->name, ERRORS_MAX);
	else if (!p->errors && !pp_failed(p->pp) && !p->script->decls.n && !p->src->tapset &&
		 !pp_ndefines(p->pp))
		diag_error(p->d, DIAG_PARSE, "empty", NULL, "Input file '%s' is empty or missing.",
			   p->src->name);
	return !pp_errors(p->pp) && !p->errors && !pp_failed(p->pp);
}

struct script *parse_script(struct arena *a, struct diag *d, const struct source *src,
			    const struct pp_env *env)
{
	struct parser p = { .a = a, .d = d, .src = src, .env = env };
	bool ok;

	p.pp = pp_open(a, d, src, env, false);
	p.script = arena_new(a, struct script);
	p.script->src = src;
	ok = parse_decls(&p);
	pp_close(p.pp);
	strmap_deinit(&p.globals);
	return ok ? p.script : NULL;
}
