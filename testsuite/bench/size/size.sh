#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# size.sh BUILD: processor time of passes 1 to 3 for scripts that grow: lines, probes, aliases, globals.  Time for one item
# should stay the same from the small to the large one; the last column is how it changes.
stap=$1/stap
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export SYSTEMTAP_DIR="$tmp/state"

lines() {	# ten lines an item
	awk -v n="$1" 'BEGIN { print "global g, m"; for (i = 0; i < n / 10; i++) printf "function f%d(a, b) {\n\tx = a + b * %d\n" \
		"\tif (x > %d)\n\t\treturn x\n\tfor (i = 0; i < 3; i++)\n\t\tx += i\n\treturn x - 1\n}\n" \
		"probe timer.s(%d) { g += f%d(g, %d); m[%d] = g; printf(\"%%d %%s\\n\", f%d(1, 2), \"x\") }\n" \
		"probe end { println(g, m[%d]) }\n", i, i, i, i % 100 + 1, i, i, i, i, i }'
}
probes() { awk -v n="$1" 'BEGIN { print "global c"; for (i = 0; i < n; i++) printf "probe timer.ms(%d) { c[%d]++ }\n", i % 900 + 100, i }'; }
aliases() {
	awk -v n="$1" 'BEGIN { print "global c"; for (i = 0; i < n; i++)
		printf "probe a%d = timer.ms(%d) { x = %d }\nprobe a%d { c[x]++ }\n", i, i % 900 + 100, i, i }'
}
globals() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "global g%d\n", i; print "probe begin {"
		for (i = 0; i < n; i++) printf "g%d = %d; println(g%d)\n", i, i, i; print "}" }'
}

# Milliseconds of user time that -v reports for passes 1 to 3.
time_of() { "$stap" -w -v -p3 "$1" 2>&1 > /dev/null | sed -n 's/.* in \([0-9]*\)usr.*/\1/p' | awk '{ s += $1 } END { print s + 0 }'; }

printf '%-10s %8s %8s %8s %8s %s\n' kind small ms large ms 'time per item, large to small'
for kind in lines probes aliases globals; do
	for n in 5000 20000; do $kind $n > "$tmp/$kind$n.stp"; done
	small=$(time_of "$tmp/${kind}5000.stp") large=$(time_of "$tmp/${kind}20000.stp")
	awk -v k=$kind -v s="$small" -v l="$large" 'BEGIN { printf "%-10s %8d %8d %8d %8d %.2f\n", k, 5000, s, 20000, l, l / (s ? s : 1) / 4 }'
done
