/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the room: the SQLite file and its rows.  The only header that includes SQLite's. */
#ifndef CACHE_ROWS_H
#define CACHE_ROWS_H

#include <sqlite3.h>
#include <stdint.h>

#include "cache/cache.h"

enum { USED_STEP = 60 /* seconds that a last use may be late: most look-ups then write nothing */ };

struct cache {
	sqlite3 *db;
	const char *top;		/* DIR */
	const char *dir;		/* DIR/cache */
	struct diag *diag;
	struct arena *arena;
};

/* Run one statement with up to two texts and two numbers bound in order (texts first). */
sqlite3_stmt *cache_query(struct cache *c, const char *sql, const char *t1, const char *t2, int64_t n1,
			  int64_t n2);
bool cache_change(struct cache *c, const char *sql, const char *t1, const char *t2, int64_t n1, int64_t n2);
int cache_exec(struct cache *c, const char *sql);

/* Put PATH (below DIR, relative) down as of KIND and SIZE, used at WHEN. */
bool cache_row(struct cache *c, const char *key, const char *kind, const char *path, int64_t size,
	       int64_t when);
/* Least recently used ones go until the rest is within the limit; the one under KEEP stays. */
void cache_evict(struct cache *c, const char *keep);

/* Is PATH on a file system that other machines write to as well? */
bool cache_is_shared(const char *path);
/* Open with the SQLite file at PATH; SQLite's code. */
int cache_open_file(struct cache *c, const char *path);

#endif
