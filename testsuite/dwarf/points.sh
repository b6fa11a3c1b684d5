#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# points.sh STAP: probe points that need debuginfo, as -l and -L show them, and their errors, for
# every installed kernel with debuginfo.
set -u
stap=$1
. "${0%/dwarf/*}/lib/setup.sh"
. "${0%/dwarf/*}/lib/expect.sh"
own_folder

for image in /usr/lib/debug/boot/vmlinux-*; do
	[ -f "$image" ] || continue
	k=${image##*/vmlinux-} area="points $k"
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
	expect callee "^kernel\.function\(\"vfs_read$at\.callee\(\"rw_verify_area$at\|\$" \
		-l 'kernel.function("vfs_read").callee("rw_verify_area")'
	expect callee-return "callee\(\"rw_verify_area$at\.return\|\$" \
		-l 'kernel.function("vfs_read").callee("*area").return'
	expect callee-call '^kernel.*callee\("rw_verify_area@[^|]*"\)\.call\|$' \
		-l 'kernel.function("vfs_read").callee("rw_*").call'
	expect callees 'callee\("get_current@.*callee\("rw_verify_area@' -l 'kernel.function("vfs_read").callees'
	expect callees-deep 'callee\("rw_verify_area@[^|]*callee\(' -l 'kernel.function("vfs_read").callees(2)'
	expect callees-range 'callees\(0\) must be between 1 and 16' -l 'kernel.function("vfs_read").callees(0)'
	expect callee-none 'no such call; the function calls .*rw_verify_area' \
		-l 'kernel.function("vfs_read").callee("vfs_write")'
	expect label 'copy_process@kernel/fork\.c:[0-9]+"\)\.label\("bad_fork_free"\)\|$' \
		-l 'kernel.function("copy_process").label("bad_fork_f*e")'
	expect label-none 'no label with code' -l 'kernel.function("vfs_read").label("out")'
	expect exported "^kernel\.function\(\"vfs_fsync@fs/sync\.c:[0-9]+\"\)\.exported\|\$" -l 'kernel.function("vfs_fsync").exported'
	expect range "^(kernel\.statement\(\"vfs_read$at\|)+\$" -l 'kernel.statement("vfs_read@fs/read_write.c:1-9999")'
	line=$("$stap" -r "$k" -l 'kernel.function("vfs_read").call' | sed 's/.*:\([0-9]*\)").*/\1/')
	expect spans "^kernel\.function\(\"vfs_read$at\|\$" -l "kernel.function(\"*@fs/read_write.c:$((line + 2))\")"
	expect between "no code of '\*' at this line" -l "kernel.function(\"*@fs/read_write.c:$((line - 1))\")"
	expect relative "^kernel\.statement\(\"vfs_read$at\|\$" -l 'kernel.statement("vfs_read@fs/read_write.c+1")'
	expect nearest "^kernel\.statement\(\"vfs_read$at\.nearest\|\$" \
		-l 'kernel.statement("vfs_read@fs/read_write.c:+2").nearest'
	address=0x$(awk '$3 == "vfs_read" { print $1 }' "/usr/lib/debug/boot/System.map-$k")
	expect address "^kernel\.function\(\"vfs_read$at\|\$" -l "kernel.function($address)"
	expect address-return "vfs_read$at\.return\|\$" -l "kernel.function($address).return"
	expect address-statement "^kernel\.statement\(\"vfs_read$at\|\$" -l "kernel.statement($address)"
	expect address-inside "does not match the beginning of a statement \(try $address\)" \
		-l "kernel.statement(${address%0}2)"
	expect address-none 'no function of the kernel covers address' -l 'kernel.statement(0x1234)'
	expect absolute 'need stap -g' -l "kernel.statement($address).absolute"
	expect absolute-guru "^kernel\.statement\($address\)\.absolute\|\$" -g -l "kernel.statement($address).absolute"
	expect bare-absolute '^kprobe\.statement\(0x1234\)\.absolute\|$' -g -l 'kprobe.statement(0x1234).absolute'
	expect bare-maxactive '^kprobe\.function\("vfs_read"\)\.return\.maxactive\(3\)\|$' \
		-l 'kprobe.function("vfs_read").return.maxactive(3)'
	expect marker 'no kernel markers since 2\.6\.32.*kernel.trace\("sched_switch"\)' -l 'kernel.mark("sched_switch")'
	expect noreturn "WARNING: function 'do_exit' never returns" -p2 -e 'probe kernel.function("do_exit").return { exit() }'
	expect passed-over 'places that cannot be probed are passed over.*__init code' \
		-v -l 'kernel.function("*@init/main.c")'
	expect explain 'function: vfs_read, a body.*address: 0x[0-9a-f]*.*armed as: through ftrace.*\$file:struct file\*  in %rdi.*\$ret:ssize_t  not to be had: .*; it can be had later, at line [0-9]+: kernel\.statement\(0x' \
		--explain-probe 'kernel.function("vfs_read")'
	expect explain-return 'armed as: a return probe.*\$return:ssize_t  in %rax' --explain-probe 'kernel.function("vfs_read").return'
	expect explain-inline 'an inlined instance.*armed as: a breakpoint' --explain-probe 'kernel.function("get_page").inline'
	expect explain-nothing 'cannot be probed: it is noinstr' --explain-probe 'kernel.function("do_int3")'
	expect hint "it can be had later, at line [0-9]+: kernel\.statement\(0x" -p2 -e 'probe kernel.function("vfs_read") { println($ret) }'
	where=$("$stap" -r "$k" --explain-probe 'kernel.function("vfs_read")' | sed -n 's/.*\$ret:.*: \(kernel.statement(0x[0-9a-f]*)\)$/\1/p')
	expect hinted '\$ret:ssize_t' -L "$where"
	expect trace-module '^kernel\.trace\("kvm_entry"\) \$vcpu:struct kvm_vcpu\*' -L 'kernel.trace("kvm:kvm_entry")'
	expect watch '^kernel\.data\("pid_max"\)\.write\|$' -l 'kernel.data("pid_max").write'
	expect watch-number '^kernel\.data\(0xffffffff81000004\)\.length\(3\)\.rw\|$' -l 'kernel.data(0xffffffff81000004).length(3).rw'
	expect watch-length 'length\(9\) must be from 1 to 8' -l 'kernel.data("pid_max").length(9).write'
	expect watch-aligned '8 bytes can be watched at a multiple of 8 only' -l 'kernel.data(0xffffffff81000004).length(5).write'
	expect watch-none "no match: the kernel has no symbol 'pid_maximum'" -l 'kernel.data("pid_maximum").write'
	expect watch-percpu "no match: 'runqueues' is a per-CPU variable" -l 'kernel.data("runqueues").write'
	expect watch-several 'no match: the kernel has [0-9]+ symbols' -l 'kernel.data("__key.0").write'
	expect watch-optional '^# functions' -p2 -e 'probe kernel.data("pid_maximum").write ?, begin { exit() }'
	expect tracers "it belongs to the kernel's own tracers, .*; its full name takes it" -l 'kernel.function("ring_buffer_lock_r*")'
	expect tracer-named '^kernel\.function\("ring_buffer_lock_reserve@' -l 'kernel.function("ring_buffer_lock_reserve")'
	expect inlined-many 'WARNING: [0-9]+ inlined instances are passed over.*kernel\.function\("vfs_read@' -DSTAP_MAXBREAKPOINTS=9 \
		-p2 -e 'probe kernel.function("*@fs/read_write.c") { exit() }'
	expect breakpoints-many 'is [0-9]+ places that take a breakpoint each, more than the 9' -DSTAP_MAXBREAKPOINTS=9 \
		-p2 -e 'probe kernel.function("*@fs/read_write.c").inline { exit() }'
	expect maxactive 'must be between 1 and 65536' -l 'kernel.function("vfs_read").return.maxactive(0)'
done
exit $failed
