#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Do we read the same parameters out of the kernels' debuginfo as other readers?
#
#	agree.sh DBGQUERY [SEED]
#
# For every kernel with debuginfo installed:
#   btf        200 functions taken at random (same seed, same functions): names and types of their
#              parameters and their return type against pfunct's reading of the BTF, which pahole
#              made from the same DWARF when the kernel was built;
#   abi        the same functions: a parameter in a register at entry must be in the register that
#              the System V ABI says, one in memory must be above the return address;
#   readelf    every function of a small module against the DIEs that eu-readelf prints;
#   index      the stored index, and a damaged one, give the same answers as the walk.
# Prints "ok NAME" and "not ok NAME: why"; exit status 1 when anything differs.
set -u
query=$1
seed=${2:-stap}
here=$(cd "$(dirname "$0")" && pwd)
. "${0%/dwarf/*}/lib/setup.sh"
own_folder
LC_ALL=C
export LC_ALL
failed=0

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; failed=1; }

# The same shuffle every time.
pick() {
	awk -v seed="$seed" 'BEGIN { for (i = 1; i <= length(seed); i++)
		s = s * 31 + index("abcdefghijklmnopqrstuvwxyz0123456789", substr(seed, i, 1)); srand(s) }
		{ printf "%.9f %s\n", rand(), $0 }' | sort | head -n "$1" | cut -d' ' -f2-
}

btf() {
	k=$1 image=$2
	pfunct -F btf -P "$image" 2>/dev/null | awk -f "$here/prototype.awk" | sort >"$tmp/all"
	# Left out: names with two prototypes (which is meant cannot be told), symbols that share their
	# address (merged code has one name in DWARF), system calls (BTF may show the weak body).
	nm "$image" | awk '$2 ~ /[tT]/ { n[$1]++; name[NR] = $3; at[NR] = $1 }
		END { for (i = 1; i <= NR; i++) if (i in name && n[at[i]] > 1) print name[i] }' >"$tmp/shared"
	cut -d' ' -f1 "$tmp/all" | uniq -u | grep -v '^__.*_sys_' |
		awk 'NR == FNR { shared[$1] = 1; next } !($1 in shared)' "$tmp/shared" - |
		pick 200 >"$tmp/names"
	if [ "$(wc -l <"$tmp/names")" -ne 200 ]; then
		not_ok "btf $k" "pfunct named fewer than 200 functions"
		return
	fi
	awk 'NR == FNR { want[$1] = 1; next } $1 in want' "$tmp/names" "$tmp/all" | sort >"$tmp/want"
	# shellcheck disable=SC2046
	"$query" "$k" kernel params $(cat "$tmp/names") >"$tmp/params"
	sed 's/ 0x[0-9a-f]*//' "$tmp/params" | awk -f "$here/ours.awk" | sort -u >"$tmp/got"
	# Code that was merged with its equal leaves a wrapper without DWARF: absent, and few.
	cut -d' ' -f1 "$tmp/got" | sort -u >"$tmp/known"
	absent=$(cut -d' ' -f1 "$tmp/want" | comm -23 - "$tmp/known" | wc -l)
	awk 'NR == FNR { known[$1] = 1; next } $1 in known' "$tmp/known" "$tmp/want" |
		comm -23 - "$tmp/got" >"$tmp/missing"
	if [ "$absent" -gt 10 ]; then
		not_ok "btf $k" "$absent of 200 functions are not found at all"
	elif [ -s "$tmp/missing" ]; then
		not_ok "btf $k" "$(wc -l <"$tmp/missing") of 200 differ, first: $(head -1 "$tmp/missing")" \
			"; ours: $(grep "^$(head -1 "$tmp/missing" | cut -d' ' -f1) " "$tmp/got" | head -1)"
	else
		ok "btf $k: $((200 - absent)) functions, $(tr ' ' '\n' <"$tmp/want" | grep -c '^\$') parameters"
	fi
}

abi() {
	k=$1
	# shellcheck disable=SC2046
	"$query" "$k" kernel places $(cat "$tmp/names") >"$tmp/places"
	awk -f "$here/abi.awk" "$tmp/places" >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then
		not_ok "abi $k" "$(head -1 "$tmp/wrong")"
	else
		ok "abi $k: $(grep -c '^  param' "$tmp/places") places"
	fi
}

readelf() {
	k=$1 name=$2
	file=$(find "/usr/lib/debug/lib/modules/$k" -name "$name.ko*" | head -n 1)
	[ -n "$file" ] || return
	eu-readelf -N --debug-dump=info "$file" 2>/dev/null | awk -f "$here/dies.awk" | sort -u >"$tmp/want"
	"$query" "$k" "$name" params '*' | sed 's/ 0x[0-9a-f]*//' | sort -u >"$tmp/got"
	if [ ! -s "$tmp/want" ]; then
		not_ok "readelf $k $name" "no functions in eu-readelf's output"
	elif ! cmp -s "$tmp/want" "$tmp/got"; then
		not_ok "readelf $k $name" "$(diff "$tmp/want" "$tmp/got" | sed -n 2,3p | tr '\n' '|')"
	else
		ok "readelf $k $name: $(wc -l <"$tmp/want") functions"
	fi
}

# Every variable of a sample at its function's entry: none crashes, and few cannot be had for another reason
# than that the compiler kept nothing (values of the caller's frame alone, for the most part).
sweep() {
	k=$1
	"$query" "$k" kernel sweep '*' 3000 >"$tmp/sweep"
	status=$?
	# shellcheck disable=SC2046
	set -- $(sed -n '1s/[^0-9]\{1,\}/ /gp' "$tmp/sweep")
	if [ $status -ne 0 ] || [ $# -ne 4 ]; then
		not_ok "sweep $k" "ended with status $status: $(head -1 "$tmp/sweep")"
	elif [ "$1" -lt 2500 ] || [ $(($4 * 100)) -gt $((($2 + $4) * 2)) ]; then
		not_ok "sweep $k" "$(tr '\n' '|' <"$tmp/sweep")"
	else
		ok "sweep $k: $1 functions, $2 variables had, $3 optimised out, $4 explained otherwise"
	fi
}

index() {
	k=$1
	file=$(ls "$SYSTEMTAP_DIR/index/vmlinux-$k-"* 2>/dev/null | head -n 1)
	if [ -z "$file" ]; then
		not_ok "index $k" "none was stored"
		return
	fi
	cp "$file" "$tmp/index" && mv "$tmp/index" "$file"	# it may be a link
	"$query" "$k" kernel functions 'vfs_*' >"$tmp/from-index"
	printf 'xxxxxxxx' | dd of="$file" bs=1 seek=100000 conv=notrunc 2>/dev/null
	"$query" "$k" kernel functions 'vfs_*' >"$tmp/after-damage"
	truncate -s 5000 "$file"
	"$query" "$k" kernel functions 'vfs_*' >"$tmp/after-cut"
	if [ -s "$tmp/from-index" ] && cmp -s "$tmp/from-index" "$tmp/after-damage" &&
	   cmp -s "$tmp/from-index" "$tmp/after-cut"; then
		ok "index $k"
	else
		not_ok "index $k" "a damaged index changes what is found"
	fi
	rm -f "$file"
}

found=0
for image in /usr/lib/debug/boot/vmlinux-*; do
	[ -f "$image" ] || continue
	found=1
	k=${image##*/vmlinux-}
	btf "$k" "$image"
	abi "$k"
	readelf "$k" af_key
	readelf "$k" vsock
	sweep "$k"
	index "$k"
done
[ $found = 1 ] || echo "ok agree # SKIP no kernel debuginfo in /usr/lib/debug/boot"
exit $failed
