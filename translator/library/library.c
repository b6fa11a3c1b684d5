/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tapset files to an index of what they define.
 *
 * Macros are read when the library is opened, scripts at the first question.  The first file in
 * search order that defines a name owns it, so a file for one kernel release overrides a general
 * one; what is private to a file is not in the index.  A file that does not parse is left out
 * with a warning.  Must not decide what a name means where it is used.
 */
#include "library/library.h"
#include "library/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct function_entry {
	const struct script *owner;
	VEC(struct function_decl *) decls;
};

struct alias_entry {
	const struct script *owner;	/* by full name; NULL by first component */
	VEC(struct alias_decl *) decls;
};

struct seen_file { dev_t dev; ino_t ino; };

struct library {
	struct arena *a;
	struct diag *d;
	struct pp_env *env;
	struct tapset_files files;
	VEC(struct seen_file) seen;	/* a file reached twice is read once */
	bool loaded;
	VEC(struct script *) scripts;
	struct strmap functions;	/* struct function_entry by name */
	struct strmap globals;		/* struct global_decl by name */
	struct strmap aliases;		/* struct alias_entry by first component */
	struct strmap alias_names;	/* struct alias_entry by full name */
	VEC(struct alias_decl *) all_aliases;
};

/* ---- reading ---- */

static bool seen_before(struct library *l, const struct stat *st)
{
	vec_each(&l->seen, i)
		if (l->seen.v[i].dev == st->st_dev && l->seen.v[i].ino == st->st_ino)
			return true;
	*vec_add(l->a, &l->seen) = (struct seen_file){ st->st_dev, st->st_ino };
	return false;
}

/* The text of F; NULL when it was read before or, with a warning, cannot be read. */
static struct source *read_source(struct library *l, const struct tapset_file *f)
{
	struct source *src;
	struct buf b = { 0 };
	struct stat st;
	char *text;

	if (!stat(f->path, &st) && (!S_ISREG(st.st_mode) || seen_before(l, &st)))
		return NULL;
	if (!buf_read_file(&b, f->path)) {
		diag_warn(l->d, "tapset-file", NULL, "cannot read tapset file %s: %s", f->path,
			  strerror(errno));
		buf_deinit(&b);
		return NULL;
	}
	src = arena_new(l->a, struct source);
	text = arena_alloc(l->a, b.n + 1);
	memcpy(text, buf_text(&b), b.n);
	*src = (struct source){ .name = f->path, .text = text, .size = b.n, .tapset = true };
	buf_deinit(&b);
	return src;
}

/* Parse F with its messages kept back: shown for a file of -I, summed up for the others. */
static struct script *read_file(struct library *l, const struct tapset_file *f)
{
	struct source *src = read_source(l, f);
	struct script *script = NULL;
	char *text = NULL;
	size_t size = 0;
	struct diag quiet;
	bool ok;

	if (!src)
		return NULL;
	diag_init(&quiet, open_memstream(&text, &size));
	diag_like(&quiet, l->d);
	if (f->macros)
		ok = pp_load_macros(l->a, &quiet, src, l->env);
	else
		ok = (script = parse_script(l->a, &quiet, src, l->env));
	fclose(quiet.out);
	if (!ok && f->include)
		fputs(text, l->d->out);
	if (!ok)
		diag_warn(l->d, "tapset-errors", NULL,
			  "tapset '%s' has errors, and will be skipped%s", f->path,
			  f->include ? "" : ": give its directory with -I to see them");
	free(text);
	diag_deinit(&quiet);
	return ok ? script : NULL;
}

struct library *library_open(struct arena *a, struct diag *d, const char *const *dirs, size_t ndirs,
			     size_t ninclude, struct pp_env *env)
{
	struct library *l = arena_new(a, struct library);

	l->a = a;
	l->d = d;
	l->env = env;
	if (!env->macros)
		env->macros = arena_new(a, struct strmap);
	for (size_t i = 0; i < ndirs; i++)
		search_dir(a, d, dirs[i], i < ninclude, env, &l->files);
	vec_each(&l->files, i)
		if (l->files.v[i].macros)
			read_file(l, &l->files.v[i]);
	return l;
}

void library_close(struct library *l)
{
	strmap_deinit(&l->functions);
	strmap_deinit(&l->globals);
	strmap_deinit(&l->aliases);
	strmap_deinit(&l->alias_names);
	strmap_deinit(l->env->macros);
	l->env->macros = NULL;
}

/* ---- the index ---- */

static void index_function(struct library *l, struct script *s, struct function_decl *f)
{
	struct function_entry *e = strmap_get(&l->functions, f->name);

	if (!e) {
		e = arena_new(l->a, struct function_entry);
		e->owner = s;
		strmap_put(&l->functions, f->name, e);
	}
	if (e->owner == s)
		*vec_add(l->a, &e->decls) = f;
}

static struct alias_entry *alias_entry(struct library *l, struct strmap *map, const char *key)
{
	struct alias_entry *e = strmap_get(map, key);

	if (!e) {
		e = arena_new(l->a, struct alias_entry);
		strmap_put(map, arena_strdup(l->a, key), e);
	}
	return e;
}

/* Add AL unless it is there, which it can only be as the last one. */
static void add_alias(struct library *l, struct alias_entry *e, struct alias_decl *al)
{
	if (!e->decls.n || e->decls.v[e->decls.n - 1] != al)
		*vec_add(l->a, &e->decls) = al;
}

static void index_alias(struct library *l, struct script *s, struct alias_decl *al)
{
	bool mine = false;

	vec_each(&al->names, i) {
		struct alias_entry *full;
		struct buf b = { 0 };

		ast_print_point(&b, al->names.v[i]);
		full = alias_entry(l, &l->alias_names, buf_text(&b));
		buf_deinit(&b);
		if (!full->owner)
			full->owner = s;
		if (full->owner != s)
			continue;
		mine = true;
		add_alias(l, alias_entry(l, &l->aliases, al->names.v[i]->comp.v[0].name), al);
	}
	if (mine)
		*vec_add(l->a, &l->all_aliases) = al;
}

static void index_script(struct library *l, struct script *s)
{
	*vec_add(l->a, &l->scripts) = s;
	vec_each(&s->functions, i)
		if (!s->functions.v[i]->private_scope)
			index_function(l, s, s->functions.v[i]);
	vec_each(&s->aliases, i)
		if (!s->aliases.v[i]->private_scope)
			index_alias(l, s, s->aliases.v[i]);
	vec_each(&s->globals, i) {
		struct global_decl *g = s->globals.v[i];

		if (!g->private_scope && !strmap_has(&l->globals, g->name))
			strmap_put(&l->globals, g->name, g);
	}
}

void library_load_all(struct library *l)
{
	if (l->loaded)
		return;
	l->loaded = true;
	vec_each(&l->files, i) {
		struct script *s = l->files.v[i].macros ? NULL : read_file(l, &l->files.v[i]);

		if (s)
			index_script(l, s);
	}
}

/* ---- questions ---- */

struct function_list library_functions(struct library *l, const char *name)
{
	const struct function_entry *e;

	library_load_all(l);
	e = strmap_get(&l->functions, name);
	return e ? (struct function_list){ e->decls.v, e->decls.n } : (struct function_list){ 0 };
}

struct alias_list library_aliases(struct library *l, const char *first)
{
	const struct alias_entry *e;

	library_load_all(l);
	if (str_is_glob(first))
		return (struct alias_list){ l->all_aliases.v, l->all_aliases.n };
	e = strmap_get(&l->aliases, first);
	return e ? (struct alias_list){ e->decls.v, e->decls.n } : (struct alias_list){ 0 };
}

struct global_decl *library_global(struct library *l, const char *name)
{
	library_load_all(l);
	return strmap_get(&l->globals, name);
}

struct script *library_script_of(struct library *l, const struct source *src)
{
	vec_each(&l->scripts, i)
		if (l->scripts.v[i]->src == src)
			return l->scripts.v[i];
	return NULL;
}

static void nearest(const struct strmap *m, const char *name, unsigned *best, const char **ret)
{
	for (size_t i = 0; i < m->n; i++) {
		unsigned d = str_distance(name, m->e[i].key, *best);

		if (d < *best) {
			*best = d;
			*ret = m->e[i].key;
		}
	}
}

const char *library_similar(struct library *l, const char *name)
{
	unsigned best = (unsigned)strlen(name) / 3 + 1;	/* not as near as this */
	const char *ret = NULL;

	if (best > 4)
		best = 4;
	if (best < 2)
		best = 2;
	library_load_all(l);
	nearest(&l->functions, name, &best, &ret);
	nearest(&l->globals, name, &best, &ret);
	return ret;
}

size_t library_nscripts(const struct library *l)
{
	return l->scripts.n;
}

struct script *library_script(const struct library *l, size_t i)
{
	return l->scripts.v[i];
}
