// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The index of a large object on disk, so that it is made once per build of a kernel.
 *
 * The file is $SYSTEMTAP_DIR/index/BUILDID (else ~/.systemtap/index/BUILDID): a head, the three
 * arrays and the pool as they are in memory, mapped when read.  It is a cache and nothing else: a
 * file that is not ours, is cut short, fails its checksum or was made by another version is passed
 * over in silence and replaced, and not being able to write is no error.  A new file gets its name
 * by rename(), so readers see a whole one or none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbginfo/private.h"

#define MAGIC "stapidx"
enum { VERSION = 2, WORTH_KEEPING = 20000 };

struct head {
	char magic[8];
	uint32_t version, nfunc, ntype, nvar;
	uint64_t npool;
	uint64_t info;		/* bytes of .debug_info: a build-id may have several debug files */
	uint64_t sum;		/* of everything behind the head */
};

static uint64_t checksum(const void *p, size_t n)
{
	const unsigned char *c = p;
	uint64_t h = 0x9ae16a3b2f90404full ^ n, w;

	for (; n >= 8; n -= 8, c += 8) {
		memcpy(&w, c, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	for (; n; n--)
		h = (h ^ *c++) * 0x9e3779b97f4a7c15ull;
	return h;
}

static uint64_t info_size(struct dbg_object *o)
{
	return section_bytes(o, &o->info, ".debug_info")->n;
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

static bool offsets_fit(const struct index *ix)
{
	for (size_t i = 0; i < ix->nfunc; i++)
		if (ix->func[i].name >= ix->npool || ix->func[i].file >= ix->npool)
			return false;
	for (size_t i = 0; i < ix->ntype; i++)
		if (ix->type[i].name >= ix->npool)
			return false;
	for (size_t i = 0; i < ix->nvar; i++)
		if (ix->var[i].name >= ix->npool || ix->var[i].file >= ix->npool)
			return false;
	return ix->npool && !ix->pool[ix->npool - 1];
}

/* Lay the arrays of IX out in the mapped file; false when it is not a whole and sound one. */
static bool lay_out(struct dbg_object *o, struct index *ix)
{
	const struct head *h = ix->map;
	uint64_t need;
	char *p = (char *)(h + 1);

	if (ix->map_size < sizeof(*h) || memcmp(h->magic, MAGIC, sizeof(h->magic)) ||
	    h->version != VERSION || h->npool > UINT32_MAX || h->info != info_size(o))
		return false;
	need = sizeof(*h) + (uint64_t)h->nfunc * sizeof(*ix->func) +
	       (uint64_t)h->ntype * sizeof(*ix->type) + (uint64_t)h->nvar * sizeof(*ix->var) +
	       h->npool;
	if (need != ix->map_size || checksum(p, need - sizeof(*h)) != h->sum)
		return false;
	ix->nfunc = h->nfunc;
	ix->ntype = h->ntype;
	ix->nvar = h->nvar;
	ix->npool = h->npool;
	ix->func = (struct ix_func *)p;
	ix->type = (struct ix_type *)(ix->func + ix->nfunc);
	ix->var = (struct ix_var *)(ix->type + ix->ntype);
	ix->pool = (char *)(ix->var + ix->nvar);
	return offsets_fit(ix);
}

void index_unmap(struct index *ix)
{
	munmap(ix->map, ix->map_size);
}

struct index *index_load(struct dbg_object *o)
{
	const char *dir = o->build_id ? store_folder(o->a, "index", false) : NULL;
	struct index *ix;
	struct stat st;
	int fd;

	if (!dir)
		return NULL;
	fd = open(arena_printf(o->a, "%s/%s", dir, o->build_id), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NULL;
	ix = xmalloc(sizeof(*ix));
	*ix = (struct index){0};
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)) && st.st_size > 0) {
		ix->map_size = st.st_size;
		ix->map = mmap(NULL, ix->map_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (ix->map == MAP_FAILED)
			ix->map = NULL;
	}
	close(fd);
	if (ix->map && lay_out(o, ix))
		return ix;
	if (ix->map)
		index_unmap(ix);
	free(ix);
	return NULL;
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

void index_save(struct dbg_object *o, const struct index *ix)
{
	size_t nf = ix->nfunc * sizeof(*ix->func), nt = ix->ntype * sizeof(*ix->type);
	size_t nv = ix->nvar * sizeof(*ix->var), n = nf + nt + nv + ix->npool;
	struct head h = { .magic = MAGIC, .version = VERSION, .nfunc = ix->nfunc,
			  .ntype = ix->ntype, .nvar = ix->nvar, .npool = ix->npool, .info = info_size(o) };
	const char *dir;
	char *all, *tmp;
	int fd;

	if (!o->build_id || ix->nfunc < WORTH_KEEPING || !(dir = store_folder(o->a, "index", true)))
		return;
	tmp = arena_printf(o->a, "%s/.%s.XXXXXX", dir, o->build_id);
	fd = mkstemp(tmp);
	if (fd < 0)
		return;
	all = xmalloc(n);
	memcpy(all, ix->func, nf);
	memcpy(all + nf, ix->type, nt);
	memcpy(all + nf + nt, ix->var, nv);
	memcpy(all + nf + nt + nv, ix->pool, ix->npool);
	h.sum = checksum(all, n);
	if (!store_write(fd, &h, sizeof(h)) || !store_write(fd, all, n) || fchmod(fd, 0644) ||
	    rename(tmp, arena_printf(o->a, "%s/%s", dir, o->build_id)))
		unlink(tmp);
	close(fd);
	free(all);
}
