/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plain way: a folder that the kernel's build system understands, and make.  The folder is
 * complete: with -k it stays, and `make -C /lib/modules/RELEASE/build M=FOLDER` works there.
 */
#include "build/build.h"
#include "base/proc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_source(const char *name)
{
	size_t n = strlen(name);

	return n > 2 && name[n - 2] == '.' && (name[n - 1] == 'c' || name[n - 1] == 'h');
}

/* Copy every .c and .h below FROM to TO, keeping the folders. */
static bool copy_tree(struct session *s, const char *from, const char *to)
{
	DIR *dir = opendir(from);
	struct dirent *e;
	bool ok = dir && dir_make(to);

	while (ok && (e = readdir(dir))) {
		const char *src = arena_printf(&s->arena, "%s/%s", from, e->d_name);
		const char *dst = arena_printf(&s->arena, "%s/%s", to, e->d_name);
		struct stat st;

		if (e->d_name[0] == '.' || stat(src, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			ok = copy_tree(s, src, dst);
		else if (is_source(e->d_name))
			ok = file_copy(src, dst);
	}
	if (dir)
		closedir(dir);
	return ok;
}

/* Kbuild of the folder: the unit and the objects of runtime/sources.list, in its order. */
static bool kbuild_text(struct session *s, struct buf *b, const char *name)
{
	const char *list = arena_printf(&s->arena, "%s/sources.list", session_runtime_dir(s));
	struct buf in = { 0 };
	char *line, *save;

	if (!buf_read_file(&in, list))
		return diag_error(&s->diag, DIAG_ERROR, "install", NULL, "the runtime is not complete: %s: %s",
				  list, strerror(errno));
	buf_printf(b, "# make -C /lib/modules/%s/build M=$PWD\n", s->kernel.release);
	buf_printf(b, "obj-m := %s.o\n%s-y := %s_src.o", name, name, name);
	if (s->kernel_unit.n && !strcmp(name, s->module_name))		/* not the template */
		buf_puts(b, " " BUILD_KERNEL_UNIT "_src.o");
	for (line = strtok_r(in.p, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t n = strcspn(line, " \t#");

		if (n > 2)
			buf_printf(b, " \\\n\truntime/%.*so", (int)n - 1, line);
	}
	/* Functions of the tracer are no places to trace. */
	buf_puts(b, "\nccflags-y := -I$(src)/runtime -Wa,-I$(src) -g0\nccflags-remove-y := $(CC_FLAGS_FTRACE)\n");
	buf_deinit(&in);
	return true;
}

bool kbuild_folder(struct session *s, const char *dir, const char *name)
{
	struct buf b = { 0 };
	bool ok;

	if (!copy_tree(s, session_runtime_dir(s), arena_printf(&s->arena, "%s/runtime", dir)))
		return diag_error(&s->diag, DIAG_ERROR, "copy", NULL, "cannot copy the runtime %s to %s: %s",
				  session_runtime_dir(s), dir, strerror(errno));
	if (!kbuild_text(s, &b, name))
		return false;
	ok = file_write(arena_printf(&s->arena, "%s/Kbuild", dir), b.p, b.n);
	buf_deinit(&b);
	if (!ok)
		return diag_error(&s->diag, DIAG_ERROR, "copy", NULL, "cannot write %s/Kbuild: %s", dir,
				  strerror(errno));
	return true;
}

struct progress {
	const char *what;
	unsigned done;
};

static void show(void *arg, const char *line)
{
	struct progress *p = arg;

	if (!strncmp(line, "  CC", 4) || !strncmp(line, "  LD", 4))
		fprintf(stderr, "\r\033[K%s ... %u", p->what, ++p->done);
}

int kbuild_make(struct session *s, const char *dir, const char *what, struct buf *out)
{
	struct progress p = { .what = what };
	bool tty = isatty(2);
	const char *m = arena_printf(&s->arena, "M=%s", dir);
	const char *words[] = { "make", "-C", s->kernel.build, m, "-j2", "modules" };
	const size_t n = sizeof(words) / sizeof(*words), more = s->opt.make_variables.n;
	char **argv = arena_array(&s->arena, char *, n + more + 1);
	int status;

	memcpy(argv, words, sizeof(words));
	if (more)
		memcpy(argv + n, s->opt.make_variables.v, more * sizeof(*argv));

	/* An outer make must not lend us its jobserver, nor a user's locale its messages. */
	unsetenv("MAKEFLAGS");
	unsetenv("MFLAGS");
	unsetenv("MAKELEVEL");
	setenv("LC_ALL", "C", 1);
	status = proc_run(argv, NULL, out, tty ? show : NULL, &p);
	if (tty)
		fputs("\r\033[K", stderr);
	if (status < 0)
		buf_printf(out, "make: %s\n", strerror(errno));
	return status;
}

/* "..., NAME: gcc-12 (Debian 12.2.0-14) 12.2.0" to 12; 0 when there is no such line. */
static int major_after(const char *text, const char *name)
{
	const char *p = strstr(text, name), *last = NULL;
	size_t n = p ? strcspn(p, "\n") : 0;

	for (size_t i = strlen(name); i < n; i++)
		if (p[i] == ' ' && p[i + 1] >= '0' && p[i + 1] <= '9')
			last = p + i + 1;
	return last ? atoi(last) : 0;
}

/* Kbuild tells of any difference between compilers; another major version is worth a warning. */
void kbuild_warn_compiler(struct session *s, const char *text)
{
	const char *p = strstr(text, "compiler differs from the one used to build the kernel");
	int kernel = p ? major_after(p, "The kernel was built by:") : 0;
	int ours = p ? major_after(p, "You are using:") : 0;

	if (!kernel || !ours || kernel == ours)
		return;
	diag_warn(&s->diag, "compiler", NULL, "kernel %s was built by version %d of the compiler, modules for it"
		  " by version %d: they may not load", s->kernel.release, kernel, ours);
	diag_hint(&s->diag, "Debian: apt-get install gcc-%d", kernel);
}

bool kbuild_module(struct session *s)
{
	const char *dir = session_tmpdir(s);
	struct buf out = { 0 };
	bool ok;

	if (!dir || !kbuild_folder(s, dir, s->module_name))
		return false;
	ok = !kbuild_make(s, dir, "compiling the module", &out);
	kbuild_warn_compiler(s, buf_text(&out));
	if (ok)
		s->module_path = arena_printf(&s->arena, "%s/%s.ko", dir, s->module_name);
	else
		build_report(s, &out);
	buf_deinit(&out);
	return ok;
}
