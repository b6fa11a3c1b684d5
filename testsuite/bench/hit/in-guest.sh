#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# in-guest.sh WORK STAPRUN N CPUS LIST TURNS: the half of hit.sh that runs inside the guest.  Prints lines of
#	ROW TOOL NANOSECONDS READER-MEANWHILE READER-NANOSECONDS LOST-LINES, which is - where no lines are printed
# and of modules that exit at once "ROW unloaded NANOSECONDS", where clocks are true.
work=$1 staprun=$2 n=$3 cpus=$4 list=$5 turns=$6
R=/tmp/hit
mkdir -p $R
cp "$work/hit" $R/hit
untraced() { rm -f $R/t; $R/hit $R/t "$n" "$cpus" && awk '{ print "-", "untraced", $1, 0, 0, "-" }' $R/t; }
untraced > /dev/null
# Bytes that each array takes more than one of one element.
memory() {
	"$staprun" -c "cat /proc/vmallocinfo" "$work/bench_$1.ko" 2> /dev/null | awk -v m="[bench_$1]" '$4 == m { n += $2 } END { print n + 0 }'
}
if [ -f "$work/bench_large.ko" ] && [ "$list" = "$work/list" ]; then
	echo "- memory $(($(memory large) - $(memory small))) 0 0 -"
fi
unloading() {	# the start of date is in it
	[ -f "$work/bench_$1.ko" ] && "$staprun" -o $R/out "$work/bench_$1.ko" > $R/log 2>&1 &&
		echo "$1 unloaded $(($(date +%s%N) - $(tail -n 1 $R/out))) 0 0 -"
}
for turn in $(seq "$turns"); do
[ "$list" = "$work/list" ] || { unloading exit; unloading exit_fs; }
untraced
while read -r row _; do
	if [ -f "$work/bench_$row.ko" ]; then
		rm -f $R/t $R/out
		"$staprun" -o $R/out -c "$R/hit $R/t $n $cpus" "$work/bench_$row.ko" > $R/log 2>&1 || cat $R/log >&2
		if [ -s $R/t ]; then
			read -r ns meanwhile reader reads pid < $R/t
			lost=-
			[ "$row" != printf ] || lost=$((reads - $(grep -c "^$pid hit 1\$" $R/out)))
			echo "$row stap $ns $meanwhile $reader $lost"
		fi
	fi
	if [ "$list" = "$work/list" ] && command -v bpftrace > /dev/null; then
		rm -f $R/t
		bpftrace -c "$R/hit $R/t $n" "$work/$row.bt" > $R/out 2>&1
		[ ! -s $R/t ] || awk -v row="$row" '{ print row, "bpftrace", $1, $2, $3, "-" }' $R/t
	fi
done < "$list"
done
