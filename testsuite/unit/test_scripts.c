/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts of testsuite/{parse,sem,trans}{ok,ko}: parse* go through pass 1, sem* through pass 2,
 * trans* through pass 3; *ok are accepted, *ko refused there.  Everything runs in this process, in the
 * world of world.c with the library testsuite/world.  What a script expects stands in it, on
 * comment lines of their own:
 *
 *	# test: WORDS		guru, tapset, args=A,B, compatible=V, privilege=P, unoptimized, verbose,
 *				werror, sites, list, vars; library: the product's own tapset too
 *	# error L:C TEXT	an error at line L, column C whose message holds TEXT (L:C may be left out)
 *	# warning L:C TEXT	the same of a warning
 *	# has TEXT		in what the pass made: script, program, or unit; hasnt: not in it
 *	# gap WHY		a known gap: fails today
 *
 * Errors and warnings are all listed, in order.  With NAME.out or NAME.err beside it, messages and
 * product must be that text exactly; BLESS=1 rewrites such files.  Every accepted script prints as
 * text that parses and prints as itself.  The units of transok are compiled as the kernel would.
 * Arguments: names of scripts ("semko/alias_loop") instead of all.
 */
#include <dirent.h>
#include <unistd.h>

#include "cgen/cgen.h"
#include "library/library.h"
#include "opt/opt.h"
#include "sema/sema.h"
#include "syntax/format.h"
#include "testsuite/unit/syntax_setup.h"
#include "testsuite/unit/world.h"

enum pass { PARSE = 1, SEM, TRANS };

struct run {
	enum pass pass;
	bool want_ok, ok;
	char what[256];		/* "semok/NAME" */
	struct buf text;	/* the script's file */
	struct setup setup;	/* its arena and diag are the session's */
	struct session s;
	struct script *script;
	struct buf out;		/* what the last pass made */
	struct buf why;		/* what is wrong, empty when nothing */
	const char *gap;
};

static char units[] = "/tmp/test_scripts.XXXXXX";
static unsigned nunits;
static const char *current;

void __asan_on_error(void);

void __asan_on_error(void)
{
	fprintf(stderr, "not ok %s: the process dies\n", current);
}

/* ---- tags ---- */

/* The next line "# KIND rest" at or behind *AT; its rest in the arena, NULL at the end. */
static char *tag(struct run *r, const char *kind, const char **at)
{
	size_t n = strlen(kind);

	for (const char *line = *at; line && *line; line = strchr(line, '\n')) {
		line += strspn(line, "\n\t ");
		if (strncmp(line, "# ", 2) || strncmp(line + 2, kind, n) || !strchr(" \n", line[2 + n]))
			continue;
		line += 2 + n + (line[2 + n] == ' ');
		*at = line + strcspn(line, "\n");
		return arena_strndup(&r->s.arena, line, strcspn(line, "\r\n"));
	}
	*at = NULL;
	return NULL;
}

/* A word of the `# test:` line: what is behind its `=`, or "" ; NULL when absent. */
static const char *option(struct run *r, const char *word)
{
	const char *at = buf_text(&r->text);
	char *line = tag(r, "test:", &at), *save, *w;

	for (w = line ? strtok_r(line, " ", &save) : NULL; w; w = strtok_r(NULL, " ", &save)) {
		char *eq = strchr(w, '=');

		if (eq)
			*eq = '\0';
		if (!strcmp(w, word))
			return eq ? eq + 1 : "";
	}
	return NULL;
}

/* ---- passes ---- */

static void set_args(struct run *r, const char *list)
{
	char *copy = arena_strdup(&r->s.arena, list), *save, *w;
	struct pp_env *env = &r->s.pp;

	env->argv = arena_array(&r->s.arena, const char *, 8);
	for (w = strtok_r(copy, ",", &save); w && env->argc < 8; w = strtok_r(NULL, ",", &save))
		env->argv[env->argc++] = w;
}

static void set_options(struct run *r)
{
	struct session *s = &r->s;
	const char *v;

	s->opt.guru = s->pp.guru = r->setup.src.guru = option(r, "guru");
	s->opt.unoptimized = option(r, "unoptimized");
	s->opt.verbose = option(r, "verbose") != NULL;
	s->diag.werror = option(r, "werror");
	r->setup.src.tapset = option(r, "tapset");
	if ((v = option(r, "args")))
		set_args(r, v);
	if ((v = option(r, "compatible")))
		s->opt.compatible = s->pp.compatible = v;
	if ((v = option(r, "privilege")))
		s->opt.privilege = s->pp.privilege = v;
}

static void sema(struct run *r)
{
	const bool vars = option(r, "vars");
	char *list = NULL;
	size_t n = 0;
	FILE *f;

	if (vars || option(r, "list")) {
		f = open_memstream(&list, &n);
		r->ok = true;
		if (!sema_list(&r->s, vars, f))
			fputs("(nothing)\n", f);
		fclose(f);
		buf_puts(&r->out, list);
		free(list);
		return;
	}
	r->ok = sema_run(&r->s);
	if (!r->ok || r->pass != SEM)
		return;
	program_dump(&r->out, r->s.program);
	if (option(r, "sites"))
		sites_dump(&r->out, r->s.program);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static bool verified(struct run *r, const struct ir_program *p)
{
	const char *wrong = ir_verify(&r->s.arena, p);

	if (wrong)
		buf_printf(&r->why, "the verifier says: %s\n", wrong);
	return !wrong;
}

static void translate(struct run *r)
{
	struct ir_program *p = ir_lower(&r->s.arena, &r->s.diag, r->s.program);

	r->ok = p && verified(r, p);
	if (!r->ok)
		return;
	if (!r->s.opt.unoptimized)
		ir_optimise(&r->s.arena, p);
	r->ok = verified(r, p);
	r->s.kernel.release = "test";
	cgen_unit(&r->out, &r->s.kernel_unit, p, &r->s);
	buf_deinit(&r->s.kernel_unit);
	if (r->want_ok) {
		write_text(arena_printf(&r->s.arena, "%s/%s.c", units, strchr(r->what, '/') + 1), buf_text(&r->out));
		nunits++;
	}
}

static void run_passes(struct run *r)
{
	const char *dirs[] = { SRCDIR "/testsuite/world", SRCDIR "/tapset" };
	struct session *s = &r->s;

	if (r->pass > PARSE)
		s->library = library_open(&s->arena, &s->diag, dirs, option(r, "library") ? 2 : 1, 1, &s->pp);
	r->script = parse_script(&s->arena, &s->diag, &r->setup.src, &s->pp);
	r->ok = r->script;
	if (r->script) {
		*vec_add(&s->arena, &s->scripts) = r->script;
		if (r->pass == PARSE)
			ast_print_script(&r->out, r->script);
	}
	if (r->ok && r->pass > PARSE)
		sema(r);
	if (r->ok && r->pass > SEM)
		translate(r);
}

/* ---- what it should be ---- */

/* The script printed with copies of all bodies in place of the bodies. */
static void print_copies(struct arena *a, struct script *sc, struct buf *b)
{
	vec_each(&sc->probes, i)
		sc->probes.v[i]->body = ast_clone_stmt(a, sc->probes.v[i]->body);
	vec_each(&sc->aliases, i)
		sc->aliases.v[i]->body = ast_clone_stmt(a, sc->aliases.v[i]->body);
	vec_each(&sc->functions, i)
		sc->functions.v[i]->body = ast_clone_stmt(a, sc->functions.v[i]->body);
	ast_print_script(b, sc);
}

/* What the script prints as parses and prints as itself, copied or not. */
static void round_trip(struct run *r)
{
	struct buf first = { 0 }, again = { 0 }, copies = { 0 };
	struct script *sc;
	struct setup s;

	ast_print_script(&first, r->script);
	setup_init(&s);
	s.src.name = r->what;
	s.src.guru = s.env.guru = r->setup.src.guru;
	s.src.tapset = r->setup.src.tapset;
	s.env.compatible = r->s.pp.compatible;
	sc = setup_parse(&s, buf_text(&first), first.n);
	if (sc) {
		ast_print_script(&again, sc);
		print_copies(&s.a, sc, &copies);
	}
	if (!sc || strcmp(buf_text(&again), buf_text(&first)))
		buf_printf(&r->why, "printed:\n%s\nand printed again:\n%s\n", buf_text(&first),
			   sc ? buf_text(&again) : setup_messages(&s));
	else if (strcmp(buf_text(&copies), buf_text(&first)))
		buf_printf(&r->why, "a copy prints otherwise:\n%s\n", buf_text(&copies));
	buf_deinit(&first);
	buf_deinit(&again);
	buf_deinit(&copies);
	setup_deinit(&s);
}

/* Formatted, the script has the same meaning and keeps its comments; formatting it again changes nothing. */
static void formats(struct run *r)
{
	struct buf once = { 0 }, twice = { 0 };
	struct source src = { .name = r->what };
	struct setup s;

	setup_init(&s);
	if (!script_format(&once, &s.a, &s.d, &r->setup.src)) {
		buf_printf(&r->why, "it cannot be formatted:\n%s", setup_messages(&s));
	} else {
		src.text = buf_text(&once);
		src.size = once.n;
		if (!script_format(&twice, &s.a, &s.d, &src) || strcmp(buf_text(&once), buf_text(&twice)))
			buf_printf(&r->why, "formatted:\n%s\nformatted again:\n%s\n%s", buf_text(&once),
				   buf_text(&twice), setup_messages(&s));
	}
	buf_deinit(&once);
	buf_deinit(&twice);
	setup_deinit(&s);
}

/* Length of the message at P, up to the next one; *WARNING tells which kind it is. */
static size_t message(const char *p, bool *warning)
{
	static const char *const heads[] = { "WARNING: ", "parse error: ", "semantic error: ", "ERROR: ", NULL };
	const char *end = p;

	*warning = !strncmp(p, heads[0], strlen(heads[0]));
	while (*end) {
		end += strcspn(end, "\n");
		end += *end == '\n';
		for (const char *const *h = heads; *h; h++)
			if (!strncmp(end, *h, strlen(*h)))
				return (size_t)(end - p);
	}
	return (size_t)(end - p);
}

/* Does the message TEXT say what the tag WANT ("L:C TEXT" or "TEXT") does? */
static bool says(struct run *r, const char *text, const char *want)
{
	unsigned line, col;
	int n = 0;
	const char *at;

	if (sscanf(want, "%u:%u %n", &line, &col, &n) == 2 && n) {
		at = strstr(text, arena_printf(&r->s.arena, "%s:", r->setup.src.name));
		if (!at || strncmp(at, arena_printf(&r->s.arena, "%s:%u:%u", r->setup.src.name, line, col),
				   strlen(arena_printf(&r->s.arena, "%s:%u:%u", r->setup.src.name, line, col))))
			return false;
	}
	return strstr(text, want + n);
}

static void check_messages(struct run *r, const char *messages)
{
	const char *at[2] = { buf_text(&r->text), buf_text(&r->text) };
	const char *const kind[2] = { "error", "warning" };
	bool warning;
	size_t n;

	for (const char *p = messages; *p; p += n) {
		const char *text, *want;

		n = message(p, &warning);
		text = arena_strndup(&r->s.arena, p, n);
		want = tag(r, kind[warning], &at[warning]);
		if (!want || !says(r, text, want))
			buf_printf(&r->why, "wanted the %s: %s\nand got:\n%s", kind[warning],
				   want ? want : "(none)", text);
	}
	for (int i = 0; i < 2; i++)
		for (const char *want; (want = tag(r, kind[i], &at[i]));)
			buf_printf(&r->why, "wanted the %s: %s\nand got nothing\n", kind[i], want);
	if (!r->want_ok && !*messages)
		buf_puts(&r->why, "it was refused without a message\n");
}

static void check_product(struct run *r)
{
	const char *at = buf_text(&r->text), *want;

	while ((want = tag(r, "has", &at)))
		if (!strstr(buf_text(&r->out), want))
			buf_printf(&r->why, "no \"%s\" in what was made:\n%s\n", want, buf_text(&r->out));
	at = buf_text(&r->text);
	while ((want = tag(r, "hasnt", &at)))
		if (strstr(buf_text(&r->out), want))
			buf_printf(&r->why, "\"%s\" is in what was made:\n%s\n", want, buf_text(&r->out));
}

/* DIR in the text becomes DIR: expectations hold on every machine. */
static void hide(struct buf *b, const char *dir)
{
	struct buf out = { 0 };
	const char *p = buf_text(b), *at;

	for (; (at = strstr(p, dir)); p = at + strlen(dir)) {
		buf_add(&out, p, (size_t)(at - p));
		buf_puts(&out, "DIR");
	}
	buf_puts(&out, p);
	buf_deinit(b);
	*b = out;
}

/* True when there is a golden file; then it was compared. */
static bool golden(struct run *r, const char *messages)
{
	const char *path = arena_printf(&r->s.arena, SRCDIR "/testsuite/%s.%s", r->what, r->want_ok ? "out" : "err");
	struct buf got = { 0 }, want = { 0 };
	bool have = buf_read_file(&want, path);

	if (have) {
		buf_printf(&got, "%s%s", messages, buf_text(&r->out));
		hide(&got, SRCDIR "/testsuite/world");
		if (getenv("BLESS"))
			write_text(path, buf_text(&got));
		else if (strcmp(buf_text(&got), buf_text(&want)))
			buf_printf(&r->why, "got:\n%s\nwant:\n%s\n", buf_text(&got), buf_text(&want));
	}
	buf_deinit(&got);
	buf_deinit(&want);
	return have;
}

static void check(struct run *r)
{
	const char *messages = setup_messages(&r->setup);

	if (r->ok != r->want_ok)
		buf_printf(&r->why, "it was %s\n%s", r->ok ? "accepted" : "refused:", messages);
	else if (!golden(r, messages))
		check_messages(r, messages);
	if (r->ok) {
		check_product(r);
		round_trip(r);
		formats(r);
	}
}

/* ---- files ---- */

static void report(struct run *r)
{
	const char *at = buf_text(&r->text);
	const char *gap = tag(r, "gap", &at);

	if (gap && r->why.n) {
		printf("ok %s # known gap: %s\n", r->what, gap);
		return;
	}
	if (gap)
		buf_puts(&r->why, "the gap is closed: take the tag away\n");
	failures += r->why.n != 0;
	printf("%sok %s\n", r->why.n ? "not " : "", r->what);
	for (const char *p = buf_text(&r->why); *p; p += strspn(p, "\n")) {
		printf("# %.*s\n", (int)strcspn(p, "\n"), p);
		p += strcspn(p, "\n");
	}
}

/* DIR ("semok") and NAME without .stp. */
static void run_script(const char *dir, const char *name)
{
	struct run r = { .want_ok = strstr(dir, "ok"), .pass = dir[0] == 'p' ? PARSE : dir[0] == 's' ? SEM : TRANS };

	snprintf(r.what, sizeof(r.what), "%s/%s", dir, name);
	current = r.what;
	setup_init(&r.setup);
	r.s.arena = r.setup.a;
	if (!buf_read_file(&r.text, arena_printf(&r.s.arena, SRCDIR "/testsuite/%s.stp", r.what))) {
		printf("not ok %s: cannot be read\n", r.what);
		failures++;
		return;
	}
	r.s.diag = r.setup.d;
	r.s.pp = r.setup.env;
	r.setup.src.name = arena_printf(&r.s.arena, "%s.stp", name);
	r.setup.src.text = buf_text(&r.text);
	r.setup.src.size = r.text.n;
	set_options(&r);
	run_passes(&r);
	r.setup.d = r.s.diag;
	check(&r);
	report(&r);
	if (r.s.library)
		library_close(r.s.library);
	strmap_deinit(&r.s.headers);
	r.setup.a = r.s.arena;
	setup_deinit(&r.setup);
	buf_deinit(&r.text);
	buf_deinit(&r.out);
	buf_deinit(&r.why);
}

static int is_script(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 4 && !strcmp(e->d_name + n - 4, ".stp");
}

static void run_dir(const char *dir)
{
	struct dirent **names;
	char path[4096];
	int n;

	snprintf(path, sizeof(path), SRCDIR "/testsuite/%s", dir);
	n = scandir(path, &names, is_script, alphasort);
	if (n <= 0) {
		printf("not ok %s: no scripts in %s\n", dir, path);
		failures++;
		return;
	}
	for (int i = 0; i < n; i++) {
		*strrchr(names[i]->d_name, '.') = '\0';
		run_script(dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* All units together, as the kernel's build does with what is not there taken away. */
static void compile_units(void)
{
	static const char flags[] =
		"-D__KERNEL__ -nostdinc -ffreestanding -std=gnu11 -mno-sse -fno-strict-aliasing -fwrapv -Wall -Wundef "
		"-Werror -Wstrict-prototypes -Wdeclaration-after-statement -Wvla -Wno-format-security "
		"-Wimplicit-fallthrough=5";
	struct buf b = { 0 };
	bool ok;

	buf_printf(&b, "gcc %s -I" SRCDIR "/runtime -fsyntax-only %s/*.c 2>&1", flags, units);
	ok = system(buf_text(&b)) == 0;
	failures += !ok;
	printf("%sok transok: %u units compile\n", ok ? "" : "not ", nunits);
	buf_deinit(&b);
}

int main(int argc, char **argv)
{
	static const char *const dirs[] = { "parseok", "parseko", "semok", "semko", "transok", "transko" };
	char clean[64];

	world_init();
	if (!mkdtemp(units))
		return 1;
	for (int i = 1; i < argc; i++) {
		char *slash = strchr(argv[i], '/');

		if (!slash)
			return fprintf(stderr, "%s: FOLDER/NAME is wanted\n", argv[i]), 2;
		*slash = '\0';
		run_script(argv[i], slash + 1);
	}
	for (unsigned i = 0; argc == 1 && i < sizeof(dirs) / sizeof(dirs[0]); i++)
		run_dir(dirs[i]);
	if (nunits)
		compile_units();
	snprintf(clean, sizeof(clean), "rm -rf %s", units);
	if (system(clean))
		perror(clean);
	return failures > 0;
}
