#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stage.sh SRC BUILD: the documented functions and probe aliases of the tapset are there, with the documented
# parameters and variables, on every installed kernel with debuginfo.
#
# `functions` has a prototype to a line, NAME:TYPE(PARAMETER:TYPE,...), where - is no value; `points` has
# an alias and its variables to a line, with the module whose debuginfo it needs in parentheses before them.
# Each file is made into one script that uses all of it, and goes through pass 2.
src=$1 build=$2
[ "${build##*/}" != asan ] || [ ! -x "${build%/asan}/stap" ] || build=${build%/asan}
here=$src/testsuite/tapset
. "$src/testsuite/lib/setup.sh"
own_folder
status=0

functions() {
	awk '!/^(#|$)/ {
		open = index($0, "("); head = substr($0, 1, open - 1); list = substr($0, open + 1, length($0) - open - 1)
		split(head, h, ":"); n = split(list, p, ","); args = ""
		for (i = 1; i <= n; i++) args = args (i > 1 ? ", " : "") (p[i] ~ /:string$/ ? "\"x\"" : "1")
		call = h[1] "(" args ")"
		if (h[2] == "long") call = "printf(\"%d\", " call ")"
		if (h[2] == "string") call = "printf(\"%s\", " call ")"
		print "probe begin { " call " }"
	}' "$here/functions"
}

points() {
	awk -v debug="/usr/lib/debug/lib/modules/$1" '!/^(#|$)/ {
		first = 2
		if ($2 ~ /^\(/) {
			first = 3
			find = "find " debug " -name " substr($2, 2, length($2) - 2) ".ko* | grep -q ."
			if (system(find)) next
		}
		printf "probe %s {", $1
		for (i = first; i <= NF; i++) printf " println(%s)", $i
		print (first > NF ? " println(1) }" : " }")
	}' "$here/points"
}

# elaborate KIND: the script passes, and no variable in it is one that nothing assigns.
elaborate() {
	"$build/stap" -g -r "$k" -p2 "$tmp/$1.stp" > "$tmp/out" 2> "$tmp/err"
	rc=$?
	if [ $rc -eq 0 ] && ! grep -q 'never-assigned' "$tmp/err"; then
		echo "ok tapset $k $1: $(grep -c '^probe' "$tmp/$1.stp")"
		return
	fi
	echo "not ok tapset $k $1: status $rc: $(grep -m1 -E 'error|never-assigned' "$tmp/err")"
	grep -E '^(semantic|parse) error|never-assigned' "$tmp/err" | head -40 | sed 's/^/    /'
	status=1
}

for image in /usr/lib/debug/boot/vmlinux-*; do
	[ -f "$image" ] || continue
	k=${image##*/vmlinux-}
	functions > "$tmp/functions.stp"
	points "$k" > "$tmp/points.stp"
	elaborate functions
	elaborate points
done
exit $status
