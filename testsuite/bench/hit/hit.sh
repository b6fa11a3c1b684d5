#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hit.sh BUILD RELEASE [PATTERN [JSON]]: what a hit costs, in instructions: rows (see there) against 20,000 one-byte reads
# of /dev/zero in a guest whose nanoseconds are instructions (QEMU's icount, one CPU), net of the same reads untraced.
#	net     of the time that the reading program sees; work that others do meanwhile on the CPU is in it
#	of it   what stapio took of that
#	reader  processor time of stapio for one hit, whenever it was spent
#	lost    lines of printf that did not come out, of 21,000
# bpftrace is measured beside it where there is one; what SystemTap and bpftrace had once is in rows.  Then the rows
# "count" and "comm" with 2 and 4 CPUs that hit the same global: instructions of all CPUs for one hit.
# N=20000 is the number of reads, CPUS="2 4" may be empty.
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

guest() {	# guest CPUS LIST: the rows of LIST, with that many CPUs, to out.CPUS
	"$BUILD/stap-guest" -k "$RELEASE" -i -c "$1" sh "$here/in-guest.sh" "$work" "$BUILD/staprun/staprun" "$N" "$1" "$2" \
		> "$work/out.$1" || { echo "hit: the guest with $1 CPUs failed"; cat "$work/out.$1"; return 1; }
}

guest 1 "$work/list" || exit 1
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
	END { printf "\n  ],\n  \"cpus\": [" > json }' "$work/out.1" "$work/list"

grep -E '^(count|comm) ' "$work/list" > "$work/shared"
comma=
for cpus in ${CPUS-2 4}; do
	[ -s "$work/shared" ] || break
	guest "$cpus" "$work/shared" || continue
	awk -v n=$((N * cpus)) -v cpus="$cpus" -v json="$JSON" -v comma="$comma" '
		$2 == "untraced" { base = $3; next }
		$2 != "stap" { next }
		{
			printf "%-10s with %d CPUs %7.0f\n", $1, cpus, ($3 - base) / n
			printf "%s\n    {\"name\": \"%s\", \"cpus\": %d, \"net\": %.1f}", comma, $1, cpus, ($3 - base) / n >> json
			comma = ","
		}' "$work/out.$cpus"
	comma=,
done
printf '\n  ]\n}\n' >> "$JSON"
