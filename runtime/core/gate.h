/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates: how a handler that reads a global stops those that add to their CPU's part of it.
 *
 * Each such global has a gate, a bit of one word.  Who adds announces its gates in a word of its CPU, then looks
 * whether they are open; who stops closes gates, then waits until no CPU's word has them.  Both write before they
 * read, in one total order, so one of them at least sees the other.  Nobody but the stopper writes a word that
 * others read, so adding costs the same on any number of CPUs.
 *
 * Gates come before all locks of globals, and a handler passes all of its gates at once: who waits for a gate holds
 * nothing, and who has been let in waits for nobody who waits for a gate.
 *
 * Portable: the unit test runs it in user space.
 */
#ifndef CORE_GATE_H
#define CORE_GATE_H

#include "stp.h"

#define STP_GATE static inline __attribute__((__always_inline__))

/* False: one is closed, and nothing is announced. */
STP_GATE bool stp_gates_enter(uint32_t *adding, const uint32_t *closed, uint32_t gates)
{
	__atomic_exchange_n(adding, gates, __ATOMIC_SEQ_CST);
	if (stp_likely(!(__atomic_load_n(closed, __ATOMIC_SEQ_CST) & gates)))
		return true;
	__atomic_store_n(adding, 0, __ATOMIC_RELEASE);
	return false;
}

STP_GATE void stp_gates_leave(uint32_t *adding)
{
	__atomic_store_n(adding, 0, __ATOMIC_RELEASE);
}

/* All or none; false: another one has closed one of them. */
STP_GATE bool stp_gates_close(uint32_t *closed, uint32_t gates)
{
	uint32_t old = __atomic_load_n(closed, __ATOMIC_RELAXED);

	while (!(old & gates))
		if (__atomic_compare_exchange_n(closed, &old, old | gates, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return true;
	return false;
}

/* Is somebody in who adds?  Once false it stays so until the gates are opened. */
STP_GATE bool stp_gates_passed(const uint32_t *adding, uint32_t gates)
{
	return (__atomic_load_n(adding, __ATOMIC_SEQ_CST) & gates) != 0;
}

STP_GATE void stp_gates_open(uint32_t *closed, uint32_t gates)
{
	__atomic_fetch_and(closed, ~gates, __ATOMIC_RELEASE);
}

#endif
