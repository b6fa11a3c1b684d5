/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping the whole of $SYSTEMTAP_DIR within its limit: what other rooms put there is given a row,
 * the least recently used goes first, --clean-cache takes all, --cache shows what there is.
 *
 * The limit is DIR/cache/cache_mb_limit, in megabytes, as SystemTap has it; the file is made with the
 * default for people to find.
 */
#include "cache/rows.h"
#include "base/proc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_LIMIT_MB = 512, SWEEP_SECONDS = 600, MAX_DEPTH = 3 };

/* Where things are kept, below DIR, and what a thing without a row is called. */
static const struct shelf { const char *dir, *kind; } shelves[] = {
	{ "cache/runtime", "runtime" }, { "index", "index" }, { "image", "image" }, { "cache", "other" },
};

enum { NSHELVES = sizeof(shelves) / sizeof(*shelves) };

/* Bytes of a file, or of all files in a folder; -1 when it is not there. */
static int64_t size_of(struct cache *c, const char *path, int depth)
{
	struct stat st;
	struct dirent *e;
	int64_t sum = 0;
	DIR *d;

	if (lstat(path, &st))
		return -1;
	if (!S_ISDIR(st.st_mode))
		return st.st_size;
	d = depth < MAX_DEPTH ? opendir(path) : NULL;
	while (d && (e = readdir(d))) {
		int64_t n = -1;

		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			n = size_of(c, arena_printf(c->arena, "%s/%s", path, e->d_name), depth + 1);
		sum += n > 0 ? n : 0;
	}
	if (d)
		closedir(d);
	return sum;
}

static const char *below_top(struct cache *c, const char *path)
{
	size_t n = strlen(c->top);

	return !strncmp(path, c->top, n) && path[n] == '/' ? path + n + 1 : NULL;
}

void cache_used(struct cache *c, const char *kind, const char *const *path, size_t n)
{
	int64_t now = time(NULL);

	if (!c)
		return;
	for (size_t i = 0; i < n; i++) {
		const char *rel = below_top(c, path[i]);
		int64_t size = rel ? size_of(c, path[i], 0) : -1, had = -1, used = 0;
		sqlite3_stmt *st;

		if (size < 0)
			continue;
		st = cache_query(c, "SELECT size, used FROM item WHERE key=?", rel, NULL, 0, 0);
		if (st && sqlite3_step(st) == SQLITE_ROW) {
			had = sqlite3_column_int64(st, 0);
			used = sqlite3_column_int64(st, 1);
		}
		sqlite3_finalize(st);
		if (had != size || now - used > USED_STEP || used > now)
			cache_row(c, rel, kind, rel, size, now);
		if (had != size)
			cache_evict(c, rel);
	}
}

/* Ours to count: not the index itself, locks, the limit. */
static bool is_content(const char *dir, const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, ".lock"))
		return false;
	if (strcmp(dir, "cache"))
		return true;
	return strncmp(name, "index.sqlite", 12) && strcmp(name, "cache_mb_limit") &&
	       strcmp(name, "runtime") && !strstr(name, ".lock");
}

/* STEP for each thing of a shelf. */
static void each_thing(struct cache *c, const struct shelf *p,
		       void (*step)(struct cache *c, const struct shelf *p, const char *path))
{
	DIR *d = opendir(arena_printf(c->arena, "%s/%s", c->top, p->dir));
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (is_content(p->dir, e->d_name))
			step(c, p, arena_printf(c->arena, "%s/%s", p->dir, e->d_name));
	if (d)
		closedir(d);
}

/* A thing without a row counts as used when it was last changed. */
static void adopt(struct cache *c, const struct shelf *p, const char *path)
{
	const char *full = arena_printf(c->arena, "%s/%s", c->top, path);
	sqlite3_stmt *st = cache_query(c, "SELECT 1 FROM item WHERE path=?", path, NULL, 0, 0);
	bool known = st && sqlite3_step(st) == SQLITE_ROW;
	struct stat sb;

	sqlite3_finalize(st);
	if (!known && !lstat(full, &sb))
		cache_row(c, path, p->kind, path, size_of(c, full, 0), sb.st_mtime);
}

static void sweep(struct cache *c, bool now)
{
	const char *last = cache_get_note(c, c->arena, "last sweep");
	int64_t age = last ? time(NULL) - strtoll(last, NULL, 10) : SWEEP_SECONDS;

	if (!now && age >= 0 && age < SWEEP_SECONDS)
		return;
	for (int i = 0; i < NSHELVES; i++)
		each_thing(c, &shelves[i], adopt);
	cache_put_note(c, "last sweep", arena_printf(c->arena, "%lld", (long long)time(NULL)));
}

static int64_t limit_mb(struct cache *c)
{
	const char *path = arena_printf(c->arena, "%s/cache_mb_limit", c->dir);
	struct buf b = { 0 };
	long mb = 0;

	if (buf_read_file(&b, path)) {
		mb = strtol(buf_text(&b), NULL, 10);
	} else if (errno == ENOENT) {
		buf_printf(&b, "%d\n", DEFAULT_LIMIT_MB);
		file_write(path, b.p, b.n);
	}
	buf_deinit(&b);
	return mb > 0 ? mb : DEFAULT_LIMIT_MB;
}

static int64_t total(struct cache *c)
{
	sqlite3_stmt *st = cache_query(c, "SELECT sum(size) FROM item", NULL, NULL, 0, 0);
	int64_t n = 0;

	if (st && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static void remove_thing(struct cache *c, const char *path)
{
	const char *full = arena_printf(c->arena, "%s/%s", c->top, path);

	if (unlink(full) && (errno == EISDIR || errno == EPERM))
		dir_remove(full);
}

void cache_evict(struct cache *c, const char *keep)
{
	int64_t limit, have;

	sweep(c, false);
	limit = limit_mb(c) << 20;
	for (have = total(c); have > limit; ) {
		sqlite3_stmt *st = cache_query(c, "SELECT key, path, size FROM item WHERE key<>?"
					       " ORDER BY used LIMIT 1", keep, NULL, 0, 0);
		const char *key, *path;

		if (!st || sqlite3_step(st) != SQLITE_ROW) {
			sqlite3_finalize(st);
			break;
		}
		key = arena_strdup(c->arena, (const char *)sqlite3_column_text(st, 0));
		path = arena_strdup(c->arena, (const char *)sqlite3_column_text(st, 1));
		have -= sqlite3_column_int64(st, 2);
		sqlite3_finalize(st);
		if (!cache_change(c, "DELETE FROM item WHERE key=?", key, NULL, 0, 0))
			break;
		remove_thing(c, path);
	}
}

static void forget(struct cache *c, const struct shelf *p, const char *path)
{
	(void)p;
	remove_thing(c, path);
}

/*
 * Rows go, files go; the SQLite file stays, since other processes have it open.  What another process
 * puts there meanwhile may lose its file and keep its row, which cache_get() finds out.
 */
bool cache_clean(struct cache *c)
{
	if (cache_exec(c, "BEGIN IMMEDIATE; DELETE FROM item; DELETE FROM note; COMMIT;") != SQLITE_OK) {
		diag_error(c->diag, DIAG_ERROR, "cache", NULL, "%s cannot be emptied: %s", c->dir,
			   sqlite3_errmsg(c->db));
		return false;
	}
	for (int i = 0; i < NSHELVES; i++)
		each_thing(c, &shelves[i], forget);
	cache_exec(c, "PRAGMA wal_checkpoint(TRUNCATE)");
	return true;
}

static void show_age(struct buf *b, int64_t age)
{
	static const struct { int64_t seconds; const char *unit; } units[] = {
		{ 86400, "days" }, { 3600, "hours" }, { 60, "minutes" },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (age >= 2 * units[i].seconds) {
			buf_printf(b, "%lld %s ago", (long long)(age / units[i].seconds), units[i].unit);
			return;
		}
	buf_puts(b, "now");
}

void cache_show(struct cache *c, FILE *out)
{
	sqlite3_stmt *st;
	struct buf age = { 0 };

	sweep(c, true);
	fprintf(out, "%s: %.1f MB of %lld MB (cache/cache_mb_limit)\n", c->top, (double)total(c) / (1 << 20),
		(long long)limit_mb(c));
	st = cache_query(c, "SELECT kind, count(*), sum(size) FROM item GROUP BY kind", NULL, NULL, 0, 0);
	while (st && sqlite3_step(st) == SQLITE_ROW)
		fprintf(out, "%-10s %6lld  %8.1f MB\n", (const char *)sqlite3_column_text(st, 0),
			(long long)sqlite3_column_int64(st, 1),
			(double)sqlite3_column_int64(st, 2) / (1 << 20));
	sqlite3_finalize(st);
	fprintf(out, "\n%-8s %10s  %-16s %s\n", "kind", "bytes", "used", "file");
	st = cache_query(c, "SELECT kind, size, used, path FROM item ORDER BY used DESC, path", NULL, NULL, 0, 0);
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		buf_clear(&age);
		show_age(&age, time(NULL) - sqlite3_column_int64(st, 2));
		fprintf(out, "%-8s %10lld  %-16s %s\n", (const char *)sqlite3_column_text(st, 0),
			(long long)sqlite3_column_int64(st, 1), buf_text(&age),
			(const char *)sqlite3_column_text(st, 3));
	}
	sqlite3_finalize(st);
	buf_deinit(&age);
}
