/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory of all that earlier runs kept below $SYSTEMTAP_DIR: modules by the key of their unit,
 * the keys of units by the inputs they were made from, runtimes of kernels, indexes of debuginfo,
 * unpacked images.  One SQLite file (WAL), cache/index.sqlite, has a row for each with its size and
 * last use; what they hold lies beside it in files and folders that appear by rename.  Any number of
 * processes may use it at once.  On a network file system the SQLite file is a private one in
 * /var/tmp, because WAL needs memory that all users share.
 *
 * Usage profile: one look-up and at most one insertion a run.  The cache is never needed: whatever
 * is wrong with it is said in one warning, and the run goes on without.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdio.h>

#include "base/diag.h"

struct cache;

/* Open or make the cache below DIR.  A damaged index is replaced (one warning); NULL when the place
 * cannot be used (one warning). */
struct cache *cache_open(struct arena *a, struct diag *d, const char *dir);
void cache_close(struct cache *c);

/* The file kept under KEY, or NULL.  It was there a moment ago: link or copy it before use. */
const char *cache_get(struct cache *c, struct arena *a, const char *key);
/* Keep a copy of FILE, of KIND ("module"), under KEY with the name NAME; replaces a former one.  False: not kept. */
bool cache_put(struct cache *c, const char *kind, const char *key, const char *name, const char *file);

/* A short text kept under KEY (module key and counts of a script's inputs), or NULL. */
const char *cache_get_note(struct cache *c, struct arena *a, const char *key);
bool cache_put_note(struct cache *c, const char *key, const char *text);

/* A folder of the cache for objects of NAME (the runtime of one kernel); made, or NULL. */
const char *cache_folder(struct cache *c, struct arena *a, const char *name);
/* N files or folders below DIR, of KIND, are there and were used now. */
void cache_used(struct cache *c, const char *kind, const char *const *path, size_t n);

/* One at a time does what NAME stands for, until file_unlock() or death; -1: no lock to be had. */
int cache_lock(struct cache *c, const char *name);

/* What there is, as text for people. */
void cache_show(struct cache *c, FILE *out);
/* Remove all of it, but not the file with the limit; true when it is gone. */
bool cache_clean(struct cache *c);

#endif
