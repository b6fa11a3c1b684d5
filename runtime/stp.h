/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only header a generated unit includes: what probe bodies may call and the shape of the data
 * that describes a script to the runtime.  No kernel header stands behind it, so a unit compiles
 * in milliseconds; everything that knows a kernel structure is in runtime objects built once per
 * kernel.  (A unit with user-written C includes stp_kernel.h before it.)
 *
 * Rules for everything called from a handler: it runs with preemption or interrupts off, perhaps
 * in NMI; it does not allocate, sleep, take a mutex, call printk, or touch probed memory but
 * through stp_load*().  A function that fails sets c->error once; generated code checks it after
 * each statement and leaves the handler.
 */
#ifndef STP_H
#define STP_H

#ifdef __KERNEL__
typedef signed char		int8_t;
typedef unsigned char		uint8_t;
typedef short			int16_t;
typedef unsigned short		uint16_t;
typedef int			int32_t;
typedef unsigned int		uint32_t;
typedef long long		int64_t;
typedef unsigned long long	uint64_t;
typedef unsigned long		uintptr_t;
typedef __SIZE_TYPE__		size_t;
#ifndef _LINUX_STDDEF_H		/* the kernel's own stddef.h has not been read */
typedef _Bool			bool;
#define NULL ((void *)0)
enum { false = 0, true = 1 };
#endif
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

#define STP_PRINTF(a, b) __attribute__((format(printf, a, b)))
#define stp_always_inline inline __attribute__((__always_inline__))
#define stp_likely(x)	__builtin_expect(!!(x), 1)
/* Of functions that write nothing on the kernel's stack but what the compiler counts. */
#if __has_attribute(no_stack_protector)
#define STP_CODE	__attribute__((no_stack_protector))
#else
#define STP_CODE
#endif
#define stp_unlikely(x)	__builtin_expect(!!(x), 0)

#ifndef MAXSTRINGLEN
#define MAXSTRINGLEN 512
#endif
/* Shorter ones cannot hold a number, longer ones keep a processor busy for too long. */
enum { STP_STRING_MIN = 8, STP_STRING_MAX = 1 << 20 };
_Static_assert(MAXSTRINGLEN >= STP_STRING_MIN && MAXSTRINGLEN <= STP_STRING_MAX,
	       "-DMAXSTRINGLEN=N: N has to be from 8 to 1048576");

struct stp_regs;		/* the kernel's struct pt_regs */
struct stp_map;			/* array or scalar aggregate at run time */
struct stp_probe;

/* A key, argument or value: numbers by value, strings by reference. */
union stp_val {
	int64_t n;
	const char *s;
};

enum stp_type { STP_LONG, STP_STRING, STP_STATS };

/* ---- context: one per CPU, held from the first to the last instruction of a handler ---- */

struct stp_context {
	const char *error;		/* NULL, or the message that ends the handler (in error_text) */
	const char *place;		/* of the operation that may fail, set by the unit: "operator '/' at
					 * FILE:LINE:COL".  c->error is without it (catch variables); the
					 * report after the handler is "ERROR: TEXT near PLACE" */
	uint32_t actions;		/* statements left before MAXACTION is exceeded */
	uint32_t nesting;		/* calls on the stack */
	char *sp, *limit, *stack;	/* frames: strings and string temporaries of bodies and functions */
	const struct stp_probe *probe;
	struct stp_regs *regs;		/* NULL where the probe has none */
	bool user_regs;			/* regs are those of user mode */
	const struct stp_program *program;	/* the file that was hit, when its symbols are known */
	bool at_entry;			/* programs: at a function's entry: the stack begins with the caller */
	bool in_task;			/* hit in user mode: the task may look at its mappings */
	uint64_t bias;			/* programs: of the file that was hit, run-time less link-time address */
	const int64_t *args;		/* tracepoint and similar arguments */
	uint32_t nargs;
	int64_t *saved;			/* return probes: slots saved at entry */
	uint64_t return_address;	/* return probes: where the function returns to */
	uint64_t returning;		/* return probes of the kernel: where the function is */
	void *instance;			/* family's own (packet's verdict, file's value...) */
	struct stp_part *parts;		/* of this CPU: see struct stp_global */
	int64_t *counters;		/* parts of globals that are counters, of this CPU: see struct stp_global */
	uint32_t adding;		/* gates that the handler has passed: core/gate.h */
	uint64_t run;			/* number of this run of a handler in this context */
	bool aborted;			/* by abort(): `error` is set, no catch takes it, nothing is reported */
	bool may_sleep;			/* begin, end, error: process context; printing waits for the reader */
	bool asking;			/* the handler is run for its condition alone... */
	bool held;			/* ...and it does hold */
	struct stp_match *match;	/* what the last =~ matched, in scripts that ask for it */
	void *out;			/* the transport's: channel with this run's records, NULL before the first */
	uintptr_t stack_limit;		/* of the kernel's stack: script functions may not call deeper */
	char error_text[256];
};

/* ---- what the unit describes ---- */

/*
 * The locks of those that are written or only read.  Of those that are kept in parts, one row for all, before the
 * others: a handler adds to the parts of its CPU, or stops the handlers that do and finds the sums.
 */
enum stp_need { STP_READ, STP_WRITE, STP_ADD, STP_STOP };

struct stp_lock_need {
	struct stp_global *global;	/* ADD, STOP: the first of them */
	enum stp_need how;
	uint32_t gates;			/* ADD, STOP: theirs, core/gate.h */
};

/* A body.  `entry` fills saved slots of return probes at function entry. */
struct stp_probe {
	const char *pp, *pn, *func;	/* texts; func may be NULL */
	void (*handler)(struct stp_context *c);
	void (*entry)(struct stp_context *c);
	const struct stp_lock_need *locks;	/* ordered by global index */
	uint16_t nlocks;
	uint16_t nsaved;		/* slots of 8 bytes */
	bool interruptible;		/* MAXACTION_INTERRUPTIBLE applies, may not fail try-locks: begin, end... */
	uint32_t index;			/* in stp_unit.probes */
	bool entry_locks;		/* `entry` uses globals: it needs the locks as the handler does */
	bool all_regs;			/* at a function's entry: wants registers that carry no arguments */
	bool plain;			/* handler and entry use registers and globals, and nothing of the kernel */
	bool counts;			/* handler or entry may call stp_perf_count() */
	bool conditional;		/* the handler begins with a condition: stp_asked() where it holds */
	const char *place;		/* FILE:LINE:COLUMN, with `timing` or `keep_going` of the unit; else NULL */
};

/* Rows of families; each runtime/family/X.c owns its row's meaning. */
enum stp_been_kind { STP_BEGIN, STP_END, STP_ERROR };
struct stp_row_been { const struct stp_probe *probe; int kind; int64_t order; };

enum stp_timer_kind { STP_TIMER_NS, STP_TIMER_JIFFIES, STP_TIMER_PROFILE };
struct stp_row_timer { const struct stp_probe *probe; int kind; int64_t interval, randomize; };

/* Where a call returns to; level 0 is the call of the probed function, 1 that of its caller... */
struct stp_caller { uint64_t address; const char *section; uint32_t level; };

struct stp_row_kprobe {
	const struct stp_probe *probe;
	const char *module;		/* NULL = kernel */
	const char *section;		/* modules: address is relative to this section */
	uint64_t address;		/* link time; 0 with symbol set: by name */
	const char *symbol;
	uint32_t offset;
	uint32_t maxactive;
	bool is_return;
	bool optional;			/* not being able to arm it is a warning, not an error */
	bool absolute;			/* address is one of the running kernel */
	bool patchable;			/* an entry that ftrace knows, and not in the kernel's blacklist */
	const struct stp_caller *callers;	/* by level; hits that came another way do not count */
	uint32_t ncallers;		/* 0: all hits count */
};

/* A symbol in a section of a module, at `offset` from the section's start. */
struct stp_anchor { const char *section, *symbol; uint64_t offset; };
enum stp_module_loaded { STP_MODULE_ABSENT, STP_MODULE_LOADED, STP_MODULE_WRONG };
struct stp_module_state { enum stp_module_loaded loaded; void *module; };	/* struct module, while loaded */

/* A module that probes are in, or data is read of. */
struct stp_module {
	const char *name;
	const char *build_id;		/* hex, or NULL: unchecked */
	const struct stp_anchor *anchors;
	uint32_t nanchors;
	bool optional;			/* another build of it in memory is a warning, not an error */
	struct stp_module_state *state;	/* the runtime's */
};

struct stp_row_tracepoint {
	const struct stp_probe *probe;
	const char *name;		/* "sched_switch" */
	void *func;			/* void (*)(void *data, ARGS...) made by cgen; calls stp_tracepoint_hit() */
	const char *module;		/* NULL: of the kernel, or of whichever module has it */
};

struct stp_row_procfs {
	const struct stp_probe *probe;
	const char *path;		/* below /proc/systemtap/MODULE */
	uint16_t mode;			/* rights of the file */
	bool is_write;
	uint32_t size;			/* most bytes of content that a read probe makes; 0: MAXSTRINGLEN */
};

struct stp_row_netfilter { const struct stp_probe *probe; uint32_t pf, hook; int32_t priority; };

/* Accesses to kernel memory, by a watchpoint of the processor. */
struct stp_row_hwbkpt {
	const struct stp_probe *probe;
	uint64_t address;		/* link time */
	bool absolute;			/* address is one of the running kernel */
	uint8_t length;			/* 1, 2, 4 or 8 bytes */
	bool reads;			/* these count too */
};

/*
 * A counter of perf_event_attr's type and config, on every CPU or, with `exe`, in each thread of the processes that run
 * that file; the handler runs each `period` counts, or `hz` times a second.
 */
struct stp_row_perf {
	const struct stp_probe *probe;
	uint32_t type;
	uint64_t config, period, hz;	/* period, hz: 0 when the other is given, or with `counter` */
	const char *counter;		/* the handler does not run; stp_perf_count() reads it by this name */
	const char *exe;
	bool of_target;			/* only the target and its descendants, when there is a target */
};

/*
 * An instruction of a program or shared library.  The file is found by its path when the session starts; hits
 * of processes that are not meant do not count.
 */
struct stp_row_uprobe {
	const struct stp_probe *probe;
	const char *path;
	const char *build_id;		/* hex, or NULL: unchecked */
	uint64_t build_id_at;		/* where it is in the file */
	uint64_t offset;		/* in the file */
	uint64_t address;		/* link time */
	uint64_t semaphore;		/* offset of a 16 bit counter of tracers, 0: none */
	const uint64_t *callers;	/* link-time addresses that calls of interest return to; NULL: all count */
	uint32_t ncallers;
	const char *exe;		/* only processes that run this file; NULL: all */
	int64_t pid;			/* only this process; 0: all */
	bool of_target;			/* only the target and its descendants, when there is a target */
	bool at_entry;			/* of a function */
	bool is_return;
	bool optional;			/* not being able to arm it is a warning, not an error */
};

/* A program or shared library whose symbols are known, by rising address. */
struct stp_usymbol { uint64_t addr, size; const char *name; };
struct stp_program_state { void *file; };	/* struct file, while the session runs */
struct stp_program {
	const char *path;
	const struct stp_usymbol *symbols;
	uint32_t nsymbols;
	uint64_t text, text_offset, text_size;	/* its code: link-time address, offset in the file, bytes */
	struct stp_program_state *state;	/* the runtime's */
};

/* Lives of processes and their system calls; exe, pid and of_target as above. */
enum stp_process_kind { STP_PROCESS_BEGIN, STP_PROCESS_END, STP_THREAD_BEGIN, STP_THREAD_END, STP_SYSCALL,
			STP_SYSCALL_RETURN };
struct stp_row_process { const struct stp_probe *probe; int kind; const char *exe; int64_t pid; bool of_target; };

struct stp_global {
	const char *name;
	enum stp_type type;
	uint16_t nkeys;			/* 0: scalar */
	const uint8_t *keys;		/* enum stp_type of each key */
	uint32_t maxentries;		/* 0 = MAXMAPENTRIES */
	bool wrap;
	/* statistics */
	uint8_t hist;			/* 0 none, 1 log, 2 linear */
	uint8_t stat_ops;		/* bits of enum stp_stat_op that are read anywhere */
	uint8_t variance_shift;
	int64_t hist_low, hist_high, hist_width;
	/* scalars live here; strings in `text` (MAXSTRINGLEN bytes of the unit) */
	int64_t number;
	char *text;
	struct stp_map *map;		/* arrays and aggregates; the runtime's */
	uint32_t index;
	/*
	 * 0; or 1 + index in c->counters: hits only add to it, to the part of their CPU and without the lock.  Handlers
	 * that need to STOP them find the sum in `number`.
	 */
	uint32_t counter;
	/* 0; or 1 + index in c->parts: the same of an aggregate, or of an array of numbers, with all that is in it. */
	uint32_t part;
	uint32_t gates;			/* the one that is its: a bit, which others may have too */
	int32_t lock;			/* the runtime's reader-writer lock word */
	uint32_t contended;		/* times a try-lock gave up */
};

enum stp_stat_op { STP_COUNT, STP_SUM, STP_MIN, STP_MAX, STP_AVG, STP_VARIANCE };

/* A printf format.  Directives are SystemTap's: %d %i %u %x %X %o %p %s %c %b %m %M %%. */
struct stp_fmt {
	const char *text;
	const char *args;		/* one letter per value consumed, in order: 'n' number, 's' string */
	uint16_t nargs;
	uint16_t id;			/* index in stp_unit.fmts */
	const char *names;		/* what the script has for each value, a NUL behind it; NULL: not known */
	uint32_t names_len;
};

/* Everything about a script; defined once by the unit. */
struct stp_unit {
	uint32_t version;		/* STP_ABI_VERSION of the headers it was made with */
	const struct stp_probe *const *probes;
	uint32_t nprobes;
	struct stp_global *const *globals;
	uint32_t nglobals;
	uint32_t ncounters, nparts;
	const struct stp_fmt *const *fmts;
	uint32_t nfmts;
	const struct stp_row_been *been;
	uint32_t nbeen;
	const struct stp_row_timer *timer;
	uint32_t ntimer;
	const struct stp_row_kprobe *kprobe;
	uint32_t nkprobe;
	const struct stp_row_tracepoint *tracepoint;
	uint32_t ntracepoint;
	const struct stp_row_procfs *procfs;
	uint32_t nprocfs;
	const struct stp_row_netfilter *netfilter;
	uint32_t nnetfilter;
	const struct stp_row_perf *perf;
	uint32_t nperf;
	const struct stp_row_uprobe *uprobe;
	uint32_t nuprobe;
	const struct stp_row_process *process;
	uint32_t nprocess;
	const struct stp_row_hwbkpt *hwbkpt;
	uint32_t nhwbkpt;
	const struct stp_module *modules;
	uint32_t nmodules;
	const struct stp_program *programs;
	uint32_t nprograms;
	const struct stp_line_map *lines;	/* linemap.h, or NULL */
	uint32_t frame_size;		/* bytes of the largest frame; the stack holds maxnesting + 2 of them */
	const char *kernel_release;	/* what it was built for; "" = unchecked */
	const char *kernel_build_id;	/* hex, or NULL */
	uint64_t anchor_address;	/* link-time address of the exported symbol `anchor` in vmlinux, */
					/* 0 when debuginfo was not used: gives the KASLR offset */
	/* limits, from -D or their defaults */
	uint32_t maxstringlen, maxaction, maxaction_interruptible, maxnesting, maxmapentries, maxerrors,
		 maxskipped, maxtrylock, trylockdelay_us, maxbacktrace, minstackspace,
		 kretactive;	/* 0: default_maxactive() */
	int32_t hist_elision;		/* empty buckets that a histogram shows around others; < 0: all */
	uint64_t overload_interval, overload_threshold;	/* cycles; threshold 0 = STP_NO_OVERLOAD */
	bool suppress_handler_errors;
	bool own_only;			/* --privilege=stapusr: programs of the script's user, no others */
	bool timing;			/* stap -t: hits and cycles of each probe are reported at the end */
	bool keep_going;		/* --keep-going: what cannot be done is counted, and reported so */
	bool bulk;			/* stap -b: a file per CPU */
	uint32_t buffer_mb;		/* stap -s; 0 = by the size of memory */
	void (*init)(void);		/* user's C initialisation, or NULL */
};
extern const struct stp_unit stp_unit;
#define STP_ABI_VERSION 1
/* The exported kernel function whose address anchors KASLR. */
#define STP_ANCHOR_SYMBOL "register_kprobe"

/* ---- errors, budget, frames ---- */

/* Sets c->error unless one is set.  The text is without "ERROR: ". */
void stp_error(struct stp_context *c, const char *fmt, ...) STP_PRINTF(2, 3);
void stp_warn(struct stp_context *c, const char *fmt, ...) STP_PRINTF(2, 3);	/* "WARNING: ..." line */
void stp_error_actions(struct stp_context *c);		/* "MAXACTION exceeded" */
void stp_error_nesting(struct stp_context *c);		/* "MAXNESTING exceeded" */
void stp_error_stack(struct stp_context *c);		/* the kernel's stack is too full to call deeper */

/* True when the budget is spent: leave the handler. */
static inline bool stp_spend(struct stp_context *c, uint32_t n)
{
	if (stp_unlikely(c->actions < n)) {
		stp_error_actions(c);
		return true;
	}
	c->actions -= n;
	return false;
}

/* The same with a place for the message that costs nothing while there is budget. */
static inline bool stp_spend_at(struct stp_context *c, uint32_t n, const char *place)
{
	if (stp_unlikely(c->actions < n)) {
		c->place = place;
		stp_error_actions(c);
		return true;
	}
	c->actions -= n;
	return false;
}

/*
 * Every entry of a function that may call itself, however indirectly: true to go on, until
 * c->nesting is decremented; false and c->error when there were MAX before, or when the kernel's
 * stack, where C calls nest with those of the script, is running out.
 */
static inline bool stp_nest(struct stp_context *c, uint32_t max)
{
	if (stp_unlikely(c->nesting >= max))
		stp_error_nesting(c);
	else if (stp_unlikely((uintptr_t)__builtin_frame_address(0) < c->stack_limit))
		stp_error_stack(c);
	else {
		c->nesting++;
		return true;
	}
	return false;
}

/* SIZE bytes, not cleared, until stp_pop(); NULL and c->error when nested too deep. */
static inline void *stp_push(struct stp_context *c, uint32_t size)
{
	char *p = c->sp;

	if (stp_unlikely(p + size > c->limit)) {
		stp_error_nesting(c);
		return NULL;
	}
	c->sp = p + size;
	return p;
}
static inline void stp_pop(struct stp_context *c, void *frame) { c->sp = frame; }

/* Where a probe point's condition holds: true when that was the question, so the handler is left. */
static inline bool stp_asked(struct stp_context *c)
{
	if (stp_likely(!c->asking))
		return false;
	c->held = true;
	return true;
}

/* After a handler that may have changed what conditions read. */
void stp_changed(struct stp_context *c);

void stp_exit(struct stp_context *c);			/* exit() */
void stp_abort(struct stp_context *c);			/* exit(), and the handler is left */
/* What the counter of that name has counted in the running thread or, when it is one of CPUs, on this CPU. */
int64_t stp_perf_count(struct stp_context *c, const char *name);
bool stp_tracepoint_hit(const struct stp_probe *p, const int64_t *args, uint32_t nargs);

/* ---- arithmetic that can fail ---- */
int64_t stp_div(struct stp_context *c, int64_t a, int64_t b);	/* "division by 0"; MIN / -1 wraps */
int64_t stp_mod(struct stp_context *c, int64_t a, int64_t b);

/* ---- registers and memory of the probed program ---- */
extern const uint16_t stp_reg_at[];		/* where a DWARF register is in *c->regs */
extern const uint32_t stp_nregs;
uint64_t stp_reg_missing(struct stp_context *c, uint32_t dwarf_reg);	/* sets the error; 0 */
/* Error when the probe has no registers. */
static inline uint64_t stp_reg(struct stp_context *c, uint32_t dwarf_reg)
{
	if (stp_unlikely(!c->regs || dwarf_reg >= stp_nregs))
		return stp_reg_missing(c, dwarf_reg);
	return *(const uintptr_t *)((const char *)c->regs + stp_reg_at[dwarf_reg]);
}
static inline int64_t stp_arg(struct stp_context *c, uint32_t n) { return n < c->nargs ? c->args[n] : 0; }
uint64_t stp_load1(struct stp_context *c, uint64_t addr);	/* zero-extended, kernel memory */
uint64_t stp_load2(struct stp_context *c, uint64_t addr);
uint64_t stp_load4(struct stp_context *c, uint64_t addr);
uint64_t stp_load8(struct stp_context *c, uint64_t addr);
uint64_t stp_load_sized(struct stp_context *c, uint64_t addr, uint32_t size);	/* an error for other sizes */
static inline uint64_t stp_load(struct stp_context *c, uint64_t addr, uint32_t size)
{
	switch (size) {
	case 1: return stp_load1(c, addr);
	case 2: return stp_load2(c, addr);
	case 4: return stp_load4(c, addr);
	case 8: return stp_load8(c, addr);
	}
	return stp_load_sized(c, addr, size);
}
uint64_t stp_load_user(struct stp_context *c, uint64_t addr, uint32_t size);	/* current task's memory */
void stp_store(struct stp_context *c, uint64_t addr, uint32_t size, uint64_t value);	/* guru */
void stp_store_user(struct stp_context *c, uint64_t addr, uint32_t size, uint64_t value);
void stp_store_reg(struct stp_context *c, uint32_t dwarf_reg, uint64_t value);
/* Without an error: false when the memory cannot be read. */
bool stp_try_load(uint64_t addr, uint32_t size, bool user, uint64_t *ret);
/* NUL-terminated string of at most max - 1 bytes into to; returns its length, or -1 (no error set). */
int64_t stp_try_string(uint64_t addr, bool user, char *to, uint32_t max);
bool stp_try_copy(void *to, uint64_t addr, uint32_t size, bool user);
/* Link-time to run-time address; 0 when the module is not loaded. */
uint64_t stp_reloc(const char *module, const char *section, uint64_t addr);
uint64_t stp_percpu(uint64_t offset);		/* address of this CPU's copy */

/* ---- strings: always terminated, cut at the size of `to`, never in the middle of nothing ---- */
void stp_strcpy(char *to, const char *from, uint32_t size);
void stp_text_was_cut(void);				/* told by those that cut */
void stp_strcat(char *to, const char *from, uint32_t size);
int stp_strcmp(const char *a, const char *b);		/* as bytes */
uint32_t stp_strlen(const char *s);
#include "data/words.h"

/* ---- elements of arrays, for what units do in line ---- */

struct stp_element {
	uint64_t seq;		/* order of insertion, from 1; 0: not in use */
	uint32_t hash;
	uint32_t chain;		/* next in the bucket, or on the free list */
	uint32_t prev, next;	/* in order of insertion */
	uint64_t data[];	/* keys, then the value; a string takes MAXSTRINGLEN bytes, made a multiple of 8 */
};

struct stp_stat {
	int64_t count, sum, min, max;
	int64_t mean, m2;	/* variance: running, scaled by 2^variance_shift */
	int64_t bucket[];
};

/*
 * The element that was found last.  Handlers often ask for one several times in a row, and for that of the handler
 * before.  Of an aggregate without keys it is the only one.
 */
static inline struct stp_element *stp_map_hint(const struct stp_map *m)
{
	return *(struct stp_element *const volatile *)m;
}

/* Keys of one that is in use may be read without the lock where elements do not go. */
static inline bool stp_element_in_use(const struct stp_element *e)
{
	return __atomic_load_n(&e->seq, __ATOMIC_ACQUIRE) != 0;
}

/* The word AT words behind the first one of keys and value. */
static inline int64_t *stp_number_of(struct stp_element *e, uint32_t at) { return (int64_t *)&e->data[at]; }
static inline const char *stp_text_of(struct stp_element *e, uint32_t at) { return (const char *)&e->data[at]; }
static inline struct stp_stat *stp_stat_of(struct stp_element *e, uint32_t at)
{
	return (struct stp_stat *)&e->data[at];
}
/* Words that a string takes. */
enum { STP_TEXT_WORDS = (MAXSTRINGLEN + 7) / 8 };

/* A sample but for variance and histogram: what OPS, bits of enum stp_stat_op, want of it. */
static inline void stp_stat_add_plain(struct stp_stat *s, int64_t v, uint32_t ops)
{
	if (ops & (1u << STP_MIN | 1u << STP_MAX)) {
		if (stp_unlikely(!s->count))
			s->min = s->max = v;
		if (v < s->min)
			s->min = v;
		if (v > s->max)
			s->max = v;
	}
	if (ops & (1u << STP_SUM | 1u << STP_AVG))
		s->sum = (int64_t)((uint64_t)s->sum + (uint64_t)v);
	s->count++;
}

/* Buckets of @hist_log: below ZERO for negative values, above it by the highest bit of positive ones. */
enum { STP_HIST_LOG_BUCKETS = 128, STP_HIST_LOG_ZERO = 64 };
static inline uint32_t stp_hist_log_bucket(int64_t v)
{
	if (v > 0)
		return STP_HIST_LOG_ZERO + 64 - (uint32_t)__builtin_clzll((uint64_t)v);
	return v ? (uint32_t)__builtin_clzll(-(uint64_t)v) : STP_HIST_LOG_ZERO;
}

static inline void stp_stat_add_log(struct stp_stat *s, int64_t v, uint32_t ops)
{
	stp_stat_add_plain(s, v, ops);
	s->bucket[stp_hist_log_bucket(v)]++;
}

/* Where this CPU added last, and where it adds to that: of an aggregate without keys always to this. */
struct stp_part {
	struct stp_element *element;
	void *value;		/* a number or statistics */
	/* the runtime's */
	void **chunks;
	uint64_t *touched;	/* by element: added to since the parts were put together */
	uint32_t wanted, nchunks;
	uint32_t enough;	/* elements with lower indices want no chunk that is not on its way */
	uint32_t shift;		/* a chunk has 1 << shift values */
};

/*
 * Where it is another element: true when the part has it now.  False: V was added to it elsewhere, or could not be,
 * which is an error or a skipped hit.
 */
bool stp_part_find(struct stp_context *c, struct stp_global *g, const union stp_val *key, int64_t v);

static inline int64_t stp_number_add(struct stp_element *e, uint32_t at, int64_t by)
{
	uint64_t *n = &e->data[at];

	return (int64_t)(*n += (uint64_t)by);
}

/* ---- arrays.  `key` has nkeys values.  Reading a missing element gives 0 or "". ---- */
int64_t stp_map_get(struct stp_context *c, struct stp_map *m, const union stp_val *key);
void stp_map_get_str(struct stp_context *c, struct stp_map *m, const union stp_val *key, char *to);
/* The same as an expression, for embedded C; TO of MAXSTRINGLEN bytes. */
static inline const char *stp_map_get_text(struct stp_context *c, struct stp_map *m, const union stp_val *key, char *to)
{
	stp_map_get_str(c, m, key, to);
	return to;
}
bool stp_map_has(struct stp_context *c, struct stp_map *m, const union stp_val *key);
void stp_map_set(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t v);
void stp_map_set_str(struct stp_context *c, struct stp_map *m, const union stp_val *key, const char *v);
/* Element += by; returns the value after. */
int64_t stp_map_add(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t by);
void stp_map_del(struct stp_context *c, struct stp_map *m, const union stp_val *key);
void stp_map_remove(struct stp_map *m, struct stp_element *e);	/* one that is in use */
void stp_map_clear(struct stp_context *c, struct stp_map *m);
/* With key patterns: any[i] true means key[i] is `*`. */
bool stp_map_has_slice(struct stp_context *c, struct stp_map *m, const union stp_val *key, const bool *any);
void stp_map_del_slice(struct stp_context *c, struct stp_map *m, const union stp_val *key, const bool *any);

/* ---- aggregates; scalar ones are maps of no key: pass key = NULL ---- */
void stp_stat_add(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t v);
void stp_stat_sample(const struct stp_map *m, struct stp_stat *s, int64_t v);	/* the same where it is known */
/* `<<<` result; error "empty aggregate" for avg/min/max/variance when nothing was added (as SystemTap). */
int64_t stp_stat_get(struct stp_context *c, struct stp_map *m, const union stp_val *key, enum stp_stat_op op);
/* Bucket I of the histogram; error when I is out of range. */
int64_t stp_stat_bucket(struct stp_context *c, struct stp_map *m, const union stp_val *key, int64_t i);
int64_t stp_stat_nbuckets(struct stp_map *m);
void stp_print_hist(struct stp_context *c, struct stp_map *m, const union stp_val *key);
/* The histogram as text (sprint). */
void stp_sprint_hist(struct stp_context *c, struct stp_map *m, const union stp_val *key, char *to);

/* ---- foreach: a snapshot order of the elements; elements removed meanwhile are passed over ---- */
enum { STP_SORT_NONE = -2, STP_SORT_VALUE = -1 };	/* else: key column from 0 */
struct stp_iter {
	struct stp_map *map;
	void *element;
	int64_t left;			/* limit */
	void *priv;
};
/* sort: column or the constants above; dir +1/-1; op: for aggregates by value; limit < 0 = all.
 * key/any restrict to a slice, NULL = none. */
void stp_iter_begin(struct stp_context *c, struct stp_iter *it, struct stp_map *m, int sort, int dir,
		    enum stp_stat_op op, int64_t limit, const union stp_val *key, const bool *any);
bool stp_iter_next(struct stp_context *c, struct stp_iter *it);	/* false at the end */
int64_t stp_iter_key(const struct stp_iter *it, uint32_t i);
void stp_iter_key_str(const struct stp_iter *it, uint32_t i, char *to);
int64_t stp_iter_value(struct stp_context *c, const struct stp_iter *it);	/* long arrays */
void stp_iter_value_str(struct stp_context *c, const struct stp_iter *it, char *to);
/* Due once after every begin, at the end as well as when the loop is left early; after a begin
 * that failed it does nothing. */
void stp_iter_end(struct stp_context *c, struct stp_iter *it);

/* ---- output ---- */
void stp_printf(struct stp_context *c, const struct stp_fmt *f, const union stp_val *args);
/*
 * The same in pieces, for formats without %m and %M: room for SIZE bytes of values, to be filled by stp_put_number()
 * and stp_put_text() and ended by stp_printf_end().  NULL: there is none, which is counted, or an error.
 */
char *stp_printf_begin(struct stp_context *c, const struct stp_fmt *f, uint32_t size);
void stp_printf_end(struct stp_context *c);
void stp_print(struct stp_context *c, const char *s);		/* a string, no newline added */
void stp_sprintf(struct stp_context *c, char *to, const struct stp_fmt *f, const union stp_val *args);
/* STAP_PRINTF() of embedded C: the kernel's vsnprintf() formats, at most MAXSTRINGLEN - 1 bytes. */
void stp_cprintf(struct stp_context *c, const char *fmt, ...) STP_PRINTF(2, 3);
void stp_log(struct stp_context *c, const char *s);		/* log(): adds the newline */
void stp_system(struct stp_context *c, const char *command);	/* for the shell of who runs stapio */
void stp_switch_file(struct stp_context *c);			/* the output goes on in the next file */
void stp_ftrace(const char *s);					/* a line in the kernel's trace buffer */
void stp_printk(int64_t level, const char *s);			/* a line in the kernel's log; guru */

/* ---- regular expressions: tables of translator/regex/regex.h; state 0 is the start ---- */

enum { STP_REGEX_ACCEPT = 1, STP_REGEX_ACCEPT_END = 2, STP_REGEX_DEAD = 4 };

struct stp_regex {
	uint32_t nclasses;
	const uint8_t *class_of;	/* byte to class */
	const uint16_t *next;		/* [state * nclasses + class] */
	const uint8_t *flags;		/* per state */
};

static inline bool stp_regex_match(const struct stp_regex *r, const char *s)
{
	uint32_t state = 0;

	for (; *s && !(r->flags[state] & (STP_REGEX_ACCEPT | STP_REGEX_DEAD)); s++)
		state = r->next[state * r->nclasses + r->class_of[(unsigned char)*s]];
	return r->flags[state] & (*s ? STP_REGEX_ACCEPT : STP_REGEX_ACCEPT | STP_REGEX_ACCEPT_END);
}

/* Where a match and its groups are; see struct regex_capture of translator/regex/regex.h. */
enum { STP_REGEX_NOWHERE = 0xffff, STP_REGEX_HERE = 255, STP_REGEX_UNSET = 254 };
#define STP_REGEX_NONE 0xffffffffu

struct stp_regex_capture {
	const struct stp_regex *plain;	/* whether there is a match at all */
	uint32_t groups, nclasses, start[2], start_move[2];
	const uint8_t *class_of;
	const uint16_t *next;
	const uint32_t *move, *accept, *accept_end;
	const uint8_t *nregs, *moves;
};

/* The last =~ of a handler, in its frame. */
struct stp_match {
	char *text;			/* the subject, `size` bytes */
	int32_t *pos;			/* begin and end of the match and of each group, -1: no part */
	int32_t *regs[2];
	uint32_t size, groups;
	bool matched;
};

bool stp_regex_capture(struct stp_match *m, const struct stp_regex_capture *r, const char *s);
/* Text of group N, 0 the whole; an error when the last =~ failed or has no such group. */
void stp_matched(struct stp_context *c, int64_t n, char *to, uint32_t size);
int64_t stp_ngroups(struct stp_context *c);	/* with the whole */

/* ---- what families keep for their handlers; an error in handlers of others ---- */

void stp_procfs_value(struct stp_context *c, char *to, uint32_t size);
void stp_procfs_set(struct stp_context *c, const char *text, bool append);
int64_t stp_netfilter_verdict(struct stp_context *c);
void stp_netfilter_set_verdict(struct stp_context *c, int64_t verdict);

/* ---- what tapset functions stand on ---- */

#include "data/text.h"
#include "data/float.h"
#include "task/task.h"
#include "symbol/symbol.h"

#endif
