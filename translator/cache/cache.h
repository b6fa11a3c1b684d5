/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What earlier runs made: modules by the key of their unit, and the keys of units by the inputs
 * they were made from, in $SYSTEMTAP_DIR/cache.  An SQLite file (WAL) is the index; the files lie
 * beside it and appear by rename.  Any number of processes may use it at once.
 *
 * Usage profile: one look-up and at most one insertion a run.  The cache is never needed: whatever
 * is wrong with it is said in one warning, and the run goes on without.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "base/diag.h"

struct cache;

/* Open or make the cache below DIR.  A damaged index is replaced (one warning); NULL when the place
 * cannot be used (one warning). */
struct cache *cache_open(struct arena *a, struct diag *d, const char *dir);
void cache_close(struct cache *c);

/* The file kept under KEY, or NULL.  It was there a moment ago: copy it before use. */
const char *cache_get(struct cache *c, struct arena *a, const char *key);
/* Keep a copy of FILE under KEY with the name NAME; replaces a former one.  False: not kept. */
bool cache_put(struct cache *c, const char *key, const char *name, const char *file);

/* A short text kept under KEY (module key and counts of a script's inputs), or NULL. */
const char *cache_get_note(struct cache *c, struct arena *a, const char *key);
bool cache_put_note(struct cache *c, const char *key, const char *text);

/* A folder of the cache for objects of NAME (the runtime of one kernel); made, or NULL. */
const char *cache_folder(struct cache *c, struct arena *a, const char *name);

/* Remove everything below DIR that a cache has made; true when it is gone. */
bool cache_clean(struct diag *d, const char *dir);

#endif
