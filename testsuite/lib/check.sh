#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh SRC BUILD [stages]: unit and stage tests in a configured build tree; no guest, under a minute.
# With `stages` the unit tests are left to `make check`, which runs them itself.
SRC=$1 BUILD=$2 what=$3
export SRC BUILD
cd "$BUILD" || exit 1
[ "$what" = stages ] || make -j2 stap $(make -s print-check-programs) > check.log 2>&1 || { tail -30 check.log; echo "not ok check-build: the test programs do not compile"; exit 1; }
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 srcdir="$SRC" builddir="$BUILD"
status=0
for t in $([ "$what" = stages ] || make -s print-check-programs); do
	[ -x "./$t" ] || { echo "not ok $t: not built"; status=1; continue; }
	"./$t" < /dev/null || { s=$?; status=1; echo "not ok $t: ended with status $s"; }
done
for t in "$SRC"/testsuite/*/stage.sh; do
	[ -f "$t" ] || continue
	sh "$t" "$SRC" "$BUILD" || status=1
done
exit $status
