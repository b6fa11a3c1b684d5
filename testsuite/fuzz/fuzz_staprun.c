// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * staprun's command line and the module file: an even first byte makes the rest words, a NUL between them;
 * with an odd one the rest is the file.  What is let through has to be what staprun relies on.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "staprun/staprun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_request(const struct request *r)
{
	char name[MODULE_NAME_SIZE];
	char **p;

	must(r->module && r->buffer_mb <= 4095 && r->verbose >= 0 && r->verbose <= 5);
	for (p = r->params; *p; p++)
		must(strchr(*p, '=') > *p);
	must(!r->size || (r->file && strspn(r->size, "0123456789,") == strlen(r->size)));
	must(!r->target || strspn(r->target, " +0123456789") == strlen(r->target));
	must(!(r->command && r->target) && !(r->attach && r->delete));
	must(!r->remote_uri || (r->remote_id >= 0 && strlen(r->remote_uri) < 128));
	must(!policy_check(WHO_STAPUSR, r) ||
	     (!r->params[0] && !r->buffer_mb && !r->delete && !r->attach && !r->load_only));
	if (request_module_name(r->module, name))
		must(strlen(name) < sizeof(name) && !strpbrk(name, "/. "));
}

static void words(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *argv[34], *p = text;
	struct request r;
	int n = 1;

	memcpy(text, data, size);
	text[size] = 0;
	argv[0] = "staprun";
	for (; p < text + size && n < 33; p += strlen(p) + 1)
		argv[n++] = p;
	argv[n] = NULL;
	optind = 0;			/* getopt(3): begin anew */
	opterr = 0;
	request_init(&r, n > 1 ? argv[1] : NULL);
	if (request_parse(&r, n, argv) == PARSED)
		check_request(&r);
	free(text);
}

static void file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", 0);
	struct modinfo m;

	must(write(fd, data, size) == (ssize_t)size);
	if (!modinfo_read(fd, &m))
		must(modinfo_name_ok(m.name) && m.name_at < size);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		(data[0] % 2 ? file : words)(data + 1, size - 1);
	return 0;
}
