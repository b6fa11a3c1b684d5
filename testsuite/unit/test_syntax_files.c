/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * testsuite/parse: ok/NAME.stp prints as ok/NAME.out, and that text prints as itself, and so do
 * copies of its trees; ko/NAME.stp reports exactly ko/NAME.err.  A first line `# test: WORDS`
 * sets guru, tapset, args=A,B.  With BLESS=1 in the environment the expectations are rewritten.
 */
#include "testsuite/unit/syntax_setup.h"

#include <dirent.h>

/* A word of the `# test:` line; its value behind `=` or "" in the arena, NULL when absent. */
static const char *option(struct setup *s, const struct buf *text, const char *word)
{
	const char *end = strchr(text->p, '\n');
	char *line, *save, *w;

	if (strncmp(text->p, "# test:", 7) || !end)
		return NULL;
	line = arena_strndup(&s->a, text->p + 7, (size_t)(end - text->p) - 7);
	for (w = strtok_r(line, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char *eq = strchr(w, '=');

		if (eq)
			*eq = '\0';
		if (!strcmp(w, word))
			return eq ? eq + 1 : "";
	}
	return NULL;
}

static void set_args(struct setup *s, const char *list)
{
	char *copy = arena_strdup(&s->a, list), *save, *w;

	s->env.argv = arena_array(&s->a, const char *, 8);
	for (w = strtok_r(copy, ",", &save); w && s->env.argc < 8; w = strtok_r(NULL, ",", &save))
		s->env.argv[s->env.argc++] = w;
}

static struct script *parse(struct setup *s, const char *name, const struct buf *text)
{
	const char *args = option(s, text, "args");

	s->src.name = name;
	s->src.guru = s->env.guru = option(s, text, "guru");
	s->src.tapset = option(s, text, "tapset");
	if (args)
		set_args(s, args);
	return setup_parse(s, text->p, text->n);
}

static void compare(const char *what, const char *got, const char *path)
{
	struct buf want = { 0 };

	if (getenv("BLESS")) {
		FILE *f = fopen(path, "w");

		if (f) {
			fputs(got, f);
			fclose(f);
		}
	}
	if (!buf_read_file(&want, path))
		buf_printf(&want, "(cannot read %s)", path);
	verdict(!strcmp(got, buf_text(&want)), what, got, buf_text(&want));
	buf_deinit(&want);
}

/* The script printed with copies of all bodies in place of the bodies. */
static void print_copies(struct setup *s, struct script *sc, struct buf *b)
{
	vec_each(&sc->probes, i)
		sc->probes.v[i]->body = ast_clone_stmt(&s->a, sc->probes.v[i]->body);
	vec_each(&sc->aliases, i)
		sc->aliases.v[i]->body = ast_clone_stmt(&s->a, sc->aliases.v[i]->body);
	vec_each(&sc->functions, i)
		sc->functions.v[i]->body = ast_clone_stmt(&s->a, sc->functions.v[i]->body);
	ast_print_script(b, sc);
}

/* FIRST, printed from a script of TEXT's kind, parses and prints as itself, copied or not. */
static void round_trip(const char *what, const struct buf *text, const struct buf *first)
{
	struct buf again = { 0 }, copies = { 0 };
	struct setup s;
	struct script *sc;

	setup_init(&s);
	s.src.name = what;
	s.src.guru = s.env.guru = option(&s, text, "guru");
	s.src.tapset = option(&s, text, "tapset");
	sc = setup_parse(&s, first->p ? first->p : "", first->n);
	if (sc) {
		ast_print_script(&again, sc);
		print_copies(&s, sc, &copies);
	}
	verdict(sc && !strcmp(buf_text(&again), first->p),
		arena_printf(&s.a, "%s printed twice", what), sc ? buf_text(&again) : setup_messages(&s), first->p);
	verdict(sc && !strcmp(buf_text(&copies), first->p), arena_printf(&s.a, "%s copied", what),
		buf_text(&copies), first->p);
	buf_deinit(&again);
	buf_deinit(&copies);
	setup_deinit(&s);
}

static void run_file(const char *dir, const char *kind, const char *name)
{
	struct buf text = { 0 }, printed = { 0 };
	struct script *sc;
	struct setup s;
	char *what, *path;

	setup_init(&s);
	what = arena_printf(&s.a, "%s/%.*s", kind, (int)(strlen(name) - 4), name);
	path = arena_printf(&s.a, "%s/%s/%.*s", dir, kind, (int)(strlen(name) - 4), name);
	if (!buf_read_file(&text, arena_printf(&s.a, "%s/%s/%s", dir, kind, name)))
		exit(99);
	sc = parse(&s, name, &text);
	if (!strcmp(kind, "ko")) {
		compare(what, sc ? "(no error)" : setup_messages(&s),
			arena_printf(&s.a, "%s.err", path));
	} else {
		if (sc)
			ast_print_script(&printed, sc);
		compare(what, sc ? buf_text(&printed) : setup_messages(&s),
			arena_printf(&s.a, "%s.out", path));
		if (sc)
			round_trip(what, &text, &printed);
	}
	buf_deinit(&text);
	buf_deinit(&printed);
	setup_deinit(&s);
}

static int is_script(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 4 && !strcmp(e->d_name + n - 4, ".stp");
}

static void run_dir(const char *dir, const char *kind)
{
	struct dirent **names;
	char path[4096];
	int n;

	snprintf(path, sizeof(path), "%s/%s", dir, kind);
	n = scandir(path, &names, is_script, alphasort);
	if (n <= 0) {
		printf("not ok %s: no scripts in %s\n", kind, path);
		failures++;
		return;
	}
	for (int i = 0; i < n; i++) {
		run_file(dir, kind, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : SRCDIR "/testsuite/parse";

	run_dir(dir, "ok");
	run_dir(dir, "ko");
	return failures > 0;
}
