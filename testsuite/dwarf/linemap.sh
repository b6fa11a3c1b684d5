#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# linemap.sh DBGQUERY [SEED]: 400 addresses in functions of each kernel, taken at random: the map of lines that goes
# into modules says the same places and inlined calls as eu-addr2line, but for one in a hundred: the index has one of
# two instances of a name that begin at one address, and eu-addr2line leaves out bodies of some macros.
query=$1 seed=${2:-lines}
LC_ALL=C
export LC_ALL
. "${0%/dwarf/*}/lib/setup.sh"
own_folder
failed=0
for image in /usr/lib/debug/boot/vmlinux-*; do
	[ -f "$image" ] || continue
	k=${image##*/vmlinux-}
	# Of every function one address, at a place in it that the seed says.
	nm -S "$image" | awk -v seed="$(printf %s "$seed" | cksum | cut -d' ' -f1)" '
		BEGIN { srand(seed) }
		$3 ~ /^[tT]$/ && length($2) == 16 && $4 !~ /^(__SCT__|__pfx_|__cfi_)/ {
			size = 0
			for (i = 9; i <= 16; i++) size = size * 16 + index("0123456789abcdef", substr($2, i, 1)) - 1
			low = 0
			for (i = 9; i <= 16; i++) low = low * 16 + index("0123456789abcdef", substr($1, i, 1)) - 1
			if (size) printf "%.9f %s%08x\n", rand(), substr($1, 1, 8), low + int(rand() * size)
		}' | sort | head -n 400 | cut -d' ' -f2 > "$tmp/addr"
	# "NAME FILE:LINE" of each inlined call, inner first, and "- FILE:LINE", files by their last part.
	"$query" "$k" kernel map $(cat "$tmp/addr") 2> "$tmp/said" | sed 's,[^ ]*/\([^/ ]*:\),\1,g' > "$tmp/got"
	sed 's/^/0x/' "$tmp/addr" | eu-addr2line -a -i -f -e "$image" 2> /dev/null | awk '
		function flush() { if (addr != "") print addr text }
		/^0x/ { flush(); addr = substr($1, 3); text = ""; n = 0; next }
		{ n++ }
		n % 2 { name = $1; inlined = / inlined at / ; next }
		{ gsub(/[^ ]*\//, ""); split($0, p, ":"); last = name; text = text " " name " " (p[1] ~ /^\?/ ? "?" : p[1] ":" p[2]) }
		END { flush() }' |
		awk '{ $(NF - 1) = "-"; print }' > "$tmp/want"
	paste -d'|' "$tmp/got" "$tmp/want" | awk -F'|' '$1 != $2 && $2 !~ /\?/' > "$tmp/differ"
	n=$(grep -c ':' "$tmp/got") inlined=$(awk 'NF > 3' "$tmp/got" | wc -l) bad=$(wc -l < "$tmp/differ")
	if [ "$n" -ge 350 ] && [ "$inlined" -ge 60 ] && [ "$bad" -le 4 ]; then
		echo "ok linemap $k: $n addresses, $inlined in inlined calls, $bad differ"
	else
		echo "not ok linemap $k: of $n addresses, $inlined inlined, $bad differ: $(head -3 "$tmp/differ" | tr '\n' ';')"
		failed=1
	fi
done
exit $failed
