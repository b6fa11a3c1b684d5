/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages with their places: text, source line, caret, the chain of uses a place came through.
 * Assumes that sources outlive the messages about them.  Must not decide what is an error.
 */
#include "base/diag.h"
#include "base/buf.h"
#include "base/strmap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *word;
	enum diag_colour colour;
} kinds[] = {
	[DIAG_PARSE] = { "parse error: ", DIAG_COL_ERROR },
	[DIAG_SEMANTIC] = { "semantic error: ", DIAG_COL_ERROR },
	[DIAG_ERROR] = { "ERROR: ", DIAG_COL_ERROR },
	[DIAG_WARNING] = { "WARNING: ", DIAG_COL_WARNING },
};

void diag_init(struct diag *d, FILE *out)
{
	*d = (struct diag){ .out = out };
	arena_init(&d->arena, "diag");
	d->seen = arena_new(&d->arena, struct strmap);
}

void diag_deinit(struct diag *d)
{
	strmap_deinit(d->seen);
	arena_deinit(&d->arena);
}

/* One KEY=VALUE of $SYSTEMTAP_COLORS, N bytes. */
static bool set_colour(struct diag *d, const char *item, size_t n)
{
	static const char *const keys[] = { "error", "warning", "source", "caret", "token" };

	for (int i = 0; i < DIAG_NCOLOURS; i++) {
		size_t k = strlen(keys[i]);

		if (n <= k + 1 || strncmp(item, keys[i], k) || item[k] != '=')
			continue;
		item += k + 1;
		n -= k + 1;
		if (strspn(item, "0123456789;") < n || n > 16)
			return false;
		snprintf(d->sgr[i], sizeof(d->sgr[i]), "\033[%.*sm", (int)n, item);
		return true;
	}
	return false;
}

void diag_set_colours(struct diag *d, const char *spec)
{
	if (!spec)
		spec = "error=01;31:warning=00;33:source=00;34:caret=01:token=01";
	d->colour = *spec;
	memset(d->sgr, 0, sizeof(d->sgr));
	for (size_t n; d->colour && *spec; spec += n + (spec[n] == ':')) {
		n = strcspn(spec, ":");
		d->colour = set_colour(d, spec, n);
	}
}

void diag_like(struct diag *ret, const struct diag *d)
{
	ret->colour = d->colour;
	ret->show_tags = d->show_tags;
	memcpy(ret->sgr, d->sgr, sizeof(d->sgr));
}

/* N bytes of TEXT in COLOUR. */
static void put(const struct diag *d, struct buf *b, enum diag_colour colour, const char *text, size_t n)
{
	bool on = d->colour && *d->sgr[colour] && n;

	if (on)
		buf_puts(b, d->sgr[colour]);
	buf_add(b, text, n);
	if (on)
		buf_puts(b, "\033[0m");
}

/* Start and end (without the newline) of the line that holds OFF. */
static void line_around(const struct source *src, uint32_t off, uint32_t *start, uint32_t *end)
{
	uint32_t s = off < src->size ? off : (uint32_t)src->size, e = s;

	while (s && src->text[s - 1] != '\n')
		s--;
	while (e < src->size && src->text[e] != '\n' && src->text[e] != '\r')
		e++;
	*start = s;
	*end = e;
}

/*
 * Lines are counted from the last one asked for: messages and texts of places go through a source mostly in
 * order, and from its start each time would take time that is square in its size.
 */
void place_line_col(const struct place *p, unsigned *line, unsigned *col)
{
	struct source *src = (struct source *)p->src;	/* for its memo alone */
	uint32_t start, end, at;

	*line = 1;
	*col = 1;
	if (!src)
		return;
	line_around(src, p->off, &start, &end);
	for (at = src->memo.off; at < start; at++)
		src->memo.line += src->text[at] == '\n';
	for (; at > start; at--)
		src->memo.line -= src->text[at - 1] == '\n';
	src->memo.off = start;
	*line = src->memo.line + 1;
	*col = p->off - start + 1;
}

const char *place_str(struct arena *a, const struct place *p)
{
	unsigned line, col;

	if (!p || !p->src)
		return "<unknown>";
	place_line_col(p, &line, &col);
	return arena_printf(a, "%s:%u:%u", p->src->name, line, col);
}

/* The source line with a caret under the first byte, a tilde under the rest of the range. */
static void show_place(const struct diag *d, struct buf *b, const struct place *p)
{
	const char *text = p->src->text;
	uint32_t start, end, from, to;
	struct buf caret = { 0 };

	line_around(p->src, p->off, &start, &end);
	from = p->off < end ? p->off : end;
	to = end - from > p->len ? from + p->len : end;
	buf_puts(b, "        source: ");
	buf_add(b, text + start, from - start);
	put(d, b, DIAG_COL_TOKEN, text + from, to - from);
	buf_add(b, text + to, end - to);
	buf_puts(b, "\n                ");
	for (uint32_t i = start; i < from; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)	/* one column per UTF-8 character */
			buf_putc(b, text[i] == '\t' ? '\t' : ' ');
	buf_putc(&caret, '^');
	for (uint32_t i = from + 1; i < to; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			buf_putc(&caret, '~');
	put(d, b, DIAG_COL_CARET, caret.p, caret.n);
	buf_putc(b, '\n');
	buf_deinit(&caret);
}

/* The message: its place in colour, its tag behind the first line. */
static void show_text(struct diag *d, struct buf *b, const char *tag, const struct place *p, const char *text)
{
	const char *at = p && p->src ? place_str(&d->arena, p) : "";
	const char *in_text = *at ? strstr(text, at) : NULL;
	size_t first = strcspn(text, "\n");
	struct buf all = { 0 };

	buf_add(&all, text, first);
	if (*at && !in_text)
		buf_printf(&all, ": at %s", at);
	if (d->show_tags)
		buf_printf(&all, "  [%s]", tag);
	buf_puts(&all, text + first);
	in_text = *at ? strstr(buf_text(&all), at) : NULL;
	if (in_text) {
		buf_add(b, all.p, (size_t)(in_text - all.p));
		put(d, b, DIAG_COL_SOURCE, at, strlen(at));
		buf_puts(b, in_text + strlen(at));
	} else {
		buf_puts(b, buf_text(&all));
	}
	buf_putc(b, '\n');
	buf_deinit(&all);
}

static void show_chain(struct diag *d, struct buf *b, const struct place *p)
{
	show_place(d, b, p);
	for (const struct place *v = p->via; v && v->src; v = v->via) {
		buf_printf(b, "        in expansion at: %s\n", place_str(&d->arena, v));
		show_place(d, b, v);
	}
}

/* Print unless the same message was shown before; true when it was printed. */
static bool emit(struct diag *d, enum diag_kind kind, const char *tag, const struct place *p,
		 const struct place *other, const char *text)
{
	struct buf b = { 0 };
	bool fresh;

#ifdef __SANITIZE_ADDRESS__
	if (!diag_has_tag(tag)) {	/* a test build: every message is in the catalogue */
		fprintf(stderr, "diag.def has no '%s'\n", tag);
		abort();
	}
#endif
	put(d, &b, kinds[kind].colour, kinds[kind].word, strcspn(kinds[kind].word, ":") + 1);
	buf_putc(&b, ' ');
	show_text(d, &b, tag, p, text);
	if (p && p->src)
		show_chain(d, &b, p);
	if (other && other->src) {
		buf_printf(&b, "        the other place: %s\n", place_str(&d->arena, other));
		show_chain(d, &b, other);
	}
	fresh = !strmap_has(d->seen, buf_text(&b));
	if (fresh) {
		strmap_put(d->seen, arena_strdup(&d->arena, buf_text(&b)), d);
		fputs(buf_text(&b), d->out);
	}
	buf_deinit(&b);
	return fresh;
}

bool diag_error2(struct diag *d, enum diag_kind kind, const char *tag, const struct place *p,
		 const struct place *other, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(d, kind, tag, p, other, arena_vprintf(&d->arena, fmt, ap));
	va_end(ap);
	d->errors++;
	return false;
}

bool diag_error(struct diag *d, enum diag_kind kind, const char *tag, const struct place *p,
		const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(d, kind, tag, p, NULL, arena_vprintf(&d->arena, fmt, ap));
	va_end(ap);
	d->errors++;
	return false;
}

void diag_warn(struct diag *d, const char *tag, const struct place *p, const char *fmt, ...)
{
	va_list ap;

	if (d->no_warnings && !d->werror)
		return;
	va_start(ap, fmt);
	if (emit(d, DIAG_WARNING, tag, p, NULL, arena_vprintf(&d->arena, fmt, ap)))
		d->warnings++;
	va_end(ap);
	if (d->werror)
		d->errors++;
}

void diag_hint(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("        ", d->out);
	vfprintf(d->out, fmt, ap);
	fputc('\n', d->out);
	va_end(ap);
}

void diag_progress(const char *what, unsigned percent)
{
	if (!isatty(2))
		return;
	if (percent < 100)
		fprintf(stderr, "\r\033[K%s ... %u %%", what, percent);
	else
		fputs("\r\033[K", stderr);
}
