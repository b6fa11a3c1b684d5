#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# btf.sh DBGQUERY STAP [SEED]: do DWARF and BTF say the same, where both say something?
#
# For every kernel with debuginfo and an image installed, 500 functions taken at random (same seed, same
# functions) of those whose name means one function:
#   btf-params   address, names and types of parameters, type of the result
#   btf-places   a parameter that DWARF has in a register at entry is in that register
#   btf-list     stap -L prints the same, but for the place in the source, which BTF does not know
#   btf-types    members, offsets and sizes of 100 structs
#   btf-traces   tracepoints with their systems and arguments
#   btf-module   parameters of a small module's functions, by split BTF
#   btf-unit     the C of whole scripts
# and messages: what needs DWARF says so and names the package; --debuginfo=dwarf refuses to do without.
set -u
query=$1 stap=$2
seed=${3:-stap}
LC_ALL=C
export LC_ALL
. "${0%/dwarf/*}/lib/setup.sh"
own_folder
failed=0

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; failed=1; }
ask() { d=$1; shift; DBGQUERY=$d "$query" "$@"; }

# compare NAME WHAT: the files dwarf and btf must be equal and have lines.
compare() {
	if ! [ -s "$tmp/dwarf" ]; then
		not_ok "$1" "nothing to compare"
	elif ! cmp -s "$tmp/dwarf" "$tmp/btf"; then
		not_ok "$1" "$(diff "$tmp/dwarf" "$tmp/btf" | grep -c '^<') lines differ, DWARF and BTF: $(diff "$tmp/dwarf" "$tmp/btf" | grep '^[<>]' | head -4 | tr '\n' '|')"
	else
		ok "$1: $(wc -l <"$tmp/dwarf") $2"
	fi
}

pick() {
	awk -v seed="$seed" 'BEGIN { for (i = 1; i <= length(seed); i++)
		s = s * 31 + index("abcdefghijklmnopqrstuvwxyz0123456789", substr(seed, i, 1)); srand(s) }
		{ printf "%.9f %s\n", rand(), $0 }' | sort | head -n "$1" | cut -d' ' -f2-
}

# Names that BTF has, that one body in DWARF has, and no inlined function declared elsewhere.
choose() {
	ask btf "$1" kernel functions '*' | sed 's/@.*//' | uniq -u >"$tmp/b"
	ask dwarf "$1" kernel functions '*' | sed 's/@\([^ ]*\) \([a-z]*\).*/ \1 \2/' | sort -u >"$tmp/d"
	awk '{ places[$1 " " $2]++ || n[$1]++ } $3 == "body" { body[$1] = 1 }
		END { for (f in n) if (n[f] == 1 && f in body) print f }' "$tmp/d" | sort |
		comm -12 - "$tmp/b" | pick 500 >"$tmp/names"
}

params() {
	for d in dwarf btf; do
		# shellcheck disable=SC2046
		ask $d "$1" kernel params $(cat "$tmp/names") | sort -u >"$tmp/$d"
	done
	compare "btf-params $1" functions
}

# NUMBER-OF-FUNCTION N-OF-PARAMETER PLACE
places() {
	for d in dwarf btf; do
		# shellcheck disable=SC2046
		ask $d "$1" kernel places $(cat "$tmp/names") |
			awk '/^[^ ]/ { f = $1; n = 0; next } { n++; $1 = ""; print f, n $0 }' | sort -u >"$tmp/$d.all"
	done
	grep ' = reg[0-9]*$' "$tmp/dwarf.all" | grep -E ' = reg(1|2|4|5|8|9)$' >"$tmp/dwarf"
	cut -d' ' -f1,2 "$tmp/dwarf" | awk 'NR == FNR { want[$1 " " $2] = 1; next } ($1 " " $2) in want' \
		- "$tmp/btf.all" >"$tmp/btf"
	compare "btf-places $1" "parameters in registers"
}

# Locals, which DWARF may know at entry, are left out: BTF's variables are DWARF's first ones.
list() {
	points=$(sed 's/.*/kernel.function("&").call, kernel.function("&").return/' "$tmp/names" | head -n 200 |
		 paste -sd,)
	for d in dwarf btf; do
		"$stap" -r "$1" --debuginfo=$d -L "$points" 2>"$tmp/err" |
			sed 's/\(function("[^@"]*\)@[^"]*/\1/' | sort -u >"$tmp/$d.all"
	done
	# Only what DWARF shows can be held against BTF, which does not know what was optimised out.
	awk 'NR == FNR { n = split($0, w, " "); for (i = 2; i <= n; i++) has[w[1], w[i]] = 1; line[w[1]] = 1; next }
		$1 in line { out = $1; n = split($0, w, " \\$"); text = w[1]
			for (i = 2; i <= n; i++) { split(w[i], p, " "); if ((($1), ("$" p[1])) in has) text = text " $" w[i] }
			print text }' "$tmp/dwarf.all" "$tmp/btf.all" >"$tmp/btf"
	awk 'NR == FNR { n = split($0, w, " "); for (i = 2; i <= n; i++) has[w[1], w[i]] = 1; line[w[1]] = 1; next }
		$1 in line { n = split($0, w, " \\$"); text = w[1]
			for (i = 2; i <= n; i++) { split(w[i], p, " "); if ((($1), ("$" p[1])) in has) text = text " $" w[i] }
			print text }' "$tmp/btf.all" "$tmp/dwarf.all" >"$tmp/dwarf"
	compare "btf-list $1" "lines of -L"
}

# Structs in the image's own order: some hundred that the chosen functions point at.
types() {
	for d in dwarf btf; do
		grep -o 'struct [a-z_0-9]*' "$tmp/params" | sort -u | pick 100 |
			DBGQUERY=$d xargs -d '\n' "$query" "$1" kernel type >"$tmp/$d"
	done
	compare "btf-types $1" "structs and members"
}

traces() {
	for d in dwarf btf; do ask $d "$1" kernel tracepoints '*' | sort >"$tmp/$d.all"; done
	# The system of one without an event is the name of a header, which BTF does not know.
	grep -v '^?' "$tmp/btf.all" >"$tmp/btf"
	awk -F'[: ]' 'NR == FNR { t[$2] = 1; next } $2 in t' "$tmp/btf" "$tmp/dwarf.all" >"$tmp/dwarf"
	compare "btf-traces $1" tracepoints
}

module() {
	for d in dwarf btf; do ask $d "$1" af_key params '*' | sort -u >"$tmp/$d.all"; done
	cut -d' ' -f1,2 "$tmp/btf.all" | sort >"$tmp/b"
	cut -d' ' -f1,2 "$tmp/dwarf.all" | sort | comm -12 - "$tmp/b" >"$tmp/both"
	for d in dwarf btf; do
		grep -F '$' "$tmp/$d.all" | awk 'NR == FNR { w[$1 " " $2] = 1; next } ($1 " " $2) in w' "$tmp/both" - |
			grep -v 'return:void$' >"$tmp/$d"
	done
	compare "btf-module $1" "functions of af_key"
}

# message NAME PATTERN STAP-ARGUMENTS...
message() {
	name=$1 re=$2
	shift 2
	if "$stap" -r "$k" "$@" >"$tmp/out" 2>&1 && [ "$name" != "${name#refuse}" ]; then
		not_ok "btf-$name $k" "it was taken"
	elif grep -qE -- "$re" "$tmp/out"; then
		ok "btf-$name $k"
	else
		not_ok "btf-$name $k" "no /$re/ in: $(head -2 "$tmp/out")"
	fi
}

# The C of whole scripts, to the byte, but for the place in the source.
units() {
	src=$(dirname "$0")/../run
	for t in kernel/functions tapset/files probes/tracepoint; do
		for d in dwarf btf; do
			"$stap" -r "$1" --debuginfo=$d -p3 "$src/$t.stp" 2>"$tmp/err" | sed 's/@[a-z_/]*\.[ch]:[0-9]*//g' >"$tmp/$d"
		done
		compare "btf-unit $1 $t" "lines of C"
	done
}

messages() {
	dotted=$(echo "$k" | sed 's/[.+]/\\&/g')
	message refuse-file "only BTF here.*install linux-image-$dotted-dbg, or run: stap-prep $dotted" \
		--debuginfo=btf -p2 -e 'probe kernel.function("vfs_read@fs/read_write.c") { println(1) }'
	message refuse-line 'no source files, lines' --debuginfo=btf -p2 \
		-e 'probe kernel.statement("vfs_read@fs/read_write.c:460") { println(1) }'
	message refuse-inline 'inlined code' --debuginfo=btf -p2 -e 'probe kernel.function("vfs_read").inline { println(1) }'
	message refuse-local 'local variables' --debuginfo=btf -p2 \
		-e 'probe kernel.function("vfs_read") { println($nowhere) }'
	message refuse-near 'similar functions: vfs_read' --debuginfo=btf -p2 \
		-e 'probe kernel.function("vfs_raed") { println(1) }'
	message refuse-option 'debuginfo=elf' --debuginfo=elf -p2 -e 'probe begin { println(1) }'
	message refuse-type "BTF has no type for 'jiffies_64'" --debuginfo=btf -p2 \
		-e 'probe begin { println(@var("jiffies_64")) }'
	message exported 'vfs_fsync' --debuginfo=btf -l 'kernel.function("vfs_fsync").exported'
	message address 'script0 = &@var' --debuginfo=btf --dump=program \
		-e 'probe begin { println(@cast(&@var("init_task"), "task_struct")->pid) }'
	message cast '^# probes' --debuginfo=btf -p2 -e 'probe begin {
		println(@cast(task_current(), "struct task_struct")->se->cfs_rq->nr_running)
		println(@var("runqueues")->nr_running) }'
}

found=0
for image in /usr/lib/debug/boot/vmlinux-*; do
	k=${image##*/vmlinux-}
	[ -f "$image" ] && [ -f "/boot/vmlinuz-$k" ] || continue
	found=1
	choose "$k"
	[ "$(wc -l <"$tmp/names")" -eq 500 ] || { not_ok "btf $k" "fewer than 500 functions"; continue; }
	params "$k"
	cp "$tmp/dwarf" "$tmp/params"
	places "$k"
	list "$k"
	types "$k"
	traces "$k"
	module "$k"
	units "$k"
	messages
done
[ $found = 1 ] || echo "ok btf # SKIP no kernel with debuginfo and image"
exit $failed
