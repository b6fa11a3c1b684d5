/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of modules and notes; see cache.h.
 *
 * Rows point at files, never the other way: a row whose file is gone or has another size is dropped
 * when it is met, a file without a row gets one when rows are next gone through (sweep.c).  So a crash
 * between the two steps of an insertion, or --clean-cache in another process, costs a recompilation,
 * no more.
 */
#include "cache/rows.h"
#include "base/proc.h"
#include "base/sha256.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { SCHEMA = 2, BUSY_MS = 10000, TRIES = 100 };

static const char schema_sql[] =
	"DROP TABLE IF EXISTS file; DROP TABLE IF EXISTS item; DROP TABLE IF EXISTS note;"
	"CREATE TABLE item(key TEXT PRIMARY KEY, kind TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL,"
	" used INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX item_path ON item(path);"
	"CREATE TABLE note(key TEXT PRIMARY KEY, text TEXT NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;"
	"PRAGMA user_version=2;";

int cache_exec(struct cache *c, const char *sql)
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

/* Another process may be doing the same, so the version is looked at once more inside. */
static int make_schema(struct cache *c)
{
	int rc = cache_exec(c, "BEGIN IMMEDIATE");

	if (rc != SQLITE_OK)
		return rc;
	rc = schema_version(c) == SCHEMA ? SQLITE_OK : cache_exec(c, schema_sql);
	if (rc == SQLITE_OK)
		rc = cache_exec(c, "COMMIT");
	if (rc != SQLITE_OK)
		cache_exec(c, "ROLLBACK");
	return rc;
}

/* Changing to WAL needs the file alone and does not wait for others by itself. */
static int make_wal(struct cache *c)
{
	int rc;

	for (int i = 0; i < TRIES; i++) {
		rc = cache_exec(c, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
		if ((rc & 0xff) != SQLITE_BUSY)
			break;
		usleep(20000 + (unsigned)getpid() % 10000);
	}
	return rc;
}

int cache_open_file(struct cache *c, const char *path)
{
	int rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(c->db, BUSY_MS);
		rc = make_wal(c);
	}
	if (rc == SQLITE_OK && schema_version(c) != SCHEMA)
		rc = make_schema(c);
	if (rc == SQLITE_OK)	/* reads a page: a damaged file shows itself here */
		rc = cache_exec(c, "SELECT count(*) FROM item; SELECT count(*) FROM note;");
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

/* The file itself last: while it is there, nobody else makes a new one that would get an old log. */
static void remove_index(struct cache *c, const char *path)
{
	static const char *const suffix[] = { "-journal", "-wal", "-shm", "" };

	for (size_t i = 0; i < sizeof(suffix) / sizeof(*suffix); i++)
		unlink(arena_printf(c->arena, "%s%s", path, suffix[i]));
}

/* Of several processes that find it damaged, one mends it. */
static int open_mended(struct cache *c, const char *path)
{
	int rc = cache_open_file(c, path), lock;

	if (!is_damage(rc))
		return rc;
	lock = cache_lock(c, "repair");
	rc = cache_open_file(c, path);
	if (is_damage(rc)) {
		diag_warn(c->diag, "cache", NULL, "the cache index %s is damaged (%s); making a new one", path,
			  sqlite3_errstr(rc));
		remove_index(c, path);
		rc = cache_open_file(c, path);
	}
	file_unlock(lock);
	return rc;
}

/* linux/magic.h, and fs/smb/client/cifs_fs_sb.h for SMB. */
bool cache_is_shared(const char *path)
{
	static const uint32_t magic[] = {
		0x6969 /* NFS */, 0x517b /* SMB */, 0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */,
		0x5346414f /* AFS */, 0x00c36400 /* CEPH */, 0x01021997 /* 9P */, 0x65735546 /* FUSE */,
		0x0bd00bd0 /* Lustre */, 0x47504653 /* GPFS */,
	};
	struct statfs fs;

	if (statfs(path, &fs))
		return false;
	for (size_t i = 0; i < sizeof(magic) / sizeof(*magic); i++)
		if ((uint32_t)fs.f_type == magic[i])
			return true;
	return false;
}

/* A file of this user and machine alone for the cache at c->dir; NULL and errno. */
static const char *private_file(struct cache *c)
{
	const char *dir = arena_printf(c->arena, "/var/tmp/stap-%u", (unsigned)geteuid());
	struct sha256 h;
	struct stat st;
	char hex[65];

	if (mkdir(dir, 0700) && errno != EEXIST)
		return NULL;
	if (lstat(dir, &st))
		return NULL;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH)) {
		errno = EPERM;		/* somebody else's */
		return NULL;
	}
	sha256_init(&h);
	sha256_str(&h, c->dir);
	sha256_hex(&h, hex);
	return arena_printf(c->arena, "%s/%.32s.sqlite", dir, hex);
}

struct cache *cache_open(struct arena *a, struct diag *d, const char *dir)
{
	struct cache *c = arena_new(a, struct cache);
	const char *path;
	int rc;

	c->top = arena_strdup(a, dir);
	c->dir = arena_printf(a, "%s/cache", dir);
	c->diag = d;
	c->arena = a;
	if (!dir_make(c->dir) || access(c->dir, W_OK | X_OK)) {
		diag_warn(d, "cache", NULL, "the cache %s cannot be used: %s; going on without it", c->dir,
			  strerror(errno));
		return NULL;
	}
	path = cache_is_shared(c->dir) ? private_file(c) : arena_printf(a, "%s/index.sqlite", c->dir);
	if (!path) {
		diag_warn(d, "cache", NULL, "the cache %s is on a network file system and /var/tmp/stap-%u"
			  " cannot be used: %s; going on without it", c->dir, (unsigned)geteuid(),
			  strerror(errno));
		return NULL;
	}
	rc = open_mended(c, path);
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

int cache_lock(struct cache *c, const char *name)
{
	return c ? file_lock(arena_printf(c->arena, "%s/%s.lock", c->dir, name)) : -1;
}

sqlite3_stmt *cache_query(struct cache *c, const char *sql, const char *t1, const char *t2, int64_t n1,
			  int64_t n2)
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

bool cache_change(struct cache *c, const char *sql, const char *t1, const char *t2, int64_t n1, int64_t n2)
{
	sqlite3_stmt *st = cache_query(c, sql, t1, t2, n1, n2);
	bool ok = st && sqlite3_step(st) == SQLITE_DONE;

	sqlite3_finalize(st);
	return ok;
}

bool cache_row(struct cache *c, const char *key, const char *kind, const char *path, int64_t size,
	       int64_t when)
{
	sqlite3_stmt *st = NULL;
	bool ok;

	if (sqlite3_prepare_v2(c->db, "INSERT OR REPLACE INTO item(key, kind, path, size, used)"
			       " VALUES(?,?,?,?,?)", -1, &st, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_text(st, 1, key, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, kind, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 3, path, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 4, size);
	sqlite3_bind_int64(st, 5, when);
	ok = sqlite3_step(st) == SQLITE_DONE;
	sqlite3_finalize(st);
	return ok;
}

const char *cache_get(struct cache *c, struct arena *a, const char *key)
{
	int64_t size = -1, used = 0, now = time(NULL);
	const char *path = NULL;
	sqlite3_stmt *st;
	struct stat sb;

	if (!c)
		return NULL;
	st = cache_query(c, "SELECT path, size, used FROM item WHERE key=?", key, NULL, 0, 0);
	if (st && sqlite3_step(st) == SQLITE_ROW) {
		path = arena_printf(a, "%s/%s", c->top, (const char *)sqlite3_column_text(st, 0));
		size = sqlite3_column_int64(st, 1);
		used = sqlite3_column_int64(st, 2);
	}
	sqlite3_finalize(st);
	if (!path)
		return NULL;
	if (stat(path, &sb) || sb.st_size != size) {
		cache_change(c, "DELETE FROM item WHERE key=?", key, NULL, 0, 0);
		return NULL;
	}
	if (now - used > USED_STEP || used > now)
		cache_change(c, "UPDATE item SET used=?2 WHERE key=?1", key, NULL, now, 0);
	return path;
}

bool cache_put(struct cache *c, const char *kind, const char *key, const char *name, const char *file)
{
	const char *path, *full;
	struct stat sb;

	if (!c)
		return false;
	path = arena_printf(c->arena, "cache/%s", name);
	full = arena_printf(c->arena, "%s/%s", c->top, path);
	if (!file_copy(file, full) || stat(full, &sb)) {
		if (errno != ENOENT)	/* else another process is just cleaning up */
			diag_warn(c->diag, "cache", NULL, "the %s is not kept in the cache: %s: %s", kind, full,
				  strerror(errno));
		return false;
	}
	if (!cache_row(c, key, kind, path, sb.st_size, time(NULL))) {
		diag_warn(c->diag, "cache", NULL, "the %s is not kept in the cache: %s", kind,
			  sqlite3_errmsg(c->db));
		unlink(full);
		return false;
	}
	cache_evict(c, key);
	return true;
}

const char *cache_get_note(struct cache *c, struct arena *a, const char *key)
{
	const char *text = NULL;
	sqlite3_stmt *st;

	if (!c)
		return NULL;
	st = cache_query(c, "SELECT text FROM note WHERE key=?", key, NULL, 0, 0);
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
	cache_change(c, "DELETE FROM note WHERE (SELECT count(*) FROM note) > ?1 AND"
		     " used < (SELECT avg(used) FROM note)", NULL, NULL, NOTES, 0);
	return cache_change(c, "INSERT OR REPLACE INTO note(key, text, used) VALUES(?,?,?)", key, text,
			    time(NULL), 0);
}

const char *cache_folder(struct cache *c, struct arena *a, const char *name)
{
	const char *path = c ? arena_printf(a, "%s/%s", c->dir, name) : NULL;

	return path && dir_make(path) ? path : NULL;
}
