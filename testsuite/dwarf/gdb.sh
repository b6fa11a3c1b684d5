#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# gdb.sh DBGQUERY RELEASE FUNCTIONS [GLOB]: at the entry of so many functions and inlined instances of a kernel, every
# variable that gdb ("info scope") can locate there must be accessible here.  For people: gdb takes a gigabyte.
# What gdb prints as an expression but cannot evaluate without the caller's frame - entry values elsewhere than at the
# entry, parameters that were removed, pointers to what was optimised out - is counted apart.
set -u
query=$1 k=$2 n=$3 glob=${4:-*}
image=/usr/lib/debug/boot/vmlinux-$k
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

"$query" "$k" kernel sample "$glob" "$n" > "$tmp/ours" || exit 1
awk '/^[^ ]/ { for (i = 1; i <= NF; i++) if ($i ~ /^0x[0-9a-f]+$/) { if (!seen[$i]++) print $i; break } }' "$tmp/ours" > "$tmp/at"
awk '{ print "echo @@ " $1 "\\n"; print "info scope *" $1 }' "$tmp/at" > "$tmp/commands"
# From a script file the first error would end it; prompts are of no account.
gdb -q -nx -ex "set confirm off" -ex "set pagination off" -ex "set prompt \\n" "$image" < "$tmp/commands" > "$tmp/gdb" 2>/dev/null

# Hexadecimal addresses of one length compare as texts.
awk '
function verdict(text, at) {
	if (text ~ /optimized out/) return "none"
	if (text ~ /GNU_entry_value|DW_OP_entry_value|implicit_pointer|parameter_ref|variable_value/) return "maybe"
	return "had"
}
function finish() { if (name != "" && !((at, name) in gdb)) gdb[at, name] = multi ? (state == "" ? "none" : state) : verdict(text) ; name = "" }
FILENAME ~ /gdb$/ && /^@@ / { finish(); at = $2; next }
FILENAME ~ /gdb$/ && /^Symbol / { finish(); name = $2; text = $0; multi = /multi-location/; state = ""; inside = 0; next }
FILENAME ~ /gdb$/ && /^  Range / {
	split($2, r, "-"); sub(/:$/, "", r[2])
	inside = (r[1] "") <= (at "") && (at "") < (r[2] "")
	if (inside) state = verdict($0)
	next
}
FILENAME ~ /gdb$/ { if (multi) { if (inside && verdict($0) == "maybe") state = "maybe" } else text = text " " $0; next }
FNR == 1 { finish() }
/^[^ ]/ { at = ""; for (i = 1; i <= NF; i++) if ($i ~ /^0x[0-9a-f]+$/) { at = $i; break } if (done[at]++) at = ""; fn = $1; next }
at != "" {
	split($2, v, ":"); key = at SUBSEP v[1]
	if (!(key in gdb) || told[key]++) next
	none = / none: / && !/\[[0-9]+\+[0-9]+ /
	all++
	if (gdb[key] == "maybe") maybe++
	else if (gdb[key] == "had" && none) { lost++; if (lost < 20) print "lost: " fn " " at " $" v[1] ": " $0 }
	else if (gdb[key] == "had") had++
	else if (!none) more++
}
END {
	printf "%d variables compared: gdb locates %d, of these %d are lost here; %d need the caller; %d are had here alone\n", all, had + lost, lost, maybe, more
	exit had < 1 || lost * 1000 > had + lost
}' "$tmp/gdb" "$tmp/ours"
