#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# points.sh STAP: probe points that need debuginfo, as -l and -L show them, and their errors, for
# every installed kernel with debuginfo.
set -u
stap=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
SYSTEMTAP_DIR=$tmp/cache
export SYSTEMTAP_DIR
failed=0

# NAME PATTERN ARGS...: the whole output, joined by `|`, matches the extended regular expression.
expect() {
	name=$1 pattern=$2
	shift 2
	out=$("$stap" -r "$k" "$@" 2>&1 | tr '\n' '|')
	if printf '%s\n' "$out" | grep -Eq -- "$pattern"; then
		echo "ok points $k $name"
	else
		echo "not ok points $k $name: printed $(printf '%.300s' "$out")"
		failed=1
	fi
}

for image in /usr/lib/debug/boot/vmlinux-*; do
	[ -f "$image" ] || continue
	k=${image##*/vmlinux-}
	at='@fs/read_write\.c:[0-9]+"\)'
	parms='\$file:struct file\* \$buf:char\* \$count:size_t \$pos:loff_t\*'
	expect entry "^kernel\.function\(\"vfs_read$at $parms\|\$" -L 'kernel.function("vfs_read")'
	expect call "^kernel\.function\(\"vfs_read$at\.call\|\$" -l 'kernel.function("vfs_read").call'
	expect return "^kernel\.function\(\"vfs_read$at\.return \\\$return:ssize_t $parms\|\$" \
		-L 'kernel.function("vfs_read").return'
	expect file "^kernel\.function\(\"vfs_read$at\|\$" -l 'kernel.function("vfs_read@fs/*.c")'
	expect other-file 'no match' -l 'kernel.function("vfs_read@net/*.c")'
	expect glob "vfs_read$at.*vfs_readv$at" -l 'kernel.function("vfs_read*").call'
	expect similar 'no match \(similar functions: vfs_read' -l 'kernel.function("vfs_raed")'
	expect optional '^# functions\|exit:void \(\)\|# probes\|$' -p2 -e 'probe kernel.function("vfs_raed") ?, never { exit() }'
	expect noinstr "cannot be probed: it is noinstr" -l 'kernel.function("do_int3")'
	expect init "cannot be probed: it is __init code" -l 'kernel.function("start_kernel")'
	expect inlined 'inlined everywhere.*no return to probe' -l 'kernel.function("get_page").return'
	expect switch_to 'no return probe|noinstr|entry code' -l 'kernel.function("__switch_to").return'
	expect module "^module\(\"af_key\"\)\.function\(\"pfkey_create@net/key/af_key\.c:[0-9]+\"\) " \
		-L 'module("af_key").function("pfkey_create")'
	expect no-module "no module 'nomod'" -l 'module("nomod").function("x")'
	expect statement "^kernel\.statement\(\"vfs_read$at" -l 'kernel.statement("vfs_read@fs/read_write.c:*")'
	expect bad-line "bad line 'x'" -l 'kernel.statement("vfs_read@fs/read_write.c:x")'
	expect trace '^kernel\.trace\("sched_switch"\) \$preempt:bool \$prev:struct task_struct\*' \
		-L 'kernel.trace("sched_switch")'
	expect trace-system '^kernel\.trace\("sched_switch"\)\|$' -l 'kernel.trace("sch*:sched_sw*h")'
	expect trace-wrong-system "is in system 'sched'" -l 'kernel.trace("irq:sched_switch")'
	expect trace-similar 'similar tracepoints: sched_switch' -l 'kernel.trace("sched_swich")'
	expect maxactive 'must be between 1 and 65536' -l 'kernel.function("vfs_read").return.maxactive(0)'
done
exit $failed
