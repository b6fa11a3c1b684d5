#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hit.sh BUILD RELEASE [PATTERN [JSON]]: what a hit costs, in instructions: rows (see there) against 20,000 one-byte reads
# of /dev/zero in a guest whose nanoseconds are instructions (QEMU's icount, one CPU), net of the same reads untraced.
#	net     of the time that the reading program sees; work that others do meanwhile on the CPU is in it
#	of it   what stapio took of that
#	reader  processor time of stapio for one hit, whenever it was spent
#	lost    lines of printf that did not come out, of 21,000
# bpftrace is measured beside it where there is one; what SystemTap and bpftrace had once is in rows.  Then the memory of an
# array, and the rows "count" and "comm" by 1, 2 and 4 CPUs at once that hit the same global: true nanoseconds of a hit, in an
# emulated guest (no icount: a CPU that spins would keep the others from running), so compare these lines alone.  A
# host has fewer processors, or lets the guest's CPUs take turns, so what a hit took of a processor is told beside it.
# In the same guest: the time from exit() in a begin probe until staprun has ended and the module is gone.
# N=20000 is the number of reads, CPUS="1 2 4" may be empty.
BUILD=$1 RELEASE=$2 PATTERN=$3 JSON=${4:-/dev/null} N=${N:-20000}
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -static -o "$work/hit" "$here/hit.c" || exit 1
: > "$work/list"
while IFS= read -r line; do
	name=${line%% ; *} rest=${line#* ; * ; * ; * ; }
	case $line in '#'* | '') continue ;; esac
	case $name in *"$PATTERN"*) ;; *) continue ;; esac
	printf '%s\n' "${rest% ; *}" > "$work/$name.bt"
	(cd "$work" && "$BUILD/stap" -p4 -r "$RELEASE" -m "bench_$name" -e "${rest##* ; }" > /dev/null) || rm -f "$work/bench_$name.ko"
	printf '%s\n' "$line" | awk -F ' ; ' '{ print $1, $2, $3, $4 }' >> "$work/list"
done < "$here/rows"
[ -s "$work/list" ] || exit 0
for size in small=1 large=10000; do	# what an array takes
	[ -z "$PATTERN" ] || break
	(cd "$work" && "$BUILD/stap" -p4 -r "$RELEASE" -m "bench_${size%=*}" \
		-e "global a[${size#*=}] probe begin { a[execname(), pid()] = 1 } probe end { println(a[\"x\", 1]) }" > /dev/null)
done

functions='kernel.function("*@fs/*.c").call'
for exit in "exit=" "exit_fs=, $functions"; do	# what is there to disarm
	[ -z "$PATTERN" ] || break
	(cd "$work" && "$BUILD/stap" -w -p4 -r "$RELEASE" -m "bench_${exit%%=*}" \
		-e "probe begin { println(gettimeofday_ns()) exit() } probe never${exit#*=} { if (pid() < 0) println(1) }" > /dev/null)
done

guest() {	# guest LIST CPUS READS TURNS OPTIONS: the rows of LIST by that many CPUs, so often, to $work/out
	list=$1 cpus=$2 reads=$3 turns=$4
	shift 4
	"$BUILD/stap-guest" -k "$RELEASE" "$@" sh "$here/in-guest.sh" "$work" "$BUILD/staprun/staprun" "$reads" "$cpus" \
		"$list" "$turns" > "$work/out" || { echo "hit: the guest failed"; cat "$work/out"; return 1; }
}

guest "$work/list" 1 "$N" 1 -i || exit 1
awk -v json="$JSON" -v release="$RELEASE" -v n="$N" '
	function put(key, value) { printf ", \"%s\": %s", key, value > json }
	FNR == NR { v[$1, $2] = $3; of_it[$1, $2] = $4; reader[$1, $2] = $5; lost[$1, $2] = $6; next }
	FNR == 1 {
		base = v["-", "untraced"]
		printf "instructions a hit on %s, untraced read: %.0f\n", release, base / n
		printf "%-10s %6s  %7s %7s %7s %7s  %9s  %14s %13s\n", "row", "goal", "net", "of it", "reader", "lost", "bpftrace", "SystemTap 5.6", "bpftrace 0.17"
		printf "{\n  \"traced\": \"%s\",\n  \"reads\": %d,\n  \"untraced\": %.1f,\n  \"rows\": [", release, n, base / n > json
	}
	{
		printf "%-10s %6d", $1, $2
		printf "%s\n    {\"name\": \"%s\"", (FNR > 1 ? "," : ""), $1 > json
		put("goal", $2); put("systemtap_5_6", $3); put("bpftrace_0_17", $4)
		if (v[$1, "stap"]) {
			net = (v[$1, "stap"] - base) / n
			printf "  %7.0f %7.0f %7.0f %7s", net, of_it[$1, "stap"] / n, reader[$1, "stap"] / n, lost[$1, "stap"]
			put("net", sprintf("%.1f", net)); put("of_it", sprintf("%.1f", of_it[$1, "stap"] / n)); put("reader", sprintf("%.1f", reader[$1, "stap"] / n))
			if (lost[$1, "stap"] != "-") put("lost", lost[$1, "stap"])
		} else printf "  %31s", "failed"
		if (v[$1, "bpftrace"]) {
			printf "  %9.0f", (v[$1, "bpftrace"] - base) / n
			put("bpftrace", sprintf("%.1f", (v[$1, "bpftrace"] - base) / n))
		} else printf "  %9s", "-"
		printf "  %14d %13d\n", $3, $4
		printf "}" > json
	}
	END {
		if (v["-", "memory"]) printf "bytes of an array for 10,000 elements by (execname, pid): %d\n", v["-", "memory"]
		printf "\n  ],\n  \"array_bytes\": %d,\n  \"cpus\": [", v["-", "memory"] > json
	}' "$work/out" "$work/list"

grep -E '^(count|comm) ' "$work/list" > "$work/shared"
comma= most=2
for cpus in ${CPUS-1 2 4}; do
	[ "$cpus" -le $most ] || most=$cpus
done
host=$(nproc)
"$BUILD/stap-guest" -v -v -k "$RELEASE" -K true 2>&1 | grep -q thread=single && host=1	# they take turns
for cpus in ${CPUS-1 2 4}; do
	[ -s "$work/shared" ] || break
	guest "$work/shared" "$cpus" $((5 * N)) 5 -K -c "$most" || continue
	awk -v n=$((5 * N)) -v cpus="$cpus" -v host="$host" -v json="$JSON" -v comma="$comma" '
		$2 == "unloaded" { if (!unloaded[$1] || $3 < unloaded[$1]) unloaded[$1] = $3; next }
		$2 == "untraced" || $2 == "stap" { if (!least[$1] || $3 < least[$1]) least[$1] = $3 }	# of the turns
		END {
			base = least["-"]
			delete least["-"]
			for (row in least) {
				ns = (least[row] - base) / n
				mine = ns * (cpus < host ? cpus : host) / cpus
				printf "%-10s by %d CPUs at once %7.0f ns, %.0f ns of a processor\n", row, cpus, ns, mine
				printf "%s\n    {\"name\": \"%s\", \"cpus\": %d, \"ns\": %.1f, \"processor_ns\": %.1f}", comma, row, cpus, ns, mine >> json
				comma = ","
			}
			for (row in unloaded) {
				printf "%-10s from exit() to unloaded %.1f ms\n", row, unloaded[row] / 1e6
				printf "%s\n    {\"name\": \"%s\", \"cpus\": %d, \"unloaded_ms\": %.1f}", comma, row, cpus, unloaded[row] / 1e6 >> json
				comma = ","
			}
		}' "$work/out"
	comma=,
done
printf '\n  ]\n}\n' >> "$JSON"
