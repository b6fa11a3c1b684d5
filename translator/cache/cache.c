/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of modules; see cache.h.  The only file that knows SQLite.
 *
 * Rows point at files, never the other way: a file without a row is litter that eviction removes,
 * a row whose file is gone or has another size is dropped when it is met.  So a crash between the
 * two steps of an insertion, or --clean-cache in another process, costs a recompilation, no more.
 */
#include "cache/cache.h"
#include "base/proc.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SCHEMA = 1, BUSY_MS = 5000, DEFAULT_LIMIT_MB = 256 };

struct cache {
	sqlite3 *db;
	const char *dir;		/* DIR/cache */
	struct diag *diag;
	struct arena *arena;
};

static const char schema_sql[] =
	"CREATE TABLE IF NOT EXISTS file(key TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL,"
	" used INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS note(key TEXT PRIMARY KEY, text TEXT NOT NULL, used INTEGER NOT NULL)"
	" WITHOUT ROWID;";

static int exec(struct cache *c, const char *sql)
{
	return sqlite3_exec(c->db, sql, NULL, NULL, NULL);
}

static int schema_version(struct cache *c)
{
	sqlite3_stmt *st;
	int version = -1;

	if (sqlite3_prepare_v2(c->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return version;
}

/* SQLITE_OK, or the reason; the handle is closed then. */
static int open_index(struct cache *c, const char *path)
{
	int rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(c->db, BUSY_MS);
		rc = exec(c, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
	}
	if (rc == SQLITE_OK && schema_version(c) != SCHEMA) {
		if (schema_version(c) != 0)
			rc = exec(c, "DROP TABLE IF EXISTS file; DROP TABLE IF EXISTS note;");
		if (rc == SQLITE_OK)
			rc = exec(c, schema_sql);
		if (rc == SQLITE_OK)
			rc = exec(c, "PRAGMA user_version=1");
	}
	if (rc == SQLITE_OK)	/* reads a page: a damaged file shows itself here */
		rc = exec(c, "SELECT count(*) FROM file; SELECT count(*) FROM note;");
	if (rc != SQLITE_OK) {
		sqlite3_close(c->db);
		c->db = NULL;
	}
	return rc;
}

static bool is_damage(int rc)
{
	return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_ERROR || rc == SQLITE_FORMAT;
}

static void remove_index(struct cache *c)
{
	static const char *const suffix[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(suffix) / sizeof(*suffix); i++)
		unlink(arena_printf(c->arena, "%s/index.sqlite%s", c->dir, suffix[i]));
}

struct cache *cache_open(struct arena *a, struct diag *d, const char *dir)
{
	struct cache *c = arena_new(a, struct cache);
	const char *path;
	int rc;

	c->dir = arena_printf(a, "%s/cache", dir);
	c->diag = d;
	c->arena = a;
	if (!dir_make(c->dir) || access(c->dir, W_OK | X_OK)) {
		diag_warn(d, "cache", NULL, "the cache %s cannot be used: %s; going on without it", c->dir,
			  strerror(errno));
		return NULL;
	}
	path = arena_printf(a, "%s/index.sqlite", c->dir);
	rc = open_index(c, path);
	if (is_damage(rc)) {
		diag_warn(d, "cache", NULL, "the cache index %s is damaged (%s); making a new one", path,
			  sqlite3_errstr(rc));
		remove_index(c);
		rc = open_index(c, path);
	}
	if (rc != SQLITE_OK) {
		diag_warn(d, "cache", NULL, "the cache index %s cannot be used: %s; going on without it",
			  path, sqlite3_errstr(rc));
		return NULL;
	}
	return c;
}

void cache_close(struct cache *c)
{
	if (c)
		sqlite3_close(c->db);
}

/* Run one statement with up to two texts and two numbers bound in order (texts first). */
static sqlite3_stmt *query(struct cache *c, const char *sql, const char *t1, const char *t2,
			   int64_t n1, int64_t n2)
{
	sqlite3_stmt *st = NULL;
	int i = 1, count;

	if (sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) != SQLITE_OK)
		return NULL;
	count = sqlite3_bind_parameter_count(st);
	if (t1 && i <= count)
		sqlite3_bind_text(st, i++, t1, -1, SQLITE_TRANSIENT);
	if (t2 && i <= count)
		sqlite3_bind_text(st, i++, t2, -1, SQLITE_TRANSIENT);
	if (i <= count)
		sqlite3_bind_int64(st, i++, n1);
	if (i <= count)
		sqlite3_bind_int64(st, i++, n2);
	return st;
}

static bool change(struct cache *c, const char *sql, const char *t1, const char *t2, int64_t n1,
		   int64_t n2)
{
	sqlite3_stmt *st = query(c, sql, t1, t2, n1, n2);
	bool ok = st && sqlite3_step(st) == SQLITE_DONE;

	sqlite3_finalize(st);
	return ok;
}

const char *cache_get(struct cache *c, struct arena *a, const char *key)
{
	sqlite3_stmt *st;
	const char *path = NULL;
	struct stat sb;
	int64_t size = -1;

	if (!c)
		return NULL;
	st = query(c, "SELECT name, size FROM file WHERE key=?", key, NULL, 0, 0);
	if (st && sqlite3_step(st) == SQLITE_ROW) {
		path = arena_printf(a, "%s/%s", c->dir, (const char *)sqlite3_column_text(st, 0));
		size = sqlite3_column_int64(st, 1);
	}
	sqlite3_finalize(st);
	if (!path)
		return NULL;
	if (stat(path, &sb) || sb.st_size != size) {
		change(c, "DELETE FROM file WHERE key=?", key, NULL, 0, 0);
		return NULL;
	}
	change(c, "UPDATE file SET used=?2 WHERE key=?1", key, NULL, time(NULL), 0);
	return path;
}

static int64_t limit_bytes(struct cache *c)
{
	struct buf b = { 0 };
	long mb = DEFAULT_LIMIT_MB;

	if (buf_read_file(&b, arena_printf(c->arena, "%s/cache_mb_limit", c->dir)))
		mb = strtol(buf_text(&b), NULL, 10);
	buf_deinit(&b);
	return (mb > 0 ? (int64_t)mb : DEFAULT_LIMIT_MB) << 20;
}

/* Remove the least recently used files until the rest is within the limit. */
static void evict(struct cache *c)
{
	int64_t limit = limit_bytes(c), total = 0;
	sqlite3_stmt *st = query(c, "SELECT sum(size) FROM file", NULL, NULL, 0, 0);

	if (st && sqlite3_step(st) == SQLITE_ROW)
		total = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	while (total > limit) {
		char *key, *name;

		st = query(c, "SELECT key, name, size FROM file ORDER BY used LIMIT 1", NULL, NULL, 0, 0);
		if (!st || sqlite3_step(st) != SQLITE_ROW) {
			sqlite3_finalize(st);
			break;
		}
		key = arena_strdup(c->arena, (const char *)sqlite3_column_text(st, 0));
		name = arena_printf(c->arena, "%s/%s", c->dir, (const char *)sqlite3_column_text(st, 1));
		total -= sqlite3_column_int64(st, 2);
		sqlite3_finalize(st);
		if (!change(c, "DELETE FROM file WHERE key=?", key, NULL, 0, 0))
			break;
		unlink(name);
	}
}

bool cache_put(struct cache *c, const char *key, const char *name, const char *file)
{
	const char *path;
	struct stat sb;

	if (!c)
		return false;
	path = arena_printf(c->arena, "%s/%s", c->dir, name);
	if (!file_copy(file, path) || stat(path, &sb)) {
		diag_warn(c->diag, "cache", NULL, "the module is not kept in the cache: %s: %s", path,
			  strerror(errno));
		return false;
	}
	if (!change(c, "INSERT OR REPLACE INTO file(key, name, size, used) VALUES(?,?,?,?)", key, name,
		    sb.st_size, time(NULL))) {
		diag_warn(c->diag, "cache", NULL, "the module is not kept in the cache: %s",
			  sqlite3_errmsg(c->db));
		unlink(path);
		return false;
	}
	evict(c);
	return true;
}

const char *cache_get_note(struct cache *c, struct arena *a, const char *key)
{
	const char *text = NULL;
	sqlite3_stmt *st;

	if (!c)
		return NULL;
	st = query(c, "SELECT text FROM note WHERE key=?", key, NULL, 0, 0);
	if (st && sqlite3_step(st) == SQLITE_ROW)
		text = arena_strdup(a, (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return text;
}

bool cache_put_note(struct cache *c, const char *key, const char *text)
{
	enum { NOTES = 20000 };		/* some MB at most */

	if (!c)
		return false;
	change(c, "DELETE FROM note WHERE (SELECT count(*) FROM note) > ?1 AND"
	       " used < (SELECT avg(used) FROM note)", NULL, NULL, NOTES, 0);
	return change(c, "INSERT OR REPLACE INTO note(key, text, used) VALUES(?,?,?)", key, text,
		      time(NULL), 0);
}

const char *cache_folder(struct cache *c, struct arena *a, const char *name)
{
	const char *path = c ? arena_printf(a, "%s/%s", c->dir, name) : NULL;

	return path && dir_make(path) ? path : NULL;
}

bool cache_clean(struct diag *d, const char *dir)
{
	struct arena a;
	const char *path;
	bool ok;

	arena_init(&a, "clean");
	dir_remove(arena_printf(&a, "%s/index", dir));	/* of debuginfo: dbginfo/store.c */
	path = arena_printf(&a, "%s/cache", dir);
	dir_remove(path);
	ok = access(path, F_OK) != 0;
	if (!ok)
		diag_error(d, DIAG_ERROR, "cache", NULL, "%s cannot be removed: %s", path, strerror(errno));
	arena_deinit(&a);
	return ok;
}
