#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# session.sh DIR: in a guest, as root: runs the modules that rt.sh built into DIR and checks how their
# sessions go.  Prints "ok" and "not ok" lines; the status is 1 when there is one of the latter.
dir=$1
out=$(mktemp) || exit 1
cd "$dir" || exit 1
dmesg -C

# run MODULE COMMAND...: its output is in $out
run() {
	module=$1
	shift
	insmod "$module.ko" || { echo "not ok insmod $module"; return; }
	./control "$module" "$@" > "$out" 2>&1
	echo "status $?" >> "$out"
	rmmod "$module" || echo "not ok rmmod $module"
}

# is NAME LINE...: the output without control messages is these lines
is() {
	name=$1
	shift
	printf '%s\n' "$@" > "$out.want"
	grep -v '^control: ' "$out" > "$out.got"
	if cmp -s "$out.want" "$out.got"; then echo "ok $name"; else
		echo "not ok $name: $(tr '\n' '|' < "$out.got")"; fi
}
has() { if grep -qE "$2" "$out"; then echo "ok $1"; else echo "not ok $1: $(tr '\n' '|' < "$out")"; fi; }
value() { sed -n "s/^$1 //p" "$out"; }
between() { v=$(value "$2"); if [ "${v:-0}" -ge "$3" ] && [ "${v:-0}" -le "$4" ]; then echo "ok $1"; else
	echo "not ok $1: $2 is ${v:-missing}, not $3 to $4"; fi; }

busy='dd if=/dev/zero of=/dev/null bs=1 count=2000 2>/dev/null'
{
	run unit_basic sh -c 'for i in 1 2 3; do cat /etc/passwd > /dev/null; sleep .2; done'
	grep -E '^(not )?ok ' "$out"
	between "what was opened" opens 3 3
	between "nothing was wrong in a handler" bad 0 0
	between "calls are seen" hits 6 1000000
	between "timer.ms" ticks 30 100000
	between "timer.jiffies" jticks 10 100000
	between "timer.profile" profile 100 1000000
	between "tracepoint" switches 20 10000000
	if [ "$(grep '^begin ' "$out" | tr '\n' ' ')" = "begin -5 begin 0 " ]; then echo "ok begin probes in order"; else
		echo "not ok begin probes in order"; fi

	fault="read fault .man error::fault. at 0x8 near case.stp:9:7 in probe vfs_read"
	run unit_errors_1 -s 2
	has "error in a handler" "^ERROR: $fault$"
	has "error probes instead of end" "^error$"
	has "status after an error" "^status 1$"
	run unit_errors_2 -s 5
	is "exit() in begin" begin end "second end" "status 0"
	run unit_errors_3 -s 5
	is "error in begin" begin "ERROR: division by 0 near case.stp:3:1 in probe begin" error "status 1"
	run unit_errors_4 sh -c "$busy"
	has "overload" "^ERROR: probe overhead exceeded threshold$"
	run unit_errors_5 sh -c "$busy"
	has "locks that cannot be had" "^ERROR: Skipped too many probes, check MAXSKIPPED"
	run unit_errors_6 true
	has "arming that fails says why" 'start failed: probe .*: no such function in the running kernel'
	is "arming that fails runs nothing" "status 3"
	run unit_errors_7 sh -c "$busy"
	has "errors below MAXERRORS" "^second end$"
	run unit_errors_8 sh -c "$busy"
	is "suppressed errors" begin "second begin" end "second end" "status 0"
	run unit_errors_9 -s 1
	is "error in an end probe" begin "second begin" end "ERROR: end went wrong in probe end" error "status 1"
	run unit_errors_10 -s 5
	is "exit() in a timer" begin "second begin" end "second end" "status 0"

	insmod stap_kmod.ko
	call=/sys/kernel/debug/stap_kmod/call
	run "unit_module_$(cat offset)" sh -c "echo many > $call; echo recurse > $call; echo trace > $call"
	is "probes in a module" "ticks 1000 sum 499500 returns 6 returned 6 events -17" "status 0"
	run "unit_module_$(cat offset)" sh -c "echo many > $call; rmmod stap_kmod; insmod stap_kmod.ko; echo trace > $call"
	is "a probed module that goes" "ticks 1000 sum 499500 returns 0 returned 0 events -17" "status 0"
	rmmod stap_kmod
	run "unit_module_$(cat offset)" true
	has "a module that is not there" 'no tracepoint "stap_kmod_event"'

	insmod unit_basic.ko
	./control unit_basic -s 30 > /dev/null 2>&1 &
	pid=$!
	sleep 2
	if rmmod unit_basic 2>/dev/null; then echo "not ok rmmod while running: it went"; else echo "ok rmmod while running"; fi
	kill -9 $pid
	wait $pid 2>/dev/null
	if rmmod unit_basic; then echo "ok rmmod after the reader's death"; else echo "not ok rmmod after the reader's death"; fi

	n=0
	while [ $n -lt 5 ]; do run unit_basic true; run unit_errors_6 true; n=$((n + 1)); done
	if [ "$(wc -l < /sys/kernel/debug/kprobes/list) $(wc -l < /sys/kernel/tracing/enabled_functions)" = "0 0" ]; then
		echo "ok nothing is left armed"; else echo "not ok nothing is left armed"; fi
	if dmesg | grep -E 'BUG|WARNING|Oops|Call Trace|stall|lockup' > "$out"; then echo "not ok kernel log: $(head -1 "$out")"; else
		echo "ok kernel log"; fi
} 2>&1 | tee "$out.all"
! grep -q '^not ok' "$out.all"
