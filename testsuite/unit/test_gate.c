// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gates in user space: threads add one to their parts of two numbers, others stop them, take what is in the parts, and
 * see both numbers alike, or stop those that add to one of them alone.  Nothing may be lost or counted twice.
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "core/gate.h"

enum { ADDERS = 3, STOPPERS = 2, ADDS = 2000000, FIRST = 1, SECOND = 1u << 31 };

static uint32_t closed;
static unsigned adding = ADDERS;		/* threads that are not through */
static struct { uint32_t adding; int64_t part[2]; } cpus[ADDERS];
static int64_t sum[2], torn;		/* by who holds the gates closed; torn: by all */

static void *add(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < ADDS; i++) {
		while (!stp_gates_enter(&cpus[me].adding, &closed, FIRST | SECOND))
			sched_yield();
		cpus[me].part[0]++;
		cpus[me].part[1]++;
		stp_gates_leave(&cpus[me].adding);
	}
	__atomic_sub_fetch(&adding, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void take(unsigned which)
{
	for (unsigned i = 0; i < ADDERS; i++) {
		sum[which] += cpus[i].part[which];
		cpus[i].part[which] = 0;
	}
}

static void look(uint32_t gates)
{
	while (!stp_gates_close(&closed, gates))
		sched_yield();
	for (unsigned i = 0; i < ADDERS; i++)
		while (stp_gates_passed(&cpus[i].adding, gates))
			sched_yield();
	if (gates & FIRST)
		take(0);
	if (gates & SECOND)
		take(1);
	if (gates == (FIRST | SECOND) && sum[0] != sum[1])
		__atomic_add_fetch(&torn, 1, __ATOMIC_RELAXED);
	stp_gates_open(&closed, gates);
}

static void *stop(void *arg)
{
	static const uint32_t gates[] = { FIRST, FIRST | SECOND, SECOND };

	for (uintptr_t i = (uintptr_t)arg; __atomic_load_n(&adding, __ATOMIC_RELAXED); i++)
		look(gates[i % 3]);
	return NULL;
}

static int check(const char *name, bool ok)
{
	printf("%s %s\n", ok ? "ok" : "not ok", name);
	return !ok;
}

/* What one thread sees of itself. */
static int alone(void)
{
	uint32_t word = 0;
	int bad = 0;

	bad |= check("gate closes", stp_gates_close(&closed, FIRST));
	bad |= check("gate is closed to others", !stp_gates_close(&closed, FIRST | SECOND) && closed == FIRST);
	bad |= check("gate lets nobody in", !stp_gates_enter(&word, &closed, FIRST | SECOND) && !word);
	bad |= check("gate is not another", stp_gates_enter(&word, &closed, SECOND) && stp_gates_passed(&word, SECOND));
	stp_gates_leave(&word);
	stp_gates_open(&closed, FIRST);
	return bad | check("gate opens", !closed && !word);
}

int main(void)
{
	pthread_t thread[ADDERS + STOPPERS];
	int bad = alone();

	for (unsigned i = 0; i < ADDERS + STOPPERS; i++)
		if (pthread_create(&thread[i], NULL, i < ADDERS ? add : stop, (void *)(uintptr_t)i))
			return 1;
	for (unsigned i = 0; i < ADDERS + STOPPERS; i++)
		pthread_join(thread[i], NULL);
	look(FIRST | SECOND);
	bad |= check("gate: nothing lost", sum[0] == ADDERS * ADDS && sum[1] == ADDERS * ADDS);
	bad |= check("gate: nothing torn", !torn);
	return bad;
}
