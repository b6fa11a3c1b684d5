// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes to files.  Output is collected and written in large pieces; a pipe or terminal gets no
 * more at a time than poll() promised it can take, so that signals are seen while a reader sleeps.
 * The first failure is kept in `error` and reported once by the caller; nothing is written after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "stapio/bulk.h"
#include "stapio/output.h"

enum { WRITE_AT = 256 * 1024 };

static int open_file(const char *name)
{
	return open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

static char *expand_time(const char *name)
{
	char text[PATH_MAX];
	time_t now = time(NULL);
	struct tm tm;

	if (!strchr(name, '%'))
		return strdup(name);
	localtime_r(&now, &tm);
	if (!strftime(text, sizeof(text), name, &tm)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return strdup(text);
}

int output_open(struct output *o, const char *name)
{
	o->fd = STDOUT_FILENO;
	o->set = SIZE_MAX;
	if (!name)
		return 0;
	o->name = expand_time(name);
	if (!o->name)
		return errno;
	o->fd = open_file(o->name);
	return o->fd < 0 ? errno : 0;
}

static int open_number(struct output *o)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s.%u", o->name, o->number) >= (int)sizeof(path))
		return ENAMETOOLONG;
	o->fd = open_file(path);
	if (o->fd < 0)
		return errno;
	if (o->keep && o->number >= o->keep) {
		snprintf(path, sizeof(path), "%s.%u", o->name, o->number - o->keep);
		unlink(path);
	}
	o->written = 0;
	return 0;
}

int output_open_numbered(struct output *o, const char *name, uint64_t limit, uint32_t keep)
{
	o->name = expand_time(name);
	if (!o->name)
		return errno;
	o->set = SIZE_MAX;
	o->limit = limit;
	o->keep = keep;
	return open_number(o);
}

static void next_file(struct output *o)
{
	if (close(o->fd) < 0 && !o->error)
		o->error = errno;
	o->number++;
	o->fd = -1;
	if (!o->error)
		o->error = open_number(o);
}

bool output_set_open(struct output *o, uint32_t cpu, uint64_t time)
{
	struct bulk_head h = { .magic = BULK_MAGIC, .cpu = cpu, .time = time }, was;

	if (o->set != SIZE_MAX) {
		memcpy(&was, o->buf.v + o->set, sizeof(was));
		if (was.time == time && was.cpu == cpu)
			return true;
	}
	if (!bytes_room(&o->buf, sizeof(h)))
		return false;
	o->set = o->buf.len;
	memcpy(o->buf.v + o->buf.len, &h, sizeof(h));
	o->buf.len += sizeof(h);
	return true;
}

void output_set_done(struct output *o)
{
	uint32_t len = o->buf.len - o->set - sizeof(struct bulk_head);

	memcpy(o->buf.v + o->set + offsetof(struct bulk_head, len), &len, sizeof(len));
}

void output_next(struct output *o)
{
	output_flush(o);
	if (o->name && !o->error)
		next_file(o);
}

void output_flush(struct output *o)
{
	size_t at = 0;
	struct stat st;
	bool may_block = fstat(o->fd, &st) == 0 && !S_ISREG(st.st_mode);

	while (at < o->buf.len && !o->error) {
		size_t n = o->buf.len - at;
		ssize_t w;

		if (may_block) {
			if (o->wait && !o->wait(o->arg, o->fd)) {
				o->error = ECANCELED;
				break;
			}
			if (n > PIPE_BUF)	/* what a pipe that polls writable takes at once: pipe(7) */
				n = PIPE_BUF;
		}
		w = write(o->fd, o->buf.v + at, n);
		if (w < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (w < 0)
			o->error = errno;
		else
			at += w;
	}
	o->written += at;
	o->buf.len = 0;
	o->set = SIZE_MAX;
	if (o->limit && o->written >= o->limit && !o->error)
		next_file(o);
}

void output_record_done(struct output *o)
{
	if (o->buf.len >= WRITE_AT || (o->limit && o->written + o->buf.len >= o->limit))
		output_flush(o);
}

int output_close(struct output *o)
{
	if (!o->error)
		output_flush(o);
	if (o->fd > STDERR_FILENO && close(o->fd) < 0 && !o->error)
		o->error = errno;
	free(o->buf.v);
	free(o->name);
	o->buf = (struct bytes){ 0 };
	o->name = NULL;
	return o->error;
}
