#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# crowd.sh SRC BUILD [RUNS]: many stap at once over ten scripts, the cache emptied under them, and runs killed at
# random moments of an index walk and of a build.  Every run must end well with the module its script asks for.
SRC=$1 BUILD=$2 RUNS=${3:-50}
. "$SRC/testsuite/lib/setup.sh"
KVER=$(newest_kernel 6.1)
STAP=$BUILD/stap
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
export SYSTEMTAP_DIR=$T/state TMPDIR=$T/tmp
mkdir -p "$SYSTEMTAP_DIR" "$TMPDIR"
cd "$T" || exit 1
[ -n "$KVER" ] || { echo "skip crowd: no 6.1 kernel"; exit 0; }

# Script N as text; half of them need debuginfo.
script() {
	if [ $(($1 % 2)) -eq 0 ]; then
		printf '%s\n' "probe begin { println(\"marker-$1-\") exit() }"
	else
		printf '%s\n' "probe kernel.function(\"vfs_read\") { printf(\"marker-$1- %d\\n\", \$count) exit() }"
	fi
}

# One run of script N in folder D; says what is wrong.
one() {
	n=$1 d=$T/run.$2
	mkdir "$d" && cd "$d" || exit 1
	if ! timeout 900 "$STAP" -r "$KVER" -p4 -m "crowd_$n" -e "$(script "$n")" > out 2> err < /dev/null; then
		echo "run $2 of script $n failed: $(head -3 err | tr '\n' ' ')"
	elif [ -s err ]; then
		echo "run $2 of script $n said: $(head -3 err | tr '\n' ' ')"
	elif ! cmp -s "crowd_$n.ko" "$T/want/crowd_$n.ko"; then
		echo "run $2 of script $n made another module"
	fi
}

# The modules as they come without a cache.
mkdir "$T/want"
"$STAP" -r "$KVER" --prepare || { echo "not ok crowd/prepare"; exit 1; }
for n in 0 1 2 3 4 5 6 7 8 9; do
	(cd "$T/want" && "$STAP" -r "$KVER" --poison-cache -p4 -m crowd_$n -e "$(script $n)" > /dev/null) ||
		{ echo "not ok crowd/reference: script $n"; exit 1; }
done
rm -rf "$SYSTEMTAP_DIR"

# In waves, as many at a time as a busy machine has; the first wave also builds runtime and index.
i=0
while [ $i -lt "$RUNS" ]; do
	one $((i % 10)) $i > "$T/said.$i" &
	i=$((i + 1))
	[ $((i % 20)) -eq 10 ] && { "$STAP" --clean-cache > "$T/said.clean$i" 2>&1 || echo "clean failed" >> "$T/said.clean$i"; }
	[ $((i % 10)) -eq 0 ] && sleep 1
done
wait
cat "$T"/said.* > "$T/said"
if [ -s "$T/said" ]; then echo "not ok crowd/together: $(head -3 "$T/said" | tr '\n' ';')"; else echo "ok crowd/together"; fi
left=$(ls -A "$TMPDIR")
[ -z "$left" ] && echo "ok crowd/nothing-left" || echo "not ok crowd/nothing-left: $left"

# Killed: KIND, what is removed before each run, TIMES, the longest wait in ms, stap's arguments; then a whole run.
killed() {
	kind=$1 remove=$2 times=$3 longest=$4
	shift 4
	wrong=0 i=0
	"$STAP" "$@" > "$T/want.$kind" 2>&1
	while [ $i -lt "$times" ]; do
		rm -rf "${SYSTEMTAP_DIR:?}"/$remove
		"$STAP" "$@" > /dev/null 2>&1 &
		pid=$!
		ms=$(awk -v s="$i$$" -v m="$longest" 'BEGIN { srand(s); printf "%.3f", rand() * m / 1000 }')
		sleep "$ms"
		kill -9 $pid 2> /dev/null
		wait $pid 2> /dev/null
		timeout 900 "$STAP" "$@" > "$T/got" 2>&1 < /dev/null
		cmp -s "$T/got" "$T/want.$kind" || { wrong=$((wrong + 1)); cp "$T/got" "$T/wrong"; }
		i=$((i + 1))
	done
	if [ $wrong -eq 0 ]; then
		echo "ok crowd/killed-$kind"
	else
		echo "not ok crowd/killed-$kind: $wrong of $times next runs differ: $(head -3 "$T/wrong" | tr '\n' ' ')"
	fi
}
killed walk index "${KILLS:-100}" 1200 -r "$KVER" -L 'kernel.function("vfs_*")'
killed module 'cache/stap_*' "${KILLS:-100}" 250 -r "$KVER" -p4 -m crowd_1 -e "$(script 1)"
killed runtime cache "${KILLS_RUNTIME:-3}" 6000 -r "$KVER" -p4 -m crowd_1 -e "$(script 1)"
