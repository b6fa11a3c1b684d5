// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel around a generated unit, in user space: runs the begin probes in order with the
 * runtime's own maps, aggregates and formats, prints what they print and "ERROR: ..." lines as the
 * runtime does.  Checks after every handler that frames and iterators were given back.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/format.h"
#include "data/map.h"
#include "data/memory.h"
#include "mock_error.h"

static char memory[64] = "probed memory";
static struct stp_context ctx;

void *stp_memory_get(size_t size)
{
	return calloc(1, size);
}

void stp_memory_put(void *p)
{
	free(p);
}

uint32_t stp_memory_cpus(void)
{
	return 1;
}

int64_t stp_cpu(void)
{
	return 0;
}

void stp_warn(struct stp_context *c, const char *fmt, ...)
{
	va_list ap;

	(void)c;
	printf("WARNING: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void stp_error_actions(struct stp_context *c)
{
	stp_error(c, "MAXACTION exceeded");
}

void stp_error_nesting(struct stp_context *c)
{
	stp_error(c, "MAXNESTING exceeded");
}
void stp_error_stack(struct stp_context *c) { stp_error(c, "no stack"); }

int64_t stp_div(struct stp_context *c, int64_t a, int64_t b)
{
	if (!b)
		stp_error(c, "division by 0");
	return b == 0 ? 0 : b == -1 ? (int64_t)-(uint64_t)a : a / b;
}

int64_t stp_mod(struct stp_context *c, int64_t a, int64_t b)
{
	if (!b)
		stp_error(c, "division by 0");
	return b == 0 || b == -1 ? 0 : a % b;
}

/* ---- probed memory: `memory` can be read, nothing else ---- */

bool stp_try_copy(void *to, uint64_t addr, uint32_t size, bool user)
{
	uint64_t start = (uint64_t)(uintptr_t)memory;

	if (user || addr < start || addr + size > start + sizeof(memory))
		return false;
	memcpy(to, (void *)(uintptr_t)addr, size);
	return true;
}

bool stp_try_load(uint64_t addr, uint32_t size, bool user, uint64_t *ret)
{
	*ret = 0;
	return stp_try_copy(ret, addr, size, user);
}

uint64_t stp_load_sized(struct stp_context *c, uint64_t addr, uint32_t size)
{
	uint64_t ret;

	if (!stp_try_load(addr, size, false, &ret))
		stp_error(c, "kernel read fault at 0x%llx (addr)", (unsigned long long)addr);
	return ret;
}

uint64_t stp_load1(struct stp_context *c, uint64_t addr) { return stp_load_sized(c, addr, 1); }
uint64_t stp_load2(struct stp_context *c, uint64_t addr) { return stp_load_sized(c, addr, 2); }
uint64_t stp_load4(struct stp_context *c, uint64_t addr) { return stp_load_sized(c, addr, 4); }
uint64_t stp_load8(struct stp_context *c, uint64_t addr) { return stp_load_sized(c, addr, 8); }

void stp_store(struct stp_context *c, uint64_t addr, uint32_t size, uint64_t value)
{
	char byte;

	if (stp_try_copy(&byte, addr, 1, false) && stp_try_copy(&byte, addr + size - 1, 1, false))
		memcpy((void *)(uintptr_t)addr, &value, size);
	else
		stp_error(c, "kernel write fault at 0x%llx (addr)", (unsigned long long)addr);
}

int64_t stp_try_string(uint64_t addr, bool user, char *to, uint32_t max)
{
	char byte;
	uint32_t n = 0;

	for (; n + 1 < max; n++) {
		if (!stp_try_copy(&byte, addr + n, 1, user))
			return -1;
		to[n] = byte;
		if (!byte)
			return n;
	}
	to[n] = 0;
	return n;
}

bool stp_escape_memory(char *to, uint32_t size, uint64_t addr, bool user, int64_t inlen)
{
	return stp_try_string(addr, user, to, inlen < size ? (uint32_t)inlen + 1 : size) >= 0;
}

/* ---- output ---- */

static bool copy_kernel(void *to, uint64_t addr, uint32_t size)
{
	return stp_try_copy(to, addr, size, false);
}

void stp_sprintf(struct stp_context *c, char *to, const struct stp_fmt *f, const union stp_val *args)
{
	struct stp_format_memory m = { .copy = copy_kernel };

	if (stp_format(to, MAXSTRINGLEN, f->text, args, f->nargs, &m) < 0)
		stp_error(c, "kernel read fault");
}

/* What is printed is not cut, unlike a string. */
void stp_printf(struct stp_context *c, const struct stp_fmt *f, const union stp_val *args)
{
	struct stp_format_memory m = { .copy = copy_kernel };
	char text[33 * MAXSTRINGLEN];
	int n;

	if (stp_unit.fmts[f->id] != f || strlen(f->args) != f->nargs)
		stp_error(c, "format table is wrong");
	n = stp_format(text, sizeof(text), f->text, args, f->nargs, &m);
	if (n < 0)
		stp_error(c, "kernel read fault");
	fputs(text, stdout);
}

/* What handlers write of a record, and what it should be when they have. */
static struct {
	const struct stp_fmt *f;
	uint32_t size;
	uint64_t data[32 * (MAXSTRINGLEN + 16) / 8];
} record;

char *stp_printf_begin(struct stp_context *c, const struct stp_fmt *f, uint32_t size)
{
	record.f = f;
	record.size = size;
	if (size <= sizeof(record.data))
		return (char *)record.data;
	stp_error(c, "a record of %u bytes", size);
	return NULL;
}

void stp_printf_end(struct stp_context *c)
{
	const struct stp_fmt *f = record.f;
	const char *at = (const char *)record.data;
	union stp_val args[64];

	for (uint32_t i = 0; i < f->nargs; i++) {
		uint32_t length = *(const uint32_t *)at;

		if (f->args[i] == 'n') {
			args[i].n = *(const int64_t *)at;
			at += 8;
			continue;
		}
		args[i].s = at + 4;
		if (strlen(args[i].s) != length)
			stp_error(c, "a text of the wrong length");
		at += stp_put_text_size(length);
	}
	if (at != (const char *)record.data + record.size)
		stp_error(c, "a record of the wrong size");
	stp_printf(c, f, args);
}

void stp_text_was_cut(void) { }

bool stp_hist_record(struct stp_context *c, const struct stp_map *m, const struct stp_stat *s,
		     const union stp_val *key)
{
	(void)c, (void)m, (void)s, (void)key;
	return false;
}

void stp_print(struct stp_context *c, const char *s)
{
	(void)c;
	fputs(s, stdout);
}

void stp_cprintf(struct stp_context *c, const char *fmt, ...)
{
	va_list ap;

	(void)c;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

/* ---- the one CPU's parts: no element is ever found again, and all is added at once ---- */

static struct stp_element no_element;
static struct stp_part parts[64];

bool stp_part_find(struct stp_context *c, struct stp_global *g, const union stp_val *key, int64_t v)
{
	if (g->type == STP_STATS)
		stp_stat_add(c, g->map, key, v);
	else
		stp_map_add(c, g->map, key, v);
	return false;
}

static void make_parts(void)
{
	if (stp_unit.nparts > 64)
		exit(1);
	for (uint32_t i = 0; i < stp_unit.nglobals; i++) {
		struct stp_global *g = stp_unit.globals[i];

		if (!g->part)
			continue;
		parts[g->part - 1].element = &no_element;
		if (!g->nkeys)
			parts[g->part - 1].value = stp_element_value(g->map, stp_map_element(g->map, 0));
	}
}

/* ---- running ---- */

static void run(const struct stp_probe *p, char *stack, size_t size)
{
	const int64_t args[] = { 41, (int64_t)(uintptr_t)memory, 0x1000 };

	memset(&ctx, 0, sizeof(ctx));
	ctx.probe = p;
	ctx.sp = stack;
	ctx.limit = stack + size;
	ctx.actions = p->interruptible ? stp_unit.maxaction_interruptible : stp_unit.maxaction;
	ctx.args = args;
	ctx.nargs = 3;
	ctx.parts = parts;
	memset(stack, 0x5a, size);
	p->handler(&ctx);
	if (ctx.error)
		printf("ERROR: %s near %s\n", ctx.error, ctx.place);
	if (ctx.sp != stack || ctx.nesting)
		printf("a frame was not given back\n");
	printf("== \n");
}

static void make_maps(void)
{
	for (uint32_t i = 0; i < stp_unit.nglobals; i++) {
		struct stp_global *g = stp_unit.globals[i];

		if (g->index != i)
			printf("index of %s is wrong\n", g->name);
		if ((g->nkeys || g->type == STP_STATS) &&
		    stp_map_create(g, stp_unit.maxmapentries, MAXSTRINGLEN))
			exit(1);
	}
}

int main(void)
{
	size_t size = (size_t)stp_unit.frame_size * (stp_unit.maxnesting + 2);
	char *stack = malloc(size + 1);

	make_maps();
	make_parts();
	for (uint32_t i = 0; i < stp_unit.nbeen; i++)
		run(stp_unit.been[i].probe, stack, size);
	free(stack);
	return 0;
}
