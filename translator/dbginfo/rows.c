// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Line rows as bytes of the index: which file and line the code at an address comes from.
 *
 * A unit's rows are runs of ascending addresses (sequences, DWARF 5, 6.2.5).  A row is a byte of flags with
 * the distance to the row before, then what did not fit or has changed; a sequence begins anew, so it can be
 * read without those before it.  Kept are the rows that begin a statement, and of the others those that
 * change file or line.  Of 6.1's vmlinux, four million rows before that, they are 6.8 MB.
 */
#include <string.h>

#include "dbginfo/private.h"

enum {
	DISTANCE = 15,		/* bits of the first byte; all set: a number follows */
	STATEMENT = 16,
	SAME_LINE = 32,		/* else the difference follows */
	OTHER_FILE = 64,	/* its number follows */
	END = 128,		/* of the sequence: no code from here on */
};

void row_number(struct buf *b, uint64_t n)
{
	for (; n > 127; n >>= 7)
		buf_putc(b, (char)(n | 128));
	buf_putc(b, (char)n);
}

bool row_take(const unsigned char **p, const unsigned char *end, uint64_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; *p < end; shift += 7) {
		unsigned char byte = *(*p)++;

		if (shift < 64)
			*ret |= (uint64_t)(byte & 127) << shift;
		if (!(byte & 128))
			return true;
	}
	return false;
}

static uint64_t fold(int64_t n)
{
	return (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
}

static int64_t unfold(uint64_t n)
{
	return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

static void row_put(struct buf *b, const struct line_row *before, const struct line_row *r)
{
	uint64_t distance = r->addr - before->addr;
	unsigned flags = (distance < DISTANCE ? distance : DISTANCE) | (r->stmt ? STATEMENT : 0) |
			 (r->line == before->line ? SAME_LINE : 0) | (r->file != before->file ? OTHER_FILE : 0) |
			 (r->end ? END : 0);

	buf_putc(b, (char)flags);
	if (distance >= DISTANCE)
		row_number(b, distance);
	if (r->line != before->line)
		row_number(b, fold((int64_t)r->line - before->line));
	if (r->file != before->file)
		row_number(b, r->file);
}

/* The number of a row's file, which is the one files_of() counts by. */
static bool file_number(Dwarf_Files *files, size_t n, Dwarf_Line *l, uint32_t *ret)
{
	Dwarf_Files *own;
	size_t i;

	if (dwarf_line_file(l, &own, &i) || own != files || i >= n)
		return false;
	*ret = i;
	return true;
}

void rows_of_unit(struct dbg_object *o, Dwarf_Die *cu, struct buf *ret)
{
	size_t nfile = files_of(o, cu)->n, n, unused;
	struct line_row before = { 0 };
	Dwarf_Files *files;
	Dwarf_Lines *rows;

	if (dwarf_getsrcfiles(cu, &files, &unused) || dwarf_getsrclines(cu, &rows, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *l = dwarf_onesrcline(rows, i);
		struct line_row r = { 0 };
		Dwarf_Addr addr;
		int line;

		if (dwarf_lineaddr(l, &addr) || addr < before.addr || dwarf_lineno(l, &line) || line < 0 ||
		    dwarf_linebeginstatement(l, &r.stmt) || dwarf_lineendsequence(l, &r.end))
			continue;
		/* libdw sorts the end of a sequence before a row at its address: that one is no beginning. */
		if (!before.addr && dwarf_haspc(cu, addr) == 0)
			continue;
		r.addr = addr;
		r.line = line;
		r.file = before.file;
		if (r.end ? !before.addr : !file_number(files, nfile, l, &r.file) ||
		    (!r.stmt && r.line == before.line && r.file == before.file))
			continue;
		row_put(ret, &before, &r);
		before = r.end ? (struct line_row){ 0 } : r;
	}
}

bool row_next(struct row_reader *r)
{
	struct line_row *row = &r->row;
	unsigned flags;
	uint64_t n;

	if (r->p >= r->end)
		return false;
	if (row->end || !r->sequence) {
		*row = (struct line_row){ 0 };
		r->sequence = r->p;
	}
	flags = *r->p++;
	n = flags & DISTANCE;
	if (n == DISTANCE && !row_take(&r->p, r->end, &n))
		return false;
	row->addr += n;
	if (!(flags & SAME_LINE)) {
		if (!row_take(&r->p, r->end, &n))
			return false;
		row->line += (uint32_t)unfold(n);
	}
	if (flags & OTHER_FILE) {
		if (!row_take(&r->p, r->end, &n))
			return false;
		row->file = n;
	}
	row->stmt = flags & STATEMENT;
	row->end = flags & END;
	return true;
}

bool rows_first(const struct index *ix, const struct ix_unit *u, struct row_reader *r)
{
	*r = (struct row_reader){ 0 };
	if (u->row > ix->nrow || u->nrow > ix->nrow - u->row)
		return false;
	r->p = ix->row + u->row;
	r->end = r->p + u->nrow;
	return true;
}

const char *row_file(const struct index *ix, const struct ix_unit *u, const struct row_reader *r)
{
	uint32_t i = u->first + r->row.file;

	return r->row.file < u->n && i < ix->nfile ? ix_str(ix, ix->file[i]) : NULL;
}
