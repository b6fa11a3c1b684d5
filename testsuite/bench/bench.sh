#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.sh SRC BUILD: `make bench`.  The start-up table (rows) and, where guests can be had, what a hit costs (hit/).
# PEER_STAP=PATH another stap beside this one (else one on PATH), REPEAT=5, PATTERN= of rows, KVER=6.1, HIT=no.
SRC=$1 BUILD=$2
. "$SRC/testsuite/lib/setup.sh"
here=$SRC/testsuite/bench
release=$(newest_kernel "${KVER:-6.1}")
[ -n "$release" ] || { echo "bench: no kernel ${KVER:-6.1} with headers is installed"; exit 1; }
peer=${PEER_STAP:-$(command -v stap)}
[ "$peer" -ef "$BUILD/stap" ] && peer=
results=${RESULTS:-$here/results}
mkdir -p "$results" || exit 1
out=$results/$(date -u +%Y%m%d-%H%M)-$(git -C "$SRC" rev-parse --short HEAD 2> /dev/null || echo unknown)
gcc -O2 -Wall -o "$BUILD/bench" "$here/bench.c" || exit 1
"$BUILD/bench" -n "${REPEAT:-5}" -p "$PATTERN" -o "$out.json" -r "$release" "$here/rows" "$BUILD/stap" $peer | tee "$out.txt"
echo | tee -a "$out.txt"
sh "$here/size/size.sh" "$BUILD" | tee -a "$out.txt"
if [ "$HIT" != no ] && [ -f "$here/hit/hit.sh" ]; then
	echo | tee -a "$out.txt"
	sh "$here/hit/hit.sh" "$BUILD" "$release" "$PATTERN" "$out.hit.json" 2>&1 | tee -a "$out.txt"
fi
echo "kept as $out.txt, .json and .hit.json"
