// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Indexes on disk: what was found in an object's file, for as long as the file is the same.
 *
 * $SYSTEMTAP_DIR/index (else ~/.systemtap/index) has one file for each object: a head, the arrays
 * and the pool as they are in memory, mapped when read.  The head tells which file it was made from,
 * by path, size, times, inode and build-id; any difference means another file.  An index is a cache
 * and nothing else: one that is not ours, is cut short, fails its checksum or was made by another
 * version is passed over in silence and replaced, and not being able to write is no error.  A new one
 * gets its name by rename(), so readers see a whole one or none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/sha256.h"
#include "dbginfo/private.h"

#define MAGIC "stapidx"
enum { VERSION = 7, NARRAYS = 15, MAX_PATH = 4000, BUILD_ID = 132 };

struct head {
	char magic[8];
	uint32_t version, narrays;
	struct file_id id;
	struct text_places at;
	uint64_t info;			/* bytes of .debug_info */
	uint64_t size;			/* of the whole file */
	uint64_t sum;			/* of all, this being 0 */
	uint64_t n[NARRAYS];		/* elements */
	char build_id[BUILD_ID];	/* hex */
	char path[MAX_PATH];
};

/* One of the arrays that lie one after the other, each at a multiple of eight. */
struct array { void **v; size_t *n; size_t elem; };

static void list_arrays(struct index *ix, struct text *t, struct array out[NARRAYS])
{
	struct array all[NARRAYS] = {
		{ (void **)&ix->func, &ix->nfunc, sizeof(*ix->func) },
		{ (void **)&ix->type, &ix->ntype, sizeof(*ix->type) },
		{ (void **)&ix->var, &ix->nvar, sizeof(*ix->var) },
		{ (void **)&ix->sym, &ix->nsym, sizeof(*ix->sym) },
		{ (void **)&ix->by_addr, &ix->nby_addr, sizeof(*ix->by_addr) },
		{ (void **)&ix->unit, &ix->nunit, sizeof(*ix->unit) },
		{ (void **)&ix->file, &ix->nfile, sizeof(*ix->file) },
		{ (void **)&ix->row, &ix->nrow, 1 },
		{ (void **)&ix->section, &ix->nsection, sizeof(*ix->section) },
		{ (void **)&t->code, &t->ncode, 2 * sizeof(*t->code) },
		{ (void **)&t->blacklist, &t->nblacklist, 2 * sizeof(*t->blacklist) },
		{ (void **)&t->patched, &t->npatched, sizeof(*t->patched) },
		{ (void **)&t->bugs, &t->nbugs, sizeof(*t->bugs) },
		{ (void **)&t->mcount, &t->nmcount, sizeof(*t->mcount) },
		{ (void **)&ix->pool, &ix->npool, 1 },
	};

	memcpy(out, all, sizeof(all));
}

/* Four sums side by side: a multiplication has to wait for the one before it. */
static uint64_t checksum(const void *p, size_t n)
{
	const unsigned char *c = p;
	uint64_t h[4] = { 0x9ae16a3b2f90404full ^ n, 1, 2, 3 }, w[4];

	for (; n >= 32; n -= 32, c += 32) {
		memcpy(w, c, 32);
		for (int i = 0; i < 4; i++) {
			h[i] = (h[i] ^ w[i]) * 0x9e3779b97f4a7c15ull;
			h[i] ^= h[i] >> 29;
		}
	}
	for (int i = 1; i < 4; i++)
		h[0] = (h[0] ^ h[i]) * 0x9e3779b97f4a7c15ull;
	for (; n; n--)
		h[0] = (h[0] ^ *c++) * 0x9e3779b97f4a7c15ull;
	return h[0];
}

/* Of head and arrays, of SIZE bytes. */
static uint64_t sum_of(const struct head *h, const void *arrays, size_t size)
{
	struct head copy = *h;

	copy.sum = 0;
	return checksum(&copy, sizeof(copy)) + checksum(arrays, size);
}

static size_t padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

void store_identify(const char *path, struct file_id *ret)
{
	struct stat st;

	*ret = (struct file_id){0};
	if (stat(path, &st) == 0)
		*ret = (struct file_id){ { st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
					   st.st_ctim.tv_sec, st.st_ctim.tv_nsec, (int64_t)st.st_ino } };
}

const char *store_folder(struct arena *a, const char *name, bool make)
{
	const char *dir = getenv("SYSTEMTAP_DIR"), *home = getenv("HOME");
	const char *sub;

	if (!dir || !*dir) {
		if (!home || !*home)
			return NULL;
		dir = arena_printf(a, "%s/.systemtap", home);
	}
	sub = arena_printf(a, "%s/%s", dir, name);
	if (make) {
		mkdir(dir, 0755);
		mkdir(sub, 0755);
	}
	return sub;
}

/* Of the index of the object PATH: its last part for people, a hash of the whole for us. */
static const char *index_path(struct arena *a, const char *dir, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct sha256 h;
	char hex[65];

	sha256_init(&h);
	sha256_str(&h, path);
	sha256_hex(&h, hex);
	return arena_printf(a, "%s/%.80s-%.16s", dir, slash ? slash + 1 : path, hex);
}

/* Relative paths mean something else elsewhere. */
static bool can_be_kept(const char *path)
{
	return path[0] == '/' && strlen(path) < MAX_PATH;
}

static bool head_fits(const struct head *h, size_t size, const char *path, const struct file_id *id)
{
	return size >= sizeof(*h) && !memcmp(h->magic, MAGIC, sizeof(h->magic)) &&
	       h->version == VERSION && h->narrays == NARRAYS && h->size == size &&
	       !memcmp(&h->id, id, sizeof(*id)) && !strncmp(h->path, path, sizeof(h->path)) &&
	       memchr(h->build_id, 0, sizeof(h->build_id));
}

/* Lay the arrays out in the mapped file; false when it is not a whole and sound one. */
static bool lay_out(struct index *ix, struct text *t)
{
	const struct head *h = ix->map;
	char *p = (char *)(h + 1), *end = (char *)ix->map + ix->map_size;
	struct array array[NARRAYS];

	if (sum_of(h, p, end - p) != h->sum)
		return false;
	list_arrays(ix, t, array);
	for (int i = 0; i < NARRAYS; i++) {
		if (!array[i].v)
			continue;
		if (h->n[i] > (size_t)(end - p) / array[i].elem ||
		    padded(h->n[i] * array[i].elem) > (size_t)(end - p))
			return false;
		*array[i].v = p;
		*array[i].n = h->n[i];
		p += padded(h->n[i] * array[i].elem);
	}
	t->at = h->at;
	t->read = t->lent = true;
	return ix->npool && !ix->pool[ix->npool - 1] && ix->nby_addr == ix->nsym;
}

void store_unmap(struct index *ix)
{
	munmap(ix->map, ix->map_size);
}

static bool map_file(const char *path, struct index *ix)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	*ix = (struct index){0};
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)) && st.st_size >= (off_t)sizeof(struct head)) {
		ix->map_size = st.st_size;
		ix->map = mmap(NULL, ix->map_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (ix->map == MAP_FAILED)
			ix->map = NULL;
	}
	close(fd);
	return ix->map;
}

static void take_sections(struct dbg_object *o, const struct index *ix)
{
	for (size_t i = 0; i < ix->nsection; i++)
		*vec_add(o->a, &o->sections) = (struct section){
			ix_str(ix, ix->section[i].name), ix->section[i].addr, ix->section[i].size };
}

struct dbg_object *store_object(struct dbginfo *d, const char *module, const char *path)
{
	const char *dir = can_be_kept(path) ? store_folder(d->a, "index", false) : NULL;
	const char *file = dir ? index_path(d->a, dir, path) : NULL;
	struct file_id id;
	struct index *ix;
	struct dbg_object *o;
	struct text text = {0};

	if (!file || access(file, R_OK))
		return NULL;
	store_identify(path, &id);
	ix = xmalloc(sizeof(*ix));
	if (map_file(file, ix) && head_fits(ix->map, ix->map_size, path, &id) && lay_out(ix, &text)) {
		const struct head *h = ix->map;

		o = arena_new(d->a, struct dbg_object);
		*o = (struct dbg_object){ .owner = d, .a = d->a, .module = module, .id = id, .fd = -1, .dw_fd = -1,
					  .unopened = true, .index = ix, .text = text };
		o->path = arena_strdup(d->a, path);
		o->build_id = h->build_id[0] ? h->build_id : NULL;
		take_sections(o, ix);
		*vec_add(d->a, &d->kept) = file;
		return o;
	}
	if (ix->map)
		store_unmap(ix);
	free(ix);
	return NULL;
}

/* ---- writing ---- */

int store_lock(struct arena *a)
{
	const char *dir = store_folder(a, "index", true);

	return dir ? file_lock(arena_printf(a, "%s/.lock", dir)) : -1;
}

bool store_write(int fd, const void *p, size_t n)
{
	for (const char *c = p; n; ) {
		ssize_t w = write(fd, c, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		c += w;
		n -= w;
	}
	return true;
}

static char *gather(const struct array array[NARRAYS], size_t *size)
{
	char *all, *p;

	*size = 0;
	for (int i = 0; i < NARRAYS; i++)
		*size += array[i].v ? padded(*array[i].n * array[i].elem) : 0;
	p = all = xmalloc(*size + 1);
	memset(all, 0, *size + 1);
	for (int i = 0; i < NARRAYS; i++) {
		if (!array[i].v || !*array[i].n)
			continue;
		memcpy(p, *array[i].v, *array[i].n * array[i].elem);
		p += padded(*array[i].n * array[i].elem);
	}
	return all;
}

static void write_index(struct dbg_object *o, const char *file, const struct head *h, const char *all)
{
	char *tmp = arena_printf(o->a, "%s.XXXXXX", file);
	int fd = mkstemp(tmp);
	struct file_id now;

	if (fd < 0)
		return;
	store_identify(o->path, &now);		/* it may have been replaced meanwhile */
	if (!memcmp(&now, &o->id, sizeof(now)) && store_write(fd, h, sizeof(*h)) &&
	    store_write(fd, all, h->size - sizeof(*h)) && !fchmod(fd, 0644) && !rename(tmp, file))
		*vec_add(o->a, &o->owner->kept) = file;
	else
		unlink(tmp);
	close(fd);
}

void store_index(struct dbg_object *o, const struct index *ix)
{
	struct index copy = *ix;
	struct array array[NARRAYS];
	struct head *h;
	const char *dir;
	size_t size;
	char *all;

	if (!o->dw || !can_be_kept(o->path) || !(dir = store_folder(o->a, "index", true)))
		return;
	h = xmalloc(sizeof(*h));
	memset(h, 0, sizeof(*h));
	*h = (struct head){ .magic = MAGIC, .version = VERSION, .narrays = NARRAYS, .id = o->id,
			    .at = o->text.at, .info = section_bytes(o, &o->info, ".debug_info")->n };
	list_arrays(&copy, &o->text, array);
	for (int i = 0; i < NARRAYS; i++)
		h->n[i] = array[i].v ? *array[i].n : 0;
	all = gather(array, &size);
	h->size = sizeof(*h) + size;
	strncpy(h->path, o->path, sizeof(h->path) - 1);
	strncpy(h->build_id, o->build_id ? o->build_id : "", sizeof(h->build_id) - 1);
	h->sum = sum_of(h, all, size);
	write_index(o, index_path(o->a, dir, o->path), h, all);
	free(all);
	free(h);
}
