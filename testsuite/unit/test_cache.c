// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The directory of what is kept: what was put is found, what is gone or cut is not; the least recently
 * used goes first, whoever put it there; emptying it under a process that has it open; a damaged index.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "cache/rows.h"

static int failed;
static struct arena arena;
static struct diag diag;
static char *said;
static size_t nsaid;
static char dir[] = "/tmp/test-cache-XXXXXX";

static void check(const char *name, bool good)
{
	fflush(diag.out);
	printf(good ? "ok cache %s\n" : "not ok cache %s: %s\n", name, said ? said : "");
	failed |= !good;
}

static const char *in_dir(const char *name)
{
	return arena_printf(&arena, "%s/%s", dir, name);
}

/* A file of SIZE bytes. */
static const char *make(const char *name, size_t size)
{
	const char *path = in_dir(name);
	char *text = arena_alloc(&arena, size);

	if (!file_write(path, text, size))
		exit(1);
	return path;
}

static bool is_there(const char *name)
{
	return access(in_dir(name), F_OK) == 0;
}

static void back_date(struct cache *c, const char *key, int64_t seconds)
{
	cache_change(c, "UPDATE item SET used=used-?2 WHERE key=?1", key, NULL, seconds, 0);
}

static void put_and_get(struct cache *c)
{
	const char *path;

	check("put", cache_put(c, "module", "k1", "one.ko", make("file", 1000)));
	path = cache_get(c, &arena, "k1");
	check("get", path && !strcmp(path, in_dir("cache/one.ko")) && is_there("cache/one.ko"));
	check("nothing under another key", !cache_get(c, &arena, "k2"));
	if (truncate(in_dir("cache/one.ko"), 10))
		exit(1);
	check("a cut file is none", !cache_get(c, &arena, "k1"));
	check("note", cache_put_note(c, "n", "text") && !strcmp(cache_get_note(c, &arena, "n"), "text"));
}

static void evict(struct cache *c)
{
	const char *index;

	if (!file_write(in_dir("cache/cache_mb_limit"), "1\n", 2) || !dir_make(in_dir("index")))
		exit(1);
	index = make("index/vmlinux-1", 400000);
	cache_used(c, "index", &index, 1);
	cache_put(c, "module", "old", "old.ko", make("file", 400000));
	back_date(c, "old", 1000);
	back_date(c, "index/vmlinux-1", 500);
	cache_put(c, "module", "new", "new.ko", make("file", 400000));
	check("the least recently used goes", !is_there("cache/old.ko") && is_there("cache/new.ko") &&
	      is_there("index/vmlinux-1"));
	back_date(c, "new", 2000);
	cache_get(c, &arena, "new");
	cache_put(c, "module", "third", "third.ko", make("file", 400000));
	check("looking up is use", is_there("cache/new.ko") && is_there("cache/third.ko") &&
	      !is_there("index/vmlinux-1"));
	cache_put(c, "module", "huge", "huge.ko", make("file", 3000000));
	check("what was just put stays", cache_get(c, &arena, "huge") && !cache_get(c, &arena, "third"));
}

static void show(struct cache *c)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	make("index/found", 5000);		/* nobody told of it */
	cache_show(c, out);
	fclose(out);
	check("shows what it holds", strstr(text, "of 1 MB") && strstr(text, "cache/huge.ko") &&
	      strstr(text, "index/found"));
	free(text);
}

static void clean(struct cache *c)
{
	struct cache *other = cache_open(&arena, &diag, dir);

	check("empties", other && cache_clean(other) && !is_there("cache/huge.ko") && !is_there("index/found"));
	check("keeps the limit", is_there("cache/cache_mb_limit"));
	check("others see it empty", !cache_get(c, &arena, "huge") && !cache_get_note(c, &arena, "n"));
	check("and can go on", cache_put(c, "module", "k1", "one.ko", make("file", 1000)) &&
			       cache_get(other, &arena, "k1"));
	cache_close(other);
}

/* Processes that open, put and get at once, the first of them making the file. */
static void together(void)
{
	enum { N = 12 };
	bool good = true;

	dir_remove(in_dir("cache"));
	fflush(NULL);
	for (int i = 0; i < N; i++)
		if (!fork()) {
			const char *key = arena_printf(&arena, "key%d", i);
			struct cache *c = cache_open(&arena, &diag, dir);
			bool ok = c && cache_put(c, "module", key, arena_printf(&arena, "f%d.ko", i), in_dir("file")) &&
				  cache_get(c, &arena, key);

			cache_close(c);
			_exit(!ok);
		}
	for (int i = 0; i < N; i++) {
		int status;

		good &= wait(&status) > 0 && status == 0;
	}
	check("many at once", good);
}

static void damage(void)
{
	struct cache *c;

	if (!file_write(in_dir("cache/index.sqlite"), "garbage garbage garbage", 23))
		exit(1);
	c = cache_open(&arena, &diag, dir);
	fflush(diag.out);
	check("a damaged index is replaced", c && said && strstr(said, "damaged") &&
	      cache_put(c, "module", "k", "k.ko", in_dir("file")) && cache_get(c, &arena, "k"));
	cache_close(c);
}

int main(void)
{
	struct cache *c;

	arena_init(&arena, "test");
	diag_init(&diag, open_memstream(&said, &nsaid));
	if (!mkdtemp(dir))
		return 1;
	c = cache_open(&arena, &diag, dir);
	check("opens", c);
	if (!c)
		return 1;
	put_and_get(c);
	evict(c);
	show(c);
	clean(c);
	cache_close(c);
	together();
	damage();
	dir_remove(dir);
	fclose(diag.out);
	free(said);
	diag_deinit(&diag);
	arena_deinit(&arena);
	return failed;
}
