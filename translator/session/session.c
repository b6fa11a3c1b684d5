/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of stap: where things are, and which kernel is meant.  Reads the environment, /proc and
 * the kernel's build tree; changes nothing but its own temporary folder.  Knows no pass.
 */
#include "session/session.h"
#include "base/buf.h"
#include "base/proc.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

void session_init(struct session *s)
{
	*s = (struct session){ .opt = { .last_pass = 5, .colour = -1 } };
	arena_init(&s->arena, "session");
	diag_init(&s->diag, stderr);
}

void session_deinit(struct session *s)
{
	if (s->tmpdir && !s->opt.keep)
		dir_remove(s->tmpdir);
	buf_deinit(&s->unit);
	buf_deinit(&s->kernel_unit);
	buf_deinit(&s->line_map);
	strmap_deinit(&s->kernel.config);
	strmap_deinit(&s->headers);
	diag_deinit(&s->diag);
	arena_deinit(&s->arena);
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

/* The folder of the running program when that is the build tree, else NULL. */
static const char *build_tree(struct session *s)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	*slash = '\0';
	return strcmp(exe, BUILDDIR) ? NULL : arena_strdup(&s->arena, exe);
}

static const char *data_dir(struct session *s, const char *env, const char *name)
{
	const char *e = getenv(env);

	if (e && *e)
		return e;
	if (build_tree(s))
		return arena_printf(&s->arena, "%s/%s", SRCDIR, name);
	return arena_printf(&s->arena, "%s/%s", PKGDATADIR, name);
}

bool session_unprivileged(const struct session *s)
{
	return s->opt.privilege && !strcmp(s->opt.privilege, "stapusr");
}

unsigned session_verbose(const struct session *s, int pass)
{
	return s->opt.verbose + s->opt.vp[pass - 1];
}

const char *session_runtime_dir(struct session *s)
{
	return data_dir(s, "SYSTEMTAP_RUNTIME", "runtime");
}

const char *session_examples_dir(struct session *s)
{
	return data_dir(s, "SYSTEMTAP_EXAMPLES", "examples");
}

const char *session_tapset_dir(struct session *s)
{
	return data_dir(s, "SYSTEMTAP_TAPSET", "tapset");
}

const char *session_program(struct session *s, const char *name, const char *dir)
{
	const char *tree = build_tree(s);

	if (tree)	/* built in the folder of its sources, which has its name */
		return arena_printf(&s->arena, "%s/%s/%s", tree, name, name);
	return arena_printf(&s->arena, "%s/%s", dir, name);
}

const char *session_dir(struct session *s)
{
	const char *e = getenv("SYSTEMTAP_DIR");
	struct passwd *pw;

	if (e && *e)
		return e;
	e = getenv("HOME");
	if (!e || !*e) {
		pw = getpwuid(getuid());
		e = pw ? pw->pw_dir : "/";
	}
	return arena_printf(&s->arena, "%s/.systemtap", e);
}

unsigned session_maxstringlen(const struct session *s)
{
	unsigned long bytes = 0;

	vec_each(&s->opt.define, i)
		if (!strcmp(s->opt.define.v[i].name, "MAXSTRINGLEN") && s->opt.define.v[i].value)
			bytes = strtoul(s->opt.define.v[i].value, NULL, 0);
	return bytes ? (unsigned)bytes : 512;
}

const char *session_tmpdir(struct session *s)
{
	char *dir;

	if (s->tmpdir)
		return s->tmpdir;
	dir = tmpdir_make();
	if (!dir) {
		diag_error(&s->diag, DIAG_ERROR, "tmpdir", NULL,
			   "cannot make a temporary folder in %s: %s; set TMPDIR to a place with room",
			   getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", strerror(errno));
		return NULL;
	}
	s->tmpdir = arena_strdup(&s->arena, dir);
	free(dir);
	if (s->opt.keep)
		tmpdir_keep();
	return s->tmpdir;
}

/* CONFIG_ lines of TEXT into the map; the text must stay. */
static void read_config(struct session *s, const char *text)
{
	while (text && *text) {
		const char *end = strchrnul(text, '\n'), *eq = memchr(text, '=', (size_t)(end - text));

		if (!strncmp(text, "CONFIG_", 7) && eq)
			strmap_put(&s->kernel.config, arena_strndup(&s->arena, text, (size_t)(eq - text)),
				   arena_strndup(&s->arena, eq + 1, (size_t)(end - eq - 1)));
		text = *end ? end + 1 : end;
	}
}

const char *session_config(void *session, const char *name)
{
	struct session *s = session;
	struct kernel *k = &s->kernel;

	if (!k->config_read) {
		struct buf b = { 0 };

		k->config_read = true;
		if ((k->build && buf_read_file(&b, arena_printf(&s->arena, "%s/.config", k->build))) ||
		    buf_read_file(&b, arena_printf(&s->arena, "/boot/config-%s", k->release)) ||
		    buf_read_file(&b, arena_printf(&s->arena, "/lib/modules/%s/config", k->release)))
			read_config(s, buf_text(&b));
		buf_deinit(&b);
	}
	return strmap_get(&k->config, name);
}

/* One trimmed line of a file, or NULL. */
static const char *first_line(struct session *s, const char *path)
{
	struct buf b = { 0 };
	const char *line = NULL;

	if (buf_read_file(&b, path) && b.n)
		line = arena_strndup(&s->arena, b.p, strcspn(b.p, "\n"));
	buf_deinit(&b);
	return line;
}

/* opt.release is a build tree: take its release. */
static bool from_build_tree(struct session *s, const char *tree)
{
	const char *file = arena_printf(&s->arena, "%s/include/config/kernel.release", tree);
	const char *release = first_line(s, file);

	if (!release)
		return diag_error(&s->diag, DIAG_ERROR, "no-kernel", NULL,
				  "%s is not a configured kernel build tree: %s cannot be read", tree, file);
	s->kernel.release = release;
	s->kernel.build = tree;
	return true;
}

bool session_find_kernel(struct session *s)
{
	struct kernel *k = &s->kernel;
	struct utsname u;
	const char *build;
	size_t n;

	if (!s->opt.release && getenv("SYSTEMTAP_RELEASE") && *getenv("SYSTEMTAP_RELEASE"))
		s->opt.release = getenv("SYSTEMTAP_RELEASE");
	uname(&u);
	k->arch = arena_strdup(&s->arena, u.machine);
	if (s->opt.release && s->opt.release[0] == '/') {
		if (!from_build_tree(s, s->opt.release))
			return false;
	} else {
		k->release = arena_strdup(&s->arena, s->opt.release ? s->opt.release : u.release);
		build = arena_printf(&s->arena, "/lib/modules/%s/build", k->release);
		if (exists(arena_printf(&s->arena, "%s/Makefile", build)))
			k->build = build;
		else if (s->opt.release && !exists(arena_printf(&s->arena, "/lib/modules/%s", k->release)) &&
			 !exists(arena_printf(&s->arena, "/usr/lib/debug/boot/vmlinux-%s", k->release)))
			return diag_error(&s->diag, DIAG_ERROR, "no-kernel", NULL,
				"kernel release %s is not installed: there is no /lib/modules/%s",
				k->release, k->release);
	}
	n = strcspn(k->release, "-+");
	k->version = arena_strndup(&s->arena, k->release, n);
	s->pp.kernel_v = k->version;
	s->pp.kernel_vr = k->release;
	s->pp.arch = k->arch;
	s->pp.systemtap_v = SYSTEMTAP_VERSION;
	s->pp.privilege = s->opt.privilege ? s->opt.privilege : "stapdev";
	s->pp.runtime = "kernel";
	s->pp.guru = s->opt.guru;
	s->pp.config = session_config;
	s->pp.config_arg = s;
	s->pp.compatible = s->opt.compatible;
	return true;
}

bool session_need_headers(struct session *s)
{
	if (s->kernel.build)
		return true;
	diag_error(&s->diag, DIAG_ERROR, "no-headers", NULL,
		   "the headers of kernel %s are not installed: /lib/modules/%s/build is missing",
		   s->kernel.release, s->kernel.release);
	diag_hint(&s->diag, "Debian: apt-get install linux-headers-%s, or run: stap-prep %s", s->kernel.release,
		  s->kernel.release);
	diag_hint(&s->diag, "or trace in a throw-away guest with an installed kernel: stap --remote=guest ...");
	return false;
}
