/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program with known functions, variables and marks, for tests of process probes.
 *	subject			each function once, as `once` below
 *	subject threads N	N threads, each calls work() once
 *	subject fork N		N children, each calls work() and exits with its number
 *	subject exec PATH	runs PATH
 *	subject spin N		N processes call work() all the time until they are killed
 *	subject deep N		down() calls itself N times
 *	subject leave N		leave() is left by a jump N times
 *	subject touch N		touch() touches N new pages, then 2 N in another thread
 *	subject crash		work() is called, then the process ends by a signal
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mark.h"
#include "subject.h"

#define KEEP __attribute__((noinline, noclone))

struct node {
	int value;
	const char *name;
	struct node *next;
	unsigned low : 3, high : 5;
	short row[3];
	char text[8];
};

static struct node second = { 22, "second", NULL, 2, 17, { 4, 5, 6 }, "two" };
static struct node first = { 11, "first", &second, 5, 30, { 1, 2, -3 }, "one" };
static int counter = 7;
long total = 100;
double weight = 2.5;
float weights[2] = { 0.5f, -1.25f };
SEMAPHORE(wanted);

KEEP int work(int n)
{
	total += n;
	__asm__ volatile("" : : : "memory");
	return n * 2;
}

KEEP int look(struct node *node, const char *word, unsigned char small, long big)
{
	counter += node->value + (int)small;
	__asm__ volatile("" : : "r"(word), "r"(big) : "memory");
	return counter;
}

static KEEP struct node *find(struct node *list, int value)
{
	while (list && list->value != value)
		list = list->next;
	__asm__ volatile("" : : "r"(list));
	return list;
}

static inline __attribute__((always_inline)) int inlined(int x)
{
	__asm__ volatile("nop" : : "r"(x) : "memory");
	return x + 3;
}

KEEP int seven(int a, int b, int c, int d, int e, int f, int g)
{
	__asm__ volatile("" : : : "memory");
	return a + b + c + d + e + f + g;
}

KEEP double half(double x)
{
	__asm__ volatile("");
	return x / 2;
}

KEEP long down(long n)
{
	long r = n ? down(n - 1) + 1 : 0;

	__asm__ volatile("" : "+r"(r));
	return r;
}

/* P: as many pages that nobody touched before. */
KEEP void touch(volatile char *p, int pages)
{
	for (int i = 0; i < pages; i++)
		p[i * 4096] = 1;
}

static jmp_buf out;

KEEP void leave(int n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
	longjmp(out, 1);
}

KEEP void marks(int a, char *text)
{
	signed char tiny = -5;

	MARK("subject", "plain", "0", "-4@%0 8@%1", "r"(a), "r"(text));
	if (wanted)
		MARK("subject", "counted", "wanted", "-1@%0 4@$77 8@total(%%rip)", "q"(tiny));
}

static void *thread(void *arg)
{
	work((int)(long)arg);
	return NULL;
}

static int once(void)
{
	char text[] = "on the stack";
	int r;

	work(5);
	r = look(&first, "a word", 200, -1);
	r += find(&first, 22)->value;
	r += inlined(r);
	r += seven(1, 2, 3, 4, 5, 6, 7);
	r += (int)half(9);
	r += (int)lib_add(30, 12);
	marks(42, text);
	return r + (int)lib_calls() > 0 ? 0 : 1;
}

static void threads(int n)
{
	pthread_t t[64];

	for (int i = 0; i < n && i < 64; i++)
		pthread_create(&t[i], NULL, thread, (void *)(long)(i + 1));
	for (int i = 0; i < n && i < 64; i++)
		pthread_join(t[i], NULL);
}

static void *touch_pages(void *pages)
{
	int n = (int)(long)pages;
	char *p = mmap(NULL, (size_t)n * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		touch(p, n);
	return NULL;
}

static void touches(int n)
{
	pthread_t t;

	touch_pages((void *)(long)n);
	pthread_create(&t, NULL, touch_pages, (void *)(2L * n));
	pthread_join(t, NULL);
}

static void forks(int n)
{
	for (int i = 1; i <= n; i++) {
		pid_t pid = fork();

		if (!pid) {
			work(i);
			_exit(i);
		}
		waitpid(pid, NULL, 0);
	}
}

static void spin(int n)
{
	while (--n > 0 && fork())
		;
	for (;;) {
		for (int i = 0; i < 50; i++)
			work(1);
		usleep(5000);		/* others want to run too */
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(what, "threads"))
		threads(n);
	else if (!strcmp(what, "fork"))
		forks(n);
	else if (!strcmp(what, "exec"))
		execl(argv[2], argv[2], NULL);
	else if (!strcmp(what, "spin"))
		spin(n);
	else if (!strcmp(what, "deep"))
		return down(n) != n;
	else if (!strcmp(what, "leave"))
		for (volatile int i = 0; i < n; i++) {
			if (!setjmp(out))
				leave(i);
		}
	else if (!strcmp(what, "touch"))
		touches(n);
	else if (!strcmp(what, "crash")) {
		work(1);
		abort();
	} else
		return once();
	return 0;
}
