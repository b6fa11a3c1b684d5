/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages with their places: text, source line, caret, the chain of uses a place came through.
 * Assumes that sources outlive the messages about them.  Must not decide what is an error.
 */
#include "base/diag.h"
#include "base/buf.h"
#include "base/strmap.h"

#include <string.h>
#include <unistd.h>

static const struct {
	const char *word, *colour;
} kinds[] = {
	[DIAG_PARSE] = { "parse error: ", "\033[01;31m" },
	[DIAG_SEMANTIC] = { "semantic error: ", "\033[01;31m" },
	[DIAG_ERROR] = { "ERROR: ", "\033[01;31m" },
	[DIAG_WARNING] = { "WARNING: ", "\033[00;33m" },
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

static uint32_t part_size(const struct source *s)
{
	return (uint32_t)(s->size / SOURCE_PARTS + 1);
}

static void count_lines(struct source *s)
{
	uint32_t part = part_size(s), n = 0;

	for (size_t i = 0; i < s->size; i++) {
		if (i % part == 0)
			s->lines_before[i / part] = n;
		n += s->text[i] == '\n';
	}
	s->counted = true;
}

void place_line_col(const struct place *p, unsigned *line, unsigned *col)
{
	uint32_t start, end, part;

	*line = 1;
	*col = 1;
	if (!p->src)
		return;
	if (!p->src->counted)		/* the text is given, what is known of it grows */
		count_lines((struct source *)p->src);
	line_around(p->src, p->off, &start, &end);
	part = start / part_size(p->src);
	if (part >= SOURCE_PARTS || start >= p->src->size)
		part = p->src->size ? (uint32_t)(p->src->size - 1) / part_size(p->src) : 0;
	*line += p->src->lines_before[part];
	for (uint32_t i = part * part_size(p->src); i < start; i++)
		*line += p->src->text[i] == '\n';
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
static void show_place(struct diag *d, struct buf *b, const struct place *p)
{
	uint32_t start, end, n;

	line_around(p->src, p->off, &start, &end);
	buf_puts(b, "        source: ");
	buf_add(b, p->src->text + start, end - start);
	buf_puts(b, "\n                ");
	for (uint32_t i = start; i < p->off && i < end; i++)
		if (((unsigned char)p->src->text[i] & 0xc0) != 0x80)	/* one column per UTF-8 character */
			buf_putc(b, p->src->text[i] == '\t' ? '\t' : ' ');
	buf_puts(b, d->colour ? "\033[01;32m^" : "^");
	n = p->len;
	for (uint32_t i = p->off + 1; n > 1 && i < p->off + n && i < end; i++)
		if (((unsigned char)p->src->text[i] & 0xc0) != 0x80)
			buf_putc(b, '~');
	buf_puts(b, d->colour ? "\033[0m\n" : "\n");
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
static bool emit(struct diag *d, enum diag_kind kind, const struct place *p,
		 const struct place *other, const char *text)
{
	struct buf b = { 0 };
	bool fresh;

	if (d->colour)
		buf_printf(&b, "%s%s\033[0m%s", kinds[kind].colour, kinds[kind].word, text);
	else
		buf_printf(&b, "%s%s", kinds[kind].word, text);
	if (p && p->src && !strstr(text, place_str(&d->arena, p)))
		buf_printf(&b, ": at %s", place_str(&d->arena, p));
	buf_putc(&b, '\n');
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

	(void)tag;	/* the catalogue of tags is not written yet */
	va_start(ap, fmt);
	emit(d, kind, p, other, arena_vprintf(&d->arena, fmt, ap));
	va_end(ap);
	d->errors++;
	return false;
}

bool diag_error(struct diag *d, enum diag_kind kind, const char *tag, const struct place *p,
		const char *fmt, ...)
{
	va_list ap;

	(void)tag;
	va_start(ap, fmt);
	emit(d, kind, p, NULL, arena_vprintf(&d->arena, fmt, ap));
	va_end(ap);
	d->errors++;
	return false;
}

void diag_warn(struct diag *d, const char *tag, const struct place *p, const char *fmt, ...)
{
	va_list ap;

	(void)tag;
	if (d->no_warnings && !d->werror)
		return;
	va_start(ap, fmt);
	if (emit(d, DIAG_WARNING, p, NULL, arena_vprintf(&d->arena, fmt, ap)))
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
