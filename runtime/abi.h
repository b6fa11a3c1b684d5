/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only header shared by the kernel runtime with staprun and stapio: fixed-width records and
 * names of files.  Any change of meaning raises STP_WIRE_VERSION.
 *
 * A loaded module NAME shows itself as /sys/kernel/debug/systemtap/NAME/ with
 *	control		read: struct stp_msg records to user space; write: commands from it
 *	formats		read: the printf formats, see struct stp_wire_fmt
 *	trace0...	relay buffers, one per CPU, of struct stp_record
 */
#ifndef STP_ABI_H
#define STP_ABI_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define STP_WIRE_VERSION 1u
#define STP_DIR "systemtap"

#ifdef __KERNEL__
#define STP_U16 __u16
#define STP_U32 __u32
#define STP_U64 __u64
#define STP_S64 __s64
#else
#define STP_U16 uint16_t
#define STP_U32 uint32_t
#define STP_U64 uint64_t
#define STP_S64 int64_t
#endif

/* ---- output records in the relay buffers; 8-byte aligned, never split over sub-buffers ---- */

enum stp_record_type {
	STP_REC_PAD = 0,	/* filler up to the end of a sub-buffer */
	STP_REC_TEXT = 1,	/* bytes to be written as they are */
	STP_REC_PRINTF = 2,	/* STP_U32 format id, STP_U32 zero, then values: numbers 8 bytes, strings
				 * STP_U32 length + bytes, padded to 8 */
	STP_REC_ERROR = 3,	/* text of ERROR/WARNING line, to stderr, in order with the output */
	STP_REC_LOST = 4,	/* STP_U64 records lost on this CPU since the last one */
};

struct stp_record {
	STP_U32 size;		/* with this header, multiple of 8 */
	STP_U16 type;
	STP_U16 text_len_pad;	/* TEXT, ERROR: bytes of padding at the end */
	STP_U64 time;		/* ns of a clock that is ordered across CPUs */
	STP_U64 seq;		/* breaks ties: order on this CPU */
};

struct stp_wire_fmt {		/* in `formats`, one after the other, 4-byte aligned */
	STP_U32 size;		/* with this header and padding */
	STP_U32 id;
	STP_U16 text_len, nargs;
	/* text bytes, then nargs letters 'n' or 's' */
};

/* ---- control messages, kernel to user ---- */

enum stp_msg_type {
	STP_MSG_READY = 1,	/* module initialised; payload: struct stp_msg_ready */
	STP_MSG_STARTED = 2,	/* begin probes ran, everything is armed */
	STP_MSG_START_FAILED = 3,	/* payload: text */
	STP_MSG_EXIT = 4,	/* script called exit(), or an error ended it: stop me */
	STP_MSG_STOPPED = 5,	/* end probes ran, all disarmed, all output is in the buffers: drain, then unload */
	STP_MSG_OOB = 6,	/* text for stderr: "ERROR: ..." / "WARNING: ..." lines */
	STP_MSG_SYSTEM = 7,	/* system(): command text */
};

struct stp_msg {
	STP_U32 size;		/* with this header, multiple of 8 */
	STP_U32 type;
	/* payload */
};

struct stp_msg_ready {
	STP_U32 wire_version;
	STP_U32 ncpus;		/* possible CPUs = number of trace files */
	STP_U32 subbuf_size, nsubbufs;
	char release[64];	/* kernel release the module was built for */
	char build_id[48];	/* hex build-id of that kernel, "" = unchecked */
};

/* In struct stp_cmd STOPPED is answered with this payload. */
struct stp_msg_stopped {
	STP_U64 lost_records, lost_bytes;
	STP_U64 errors, skipped;
	STP_U64 skipped_lock, skipped_reentry, skipped_stack, skipped_missed_return;
	STP_U32 exit_code;	/* 1 after an error in a handler, else 0 */
	STP_U32 pad;
};

/* ---- commands, user to kernel: one write() each ---- */

enum stp_cmd_type {
	STP_CMD_START = 1,	/* payload: struct stp_cmd_start */
	STP_CMD_STOP = 2,
	STP_CMD_RELOC = 3,	/* payload: struct stp_cmd_reloc: where a module's section is */
};

struct stp_cmd { STP_U32 size, type; };

struct stp_cmd_start {
	STP_S64 target_pid;	/* -x or the -c child; 0 = none */
	STP_S64 stapio_pid;
};

struct stp_cmd_reloc {
	char module[56];
	char section[40];
	STP_U64 address;
};

#endif
