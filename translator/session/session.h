/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of stap: what was asked for, for which kernel, and what each pass has made so far.
 * Passes read what earlier ones made and write only their own product (passes.c lists them).
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "base/diag.h"
#include "base/strmap.h"
#include "base/vec.h"
#include "syntax/syntax.h"

/* -D NAME=VALUE, in order. */
struct define { const char *name, *value; };

struct settings { const char **v; size_t n, cap; };	/* NAME=VALUE, VEC(const char *) */

enum listing { LIST_NONE, LIST_POINTS, LIST_VARS, LIST_EXPLAIN };	/* -l, -L, --explain-probe */
enum dump_what { LIST_TYPES = 1, LIST_ALIASES, LIST_FUNCTIONS };	/* --dump-probe-types, ... */

struct options {
	const char *script_file;	/* path, or "-" */
	VEC(const char *) e;		/* -e texts */
	VEC(const char *) extra;	/* -E texts */
	const char **args;		/* script arguments */
	int nargs;
	int last_pass;			/* -p, 5 by default */
	unsigned verbose;		/* -v count */
	unsigned vp[5];			/* --vp: more in passes 1 to 5 */
	bool keep;			/* -k */
	bool guru;			/* -g */
	bool no_warnings, werror;	/* -w, -W */
	bool unoptimized;		/* -u */
	bool no_display;		/* --no-global-var-display */
	bool bulk;			/* -b */
	const char *output;		/* -o */
	const char *command;		/* -c */
	const char *target_pid;		/* -x */
	const char *namespaces;		/* --target-namespaces: a process id */
	VEC(const char *) set;		/* -G: NAME=VALUE for staprun */
	bool flight;			/* -F: leave it running */
	const char *split;		/* -S */
	bool json;			/* --json */
	const char *release;		/* -r: release or build tree */
	const char *module_name;	/* -m */
	VEC(const char *) include;	/* -I */
	VEC(struct define) define;	/* -D */
	struct settings make_variables;	/* -B: for the kernel's build system, which kbuild says to use */
	struct settings modinfo;	/* --modinfo */
	const char *buffer_mb;		/* -s */
	enum listing listing;
	const char *dump;		/* --dump=STAGE */
	const char *remote;		/* --remote=HOST */
	const char *guest_shell;	/* --guest-shell=RELEASE, "" for the newest */
	const char *compatible;
	bool fmt;			/* --fmt; no_warnings then means: in place */
	const char *explain;		/* --explain=TAG */
	bool poison_cache, disable_cache, clean_cache, show_cache;
	bool example;			/* --example: script_file is below the examples */
	bool kbuild;			/* --kbuild: never replay */
	const char *sign;		/* --sign-module: a folder, "" for the usual one; NULL: unsigned */
	int colour;			/* -1 auto, 0 never, 1 always */
	bool suppress_handler_errors;
	bool timing;			/* -t */
	bool keep_going;		/* --keep-going */
	bool skip_badvars;
	bool no_time_limits;		/* --suppress-time-limits */
	const char *privilege;		/* "stapusr", "stapsys"; NULL: stapdev */
	enum dump_what dump_what;
	bool prepare;			/* --prepare */
	int debuginfo;			/* --debuginfo, enum dbg_kind: 0 is auto */
	bool strict_names;		/* --strict-names */
	VEC(const char *) symbols;	/* -d */
	bool ldd;			/* --ldd */
};

/* The kernel that is traced. */
struct kernel {
	const char *release;		/* "6.1.0-56-cloud-amd64" */
	const char *version;		/* "6.1.192" of the source when known, else from the release */
	const char *arch;		/* "x86_64" */
	const char *build;		/* headers: /lib/modules/RELEASE/build; NULL when missing */
	const char *vmlinux;		/* with DWARF; NULL when not installed */
	const char *build_id;		/* of vmlinux, hex; NULL when unknown */
	uint64_t anchor;		/* address of ANCHOR_SYMBOL in vmlinux, 0 = unknown */
	struct strmap config;		/* CONFIG_X -> value text */
	bool config_read;
};

#define LINE_MAP_FILE "stp_lines.bin"	/* beside the unit */
#define ANCHOR_SYMBOL "register_kprobe"	/* the runtime's STP_ANCHOR_SYMBOL */

struct script;
struct library;
struct program;
struct dbginfo;
struct names;
struct ir_program;
struct cache;

struct session {
	struct options opt;
	struct kernel kernel;
	struct diag diag;
	struct arena arena;		/* lives as long as the run */
	struct pp_env pp;
	const char *tmpdir;		/* made when first needed; removed at the end unless -k */
	const char *module_name;	/* stap_HASH_PID or -m */
	/* products */
	VEC(struct script *) scripts;	/* pass 1: user's script first, then -E */
	struct cache *cache;		/* NULL: not to be used, or not usable */
	struct library *library;	/* pass 1 */
	struct program *program;	/* pass 2 */
	struct names *names;		/* of names.c, read when first needed */
	struct dbginfo *dbginfo;	/* opened when a family first needs it */
	/* build_header_types(), for pass 2, which may not know pass 4; NULL: there is none */
	const char *(*header_types)(struct session *s, const char *spec, const char **why);
	bool reads_files;		/* pass 2 looked into programs or their headers: do not keep what it found */
	struct strmap headers;		/* spec -> object file, or "" when it cannot be had */
	struct ir_program *ir;		/* pass 3 */
	struct buf unit;		/* pass 3: text of the unit */
	struct buf kernel_unit;		/* of a second one, for C with the kernel's headers, or empty */
	struct buf line_map;		/* what it takes in as LINE_MAP_FILE, or empty */
	const char *input_key;		/* of all that passes 2 and 3 read; NULL: not to be kept */
	const char *module_key;		/* of the unit and the way it is built */
	const char *module_path;	/* pass 4 */
	const char *cached;		/* where an earlier run's module is kept; NULL: it is this one's */
};

/* Lists and counters that need no product of a pass. */
void session_init(struct session *s);
void session_deinit(struct session *s);

/*
 * Find out about the kernel to trace: opt.release, else the guest's, else the running one.  Missing
 * headers are no error here; session_need_headers() reports them when a pass cannot do without.
 */
bool session_find_kernel(struct session *s);
bool session_need_headers(struct session *s);
/* Text of CONFIG_NAME of the traced kernel, or NULL when it is not set. */
const char *session_config(void *session, const char *name);

/* How much to say in PASS: -v and --vp. */
unsigned session_verbose(const struct session *s, int pass);
bool session_unprivileged(const struct session *s);	/* --privilege=stapusr */

/* Bytes of a text with its NUL: -DMAXSTRINGLEN, or 512. */
unsigned session_maxstringlen(const struct session *s);

/* The session's temporary folder, made when first asked for; NULL after a reported error. */
const char *session_tmpdir(struct session *s);

/* Folders of the product's own text: beside the program in a build tree, else where installed;
 * $SYSTEMTAP_RUNTIME and $SYSTEMTAP_TAPSET override them. */
const char *session_runtime_dir(struct session *s);
const char *session_examples_dir(struct session *s);
const char *session_tapset_dir(struct session *s);
/* A program of ours ("staprun"): beside this one, else in DIR (bin or libexec). */
const char *session_program(struct session *s, const char *name, const char *dir);
/* $SYSTEMTAP_DIR or ~/.systemtap. */
const char *session_dir(struct session *s);

#define SYSTEMTAP_VERSION "5.2"		/* the language version scripts may test for */

#endif
