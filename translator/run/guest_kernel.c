/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns a wish for a kernel ("6.1", a full release, nothing) into an installed kernel: release,
 * image, and the modules that it must load before it can see the host's files, in load order. Reads
 * /boot and /lib/modules (modules.dep, modules.builtin: see depmod(8), modules.dep(5)); must not
 * run programs.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest_parts.h"

#define MODULES "/lib/modules"

/* What a guest needs before it can see the host's files and speak to the host. */
static const char *const needed[] = { "virtio_pci", "virtio_console", "virtiofs", "overlay" };

/* Where distributions put the image of a release. */
static const char *const image_formats[] = { "/boot/vmlinuz-%s", MODULES "/%s/vmlinuz" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char *image_of(const char *release)
{
	char *path;

	for (size_t i = 0; i < COUNT(image_formats); i++) {
		if (asprintf(&path, image_formats[i], release) < 0)
			return NULL;
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static int bootable(const struct dirent *entry)
{
	char *image = entry->d_name[0] == '.' ? NULL : image_of(entry->d_name);

	free(image);
	return image != NULL;
}

static bool release_fits(const char *release, const char *want)
{
	size_t n = strlen(want);

	/* "6.1" means 6.1.x and 6.1-rc, not 6.12 */
	return strncmp(release, want, n) == 0 && (release[n] == '\0' || strchr(".-+_", release[n]));
}

static void report_missing(const char *want, struct dirent **list, int n)
{
	if (want)
		fprintf(stderr, "ERROR: no kernel %s is installed for a guest\n", want);
	else
		fprintf(stderr, "ERROR: no kernel is installed for a guest\n");
	if (n <= 0) {
		fprintf(stderr,
			"A guest needs a readable /boot/vmlinuz-RELEASE and " MODULES "/RELEASE;"
			" on Debian: apt-get install linux-image-cloud-amd64\n");
		return;
	}
	fprintf(stderr, "Installed kernels:\n");
	for (int i = 0; i < n; i++)
		fprintf(stderr, "  %s\n", list[i]->d_name);
}

char *guest_kernel_find(const char *want)
{
	struct dirent **list = NULL;
	int n = scandir(MODULES, &list, bootable, versionsort);
	char *found = NULL;

	if (want && !*want)
		want = NULL;
	for (int i = n - 1; i >= 0 && !found; i--) {
		if (!want || release_fits(list[i]->d_name, want))
			found = strdup(list[i]->d_name);
	}
	if (!found)
		report_missing(want, list, n);
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return found;
}

static char *read_text(const char *release, const char *name)
{
	char *path, *text = NULL;
	size_t size = 0;
	FILE *file;

	if (asprintf(&path, MODULES "/%s/%s", release, name) < 0)
		return NULL;
	file = fopen(path, "re");
	free(path);
	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/* The line of modules.dep or modules.builtin whose first path has this module's base name ('-' and
 * '_' are the same). */
static char *find_line(char *text, const char *module)
{
	size_t n = strlen(module);

	for (char *line = text; line && *line; line = strchr(line, '\n'), line += !!line) {
		size_t len = strcspn(line, ":\n");
		char *base = memrchr(line, '/', len);
		size_t i = 0;

		base = base ? base + 1 : line;
		while (i < n && (base[i] == module[i] || (base[i] == '-' && module[i] == '_')))
			i++;
		if (i == n && strncmp(base + n, ".ko", 3) == 0)
			return line;
	}
	return NULL;
}

static bool add_module(struct guest_kernel *kernel, const char *path, size_t len)
{
	char **modules;
	char *full;

	if (asprintf(&full, MODULES "/%s/%.*s", kernel->release, (int)len, path) < 0)
		return false;
	for (size_t i = 0; i < kernel->nmodules; i++) {
		if (strcmp(kernel->modules[i], full) == 0) {
			free(full);
			return true;
		}
	}
	modules = realloc(kernel->modules, (kernel->nmodules + 1) * sizeof(*modules));
	if (!modules) {
		free(full);
		return false;
	}
	kernel->modules = modules;
	modules[kernel->nmodules++] = full;
	return true;
}

/* A line of modules.dep is "path: deps", the deps ordered so that each may need those that follow
 * it. */
static bool add_with_needs(struct guest_kernel *kernel, const char *line)
{
	size_t name_len = strcspn(line, ":\n");
	const char *end = line + strcspn(line, "\n");
	const char *p = end;

	while (p > line + name_len) {
		const char *q = p;

		while (q > line + name_len + 1 && q[-1] != ' ')
			q--;
		if (q < p && *q != ' ' && *q != ':' && !add_module(kernel, q, p - q))
			return false;
		p = q - 1;
	}
	return add_module(kernel, line, name_len);
}

static bool list_modules(struct guest_kernel *kernel)
{
	char *dep = read_text(kernel->release, "modules.dep");
	char *builtin = read_text(kernel->release, "modules.builtin");
	bool ok = true;

	for (size_t i = 0; ok && i < COUNT(needed); i++) {
		const char *line = dep ? find_line(dep, needed[i]) : NULL;

		if (line) {
			ok = add_with_needs(kernel, line);
		} else if (!builtin || !find_line(builtin, needed[i])) {
			fprintf(stderr,
				"ERROR: kernel %s cannot be a guest: it has no %s, neither built "
				"in nor as a"
				" module\n",
				kernel->release, needed[i]);
			ok = false;
		}
	}
	free(dep);
	free(builtin);
	return ok;
}

bool guest_kernel_init(struct guest_kernel *kernel, const char *want)
{
	memset(kernel, 0, sizeof(*kernel));
	kernel->release = guest_kernel_find(want);
	if (!kernel->release)
		return false;
	kernel->image = image_of(kernel->release);
	if (kernel->image && list_modules(kernel))
		return true;
	guest_kernel_deinit(kernel);
	return false;
}

void guest_kernel_deinit(struct guest_kernel *kernel)
{
	for (size_t i = 0; i < kernel->nmodules; i++)
		free(kernel->modules[i]);
	free(kernel->modules);
	free(kernel->release);
	free(kernel->image);
	memset(kernel, 0, sizeof(*kernel));
}
