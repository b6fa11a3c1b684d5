/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tapset files to an index of what they define.
 *
 * Macros are read when the library is opened, scripts at the first question: those that define the name
 * asked for when it is known which they are (defs.c), else all.  The first file in
 * search order that defines a name owns it, so a file for one kernel release overrides a general
 * one; what is private to a file is not in the index.  A file that does not parse is left out
 * with a warning.  Must not decide what a name means where it is used.
 */
#include "library/library.h"
#include "library/defs.h"
#include "library/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct function_entry {
	size_t file;			/* that owns the name */
	VEC(struct function_decl *) decls;
};

struct global_entry { size_t file; struct global_decl *decl; };

struct alias_entry { VEC(struct alias_decl *) decls; };

struct seen_file { dev_t dev; ino_t ino; };

struct library {
	struct arena *a;
	struct diag *d;
	struct pp_env *env;
	struct tapset_files files;
	VEC(struct seen_file) seen;	/* a file reached twice is read once */
	bool loaded;			/* all of them */
	bool *tried;			/* by file */
	struct script **script;		/* by file; NULL: not read, not a script, or with errors */
	bool failed;			/* one had errors */
	VEC(struct script *) scripts;	/* in the order they were read */
	struct defs defs;
	struct strmap functions;	/* struct function_entry by name */
	struct strmap globals;		/* struct global_entry by name */
	struct strmap aliases;		/* struct alias_entry by what was asked for, "FIRST" or "FIRST.SECOND" */
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
	*src = (struct source){ .name = f->path, .text = text, .size = b.n, .tapset = true,
				 .shipped = !f->include };
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
	l->failed |= !ok;
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
	l->tried = arena_array(a, bool, l->files.n + 1);
	l->script = arena_array(a, struct script *, l->files.n + 1);
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
	defs_deinit(&l->defs);
	strmap_deinit(l->env->macros);
	l->env->macros = NULL;
}

/* ---- what is known ---- */

/* Of files with the same name the first in order of search owns it, whenever each is read. */
static void index_function(struct library *l, size_t file, struct function_decl *f)
{
	struct function_entry *e = strmap_get(&l->functions, f->name);

	if (!e || e->file > file) {
		e = arena_new(l->a, struct function_entry);
		e->file = file;
		strmap_put(&l->functions, f->name, e);
	}
	if (e->file == file)
		*vec_add(l->a, &e->decls) = f;
}

static void index_global(struct library *l, size_t file, struct global_decl *g)
{
	struct global_entry *e = strmap_get(&l->globals, g->name);

	if (e && e->file <= file)
		return;
	e = arena_new(l->a, struct global_entry);
	*e = (struct global_entry){ file, g };
	strmap_put(&l->globals, g->name, e);
}

static void load_file(struct library *l, size_t file)
{
	struct script *s;

	if (l->tried[file] || l->files.v[file].macros)
		return;
	l->tried[file] = true;
	s = l->script[file] = read_file(l, &l->files.v[file]);
	if (!s)
		return;
	*vec_add(l->a, &l->scripts) = s;
	vec_each(&s->functions, i)
		if (!s->functions.v[i]->private_scope)
			index_function(l, file, s->functions.v[i]);
	vec_each(&s->globals, i)
		if (!s->globals.v[i]->private_scope)
			index_global(l, file, s->globals.v[i]);
}

/* The second word of the alias name P, NULL when it has none. */
static const char *second_word(const struct point *p)
{
	return p->comp.n > 1 ? p->comp.v[1].name : NULL;
}

static const char *two_words(struct library *l, const char *first, const char *second)
{
	return arena_printf(l->a, "%s.%s", first, second);
}

/* A point of two words reads the files with both, and those with aliases of the first alone. */
static void name_alias(struct library *l, size_t file, const struct point *p)
{
	const char *first = p->comp.v[0].name, *second = second_word(p);

	defs_add(&l->defs, l->a, 'a', first, file);
	defs_add(&l->defs, l->a, 'b', second ? two_words(l, first, second) : first, file);
}

static void name_script(struct library *l, size_t file, const struct script *s)
{
	vec_each(&s->functions, i)
		if (!s->functions.v[i]->private_scope)
			defs_add(&l->defs, l->a, 'f', s->functions.v[i]->name, file);
	vec_each(&s->globals, i)
		if (!s->globals.v[i]->private_scope)
			defs_add(&l->defs, l->a, 'g', s->globals.v[i]->name, file);
	vec_each(&s->aliases, i) {
		const struct alias_decl *al = s->aliases.v[i];

		for (size_t k = 0; k < al->names.n; k++)
			name_alias(l, file, al->names.v[k]);
	}
}

void library_load_all(struct library *l)
{
	if (l->loaded)
		return;
	l->loaded = true;
	vec_each(&l->files, i)
		load_file(l, i);
	if (l->defs.known || l->failed)
		return;
	vec_each(&l->files, i)
		if (l->script[i])
			name_script(l, i, l->script[i]);
	defs_save(&l->defs);
}

void library_index(struct library *l, const char *dir, const char *config)
{
	defs_load(&l->defs, l->a, dir, config, &l->files, l->env);
}

/* Read the files that define NAME; all of them while nobody knows which those are. */
static void load_named(struct library *l, char kind, const char *name)
{
	const struct def_files *f;

	if (!l->defs.known) {
		library_load_all(l);
		return;
	}
	f = defs_find(&l->defs, l->a, kind, name);
	for (size_t i = 0; f && i < f->n; i++)
		if (f->v[i] < l->files.n)
			load_file(l, f->v[i]);
}

/* ---- questions ---- */

struct function_list library_functions(struct library *l, const char *name)
{
	const struct function_entry *e;

	load_named(l, 'f', name);
	e = strmap_get(&l->functions, name);
	return e ? (struct function_list){ e->decls.v, e->decls.n } : (struct function_list){ 0 };
}

static bool may_be_called(const struct point *name, const char *first, const char *second)
{
	const char *own = second_word(name);

	return (!first || !strcmp(name->comp.v[0].name, first)) && (!second || !own || !strcmp(own, second));
}

/*
 * Does AL have a name that begins with FIRST and SECOND (NULL: any) and that no file before S has which is called as
 * S is?  Such a file, in a directory that is searched first or is for this kernel, takes the place of S; others add to
 * it.
 */
static bool is_owner(struct library *l, struct strmap *owners, const struct script *s,
		     const struct alias_decl *al, const char *first, const char *second)
{
	const char *slash = strrchr(s->src->name, '/'), *file = slash ? slash + 1 : s->src->name;
	bool mine = false;

	vec_each(&al->names, i) {
		const struct script *owner;
		struct buf b = { 0 };

		if (!may_be_called(al->names.v[i], first, second))
			continue;
		buf_printf(&b, "%s ", file);
		ast_print_point(&b, al->names.v[i]);
		owner = strmap_get(owners, buf_text(&b));
		if (!owner)
			strmap_put(owners, arena_strdup(l->a, buf_text(&b)), (void *)s);
		mine |= !owner || owner == s;
		buf_deinit(&b);
	}
	return mine;
}

static struct alias_entry *gather_aliases(struct library *l, const char *first, const char *second)
{
	struct alias_entry *e = arena_new(l->a, struct alias_entry);
	struct strmap owners = { 0 };

	vec_each(&l->files, i) {
		const struct script *s = l->script[i];

		for (size_t k = 0; s && k < s->aliases.n; k++)
			if (is_owner(l, &owners, s, s->aliases.v[k], first, second))
				*vec_add(l->a, &e->decls) = s->aliases.v[k];
	}
	strmap_deinit(&owners);
	return e;
}

struct alias_list library_aliases(struct library *l, const char *first, const char *second)
{
	bool all = str_is_glob(first);
	const char *key;
	struct alias_entry *e;

	if (all || (second && str_is_glob(second)))
		second = NULL;
	key = all ? "*" : second ? two_words(l, first, second) : first;
	e = strmap_get(&l->aliases, key);
	if (!e) {
		if (all) {
			library_load_all(l);
		} else if (second) {
			load_named(l, 'b', key);
			load_named(l, 'b', first);
		} else {
			load_named(l, 'a', first);
		}
		e = gather_aliases(l, all ? NULL : first, second);
		strmap_put(&l->aliases, arena_strdup(l->a, key), e);
	}
	return (struct alias_list){ e->decls.v, e->decls.n };
}

struct global_decl *library_global(struct library *l, const char *name)
{
	const struct global_entry *e;

	load_named(l, 'g', name);
	e = strmap_get(&l->globals, name);
	return e ? e->decl : NULL;
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
