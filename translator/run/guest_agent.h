/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two halves of stap-agent, the first and only program that a guest starts by itself:
 * guest_agent_boot.c gets the guest from an initramfs to a usable system, guest_agent.c serves the
 * host.
 */
#ifndef RUN_GUEST_AGENT_H
#define RUN_GUEST_AGENT_H

#include <stdbool.h>

/* Print to the kernel log, so that the host sees it, and end the guest. */
__attribute__((noreturn, format(printf, 1, 2))) void agent_die(const char *format, ...);

/* From /init in an initramfs to the host's files under a writable layer, with the usual file
 * systems mounted. */
void agent_boot(void);

/* Mount the host's read-write directory there; errno on failure, else 0. */
int agent_mount_share(const char *dir);

/* Wait for the port that leads to the host; a non-blocking descriptor. */
int agent_open_port(void);

#endif
