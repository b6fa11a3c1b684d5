#!/bin/sh
# The system calls of a program, as syscall.* sees them and as strace does.
command -v strace > /dev/null || { echo "strace is not installed"; exit 1; }
run="cat /etc/passwd /no/such/file"
"$STAPRUN" -c "$run" "$KO/t_syscalls_mod.ko" > "$W/stap" 2> "$W/err"
strace -o "$W/strace" $run > "$W/out" 2>&1
# strace's names to stap's, where they differ.
sed -n 's/^\([a-z0-9_]*\)(.*= \(-1 \([A-Z]*\)\)*.*/\1 \3/p' "$W/strace" |
	sed 's/^newfstatat/fstatat/; s/^mmap /mmap2 /; s/^pread64/pread/' |
	awk '$1 != "execve" && $1 != "exit_group" { n[$1 " " ($2 == "" ? "ok" : $2)]++ } END { for (i in n) print i, n[i] }' |
	sort > "$W/want"
sed -n 's/^result //p' "$W/stap" | sort > "$W/got"
diff "$W/want" "$W/got" || { echo "system calls differ: < strace, > stap"; cat "$W/err"; exit 1; }
sed -n 's/^openat(\(.*\)) *=.*/\1/p' "$W/strace" > "$W/want"
sed -n 's/^openat //p' "$W/stap" > "$W/got"
# What was not in memory yet when the call began shows as its address.
awk 'NR == FNR { want[FNR] = $0; next }
	{ n = FNR; w = want[n]; if ($2 ~ /^0x/) { $2 = "X"; sub(/"[^"]*"/, "X", w); sub(/X,?/, "X", w); sub(/X,?/, "X") } if ($0 != w) print "< " w "\n> " $0 }
	END { if (n != length(want)) print length(want) " and " n " calls" }' "$W/want" "$W/got" > "$W/diff"
[ ! -s "$W/diff" ] || { cat "$W/diff"; echo "arguments of openat differ: < strace, > stap"; exit 1; }
