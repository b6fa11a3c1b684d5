/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel headers for units that carry C written by the user (guru mode): what such C has always
 * been able to count on.  A unit without it is compiled against stp.h alone.
 */
#ifndef STP_KERNEL_H
#define STP_KERNEL_H

#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/timekeeping.h>
#include <linux/cred.h>
#include <linux/kallsyms.h>
#include <linux/delay.h>

#endif
