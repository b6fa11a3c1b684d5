/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only header shared by the kernel runtime with staprun and stapio: fixed-width records and
 * names of files.  Any change of meaning raises STP_WIRE_VERSION.
 *
 * A loaded module NAME shows itself as /sys/kernel/debug/systemtap/NAME/ with
 *	control		read: struct stp_msg, whole ones, EAGAIN when there is none; write: one struct
 *			stp_cmd each.  One opener at a time; when it closes the file (or dies), the
 *			session stops, unless it was started with STP_START_DETACHED.
 *	formats		read: the printf formats, see struct stp_wire_fmt
 *	probes		read: the probe point of each handler, in order, a NUL behind it
 *	modules		read: names, a line each, of the modules whose sections the script needs
 *	trace0...	rings of struct stp_record, one per possible CPU and a last one for the
 *			handlers that may sleep (begin, end).  One opener each; a read never blocks.
 */
#ifndef STP_ABI_H
#define STP_ABI_H

#ifdef __KERNEL__
#include <linux/types.h>
#define STP_U8 __u8
#define STP_U16 __u16
#define STP_U32 __u32
#define STP_U64 __u64
#define STP_S64 __s64
#else
#include <stdint.h>
#define STP_U8 uint8_t
#define STP_U16 uint16_t
#define STP_U32 uint32_t
#define STP_U64 uint64_t
#define STP_S64 int64_t
#endif

#define STP_WIRE_VERSION 4u
#define STP_DIR "systemtap"

/*
 * ---- output records: 8-byte aligned, never split over the end of the ring ----
 *
 * A trace file is a stream of records in order of time.  A read() gives whole records only, so the
 * caller's buffer has to have room for the largest: EINVAL.  While the session goes on detached
 * there is nothing to read, and new records take the place of the oldest.
 */

enum stp_record_type {
	STP_REC_PAD = 0,	/* filler up to the end of the ring: pass over */
	STP_REC_TEXT = 1,	/* bytes to be written as they are */
	STP_REC_PRINTF = 2,	/* STP_U32 format id, STP_U32 zero, then values: numbers 8 bytes, strings
				 * STP_U32 length + bytes + 1 to 8 NULs, multiple of 8 */
	STP_REC_ERROR = 3,	/* line for stderr ("ERROR: ...\n"), in order with the output */
	STP_REC_LOST = 4,	/* STP_U64: records that found no room here, between the last and the next */
	STP_REC_MARK = 5,	/* header only, made by read(): later records have time >= this one's */
	STP_REC_SWITCH = 6,	/* header only: what follows goes to the next output file */
	STP_REC_SYSTEM = 7,	/* a command for the shell of who runs stapio */
	STP_REC_HIST = 8,	/* only after STP_START_JSON: struct stp_wire_hist, its name and keys as the values
				 * of PRINTF, then nbuckets of struct stp_wire_bucket */
};

struct stp_record {
	STP_U32 size;		/* with this header and padding, multiple of 8 */
	STP_U8 type;
	STP_U8 pad;		/* TEXT, ERROR, SYSTEM: bytes of padding at the end, 0..7 */
	STP_U16 probe;		/* index of the handler in the script, or STP_PROBE_NONE */
	STP_U64 time;		/* ns, CLOCK_MONOTONIC; of the first record of the same handler run */
};
#define STP_PROBE_NONE 0xffffu
#define STP_RECORD_MAX 65536u	/* upper bound of size, PAD apart */

struct stp_wire_hist {
	STP_U32 nkeys, keys;	/* of the element; bit I: key I is a string */
	STP_U32 nbuckets;	/* those that are not empty, from low to high */
	STP_U32 linear;		/* else of powers of two */
};

enum stp_bucket_where { STP_BUCKET_FROM, STP_BUCKET_BELOW, STP_BUCKET_ABOVE };
struct stp_wire_bucket {
	STP_S64 bound;		/* counts values from here to the next bound, those below it, or those above */
	STP_S64 count;
	STP_U32 where;		/* enum stp_bucket_where */
	STP_U32 pad;
};

struct stp_wire_fmt {		/* in `formats`, one after the other, 4-byte aligned */
	STP_U32 size;		/* with this header and padding */
	STP_U32 id;
	STP_U16 text_len, nargs;
	STP_U32 names_len;
	/* text bytes, then nargs letters 'n' or 's', then what the script has for each value, with a NUL, if
	 * names_len is not 0 */
};

/* ---- control messages, kernel to user ---- */

enum stp_msg_type {
	STP_MSG_READY = 1,	/* first after open(), alone in its read(); payload: struct stp_msg_ready */
	STP_MSG_STARTED = 2,	/* begin probes ran, everything is armed */
	STP_MSG_START_FAILED = 3,	/* payload: text, NUL padded, without "ERROR: " and newline */
	STP_MSG_EXIT = 4,	/* script called exit(), or an error ended it: stop me */
	STP_MSG_STOPPED = 5,	/* end probes ran, all is disarmed, all output is in the rings: drain, then
				 * unload; payload: struct stp_msg_stopped */
	STP_MSG_LOST = 7,	/* before STOPPED, for each channel that lost records: struct stp_msg_lost */
	STP_MSG_PROBE = 8,	/* before STOPPED, with -t or --keep-going, for each probe: struct stp_msg_probe */
	STP_MSG_ARRAY = 9,	/* before STOPPED, with --keep-going, for each array: struct stp_msg_array */
	STP_MSG_OOB = 6,	/* text, newline included, NUL padded: "ERROR: ..." / "WARNING: ..." line */
};

struct stp_msg {
	STP_U32 size;		/* with this header and padding, multiple of 8 */
	STP_U32 type;
	/* payload */
};
#define STP_MSG_MAX 4096u	/* upper bound of size */

enum stp_ready_state { STP_READY_LOADED, STP_READY_RUNNING, STP_READY_STOPPED };

#define STP_READY_BULK 1u	/* the script wants a file per CPU */

struct stp_msg_ready {
	STP_U32 wire_version;
	STP_U32 nchannels;	/* trace files: possible CPUs + 1 */
	STP_U32 ring_size;	/* bytes of each, but for the last one, which may be smaller */
	STP_U32 state;		/* enum stp_ready_state: not LOADED when attaching to a session (-A) */
	STP_U32 flags;		/* STP_READY_BULK */
	STP_U32 pad;
	char release[64];	/* kernel release the module was built for, "" = unchecked */
	char build_id[48];	/* hex build-id of that kernel, "" = unchecked */
};

struct stp_msg_stopped {
	STP_U64 lost_records, lost_bytes;	/* found no room in a ring */
	STP_U64 lost_messages;			/* STP_MSG_OOB lines dropped */
	STP_U64 errors, skipped;
	STP_U64 skipped_lock, skipped_reentry, skipped_stack, skipped_missed_return;
	STP_U32 exit_code;	/* 1 after an error in a handler, else 0 */
	STP_U32 pad;
};

struct stp_msg_lost {
	STP_U32 channel;	/* its number is that of the CPU; the last one is of begin and end probes */
	STP_U32 pad;
	STP_U64 records, bytes;
	STP_U64 needed;		/* bytes of a ring that would have held them, as far as can be told */
};

#define STP_REPORT_TIMING 1u
#define STP_REPORT_KEPT_GOING 2u
#define STP_REPORT_OFF 4u	/* the probe was turned off: it took too much time */

struct stp_msg_probe {
	STP_U32 index, flags;	/* STP_REPORT_... */
	STP_U64 hits, errors, cycles, least, most;
	STP_U64 skipped_lock, skipped_reentry, skipped_stack, skipped_missed_return, skipped_off;
	STP_U64 cut, lost;	/* strings, records */
	char texts[400];	/* probe point, where the script has it, what it has there; each cut, and with a NUL */
};

struct stp_msg_array {
	STP_U64 refused, contended;	/* keys without room; handlers that did not get its lock in time */
	STP_U32 elements, pad;		/* that it has room for */
	char name[64];			/* NUL terminated, cut */
};

/* ---- commands, user to kernel: one write() each, of exactly cmd.size bytes ---- */

enum stp_cmd_type {
	STP_CMD_START = 1,	/* payload: struct stp_cmd_start; returns after begin probes and arming */
	STP_CMD_STOP = 2,	/* returns when end probes ran and all is disarmed */
	STP_CMD_RELOC = 3,	/* payload: struct stp_cmd_reloc; before START */
	STP_CMD_SET = 4,	/* payload: struct stp_cmd_set; before START.  ENOENT: no such variable;
				 * EINVAL: not a number; EISDIR: an array; E2BIG: longer than a string may be */
	STP_CMD_DETACH = 5,	/* of a running session: it goes on when the control file is closed */
};

struct stp_cmd { STP_U32 size, type; };

#define STP_START_DETACHED 1u	/* goes on when the control file is closed */
#define STP_START_JSON 4u	/* histograms as records */
#define STP_START_ATTACHED 2u	/* no longer so: for -A; the session must be running */

struct stp_cmd_start {
	STP_S64 target_pid;	/* -x or the -c child; 0 = none */
	STP_S64 stapio_pid;
	STP_S64 namespaces_pid;	/* -N: whose namespaces ns_pid() and the like mean; 0 = stapio's */
	STP_S64 remote_id;	/* -r; -1 = none */
	char remote_uri[128];	/* NUL terminated */
	STP_U32 flags;
	STP_U32 pad;
};

struct stp_cmd_set {
	char name[64];		/* of a global variable of the script, NUL terminated */
	char value[4000];	/* number or string as text, NUL terminated */
};

struct stp_cmd_reloc {
	char module[56];	/* NUL terminated, '-' written '_' as in /sys/module */
	char section[40];	/* NUL terminated, ".text" */
	STP_U64 address;
};

#endif
