#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cli.sh SRC BUILD: the command line from outside: passes, options, cache, bad input.  Needs kernel headers and
# debuginfo of a 6.1 kernel, no guest.  Every case starts with an empty TMPDIR and looks into it afterwards.
SRC=$1 BUILD=$2
. "$SRC/testsuite/lib/setup.sh"
KVER=$(newest_kernel 6.1)
STAP=$BUILD/stap
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
export SYSTEMTAP_DIR=$T/state TMPDIR=$T/tmp
mkdir -p "$TMPDIR" "$T/a" "$T/b"
new_state "$SYSTEMTAP_DIR"
cd "$T/a" || exit 1
failed=0

# run STATUS STAP-ARGUMENTS...: output in $T/out and $T/err; complains into $why.
run() {
	want=$1
	shift
	timeout 120 "$STAP" "$@" > "$T/out" 2> "$T/err" < /dev/null
	got=$?
	[ "$got" -eq "$want" ] || why="$why; exit status $got, not $want: $(head -3 "$T/err" | tr '\n' ' ')"
	left=$(ls -A "$TMPDIR")
	[ -z "$left" ] || { why="$why; left in TMPDIR: $left"; rm -rf "${TMPDIR:?}"/*; }
}
err() { grep -aqE -- "$1" "$T/err" || why="$why; stderr lacks /$1/: $(head -4 "$T/err" | tr '\n' ' ')"; }
out() { grep -aqE -- "$1" "$T/out" || why="$why; stdout lacks /$1/: $(head -4 "$T/out" | tr '\n' ' ')"; }
done_() {
	if [ -z "$why" ]; then echo "ok cli/$1"; else echo "not ok cli/$1:${why#;}"; failed=1; fi
	why=
}
why=
hello='probe begin { println("hello") exit() }'

run 0 -V; out 'version 5'; done_ version
run 0 --help; out '-e SCRIPT'; done_ help
run 1; err 'Usage:'; done_ no-arguments
run 1 --no-such-option; err "unknown option '--no-such-option'"; done_ unknown-option
run 1 --runtime=dyninst -e "$hello"; err 'it must be kernel'; done_ runtime
run 1 --monitor -e "$hello"; err 'no status window; -t'; done_ monitor
run 0 --example -p1 vfs-reads; out 'vfs_read'; done_ example
run 1 --example -p1 vfs-writes; err "no example 'vfs-writes'"; err 'there are: .*vfs-reads.stp'; done_ no-example
run 1 -p 6 -e "$hello"; err "option '-p 6|option '-p'"; done_ bad-pass
run 1 -m 'a b' -e "$hello"; err 'cannot be used'; done_ bad-module-name
run 1 "$T/none.stp"; err 'cannot read the script .*No such file'; done_ no-script
run 1 --dump=nonsense -e "$hello"; err 'no such stage'; done_ bad-stage
run 1 -r 9.9.9-none -p4 -e "$hello"; err 'not installed'; done_ no-such-kernel
run 1 --remote=guest:9.9 -e "$hello"; err "$KVER"; done_ no-such-guest

run 0 -p1 -r "$KVER" -e "$hello"; out '^# parse tree dump'; out '^probe begin'; done_ pass-1
run 0 -p2 -v -r "$KVER" -e "$hello"; err '^Pass 2: analyzed script: 1 probe, 1 function'; out '^begin .*<- begin'; done_ pass-2
run 0 -p3 -r "$KVER" -e "$hello"; out 'stp_unit'; done_ pass-3
run 0 -p4 -v -r "$KVER" -e "$hello"; out "$SYSTEMTAP_DIR/cache/stap_[0-9a-f]+\.ko$"
err 'Pass 1: parsed user script and [0-9]+ library scripts? using [0-9]+virt/[0-9]+res/[0-9]+shr/[0-9]+data kb, in [0-9]+usr/[0-9]+sys/[0-9]+real ms\.'
err 'Pass 4: compiled C into "stap_[0-9a-f]+\.ko"'; done_ pass-4
run 0 -p4 -v -r "$KVER" -e "$hello"; err 'Pass 4: using cached'; grep -q 'Pass 3: translated' "$T/err" && why="$why; pass 3 was run"; done_ cached
run 0 -p4 -v --poison-cache -r "$KVER" -e "$hello"; err 'Pass 4: compiled'; done_ poison-cache
run 0 -p4 -v --disable-cache -r "$KVER" -m nocache -e "$hello"; err 'Pass 4: compiled'; [ -f nocache.ko ] || why="$why; no nocache.ko"; done_ disable-cache
run 0 -p4 -r "$KVER" -m named -e "$hello"; out '^named.ko$'; [ -f named.ko ] || why="$why; no named.ko"; done_ named
for text in first_one other_one first_one; do
	run 0 -p4 -r "$KVER" -m named -e "probe begin { println(\"$text\") exit() }"
	grep -aq "$text" named.ko || why="$why; not the module of $text"
done; done_ named-alike
# A header of the script's own may be another one the next time.
own='%{
#include "'$T'/own.h"
%}
function f:string () %{ STAP_RETURN(OWN); %} probe begin { println(f()) exit() }'
for text in first_text other_text; do
	echo "#define OWN \"$text\"" > "$T/own.h"
	run 0 -g -p4 -r "$KVER" -m named -e "$own"
	grep -aq "$text" named.ko || why="$why; not with $text"
done; done_ own-header
for size in 1 3; do
	echo "struct own { char before[$size]; char here; };" > "$T/own.h"
	run 0 -p4 -r "$KVER" -m named -e "probe begin { println(&@cast(0, \"struct own\", \"<$T/own.h>\")->here) }"
	cp named.ko "$size.ko"
done; cmp -s 1.ko 3.ko && why="$why; the type has not changed"; done_ own-types
# Left here however the run ends: this kernel need not be one that takes it.
timeout 120 "$STAP" -r "$KVER" -m ran -e "$hello" > "$T/out" 2> "$T/err" < /dev/null
[ -f ran.ko ] || why="; no ran.ko: $(head -2 "$T/err")"; done_ named-and-run
w='kernel.data("jiffies_64").write'
run 0 -p2 -r "$KVER" -e "probe $w, $w, $w, $w { exit() }"; [ ! -s "$T/err" ] || why="$why; $(head -1 "$T/err")"; done_ watchpoints-4
run 0 -p2 -r "$KVER" -e "probe $w, $w, $w, $w, $w { exit() }"; err 'WARNING: 5 hardware watchpoints are asked for, and the processor has 4'; done_ watchpoints-5
counter='probe perf.type(1).config(2).process("/bin/sh").counter("n") { } function n() { return @perf("n") }'
run 0 -p2 -r "$KVER" -e "$counter probe process(\"/bin/sh\").plt { println(n()) }"; [ ! -s "$T/err" ] || why="$why; $(head -1 "$T/err")"; done_ counter
run 1 -p2 -r "$KVER" -e "$counter probe process(\"/bin/sh\").begin { println(n()) }"; err '@perf\("n"\) is only valid in probes of programs'; done_ counter-outside
run 1 -p2 -r "$KVER" -e 'probe perf.type(2).config(1).process("/bin/sh").counter("t") { }'; err 'kernel.trace\("NAME"\) probes them'; done_ counter-tracepoint
run 1 -p2 -r "$KVER" -e 'probe process("/bin/sh").plt { println(@perf("m")) }'; err "no perf counter 'm'"; done_ counter-unknown
run 1 --remote=user@host -e "$hello"; err 'only direct://, guest and'; err 'ssh -t HOST staprun NAME.ko'; done_ remote-ssh
run 0 --remote=direct:// -p2 -r "$KVER" -e "$hello"; done_ remote-direct
run 1 --download-debuginfo=ask -p2 -r "$KVER" -e "$hello"; err 'it must be yes, no or seconds'; done_ download-ask
DEBUGINFOD_URLS=http://127.0.0.1:1 run 0 --download-debuginfo=no -p2 -r "$KVER" -e "$hello"; done_ download-no
mkdir "$T/key"
run 1 -p4 -r "$KVER" -m signed --sign-module="$T/key" -e "$hello"; err 'cannot read the key .*MOK.priv: No such file'; done_ sign-no-key
openssl req -new -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=cli-test/ -keyout "$T/key/MOK.priv" -outform DER -out "$T/key/MOK.der" 2> /dev/null
run 0 -p4 -r "$KVER" -m signed --sign-module="$T/key" -e "$hello"; [ "$(modinfo -F signer signed.ko)" = cli-test ] || why="$why; signer $(modinfo -F signer signed.ko)"; done_ sign
run 0 -p4 -r "$KVER" -m signed -e "$hello"; [ -z "$(modinfo -F signer signed.ko)" ] || why="$why; the kept one is signed"; done_ sign-not
run 0 -p2 -r "$KVER" -d nosuch -e 'probe begin { println(usymname(1)) exit() }'; err 'WARNING: -d nosuch is no program'; done_ symbols-of-none
run 0 -p2 -r "$KVER" -d kernel -d nfs -e 'probe begin { println(usymname(1)) exit() }'; [ ! -s "$T/err" ] || why="$why; $(head -1 "$T/err")"; done_ symbols-of-modules
echo "$hello" > "$T/hello.stp"
run 0 -p4 -r "$KVER" "$T/hello.stp"; done_ script-file
timeout 60 "$STAP" -p4 -r "$KVER" - < "$T/hello.stp" > "$T/out" 2> "$T/err" || why="; stdin: $(head -2 "$T/err")"; done_ stdin
run 0 -p4 -r "$KVER" -e 'probe begin { printf("%d %s %d\n", $1, @2, $#) exit() }' 42 word; done_ arguments
run 1 -p4 -r "$KVER" -e 'probe begin { println($1) exit() }'; err '\$1|argument'; done_ missing-argument

# The same text from two folders.
(cd "$T/a" && "$STAP" -p3 -r "$KVER" "$SRC/examples/vfs-reads.stp" > "$T/1.c" 2> "$T/err")
(cd "$T/b" && LC_ALL=C.UTF-8 TZ=Asia/Tokyo "$STAP" -p3 -r "$KVER" "$SRC/examples/vfs-reads.stp" > "$T/2.c" 2>> "$T/err")
[ -s "$T/1.c" ] && cmp -s "$T/1.c" "$T/2.c" || why="; the C differs: $(head -2 "$T/err")"; done_ same-bytes

# A kept folder rebuilds by make alone, without stap's help; C of the script's own is in a unit of its own.
{ cat "$SRC/examples/vfs-reads.stp"; echo 'function hz:long() %{ STAP_RETURN(HZ); %} probe end { println(hz()) }'; } > "$T/kept.stp"
timeout 120 "$STAP" -g -p4 -k -m kept -r "$KVER" "$T/kept.stp" > "$T/out" 2> "$T/err" || why="; $(head -3 "$T/err")"
dir=$(ls -d "$TMPDIR"/stap?????? 2>/dev/null)
if [ -d "$dir" ]; then
	cp -r "$dir" "$T/moved" && rm -f "$T/moved/kept.ko" &&
	make -C "/lib/modules/$KVER/build" M="$T/moved" modules > "$T/make.log" 2>&1 && [ -f "$T/moved/kept.ko" ] ||
		why="$why; make: $(grep -E 'error|ERROR' "$T/make.log" | head -2)"
	nm "$T/moved/kept.ko" 2>/dev/null | awk '$1 == "U"' > "$T/u1"; nm kept.ko | awk '$1 == "U"' > "$T/u2"
	cmp -s "$T/u1" "$T/u2" || why="$why; undefined symbols differ: $(diff "$T/u1" "$T/u2" | head -4 | tr '\n' ' ')"
else
	why="$why; no folder was kept"
fi
rm -rf "${TMPDIR:?}"/*; done_ kept-folder
run 0 -p4 --kbuild -r "$KVER" -m bykbuild -e "$hello"; [ -f bykbuild.ko ] || why="$why; no module"; done_ kbuild

# Bad input.
run 1 -p4 -r "$KVER" -e 'probe begin { ) }'; err 'parse error: '; err "at <input>:1:15"; err '^ +\^'; err 'Pass 1: parse failed'; done_ syntax-error
run 1 -p4 -r "$KVER" -e 'probe begin { exti() }'; err "semantic error: unresolved function"; err "exit"; err 'Pass 2: analysis failed'; done_ unknown-function
run 1 -p4 -r "$KVER" -e 'probe kernel.functoin("vfs_read") { }'; err 'semantic error: '; err 'function'; done_ unknown-point
run 1 -p4 -r "$KVER" -e 'probe kernel.function("vfs_raed") { println("x") }'; err 'semantic error: '; err 'vfs_read'; done_ unknown-kernel-function
run 1 -p4 -r "$KVER" -e 'probe kernel.function("vfs_read") { println($cuont) }'; err 'semantic error: .*cuont'; err '\$count'; done_ unknown-variable
run 1 -p4 -r "$KVER" -e 'probe kernel.function("vfs_read") { println($file->f_opp) }'; err 'f_opp'; err 'f_op'; done_ unknown-member
run 1 -p4 -r "$KVER" -e 'probe begin { x = 1 x = "s" println(x) }'; err 'type mismatch'; err '1:15'; done_ type-error
run 1 -p4 -r "$KVER" -e 'probe kernel.trace("sched_swich") { println("x") }'; err 'sched_switch'; done_ unknown-tracepoint
run 1 -p4 -r "$KVER" -e 'function f() %{ THIS %} probe begin { f() }'; err 'guru|-g'; done_ embedded-without-guru
run 1 -p4 -g -r "$KVER" -e 'function f() %{ this is no C; %} probe begin { f() exit() }'; err 'error:'; err 'Pass 4: compilation failed'; done_ compiler-fails
run 1 -p4 -g -r "$KVER" -e 'function f() %{ kallsyms_lookup_name("x"); %} probe begin { f() exit() }'; err "kallsyms_lookup_name"; done_ not-exported
mkdir -p "$T/tree/include/config" && echo 6.1.0-none > "$T/tree/include/config/kernel.release"
run 1 -p4 -r "$T/tree" -e "$hello"; err 'ERROR|failed'; done_ broken-build-tree
mkdir -p "$T/bin"; for p in sh make ld cat grep sed; do ln -sf "$(command -v $p)" "$T/bin/$p"; done
printf '#!/bin/sh\nPATH=%s exec %s "$@"\n' "$T/bin" "$STAP" > "$T/no-compiler"; chmod +x "$T/no-compiler"
STAP=$T/no-compiler
run 1 -p4 --poison-cache -r "$KVER" -e 'probe begin { println("no compiler") exit() }'; STAP=$BUILD/stap; err 'gcc'; done_ no-compiler
run 1 --remote=guest:6.1 -x 1 -e "$hello"; err 'ERROR: -x 1: .*-c CMD'; done_ target-in-guest
if [ ! -e "/lib/modules/$(uname -r)/build" ]; then
	run 1 -p4 -e "$hello"; err "headers of kernel $(uname -r) are not installed"; err "linux-headers-$(uname -r)"; done_ no-headers
	run 1 -p2 --debuginfo=dwarf -e 'probe kernel.function("vfs_read") { println("x") }'; err 'debuginfo'; err "linux-image-$(uname -r)-dbg"; done_ no-debuginfo
else
	echo "skip cli/no-headers: the running kernel has its headers"
fi
mkdir -p "$T/small"
if mount -t tmpfs -o size=256k tmpfs "$T/small" 2> "$T/err"; then
	kept=$(ls -i "$SYSTEMTAP_DIR/cache/runtime")
	TMPDIR=$T/small; run 1 -p4 --poison-cache -r "$KVER" "$SRC/examples/vfs-reads.stp"; TMPDIR=$T/tmp
	err 'No space left|is full'; [ "$kept" = "$(ls -i "$SYSTEMTAP_DIR/cache/runtime")" ] || why="$why; the kept runtime is gone"; done_ full-tmp
	rm -rf "$T/small"/*
	SYSTEMTAP_DIR=$T/small timeout 60 "$STAP" -p4 -r "$KVER" -m small -e "$hello" > "$T/out" 2> "$T/err" || why="; $(head -3 "$T/err")"
	[ -f small.ko ] || why="$why; no module"; err 'WARNING'; done_ full-cache
	umount "$T/small"
else
	echo "skip cli/full: $(cat "$T/err")"
fi

# The cache.
# A run that is known opens no ELF file of the kernel or of a module.
if command -v strace > /dev/null; then
	strace -f -e trace=openat,open -o "$T/trace" "$STAP" -p4 -r "$KVER" -e "$hello" > "$T/out" 2> "$T/err" < /dev/null
	grep -q 'index.sqlite' "$T/trace" || why="; no trace"
	elf=$(grep -E 'vmlinux|\.ko|\.debug|/index/vmlinux' "$T/trace")
	[ -z "$elf" ] || why="$why; opened: $elf"; done_ cached-opens-no-elf
else
	echo "skip cli/cached-opens-no-elf: no strace"
fi
# C of the script's own is compiled once, whatever changes around it.
guru='function hz:long() %{ STAP_RETURN(HZ); %}'
run 0 -p4 -g -r "$KVER" -e "$guru probe end { println(hz()) }"
run 0 -p4 -g -vvv -r "$KVER" -e "$guru probe end { println(hz() + 1) }"; err '_src\.o '
grep -q 'stap_c_src\.c' "$T/err" && why="$why; the C was compiled again"; run 0 --cache; out '^object +[0-9]+ +'; done_ kept-object
run 0 --cache; out '^module +[0-9]+ +[0-9.]+ MB'; out '^runtime +[0-9]+ '; out 'cache/stap_[0-9a-f]+\.ko$'; done_ show-cache
echo 2 > "$SYSTEMTAP_DIR/cache/cache_mb_limit"
for i in 1 2 3 4 5 6 7; do run 0 -p4 -r "$KVER" -e "probe begin { println($i) }"; done
run 0 --cache; out ': ([01]\.[0-9]|2\.0) MB of 2 MB'; rm -f "$SYSTEMTAP_DIR/cache/cache_mb_limit"; done_ cache-limit
run 0 --clean-cache; left=$(find "$SYSTEMTAP_DIR/cache" "$SYSTEMTAP_DIR/index" -type f ! -name 'index.sqlite*' ! -name '*.lock' ! -name cache_mb_limit)
[ -z "$left" ] || why="$why; still there: $left"; run 0 --cache; out ': 0\.0 MB'; done_ clean-cache
new_state "$SYSTEMTAP_DIR"	# not to build the runtime again
run 0 -p4 -r "$KVER" -e "$hello"; echo garbage > "$SYSTEMTAP_DIR/cache/index.sqlite"; rm -f "$SYSTEMTAP_DIR"/cache/index.sqlite-*
run 0 -p4 -r "$KVER" -e "$hello"; err 'WARNING: .*damaged'; run 0 -p4 -r "$KVER" -v -e "$hello"; err 'using cached'; done_ damaged-index
ko=$(ls "$SYSTEMTAP_DIR"/cache/stap_*.ko | head -1); : > "$ko"
run 0 -p4 -v -r "$KVER" -e "$hello"; err 'Pass 4: compiled'; done_ damaged-module
i=0; while [ $i -lt 8 ]; do "$STAP" -p4 -r "$KVER" -e "probe begin { println($((i % 2 + 10))) exit() }" > "$T/par$i" 2>&1 & i=$((i + 1)); done; wait
i=0; while [ $i -lt 8 ]; do f=$(cat "$T/par$i"); [ -f "$f" ] || why="$why; run $i: $f"; i=$((i + 1)); done; done_ parallel
touch "$T/file"; SYSTEMTAP_DIR=$T/file run 0 -p4 -r "$KVER" -m ro -e "$hello"; err 'WARNING: .*going on without'; done_ unusable-cache

# Killed in the middle: the temporary folder goes all the same.
"$STAP" -p4 --poison-cache --kbuild -r "$KVER" -m killed -e "$hello" > /dev/null 2>&1 & pid=$!
sleep 1; kill -9 $pid; wait $pid 2>/dev/null; sleep 3
left=$(ls -A "$TMPDIR"); [ -z "$left" ] || why="; left: $left"; rm -rf "${TMPDIR:?}"/*; done_ killed

# Listings.
run 0 -r "$KVER" -L 'kernel.function("vfs_read")'; out '^kernel\.function\("vfs_read@fs/read_write\.c:[0-9]+"\) \$file:struct file\* \$buf:char\* \$count:size_t \$pos:loff_t\*'; done_ list-variables
run 0 -r "$KVER" -l 'kernel.trace("sched_*")'; out '^kernel\.trace\("(sched:)?sched_switch"\)'; done_ list-tracepoints
run 1 -r "$KVER" -l 'kernel.function("no_such_function_anywhere")'; done_ list-nothing

# Installed elsewhere.
if make -C "$BUILD" install DESTDIR="$T/root" > "$T/install.log" 2>&1; then
	for f in bin/stap bin/staprun libexec/stap/stapio share/stap/runtime/stp.h share/man/man7/error::fault.7; do
		[ -e "$T/root/usr/local/$f" ] || why="$why; $f is not installed"
	done
else
	why="; $(tail -2 "$T/install.log")"
fi
done_ install
exit $failed
