#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stage.sh SRC BUILD: what -L lists against other readers of the installed kernels' debuginfo.
# Whole kernels take minutes under sanitizers, so the plain build that has them in a folder reads instead;
# the unit tests show the sanitizers objects of every kind.
src=$1 build=$2
[ "${build##*/}" != asan ] || [ ! -x "${build%/asan}/stap" ] || build=${build%/asan}
if ! command -v pfunct >/dev/null || ! command -v eu-readelf >/dev/null; then
	echo "ok agree # SKIP pfunct (pahole) or eu-readelf (elfutils) is not installed"
	exit 0
fi
(cd "$build" && make -s testsuite/unit/dbgquery) >"$build/dbgquery.log" 2>&1 || {
	echo "not ok agree: dbgquery does not compile, see $build/dbgquery.log"
	exit 1
}
status=0
sh "$src/testsuite/dwarf/agree.sh" "$build/testsuite/unit/dbgquery" || status=1
sh "$src/testsuite/dwarf/btf.sh" "$build/testsuite/unit/dbgquery" "$build/stap" || status=1
sh "$src/testsuite/dwarf/debuginfod.sh" "$build/testsuite/unit/dbgquery" || status=1
sh "$src/testsuite/dwarf/linemap.sh" "$build/testsuite/unit/dbgquery" || status=1
sh "$src/testsuite/dwarf/points.sh" "$build/stap" || status=1
exit $status
