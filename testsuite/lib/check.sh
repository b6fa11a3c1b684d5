#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh SRC BUILD [stages]: unit and stage tests in a configured build tree, JOBS (1) at a time; no guest.
# With `stages` the unit tests are left to `make check`, which runs them itself.
SRC=$1 BUILD=$2 what=$3
export SRC BUILD
cd "$BUILD" || exit 1
programs=
if [ "$what" != stages ]; then
	programs=$(make -s print-check-programs)
	make -j2 stap $programs > check.log 2>&1 || { tail -30 check.log; echo "not ok check-build: the test programs do not compile"; exit 1; }
fi
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 srcdir="$SRC" builddir="$BUILD"
rm -rf check.out
mkdir check.out
# One test: a program of this folder or a stage.sh; its output in one piece.
one='
	out=check.out/$$
	case $1 in
	*/stage.sh) sh "$1" "$SRC" "$BUILD" > $out 2>&1 ;;
	*) if [ -x "./$1" ]; then "./$1" > $out 2>&1 < /dev/null; else echo "not ok $1: not built" > $out; fi ;;
	esac
	status=$?
	[ $status -eq 0 ] || grep -aq "^not ok" $out || echo "not ok $1: ended with status $status" >> $out
	flock check.out cat $out
	! grep -aq "^not ok" $out'
# Long ones first.
printf '%s\n' "$SRC"/testsuite/*/stage.sh $programs | xargs -P "${JOBS:-1}" -n 1 sh -c "$one" sh
