// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands to the session and messages from it.  A write of start or stop returns when the begin
 * or end probes have run, and these wait for us to read what they print: so a thread of its own
 * writes the commands.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "stapio/control.h"

struct request {
	struct stp_cmd head;
	struct stp_cmd_start start;
};

static void *write_commands(void *arg)
{
	struct control *c = arg;
	struct control_result res;
	struct request r;

	while (read(c->thread_in, &r, sizeof(r)) == (ssize_t)sizeof(r)) {
		memset(&res, 0, sizeof(res));
		res.type = r.head.type;
		res.error = write(c->fd, &r, r.head.size) < 0 ? errno : 0;
		if (write(c->thread_out, &res, sizeof(res)) < 0)
			break;
	}
	return NULL;
}

int control_init(struct control *c, int fd)
{
	int in[2], out[2];

	c->fd = fd;
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return errno;
	c->thread_in = in[0];
	c->commands = in[1];
	c->results = out[0];
	c->thread_out = out[1];
	if (fcntl(c->results, F_SETFL, O_NONBLOCK) < 0)
		return errno;
	return pthread_create(&c->thread, NULL, write_commands, c);
}

static void send(struct control *c, const struct request *r)
{
	/* A pipe takes the few requests there ever are without blocking. */
	if (write(c->commands, r, sizeof(*r)) < 0)
		return;
}

void control_start(struct control *c, const struct stp_cmd_start *what)
{
	struct request r = { .head = { .size = sizeof(r), .type = STP_CMD_START }, .start = *what };

	r.start.stapio_pid = getpid();
	send(c, &r);
}

void control_detach(struct control *c)
{
	struct request r = { .head = { .size = sizeof(r.head), .type = STP_CMD_DETACH } };

	send(c, &r);
}

void control_stop(struct control *c)
{
	struct request r = { .head = { .size = sizeof(r.head), .type = STP_CMD_STOP } };

	send(c, &r);
}

bool control_result(struct control *c, struct control_result *ret)
{
	return read(c->results, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
}

int control_read(int fd, void (*got)(void *arg, uint32_t type, const char *payload, uint32_t len), void *arg)
{
	char buf[16 * STP_MSG_MAX + 1] __attribute__((aligned(8)));
	struct stp_msg m;
	ssize_t n, at;
	char saved;

	while ((n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		for (at = 0; at < n; at += m.size) {
			if (n - at < (ssize_t)sizeof(m))
				return EPROTO;
			memcpy(&m, buf + at, sizeof(m));
			if (m.size < sizeof(m) || m.size % 8 || m.size > n - at)
				return EPROTO;
			saved = buf[at + m.size];
			buf[at + m.size] = 0;
			got(arg, m.type, buf + at + sizeof(m), m.size - sizeof(m));
			buf[at + m.size] = saved;
		}
	}
	return n < 0 && errno != EAGAIN && errno != EINTR ? errno : 0;
}
