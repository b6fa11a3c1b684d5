/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stap --example NAME: where the script is among the examples, in whatever folder; else which ones there are. */
#include "example.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { MAX_FOLDERS = 8 };

struct search {
	struct session *s;
	const char *name, *found;
	struct buf all;			/* names of those that are not it */
};

static bool is_it(const char *file, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(file, name, n) && (!file[n] || !strcmp(file + n, ".stp"));
}

static void look(struct search *x, const char *folder, int depth)
{
	struct dirent **entry;
	int n = depth < MAX_FOLDERS ? scandir(folder, &entry, NULL, alphasort) : -1;

	for (int i = 0; i < n; i++) {
		const char *file = entry[i]->d_name, *end = strrchr(file, '.');
		const char *path = arena_printf(&x->s->arena, "%s/%s", folder, file);

		if (file[0] == '.')
			;
		else if (entry[i]->d_type == DT_DIR)
			look(x, path, depth + 1);
		else if (!x->found && is_it(file, x->name))
			x->found = path;
		else if (end && !strcmp(end, ".stp"))
			buf_printf(&x->all, "%s%s", x->all.n ? ", " : "", file);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

const char *example_find(struct session *s, const char *name)
{
	const char *folder = session_examples_dir(s), *slash = strrchr(name, '/');
	struct search x = { .s = s, .name = slash ? slash + 1 : name };

	look(&x, folder, 0);
	if (!x.found) {
		diag_error(&s->diag, DIAG_ERROR, "no-script", NULL, "there is no example '%s' in %s", name, folder);
		diag_hint(&s->diag, "there are: %s", x.all.n ? buf_text(&x.all) : "none");
	}
	buf_deinit(&x.all);
	return x.found;
}
